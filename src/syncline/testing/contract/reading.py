"""Promises about reads: nothing is missed, nothing is shown as new twice, cursors can be kept."""

from __future__ import annotations

import pytest

from syncline.connectors.base import Connector
from syncline.core.errors import ProtocolError, RemoteError
from syncline.core.model import Kind
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, Reading, broken, ids, needs, stored_cursor


class ReadingPromises(Promises):
    """Full reads and what follows them."""

    def test_a_full_read_shows_every_record(self, bench: RemoteBench, connector: Connector) -> None:
        made = self.make(bench, connector, 3)
        assert ids(made) <= self.read(bench, connector).last.keys()

    @pytest.mark.parametrize("beyond", [-1, 0, 1])
    def test_no_record_is_lost_at_the_edge_of_a_page(
        self, bench: RemoteBench, connector: Connector, beyond: int
    ) -> None:
        before = self.count(bench, connector)
        made = self.make(bench, connector, (beyond - before) % bench.page_size or bench.page_size)
        assert self.count(bench, connector) == before + len(made)
        assert ids(made) <= self.read(bench, connector).last.keys()

    def count(self, bench: RemoteBench, connector: Connector) -> int:
        return sum(1 for record in self.read(bench, connector).last.values() if not record.deleted)

    def test_only_the_last_page_is_done_or_complete(self, bench: RemoteBench, connector: Connector) -> None:
        self.make(bench, connector, bench.page_size + 1)
        pages = self.read(bench, connector).pages
        assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
        assert not any(page.complete for page in pages[:-1])

    def test_the_total_counts_the_records_of_the_read(self, bench: RemoteBench, connector: Connector) -> None:
        self.make(bench, connector, 2)
        read = self.read(bench, connector)
        needs(read.pages[0].total is not None, "the system tells how many records there are")
        assert read.pages[0].total == len(read.last)

    def test_a_full_read_goes_on_from_a_stored_cursor_in_another_process(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        first = next(connector.changes(bench.object_type, None, self.names(bench, connector)))
        assert not first.done
        other = self.other(bench)
        rest = self.read(bench, other, stored_cursor(first.cursor))
        assert ids(made) <= ids(list(first.records)) | rest.last.keys()

    def test_every_cursor_of_a_read_can_be_used_again(self, bench: RemoteBench, connector: Connector) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        pages = self.read(bench, connector).pages
        for number, page in enumerate(pages[:2]):
            shown = {record.ref.remote_id for earlier in pages[: number + 1] for record in earlier.records}
            again = self.read(bench, self.other(bench), stored_cursor(page.cursor))
            assert ids(made) <= shown | again.last.keys()

    def test_an_edit_is_shown_by_the_next_read_in_another_process(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        cursor = self.present(bench, connector)
        bench.edit(record.ref.remote_id, {bench.text_field: "edited by a person"})
        other = self.other(bench)
        found = self.read(bench, other, cursor).last[record.ref.remote_id]
        assert found.get(bench.text_field) == "edited by a person"

    def test_a_new_record_is_shown_by_the_next_read(self, bench: RemoteBench, connector: Connector) -> None:
        cursor = self.present(bench, connector)
        made = self.make(bench, self.other(bench), 2)
        assert ids(made) <= self.read(bench, connector, cursor).last.keys()

    def test_a_change_in_the_second_of_the_last_read_is_shown(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, 4)
        cursor = self.present(bench, connector)
        for number, record in enumerate(made):
            bench.edit(record.ref.remote_id, {bench.text_field: f"same second {number}"})
            read = self.read(bench, connector, cursor)
            assert read.last[record.ref.remote_id].get(bench.text_field) == f"same second {number}"
            cursor = read.cursor

    def test_more_changes_of_one_second_than_fill_a_page_are_shown(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        cursor = self.present(bench, connector)
        made = self.make(bench, connector, bench.page_size + 3)
        assert ids(made) <= self.read(bench, connector, cursor).last.keys()

    def test_what_changes_during_a_read_is_shown_in_it_or_in_the_next(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 4)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        edited = [made[0].ref.remote_id, made[-1].ref.remote_id]
        for id_ in edited:
            bench.edit(id_, {bench.text_field: "moved meanwhile"})
        rest = Reading([first, *self.pages(read)])
        following = self.read(bench, connector, rest.cursor)
        assert ids(made) <= rest.last.keys()
        for id_ in edited:
            shown = (rest.last | following.last)[id_]
            assert shown.get(bench.text_field) == "moved meanwhile"

    def test_a_deletion_during_a_read_hides_no_neighbour(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, 2 * bench.page_size + 1)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        gone = next(r.ref.remote_id for r in first.records)
        bench.remove(gone)
        rest = Reading([first, *self.pages(read)])
        assert ids(made) - {gone} <= rest.last.keys()

    def test_a_late_commit_with_an_older_stamp_is_shown(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        late, early = self.make(bench, connector, 2)
        cursor = self.present(bench, connector)
        commit = bench.edit_late(late.ref.remote_id, {bench.text_field: "committed late"})
        needs(commit, "late commits (RemoteBench.edit_late)")
        bench.edit(early.ref.remote_id, {bench.text_field: "committed early"})
        between = self.read(bench, connector, cursor)
        assert between.last[early.ref.remote_id].get(bench.text_field) == "committed early"
        assert commit is not None
        commit()
        after = self.read(bench, connector, between.cursor)
        assert after.last[late.ref.remote_id].get(bench.text_field) == "committed late"

    def test_a_quiet_set_yields_nothing_new(self, bench: RemoteBench, connector: Connector) -> None:
        self.make(bench, connector, 3)
        read = self.read(bench, connector)
        shown = read.last
        for _ in range(3):
            read = self.read(bench, connector, read.cursor)
            for id_, record in read.last.items():
                assert id_ in shown
                assert record.values == shown[id_].values

    def test_what_was_shown_is_not_shown_again_beyond_the_declared_overlap(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        self.make(bench, connector, 3)
        bench.advance(self.able(bench, connector).overlap.total_seconds() + 60)
        read = self.read(bench, connector, self.present(bench, connector))
        bench.advance(self.able(bench, connector).overlap.total_seconds() + 60)
        assert self.read(bench, self.other(bench), read.cursor).records == []

    def test_a_deletion_is_shown(self, bench: RemoteBench, connector: Connector) -> None:
        needs(self.able(bench, connector).sees_deletions, "sees_deletions")
        kept, gone = self.make(bench, connector, 2)
        cursor = self.present(bench, connector)
        bench.remove(gone.ref.remote_id)
        read = self.read(bench, connector, cursor)
        assert read.last[gone.ref.remote_id].deleted
        assert not (kept.ref.remote_id in read.last and read.last[kept.ref.remote_id].deleted)

    def test_a_full_read_shows_no_deleted_record_as_alive(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (gone,) = self.make(bench, connector)
        bench.remove(gone.ref.remote_id)
        shown = self.read(bench, connector).last.get(gone.ref.remote_id)
        assert shown is None or shown.deleted

    def test_a_token_that_expires_between_pages_is_renewed(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(bench.renews_token, "renews_token")
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        bench.expire_token()
        assert ids(made) <= Reading([first, *self.pages(read)]).last.keys()

    def test_a_page_that_repeats_for_ever_ends_in_a_protocol_error(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        self.make(bench, connector, 2 * bench.page_size + 1)
        self.wait_for_listings(bench, connector)
        broken(bench, "repeat_page", "read")
        with pytest.raises(ProtocolError):
            self.pages(connector.changes(bench.object_type, None, self.names(bench, connector)))

    def test_a_read_that_broke_off_goes_on_from_its_last_cursor(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        broken(bench, "server_error", "read")
        with pytest.raises(RemoteError):
            self.pages(read)
        bench.clear_faults()
        rest = self.read(bench, self.other(bench), stored_cursor(first.cursor))
        assert ids(made) <= ids(list(first.records)) | rest.last.keys()

    def test_every_object_type_can_be_read_and_users_are_among_them(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        types = connector.object_types()
        assert bench.object_type in types
        assert Kind.USER in types.values()
        for object_type, kind in types.items():
            schema = connector.describe(object_type)
            page = next(connector.changes(object_type, None, list(schema.fields)))
            assert schema.kind is kind
            assert all(record.ref.object_type == object_type for record in page.records)
