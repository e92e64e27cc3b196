from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncline.sandbox.clock import Clock
from syncline.sandbox.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(str(tmp_path / "state.sqlite3"))
    yield opened
    opened.close()


def put_and_fail(
    state: State, *docs: dict[str, str], inside: AbstractContextManager[None] | None = None
) -> None:
    with state.transaction():
        with inside or nullcontext():
            for doc in docs:
                state.put("things", doc["id"], doc)
        raise RuntimeError


def test_documents_come_back_in_the_order_of_their_first_put(state: State) -> None:
    for id_ in ("b", "a", "c"):
        state.put("things", id_, {"id": id_})
    state.put("things", "b", {"id": "b", "changed": True})
    assert [doc["id"] for doc in state.all("things")] == ["b", "a", "c"]
    assert state.count("things") == 3


def test_a_document_got_is_a_copy(state: State) -> None:
    state.put("things", "a", {"list": [1]})
    copy = state.get("things", "a")
    assert copy is not None
    copy["list"].append(2)
    assert state.get("things", "a") == {"list": [1]}


def test_a_document_put_is_not_the_callers_object(state: State) -> None:
    doc: dict[str, object] = {"list": [1]}
    state.put("things", "a", doc)
    doc["list"] = []
    assert state.peek("things", "a") == {"list": [1]}


def test_an_index_follows_changes_and_deletions(state: State) -> None:
    state.put("things", "a", {"id": "a", "colour": "red"})
    state.index("things", "colour", lambda doc: [doc["colour"]] if doc["colour"] else [])
    state.put("things", "b", {"id": "b", "colour": "red"})
    state.put("things", "a", {"id": "a", "colour": "blue"})
    assert [doc["id"] for doc in state.find("things", "colour", "red")] == ["b"]
    assert [doc["id"] for doc in state.find("things", "colour", "blue")] == ["a"]
    assert state.delete("things", "b")
    assert state.find("things", "colour", "red") == []


def test_a_failed_transaction_leaves_memory_index_and_file_as_they_were(tmp_path: Path) -> None:
    path = str(tmp_path / "state.sqlite3")
    state = State(path)
    state.index("things", "colour", lambda doc: [doc["colour"]])
    state.put("things", "a", {"id": "a", "colour": "red"})
    with pytest.raises(RuntimeError):
        put_and_fail(state, {"id": "a", "colour": "blue"}, {"id": "b", "colour": "blue"})
    assert [doc["id"] for doc in state.find("things", "colour", "red")] == ["a"]
    assert state.find("things", "colour", "blue") == []
    state.close()
    again = State(path)
    assert again.all("things") == [{"id": "a", "colour": "red"}]
    again.close()


def test_an_inner_transaction_fails_with_the_outer_one(state: State) -> None:
    with pytest.raises(RuntimeError):
        put_and_fail(state, {"id": "a"}, inside=state.transaction())
    assert state.all("things") == []


def test_a_transaction_stores_each_document_as_it_was_last(tmp_path: Path) -> None:
    file = str(tmp_path / "state.sqlite3")
    state = State(file)
    with state.transaction():
        state.put("things", "a", {"id": "a", "turn": 1})
        state.put("things", "b", {"id": "b", "turn": 1})
        state.put("things", "a", {"id": "a", "turn": 2})
        state.delete("things", "b")
        state.put("things", "c", {"id": "c", "turn": 1})
        state.put("things", "b", {"id": "b", "turn": 2})
    before = state.all("things")
    state.close()
    again = State(file)
    assert (
        again.all("things")
        == before
        == [{"id": "a", "turn": 2}, {"id": "c", "turn": 1}, {"id": "b", "turn": 2}]
    )
    again.close()


def test_a_revision_tells_of_every_change(state: State) -> None:
    told = [state.revision("things")]
    state.put("things", "a", {"id": "a"})
    told.append(state.revision("things"))
    state.put("other things", "a", {"id": "a"})
    assert state.revision("things") == told[-1]
    with pytest.raises(RuntimeError):
        put_and_fail(state, {"id": "b"})
    told.append(state.revision("things"))
    state.delete("things", "a")
    told.append(state.revision("things"))
    with state.transaction():
        state.put("things", "a", {"id": "a"})
        state.keep_seed()
    state.delete("things", "a")
    told.append(state.revision("things"))
    state.reset()
    told.append(state.revision("things"))
    assert len(set(told)) == len(told)


def test_a_second_opening_finds_what_was_put(tmp_path: Path) -> None:
    path = str(tmp_path / "state.sqlite3")
    first = State(path)
    first.put("things", "a", {"name": "Ünïcode \x00"})
    assert [first.next("number"), first.next("number")] == [1, 2]
    first.close()
    second = State(path)
    assert second.get("things", "a") == {"name": "Ünïcode \x00"}
    assert second.next("number") == 3
    second.close()


def test_the_clock_runs_with_real_time_until_it_is_moved(state: State) -> None:
    clock = Clock(state)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.advance(3600)
    assert timedelta(minutes=59) < clock.now() - datetime.now(UTC) < timedelta(minutes=61)


def test_a_frozen_clock_stands_still_and_can_be_moved(state: State) -> None:
    clock = Clock(state)
    clock.set("2026-11-01T10:00:00Z")
    clock.freeze()
    first = clock.now()
    assert clock.now() == first
    clock.advance(90)
    assert clock.now() == first + timedelta(seconds=90)
    clock.freeze(False)
    assert not clock.is_frozen()
    assert clock.now() >= first + timedelta(seconds=90)


def test_the_clock_keeps_its_offset_over_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "state.sqlite3")
    first = State(path)
    Clock(first).set("2030-01-01T00:00:00")
    first.close()
    second = State(path)
    assert Clock(second).now().year == 2030
    second.close()


def test_a_reset_goes_back_to_the_seed_with_its_indexes(tmp_path: Path) -> None:
    path = str(tmp_path / "state.sqlite3")
    state = State(path)
    state.index("people", "email", lambda doc: [doc["email"]])
    state.put("people", "1", {"email": "a@example.com"})
    state.keep_seed()
    state.put("people", "1", {"email": "b@example.com"})
    state.put("people", "2", {"email": "a@example.com"})
    state.next("people")
    state.reset()
    assert state.all("people") == [{"email": "a@example.com"}]
    assert (len(state.find("people", "email", "a@example.com")), state.next("people")) == (1, 1)
    assert not state.find("people", "email", "b@example.com")
    state.close()
    reopened = State(path)
    assert reopened.count("people") == 1
    reopened.close()


def test_a_state_without_a_seed_is_not_emptied(state: State) -> None:
    state.put("people", "1", {"name": "Ada"})
    with pytest.raises(ValueError, match="does not remember its seed"):
        state.reset()
    assert state.count("people") == 1
