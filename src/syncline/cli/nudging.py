"""`syncline nudge`: somebody says that records changed (rule U1)."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR, NEEDS_APPROVAL
from syncline.cli.handing import typed
from syncline.cli.output import Output, counted
from syncline.cli.session import working
from syncline.config import Document, load
from syncline.service.clock import choose_clock
from syncline.service.database import open_database
from syncline.service.jobs.roll import alive
from syncline.service.nudges import Noted, note
from syncline.service.nudging import carry
from syncline.store.database import close_store

HOW = "Name records by TYPE/ID, such as Contact/003000000000001AAA."


def nudge(*, connection: str, records: list[str], now: bool, settings: Path, json: bool) -> int:
    """Note the nudges; with `now` sync what is due for the syncs they are for."""
    out = Output(as_json=json)
    names = typed(records, HOW)
    with _stored(settings) as document:
        time = choose_clock(os.environ).now()
        noted = note(document, connection, names, by=getpass.getuser(), now=time, at_once=True)
        waits = not (now or alive())
    told = {sync: _carried(settings, sync) for sync in noted.syncs} if now else {}
    if not out.document(_document(connection, noted, told, waits=waits)):
        _tell(out, connection, noted, told, waits=waits)
    return _exit_code(told)


@contextmanager
def _stored(settings: Path) -> Iterator[Document]:
    document = load(settings)
    open_database(document)
    try:
        yield document
    finally:
        close_store()


def _carried(settings: Path, sync: str) -> Mapping[str, Any]:
    with working(settings, sync) as context:
        return carry(context, {})


def _document(
    connection: str, noted: Noted, told: Mapping[str, Mapping[str, Any]], *, waits: bool
) -> Mapping[str, Any]:
    return {
        "connection": connection,
        "noted": noted.records,
        "waited_already": noted.again,
        "syncs": list(noted.syncs),
        "nobody_works": waits,
        "done": told,
    }


def _tell(
    out: Output, connection: str, noted: Noted, told: Mapping[str, Mapping[str, Any]], *, waits: bool
) -> None:
    syncs = ", ".join(noted.syncs)
    out.say(f"{noted.records} records of {connection} are noted for {syncs}; {noted.again} waited already.")
    if waits:
        out.say("Nothing works by itself at the moment: they wait for `syncline serve` or `syncline tick`.")
    for sync, done in told.items():
        counts = {name.replace("_", " "): n for name, n in done.items() if isinstance(n, int)}
        out.say(f"{sync}: {counted(counts)}")
        if "reason" in done:
            out.say(f"  They wait: {done['reason']}")


def _exit_code(told: Mapping[str, Mapping[str, Any]]) -> int:
    done = told.values()
    if any(each.get(name) for each in done for name in ("failed", "put_off")):
        return ERROR
    return NEEDS_APPROVAL if any(each.get("awaiting_approval") for each in done) else 0
