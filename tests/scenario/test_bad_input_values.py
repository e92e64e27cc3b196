"""Records with values no map expects: they wait for a person, and everybody beside them goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenario.pair import Pair
from tests.scenario.trouble import PEOPLE, Daily

HUGE = "x" * 300_000
LONGEST = {"apollo": len(HUGE), "salesforce": 128}
"""Apollo names no limit for its titles; what Salesforce holds is within its own."""
TITLES = {"apollo": "title", "salesforce": "Title"}
NAMES = {"apollo": "last_name", "salesforce": "LastName"}
EMAILS = {"apollo": "email", "salesforce": "Email"}
OTHER = {"apollo": "salesforce", "salesforce": "apollo"}


def people_named(pair: Pair, system: str, name: str) -> list[dict[str, Any]]:
    return [row for row in pair.records(system, PEOPLE[system]) if row.get(NAMES[system]) == name]


@pytest.mark.proves("E3")
def test_odd_texts_wait_for_a_person_and_everybody_else_goes_on(daily_anywhere: Daily) -> None:
    daily = daily_anywhere
    for system, title in TITLES.items():
        daily.hire(system)
        daily.hire(system, **{title: HUGE[: LONGEST[system]], NAMES[system]: f"Huge {system}"})
        daily.hire(system, **{title: "Chief\0Officer", NAMES[system]: f"Nul {system}"})
        daily.hire(system, **{title: "Chief \u202eOfficer", NAMES[system]: f"Bidi {system}"})
        daily.hire(
            system, **{EMAILS[system]: f"Jane Doe <jane@{system}.test>", NAMES[system]: f"Named {system}"}
        )
        daily.hire(system, **{EMAILS[system]: "no address", NAMES[system]: f"Homeless {system}"})
    daily.rests()
    for system, other in OTHER.items():
        for name in ("Huge", "Nul", "Bidi", "Named", "Homeless"):
            assert len(people_named(daily.pair, system, f"{name} {system}")) == 1
        for name in ("Huge", "Nul", "Bidi"):
            (odd,) = people_named(daily.pair, other, f"{name} {system}")
            assert len(odd.get(TITLES[other]) or "") < 1000
            assert str(odd.get(TITLES[other]) or "").isprintable()
        (jane,) = people_named(daily.pair, other, f"Named {system}")
        assert jane[EMAILS[other]] == f"jane@{system}.test"
    held = daily.program.ask("holds", "list").json["holds"]
    codes = [(hold["field"], hold["code"]) for hold in held]
    assert codes.count(("title=Title", "characters")) == 4
    assert ("title=Title", "length") in codes
    assert ("email=Email", "email") in codes
    assert all(hold["reason"] and hold["answers"] for hold in held)
    assert daily.program.ask("reconcile").json["in_agreement"]
    assert daily.counts() == {system: n + 12 for system, n in daily.before.items()}


def test_people_without_a_usable_name_are_held_whole_and_not_made_up(daily_anywhere: Daily) -> None:
    daily = daily_anywhere
    daily.hire("apollo", last_name=HUGE)
    daily.hire("apollo", last_name="Right\u202eto-left\0")
    daily.hire("apollo")
    daily.rests()
    assert daily.counts() == {
        "apollo": daily.before["apollo"] + 3,
        "salesforce": daily.before["salesforce"] + 1,
    }
    told = [str(hold["reason"]) for hold in daily.program.ask("holds", "list").json["holds"]]
    assert any("300000 characters do not fit" in reason for reason in told), told
    assert any("must not be written" in reason for reason in told), told
    assert daily.program.ask("reconcile").json["in_agreement"]


Rows = Callable[[dict[str, Any]], list[Any]]


@pytest.mark.parametrize(
    "rows",
    [
        lambda _: [{"id": 5, "first_name": "Number"}],
        lambda _: [17, None],
        lambda row: [{**row, "id": "5" * 5_000}],
        lambda row: [{**row, "id": "5\0" * 12}],
    ],
    ids=["id-number", "no-objects", "id-huge", "id-nul"],
)
def test_rows_that_cannot_be_records_stop_the_read_and_nothing_is_written(daily: Daily, rows: Rows) -> None:
    daily.work()
    listing = _listing(rows(daily.pair.records("apollo", "contacts")[0]))
    daily.pair.fault("apollo", kind="status", status=200, path="/contacts/search$", body=listing)
    error = daily.fails("protocol")
    assert "Apollo's answer" in error["message"]
    daily.recovers()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": {"text": "Officer"}, "email": {"of": 5}, "first_name": [1, 2], "phone_numbers": "none"},
        {"title": True, "last_name": {}, "owner_id": ["a", "b"], "account_id": {"id": 5}},
        {"updated_at": "yesterday", "created_at": 5},
        {"updated_at": "2099-01-01T00:00:00.000Z"},
    ],
    ids=["structures", "other-types", "stamps", "far-future"],
)
def test_values_of_the_wrong_type_are_not_carried_over_and_clear_nothing(
    daily: Daily, wrong: dict[str, Any]
) -> None:
    before = daily.pair.records("salesforce", "Contact")
    row = {**daily.pair.records("apollo", "contacts")[0], **wrong}
    daily.pair.fault("apollo", kind="status", status=200, path="/contacts/search$", body=_listing([row]))
    assert daily.run().code == 0
    assert daily.pair.records("salesforce", "Contact") == before
    daily.pair.heal()
    daily.work()
    daily.recovers()


def _listing(rows: list[Any]) -> dict[str, Any]:
    pages = {"page": 1, "per_page": 100, "total_entries": len(rows), "total_pages": 1}
    return {"contacts": rows, "pagination": pages}
