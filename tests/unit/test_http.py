"""The HTTP client: what is sent again, what is unknown, what is refused, and what no message may hold."""

import gzip
import socket
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from syncline.connectors.http import Budget, HttpClient, Limits, MemoryLedger
from syncline.core.budget import Window, WindowUsage
from syncline.core.errors import (
    AuthError,
    ProtocolError,
    QuotaError,
    RateLimitedError,
    UnavailableError,
)
from tests.unit.scripted_server import HTML, Answer, ScriptedServer, StillClock

SECRET = "k3y-never-shown"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def client(server: ScriptedServer, clock: StillClock) -> Iterator[HttpClient]:
    made = make(server.url, clock)
    yield made
    made.close()


def make(url: str, clock: StillClock, **options: Any) -> HttpClient:
    settings: dict[str, Any] = {
        "budget": Budget(),
        "headers": lambda: {"x-api-key": SECRET},
        "timeout": 5.0,
        **options,
    }
    return HttpClient(url, clock=clock, **settings)


def read(client: HttpClient) -> Any:
    return client.request("GET", "/things", endpoint="/things", repeatable=True)


def create(client: HttpClient) -> Any:
    return client.request("POST", "/things", endpoint="/things", repeatable=False, json={"name": "Ann"})


def test_a_request_carries_its_body_parameters_and_headers(
    client: HttpClient, server: ScriptedServer
) -> None:
    server.answers(Answer(201, {"id": "1"}, {"X-Request-Id": "r1"}))
    reply = client.request(
        "POST",
        "/things",
        endpoint="/things",
        repeatable=False,
        params=[("ids[]", "1"), ("ids[]", "2")],
        json={"name": "\u202eZoë\x00"},
        headers={"x-extra": "yes"},
    )
    sent = server.requests[0]
    assert (reply.status, reply.data, reply.headers["x-request-id"]) == (201, {"id": "1"}, "r1")
    assert sent.json == {"name": "\u202eZoë\x00"}
    assert sent.query == [("ids[]", "1"), ("ids[]", "2")]
    assert (sent.headers["x-api-key"], sent.headers["x-extra"]) == (SECRET, "yes")
    assert sent.headers["content-type"] == "application/json"


def test_a_form_is_sent_as_a_form(client: HttpClient, server: ScriptedServer) -> None:
    client.request("POST", "/token", endpoint="/token", repeatable=True, form={"grant_type": "a b"})
    assert server.requests[0].body == b"grant_type=a+b"
    assert server.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_calls_are_counted_by_method_and_template(client: HttpClient, server: ScriptedServer) -> None:
    for number in ("1", "2"):
        client.request("GET", f"/things/{number}", endpoint="/things/{id}", repeatable=True)
    read(client)
    assert client.calls == {"GET /things/{id}": 2, "GET /things": 1}


def test_an_answer_about_records_is_returned(client: HttpClient, server: ScriptedServer) -> None:
    server.answers(Answer(422, {"error": "bad"}), Answer(404, HTML))
    assert read(client).data == {"error": "bad"}
    assert read(client).text == HTML.decode()


@pytest.mark.parametrize(
    "bad",
    [
        Answer(500),
        Answer(503, HTML),
        Answer(how="reset"),
        Answer(body=HTML),
        Answer(body={"a": "b" * 99}, how="cut"),
    ],
    ids=["500", "503-html", "reset", "html", "cut"],
)
def test_a_read_is_asked_again_and_a_create_is_not(
    client: HttpClient, server: ScriptedServer, clock: StillClock, bad: Answer
) -> None:
    server.answers(bad, Answer(200, {"ok": True}))
    assert read(client).data == {"ok": True}
    assert (len(server.requests), len(clock.slept)) == (2, 1)
    server.requests.clear()
    server.answers(bad, Answer(200, {"ok": True}))
    with pytest.raises(UnavailableError) as caught:
        create(client)
    assert caught.value.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Answer(500, {"error": "oops"}), UnavailableError),
        (Answer(429), RateLimitedError),
        (Answer(how="reset"), UnavailableError),
        (Answer(body=HTML), ProtocolError),
        (Answer(body=b'{"cut": [1, 2'), ProtocolError),
        (Answer(body=b"[" * 100_000), ProtocolError),
        (Answer(body=b'{"a": "\xff\xfe"}'), ProtocolError),
        (Answer(body=b"not packed", headers={"content-encoding": "gzip"}), ProtocolError),
    ],
    ids=["500", "429", "reset", "html", "cut", "deep", "not-utf-8", "bad-gzip"],
)
def test_trouble_for_ever_ends_after_four_tries(
    client: HttpClient, server: ScriptedServer, clock: StillClock, bad: Answer, error: type[Exception]
) -> None:
    server.answers(bad)
    with pytest.raises(error):
        read(client)
    assert len(server.requests) == 4
    assert len(clock.slept) == 3
    assert sum(clock.slept) < 10


