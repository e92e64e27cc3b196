"""`syncline errors`: the writes that a system refused (rule E1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from syncline.cli.names import named, names, subjects
from syncline.cli.output import Output, cell, more
from syncline.cli.session import looking
from syncline.config import Document, SyncSettings
from syncline.core.model import ErrorClass, Side
from syncline.service.cures import cure_of
from syncline.store import refusals
from syncline.store.models import SyncError

SHOWN = 20


def show(*, settings: Path, sync: str | None, show_all: bool, json: bool) -> int:
    """List the open errors, the newest first."""
    out = Output(as_json=json)
    with looking(settings, sync) as (document, chosen):
        total = refusals.count(chosen.name)
        rows = refusals.listed(chosen.name, limit=None if show_all or json else SHOWN)
        known = names(chosen, [s for row in rows for s in subjects(row)])
        found = [_document(document, chosen, row, named(row, known)) for row in rows]
    if out.document({"sync": chosen.name, "open": total, "errors": found}):
        return 0
    for each in found:
        _tell(out, each)
    out.say(*more(len(found), total))
    if not found:
        out.say("No write is refused at the moment.")
    return 0


def _document(document: Document, settings: SyncSettings, row: SyncError, who: str) -> dict[str, Any]:
    name = settings.connection(Side(row.side))
    system = document.connections[name].system
    cure = cure_of(system, ErrorClass(row.error_class), row.code, row.message)
    return {
        "system": name,
        "record": who,
        "kind": row.kind,
        "field": row.key or None,
        "value": row.value,
        "class": row.error_class,
        "code": row.code,
        "message": row.message,
        "meaning": cure.meaning,
        "cure": cure.cure,
        "who": cure.who,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "attempts": row.attempts,
        "run": row.run_id,
    }


def _tell(out: Output, each: dict[str, Any]) -> None:
    field = f", field {each['field']}" if each["field"] else ""
    times = "once" if each["attempts"] == 1 else f"{each['attempts']} times"
    out.say(
        f"{each['record']}{field}",
        f"  {each['system']} refused it ({each['class']}, {cell(each['code'])}): {cell(each['message'])}",
        f"  It means: {each['meaning']}. Cure: {each['cure']}. Who can: {each['who']}.",
        f"  Seen {times}, last {cell(each['last_seen'])} UTC in run {each['run']}.",
    )
