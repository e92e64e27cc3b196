"""Promises about reads under misbehaviour: they end well or in a coded error, and nothing is lost for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from syncline.connectors.base import Connector, Page
from syncline.core.errors import ProtocolError, QuotaError, RateLimitedError, RemoteError, SynclineError
from syncline.core.model import Record
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.errors import CALLS_AT_MOST, WAIT_AT_MOST
from syncline.testing.contract.promises import (
    PAGES_AT_MOST,
    Promises,
    Reading,
    broken,
    ids,
    needs,
    stored_cursor,
)

HOURS = 7200
BEHIND = 45
"""Seconds that a listing lags: less than any connector goes back for what came late."""
WRONG = 600
"""Seconds by which a system's clock is wrong."""


class SetbackPromises(Promises):
    """Reads while the system is busy, behind, wrong about the time, or changed under them."""

    def test_a_storm_is_waited_out_or_told_with_its_end(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        broken(bench, "storm", "fetch", seconds=20)
        start = bench.clock.now()
        try:
            shown = self.show(bench, connector, record.ref.remote_id)
        except (RateLimitedError, QuotaError) as error:
            bench.advance(seconds_until(bench, error) + 1)
            shown = self.show(bench, connector, record.ref.remote_id)
        assert shown.ref == record.ref
        assert bench.clock.now() - start <= WAIT_AT_MOST

    def test_a_storm_of_hours_is_told_with_the_time_to_come_back(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, 2)
        names = self.names(bench, connector)
        broken(bench, "storm", "read", seconds=HOURS)
        start, calls = bench.clock.now(), sum(connector.calls_made().values())
        with pytest.raises((RateLimitedError, QuotaError)) as caught:
            list(connector.changes(bench.object_type, None, names))
        assert seconds_until(bench, caught.value) > 0
        assert sum(connector.calls_made().values()) - calls <= CALLS_AT_MOST
        assert bench.clock.now() - start <= WAIT_AT_MOST
        bench.advance(HOURS)
        assert ids(made) <= self.read(bench, connector).last.keys()

    def test_a_listing_that_lags_hides_no_change_for_good(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (known,) = self.make(bench, connector)
        cursor = self.present(bench, connector)
        broken(bench, "stale", "read", seconds=BEHIND)
        fresh = self.make(bench, connector, 2)
        bench.edit(known.ref.remote_id, {bench.text_field: "changed unseen"})
        early = self.now(bench, connector, cursor)
        assert self.show(bench, connector, known.ref.remote_id).get(bench.text_field) == "changed unseen"
        bench.advance(BEHIND + 1)
        seen = early.last | self.now(bench, self.other(bench), early.cursor).last
        assert ids(fresh) <= seen.keys()
        assert seen[known.ref.remote_id].get(bench.text_field) == "changed unseen"

    def test_what_a_full_read_of_a_lagging_listing_misses_comes_later(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        self.make(bench, connector)
        self.wait_for_listings(bench, connector)
        broken(bench, "stale", "read", seconds=BEHIND)
        fresh = self.make(bench, connector, 2)
        early = self.now(bench, connector)
        bench.advance(BEHIND + 1)
        late = self.now(bench, self.other(bench), early.cursor)
        assert ids(fresh) <= (early.last | late.last).keys()

    @pytest.mark.parametrize("seconds", [WRONG, -WRONG])
    def test_a_wrong_clock_of_the_system_hides_nothing(
        self, bench: RemoteBench, connector: Connector, seconds: int
    ) -> None:
        (known,) = self.make(bench, connector)
        cursor = self.present(bench, connector)
        needs(bench.skew(seconds), "a clock that can be wrong (RemoteBench.skew)")
        try:
            made = self.make(bench, connector, 2)
            first = self.read(bench, connector, cursor)
            bench.edit(known.ref.remote_id, {bench.text_field: "at a wrong time"})
            second = self.read(bench, self.other(bench), first.cursor)
            whole = self.read(bench, self.other(bench))
        finally:
            bench.skew(0)
            bench.advance(2 * WRONG + 3600)  # what was stamped ahead of time is past by then
        assert ids(made) <= first.last.keys()
        assert second.last[known.ref.remote_id].get(bench.text_field) == "at a wrong time"
        assert {*ids(made), known.ref.remote_id} <= whole.last.keys()

    @pytest.mark.parametrize("kind", ["truncate", "cut", "html", "reset", "storm"])
    def test_a_read_cut_off_between_two_pages_goes_on_where_it_was(
        self, bench: RemoteBench, connector: Connector, kind: str
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        broken(bench, kind, "read", seconds=HOURS)
        with pytest.raises(SynclineError) as caught:
            self.pages(read)
        assert caught.value.code
        bench.clear_faults()
        rest = self.now(bench, self.other(bench), stored_cursor(first.cursor))
        assert ids(made) <= ids(list(first.records)) | rest.last.keys()

    def test_a_page_that_comes_twice_hides_no_other(self, bench: RemoteBench, connector: Connector) -> None:
        made = self.make(bench, connector, 2 * bench.page_size + 1)
        self.wait_for_listings(bench, connector)
        broken(bench, "repeat_page", "read", count=1, skip=1)
        shown: list[Page] = []
        try:
            for page in connector.changes(bench.object_type, None, self.names(bench, connector)):
                shown.append(page)
                assert len(shown) < PAGES_AT_MOST, "the read does not end"
        except ProtocolError:
            bench.clear_faults()
            cursor = stored_cursor(shown[-1].cursor) if shown else None
            shown += self.now(bench, self.other(bench), cursor).pages
        assert ids(made) <= Reading(shown).last.keys()

    def test_a_read_whose_place_the_system_forgets_goes_on(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        needs(bench.forget_reads(), "a system that keeps where a read was (RemoteBench.forget_reads)")
        assert ids(made) <= self.now(bench, connector).last.keys()

    def test_fields_that_change_between_two_pages_hide_no_record(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, bench.page_size + 2)
        self.wait_for_listings(bench, connector)
        read = connector.changes(bench.object_type, None, self.names(bench, connector))
        first = next(read)
        undo = bench.change_fields()
        needs(undo, "fields that can be changed (RemoteBench.change_fields)")
        assert undo is not None
        try:
            rest = Reading(self.pages(read))
            again = self.now(bench, self.other(bench))
        finally:
            undo()
        assert ids(made) <= ids(list(first.records)) | rest.last.keys()
        assert ids(made) <= again.last.keys()
        assert all(self.still_there(bench, record) for record in rest.records if record.ref in refs(made))

    def test_a_read_of_nothing_new_yields_a_page_that_is_done(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        cursor = self.present(bench, connector)
        pages = list(connector.changes(bench.object_type, cursor, self.names(bench, connector)))
        assert pages
        assert pages[-1].done
        assert self.now(bench, self.other(bench), stored_cursor(pages[-1].cursor)).pages

    def now(self, bench: RemoteBench, connector: Connector, cursor: object = None) -> Reading:
        """A whole read at once, whatever the listings show."""
        names = self.names(bench, connector)
        return Reading(self.pages(connector.changes(bench.object_type, cursor, names)))  # type: ignore[arg-type]

    def still_there(self, bench: RemoteBench, record: Record) -> bool:
        """Whether a record of a draft came with its address."""
        return bool(record.get(bench.email_field)) and not record.deleted


def refs(records: list[Record]) -> set[object]:
    return {record.ref for record in records}


def seconds_until(bench: RemoteBench, error: RemoteError) -> float:
    """How long an error says to stay away; it has to say so."""
    when: datetime | None = vars(error).get("retry_at") or vars(error).get("until")
    assert when is not None, f"{error.code} does not say when to come back"
    return max(0.0, (when - bench.clock.now()) / timedelta(seconds=1))
