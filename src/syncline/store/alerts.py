"""Alerts: states that need a person, and an outbox for each change of one (rule E5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Max, Q

from syncline.store.alert_tables import Alert, AlertDelivery, AlertState

WAITING, SENT, GIVEN_UP = "waiting", "sent", "given up"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What an alert is about: a `kind` (sync, connection or worker) and its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """That something needs a person from now on, or no more, in words without any value of a record."""

    subject: Subject
    condition: str
    raised: bool
    text: str
    cure: str = ""


def note(change: StateChange, receivers: Collection[str], now: datetime) -> Alert | None:
    """Store a change of state with what is to be sent of it; None where it stands so already.

    That something is over is told to those who were told that it began.
    """
    which: dict[str, Any] = {
        "kind": change.subject.kind,
        "name": change.subject.name,
        "condition": change.condition,
    }
    with transaction.atomic():
        AlertState.objects.get_or_create(**which)
        row = AlertState.objects.select_for_update().get(**which)
        if row.raised == change.raised:
            return None
        if row.alert_id is not None and not change.raised:
            told = AlertDelivery.objects.filter(alert_id=row.alert_id).values_list("receiver", flat=True)
            receivers = set(receivers) & set(told)
        alert = Alert.objects.create(
            **which, token=uuid4().hex, raised=change.raised, text=change.text, cure=change.cure, at=now
        )
        AlertDelivery.objects.bulk_create(
            AlertDelivery(alert_id=alert.pk, receiver=receiver, next_try=now)
            for receiver in sorted(receivers)
        )
        row.raised, row.since, row.alert_id = change.raised, now, alert.pk
        row.save()
    return alert


def raised() -> list[tuple[Subject, str]]:
    """The states that need a person at the moment."""
    rows = AlertState.objects.filter(raised=True).order_by("kind", "name", "condition")
    return [(Subject(row.kind, row.name), row.condition) for row in rows]


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """An alert that this process, and no other, is about to send; `attempts` counts this one."""

    delivery: int
    alert: Alert
    attempts: int


def waiting() -> dict[str, datetime]:
    """The receivers that wait for an alert, with when their next one may be sent."""
    first: dict[str, datetime] = {}
    rows = AlertDelivery.objects.filter(state=WAITING).order_by("pk")
    for receiver, next_try in rows.values_list("receiver", "next_try"):
        first.setdefault(receiver, next_try)
    return first


def claim(receiver: str, now: datetime, until: datetime) -> ClaimedDelivery | None:
    """Take the oldest alert that a receiver was not told of; None while it waits or another process has it.

    The others stay behind it, so that they arrive in order. A claim runs out, should its process die.
    """
    first = AlertDelivery.objects.filter(state=WAITING, receiver=receiver).order_by("pk").first()
    if first is None or first.next_try > now:
        return None
    same = AlertDelivery.objects.filter(pk=first.pk, state=WAITING, next_try=first.next_try)
    attempts = first.attempts + 1
    if not same.update(next_try=until, attempts=attempts):
        return None
    return ClaimedDelivery(first.pk, Alert.objects.get(pk=first.alert_id), attempts)


def sent(claimed: ClaimedDelivery, now: datetime) -> None:
    """Note that a receiver was told."""
    _end(claimed, SENT, "", now)


def give_up(claimed: ClaimedDelivery, failure: str, now: datetime) -> None:
    """Note that a receiver will not be told."""
    _end(claimed, GIVEN_UP, failure, now)


def _end(claimed: ClaimedDelivery, state: str, failure: str, now: datetime) -> None:
    rows = AlertDelivery.objects.filter(pk=claimed.delivery, state=WAITING)
    rows.update(state=state, failure=failure, ended_at=now)


def put_off(claimed: ClaimedDelivery, failure: str, until: datetime) -> None:
    """Note why a receiver could not be told, and when it is tried again."""
    rows = AlertDelivery.objects.filter(pk=claimed.delivery, state=WAITING)
    rows.update(next_try=until, failure=failure)


def forget(receivers: Collection[str]) -> None:
    """Drop what waits for these receivers: the settings name them no more."""
    AlertDelivery.objects.filter(state=WAITING, receiver__in=receivers).delete()


def prune(before: datetime) -> None:
    """Delete alerts from before then that nobody waits for and no state rests on."""
    unsent = AlertDelivery.objects.filter(state=WAITING).values("alert_id")
    stands = AlertState.objects.filter(raised=True).values("alert_id")
    old = Alert.objects.filter(at__lt=before).exclude(pk__in=unsent).exclude(pk__in=stands)
    ids = list(old.values_list("pk", flat=True)[:500])
    AlertDelivery.objects.filter(alert_id__in=ids).delete()
    Alert.objects.filter(pk__in=ids).delete()


def standing() -> list[Alert]:
    """The alerts whose state still stands, the oldest first."""
    rows = AlertState.objects.filter(raised=True).values("alert_id")
    return list(Alert.objects.filter(pk__in=rows).order_by("pk"))


def latest(limit: int) -> list[Alert]:
    """The newest alerts first."""
    return list(Alert.objects.order_by("-pk")[:limit])


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """How it stands with one receiver; `failure` is why its next alert could not be sent yet."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    last_sent: datetime | None = None
    next_try: datetime | None = None
    failure: str = ""


def receiver_states() -> dict[str, ReceiverState]:
    """How it stands with every receiver that was ever to be told of anything."""
    counted = AlertDelivery.objects.values("receiver").annotate(
        sent=Count("pk", filter=Q(state=SENT)),
        waiting=Count("pk", filter=Q(state=WAITING)),
        given_up=Count("pk", filter=Q(state=GIVEN_UP)),
        last_sent=Max("ended_at", filter=Q(state=SENT)),
    )
    first: dict[str, AlertDelivery] = {}
    for each in AlertDelivery.objects.filter(state=WAITING).order_by("pk"):
        first.setdefault(each.receiver, each)
    found: dict[str, ReceiverState] = {}
    for row in counted:
        following = first.get(row["receiver"])
        found[row["receiver"]] = ReceiverState(
            row["sent"],
            row["waiting"],
            row["given_up"],
            row["last_sent"],
            following.next_try if following else None,
            following.failure if following else "",
        )
    return found
