"""Who is told of alerts: the receivers of the settings, each known by what it was named with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import urlsplit

from syncline.config import Document
from syncline.config.alerting import ConditionName, ReceiverSettings, references
from syncline.config.secret import look_up
from syncline.config.values import is_reference
from syncline.core.errors import SecretError
from syncline.service.alerts import mail, slack, webhook
from syncline.service.alerts.message import Message
from syncline.service.redact import REDACTOR

Send = Callable[[Message], str | None]
"""Sends a message, and tells why that failed if it did."""


@dataclass(frozen=True)
class Receiver:
    """A receiver: its place among the others, a key that is the same while its address is, and words for it."""

    number: int
    key: str
    label: str
    settings: ReceiverSettings
    wanted: frozenset[str]

    def wants(self, condition: str) -> bool:
        """Whether it is to be told of that."""
        return condition in self.wanted


def receivers(document: Document) -> list[Receiver]:
    """The receivers of a document. One that is named twice is told once, of what either asks for."""
    found: dict[str, Receiver] = {}
    for number, settings in enumerate(document.alerts):
        key = hashlib.sha256(_identity(settings).encode()).hexdigest()[:32]
        wanted = frozenset(settings.only or get_args(ConditionName))
        same = found.get(key) or Receiver(number, key, _label(settings), settings, frozenset())
        found[key] = replace(same, wanted=same.wanted | wanted)
    return list(found.values())


def _identity(settings: ReceiverSettings) -> str:
    if settings.email:
        return f"email {settings.email.host} {settings.email.port} {sorted(settings.email.to)}"
    return f"webhook {settings.webhook}" if settings.webhook else f"slack {settings.slack}"


def _label(settings: ReceiverSettings) -> str:
    """What a list may show: an address is a secret where it lets anybody write."""
    if settings.email:
        return f"email by {settings.email.host}"
    address = settings.webhook or settings.slack or ""
    return f"{'webhook' if settings.webhook else 'slack'} " + (
        address if is_reference(address) else urlsplit(address).hostname or ""
    )


def sender(document: Document, receiver: Receiver, environ: Mapping[str, str]) -> Send:
    """How that receiver is told. Its secrets are looked up when it is."""

    def send(message: Message) -> str | None:
        try:
            given = _looked_up(document, receiver, environ)
        except SecretError as error:
            return error.message
        return _send(receiver.settings, given, message)

    return send


def _looked_up(document: Document, receiver: Receiver, environ: Mapping[str, str]) -> dict[str, str]:
    """The values its references lead to, by the name of the setting."""
    found = {
        str(place[-1]): look_up(document, place, reference, environ)
        for place, reference in references(document.alerts).items()
        if place[1] == receiver.number
    }
    REDACTOR.hide(found.values())
    return found


def _send(settings: ReceiverSettings, given: Mapping[str, str], message: Message) -> str | None:
    if settings.email:
        return mail.send(settings.email, given.get("password", ""), message)
    if settings.slack:
        return slack.send(given["slack"], message)
    return webhook.send(given.get("webhook") or settings.webhook or "", given.get("secret", ""), message)
