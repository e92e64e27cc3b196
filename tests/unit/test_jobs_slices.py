"""A work is advanced by slices, and the works of a process do not get into each other's way."""

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from syncline.core.errors import RunStopped
from syncline.engine.context import Report
from syncline.service.jobs.crew import Crew
from syncline.service.jobs.slices import Slice, Slices
from syncline.store.database import close_store, open_store
from tests.unit.job_queue import Doings, job, until


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Iterator[None]:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    yield
    close_store()


def no() -> bool:
    return False


def pages(stopping: Callable[[], bool], report: Report) -> Mapping[str, Any]:
    """Two pages."""
    for number in (1, 2):
        report("reading", number, 2)
        if stopping():
            raise RunStopped("asked to")
    return {"read": 2}


def test_a_work_goes_on_by_slices_and_tells_how_far_it_is() -> None:
    slices = Slices(pages, "x")
    assert [slices.advance(no) for _ in range(3)] == [
        Slice(over=False, told={"step": "reading", "done": 1, "total": 2}),
        Slice(over=False, told={"step": "reading", "done": 2, "total": 2}),
        Slice(over=True, told={"read": 2}),
    ]


def test_a_work_that_is_stopped_ends_where_it_pauses() -> None:
    slices = Slices(pages, "x")
    slices.advance(no)
    with pytest.raises(RunStopped):
        slices.stop(no)


def test_nobody_waits_for_a_slice_when_the_process_ends_now() -> None:
    gate = threading.Event()

    def hangs(_stopping: Callable[[], bool], _report: Report) -> Mapping[str, Any]:
        gate.wait(30)
        return {}

    slices = Slices(hangs, "x")
    assert slices.advance(lambda: True) is None
    gate.set()


def test_the_connections_of_its_thread_are_closed_at_its_end() -> None:
    opened = []

    def looks(_stopping: Callable[[], bool], _report: Report) -> Mapping[str, Any]:
        connections["default"].ensure_connection()
        opened.append(connections["default"])
        return {}

    Slices(looks, "x").advance(no)
    assert opened[0].connection is None


def test_a_work_that_gives_way_stops_and_is_begun_anew() -> None:
    doings = Doings()
    crew = Crew(doings)
    one = job("one", slices=3)
    assert crew.advance(one, no)["fresh"]
    told = crew.advance(one, lambda: True)
    assert (told["over"], told["yields"]) == (False, True)
    assert crew.advance(one, no)["fresh"]
    assert doings.of("one") == ["began", "stopped", "began"]
    crew.drop(one)


def test_what_has_not_begun_does_not_begin_to_give_way() -> None:
    doings = Doings()
    assert Crew(doings).advance(job("one"), lambda: True) == {"over": False, "fresh": False, "yields": True}
    assert not doings.noted


def test_another_job_of_the_sync_ends_the_one_that_pauses() -> None:
    doings = Doings()
    crew = Crew(doings)
    crew.advance(job("one", slices=3), no)
    crew.advance(job("other sync", "other", slices=1), no)
    crew.advance(job("two", slices=1), no)
    assert doings.noted == [
        ("one", "began"), ("other sync", "began"), ("one", "stopped"), ("two", "began")
    ]  # fmt: skip
    for each in (job("other sync", "other"), job("two")):
        crew.drop(each)


def test_what_nobody_advances_lets_go_of_its_sync() -> None:
    doings = Doings()
    crew = Crew(doings)
    crew.advance(job("one", slices=3), no)
    crew.release()
    assert doings.of("one") == ["began"]
    crew.release(idle=0)
    assert doings.of("one") == ["began", "stopped"]


def test_what_ends_while_it_should_stop_has_ended() -> None:
    doings = Doings()
    doings.gates["one"] = threading.Event()
    crew = Crew(doings)
    found: list[dict[str, Any]] = []
    one = job("one", slices=0)
    thread = threading.Thread(target=lambda: found.append(crew.advance(one, no)))
    thread.start()
    until(lambda: doings.of("one") == ["began"])
    crew.stopping.set()
    doings.gates["one"].set()
    thread.join()
    assert found == [{"fresh": True, "outcome": "done", "over": True, "yields": False}]


def test_an_error_of_the_crew_s_own_reaches_the_engine() -> None:
    def breaks(_job: object, _stopping: object, _report: object) -> Mapping[str, Any]:
        raise RuntimeError("a mistake of ours")

    crew = Crew(breaks)
    with pytest.raises(RuntimeError, match="a mistake"):
        crew.advance(job("one"), no)
    with pytest.raises(RuntimeError, match="a mistake"):
        crew.advance(job("one"), no)
