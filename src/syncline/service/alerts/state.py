"""A state that may need a person, as one look at the store finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from syncline.config import Document
from syncline.config.alerting import ConditionName
from syncline.store.alerts import Subject


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with one condition of one subject.

    `trouble` says in words what is wrong, and is empty where nothing is. None means that it cannot be told just now:
    what was known stays. The words hold no value of a record, no address of a person and no secret.
    """

    subject: Subject
    condition: ConditionName
    trouble: str | None
    cure: str = ""


Watch = Callable[[Document, datetime], Iterable[State]]
"""Looks at the store and tells how it stands with everything it watches."""


def of_sync(name: str) -> Subject:
    return Subject("sync", name)


def of_connection(name: str) -> Subject:
    return Subject("connection", name)
