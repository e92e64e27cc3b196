"""Promises about records that end: what was deleted or merged shows, and says where it went."""

from __future__ import annotations

from syncline.connectors.base import Connector
from syncline.core.model import Ending, Fate, OutcomeStatus, Record, Ref
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, needs


class EndingPromises(Promises):
    """Deletes of our own, and merges of other people."""

    def test_each_delete_of_a_batch_has_an_outcome_of_its_own(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        able = self.able(bench, connector)
        needs(able.deletes, "deletes")
        made = self.make(bench, connector, able.update_batch + 1)
        ids = [record.ref.remote_id for record in made]
        outcomes = connector.delete(bench.object_type, [*ids, bench.missing_id])
        assert [o.status for o in outcomes] == [*[OutcomeStatus.APPLIED] * len(ids), OutcomeStatus.REJECTED]
        found = connector.fetch(bench.object_type, ids, self.names(bench, connector))
        assert all(record.deleted for record in found)

    def test_what_we_deleted_shows_as_deleted(self, bench: RemoteBench, connector: Connector) -> None:
        able = self.able(bench, connector)
        needs(able.deletes and able.sees_deletions, "deletes that show")
        kept, gone = self.make(bench, connector, 2)
        cursor = self.present(bench, connector)
        connector.delete(bench.object_type, [gone.ref.remote_id])
        shown = self.read(bench, self.other(bench), cursor).last
        assert shown[gone.ref.remote_id].deleted
        assert shown[gone.ref.remote_id].fate is None
        assert not (kept.ref.remote_id in shown and shown[kept.ref.remote_id].deleted)

    def test_a_merged_record_says_into_which_one_it_went(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).sees_deletions, "sees_deletions")
        survivor, loser = self.make(bench, connector, 2)
        cursor = self.present(bench, connector)
        needs(bench.merge(survivor.ref.remote_id, loser.ref.remote_id), "merges that show")
        shown = self.read(bench, self.other(bench), cursor).last
        self._went_to(shown[loser.ref.remote_id], survivor.ref)
        assert not shown.get(survivor.ref.remote_id, survivor).deleted

    def test_a_fate_is_told_by_id_and_forgotten_by_no_full_read(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).sees_deletions, "sees_deletions")
        survivor, loser = self.make(bench, connector, 2)
        needs(bench.merge(survivor.ref.remote_id, loser.ref.remote_id), "merges that show")
        whole = self.read(bench, connector).last
        if loser.ref.remote_id in whole:
            self._went_to(whole[loser.ref.remote_id], survivor.ref)
        fields = self.names(bench, connector)
        (found,) = connector.fetch(bench.object_type, [loser.ref.remote_id], fields)
        self._went_to(found, survivor.ref)

    @staticmethod
    def _went_to(record: Record, survivor: Ref) -> None:
        assert record.deleted
        assert record.fate == Fate(Ending.MERGED, (survivor,))
