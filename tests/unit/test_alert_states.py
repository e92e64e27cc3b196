"""What needs a person becomes one alert when it begins and one when it is over (rule E5)."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncline.config import Document, parse
from syncline.config.alerting import ConditionName
from syncline.service.alerts.receivers import receivers
from syncline.service.alerts.state import State, of_sync
from syncline.service.alerts.watch import OVER, look, note
from syncline.store import alerts, runs, workers
from syncline.store.access_tables import Credential
from syncline.store.alert_tables import Alert, AlertDelivery, AlertState
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from tests.property.world import empty_store

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS: dict[str, Any] = {
    "version": 1,
    "connections": {"apollo": {"system": "apollo"}, "crm": {"system": "salesforce"}},
    "syncs": {"main": {"left": "apollo", "right": "crm"}},
    "alerts": [{"slack": "env:SLACK"}, {"webhook": "env:HOOK", "only": ["error-rate"]}],
}


@pytest.fixture(autouse=True)
def store(opened: None) -> None:
    empty_store()


@pytest.fixture
def document() -> Document:
    return parse(SETTINGS)


def ran(status: RunStatus = RunStatus.DONE, *, at: datetime = NOW, **columns: Any) -> Run:
    row = runs.unplanned("main", "settings", None, at)
    row.status, row.world = status, "world"
    row.ended_at = at if status in (RunStatus.DONE, RunStatus.FAILED) else None
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()
    return row


def looked(document: Document, now: datetime = NOW) -> list[tuple[str, str, bool]]:
    """Look once; what changed, as name, condition and whether it began."""
    made = note(document, look(document, now), now)
    return [(alert.name, alert.condition, alert.raised) for alert in made]


def failed(code: str, connection: str, at: datetime = NOW) -> Run:
    error = {"code": code, "message": "no", "cure": "none", "connection": connection}
    return ran(RunStatus.FAILED, at=at, error=error)


def test_a_quiet_store_raises_nothing(document: Document) -> None:
    assert looked(document) == []
    ran()
    assert looked(document) == []
    assert AlertState.objects.count() == 0


@pytest.mark.proves("E5")
def test_a_first_plan_that_waits_is_told_once_and_when_it_is_over(document: Document) -> None:
    plan = ran(RunStatus.PLANNED, needs_approval=[{"brake": "first_run", "reason": "first"}])
    assert looked(document) == [("main", "plan-waits", True)]
    assert [looked(document, NOW + n * MINUTE) for n in range(3)] == [[], [], []]
    plan.status, plan.approved_by = RunStatus.RUNNING, "somebody"
    plan.save()
    assert looked(document) == [("main", "plan-waits", False)]


@pytest.mark.proves("E5")
def test_a_tripped_brake_stays_one_alert_while_a_new_plan_is_made(document: Document) -> None:
    held = [{"brake": "max_creates", "reason": "the plan would create 900 records"}]
    first = ran(RunStatus.PLANNED, needs_approval=held)
    assert looked(document) == [("main", "brake-tripped", True)]
    first.status = RunStatus.REPLACED
    first.save()
    making = ran(RunStatus.PLANNING, world="")
    assert looked(document) == []
    making.status, making.world, making.needs_approval = RunStatus.PLANNED, "world", held
    making.save()
    assert looked(document) == []
    making.needs_approval = []
    making.save()
    assert looked(document) == [("main", "brake-tripped", False)]


@pytest.mark.proves("E5", "C2")
def test_credentials_that_are_refused_are_told_until_a_run_gets_through(document: Document) -> None:
    failed("remote-auth", "crm")
    assert looked(document) == [("crm", "reconnect-needed", True)]
    failed("remote-unavailable", "apollo", NOW + MINUTE)
    assert looked(document) == [("crm", "reconnect-needed", False)]


@pytest.mark.proves("E5", "C2")
def test_a_dead_token_is_told_until_somebody_signs_in_again(document: Document) -> None:
    token = Credential.objects.create(
        connection="crm", key_id="k", nonce=b"n", ciphertext=b"c", consent="1", granted_by="x",
        granted_at=NOW - MINUTE, gave_up="the refresh token of jane@example.com was revoked",
    )  # fmt: skip
    failed("remote-reconnect", "crm")
    assert looked(document) == [("crm", "reconnect-needed", True)]
    assert "jane" not in Alert.objects.get().text
    token.gave_up, token.granted_at = "", NOW + MINUTE
    token.save()
    assert looked(document, NOW + 2 * MINUTE) == [("crm", "reconnect-needed", False)]


@pytest.mark.proves("E5", "C6")
def test_calls_that_are_used_up_are_told_until_a_run_gets_through(document: Document) -> None:
    failed("remote-quota", "apollo")
    assert looked(document) == [("apollo", "budget-spent", True)]
    ran(at=NOW + MINUTE)
    assert looked(document) == [("apollo", "budget-spent", False)]


@pytest.mark.proves("E5")
def test_the_error_rate_counts_runs_that_wrote_and_needs_enough_of_them(document: Document) -> None:
    ran(results={"rejected": 10})
    assert looked(document) == []  # ten tries of one run say little
    ran(results={"created": 30, "rejected": 10})
    assert looked(document) == [("main", "error-rate", True)]
    assert Alert.objects.get().text == "20 of 50 writes of the last 2 runs that wrote were refused."
    for _ in range(20):
        ran()  # nothing to write: that is no sign of health
    assert looked(document) == []
    ran(results={"updated": 51})
    assert looked(document) == [("main", "error-rate", False)]


def test_receivers_are_told_of_what_they_asked_for(document: Document) -> None:
    ran(results={"rejected": 30})
    ran(RunStatus.PLANNED, needs_approval=[{"brake": "first_run", "reason": "first"}])
    looked(document)
    told = {
        alert.condition: AlertDelivery.objects.filter(alert_id=alert.pk).count()
        for alert in Alert.objects.all()
    }
    assert told == {"error-rate": 2, "plan-waits": 1}


def test_a_receiver_that_is_named_twice_is_told_once_of_what_either_asks_for() -> None:
    twice = [{"slack": "env:S", "only": ["error-rate"]}, {"slack": "env:S", "only": ["plan-waits"]}]
    (one,) = receivers(parse({"version": 1, "alerts": twice}))
    assert [one.wants(each) for each in ("error-rate", "plan-waits", "brake-tripped")] == [True, True, False]


@pytest.mark.proves("E5")
def test_a_worker_whose_work_was_taken_over_is_told_for_a_while(document: Document) -> None:
    now = datetime.now(UTC)
    workers.sign_in("host:1", now - 2 * MINUTE, MINUTE)
    assert looked(document) == []  # nobody has noticed yet
    assert workers.take_over("host:1", "host:2", now, MINUTE)
    workers.reaped("host:1")
    assert looked(document) == [("host:1", "worker-died", True)]
    workers.forget(now + 2 * MINUTE)
    assert looked(document) == [("host:1", "worker-died", False)]


def test_a_receiver_that_was_not_told_that_it_began_is_not_told_that_it_is_over(document: Document) -> None:
    failed("remote-auth", "crm")
    looked(document)
    later = parse(SETTINGS | {"alerts": [*SETTINGS["alerts"], {"webhook": "https://new.example.com"}]})
    ran(at=NOW + MINUTE)
    assert looked(later) == [("crm", "reconnect-needed", False)]
    assert AlertDelivery.objects.values("receiver").distinct().count() == 1


def test_what_the_settings_name_no_more_is_over(document: Document) -> None:
    failed("remote-auth", "crm")
    looked(document)
    assert looked(parse({"version": 1})) == [("crm", "reconnect-needed", False)]


def test_every_condition_has_words_for_its_end() -> None:
    assert set(OVER) == set(get_args(ConditionName))


def test_old_alerts_go_unless_somebody_waits_for_them_or_they_stand(document: Document) -> None:
    failed("remote-auth", "crm")
    looked(document)
    ran(at=NOW + MINUTE)
    looked(document, NOW + MINUTE)
    AlertDelivery.objects.update(state=alerts.SENT)
    failed("remote-auth", "crm", NOW + 2 * MINUTE)
    looked(document, NOW + 2 * MINUTE)
    alerts.prune(NOW + timedelta(days=1))
    assert [alert.at for alert in Alert.objects.all()] == [NOW + 2 * MINUTE]


@pytest.mark.proves("E5")
@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from(["", "bad", None]), min_size=3, max_size=3), max_size=12))
def test_whatever_happens_alerts_of_one_state_alternate(history: list[list[str | None]]) -> None:
    document = parse(SETTINGS)
    AlertState.objects.all().delete()
    Alert.objects.all().delete()
    stood = dict.fromkeys(("a", "b", "c"), False)
    for row in history:
        states = [
            State(of_sync(name), "error-rate", trouble) for name, trouble in zip(stood, row, strict=True)
        ]
        note(document, states, NOW)
        stood |= {
            name: bool(trouble) for name, trouble in zip(stood, row, strict=True) if trouble is not None
        }
        assert {subject.name for subject, _ in alerts.raised()} == {name for name, up in stood.items() if up}
    for name in stood:
        events = list(Alert.objects.filter(name=name).order_by("pk").values_list("raised", flat=True))
        assert events == [n % 2 == 0 for n in range(len(events))]
