"""`syncline alerts`: what needs a person, and whether the receivers can be told (rule E5)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from syncline.cli.output import Output, cell
from syncline.config import Document, load
from syncline.service.alerts.message import trial
from syncline.service.alerts.receivers import receivers, sender
from syncline.service.clock import choose_clock
from syncline.service.database import open_database
from syncline.store import alerts
from syncline.store.alert_tables import Alert
from syncline.store.alerts import ReceiverState
from syncline.store.database import close_store


def show(*, settings: Path, limit: int, json: bool) -> int:
    """Tell what stands, what was last told, and how it stands with each receiver."""
    out = Output(as_json=json)
    document = load(settings)
    open_database(document)
    try:
        found = _found(document, limit)
    finally:
        close_store()
    if not out.document(found):
        _tell(out, found)
    return 0


def _found(document: Document, limit: int) -> dict[str, Any]:
    posts = alerts.receiver_states()
    return {
        "standing": [_alert(row) for row in alerts.standing()],
        "newest": [_alert(row) for row in alerts.latest(limit)],
        "receivers": [
            {"receiver": each.label, **_post(posts.get(each.key, ReceiverState()))}
            for each in receivers(document)
        ],
    }


def _alert(row: Alert) -> dict[str, Any]:
    return {
        "id": row.token,
        "event": "raised" if row.raised else "cleared",
        "condition": row.condition,
        "subject": {"kind": row.kind, "name": row.name},
        "text": row.text,
        "cure": row.cure,
        "at": row.at,
    }


def _post(post: ReceiverState) -> dict[str, Any]:
    return {
        "sent": post.sent,
        "waiting": post.waiting,
        "given_up": post.given_up,
        "last_sent": post.last_sent,
        "next_try": post.next_try if post.waiting else None,
        "failure": post.failure or None,
    }


def _tell(out: Output, found: dict[str, Any]) -> None:
    for each in found["standing"]:
        out.say(
            f"{_subject(each)}: {each['condition']} since {cell(each['at'])} UTC",
            f"  {each['text']} {each['cure']}",
        )
    if not found["standing"]:
        out.say("Nothing needs a person.")
    if found["newest"]:
        rows = [[e["at"], _subject(e), e["condition"], e["event"]] for e in found["newest"]]
        out.table(["at (UTC)", "about", "condition", "event"], rows)
    for each in found["receivers"]:
        out.say(
            f"{each['receiver']}: {each['sent']} sent, {each['waiting']} waiting, {each['given_up']} given up"
        )
        if each["failure"]:
            out.say(f"  {each['failure']} Tried again from {cell(each['next_try'])} UTC on.")
    if not found["receivers"]:
        out.say("The settings name nobody to tell: add a receiver under `alerts`.")


def _subject(each: dict[str, Any]) -> str:
    return f"{each['subject']['kind']} {each['subject']['name']}"


def test(*, settings: Path, json: bool) -> int:
    """Send each receiver a message that says that it is a test."""
    out = Output(as_json=json)
    document = load(settings)
    message = trial(choose_clock(os.environ).now())
    tried = [(each.label, sender(document, each, os.environ)(message)) for each in receivers(document)]
    told = {"receivers": [{"receiver": label, "failure": failure} for label, failure in tried]}
    if not out.document(told):
        for label, failure in tried:
            out.say(f"{label}: {failure or 'it was told'}")
        if not tried:
            out.say("The settings name nobody to tell: add a receiver under `alerts`.")
    return 0 if tried and not any(failure for _, failure in tried) else 1
