"""`syncline push` and `syncline pull`: what a person does by hand, now (rules U8, P1, P6)."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from syncline.cli.failure import ERROR, NEEDS_APPROVAL
from syncline.cli.output import Output
from syncline.cli.plans import how_to_run, summary
from syncline.cli.runs import run as do_run
from syncline.cli.session import working
from syncline.core.by_hand import ByHand
from syncline.core.errors import ConfigError
from syncline.core.model import Side
from syncline.engine import run as engine
from syncline.engine.by_hand import HandRun
from syncline.engine.ended import RecordOutcomeState
from syncline.service import runs
from syncline.store.runs import RunStatus

MOST = 10_000
"""Names taken at once; whoever wants more wants a run."""
LONGEST = 1_000


def push(
    *,
    records: list[str],
    to: str,
    overwrite: bool,
    dry_run: bool,
    settings: Path,
    sync: str | None,
    json: bool,
) -> int:
    """Carry chosen records over, and tell what became of each."""
    out = Output(as_json=json)
    names = typed(records, "Name records by e-mail address, domain, id or TYPE/ID.")
    with working(settings, sync) as context:
        wanted = ByHand(Side(to), overwrite)
        done = runs.by_hand(context, names, wanted, by=getpass.getuser(), dry=dry_run)
    waits = bool(
        done.run and done.run.status == RunStatus.PLANNED and done.run.needs_approval and not dry_run
    )
    if not out.document(_document(done, dry_run=dry_run)):
        out.table(["record", "what became of it"], [[_who(o.name, o.ref), o.told] for o in done.outcomes])
        if waits and done.run:
            out.say("Nothing was written.", *how_to_run(done.run))
    if any(each.state is RecordOutcomeState.REFUSED for each in done.outcomes):
        return ERROR
    return NEEDS_APPROVAL if waits else 0


def _document(done: HandRun, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "run": summary(done.run) if done.run else None,
        "records": [each.to_json() for each in done.outcomes],
    }


def _who(name: str, ref: object) -> str:
    return f"{name} ({ref})" if ref and str(ref) != name else name


def typed(records: Sequence[str], how: str) -> list[str]:
    """The names that were typed; those of the standard input in place of a dash. `how` says what a name is."""
    words = [name for word in records for name in (_lines() if word == "-" else [word])]
    names = list(dict.fromkeys(name.strip() for name in words if name.strip()))
    if not names:
        raise ConfigError("No record is named.", hint=how)
    if len(names) > MOST:
        raise ConfigError(
            f"More than {MOST} records are named.", hint="Name fewer at a time, or let `syncline run` do it."
        )
    long = next((name for name in names if len(name) > LONGEST), None)
    if long:
        raise ConfigError(f"A name has {len(long)} characters.", hint=how)
    return names


def _lines() -> list[str]:
    """Lines of the standard input, no more of them and no longer than names may be."""
    found: list[str] = []
    while len(found) <= MOST and (line := sys.stdin.readline(LONGEST + 2)):
        found.append(line)
    return found


def pull(
    *,
    records: list[str] | None,
    everything: bool,
    overwrite: bool,
    dry_run: bool,
    settings: Path,
    sync: str | None,
    json: bool,
) -> int:
    """Carry chosen records to the left; without any, read both sides, and with --all run after it."""
    if records:
        if everything:
            raise ConfigError("Records are named, and --all too.", hint="Leave one of the two out.")
        return push(
            records=records,
            to="left",
            overwrite=overwrite,
            dry_run=dry_run,
            settings=settings,
            sync=sync,
            json=json,
        )
    if overwrite or dry_run:
        raise ConfigError(
            "--overwrite and --dry-run are about records, and none is named.", hint="Name them."
        )
    with working(settings, sync) as context:
        shown = engine.pull(context, whole=everything)
    if everything:
        return do_run(settings=settings, sync=sync, plan=None, limit=None, yes=False, json=json)
    out = Output(as_json=json)
    if not out.document({"shown": shown}):
        out.say(f"{shown} records were shown by both sides. See what they call for: syncline plan")
    return 0
