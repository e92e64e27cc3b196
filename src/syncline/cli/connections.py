"""`syncline connection`: which accounts the settings name, and what we may do there (rule C3)."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from syncline.cli.failure import ERROR
from syncline.cli.output import Output, cell
from syncline.config import Document, check_secrets, load
from syncline.connectors.base import CheckReport
from syncline.service.audit import Lack, ObjectAudit, audit_fields, audit_objects
from syncline.service.check import describe
from syncline.service.clock import choose_clock
from syncline.service.connect import connected
from syncline.service.consent import GOOD, TokenState, token_states
from syncline.service.database import open_database
from syncline.service.retry import after_sign_in, after_test
from syncline.store import budgets
from syncline.store.database import close_store


def show_all(*, settings: Path, json: bool) -> int:
    """List the connections."""
    out = Output(as_json=json)
    document = load(settings)
    tokens = token_states(document, os.environ)
    rows = [_document(document, name, tokens.get(name)) for name in document.connections]
    if not out.document({"connections": rows}):
        columns = ["name", "system", "address", "credentials", "used by"]
        lines = [[*(row[c.replace(" ", "_")] for c in columns), _short(row["token"])] for row in rows]
        out.table([*columns, "token"], lines)
        out.say(*(f"{f.place} {f.message}" for f in check_secrets(document, os.environ)))
    return 0


def _document(document: Document, name: str, token: TokenState | None) -> dict[str, Any]:
    connection = document.connections[name]
    return {
        "name": name,
        "system": connection.system,
        "address": connection.base_url or "the vendor's own",
        "credentials": [f"{key} from {reference}" for key, reference in connection.credentials.items()],
        "used_by": document.syncs_over(name),
        "token": asdict(token) if token else None,
    }


def _short(token: dict[str, Any] | None) -> str:
    """The state of a token in a few words, never the token."""
    if token is None:
        return ""
    ends = token["expires_at"]
    until = f" until {cell(ends)}, then renewed" if ends and token["state"] == GOOD else ""
    older = ", with an older key" if token["older_key"] else ""
    return f"{token['state']}{until}{older}"


def test(*, name: str, settings: Path, json: bool) -> int:
    """Ask the system who we are and what we may do."""
    out = Output(as_json=json)
    document = load(settings)
    with connected(document, name, choose_clock(os.environ), os.environ) as connector:
        report = connector.check()
        schemas = describe(connector)
    token = token_states(document, os.environ).get(name)
    objects, lacks = audit_objects(document, name, schemas), audit_fields(document, name, schemas)
    fine = not (report.missing or lacks)
    released = _begin_anew(document, name, fine=fine)
    found = {"connection": name, "fine": fine, **asdict(report), "token": asdict(token) if token else None}
    found |= {"tried_again": released}
    found |= {"objects": [asdict(o) for o in objects], "fields": [asdict(each) for each in lacks]}
    if not out.document(found):
        _tell(out, name, report, objects, lacks)
        if token:
            out.say(
                f"Token: {_short(asdict(token))}; {token.granted_by} obtained it at {cell(token.granted_at)}."
            )
        if released:
            out.say(f"The next run tries {released} writes again that were not permitted before.")
    return 0 if fine else ERROR


def _begin_anew(document: Document, name: str, *, fine: bool) -> int:
    """Now that we are let in, have syncs begin by themselves again (rule C2).

    Where nothing is missing, have what was not permitted be sent again (rule E2), and ask for the limits anew.
    """
    if not document.syncs_over(name):
        return 0
    now = choose_clock(os.environ).now()
    open_database(document)
    try:
        after_sign_in(document, name, now)
        if not fine:
            return 0
        budgets.forget(name)
        return after_test(document, name, now)
    finally:
        close_store()


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
