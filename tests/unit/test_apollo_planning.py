"""Which calls carry which changes, which drafts may share a call, and whose row is whose."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.connectors.apollo.identity import Found, Keys, batches, contradict, keys_of, pair
from syncline.connectors.apollo.limits import LIMITS, read_limits
from syncline.connectors.apollo.objects import ACCOUNT, CONTACT
from syncline.connectors.apollo.route import Way, expected_calls, trips
from syncline.connectors.http import Budget, MemoryLedger
from syncline.core.budget import Ticket, WindowUsage
from syncline.core.errors import QuotaError
from syncline.core.model import Raw
from tests.unit.scripted_server import StillClock

Changes = list[Mapping[str, Raw]]


def ways(changes: Changes, object_type: Any = CONTACT) -> list[tuple[str, int]]:
    return [(trip.way.value, len(trip.changes)) for trip in trips(object_type, changes)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"title": "a"}] * 250, [("bulk_update", 100), ("bulk_update", 100), ("bulk_update", 50)]),
        ([{"contact_stage_id": "s1"}] * 3, [("update_stages", 3)]),
        ([{"contact_stage_id": "s1"}, {"contact_stage_id": "s2"}] * 2, [("update_stages", 2)] * 2),
        ([{"contact_stage_id": "s1", "title": "a"}] * 2, [("bulk_update", 2), ("update_stages", 2)]),
        ([{"contact_stage_id": "s1", "title": "a"}], [("patch", 1)]),
        ([{"contact_stage_id": "s1"}], [("update_stages", 1)]),
        ([{"contact_stage_id": "s1", "owner_id": "u1"}], [("update_stages", 1), ("update_owners", 1)]),
        ([{"owner_id": "u1"}] * 150, [("update_owners", 100), ("update_owners", 50)]),
        ([{"owner_id": f"u{n}"} for n in range(3)], [("bulk_update", 3)]),
        ([{"owner_id": "u1"}, {"title": "a"}], [("bulk_update", 2)]),
        ([{"owner_id": ""}], [("bulk_update", 1)]),
        ([{"mobile_phone": "1", "title": "a", "contact_stage_id": "s1"}] * 2, [("patch", 1)] * 2),
        ([{"mobile_phone": "1", "owner_id": "u1"}], [("update_owners", 1), ("patch", 1)]),
        ([{"mobile_phone": "1", "linkedin_url": "l", "title": "a"}], [("bulk_update", 1), ("patch", 1)]),
        ([{"custom.f1": "x"}, {"title": "a"}], [("bulk_update", 2)]),
    ],
)
def test_contacts_go_by_the_cheapest_calls(changes: Changes, expected: list[tuple[str, int]]) -> None:
    assert ways(changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([{"name": "a", "account_stage_id": "s1", "custom.f1": "x"}] * 2, [("bulk_update", 2)]),
        ([{"phone": "1", "name": "a", "owner_id": "u1"}], [("patch", 1)]),
        ([{"raw_address": "Rome"}, {"name": "b"}], [("bulk_update", 1), ("patch", 1)]),
        ([{"owner_id": "u1"}] * 2, [("update_owners", 2)]),
    ],
)
def test_accounts_go_by_the_cheapest_calls(changes: Changes, expected: list[tuple[str, int]]) -> None:
    assert ways(changes, ACCOUNT) == expected


writable = sorted(CONTACT.bulk | CONTACT.patch | {"contact_stage_id", "custom.f1"})
values = st.dictionaries(st.sampled_from(writable), st.sampled_from(["a", "b"]), min_size=1, max_size=6)


@given(changes=st.lists(values, max_size=120))
def test_every_field_travels_once_by_a_call_that_takes_it(changes: list[dict[str, Raw]]) -> None:
    takes = {
        Way.BULK: CONTACT.bulk | {"custom.f1"},
        Way.PATCH: CONTACT.patch | {"custom.f1"},
        Way.STAGES: {"contact_stage_id"},
        Way.OWNERS: {"owner_id"},
    }
    sent: list[tuple[int, str]] = []
    for trip in trips(CONTACT, changes):
        assert 0 < len(trip.changes) <= 100
        for index in trip.changes:
            assert trip.names[index] <= takes[trip.way]
            sent += [(index, name) for name in trip.names[index]]
        if trip.way in {Way.STAGES, Way.OWNERS}:
            assert len({changes[i][name] for i in trip.changes for name in trip.names[i]}) == 1
    assert sorted(sent) == sorted((i, name) for i, change in enumerate(changes) for name in change)


def test_the_price_is_told_before() -> None:
    assert expected_calls(CONTACT, []) == 0
    assert expected_calls(CONTACT, [frozenset({"title"})] * 101) == 2
    assert expected_calls(CONTACT, [frozenset({"title", "mobile_phone"})] * 3) == 3
    assert expected_calls(CONTACT, [frozenset({"title", "contact_stage_id"})] * 3) == 2


def person(email: str | None = None, first: str = "", last: str = "", **more: Any) -> Keys:
    return keys_of(CONTACT, {"email": email, "first_name": first, "last_name": last, **more})


def test_drafts_that_could_be_taken_for_one_another_go_apart() -> None:
    drafts = [
        person("a@x.example", "Ann", "Lee"),
        person("A@x.example ", "Bob", "Ray"),
        person("c@x.example", "ann", "LEE"),
        person("d@x.example"),
        person(),
        person(),
        person("e@x.example"),
    ]
    assert batches(drafts, 100) == [[0, 3, 6], [1, 2], [4], [5]]
    assert batches([person(f"{n}@x.example") for n in range(5)], 2) == [[0, 1], [2, 3], [4]]


def test_rows_find_their_drafts_whatever_their_order() -> None:
    drafts = [
        person("a@x.example", "Ann", "Lee"),
        person("b@x.example"),
        person(None, "Cy", "Fox"),
        person("d@x.example"),
    ]
    created = [person("B@x.example"), person(None, "cy", "fox"), person("a@x.example", "Ann", "Lee")]
    existing = [person("other@x.example", contact_emails=[{"email": "d@x.example"}])]
    assert pair(drafts, created, existing) == [
        Found(2, created=True),
        Found(0, created=True),
        Found(1, created=True),
        Found(0, created=False),
    ]


def test_an_existing_row_may_be_what_two_drafts_are() -> None:
    drafts = [person("a@x.example"), person("b@x.example")]
    existing = [person("a@x.example", contact_emails=[{"email": "b@x.example"}])]
    assert pair(drafts, [], existing) == [Found(0, created=False)] * 2


def test_the_last_row_belongs_to_the_last_draft_and_no_row_is_guessed() -> None:
    drafts = [person("a@x.example"), person("b@x.example")]
    odd = person("changed@x.example")
    assert pair(drafts, [odd, person("b@x.example")], []) == [Found(0, created=True), Found(1, created=True)]
    assert pair(drafts, [odd, person("changed2@x.example")], []) == [None, None]
    assert pair(drafts, [person("b@x.example")], []) == [None, Found(0, created=True)]


def test_accounts_are_known_by_domain_crm_id_and_name() -> None:
    one = keys_of(
        ACCOUNT, {"name": " One  Inc ", "domain": "https://www.One.example/x", "salesforce_id": "001"}
    )
    assert one == Keys(frozenset({"domain:one.example", "crm:001"}), "one inc")
    assert keys_of(ACCOUNT, {"name": {"odd": 1}, "domain": 7}) == Keys(frozenset({"domain:7"}), None)


def test_a_namesake_is_somebody_else() -> None:
    assert contradict(person("a@x.example", "Ann", "Lee"), person("b@x.example", "Ann", "Lee"))
    assert not contradict(person("a@x.example"), person(contact_emails=[{"email": "A@x.example"}]))
    assert not contradict(person(None, "Ann", "Lee"), person("b@x.example", "Ann", "Lee"))
    assert not contradict(person("a@x.example"), person("email_not_unlocked@domain.com"))
    shared = {"salesforce_id": "003"}
    assert not contradict(person("a@x.example", **shared), person("b@x.example", **shared))


def headers(minute: object, hour: object = "", **more: str) -> dict[str, str]:
    told = {"x-rate-limit-minute": "10", "x-minute-usage": str(minute), "x-rate-limit-hourly": ""}
    if hour != "":
        told |= {"x-rate-limit-hourly": "20", "x-hourly-usage": str(hour)}
    return told | {name.replace("_", "-"): value for name, value in more.items()}


NOW = StillClock().now()


def test_each_window_is_read_from_its_headers() -> None:
    told = {"x-rate-limit-24-hour": "2000", "x-24-hour-usage": "7"}
    assert list(read_limits({**headers(1, 2), **told}, NOW)) == [
        WindowUsage("minute", 1, 10),
        WindowUsage("hour", 2, 20),
        WindowUsage("day", 7, 2000),
    ]


def test_an_empty_limit_says_that_there_is_none() -> None:
    assert list(read_limits(headers(4), NOW)) == [WindowUsage("minute", 4, 10), WindowUsage("hour", 0, None)]


def test_what_is_nonsense_in_a_header_is_left_out() -> None:
    assert list(read_limits(headers("many", -3), NOW)) == []
    assert list(read_limits(headers("１", "9" * 500), NOW)) == [WindowUsage("hour", 999_999_999_999, 20)]
    assert list(read_limits({}, NOW)) == []


def test_the_answer_says_when_an_exhausted_window_opens() -> None:
    minute, hour = read_limits(headers(10, 20, retry_after="600"), NOW)
    assert minute.resets_at is None
    assert hour.resets_at == NOW + timedelta(seconds=600)


def test_a_budget_stops_at_its_share_of_the_hour() -> None:
    budget = Budget(MemoryLedger(0.8), LIMITS)
    first = budget.before("GET /x", NOW)
    assert isinstance(first, Ticket)
    budget.after(first, headers(1, 15), NOW)
    assert isinstance(budget.before("GET /x", NOW), Ticket)
    with pytest.raises(QuotaError, match="16 of 16 calls per hour"):
        budget.before("GET /x", NOW)
    assert isinstance(budget.before("GET /y", NOW), Ticket)
