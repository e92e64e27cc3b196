"""`syncline serve` at work between two stand-ins: what it is asked for, how it is watched, how it ends in mid-way."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.clock import SystemClock
from syncline.store import links, wishes
from syncline.store.wishes import WishState
from tests.scenario.pair import Pair, SyncProcess
from tests.scenario.served import Served, serving

PAGES = {"kind": "latency", "seconds": 0.7, "method": "POST", "path": "/contacts/search$"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two stand-ins with the same people, and a sync between them that has not run."""
    folder = tmp_path_factory.mktemp("pair")
    # What a person asks for is what the story is about: nothing else is due twice while it lasts.
    rarely = {"schedule": {"pull": "1d", "push": "1d", "settle": "0s"}}
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", dataset="120", seed=3, sync=rarely) as made:
        yield made


def wanted(pair: Pair, **arguments: Any) -> int:
    """What `run --no-follow` stores while a worker is at the sync."""
    with pair.store():
        return wishes.wish("crm", "run", arguments, by="a person", now=SystemClock().now()).pk


def state(pair: Pair, number: int) -> str:
    with pair.store():
        found = wishes.get(number)
    assert found is not None
    return found.state


def beside(pair: Pair, name: str, *words: str) -> SyncProcess:
    """A command beside the one that serves, with files of its own for what it says."""
    folder = pair.folder / name
    folder.mkdir(exist_ok=True)
    return SyncProcess([*words, "--json", "--settings", str(pair.file)], pair.environ, folder)


def planned(pair: Pair, served: Served) -> int:
    """The number of a new plan, made as soon as the worker is not at the sync."""
    plans: list[int] = []

    def came() -> bool:
        ended = pair.ask("plan")
        assert ended.code == 0 or ended.error["code"] == "plan-busy", ended
        plans.extend([ended.document["run"]] if ended.code == 0 else [])
        return bool(plans)

    served.until(came)
    return plans[0]


def linked(pair: Pair) -> int:
    with pair.store():
        return links.count("crm")


def open_wishes(pair: Pair) -> set[int]:
    with pair.store():
        return {wish.pk for wish in wishes.open_ones()}


def people(pair: Pair, email: str) -> int:
    """How many Salesforce contacts and leads have an address."""
    return sum(
        record.get("Email") == email
        for object_type in ("Contact", "Lead")
        for record in pair.records("salesforce", object_type)
    )


def test_it_is_stopped_followed_approved_and_killed_and_always_goes_on(pair: Pair) -> None:
    """One story, since each process that serves takes a while to start."""
    stopped_in_a_page(pair)
    with serving(pair.file, pair.environ) as served:
        followed_by_commands(pair, served)
        approved_while_it_serves(pair, served)
        number = killed_in_a_page(pair, served)
    by_cron(pair, number)


def stopped_in_a_page(pair: Pair) -> None:
    """The first run begins in a process that is told to stop, and is done by the next one."""
    plan = pair.ask("plan").document["run"]
    pair.fault("apollo", **PAGES)
    with serving(pair.file, pair.environ) as served:
        number = wanted(pair, plan=plan, approved_by="a person")
        served.until(lambda: pair.hits("apollo") > 0)
        ended, seconds = served.stop(signal.SIGTERM)
    assert (ended.code, seconds < 10) == (0, True), ended.said
    assert state(pair, number) == WishState.OPEN, "what was asked for is not forgotten"
    pair.heal()


def followed_by_commands(pair: Pair, served: Served) -> None:
    """A run, a push and a look at how far it is, all while the worker is at the sync."""
    served.until(lambda: linked(pair) > 50)
    served.until(lambda: not open_wishes(pair))
    person = pair.put("apollo", "contacts", first_name="Fay", last_name="Followed", email="fay@followed.test")
    pair.fault("apollo", **{**PAGES, "seconds": 10})
    first = wanted(pair)
    served.until(lambda: pair.hits("apollo") > 0)
    looked = beside(pair, "looked", "status", "--follow")
    run = beside(pair, "run", "run")
    push = beside(pair, "push", "push", f"contact/{person['id']}")
    left = beside(pair, "left", "run", "--no-follow").end()
    assert (left.code, set(left.document)) == (0, {"wish"}), left
    served.until(lambda: open_wishes(pair) >= {first, left.document["wish"]} and len(open_wishes(pair)) == 4)
    pair.heal()
    followed, pushed, seen = run.end(), push.end(), looked.end()
    assert (followed.code, followed.document["status"]) == (0, "done"), followed
    assert (pushed.code, len(pushed.document["records"])) == (0, 1), pushed
    *steps, last = [json.loads(line) for line in seen.output.splitlines()]
    assert (seen.code, last["sync"]) == (0, "crm")
    assert any(step["progress"]["step"] for step in steps)
    served.until(lambda: not open_wishes(pair))
    assert people(pair, "fay@followed.test") == 1


def approved_while_it_serves(pair: Pair, served: Served) -> None:
    pair.put("salesforce", "Contact", FirstName="Pia", LastName="Planned", Email="pia@planned.test")
    plan = planned(pair, served)
    done = pair.ask("run", "--plan", str(plan), "--yes")
    assert (done.code, done.document["run"], done.document["status"]) == (0, plan, "done")
    assert served.get("/readyz").status_code == 200


def killed_in_a_page(pair: Pair, served: Served) -> int:
    """Neither a port nor a child is left, and what was asked for stays."""
    pair.put("apollo", "contacts", first_name="Kim", last_name="Killed", email="kim@killed.test")
    pair.fault("apollo", **PAGES)
    number = wanted(pair)
    served.until(lambda: pair.hits("apollo") > 0)
    served.kill()
    pair.heal()
    assert state(pair, number) == WishState.OPEN
    return number


def by_cron(pair: Pair, number: int) -> None:
    """Where nothing serves, one round does what was asked for; it says so if something failed."""
    ticked = pair.ask("tick")
    assert ticked.code == 0, ticked
    assert f"wish-{number}" in [job["job"] for job in ticked.document["jobs"]]
    assert state(pair, number) == WishState.DONE
    assert people(pair, "kim@killed.test") == 1
    failing = wanted(pair, plan=4711)
    assert pair.ask("tick").code == 1
    assert state(pair, failing) == WishState.FAILED
