"""A message: what a receiver is told of an alert, in the forms that receivers take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from syncline.store.alert_tables import Alert
from syncline.store.alerts import Subject

TEST = "test"
"""The condition of a message that only tries whether a receiver gets it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told; the token is the same however often it is sent."""

    token: str
    subject: Subject
    condition: str
    raised: bool
    text: str
    cure: str
    at: datetime

    @property
    def event(self) -> str:
        return "raised" if self.raised else "cleared"

    @property
    def title(self) -> str:
        """One line that says what it is about."""
        if self.condition == TEST:
            return "Syncline: a test, nothing is wrong"
        over = "" if self.raised else ", over"
        return f"Syncline: {self.subject.kind} {self.subject.name}: {self.condition}{over}"

    @property
    def body(self) -> str:
        """The lines below it."""
        lines = [self.text, f"What to do: {self.cure}" if self.cure else ""]
        return "\n".join([*filter(None, lines), f"({self.at:%Y-%m-%d %H:%M:%S} UTC, alert {self.token})"])

    @property
    def document(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "id": self.token,
            "event": self.event,
            "condition": self.condition,
            "subject": {"kind": self.subject.kind, "name": self.subject.name},
            "text": self.text,
            "cure": self.cure,
            "at": self.at.isoformat(),
        }


def about(alert: Alert) -> Message:
    """The message of a stored alert."""
    subject = Subject(alert.kind, alert.name)
    return Message(alert.token, subject, alert.condition, alert.raised, alert.text, alert.cure, alert.at)


def trial(now: datetime) -> Message:
    """A message by which somebody tries the receivers."""
    text = "This is a test: somebody asked for it with `syncline alerts test`. Nothing is wrong."
    return Message(uuid4().hex, Subject("sync", "none"), TEST, raised=True, text=text, cure="", at=now)
