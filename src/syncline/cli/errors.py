"""`syncline errors`: the writes that a system refused, and trying them again (rules E1, E2)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from syncline.cli.names import Subject, named, subjects, with_names
from syncline.cli.output import Output, cell, counted, more
from syncline.cli.session import looking
from syncline.config import Document, SyncSettings
from syncline.core.errors import NotFoundError
from syncline.core.model import ErrorClass, Side
from syncline.service.clock import choose_clock
from syncline.service.cures import cure_of
from syncline.service.retry import ask_again
from syncline.store import refusals
from syncline.store.error_log import SyncError
from syncline.store.refusals import RefusalFilter
from syncline.store.retries import tried_again

SHOWN = 20


def show(
    *,
    settings: Path,
    sync: str | None,
    error_class: str | None,
    record: str | None,
    resolved: bool,
    show_all: bool,
    json: bool,
) -> int:
    """List errors, the newest first."""
    out = Output(as_json=json)
    wanted = RefusalFilter(ErrorClass(error_class) if error_class else None, closed_too=resolved)
    with looking(settings, sync) as (document, chosen):
        by_class = refusals.by_class(chosen.name)
        limit = None if show_all or json or record else SHOWN
        found = (
            _document(document, chosen, row, named(row, known))
            for row, known in with_names(chosen, refusals.listed(chosen.name, wanted, limit=limit))
            if record is None or _is_about(row, record, known)
        )
        told = {"sync": chosen.name, "open": sum(by_class.values()), "by_class": by_class, "errors": found}
        if out.document(told):
            return 0
        number = 0
        for each in found if show_all else islice(found, SHOWN):
            _tell(out, each)
            number += 1
        total = number + sum(1 for _ in found) if record else refusals.count(chosen.name, wanted)
    out.say(*more(number, total))
    if by_class and not record:
        out.say(f"Open: {counted(by_class)}")
    if not number:
        out.say("No write is refused at the moment." if not by_class else "No such error.")
    return 0


def _is_about(row: SyncError, record: str, known: Mapping[Subject, str]) -> bool:
    """Whether a person means this error's record: by its name, its id, or TYPE/ID."""
    wanted = record.strip().casefold()
    for subject in subjects(row):
        _, ref = subject
        texts = (known.get(subject, ""), ref.remote_id, str(ref))
        if wanted in {text.casefold() for text in texts}:
            return True
    return False


def _document(document: Document, settings: SyncSettings, row: SyncError, who: str) -> dict[str, Any]:
    name = settings.connection(Side(row.side))
    cure = cure_of(document.connections[name].system, ErrorClass(row.error_class), row.code, row.message)
    return {
        "id": row.pk,
        "system": name,
        "record": who,
        "kind": row.kind,
        "field": row.key or None,
        "value": row.value if row.key else None,
        "class": row.error_class,
        "code": row.code,
        "message": row.message,
        "meaning": cure.meaning,
        "cure": cure.cure,
        "who": cure.who,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "attempts": row.attempts,
        "next_try": row.next_try,
        "run": row.run_id,
        "resolved_at": row.resolved_at,
        "resolved_by": row.resolved_by or None,
    }


def _tell(out: Output, each: dict[str, Any]) -> None:
    field = f", field {each['field']}" if each["field"] else ""
    times = "once" if each["attempts"] == 1 else f"{each['attempts']} times"
    out.say(
        f"{each['id']}  {each['record']}{field}",
        f"  {each['system']} refused it ({each['class']}, {cell(each['code'])}): {cell(each['message'])}",
        f"  It means: {each['meaning']}. Cure: {each['cure']}. Who can: {each['who']}.",
        f"  Seen {times}, last {cell(each['last_seen'])} UTC in run {each['run']}; {_next(each)}.",
    )


def _next(each: dict[str, Any]) -> str:
    if each["resolved_at"]:
        return f"closed {cell(each['resolved_at'])} UTC: {each['resolved_by'] or 'it is over'}"
    if each["next_try"] or each["class"] in ("transient", "quota", "lock"):
        return tried_again(each["next_try"])
    return "it waits for a change"


def retry(
    *, ids: Sequence[int] | None, settings: Path, sync: str | None, error_class: str | None, json: bool
) -> int:
    """Have the next run try some errors again, or all of them."""
    out = Output(as_json=json)
    wanted = RefusalFilter(ErrorClass(error_class) if error_class else None, ids=tuple(ids or ()))
    with looking(settings, sync) as (document, chosen):
        known = {row.pk for row in refusals.listed(chosen.name, wanted)}
        if missing := sorted(set(ids or ()) - known):
            raise NotFoundError(
                f"no open error has the number {missing[0]}",
                hint="Look at `syncline errors` for those there are.",
            )
        asked = ask_again(document, chosen, wanted, choose_clock(os.environ).now())
        alone = [_document(document, chosen, row, str(row.pk)) for row in asked.left_alone]
    if not out.document({"sync": chosen.name, "released": asked.released, "left_alone": alone}):
        out.say(f"The next run tries {asked.released} refused writes again.")
        for each in alone:
            out.say(f"  Not {each['id']} ({each['code']}), which would be refused again: {each['cure']}.")
    return 0
