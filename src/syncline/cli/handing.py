"""`syncline push` and `syncline pull`: what a person does by hand, now (rules U8, P1, P6)."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from syncline.cli.failure import ERROR, NEEDS_APPROVAL
from syncline.cli.output import Output
from syncline.cli.plans import how_to_run, summary
from syncline.cli.runs import run as do_run
from syncline.cli.session import working
from syncline.cli.wishing import Wanted, here_or_by_worker
from syncline.core.by_hand import ByHand
from syncline.core.errors import ConfigError
from syncline.core.model import Side
from syncline.engine import run as engine
from syncline.engine.ended import RecordOutcomeState
from syncline.service import runs
from syncline.store import runs as stored
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from syncline.store.work_tables import Wish

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
    by = getpass.getuser()

    def here() -> int:
        with working(settings, sync) as context:
            done = runs.by_hand(context, names, ByHand(Side(to), overwrite), by=by, dry=dry_run)
        return _told(out, done.run, [each.to_json() for each in done.outcomes], dry_run=dry_run)

    def tell(wish: Wish) -> int:
        made = stored.get(wish.sync, wish.run_id) if wish.run_id else None
        return _told(out, made, wish.result["records"], dry_run=dry_run)

    asked = {"records": names, "to": to, "overwrite": overwrite, "by": by, "dry_run": dry_run}
    return here_or_by_worker(out, Wanted(settings, sync, "by_hand", asked), here, tell)


def _told(
    out: Output, made: Run | None, records: Sequence[Mapping[str, str | None]], *, dry_run: bool
) -> int:
    waits = bool(made and made.status == RunStatus.PLANNED and made.needs_approval and not dry_run)
    document = {"dry_run": dry_run, "run": summary(made) if made else None, "records": records}
    if not out.document(document):
        out.table(["record", "what became of it"], [[_who(each), each["told"]] for each in records])
        if waits and made:
            out.say("Nothing was written.", *how_to_run(made))
    if any(each["outcome"] == RecordOutcomeState.REFUSED for each in records):
        return ERROR
    return NEEDS_APPROVAL if waits else 0


def _who(record: Mapping[str, str | None]) -> str:
    name, ref = record["name"] or "", record["record"]
    return f"{name} ({ref})" if ref and ref != name else name


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
    out = Output(as_json=json)

    def told(shown: int) -> int:
        if not everything and not out.document({"shown": shown}):
            out.say(f"{shown} records were shown by both sides. See what they call for: syncline plan")
        return 0

    def here() -> int:
        with working(settings, sync) as context:
            return told(engine.pull(context, whole=everything))

    wanted = Wanted(settings, sync, "pull", {"whole": everything})
    code = here_or_by_worker(out, wanted, here, lambda wish: told(wish.result["shown"]))
    if code or not everything:
        return code
    return do_run(settings=settings, sync=sync, plan=None, limit=None, yes=False, no_follow=False, json=json)