def test_a_silent_server_is_left_after_the_timeout(server: ScriptedServer, clock: StillClock) -> None:
    server.answers(Answer(how="hang"))
    client = make(server.url, clock, timeout=0.05, attempts=2)
    with pytest.raises(UnavailableError, match="did not answer in time"):
        read(client)
    with pytest.raises(UnavailableError) as caught:
        create(client)
    assert caught.value.sent
    assert client.calls == {"GET /things": 2, "POST /things": 1}
    client.close()


def test_a_server_that_is_not_there_was_sent_nothing(clock: StillClock) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = make(f"http://127.0.0.1:{port}", clock)
    with pytest.raises(UnavailableError, match="cannot be reached") as caught:
        create(client)
    assert not caught.value.sent
    assert client.calls == {"POST /things": 4}
    client.close()


def test_a_create_refused_for_now_is_sent_again(
    client: HttpClient, server: ScriptedServer, clock: StillClock
) -> None:
    server.answers(Answer(429, {"message": "slow down"}, {"retry-after": "7"}), Answer(201, {"id": "1"}))
    assert create(client).data == {"id": "1"}
    assert clock.slept == [7.0]


def test_a_long_wait_is_not_waited_for(client: HttpClient, server: ScriptedServer, clock: StillClock) -> None:
    server.answers(Answer(429, {"message": "600 times per hour"}, {"retry-after": "3000"}))
    with pytest.raises(RateLimitedError, match="600 times per hour") as caught:
        read(client)
    assert caught.value.retry_at == clock.now() + timedelta(seconds=3000)
    assert clock.slept == []


def test_a_limit_that_lasts_says_when_to_come_back_even_if_the_system_does_not(
    client: HttpClient, server: ScriptedServer, clock: StillClock
) -> None:
    server.answers(Answer(429))
    with pytest.raises(RateLimitedError, match="not before") as caught:
        read(client)
    assert caught.value.retry_at == clock.now() + timedelta(seconds=60)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)], ids=str)
def test_a_date_to_come_back_goes_by_the_clock_of_the_system(
    client: HttpClient, server: ScriptedServer, clock: StillClock, ahead: timedelta
) -> None:
    theirs = clock.now() + ahead
    told = [format_datetime(at, usegmt=True) for at in (theirs, theirs + timedelta(seconds=9))]
    server.answers(Answer(429, headers={"date": told[0], "retry-after": told[1]}), Answer())
    read(client)
    assert clock.slept == [9.0]


def test_a_503_that_says_when_to_come_back_is_a_refusal_and_nothing_was_done(
    client: HttpClient, server: ScriptedServer, clock: StillClock
) -> None:
    server.answers(Answer(503, HTML, {"retry-after": "7"}), Answer(201, {"id": "1"}))
    assert create(client).data == {"id": "1"}
    assert clock.slept == [7.0]
    server.answers(Answer(503, {"error": "maintenance"}, {"retry-after": "600"}))
    with pytest.raises(UnavailableError, match="maintenance") as caught:
        create(client)
    assert not caught.value.sent
    assert clock.slept == [7.0]


def test_an_error_the_system_says_was_a_refusal_ends_at_once_and_nothing_was_done(
    server: ScriptedServer, clock: StillClock
) -> None:
    client = make(server.url, clock, refuses=lambda reply: reply.data == {"code": "READ_ONLY"})
    server.answers(Answer(500, {"code": "READ_ONLY"}))
    with pytest.raises(UnavailableError) as caught:
        create(client)
    assert not caught.value.sent
    assert len(server.requests) == 1
    server.answers(Answer(500, {"code": "CRASHED"}))
    with pytest.raises(UnavailableError) as lost:
        create(client)
    assert lost.value.sent
    client.close()


def test_retry_after_may_be_a_date_or_nonsense(
    client: HttpClient, server: ScriptedServer, clock: StillClock
) -> None:
    date = {"date": "Fri, 01 May 2026 12:00:00 GMT", "retry-after": "Fri, 01 May 2026 12:00:09 GMT"}
    server.answers(Answer(429, headers=date), Answer(429, headers={"retry-after": "soon"}), Answer())
    read(client)
    assert clock.slept[0] == 9.0
    assert 0 < clock.slept[1] <= 4


