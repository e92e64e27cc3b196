"""Tokens in the store: who may renew them, what an overtaken process may still write, and what is remembered."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from syncline.connectors.base import Token
from syncline.core.errors import AuthError, ReconnectError, UnavailableError
from syncline.service.tokens import LEASE, StoredTokens
from syncline.store import credentials, leases
from syncline.store.database import close_store
from syncline.store.sealing import TokenKeys, new_key
from tests.unit.scripted_server import StillClock

pytestmark = pytest.mark.usefixtures("store")
KEYS = TokenKeys.parse(new_key())
APP = "apollo https://apollo.example client"
OLD = Token("access-1", None, datetime(2026, 6, 1, tzinfo=UTC), "refresh-1", ("read", "write"))
NEW = Token("access-2", "https://crm.example", None, "refresh-2")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def tokens(clock: StillClock, connection: str = "apollo", app: str = APP) -> StoredTokens:
    return StoredTokens(connection, app, lambda: KEYS, clock)


@pytest.fixture
def kept(clock: StillClock) -> StoredTokens:
    made = tokens(clock)
    made.put(OLD, "ann")
    return made


def test_a_token_comes_back_as_it_was(kept: StoredTokens) -> None:
    assert kept.load() == OLD
    kept.save(NEW)
    assert kept.load() == NEW


def test_without_a_consent_there_is_no_token(clock: StillClock) -> None:
    with pytest.raises(ReconnectError, match="Nobody has consented") as caught:
        tokens(clock, "another").load()
    assert "connection authorize NAME" in caught.value.cure


def test_a_token_belongs_to_one_app_at_one_address(kept: StoredTokens, clock: StillClock) -> None:
    with pytest.raises(ReconnectError, match="another app or address"):
        tokens(clock, app="apollo https://elsewhere.example client").load()
    assert kept.load() == OLD


def test_a_token_that_was_given_up_is_asked_for_no_more(kept: StoredTokens, clock: StillClock) -> None:
    kept.load()
    kept.give_up("It was taken back.")
    with pytest.raises(ReconnectError, match="It was taken back"):
        tokens(clock).load()
    tokens(clock).put(NEW, "ann")
    assert tokens(clock).load() == NEW


def test_a_consent_is_known_until_it_is_given_up_and_a_new_one_is_another(
    kept: StoredTokens, clock: StillClock
) -> None:
    (first,) = credentials.consents(["apollo", "crm"]).values()
    kept.load()
    kept.save(NEW)
    assert credentials.consents(["apollo"]) == {"apollo": first}
    kept.load()
    kept.give_up("It was taken back.")
    assert not credentials.consents(["apollo"])
    tokens(clock).put(NEW, "ann")
    assert credentials.consents(["apollo"]).get("apollo") not in (None, first)


def test_who_was_overtaken_neither_ends_nor_replaces_a_newer_token(
    kept: StoredTokens, clock: StillClock
) -> None:
    slow = tokens(clock)
    slow.load()
    kept.load()
    kept.save(NEW)
    slow.give_up("refused")
    assert kept.load() == NEW
    kept.put(OLD, "ben")
    with pytest.raises(ReconnectError):
        slow.save(NEW)
    assert kept.load() == OLD


def test_a_renewal_brings_no_deleted_token_back(kept: StoredTokens) -> None:
    kept.load()
    assert credentials.forget("apollo")
    with pytest.raises(ReconnectError, match="disconnected"):
        kept.save(NEW)
    assert credentials.find("apollo") is None


def renewing_since(connection: str = "apollo") -> datetime | None:
    row = credentials.find(connection)
    assert row
    return row.renewing_since


@pytest.mark.parametrize(
    ("error", "unclear"), [(UnavailableError("no answer"), True), (AuthError("wrong secret"), False)]
)
def test_only_an_answer_that_may_be_lost_is_remembered(
    kept: StoredTokens, clock: StillClock, error: Exception, unclear: bool
) -> None:
    def renew() -> None:
        with kept.alone():
            assert renewing_since() == clock.now()
            raise error

    with pytest.raises(type(error)):
        renew()
    assert (renewing_since() is not None) == unclear


def test_a_refusal_after_a_lost_answer_says_so(kept: StoredTokens, clock: StillClock) -> None:
    began = clock.now()
    with pytest.raises(UnavailableError), kept.alone():
        raise UnavailableError("no answer")
    clock.time += timedelta(minutes=5)
    with kept.alone():
        kept.load()
        kept.give_up("It was refused.")
    with pytest.raises(ReconnectError, match=f"began at {began:%Y-%m-%d %H:%M:%S} UTC got no answer"):
        kept.load()


def test_a_renewal_that_was_not_needed_leaves_no_trace(kept: StoredTokens) -> None:
    with kept.alone():
        kept.load()
    assert renewing_since() is None


def test_a_lease_of_another_machine_is_waited_for_and_runs_out(kept: StoredTokens, clock: StillClock) -> None:
    began = clock.now()
    assert leases.take("token apollo", "elsewhere:1", began, LEASE)
    with kept.alone():
        assert clock.now() - began >= LEASE
    assert leases.take("token apollo", "elsewhere:1", clock.now(), LEASE)


def test_the_lease_is_given_back_after_an_error(kept: StoredTokens, clock: StillClock) -> None:
    with pytest.raises(UnavailableError), kept.alone():
        raise UnavailableError("no answer")
    assert leases.worker("token apollo", clock.now()) is None


def test_threads_of_a_process_wait_for_one_another(kept: StoredTokens, clock: StillClock) -> None:
    inside = threading.Event()

    def enter() -> None:
        with tokens(clock).locked():
            inside.set()
        close_store()

    with kept.locked():
        other = threading.Thread(target=enter)
        other.start()
        assert not inside.wait(0.2)
    other.join(20)
    assert inside.is_set()


def test_connections_do_not_wait_for_one_another(kept: StoredTokens, clock: StillClock) -> None:
    began = clock.now()
    with kept.locked(), tokens(clock, "salesforce").locked():
        assert clock.now() == began


def test_no_token_is_shown_by_accident() -> None:
    assert not [secret for secret in ("access-1", "refresh-1") if secret in f"{OLD!r} {[OLD]}"]
