"""Promises about writes under misbehaviour: what came of each is told or can be looked up, and nothing is doubled."""

from __future__ import annotations

import pytest

from syncline.connectors.base import Connector
from syncline.core.model import Outcome, OutcomeStatus
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import (
    Promises,
    applied,
    attempted,
    broken,
    heals,
    needs,
)

HOURS = 7200


class RecoveryPromises(Promises):
    """Creates and updates that meet trouble, and the way an engine goes on from there."""

    @pytest.mark.parametrize("verb", ["create", "update"])
    def test_a_write_during_maintenance_is_refused_and_goes_through_after_it(
        self, bench: RemoteBench, connector: Connector, verb: str
    ) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: "before"})
        (draft,) = self.drafts(bench, 1)
        cursor = self.present(bench, connector)

        def write() -> list[Outcome]:
            if verb == "create":
                return connector.create(bench.object_type, [draft])
            return [self.change(bench, connector, record.ref.remote_id, {bench.text_field: "after"})]

        broken(bench, "read_only", verb)
        outcomes = attempted(write)
        assert all(heals(outcome) for outcome in outcomes)
        shown = self.show(bench, connector, record.ref.remote_id)
        assert shown.get(bench.text_field) == "before"
        assert self.times(bench, cursor, [draft]) == [0]
        bench.clear_faults()
        (done,) = write()
        assert applied(done).get(bench.text_field) == ("after" if verb == "update" else None)
        assert self.times(bench, cursor, [draft]) == [int(verb == "create")]

    @pytest.mark.parametrize("kind", ["storm", "read_only", "unauthorised"])
    def test_what_stops_the_connection_in_a_batch_refuses_the_rest_and_loses_none(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        size = self.able(bench, connector).create_batch
        drafts = self.drafts(bench, size + 2)
        cursor = self.present(bench, connector)
        broken(bench, kind, "create", skip=1, seconds=HOURS)
        outcomes = connector.create(bench.object_type, drafts)
        bench.clear_faults()
        assert len(outcomes) == len(drafts)
        done = [outcome for outcome in outcomes if outcome.status is OutcomeStatus.APPLIED]
        held = [draft for draft, outcome in zip(drafts, outcomes, strict=True) if heals(outcome)]
        assert 1 <= len(done) <= size
        assert len(done) + len(held) == len(drafts)
        for outcome in self.other(bench).create(bench.object_type, held):
            applied(outcome)
        assert set(self.times(bench, cursor, drafts)) == {1}

    def test_a_token_that_expires_between_two_batches_is_renewed(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(bench.renews_token, "renews_token")
        drafts = self.drafts(bench, self.able(bench, connector).create_batch + 1)
        cursor = self.present(bench, connector)
        broken(bench, "unauthorised", "create", count=1, skip=1)
        for outcome in connector.create(bench.object_type, drafts):
            applied(outcome)
        assert set(self.times(bench, cursor, drafts)) == {1}

    def test_a_create_is_not_called_refused_because_the_look_after_it_failed(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (draft,) = self.drafts(bench, 1)
        cursor = self.present(bench, connector)
        broken(bench, "server_error", "fetch")
        (outcome,) = connector.create(bench.object_type, [draft])
        bench.clear_faults()
        assert outcome.status in {OutcomeStatus.APPLIED, OutcomeStatus.UNKNOWN}
        assert self.times(bench, cursor, [draft]) == [1]
