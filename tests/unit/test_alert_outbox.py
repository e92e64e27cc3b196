"""What is still to be told is sent in order and at least once, whatever becomes of receivers and processes."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from syncline.config import Document, parse
from syncline.service.alerts.message import Message
from syncline.service.alerts.outbox import CLAIM, LIFETIME, Outbox, pause, send_all
from syncline.service.alerts.post import post
from syncline.service.alerts.receivers import receivers
from syncline.service.alerts.state import State, of_sync
from syncline.service.alerts.watch import note
from syncline.service.log import set_up
from syncline.store import alerts
from syncline.store.alert_tables import Alert, AlertDelivery, AlertState
from syncline.store.alerts import ReceiverState
from tests.property.world import empty_store
from tests.unit.scripted_server import Answer, Request, ScriptedServer

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY = "a key of our own"
SECONDS = 20.0


@pytest.fixture(autouse=True)
def _log() -> None:
    set_up("error")


@pytest.fixture(autouse=True)
def store(opened: None) -> None:
    empty_store()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def settings(*receivers: dict[str, Any]) -> Document:
    return parse({"version": 1, "alerts": list(receivers)})


def happens(document: Document, *troubles: str) -> None:
    """The state of one sync moves through these; each change is an alert."""
    for number, trouble in enumerate(troubles):
        note(document, [State(of_sync("main"), "error-rate", trouble, "mend it")], NOW + number * SECOND)


def sends(outbox: Outbox, document: Document, now: datetime = NOW + 9 * SECOND) -> None:
    outbox.send(document, now)
    assert outbox.wait(SECONDS)


def receiver_states(document: Document) -> list[ReceiverState]:
    known = alerts.receiver_states()
    return [known.get(each.key, ReceiverState()) for each in receivers(document)]


def told(server: ScriptedServer) -> list[tuple[str, str]]:
    return [(request.json["event"], request.json["text"]) for request in server.requests]


@pytest.mark.proves("E5")
def test_a_webhook_gets_each_change_once_and_signed(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url, "secret": "env:KEY"})
    happens(document, "30 of 50 were refused", "", "31 of 50 were refused")
    sends(Outbox({"KEY": KEY}), document)
    sends(Outbox({"KEY": KEY}), document, NOW + timedelta(hours=2))
    assert [event for event, _ in told(server)] == ["raised", "cleared", "raised"]
    first = server.requests[0]
    assert first.json == {
        "id": first.headers["syncline-alert"], "event": "raised", "condition": "error-rate",
        "subject": {"kind": "sync", "name": "main"}, "text": "30 of 50 were refused", "cure": "mend it",
        "at": NOW.isoformat(),
    }  # fmt: skip
    signed = first.headers["syncline-timestamp"].encode() + b"." + first.body
    expected = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
    assert first.headers["syncline-signature"] == f"sha256={expected}"
    assert receiver_states(document)[0] == ReceiverState(sent=3, last_sent=NOW + 9 * SECOND)


def test_slack_gets_text_in_which_nothing_is_a_link(server: ScriptedServer) -> None:
    document = settings({"slack": "env:SLACK"})
    happens(document, "<!channel> & more")
    sends(Outbox({"SLACK": f"{server.url}/services/a?b=c"}), document)
    (request,) = server.requests
    assert request.path == "/services/a"
    assert set(request.json) == {"text"}
    assert request.json["text"].startswith("*Syncline: sync main: error-rate*\n&lt;!channel&gt; &amp; more\n")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(500), "It answered HTTP 500."),
        (Answer(404), "It answered HTTP 404."),
        (
            Answer(302, headers={"Location": "http://10.0.0.1/"}),
            "It answered HTTP 302, and redirects are not followed.",
        ),
        (Answer(how="reset"), "It broke the connection off."),
        (Answer(how="cut"), "It broke the connection off."),
    ],
)
def test_a_receiver_that_fails_is_tried_again_with_the_same_alert(
    server: ScriptedServer, answer: Answer, failure: str
) -> None:
    document = settings({"webhook": server.url})
    server.answers(answer, Answer(204))
    happens(document, "bad", "")
    outbox = Outbox({})
    sends(outbox, document)
    (stands,) = receiver_states(document)
    assert (stands.sent, stands.waiting, stands.failure) == (0, 2, failure)
    sends(outbox, document)  # its pause is not over
    assert len(server.requests) == 1
    assert stands.next_try is not None
    sends(outbox, document, stands.next_try)
    assert [r.json["event"] for r in server.requests] == ["raised", "raised", "cleared"]
    assert server.requests[0].json["id"] == server.requests[1].json["id"]


def test_a_receiver_that_hangs_delays_nobody(server: ScriptedServer) -> None:
    came, asked = threading.Event(), threading.Event()

    def hang(_request: Request) -> Answer:
        asked.set()
        assert came.wait(SECONDS), "the other receiver was not told meanwhile"
        return Answer()

    server.respond = hang
    with ScriptedServer() as other:
        document = settings({"webhook": server.url}, {"webhook": other.url})
        happens(document, "bad")
        outbox = Outbox({})
        outbox.send(document, NOW + SECOND)
        assert asked.wait(SECONDS)
        outbox.send(document, NOW + 2 * SECOND)  # a tick while it hangs begins nothing twice
        _until(lambda: len(other.requests) == 1)
        came.set()
        assert outbox.wait(SECONDS)
    assert len(server.requests) == 1
    assert [post.sent for post in receiver_states(document)] == [1, 1]


def test_nobody_is_waited_for_long(server: ScriptedServer) -> None:
    server.answers(Answer(how="hang"))
    assert post(server.url, b"{}", {}, seconds=0.1) == "It did not answer in time."


def _until(came: Any) -> None:
    waiting = threading.Event()
    for _ in range(2000):
        if came():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not come about")


@pytest.mark.proves("E5")
def test_what_a_dead_process_was_sending_is_sent_by_another(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url})
    happens(document, "bad", "")
    (receiver,) = receivers(document)
    assert alerts.claim(receiver.key, NOW + SECOND, NOW + SECOND + CLAIM)  # and here it dies
    sends(Outbox({}), document, NOW + 2 * SECOND)
    assert server.requests == []  # nor is what stands behind sent before it
    sends(Outbox({}), document, NOW + SECOND + CLAIM)
    assert [event for event, _ in told(server)] == ["raised", "cleared"]


def test_of_two_processes_one_sends(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url})
    happens(document, "bad")
    boxes = [Outbox({}) for _ in range(4)]
    for box in boxes:
        box.send(document, NOW + SECOND)
    assert all(box.wait(SECONDS) for box in boxes)
    assert len(server.requests) == 1


def test_an_alert_nobody_takes_is_given_up_and_listed_and_the_next_one_goes(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url})
    server.answers(Answer(410), Answer(200))
    happens(document, "bad")
    AlertDelivery.objects.update(attempts=80)
    late = NOW + LIFETIME
    note(document, [State(of_sync("main"), "error-rate", "")], late)
    sends(Outbox({}), document, late)
    (stands,) = receiver_states(document)
    assert (stands.given_up, stands.sent, stands.waiting) == (1, 1, 0)


def test_what_waits_for_a_receiver_the_settings_name_no_more_is_dropped(server: ScriptedServer) -> None:
    happens(settings({"webhook": server.url}), "bad")
    sends(Outbox({}), settings())
    assert AlertDelivery.objects.count() == 0
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("http://hooks.example.com/a", "must be https"),
        ("https://10.0.0.7/a", "inside a network"),
        ("https://169.254.169.254/latest", "inside a network"),
        ("https://0xa9fea9fe/latest", "inside a network"),
        ("https://user:s3cretword@hooks.example.com", "user name or password"),
        ("ftp://hooks.example.com", "https"),
        ("no address", "spaces"),
    ],
)
def test_an_address_inside_a_network_is_never_called(url: str, failure: str) -> None:
    document = settings({"webhook": "env:HOOK"})
    happens(document, "bad")
    sends(Outbox({"HOOK": url}), document)
    (stands,) = receiver_states(document)
    assert failure in stands.failure
    assert "s3cretword" not in stands.failure


def test_a_secret_that_is_not_there_is_told_and_waited_for(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url, "secret": "env:KEY"})
    happens(document, "bad")
    sends(Outbox({}), document)
    assert "KEY is not set" in receiver_states(document)[0].failure
    sends(Outbox({"KEY": KEY}), document, NOW + timedelta(hours=1))
    assert receiver_states(document)[0].sent == 1


class _CrashError(Exception):
    """The process dies here."""


@pytest.mark.proves("E5")
@hypothesis_settings(max_examples=15)
@given(
    st.lists(st.sampled_from(["bad", ""]), min_size=1, max_size=8),
    st.lists(
        st.sampled_from(["taken", "refused", "answer lost", "crash before", "crash after"]), max_size=20
    ),
)
def test_whatever_happens_each_change_arrives_at_least_once_and_in_order(
    history: list[str], luck: list[str]
) -> None:
    for model in (AlertState, Alert, AlertDelivery):
        model.objects.all().delete()
    document, arrived, fortunes = settings({"webhook": "https://hooks.example.com"}), [], list(luck)
    (receiver,) = receivers(document)
    happens(document, *history)

    def send(message: Message) -> str | None:
        fortune = fortunes.pop(0) if fortunes else "taken"
        if fortune in ("taken", "answer lost", "crash after"):
            arrived.append((message.token, message.raised))
        if fortune.startswith("crash"):
            raise _CrashError
        return None if fortune == "taken" else "it failed"

    now = NOW + timedelta(minutes=1)
    for _ in range(len(luck) + 2):
        send_all(receiver, send, now)
        now += timedelta(hours=1)
    changes = list(Alert.objects.order_by("pk").values_list("token", "raised"))
    assert list(dict.fromkeys(arrived)) == changes
    positions = [changes.index(each) for each in arrived]
    assert positions == sorted(positions)
    assert receiver_states(document)[0].waiting == 0


def test_pauses_grow_and_end_at_an_hour() -> None:
    pauses = [pause(attempts) for attempts in range(1, 200)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=30), timedelta(hours=1))


def test_what_is_sent_is_json_whatever_the_words(server: ScriptedServer) -> None:
    document = settings({"webhook": server.url})
    happens(document, 'a "quoted" line\nand \u2028 another')
    sends(Outbox({}), document)
    assert msgspec.json.decode(server.requests[0].body)["text"] == 'a "quoted" line\nand \u2028 another'
