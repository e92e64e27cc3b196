"""Promises about trouble with the whole connection: named, bounded, and without secrets."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import timedelta

import pytest

from syncline.connectors.base import Connector
from syncline.core.errors import (
    AccessError,
    AuthError,
    ProtocolError,
    RateLimitedError,
    SynclineError,
    UnavailableError,
)
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, broken, ids, needs

CALLS_AT_MOST = 12
WAIT_AT_MOST = timedelta(minutes=10)


class ErrorPromises(Promises):
    """What is raised, after how many tries, and what it says."""

    def test_check_says_who_we_are(self, connector: Connector) -> None:
        report = connector.check()
        assert report.account or report.user
        assert not set(report.granted) & set(report.missing)

    def test_wrong_credentials_are_an_auth_error_everywhere(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        names = self.names(bench, connector)
        attempts: list[Callable[[Connector], object]] = [
            lambda c: c.check(),
            lambda c: list(c.changes(bench.object_type, None, names)),
            lambda c: c.fetch(bench.object_type, [bench.missing_id], names),
        ]
        if self.able(bench, connector).create_batch:
            attempts.append(lambda c: c.create(bench.object_type, self.drafts(bench, 1)))
        for attempt in attempts:
            stranger = self.stranger(bench)
            with pytest.raises(AuthError) as caught:
                attempt(stranger)
            assert_no_secret(bench, caught.value)
            assert sum(stranger.calls_made().values()) <= CALLS_AT_MOST

    def test_an_expired_token_is_renewed(self, bench: RemoteBench, connector: Connector) -> None:
        needs(bench.renews_token, "renews_token")
        (record,) = self.make(bench, connector)
        bench.expire_token()
        assert self.show(bench, connector, record.ref.remote_id).ref == record.ref

    def test_a_token_that_is_never_accepted_is_renewed_only_once(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        connector.check()
        before = sum(connector.calls_made().values())
        broken(bench, "unauthorised", "fetch")
        with pytest.raises(AuthError) as caught:
            connector.fetch(bench.object_type, [bench.missing_id], [bench.email_field])
        assert sum(connector.calls_made().values()) - before <= CALLS_AT_MOST
        assert_no_secret(bench, caught.value)

    def test_a_forbidden_read_is_an_access_error(self, bench: RemoteBench, connector: Connector) -> None:
        names = self.names(bench, connector)
        broken(bench, "forbidden", "read")
        with pytest.raises(AccessError) as caught:
            list(connector.changes(bench.object_type, None, names))
        assert_no_secret(bench, caught.value)

    @pytest.mark.parametrize("retry_after", [7, None], ids=["header", "no header"])
    def test_a_rate_limit_that_passes_is_waited_for(
        self, bench: RemoteBench, connector: Connector, retry_after: int | None
    ) -> None:
        (record,) = self.make(bench, connector)
        broken(bench, "rate_limit", "fetch", count=1, retry_after=retry_after)
        before = bench.clock.now()
        assert self.show(bench, connector, record.ref.remote_id).ref == record.ref
        assert bench.clock.now() - before >= timedelta(seconds=retry_after or 0)

    @pytest.mark.parametrize("retry_after", [3600, 2, None], ids=["an hour", "short", "no header"])
    def test_a_rate_limit_that_lasts_is_raised_after_a_bounded_wait(
        self, bench: RemoteBench, connector: Connector, retry_after: int | None
    ) -> None:
        names = self.names(bench, connector)
        broken(bench, "rate_limit", "read", retry_after=retry_after)
        start, calls = bench.clock.now(), sum(connector.calls_made().values())
        with pytest.raises(RateLimitedError) as caught:
            list(connector.changes(bench.object_type, None, names))
        assert bench.clock.now() - start <= WAIT_AT_MOST
        assert sum(connector.calls_made().values()) - calls <= CALLS_AT_MOST
        if retry_after == 3600:
            assert caught.value.retry_at is not None
            assert abs(caught.value.retry_at - start - timedelta(hours=1)) < timedelta(minutes=2)
        assert_no_secret(bench, caught.value)

    @pytest.mark.parametrize("kind", ["server_error", "reset", "hang", "html", "truncate", "cut"])
    def test_a_read_is_tried_again_after_one_bad_answer(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        made = self.make(bench, connector, 2)
        self.wait_for_listings(bench, connector)
        names = self.names(bench, connector)
        broken(bench, kind, "read", count=1)
        pages = self.pages(connector.changes(bench.object_type, None, names))
        assert ids(made) <= {record.ref.remote_id for page in pages for record in page.records}

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("server_error", UnavailableError),
            ("reset", UnavailableError),
            ("hang", UnavailableError),
            ("html", ProtocolError),
            ("truncate", ProtocolError),
            ("cut", UnavailableError),
        ],
    )
    @pytest.mark.parametrize("verb", ["read", "fetch", "check"])
    def test_a_system_that_stays_broken_is_given_up_in_a_few_tries(
        self, bench: RemoteBench, connector: Connector, verb: str, kind: str, error: type[SynclineError]
    ) -> None:
        (record,) = self.make(bench, connector)
        names = self.names(bench, connector)
        asks: dict[str, Callable[[], object]] = {
            "read": lambda: list(connector.changes(bench.object_type, None, names)),
            "fetch": lambda: connector.fetch(bench.object_type, [record.ref.remote_id], names),
            "check": connector.check,
        }
        broken(bench, kind, verb)
        start, calls = bench.clock.now(), sum(connector.calls_made().values())
        with pytest.raises(error) as caught:
            asks[verb]()
        assert sum(connector.calls_made().values()) - calls <= CALLS_AT_MOST
        assert bench.clock.now() - start <= WAIT_AT_MOST
        assert_no_secret(bench, caught.value)

    @pytest.mark.parametrize("kind", ["server_error", "html"])
    def test_find_is_given_up_in_a_few_tries(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        needs(bench.email_field in self.able(bench, connector).finds, f"finds {bench.email_field}")
        broken(bench, kind, "find")
        with pytest.raises((UnavailableError, ProtocolError)) as caught:
            connector.find(bench.object_type, bench.email_field, ["a@b.example"], [bench.email_field])
        assert_no_secret(bench, caught.value)

    def test_errors_have_a_code_and_a_cure(self, bench: RemoteBench) -> None:
        stranger = self.stranger(bench)
        with pytest.raises(SynclineError) as caught:
            stranger.check()
        assert caught.value.code
        assert caught.value.cure
        assert caught.value.message

    def stranger(self, bench: RemoteBench) -> Connector:
        """A connector nobody lets in."""
        made = bench.bad_credentials_connector()
        needs(made, "credentials")
        assert made is not None
        return self.closed_later(made)

    def test_a_connector_shows_no_secret_of_its_own(self, bench: RemoteBench, connector: Connector) -> None:
        connector.check()
        shown = f"{connector!r} {connector} {connector.calls_made()} {connector.check()}"
        assert not [secret for secret in bench.secrets if secret in shown]


def assert_no_secret(bench: RemoteBench, error: SynclineError) -> None:
    """Neither the error, nor what it carries, nor its causes tell a secret."""
    text = "".join(traceback.format_exception(error)) + repr(error) + repr(error.context) + error.cure
    told = [number for number, secret in enumerate(bench.secrets) if secret in text]
    assert not told, f"secrets number {told} are in the error"
