"""Who is told of alerts: the receivers of the settings, each known by what it was named with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from syncline.config import Document
from syncline.config.alerting import Receiver, references
from syncline.config.secret import look_up
from syncline.config.values import is_reference
from syncline.core.errors import SecretError
from syncline.service.alerts import mail, slack, webhook
from syncline.service.alerts.letter import Letter
from syncline.service.redact import REDACTOR

Send = Callable[[Letter], str | None]
"""Sends a letter, and tells why that failed if it did."""


@dataclass(frozen=True)
class Addressee:
    """A receiver: its place among the others, a key that is the same while its address is, and words for it."""

    number: int
    key: str
    label: str
    settings: Receiver

    def wants(self, condition: str) -> bool:
        """Whether it is to be told of that."""
        return not self.settings.only or condition in self.settings.only


def addressees(document: Document) -> list[Addressee]:
    """The receivers of a document. One that is named twice is told once."""
    found: dict[str, Addressee] = {}
    for number, settings in enumerate(document.alerts):
        key = hashlib.sha256(_identity(settings).encode()).hexdigest()[:32]
        found.setdefault(key, Addressee(number, key, _label(settings), settings))
    return list(found.values())


def _identity(settings: Receiver) -> str:
    if settings.email:
        return f"email {settings.email.host} {settings.email.port} {sorted(settings.email.to)}"
    return f"webhook {settings.webhook}" if settings.webhook else f"slack {settings.slack}"


def _label(settings: Receiver) -> str:
    """What a list may show: an address is a secret where it lets anybody write."""
    if settings.email:
        return f"email by {settings.email.host}"
    address = settings.webhook or settings.slack or ""
    return f"{'webhook' if settings.webhook else 'slack'} " + (
        address if is_reference(address) else urlsplit(address).hostname or ""
    )


def sender(document: Document, addressee: Addressee, environ: Mapping[str, str]) -> Send:
    """How that receiver is told. Its secrets are looked up when it is."""

    def send(letter: Letter) -> str | None:
        try:
            given = _looked_up(document, addressee, environ)
        except SecretError as error:
            return error.message
        return _send(addressee.settings, given, letter)

    return send


def _looked_up(document: Document, addressee: Addressee, environ: Mapping[str, str]) -> dict[str, str]:
    """The values its references lead to, by the name of the setting."""
    found = {
        str(place[-1]): look_up(document, place, reference, environ)
        for place, reference in references(document.alerts).items()
        if place[1] == addressee.number
    }
    REDACTOR.hide(found.values())
    return found


def _send(settings: Receiver, given: Mapping[str, str], letter: Letter) -> str | None:
    if settings.email:
        return mail.send(settings.email, given.get("password", ""), letter)
    if settings.slack:
        return slack.send(given["slack"], letter)
    return webhook.send(given.get("webhook") or settings.webhook or "", given.get("secret", ""), letter)
