"""What is watched, and how a change of it becomes an alert: one when it begins, one when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from syncline.config import Document
from syncline.service.alerts.connections import reconnects, spent
from syncline.service.alerts.deaths import deaths
from syncline.service.alerts.failing import failing
from syncline.service.alerts.lateness import missed
from syncline.service.alerts.plans import waiting
from syncline.service.alerts.receivers import receivers
from syncline.service.alerts.refused import rates
from syncline.service.alerts.state import State, Watch
from syncline.service.redact import REDACTOR
from syncline.store import alerts
from syncline.store.alert_tables import Alert
from syncline.store.alerts import StateChange, Subject

WATCHES: Sequence[Watch] = (reconnects, waiting, rates, missed, failing, spent, deaths)

OVER: Mapping[str, str] = {
    "reconnect-needed": "The credentials are accepted again, and work goes on.",
    "plan-waits": "The plan does not wait any more.",
    "brake-tripped": "The plan that a brake held does not wait any more.",
    "error-rate": "Few writes are refused again.",
    "schedule-missed": "What was due has begun, or need not begin any more.",
    "sync-failing": "It goes through again, or is paused.",
    "budget-spent": "There is room for calls again, and work goes on.",
    "worker-died": "Its work was taken over.",
}


def look(document: Document, now: datetime) -> list[State]:
    """How it stands with everything that is watched."""
    return [state for watch in WATCHES for state in watch(document, now)]


def note(document: Document, states: Iterable[State], now: datetime) -> list[Alert]:
    """Store what has changed, with whom to tell; the alerts that came of it.

    What is not watched any more, such as a sync that the settings name no longer, is over too.
    """
    known = set(alerts.raised())
    found: dict[tuple[Subject, str], State] = {(each.subject, each.condition): each for each in states}
    changed = [_raised(state) for key, state in found.items() if state.trouble and key not in known]
    over = [key for key in sorted(known) if (state := found.get(key)) is None or state.trouble == ""]
    changed += [_cleared(subject, condition) for subject, condition in over]
    made = [alerts.note(change, _told(document, change.condition), now) for change in changed]
    return [alert for alert in made if alert is not None]


def _raised(state: State) -> StateChange:
    text, cure = (REDACTOR.text(each) for each in (state.trouble or "", state.cure))
    return StateChange(state.subject, state.condition, raised=True, text=text, cure=cure)


def _cleared(subject: Subject, condition: str) -> StateChange:
    return StateChange(subject, condition, raised=False, text=OVER.get(condition, "It is over."))


def _told(document: Document, condition: str) -> list[str]:
    return [each.key for each in receivers(document) if each.wants(condition)]
