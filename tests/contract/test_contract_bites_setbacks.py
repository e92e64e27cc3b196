"""Each promise about misbehaviour is broken by one connector, and the contract has to notice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import pytest

from syncline.connectors.base import Change, Cursor, Draft, Page
from syncline.connectors.memory import MemoryConnector
from syncline.connectors.memory.faults import WireError
from syncline.core.errors import AuthError, ProtocolError, RateLimitedError, RemoteError, UnavailableError
from syncline.core.model import ErrorClass, Failure, Outcome, OutcomeStatus
from tests.contract.test_contract_bites import BrokenBench, NeverGivesUp, SendsTwice, kept

T = TypeVar("T")


class NeverSaysWhen(MemoryConnector):
    def _wait_or_raise(self, error: WireError, verb: str, attempt: int, *, last: bool) -> None:
        if error.status == 429:
            raise RateLimitedError("too many calls") from error
        super()._wait_or_raise(error, verb, attempt, last=last)


class GoesOnFromThePresent(MemoryConnector):
    """What happened before a read ended is taken to have been in it."""

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        newest = {"since": self.remote.rows.stamp + self.remote.overlap, "shown": {}}
        for page in super().changes(object_type, cursor, fields):
            yield replace(page, cursor=newest) if page.done else page


class GoesByItsOwnClock(MemoryConnector):
    """Neither what was stamped before the last read is new, nor what is stamped in the future."""

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        now, before = self.remote.clock.now(), (cursor or {}).get("at")
        for page in super().changes(object_type, cursor, fields):
            moments = [(record, record.changed_at) for record in page.records]
            fit = [r for r, at in moments if at and at <= now and (before is None or at >= when(before))]
            yield replace(page, records=fit, cursor={**page.cursor, "at": now.isoformat()})


class SwallowsTheEnd(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        last = Page([], {})
        try:
            for last in super().changes(object_type, cursor, fields):
                yield last
        except (ProtocolError, RemoteError):
            yield replace(last, records=[], done=True)


class EndsAtARepetition(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        try:
            yield from super().changes(object_type, cursor, fields)
        except ProtocolError:
            yield Page([], {"since": self.remote.rows.stamp, "shown": {}}, done=True)


class LosesItsPlace(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        yield replace(next(super().changes(object_type, cursor, fields)), done=True)


class EndsWithTheOldFields(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        for page in super().changes(object_type, cursor, fields):
            moved_on = self.remote.types[object_type] is not self.describe(object_type)
            yield replace(page, records=[], done=True) if moved_on else page


class ShowsAllAgain(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        again = {"since": 0, "shown": {}} if cursor and "since" in cursor else cursor
        return super().changes(object_type, again, fields)


class SaysNothingOfNothing(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        yield from (page for page in super().changes(object_type, cursor, fields) if page.records)


class CallsItRejected(MemoryConnector):
    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        lost = Outcome(OutcomeStatus.REJECTED, failure=Failure(ErrorClass.TRANSIENT, "LOST", "no answer"))
        outcomes = super().update(object_type, changes)
        return [lost if o.status is OutcomeStatus.UNKNOWN else o for o in outcomes]


class CallsMaintenanceUnknown(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return self._doubtful(len(drafts), lambda: super(type(self), self).create(object_type, drafts))

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        return self._doubtful(len(changes), lambda: super(type(self), self).update(object_type, changes))

    def _doubtful(self, size: int, write: Callable[[], list[Outcome]]) -> list[Outcome]:
        try:
            return write()
        except UnavailableError as error:
            lost = Failure(ErrorClass.TRANSIENT, error.code, error.message)
            return [Outcome(OutcomeStatus.UNKNOWN, failure=lost)] * size


class BlamesTheRecords(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        blamed = Failure(ErrorClass.PERMISSION, "NOT_ALLOWED", "the key is not accepted")
        outcomes = super().create(object_type, drafts)
        return [replace(o, failure=blamed) if o.status is OutcomeStatus.REJECTED else o for o in outcomes]


class ForgetsTheRest(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        outcomes = super().create(object_type, drafts)
        return [outcome for outcome in outcomes if outcome.status is OutcomeStatus.APPLIED]


class NeverRenews(MemoryConnector):
    def _call(
        self, verb: str, object_type: str | None, act: Callable[[], T], *, repeatable: bool = True
    ) -> T:
        try:
            return self.remote.call(self._access(), verb, object_type, act)
        except WireError as error:
            raise AuthError("the token is not accepted") from error


class RejectsWhatItCannotSee(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return self._looked_at(object_type, super().create(object_type, drafts))

    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        return self._looked_at(object_type, super().update(object_type, changes))

    def _looked_at(self, object_type: str, outcomes: list[Outcome]) -> list[Outcome]:
        written = [outcome.record.ref.remote_id for outcome in outcomes if outcome.record]
        try:
            self.fetch(object_type, written, ["email"])
        except UnavailableError as error:
            unseen = Failure(ErrorClass.TRANSIENT, error.code, error.message)
            return [Outcome(OutcomeStatus.REJECTED, failure=unseen)] * len(outcomes)
        return outcomes


def when(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


UNANSWERED_CREATE = "test_a_create_without_an_answer_is_unknown_and_there_once_after_a_look"
UNANSWERED_UPDATE = "test_an_update_without_an_answer_is_unknown_and_can_be_sent_again_after_a_look"
MAINTENANCE = "test_a_write_during_maintenance_is_refused_and_goes_through_after_it"
STOPPED = "test_what_stops_the_connection_in_a_batch_refuses_the_rest_and_loses_none"
BITES = [
    (NeverSaysWhen, "test_a_storm_is_waited_out_or_told_with_its_end", {}),
    (NeverSaysWhen, "test_a_storm_of_hours_is_told_with_the_time_to_come_back", {}),
    (GoesOnFromThePresent, "test_a_listing_that_lags_hides_no_change_for_good", {}),
    (GoesOnFromThePresent, "test_what_a_full_read_of_a_lagging_listing_misses_comes_later", {}),
    (GoesByItsOwnClock, "test_a_wrong_clock_of_the_system_hides_nothing", {"seconds": 600}),
    (GoesByItsOwnClock, "test_a_wrong_clock_of_the_system_hides_nothing", {"seconds": -600}),
    (SwallowsTheEnd, "test_a_read_cut_off_between_two_pages_goes_on_where_it_was", {"kind": "cut"}),
    (SwallowsTheEnd, "test_a_read_cut_off_between_two_pages_goes_on_where_it_was", {"kind": "html"}),
    (EndsAtARepetition, "test_a_page_that_comes_twice_hides_no_other", {}),
    (LosesItsPlace, "test_a_read_whose_place_the_system_forgets_goes_on", {}),
    (EndsWithTheOldFields, "test_fields_that_change_between_two_pages_hide_no_record", {}),
    (ShowsAllAgain, "test_what_was_shown_is_not_shown_again_beyond_the_declared_overlap", {}),
    (SaysNothingOfNothing, "test_a_read_of_nothing_new_yields_a_page_that_is_done", {}),
    (SendsTwice, UNANSWERED_CREATE, {"kind": "cut", "after_commit": True}),
    (SendsTwice, UNANSWERED_CREATE, {"kind": "reset", "after_commit": True}),
    (CallsItRejected, UNANSWERED_UPDATE, {"kind": "html", "after_commit": True}),
    (CallsItRejected, UNANSWERED_UPDATE, {"kind": "truncate", "after_commit": True}),
    (CallsMaintenanceUnknown, MAINTENANCE, {"verb": "create"}),
    (CallsMaintenanceUnknown, MAINTENANCE, {"verb": "update"}),
    (BlamesTheRecords, STOPPED, {"kind": "unauthorised"}),
    (ForgetsTheRest, STOPPED, {"kind": "storm"}),
    (ForgetsTheRest, STOPPED, {"kind": "read_only"}),
    (NeverRenews, "test_a_token_that_expires_between_two_batches_is_renewed", {}),
    (
        RejectsWhatItCannotSee,
        "test_a_create_is_not_called_refused_because_the_look_after_it_failed",
        {},
    ),
    (
        RejectsWhatItCannotSee,
        "test_a_write_is_not_called_refused_because_the_look_after_it_failed",
        {},
    ),
    (
        NeverGivesUp,
        "test_a_system_that_stays_broken_is_given_up_in_a_few_tries",
        {"verb": "fetch", "kind": "cut", "error": UnavailableError},
    ),
]


class ForgetfulBench(BrokenBench):
    """One whose system is said to forget reads; a connector that keeps its own place does not mind."""

    def forget_reads(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("made", "promise", "case"), BITES, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_broken_promise_is_noticed(
    made: type[MemoryConnector], promise: str, case: Mapping[str, object]
) -> None:
    assert kept(ForgetfulBench, MemoryConnector, promise, case)
    assert not kept(ForgetfulBench, made, promise, case)
