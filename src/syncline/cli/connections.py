"""`syncline connection`: which accounts the settings name, and what we may do there (rule C3)."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR
from syncline.cli.output import Output
from syncline.config import Document, check_secrets, load
from syncline.connectors.base import CheckReport
from syncline.service.audit import Lack, ObjectAudit, audit_fields, audit_objects
from syncline.service.check import describe
from syncline.service.clock import choose_clock
from syncline.service.connect import open_connection


def show_all(*, settings: Path, json: bool) -> int:
    """List the connections."""
    out = Output(as_json=json)
    document = load(settings)
    rows = [_document(document, name) for name in document.connections]
    if not out.document({"connections": rows}):
        columns = ["name", "system", "address", "credentials", "used by"]
        out.table(columns, [[row[c.replace(" ", "_")] for c in columns] for row in rows])
        out.say(*(f"{f.place} {f.message}" for f in check_secrets(document, os.environ)))
    return 0


def _document(document: Document, name: str) -> dict[str, Any]:
    connection = document.connections[name]
    return {
        "name": name,
        "system": connection.system,
        "address": connection.base_url or "the vendor's own",
        "credentials": [f"{key} from {reference}" for key, reference in connection.credentials.items()],
        "used_by": [sync for sync, each in document.syncs.items() if name in (each.left, each.right)],
    }


def test(*, name: str, settings: Path, json: bool) -> int:
    """Ask the system who we are and what we may do."""
    out = Output(as_json=json)
    document = load(settings)
    connector = open_connection(document, name, choose_clock(os.environ), os.environ)
    try:
        report = connector.check()
        schemas = describe(connector)
    finally:
        connector.close()
    objects, lacks = audit_objects(document, name, schemas), audit_fields(document, name, schemas)
    fine = not (report.missing or lacks)
    found = {"connection": name, "fine": fine, **asdict(report)}
    found |= {"objects": [asdict(o) for o in objects], "fields": [asdict(each) for each in lacks]}
    if not out.document(found):
        _tell(out, name, report, objects, lacks)
    return 0 if fine else ERROR


def _tell(out: Output, name: str, report: CheckReport, objects: list[ObjectAudit], lacks: list[Lack]) -> None:
    out.say(f"{name}: we are {report.user} in {report.account}.")
    for title, names in (
        ("granted", report.granted),
        ("can be read", report.readable),
        ("can be written", report.writable),
        ("missing", report.missing),
    ):
        if names:
            out.say(f"  {title}: {', '.join(names)}")
    columns = ["object type", "fields", "mapped", "can be set", "can be changed"]
    out.table(columns, [[o.object_type, o.fields, o.mapped, o.creatable, o.updatable] for o in objects])
    for lack in lacks:
        out.say(f"{lack.object_type}.{lack.field} (sync {lack.sync}): we may not {lack.lacks} it. {lack.fix}")
    if not lacks:
        out.say("Every mapped field can be read and written as its map wants it.")