def test_401_ends_at_once_without_a_way_to_renew(client: HttpClient, server: ScriptedServer) -> None:
    server.answers(Answer(401, b"Invalid API key."))
    with pytest.raises(AuthError, match="Invalid API key"):
        read(client)
    assert len(server.requests) == 1


def test_401_renews_once(server: ScriptedServer, clock: StillClock) -> None:
    tokens = iter(["second", "third"])
    current = ["first"]

    def renew() -> bool:
        current[0] = next(tokens)
        return True

    client = make(server.url, clock, headers=lambda: {"authorization": f"Bearer {current[0]}"}, renew=renew)
    server.answers(Answer(401), Answer(200, {"ok": 1}))
    assert read(client).data == {"ok": 1}
    assert [r.headers["authorization"] for r in server.requests] == ["Bearer first", "Bearer second"]
    server.answers(Answer(401))
    with pytest.raises(AuthError):
        create(client)
    assert len(server.requests) == 4
    client.close()


def test_a_redirect_is_not_followed(client: HttpClient, server: ScriptedServer) -> None:
    server.answers(Answer(302, b"", {"location": "http://127.0.0.1:1/elsewhere"}))
    with pytest.raises(ProtocolError, match="302"):
        read(client)
    assert len(server.requests) == 1


def test_an_answer_too_large_is_refused(client: HttpClient, server: ScriptedServer) -> None:
    packed = gzip.compress(b"[" + b" " * (65 * 1024 * 1024) + b"]")
    server.answers(Answer(body=packed, headers={"content-encoding": "gzip"}))
    with pytest.raises(ProtocolError, match="64 MB"):
        read(client)
    assert len(server.requests) == 1


def test_no_message_holds_a_secret(server: ScriptedServer, clock: StillClock) -> None:
    client = make(server.url, clock, secrets=["client-secret-9"])
    said = f"bad key {SECRET} and client-secret-9 \x00\u202e" + "x" * 300_000
    server.answers(Answer(500, {"message": said}))
    with pytest.raises(UnavailableError) as unavailable:
        read(client)
    server.answers(Answer(401, said.encode()))
    with pytest.raises(AuthError) as auth:
        read(client)
    for message in (str(unavailable.value), str(auth.value)):
        assert "***" in message
        assert SECRET not in message
        assert "client-secret-9" not in message
        assert message.isprintable()
        assert len(message) < 500
    client.close()


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "tail "])
def test_a_key_that_cannot_be_sent_is_told_without_showing_it(
    server: ScriptedServer, clock: StillClock, key: str
) -> None:
    client = make(server.url, clock, headers=lambda: {"x-api-key": key})
    with pytest.raises(AuthError, match="x-api-key") as caught:
        read(client)
    assert key not in str(caught.value)
    assert server.requests == []
    client.close()


MINUTE, HOUR = Window("minute", timedelta(minutes=1)), Window("hour", timedelta(hours=1))


def told(headers: Mapping[str, str], _now: datetime) -> Iterable[WindowUsage]:
    for window in (MINUTE, HOUR):
        if window.name in headers:
            used, limit = headers[window.name].split("/")
            yield WindowUsage(window.name, int(used), int(limit))


def limited(share: float) -> Budget:
    return Budget(MemoryLedger(share), Limits((MINUTE, HOUR), told))


@pytest.mark.proves("C6")
def test_the_budget_waits_for_a_window_about_to_open(server: ScriptedServer, clock: StillClock) -> None:
    client = make(server.url, clock, budget=limited(0.8))
    server.answers(Answer(headers={"minute": "8/10"}))
    read(client)
    clock.sleep(40)
    create(client)
    assert clock.slept == [40]
    read(client)
    assert clock.slept == [40, 20.0]
    client.close()


@pytest.mark.proves("C6")
def test_the_budget_ends_the_run_when_the_window_is_long(server: ScriptedServer, clock: StillClock) -> None:
    client = make(server.url, clock, budget=limited(0.8))
    until = clock.now() + timedelta(hours=1)
    server.answers(Answer(headers={"hour": "79/100"}), Answer(headers={"hour": "80/100"}))
    read(client)
    read(client)
    with pytest.raises(QuotaError, match=r"80 of 80 calls per hour") as caught:
        read(client)
    assert caught.value.until == until
    assert len(server.requests) == 2
    create(client)
    client.close()


def test_a_call_without_an_answer_is_counted(server: ScriptedServer, clock: StillClock) -> None:
    client = make(server.url, clock, budget=limited(1.0), attempts=1)
    server.answers(Answer(headers={"hour": "1/3"}), Answer(how="reset"), Answer(how="reset"))
    read(client)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            read(client)
    with pytest.raises(QuotaError, match="3 of 3 calls per hour"):
        read(client)
    client.close()
