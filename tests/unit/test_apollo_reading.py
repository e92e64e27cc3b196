"""Reads of contacts, accounts and users: what is shown, when a read ends, and what survives a break."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.connectors.apollo.connector import ApolloConnector, Options
from syncline.connectors.apollo.reading import ReadOptions
from syncline.connectors.base import Cursor, Page
from syncline.core.errors import AccessError, ProtocolError, UnavailableError
from syncline.core.model import Record
from tests.unit.apollo_team import Team, TeamServer
from tests.unit.scripted_server import Answer, ScriptedServer, StillClock

NAMES = {"contact": "title", "account": "name"}


class Bench:
    """A team, its server, and a connector that reads pages of five."""

    def __init__(self, server: ScriptedServer, **reading: Any) -> None:
        self.team = Team(per_page=5)
        self.answers = TeamServer(self.team)
        self.clock = StillClock()
        self.server = server
        server.respond = self.answers.respond
        options = Options(ReadOptions(per_page=5, overlap=timedelta(seconds=3), **reading), timeout=5)
        self.connector = ApolloConnector("key", clock=self.clock, base_url=server.url, options=options)

    def fill(self, rows: int) -> list[str]:
        return [self.team.add() for _ in range(rows)]

    def read(
        self, object_type: str, cursor: Cursor | None = None, fields: tuple[str, ...] = ("title", "name")
    ) -> list[Page]:
        """A whole read, its cursor stored in between as the engine does."""
        pages = []
        for page in self.connector.changes(object_type, cursor, fields):
            assert json.loads(json.dumps(page.cursor)) == page.cursor
            pages.append(page)
        assert [page.done for page in pages] == [False] * (len(pages) - 1) + [True]
        return pages

    def calls(self, path: str) -> int:
        return sum(1 for request in self.server.requests if request.path == path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def bench(server: ScriptedServer) -> Iterator[Bench]:
    made = Bench(server)
    yield made
    made.connector.close()


def ids(pages: list[Page]) -> list[str]:
    return [record.ref.remote_id for page in pages for record in page.records]


def last(pages: list[Page]) -> dict[str, Record]:
    return {record.ref.remote_id: record for page in pages for record in page.records}


@pytest.mark.parametrize("object_type", ["contact", "account", "user"])
def test_a_full_read_is_complete_and_a_quiet_team_then_shows_nothing(bench: Bench, object_type: str) -> None:
    made = bench.fill(12)
    pages = bench.read(object_type)
    assert sorted(ids(pages)) == made
    assert (pages[-1].complete, pages[0].total) == (True, 12)
    for _ in range(3):
        pages = bench.read(object_type, pages[-1].cursor)
        assert ids(pages) == []
        assert not pages[-1].complete


@pytest.mark.parametrize("object_type", ["contact", "account"])
def test_a_read_of_changes_stops_early(bench: Bench, object_type: str) -> None:
    made = bench.fill(40)
    cursor = bench.read(object_type)[-1].cursor
    before = bench.calls(f"/{object_type}s/search")
    bench.team.edit(made[3], "edited")
    pages = bench.read(object_type, cursor)
    assert ids(pages) == [made[3]]
    assert last(pages)[made[3]].get(NAMES[object_type]) == "edited"
    assert bench.calls(f"/{object_type}s/search") - before <= 2


def test_a_burst_of_changes_is_read_again_only_until_nothing_late_can_turn_up(bench: Bench) -> None:
    for _ in range(40):
        bench.team.add(same_stamp=bool(bench.team.rows))
    cursor = bench.read("contact")[-1].cursor
    costs: list[int] = []
    for _ in range(3):
        before = bench.calls("/contacts/search")
        bench.clock.sleep(2)
        pages = bench.read("contact", cursor)
        assert ids(pages) == [] or len(costs) == 0
        cursor = pages[-1].cursor
        costs.append(bench.calls("/contacts/search") - before)
    assert costs == [8, 8, 1]
    new = bench.team.add(same_stamp=False)
    assert ids(bench.read("contact", cursor)) == [new]


@pytest.mark.parametrize("object_type", ["contact", "account"])
def test_many_changes_are_all_shown(bench: Bench, object_type: str) -> None:
    made = bench.fill(40)
    cursor = bench.read(object_type)[-1].cursor
    for id_ in made[5:30]:
        bench.team.edit(id_, "edited")
    new = bench.fill(4)
    pages = bench.read(object_type, cursor)
    assert {*made[5:30], *new} <= set(ids(pages))
    assert ids(bench.read(object_type, pages[-1].cursor)) == []


def test_an_account_changed_and_changed_back_is_shown_both_times(bench: Bench) -> None:
    made = bench.fill(9)
    name = bench.team.rows[made[8]]["name"]
    cursor = bench.read("account")[-1].cursor
    for text in ("other", name, "other", name):
        bench.team.edit(made[8], text)
        pages = bench.read("account", cursor)
        assert last(pages)[made[8]].get("name") == text
        cursor = pages[-1].cursor


def test_an_account_that_changes_during_the_full_read_and_back_after_it_is_shown(bench: Bench) -> None:
    made = bench.fill(9)
    name = bench.team.rows[made[0]]["name"]
    reading = bench.connector.changes("account", None, ["name"])
    pages = [next(reading)]
    bench.team.edit(made[0], "for a moment")
    pages += list(reading)
    assert last(pages)[made[0]].get("name") == "for a moment"
    bench.team.edit(made[0], name)
    assert last(bench.read("account", pages[-1].cursor))[made[0]].get("name") == name


@pytest.mark.proves("P0")
def test_accounts_are_read_whole_once_a_day(bench: Bench) -> None:
    made = bench.fill(20)
    cursor = bench.read("account")[-1].cursor
    bench.team.rows[made[0]]["name"] = "changed without moving to the front"
    assert ids(bench.read("account", cursor)) == []
    bench.clock.sleep(24 * 3600)
    pages = bench.read("account", cursor)
    assert last(pages)[made[0]].get("name") == "changed without moving to the front"
    assert pages[-1].complete
    assert ids(bench.read("account", pages[-1].cursor)) == []


def test_details_are_asked_for_where_they_are_mapped(server: ScriptedServer) -> None:
    bench = Bench(server)
    made = bench.fill(7)
    plain = bench.read("account")
    assert "industry" not in last(plain)[made[0]].values
    assert bench.connector.calls_made().get("GET /accounts/{id}", 0) == 0
    pages = bench.read("account", fields=("name", "industry"))
    assert last(pages)[made[0]].get("industry") == "of 01"
    bench.team.edit(made[2], "edited")
    assert last(bench.read("account", pages[-1].cursor, ("industry",)))[made[2]].get("industry") == "of 03"
    assert bench.connector.calls_made()["GET /accounts/{id}"] == 8
    bench.connector.close()


def test_details_can_be_switched_off(server: ScriptedServer) -> None:
    bench = Bench(server, details=False)
    bench.fill(3)
    bench.read("account", fields=("industry",))
    assert "GET /accounts/{id}" not in bench.connector.calls_made()
    bench.connector.close()


def test_more_changes_than_a_search_shows_end_in_a_full_read(server: ScriptedServer) -> None:
    bench = Bench(server, display_limit=20)
    made = bench.fill(30)
    cursor = bench.read("contact")[-1].cursor
    for id_ in made:
        bench.team.edit(id_, "edited")
    pages = bench.read("contact", cursor)
    assert {id_: record.get("title") for id_, record in last(pages).items()} == dict.fromkeys(made, "edited")
    assert ids(bench.read("contact", pages[-1].cursor)) == []
    bench.connector.close()


def test_users_that_left_are_inactive(bench: Bench) -> None:
    made = bench.fill(6)
    bench.team.rows[made[2]]["deleted"] = True
    for id_ in made:
        bench.team.rows[id_].setdefault("deleted", False)
    pages = bench.read("user", fields=("active", "name"))
    assert [id_ for id_, record in last(pages).items() if not record.get("active")] == [made[2]]
    bench.team.rows[made[3]]["deleted"] = True
    assert ids(bench.read("user", pages[-1].cursor, ("active", "name"))) == [made[3]]


@pytest.mark.parametrize(
    "cursor", [{}, {"since": 3}, {"other": "connector"}, {"per_page": 5, "since": {"mark": 1}}]
)
def test_a_cursor_nobody_understands_means_a_full_read(bench: Bench, cursor: Cursor) -> None:
    made = bench.fill(6)
    assert sorted(ids(bench.read("contact", cursor))) == made


def test_a_cursor_for_pages_of_another_size_means_a_full_read(bench: Bench) -> None:
    made = bench.fill(12)
    cursor = next(bench.connector.changes("contact", None, [])).cursor
    assert cursor["full"]["walk"]["page"] == 2
    assert sorted(ids(bench.read("contact", {**cursor, "per_page": 7}))) == made


def test_a_read_of_changes_that_broke_off_goes_on(bench: Bench) -> None:
    made = bench.fill(30)
    cursor = bench.read("contact")[-1].cursor
    for id_ in made[:18]:
        bench.team.edit(id_, "edited")
    reading = bench.connector.changes("contact", cursor, ["title"])
    first = next(reading)
    bench.server.answers(Answer(500))
    with pytest.raises(UnavailableError):
        next(reading)
    bench.server.respond = bench.answers.respond
    bench.team.edit(made[20], "edited meanwhile")
    rest = bench.read("contact", first.cursor)
    later = bench.read("contact", rest[-1].cursor)
    assert {*made[:18]} <= {*ids([first]), *ids(rest)}
    assert made[20] in {*ids(rest), *ids(later)}


happenings = st.lists(st.sampled_from(["add", "edit", "edit", "remove", "wait", "none"]), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    object_type=st.sampled_from(["contact", "account"]),
    rows=st.integers(0, 20),
    events=happenings,
    breaks=st.sets(st.integers(0, 30), max_size=4),
    seed=st.integers(0, 2**32),
)
@pytest.mark.proves("P1")
def test_what_a_person_did_is_shown_in_the_end(
    server: ScriptedServer, object_type: str, rows: int, events: list[str], breaks: set[int], seed: int
) -> None:
    bench = Bench(server)
    bench.fill(rows)
    left, pick = list(events), Random(seed)
    bench.answers.before = lambda: happen(bench.team, bench.clock, left.pop() if left else "none", pick)
    mirror: dict[str, Any] = {}
    cursor: Cursor | None = None
    numbers = iter(range(10_000))
    quiet = 0
    while quiet < 2:
        calm = not left
        for page in bench.connector.changes(object_type, cursor, [NAMES[object_type]]):
            mirror |= {r.ref.remote_id: r.get(NAMES[object_type]) for r in page.records}
            cursor = json.loads(json.dumps(page.cursor))
            if next(numbers) in breaks:
                break
        else:
            quiet += calm
    bench.connector.close()
    there = {id_: bench.team.rows[id_]["name"] for id_ in bench.team.living()}
    assert {id_: mirror.get(id_) for id_ in there} == there


def happen(team: Team, clock: StillClock, event: str, pick: Random) -> None:
    living = sorted(team.living())
    if event == "add":
        team.add()
    elif event == "edit" and living:
        team.edit(pick.choice(living), f"tick {team.ticks}")
    elif event == "remove" and living:
        team.remove(pick.choice(living))
    elif event == "wait":
        clock.sleep(2)


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body["contacts"][0].pop("id"),
        lambda body: body["contacts"][0].update(id=7),
        lambda body: body["contacts"][0].update(id=""),
        lambda body: body["contacts"].append("a text"),
        lambda body: body.update(contacts={"0": {}}),
        lambda body: body.pop("contacts"),
        lambda body: body.pop("pagination"),
        lambda body: body["pagination"].update(total_entries="many"),
        lambda body: body["pagination"].update(page=None),
        lambda body: body["pagination"].update(per_page=25),
        lambda body: body["pagination"].update(page=9),
    ],
)
def test_an_answer_of_another_form_is_told_apart_from_an_empty_one(bench: Bench, spoil: Spoil) -> None:
    bench.fill(3)
    bench.connector.describe("contact")

    def respond(request: Any) -> Answer:
        answer = bench.answers.respond(request)
        spoil(answer.body)
        return answer

    bench.server.respond = respond
    with pytest.raises(ProtocolError, match=r"contacts|page|record"):
        bench.read("contact")


def test_a_key_that_may_not_read_is_told_what_it_lacks(bench: Bench) -> None:
    bench.connector.describe("contact")
    text = "This API key is not authorized to access api/v1/contacts/search."
    bench.server.answers(Answer(403, {"error": text, "error_code": "API_INACCESSIBLE"}))
    with pytest.raises(AccessError, match="api/v1/contacts/search"):
        bench.read("contact")


def test_the_same_page_for_ever_is_an_error(bench: Bench) -> None:
    bench.fill(12)
    bench.connector.describe("contact")
    first = bench.team.search("created_at", 1)
    body = {"contacts": list(first.rows), "pagination": {"page": 1, "per_page": 5, "total_entries": 12}}

    def respond(request: Any) -> Answer:
        number = request.json["page"]
        return Answer(body={**body, "pagination": {**body["pagination"], "page": number}})  # type: ignore[dict-item]

    bench.server.respond = respond
    with pytest.raises(ProtocolError, match="once more"):
        bench.read("contact")
    assert len(bench.server.requests) < 12
