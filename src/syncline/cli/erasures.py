"""`syncline erase`: erase a person or company here for good, list who was erased, lift it (rule L4)."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR, NEEDS_APPROVAL
from syncline.cli.output import Output
from syncline.cli.session import looking, working
from syncline.config import load
from syncline.core.errors import MissingSettingError
from syncline.engine.erase import Erasable, erase, look
from syncline.engine.lift import lift
from syncline.service.related import related
from syncline.store import erasures
from syncline.store.erasure_tables import Erasure

TABLES = {
    "MirrorRecord": "copies of records",
    "Link": "links with their agreements",
    "Action": "lines of the journal",
    "Hold": "holds",
    "SyncError": "errors",
    "Standing": "standings",
}


def command(
    *,
    record: str | None,
    yes: bool,
    show_list: bool,
    lift_code: str | None,
    reason: str,
    settings: Path,
    sync: str | None,
    json: bool,
) -> int:
    """Erase, list or lift, whichever is asked for."""
    out = Output(as_json=json)
    if [record is not None, show_list, lift_code is not None].count(True) != 1:
        raise MissingSettingError(
            "erase needs one thing to do.",
            hint="Name a RECORD, or give --list, or --lift CODE --reason TEXT.",
        )
    if record is not None:
        return _erase(out, settings, sync, record, yes=yes)
    if lift_code is not None:
        return _lift(out, settings, sync, lift_code, reason)
    return _list(out, settings, sync)


def _erase(out: Output, settings: Path, sync: str | None, record: str, *, yes: bool) -> int:
    document = load(settings)
    with working(settings, sync) as context:
        syncs = related(document, context.name)
        found = look(context, syncs, record)
        out.say(*_told(found))
        if not (yes or found.done or _agreed(out)):
            out.document({"erased": None, **_document(found)})
            out.say("Nothing was erased.")
            return NEEDS_APPROVAL
        done = erase(context, syncs, record, getpass.getuser())
    told = {"erased": done.code, "again": found.done, **_document(found), "file_rewritten": done.compacted}
    if not out.document(told):
        out.say(*_done(found, done.code, done.compacted))
    return ERROR if done.compacted is False else 0


def _agreed(out: Output) -> bool:
    """Whether a person at the terminal says so."""
    if out.as_json:
        return False
    out.say("This cannot be taken back. Type yes to erase:")
    return sys.stdin.readline().strip().casefold() == "yes"


def _document(found: Erasable) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "records": [{"connection": connection, "record": str(ref)} for connection, ref in found.places],
        "rows": {TABLES[table]: number for table, number in found.rows.items()},
        "erased_before": [_row(row) for row in found.known],
    }


def _told(found: Erasable) -> Iterator[str]:
    """What is going to be erased."""
    for row in found.known:
        yield f"Erased on {row.erased_at:%Y-%m-%d} by {row.erased_by} (code {row.code})."
    if found.done:
        return
    yield f"This {found.kind} would be erased, which is all of these records together:"
    yield from (f"  {connection} {ref}" for connection, ref in found.places)
    yield "What is kept of it here:"
    yield from (f"  {number:>6} {TABLES[table]}" for table, number in found.rows.items() if number)


def _done(found: Erasable, code: str, compacted: bool | None) -> Iterator[str]:
    if found.done:
        yield "Nothing has come back since."
    else:
        yield f"Erased. To lift it one day: syncline erase --lift {code} --reason TEXT"
        yield "Nothing was changed in the systems. Delete the person there too:"
        yield from (f"  {connection} {ref}" for connection, ref in found.places)
    if compacted is None:
        yield "The database keeps old versions of rows until it is vacuumed: VACUUM FULL, when nothing else runs."
    elif compacted:
        yield "The database file was written anew, without what was erased."
    else:
        yield "Another process reads the database, so old values may still be in its file: repeat the command later."
    yield "Backups hold what they held: keep them no longer than you may, and erase again after restoring one."


def _row(row: Erasure) -> dict[str, Any]:
    return {
        "code": row.code,
        "sync": row.sync,
        "kind": row.kind,
        "erased_by": row.erased_by,
        "erased_at": row.erased_at,
        "lifted_by": row.lifted_by or None,
        "lifted_at": row.lifted_at,
        "lift_reason": row.lift_reason or None,
    }


def _list(out: Output, settings: Path, sync: str | None) -> int:
    with looking(settings, sync):
        rows = erasures.listed()
    found = [_row(row) for row in rows]
    if not out.document({"erasures": found}):
        columns = ["code", "kind", "sync", "erased_by", "erased_at", "lifted_by", "lift_reason"]
        out.table([c.replace("_", " ") for c in columns], [[row[c] for c in columns] for row in found])
        out.say(*([] if rows else ["Nobody was erased."]))
    return 0


def _lift(out: Output, settings: Path, sync: str | None, code: str, reason: str) -> int:
    if not reason.strip():
        raise MissingSettingError("Lifting an erasure needs a reason.", hint="Add --reason TEXT; it is kept.")
    document = load(settings)
    with working(settings, sync) as context:
        read = lift(context, related(document, context.name), code, getpass.getuser(), reason.strip())
    if not out.document({"lifted": code, "read_again": read}):
        out.say(
            f"The erasure {code} is lifted. What the systems still show is read again; what was kept here is gone."
        )
        out.say("The next run decides about it: syncline plan")
    return 0
