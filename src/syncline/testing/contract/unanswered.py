"""Promises about writes whose answer did not come: the outcome is unknown and nothing is sent twice."""

from __future__ import annotations

import pytest

from syncline.connectors.base import Change, Connector
from syncline.core.errors import RateLimitedError, UnavailableError
from syncline.core.model import ErrorClass, Outcome, OutcomeStatus
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import (
    Promises,
    applied,
    attempted,
    broken,
    heals,
    needs,
    refused,
)

LOST_AFTER = [(kind, True) for kind in ("reset", "hang", "html", "truncate", "cut", "server_error")]
LOST_BEFORE = [(kind, False) for kind in ("reset", "html", "server_error")]


class UnansweredPromises(Promises):
    """Creates are never repeated; an update may be, since a second one changes nothing."""

    @pytest.mark.parametrize(("kind", "after_commit"), [*LOST_AFTER, *LOST_BEFORE, ("hang", False)])
    def test_a_create_without_an_answer_is_unknown_and_there_once_after_a_look(
        self, bench: RemoteBench, connector: Connector, kind: str, after_commit: bool
    ) -> None:
        drafts = self.drafts(bench, 2)
        cursor = self.present(bench, connector)
        broken(bench, kind, "create", after_commit=after_commit)
        outcomes = attempted(lambda: connector.create(bench.object_type, drafts))
        bench.clear_faults()
        assert all(is_unknown(o) or (heals(o) and not after_commit) for o in outcomes)
        assert outcomes or not after_commit, "what was done is not raised"
        assert self.times(bench, cursor, drafts) == [int(after_commit)] * 2, "sent once, whatever came of it"
        missing = [] if after_commit else drafts
        for outcome in connector.create(bench.object_type, missing):
            applied(outcome)
        assert self.times(bench, cursor, drafts) == [1, 1]

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
                assert self.times(bench, cursor, [draft]) == [1]
                break

    @pytest.mark.parametrize(("kind", "after_commit"), [*LOST_AFTER, *LOST_BEFORE])
    def test_an_update_without_an_answer_is_unknown_and_can_be_sent_again_after_a_look(
        self, bench: RemoteBench, connector: Connector, kind: str, after_commit: bool
    ) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: "before"})
        change = Change(record.ref.remote_id, {bench.text_field: "after"})
        broken(bench, kind, "update", after_commit=after_commit)
        outcomes = attempted(lambda: connector.update(bench.object_type, [change]))
        bench.clear_faults()
        assert all(is_unknown(o) or (heals(o) and not after_commit) for o in outcomes)
        assert outcomes or not after_commit, "what was done is not raised"
        shown = self.show(bench, self.other(bench), record.ref.remote_id)
        assert shown.get(bench.text_field) == ("after" if after_commit else "before")
        again = applied(self.change(bench, connector, record.ref.remote_id, change.values))
        assert again.get(bench.text_field) == "after"

    @pytest.mark.parametrize(("kind", "after_commit"), [*LOST_AFTER, *LOST_BEFORE])
    def test_a_delete_without_an_answer_is_unknown_and_can_be_sent_again(
        self, bench: RemoteBench, connector: Connector, kind: str, after_commit: bool
    ) -> None:
        needs(self.able(bench, connector).deletes, "deletes")
        (record,) = self.make(bench, connector)
        broken(bench, kind, "delete", after_commit=after_commit)
        outcomes = attempted(lambda: connector.delete(bench.object_type, [record.ref.remote_id]))
        bench.clear_faults()
        assert all(is_unknown(o) or (heals(o) and not after_commit) for o in outcomes)
        assert outcomes or not after_commit, "what was done is not raised"
        (again,) = connector.delete(bench.object_type, [record.ref.remote_id])
        if again.status is not OutcomeStatus.APPLIED:
            refused(again, ErrorClass.GONE)
        found = self.other(bench).fetch(bench.object_type, [record.ref.remote_id], [bench.email_field])
        assert all(each.deleted for each in found)

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
        assert self.times(bench, cursor, [draft]) == [len(done)]

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
        assert self.times(bench, cursor, [draft]) == [1]

    def test_a_connection_that_is_down_is_said_to_be_down(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        broken(bench, "reset", "fetch")
        with pytest.raises(UnavailableError):
            connector.fetch(bench.object_type, [record.ref.remote_id], [bench.email_field])


def is_unknown(outcome: Outcome) -> bool:
    """Whether nobody knows what came of a write, and the reason is told and passes."""
    failure = outcome.failure
    told = failure is not None and failure.error_class is ErrorClass.TRANSIENT
    return outcome.status is OutcomeStatus.UNKNOWN and told
