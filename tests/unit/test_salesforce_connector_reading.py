from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.base import Cursor, Page
from syncline.connectors.salesforce import cursor as cursors
from syncline.connectors.salesforce.connector import SalesforceConnector
from syncline.core.errors import AccessError, AuthError, ProtocolError, UnavailableError
from tests.unit.scripted_org import (
    CONTACT,
    DATA,
    ScriptedOrg,
    batch,
    connected,
    contact_id,
    described,
    refused,
    row,
    scripted_org,
)
from tests.unit.scripted_server import HTML, Answer, Request, StillClock

FIELDS = ["LastName", "Email"]
LOCATOR = f"{DATA}/query/01g000000000001AAA-2"


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as running:
        yield running


@pytest.fixture
def connector(org: ScriptedOrg) -> Iterator[SalesforceConnector]:
    with connected(org) as made:
        yield made


def read(connector: SalesforceConnector, cursor: Cursor | None = None) -> list[Page]:
    return list(connector.changes("Contact", cursor, FIELDS))


def names(pages: list[Page]) -> list[str]:
    return [record.ref.remote_id for page in pages for record in page.records]


def test_windows_follow_one_another_behind_the_last_row(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.queries = [batch([row(1), row(2), row(3)]), batch([row(4)])]
    pages = read(connector)
    assert names(pages) == [contact_id(n) for n in range(1, 5)]
    assert [(page.done, page.complete, page.total) for page in pages] == [(False, False, 7), (True, True, 7)]
    first, second = org.soql
    assert "WHERE" not in first
    assert (
        first.endswith("ORDER BY SystemModstamp ASC,Id ASC LIMIT 3")
        or "ORDER BY SystemModstamp ASC, Id" in first
    )
    stamp = "2026-04-01T10:00:00.000Z"
    behind = f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{contact_id(3)}'))"
    assert behind in second


def test_only_mapped_fields_are_asked_for(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    read(connector)
    asked = org.soql[0].partition(" FROM ")[0].removeprefix("SELECT ").split(",")
    assert asked == [
        "Id",
        "IsDeleted",
        "SystemModstamp",
        "CreatedDate",
        "MasterRecordId",
        "LastName",
        "Email",
    ]


def test_a_short_page_leads_to_the_next(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    org.queries = [batch([row(1), row(2)], total=3, more=LOCATOR), batch([row(3)], total=3), batch([])]
    pages = read(connector)
    assert names(pages) == [contact_id(n) for n in range(1, 4)]
    assert [page.done for page in pages] == [False, False, True]
    assert any(request.path == LOCATOR for request in org.server.requests)


def test_a_forgotten_locator_loses_nothing(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    lost = refused(400, "INVALID_QUERY_LOCATOR")
    org.queries = [batch([row(1), row(2)], total=3, more=LOCATOR), lost, batch([row(3)])]
    assert names(read(connector)) == [contact_id(n) for n in range(1, 4)]
    assert f"Id > '{contact_id(2)}'" in org.soql[-1]


@pytest.mark.parametrize(
    "more",
    [
        "https://evil.example/services/data/v62.0/query/01g-2",
        "//evil.example/services/data/v62.0/query/01g-2",
        "/services/data/../../admin",
        "/elsewhere/query/01g-2",
        "javascript:alert(1)",
    ],
)
def test_a_next_page_elsewhere_is_not_followed(
    org: ScriptedOrg, connector: SalesforceConnector, more: str
) -> None:
    org.queries = [batch([row(1)], total=2, more=more)]
    with pytest.raises(ProtocolError):
        read(connector)


@pytest.mark.parametrize(
    "answers",
    [
        [batch([row(1), row(2), row(3)])],
        [batch([row(1), row(2)], total=9, more=LOCATOR)],
        [batch([], total=9, more=LOCATOR)],
        [batch([row(2), row(1, "2026-03-01T10:00:00.000+0000"), row(3)])],
    ],
    ids=["window", "locator", "empty page", "out of order"],
)
def test_a_page_that_repeats_is_a_protocol_error(
    org: ScriptedOrg, connector: SalesforceConnector, answers: list[Answer]
) -> None:
    org.queries = answers
    with pytest.raises(ProtocolError):
        read(connector)
    assert len(org.server.requests) < 10


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"totalSize": "1", "done": True, "records": []},
        {"totalSize": 1, "done": True, "records": {}},
        {"totalSize": 1, "done": True, "records": [5]},
        {"totalSize": 1, "done": False, "records": []},
        {"totalSize": 1, "done": True, "records": [row(1, Id=7)]},
        {"totalSize": 1, "done": True, "records": [row(1, stamp="yesterday")]},
    ],
)
def test_an_answer_of_another_form_is_a_protocol_error(
    org: ScriptedOrg, connector: SalesforceConnector, body: Any
) -> None:
    org.queries = [Answer(body=body)]
    with pytest.raises(ProtocolError):
        read(connector)


def test_html_and_cut_json_are_protocol_errors(org: ScriptedOrg, connector: SalesforceConnector) -> None:
    for answer in (Answer(body=HTML), Answer(body=b'{"totalSize": 1, "rec')):
        org.queries = [answer]
        with pytest.raises(ProtocolError):
            read(connector)


@pytest.mark.parametrize("answer", [Answer(503), Answer(500, HTML), Answer(how="reset"), Answer(how="cut")])
def test_trouble_that_stays_is_unavailable(
    org: ScriptedOrg, connector: SalesforceConnector, answer: Answer
) -> None:
    org.queries = [answer]
    with pytest.raises(UnavailableError):
        read(connector)


def test_a_token_that_ends_in_the_middle_of_a_read_is_renewed_once(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    ended = refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
    org.queries = [batch([row(1), row(2)], total=3, more=LOCATOR), ended, batch([row(3)], total=3), batch([])]
    assert len(names(read(connector))) == 3
    assert connector.calls_made()["POST /services/oauth2/token"] == 1
    org.queries = [ended]
    with pytest.raises(AuthError):
        read(connector)
    assert connector.calls_made()["POST /services/oauth2/token"] == 2


def test_a_field_that_is_gone_is_left_out_after_another_look(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    connector.describe("Contact")
    org.fields = [each for each in CONTACT if each["name"] != "Email"]
    org.queries = [refused(400, "INVALID_FIELD", "No such column 'Email'"), batch([row(1, LastName="Ada")])]
    (page,) = read(connector)
    assert page.records[0].get("LastName") == "Ada"
    assert "Email" not in org.soql[-1]
    assert "Email" not in connector.describe("Contact").fields


@pytest.mark.parametrize("code", ["INSUFFICIENT_ACCESS", "INVALID_TYPE"])
def test_an_object_type_that_is_not_shown_is_an_access_error(
    org: ScriptedOrg, connector: SalesforceConnector, code: str
) -> None:
    org.override = lambda r: refused(400, code) if r.path.endswith("/describe") else None
    with pytest.raises(AccessError):
        read(connector)


# The overlap


def stored(pages: list[Page]) -> Cursor:
    return dict(pages[-1].cursor)


def test_the_next_read_goes_back_from_the_time_of_the_server(org: ScriptedOrg) -> None:
    clock = StillClock()
    with connected(org, clock) as connector:
        org.queries = [batch([row(1)])]
        cursor = stored(read(connector))
        org.queries = [batch([])]
        assert read(connector, cursor)[-1].done
        # The test's server tells the real time, which is later than the still clock: the earlier one counts.
        assert "SystemModstamp >= 2026-05-01T11:50:00.000Z" in org.soql[-1]


def test_what_the_overlap_shows_again_is_left_out_unless_it_changed_within_its_second(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    now = "2026-05-01T11:59:00.000+0000"
    org.queries = [batch([row(1, now, LastName="Ada"), row(2, now, LastName="Bob")])]
    cursor = stored(read(connector))
    org.queries = [batch([row(1, now, LastName="Ada"), row(2, now, LastName="Bea")])]
    pages = read(connector, cursor)
    assert names(pages) == [contact_id(2)]
    org.queries = [batch([row(1, now, LastName="Ada"), row(2, now, LastName="Bea")])]
    assert names(read(connector, stored(pages))) == []


def test_an_older_row_is_shown_again_by_a_new_full_read(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.queries = [batch([row(1)])]
    assert len(names(read(connector))) == 1
    assert len(names(read(connector))) == 1


def test_a_late_commit_is_seen_though_newer_rows_were_read(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    org.queries = [batch([row(1, "2026-05-01T11:59:59.000+0000")])]
    cursor = stored(read(connector))
    late = row(2, "2026-05-01T11:52:00.000+0000")
    org.queries = [batch([late, row(1, "2026-05-01T11:59:59.000+0000")])]
    assert names(read(connector, cursor)) == [contact_id(2)]


def test_a_stamp_of_the_future_does_not_hide_the_present(org: ScriptedOrg) -> None:
    with connected(org, StillClock()) as connector:
        org.queries = [batch([row(1, "2999-01-01T00:00:00.000+0000")])]
        cursor = stored(read(connector))
        for _ in range(2):
            cursor = stored(read(connector, cursor))
        assert "SystemModstamp >= 29" not in org.soql[-1]


@pytest.mark.parametrize("cursor", [{}, {"format": 99}, {"format": 1, "shown": None, "stamp": 5, "id": None}])
def test_a_cursor_of_another_form_begins_anew(
    org: ScriptedOrg, connector: SalesforceConnector, cursor: Cursor
) -> None:
    org.queries = [batch([row(1)])]
    assert names(read(connector, cursor)) == [contact_id(1)]
    assert "WHERE" not in org.soql[-1]


def test_a_full_read_broken_off_goes_on_and_is_complete(org: ScriptedOrg) -> None:
    org.queries = [batch([row(1), row(2), row(3)]), batch([row(4)])]
    with connected(org) as first:
        page = next(iter(first.changes("Contact", None, FIELDS)))
    with connected(org) as other:
        pages = read(other, dict(page.cursor))
    assert names(pages) == [contact_id(4)]
    assert pages[-1].complete


def test_the_memory_of_a_cursor_is_bounded() -> None:
    progress = cursors.Progress()
    for second in range(60):
        progress.shown[f"2026-05-01T12:00:{second:02d}.000+0000"] = [
            f"{second:05d}-{n:05d}" for n in range(100)
        ]
    progress.trim()
    assert sum(map(len, progress.shown.values())) == cursors.MOST_REMEMBERED
    assert min(progress.shown) == "2026-05-01T12:00:40.000+0000"
    again = cursors.Progress.read(progress.cursor())
    assert again.shown == progress.shown


# Reads by id and by match key


def test_fields_without_room_in_the_query_are_read_by_id(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    many = [described(f"A_very_long_custom_field_name_{n:03d}__c") for n in range(300)]
    org.fields = [*CONTACT, *many]
    org.living = {contact_id(1): row(1, A_very_long_custom_field_name_007__c="seven")}
    org.queries = [batch([row(1), row(2, IsDeleted=True)])]
    (page,) = list(connector.changes("Contact", None, [each["name"] for each in many]))
    living, deleted = page.records
    assert living.get("A_very_long_custom_field_name_007__c") == "seven"
    assert deleted.deleted
    assert all(len(query) < 2_000 for query in org.soql)


def test_a_record_in_the_recycle_bin_is_fetched_as_deleted(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    master = contact_id(9)
    org.living = {contact_id(1): row(1)}
    org.queries = [batch([row(2, IsDeleted=True, MasterRecordId=master)])]
    wanted = [contact_id(2)[:15], contact_id(1), "no id", contact_id(3), contact_id(1)]
    gone, there = connector.fetch("Contact", wanted, FIELDS)
    assert (gone.deleted, gone.get("MasterRecordId")) == (True, master)
    assert there.ref.remote_id == contact_id(1)
    assert "IsDeleted = true" in org.soql[-1]
    assert connector.calls_made()["POST /composite/sobjects/{object}"] == 1


@pytest.mark.parametrize("rows", [[], {}, [row(2)], [None, None]])
def test_a_retrieve_of_another_form_is_a_protocol_error(
    org: ScriptedOrg, connector: SalesforceConnector, rows: Any
) -> None:
    org.override = lambda r: Answer(body=rows) if "/composite/" in r.path else None
    with pytest.raises(ProtocolError):
        connector.fetch("Contact", [contact_id(1)], FIELDS)


def test_a_domain_is_not_found_inside_of_another(org: ScriptedOrg) -> None:
    websites = [
        "https://www.acme.example/about?x=//evil", "ACME.example", "http://sub.acme.example:8080", "//acme.example/",
        "https://notacme.example", "https://other.example/acme.example", "mailto:acme.example@other.example", None, 7,
    ]  # fmt: skip
    org.fields = [*CONTACT, described("Name"), described("Website", "url")]
    org.queries = [batch([row(n, Website=website) for n, website in enumerate(websites)])]
    with connected(org) as connector:
        found = connector.find("Account", "domain", ["www.ACME.example"], ["Website"])
    assert [record.get("Website") for record in found] == websites[:4]
    assert r"Website LIKE '%acme.example%'" in org.soql[-1]


def test_many_values_are_asked_for_in_parts_that_fit(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    wanted = [f"o'neil+{n}@example.org" for n in range(450)]
    connector.find("Contact", "email", [*wanted, "nul\0", "x" * 5_000, ""], FIELDS)
    asked = org.soql
    assert 3 <= len(asked) <= 6
    assert sum(query.count("@example.org") for query in asked) == len(wanted)
    assert not any("nul" in query for query in asked)
    with pytest.raises(ValueError, match="cannot be found"):
        connector.find("Contact", "domain", ["a.example"], FIELDS)


@pytest.mark.proves("U11")
def test_every_request_says_who_asks_and_declines_assignment_rules(
    org: ScriptedOrg, connector: SalesforceConnector
) -> None:
    read(connector)
    connector.fetch("Contact", [contact_id(1)], FIELDS)
    sent: list[Request] = [r for r in org.server.requests if r.path.startswith(DATA)]
    assert sent
    assert {r.headers["sforce-auto-assign"] for r in sent} == {"FALSE"}
    assert {r.headers["sforce-call-options"] for r in sent} == {"client=syncline"}
    assert {r.headers["authorization"] for r in sent} == {"Bearer 00D!token"}
