"""Plans that wait for a person: the first of a sync, and those that a brake held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncline.config import Document
from syncline.service.alerts.state import State, of_sync
from syncline.service.runs import FIRST_RUN
from syncline.store import runs
from syncline.store.models import Run
from syncline.store.runs import RunStatus


def waiting(document: Document, _now: datetime) -> Iterator[State]:
    """Whether the newest plan of each sync waits, and for what."""
    for name in document.syncs:
        held, first = _troubles(runs.newest_plan(name))
        cure = (
            f"Look at the newest plan of `syncline runs --sync {name}`, then approve it with "
            f"`syncline run --sync {name} --plan NUMBER --yes`."
        )
        yield State(of_sync(name), "brake-tripped", held, cure)
        yield State(of_sync(name), "plan-waits", first, cure)


def _troubles(plan: Run | None) -> tuple[str | None, str | None]:
    """What is wrong with a plan that a brake held, and with one that is the first; a plan is one of them at most."""
    if plan is not None and plan.status == RunStatus.REPLACED:
        return None, None  # the one that takes its place is in the making
    if plan is None or plan.status != RunStatus.PLANNED or plan.approved_by or not plan.needs_approval:
        return "", ""
    brakes = [need["brake"] for need in plan.needs_approval if need["brake"] != FIRST_RUN]
    if brakes:
        return f"Plan {plan.pk} was held by a brake ({', '.join(brakes)}); nothing of it was written.", ""
    return "", f"Plan {plan.pk} is the first of its sync and waits until a person approves it."
