"""Each promise that matters most is broken by one connector, and the contract has to notice."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import pytest

from syncline.connectors.base import Change, Connector, Cursor, Draft, Page
from syncline.connectors.memory import MemoryConnector, MemorySystem, Quirks
from syncline.core.errors import AuthError, SynclineError, UnavailableError
from syncline.core.model import ErrorClass, Failure, Outcome, OutcomeStatus, Raw, Record
from syncline.testing.contract import ConnectorContract
from tests.contract.test_memory import MemoryBench


class LosesTheEdge(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        size = self.remote.page_size
        for page in super().changes(object_type, cursor, fields):
            kept = page.records[:-1] if len(page.records) == size else page.records
            yield replace(page, records=kept)


class NeverDone(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        for page in super().changes(object_type, cursor, fields):
            yield replace(page, done=False)


class CursorOnlyInMemory(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        for page in super().changes(object_type, cursor, fields):
            yield replace(page, cursor={**page.cursor, "at": datetime.now(UTC)})


class StartsAtPresent(MemoryConnector):
    """Cursors are not heeded: whatever happened before the read began is lost."""

    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        newest = {"since": self.remote.rows.stamp + self.remote.overlap, "shown": {}}
        return super().changes(object_type, newest if cursor else None, fields)


class NoOverlap(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        since = int(cursor["since"]) if cursor and "since" in cursor else 0
        for page in super().changes(object_type, cursor, fields):
            yield replace(page, records=[r for r in page.records if int(r.version or 0) > since])


class HidesDeletions(MemoryConnector):
    def changes(self, object_type: str, cursor: Cursor | None, fields: Sequence[str]) -> Iterator[Page]:
        for page in super().changes(object_type, cursor, fields):
            yield replace(page, records=[r for r in page.records if not r.deleted])


class Backwards(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return super().create(object_type, drafts)[::-1]


class SendsTwice(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        first = super().create(object_type, drafts)
        unknown = any(outcome.status is OutcomeStatus.UNKNOWN for outcome in first)
        return super().create(object_type, drafts) if unknown else first


class OverwritesTwins(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        return list(chain.from_iterable(self._one(object_type, draft) for draft in drafts))

    def _one(self, object_type: str, draft: Draft) -> list[Outcome]:
        twins = self.find(object_type, "email", [str(draft.values["email"])], ["email"])
        if twins:
            return self.update(object_type, [Change(twins[0].ref.remote_id, draft.values)])
        return super().create(object_type, [draft])


class OneBadApple(MemoryConnector):
    def create(self, object_type: str, drafts: Sequence[Draft]) -> list[Outcome]:
        if any(draft.values.get("stage") == "no such option" for draft in drafts):
            bad = Failure(ErrorClass.VALIDATION, "BAD_OPTION", "no such option")
            return [Outcome(OutcomeStatus.REJECTED, failure=bad) for _ in drafts]
        return super().create(object_type, drafts)


class WritesEverything(MemoryConnector):
    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        full = [replace(c, values={"first": None, "stage": None, **c.values}) for c in changes]
        return super().update(object_type, full)


class KeepsWhatShouldGo(MemoryConnector):
    def update(self, object_type: str, changes: Sequence[Change]) -> list[Outcome]:
        filled = [replace(c, values={n: v for n, v in c.values.items() if v}) for c in changes]
        return super().update(object_type, filled)


class SaysNothingOfReformatting(MemoryConnector):
    def stored_as(self, object_type: str, name: str, value: Raw) -> Raw:
        return value


class NaiveTimes(MemoryConnector):
    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        found = super().fetch(object_type, ids, fields)
        return [
            replace(r, changed_at=r.changed_at.replace(tzinfo=None) if r.changed_at else None) for r in found
        ]


class SpellsIdsAsAsked(MemoryConnector):
    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        found = super().fetch(object_type, ids, fields)
        return [replace(r, ref=replace(r.ref, remote_id=i)) for r, i in zip(found, ids, strict=False)]


class FindsEverything(MemoryConnector):
    def find(self, object_type: str, key: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        return list(next(self.changes(object_type, None, fields)).records)


class TellsSecrets(MemoryConnector):
    def check(self) -> object:  # type: ignore[override]
        try:
            return super().check()
        except AuthError as error:
            raise AuthError(f"{self._key} is not accepted") from error


class NeverGivesUp(MemoryConnector):
    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        for _ in range(50):
            try:
                return super().fetch(object_type, ids, fields)
            except UnavailableError:
                continue
        return super().fetch(object_type, ids, fields)


class RaisesWhatItShouldReturn(MemoryConnector):
    def fetch(self, object_type: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        found = super().fetch(object_type, ids, fields)
        if len(found) < len(ids):
            raise KeyError(ids)
        return found


class CountsNothing(MemoryConnector):
    def calls_made(self) -> Mapping[str, int]:
        return {}


BITES = [
    (LosesTheEdge, "test_no_record_is_lost_at_the_edge_of_a_page", {"beyond": 0}),
    (NeverDone, "test_only_the_last_page_is_done_or_complete", {}),
    (CursorOnlyInMemory, "test_a_new_record_is_shown_by_the_next_read", {}),
    (StartsAtPresent, "test_an_edit_is_shown_by_the_next_read_in_another_process", {}),
    (StartsAtPresent, "test_a_full_read_goes_on_from_a_stored_cursor_in_another_process", {}),
    (NoOverlap, "test_a_late_commit_with_an_older_stamp_is_shown", {}),
    (HidesDeletions, "test_a_deletion_is_shown", {}),
    (Backwards, "test_creates_are_answered_in_order", {}),
    (OverwritesTwins, "test_a_create_never_changes_a_record_that_exists", {}),
    (OneBadApple, "test_an_unknown_option_is_refused_and_the_neighbours_go_on", {}),
    (WritesEverything, "test_fields_that_are_not_named_stay", {}),
    (KeepsWhatShouldGo, "test_an_empty_value_clears", {"empty": None}),
    (SaysNothingOfReformatting, "test_stored_as_tells_what_is_kept_of_a_text", {"text": "  blanks around  "}),
    (SaysNothingOfReformatting, "test_stored_as_tells_what_is_kept_of_an_email", {}),
    (SaysNothingOfReformatting, "test_stored_as_tells_what_is_kept_in_fields_of_every_type", {}),
    (NaiveTimes, "test_times_are_aware_and_in_utc", {}),
    (SpellsIdsAsAsked, "test_an_id_has_one_form_everywhere", {}),
    (FindsEverything, "test_find_finds_by_match_key", {}),
    (FindsEverything, "test_find_takes_quotes_and_wildcards_literally", {}),
    (TellsSecrets, "test_wrong_credentials_are_an_auth_error_everywhere", {}),
    (RaisesWhatItShouldReturn, "test_fetch_leaves_out_or_marks_what_is_not_there", {}),
    (CountsNothing, "test_calls_are_counted", {}),
    (
        NeverGivesUp,
        "test_a_system_that_stays_broken_is_given_up_in_a_few_tries",
        {"verb": "fetch", "kind": "reset", "error": UnavailableError},
    ),
]


class BrokenBench(MemoryBench):
    def __init__(self, made: type[MemoryConnector]) -> None:
        super().__init__(Quirks(formats=True))
        self._made = made

    def connector(self) -> Connector:
        return self._made(self.remote)

    def bad_credentials_connector(self) -> Connector:
        return self._made(self.remote, key="wrong-key")


@pytest.mark.parametrize(
    ("made", "promise", "case"), BITES, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_broken_promise_is_noticed(
    made: type[MemoryConnector], promise: str, case: Mapping[str, object]
) -> None:
    assert kept(BrokenBench, MemoryConnector, promise, case)
    assert not kept(BrokenBench, made, promise, case)


def kept(
    on: type[BrokenBench], made: type[MemoryConnector], promise: str, case: Mapping[str, object]
) -> bool:
    """Whether the contract is satisfied with a connector on such a bench."""
    bench = on(made)
    test = getattr(ConnectorContract(), promise)
    fixtures = {"bench": bench, "connector": bench.connector()}
    wanted = {name: fixtures[name] for name in fixtures if name in inspect.signature(test).parameters}
    try:
        test(**wanted, **case)
    except (AssertionError, KeyError, TypeError, SynclineError, pytest.fail.Exception):
        return False
    return True


def test_a_promise_that_does_not_apply_is_skipped_with_its_capability() -> None:
    bench = MemoryBench()
    bench.faults = frozenset()
    with pytest.raises(pytest.skip.Exception, match="the fault repeat_page"):
        ConnectorContract().test_a_page_that_repeats_for_ever_ends_in_a_protocol_error(
            bench, bench.connector()
        )


def test_a_memory_system_answers_only_to_its_keys() -> None:
    remote = MemorySystem(MemoryBench().clock)
    with pytest.raises(AuthError):
        MemoryConnector(remote, key="another").check()
