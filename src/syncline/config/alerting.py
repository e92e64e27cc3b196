"""The settings of alerts: who is told, of what, and from which share of refused writes on (rule E5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from syncline.config.part import Part
from syncline.config.place import Path
from syncline.config.values import Reference, base_url, is_loopback, is_reference, reference

ConditionName = Literal[
    "reconnect-needed",
    "plan-waits",
    "brake-tripped",
    "error-rate",
    "schedule-missed",
    "sync-failing",
    "budget-spent",
    "worker-died",
]
"""What an alert can be about."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z|\[?[0-9A-Fa-f:]+\]?\Z")
_MAILBOX = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\Z")


def _address(value: object) -> str:
    return reference(value) if is_reference(value) else base_url(value)


def _mailbox(value: str) -> str:
    if not _MAILBOX.match(value) or not value.isascii() or not value.isprintable():
        raise PydanticCustomError("mailbox", "should be a plain e-mail address, such as ops@example.com")
    return value


def _somebody(to: tuple[str, ...]) -> tuple[str, ...]:
    if not to:
        raise PydanticCustomError("mailbox", "should name at least one address")
    return to


def _host(value: str) -> str:
    if not _HOST.match(value):
        raise PydanticCustomError("host", "should be the name of a mail server, such as mail.example.com")
    return value


Address = Annotated[
    str,
    BeforeValidator(_address),
    WithJsonSchema({"type": "string", "pattern": "^(https?://|env:|file:).+$"}),
]
Mailbox = Annotated[str, AfterValidator(_mailbox)]


class EmailSettings(Part):
    """A mail server that takes alerts, and who gets them."""

    model_config = ConfigDict(serialize_by_alias=True)

    host: Annotated[str, AfterValidator(_host)] = Field(description="The mail server.")
    port: int = Field(
        default=587,
        ge=1,
        le=65535,
        description="Its port. On 465 the connection is encrypted from the start.",
    )
    starttls: bool = Field(
        default=True,
        description="Whether the connection is encrypted before anything is sent. Without it no user may be named, "
        "unless the server is on this machine.",
    )
    user: str | None = Field(default=None, description="Who signs in; nobody by default.")
    password: Reference | None = Field(
        default=None, description="The password of the user, as env:NAME or file:PATH."
    )
    sender: Mailbox = Field(alias="from", description="The address the mail comes from.")
    to: Annotated[tuple[Mailbox, ...], AfterValidator(_somebody)] = Field(
        description="The addresses it goes to."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise PydanticCustomError("email", "should name user and password, or neither")
        plain = not self.starttls and self.port != 465
        if self.user is not None and plain and not is_loopback(self.host):
            raise PydanticCustomError("email", "would send the password unencrypted: leave starttls on")
        return self


class ReceiverSettings(Part):
    """Somebody who is told of alerts: by a webhook, in Slack, or by e-mail."""

    webhook: Address | None = Field(
        default=None,
        description="The address that gets each alert as JSON: an https URL without a query, or env:NAME or "
        "file:PATH of one.",
    )
    secret: Reference | None = Field(
        default=None, description="The key webhook requests are signed with, as env:NAME or file:PATH."
    )
    slack: Reference | None = Field(
        default=None,
        description="The address of an incoming webhook of Slack, or of a service that takes the same, as env:NAME or "
        "file:PATH: whoever knows it can write there.",
    )
    email: EmailSettings | None = Field(default=None, description="Mail by SMTP.")
    only: tuple[ConditionName, ...] = Field(
        default=(), description="The conditions this receiver is told of; all of them by default."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in (self.webhook, self.slack, self.email) if way is not None]
        if len(ways) != 1:
            raise PydanticCustomError("receiver", "should have one of webhook, slack and email")
        if self.secret is not None and self.webhook is None:
            raise PydanticCustomError("receiver", "has a secret, which only a webhook is signed with")
        return self


def references(receivers: Iterable[ReceiverSettings]) -> dict[Path, str]:
    """Every reference of these receivers, by its place in the document."""
    found: dict[Path, str] = {}
    for number, receiver in enumerate(receivers):
        at: Path = ("alerts", number)
        for name in ("webhook", "secret", "slack"):
            if (value := getattr(receiver, name)) and is_reference(value):
                found[*at, name] = value
        if receiver.email and receiver.email.password:
            found[*at, "email", "password"] = receiver.email.password
    return found


class ErrorRate(Part):
    """From which share of refused writes on there is an alert."""

    share: float = Field(
        default=0.2, gt=0, le=1, description="The share of the writes that were refused, from 0 to 1."
    )
    runs: int = Field(default=5, ge=1, le=100, description="Over how many of the newest runs.")
    least: int = Field(
        default=20, ge=1, description="How many writes they must have tried, so that a few say nothing."
    )
