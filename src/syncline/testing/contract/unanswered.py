"""Promises about writes whose answer did not come: the outcome is unknown and nothing is sent twice."""

from __future__ import annotations

import pytest

from syncline.connectors.base import Change, Connector
from syncline.core.errors import RateLimitedError, UnavailableError
from syncline.core.model import ErrorClass, Outcome, OutcomeStatus
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, broken, needs


class UnansweredPromises(Promises):
    """Creates are never repeated; an update may be, since a second one changes nothing."""

    @pytest.mark.parametrize("kind", ["reset", "hang", "html", "truncate", "server_error"])
    def test_a_create_that_was_done_but_not_answered_is_unknown_and_done_once(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        drafts = self.drafts(bench, 2)
        cursor = self.present(bench, connector)
        broken(bench, kind, "create", after_commit=True)
        outcomes = connector.create(bench.object_type, drafts)
        bench.clear_faults()
        assert [outcome.status for outcome in outcomes] == [OutcomeStatus.UNKNOWN] * 2
        assert all(outcome.failure and is_transient(outcome) for outcome in outcomes)
        present = [len(self.with_email(bench, cursor, d.values[bench.email_field])) for d in drafts]
        assert max(present) == 1

    @pytest.mark.parametrize("kind", ["reset", "hang", "html", "server_error"])
    def test_a_create_that_was_not_done_nor_answered_is_not_sent_again(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        (draft,) = self.drafts(bench, 1)
        cursor = self.present(bench, connector)
        broken(bench, kind, "create", count=1)
        (outcome,) = connector.create(bench.object_type, [draft])
        bench.clear_faults()
        assert outcome.status is OutcomeStatus.UNKNOWN or is_transient(outcome)
        assert self.with_email(bench, cursor, draft.values[bench.email_field]) == []

    def test_an_unknown_batch_does_not_hide_what_became_of_the_others(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        size = self.able(bench, connector).create_batch
        drafts = self.drafts(bench, size + 1)
        cursor = self.present(bench, connector)
        broken(bench, "reset", "create", count=1, skip=1, after_commit=True)
        outcomes = connector.create(bench.object_type, drafts)
        bench.clear_faults()
        assert len(outcomes) == len(drafts)
        assert [o.status for o in outcomes].count(OutcomeStatus.APPLIED) >= 1
        assert [o.status for o in outcomes].count(OutcomeStatus.UNKNOWN) >= 1
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if outcome.status is OutcomeStatus.APPLIED:
                assert len(self.with_email(bench, cursor, draft.values[bench.email_field])) == 1
                break

    @pytest.mark.parametrize("kind", ["reset", "hang", "html", "truncate", "server_error"])
    def test_an_update_that_is_never_answered_is_unknown(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        (record,) = self.make(bench, connector)
        change = Change(record.ref.remote_id, {bench.text_field: "not answered"})
        broken(bench, kind, "update", after_commit=True)
        (outcome,) = connector.update(bench.object_type, [change])
        bench.clear_faults()
        assert outcome.status is OutcomeStatus.UNKNOWN
        assert outcome.failure
        shown = self.show(bench, self.other(bench), record.ref.remote_id)
        assert shown.get(bench.text_field) == "not answered"

    @pytest.mark.parametrize("retry_after", [2, None])
    def test_a_create_held_back_by_a_rate_limit_is_done_once(
        self, bench: RemoteBench, connector: Connector, retry_after: int | None
    ) -> None:
        (draft,) = self.drafts(bench, 1)
        cursor = self.present(bench, connector)
        broken(bench, "rate_limit", "create", count=1, retry_after=retry_after)
        try:
            outcomes = connector.create(bench.object_type, [draft])
        except RateLimitedError:
            outcomes = []
        bench.clear_faults()
        done = [outcome for outcome in outcomes if outcome.status is OutcomeStatus.APPLIED]
        assert len(self.with_email(bench, cursor, draft.values[bench.email_field])) == len(done)

    def test_an_update_by_an_expired_token_is_done(self, bench: RemoteBench, connector: Connector) -> None:
        needs(bench.renews_token, "renews_token")
        (record,) = self.make(bench, connector)
        bench.expire_token()
        outcome = self.change(bench, connector, record.ref.remote_id, values={bench.text_field: "renewed"})
        assert outcome.status is OutcomeStatus.APPLIED

    def test_a_create_by_an_expired_token_is_done_once(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(bench.renews_token, "renews_token")
        (draft,) = self.drafts(bench, 1)
        cursor = self.present(bench, connector)
        bench.expire_token()
        (outcome,) = connector.create(bench.object_type, [draft])
        assert outcome.status is OutcomeStatus.APPLIED
        assert len(self.with_email(bench, cursor, draft.values[bench.email_field])) == 1

    def test_a_connection_that_is_down_is_said_to_be_down(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        broken(bench, "reset", "fetch")
        with pytest.raises(UnavailableError):
            connector.fetch(bench.object_type, [record.ref.remote_id], [bench.email_field])


def is_transient(outcome: Outcome) -> bool:
    """Whether a write was surely not done, for a reason that passes."""
    return outcome.failure is not None and outcome.failure.error_class is ErrorClass.TRANSIENT
