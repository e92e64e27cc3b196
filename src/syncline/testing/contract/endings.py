"""Promises about records that end, go on in others, and come back."""

from __future__ import annotations

from syncline.connectors.base import Connector
from syncline.core.model import Ending, Fate, OutcomeStatus, Record, Ref
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, needs


class EndingPromises(Promises):
    """Deletes of our own; what other people deleted, merged, converted and restored is told apart."""

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
        needs(self.able(bench, connector).tells_fates, "tells_fates")
        survivor, loser = self.make(bench, connector, 2)
        cursor = self.present(bench, connector)
        needs(bench.merge(survivor.ref.remote_id, loser.ref.remote_id), "merges that show")
        shown = self.read(bench, self.other(bench), cursor).last
        self._went_to(shown[loser.ref.remote_id], survivor.ref)
        assert not shown.get(survivor.ref.remote_id, survivor).deleted

    def test_a_fate_is_told_by_id_and_forgotten_by_no_full_read(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).tells_fates, "tells_fates")
        survivor, loser = self.make(bench, connector, 2)
        needs(bench.merge(survivor.ref.remote_id, loser.ref.remote_id), "merges that show")
        whole = self.read(bench, connector).last
        if loser.ref.remote_id in whole:
            self._went_to(whole[loser.ref.remote_id], survivor.ref)
        fields = self.names(bench, connector)
        (found,) = connector.fetch(bench.object_type, [loser.ref.remote_id], fields)
        self._went_to(found, survivor.ref)

    def test_a_deleted_record_is_told_by_its_id(self, bench: RemoteBench, connector: Connector) -> None:
        able = self.able(bench, connector)
        needs(able.sees_deletions or able.deletions_by_id, "sees_deletions or deletions_by_id")
        kept, gone = self.make(bench, connector, 2)
        bench.remove(gone.ref.remote_id)
        shown = self._fetched(bench, connector, kept.ref, gone.ref)
        assert not shown[kept.ref].deleted
        assert (shown[gone.ref].deleted, shown[gone.ref].fate) == (True, None)

    def test_nobody_calls_a_record_deleted_that_never_was(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        missing = Ref(bench.object_type, bench.missing_id)
        assert self._fetched(bench, connector, missing) == {}

    def test_each_step_of_a_chain_of_merges_is_told(self, bench: RemoteBench, connector: Connector) -> None:
        needs(self.able(bench, connector).tells_fates, "tells_fates")
        first, second, last = (record.ref for record in self.make(bench, connector, 3))
        needs(bench.merge(second.remote_id, first.remote_id), "merges (RemoteBench.merge)")
        bench.merge(last.remote_id, second.remote_id)
        shown = self._fetched(bench, connector, first, second, last)
        into = [fate.into if (fate := shown[ref].fate) else () for ref in (first, second, last)]
        assert into == [(second,), (last,), ()]

    def test_a_converted_record_names_what_it_became(self, bench: RemoteBench, connector: Connector) -> None:
        needs(self.able(bench, connector).tells_fates, "tells_fates")
        (record,) = self.make(bench, connector)
        cursor = self.present(bench, connector)
        became = bench.convert(record.ref.remote_id)
        needs(became, "conversions (RemoteBench.convert)")
        read = self.read(bench, connector, cursor).last[record.ref.remote_id]
        for shown in (read, self._fetched(bench, connector, record.ref)[record.ref]):
            assert shown.deleted
            assert shown.fate
            assert shown.fate.how is Ending.CONVERTED
            assert set(shown.fate.into) == set(became)

    def test_a_restored_record_lives(self, bench: RemoteBench, connector: Connector) -> None:
        able = self.able(bench, connector)
        needs(able.sees_deletions, "sees_deletions")
        (record,) = self.make(bench, connector)
        bench.remove(record.ref.remote_id)
        cursor = self.present(bench, connector)
        needs(bench.restore(record.ref.remote_id), "restoring (RemoteBench.restore)")
        read = self.read(bench, connector, cursor).last[record.ref.remote_id]
        for shown in (read, self._fetched(bench, connector, record.ref)[record.ref]):
            assert not shown.deleted
            assert shown.values[bench.email_field] == record.values[bench.email_field]

    def test_a_restored_loser_of_a_merge_is_one_of_its_own(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).tells_fates, "tells_fates")
        winner, loser = self.make(bench, connector, 2)
        needs(bench.merge(winner.ref.remote_id, loser.ref.remote_id), "merges (RemoteBench.merge)")
        needs(bench.restore(loser.ref.remote_id), "restoring (RemoteBench.restore)")
        shown = self._fetched(bench, connector, loser.ref)[loser.ref]
        assert (shown.deleted, shown.fate) == (False, None)

    def _fetched(self, bench: RemoteBench, connector: Connector, *refs: Ref) -> dict[Ref, Record]:
        ids = [ref.remote_id for ref in refs]
        found = connector.fetch(bench.object_type, ids, self.names(bench, connector))
        return {record.ref: record for record in found}

    @staticmethod
    def _went_to(record: Record, survivor: Ref) -> None:
        assert record.deleted
        assert record.fate == Fate(Ending.MERGED, (survivor,))
