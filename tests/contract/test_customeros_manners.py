"""What the connector makes of odd leads, odd answers and odd schemas of CustomerOS."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from syncline.connectors.base import Connector, Cursor, Page
from syncline.connectors.customeros.connector import CustomerOSConnector, Options
from syncline.core.errors import AuthError, ProtocolError, RateLimitedError
from syncline.core.model import MISSING, Record
from syncline.testing.contract import SandboxClock
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

ORGANIZATION, USER = "organization", "user"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with start_sandbox("customeros") as sandbox:
        yield sandbox


class Tenant:
    """A sandbox that is empty, and connectors to it."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.clock = SandboxClock(sandbox)
        self.made: list[Connector] = []
        self.connector = self.connect()

    def connect(self, key: str | None = None, page_size: int = 3) -> Connector:
        secret = key or str(self.sandbox.credentials["api_key"])
        options = Options(page_size=page_size, timeout=5)
        connector = CustomerOSConnector(
            secret, clock=self.clock, base_url=self.sandbox.base_url, options=options
        )
        self.made.append(connector)
        return connector

    def add(self, **values: Any) -> str:
        return str(self.sandbox.control("POST", "/records/organizations", values)["id"])

    def edit(self, id_: str, **values: Any) -> None:
        self.sandbox.control("POST", f"/records/organizations/{id_}", values)

    def users(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.sandbox.control("GET", "/records/users")["records"]
        return found

    def names(self, object_type: str = ORGANIZATION) -> list[str]:
        return list(self.connector.describe(object_type).fields)

    def pages(self, cursor: Cursor | None = None, object_type: str = ORGANIZATION) -> list[Page]:
        return list(self.connector.changes(object_type, cursor, self.names(object_type)))

    def show(self, id_: str) -> Record:
        (record,) = self.connector.fetch(ORGANIZATION, [id_], self.names())
        return record


@pytest.fixture
def tenant(running: RunningSandbox) -> Iterator[Tenant]:
    running.control("POST", "/reset")
    running.control("DELETE", "/faults")
    made = Tenant(running)
    yield made
    for connector in made.made:
        connector.close()


def shown(pages: Sequence[Page]) -> list[str]:
    return [record.ref.remote_id for page in pages for record in page.records]


@pytest.mark.parametrize("name", ["", "   ", "\t\u00a0", "n" * 10_000, "Nul\0 and \u202e"])
def test_a_name_comes_as_it_is(tenant: Tenant, name: str) -> None:
    assert tenant.show(tenant.add(name=name)).get("name") == name


def test_an_owner_who_is_gone_is_no_owner(tenant: Tenant) -> None:
    owner = tenant.users()[0]["id"]
    id_ = tenant.add(name="Owned", owner_id=owner)
    assert tenant.show(id_).get("owner_id") == owner
    tenant.sandbox.control("POST", "/delete", {"type": "users", "id": owner})
    assert tenant.show(id_).get("owner_id") is None


def test_a_stage_nobody_knows_is_an_option_behind_the_known_ones(tenant: Tenant) -> None:
    tenant.sandbox.control("POST", "/schema", {"stages": ["AWAKENING"]})
    options = [option.value for option in tenant.connector.describe(ORGANIZATION).fields["stage"].options]
    assert options[:3] == ["TARGET", "EDUCATION", "SOLUTION"]
    assert options[-3:] == ["CUSTOMER", "NOT_A_FIT", "AWAKENING"]
    assert tenant.show(tenant.add(name="New", stage="AWAKENING")).get("stage") == "AWAKENING"


def test_a_stage_that_the_schema_does_not_have_stops_the_read(tenant: Tenant) -> None:
    tenant.add(name="Odd", stage="NO_SUCH_STAGE")
    with pytest.raises(ProtocolError) as caught:
        tenant.pages()
    assert "NO_SUCH_STAGE" in caught.value.message


def test_a_schema_without_a_fit_has_no_such_field(tenant: Tenant) -> None:
    tenant.sandbox.control("POST", "/schema", {"without": ["icpFit"]})
    assert "icp_fit" not in tenant.names()
    record = tenant.show(tenant.add(name="No fit", icpFit="ICP_FIT"))
    assert record.get("icp_fit") is MISSING
    assert record.get("name") == "No fit"


def test_the_earlier_schema_tells_the_fit_in_the_same_words(tenant: Tenant) -> None:
    ids = [tenant.add(name=f"C{n}", icpFit=fit) for n, fit in enumerate(["ICP_FIT", "ICP_NOT_SET"] * 45)]
    tenant.sandbox.control("POST", "/edition", {"name": "early-2025"})
    fits = {r.ref.remote_id: r.get("icp_fit") for r in tenant.connector.fetch(ORGANIZATION, ids, ["icp_fit"])}
    assert [fits[id_] for id_ in ids] == ["ICP_FIT", "ICP_NOT_FIT"] * 45
    stages = [option.value for option in tenant.connector.describe(ORGANIZATION).fields["stage"].options]
    assert stages[:5] == ["LEAD", "TARGET", "ENGAGED", "TRIAL", "READY_TO_BUY"]
    assert stages[-2:] == ["PENDING_CHURN", "UNQUALIFIED"]


def test_quarantine_and_type_are_read_where_the_schema_has_them(tenant: Tenant) -> None:
    id_ = tenant.add(name="Odd", quarantineStatus="HELD", leadType="contact")
    assert "quarantine" not in tenant.names()
    assert tenant.show(id_).get("type") == "company"
    tenant.sandbox.control("POST", "/schema", {"quarantine": True, "lead_type": True})
    tenant.connector = tenant.connect()
    record = tenant.show(id_)
    assert (record.get("quarantine"), record.get("type")) == ("HELD", "contact")


def test_errors_beside_data_that_pass_are_asked_again(tenant: Tenant) -> None:
    id_ = tenant.add(name="Half", owner_id=tenant.users()[0]["id"])
    tenant.names()
    tenant.sandbox.control("POST", "/errors", {"field": "owner", "count": 1})
    assert tenant.show(id_).get("owner_id") == tenant.users()[0]["id"]


@pytest.mark.parametrize("field", ["owner", "ui_organizations", "ids", "users"])
def test_errors_beside_data_are_never_taken_for_the_whole(tenant: Tenant, field: str) -> None:
    tenant.add(name="Half")
    tenant.names()
    tenant.sandbox.control("POST", "/errors", {"field": field, "message": "it is away"})
    with pytest.raises(ProtocolError) as caught:
        tenant.pages(object_type=USER if field == "users" else ORGANIZATION)
    assert "it is away" in caught.value.message
    assert caught.value.cure


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {"data": {}},
        {"data": {"ui_organizations_search": {"ids": "all", "totalElements": 1, "totalAvailable": 1}}},
        {"data": {"ui_organizations_search": {"ids": ["a", "a"], "totalElements": 2, "totalAvailable": 2}}},
        {"data": {"ui_organizations_search": {"ids": ["a"], "totalElements": 0, "totalAvailable": 2}}},
        {"data": {"ui_organizations_search": {"ids": [], "totalElements": None, "totalAvailable": 0}}},
        {"data": {"ui_organizations_search": {"ids": [[1]] * 9, "totalElements": 9, "totalAvailable": 9}}},
        {"errors": "no list", "data": {}},
        [],
        "text",
    ],
)
def test_an_answer_of_another_form_is_a_protocol_error(tenant: Tenant, body: object) -> None:
    tenant.names()
    rule = {"kind": "status", "status": 200, "path": "ui_organizations_search", "body": body}
    if isinstance(body, str):
        rule |= {"headers": {"content-type": "application/json"}}
    tenant.sandbox.control("POST", "/faults", rule)
    with pytest.raises(ProtocolError):
        tenant.pages()


def test_a_page_of_html_is_no_answer(tenant: Tenant) -> None:
    tenant.sandbox.control("POST", "/faults", {"kind": "html"})
    with pytest.raises(ProtocolError, match="HTML"):
        tenant.connector.check()


@pytest.mark.parametrize("misspelt", [False, True])
def test_a_wrong_key_is_told_in_words_whatever_the_body(tenant: Tenant, misspelt: bool) -> None:
    tenant.sandbox.control("POST", "/access", {"misspelt": misspelt})
    with pytest.raises(AuthError) as caught:
        tenant.connect("cos_a_wrong_key").check()
    assert "cos_a_wrong_key" not in caught.value.message


def test_a_minute_that_is_used_up_is_told_with_its_end(tenant: Tenant) -> None:
    tenant.names()
    tenant.sandbox.control("POST", "/faults", {"kind": "storm", "seconds": 3600})
    with pytest.raises(RateLimitedError) as caught:
        tenant.pages()
    assert caught.value.retry_at is not None


@pytest.mark.parametrize(
    "ids", [["x" * 100_000], ["9" * 400] * 3, ["\0"], [f"none-{n}" for n in range(1200)]]
)
def test_ids_of_nobody_find_nobody(tenant: Tenant, ids: list[str]) -> None:
    known = tenant.add(name="Known")
    found = tenant.connector.fetch(ORGANIZATION, [*ids, known], ["name"])
    assert [record.ref.remote_id for record in found] == [known]


def test_leads_made_in_the_same_moment_are_all_read(tenant: Tenant) -> None:
    tenant.sandbox.control("POST", "/clock", {"frozen": True})
    made = [tenant.add(name=f"Imported {n}") for n in range(20)]
    pages = tenant.pages()
    assert shown(pages) == made
    assert pages[-1].complete
    assert pages[0].total == 20


def test_a_merge_between_two_pages_hides_no_neighbour(tenant: Tenant) -> None:
    made = [tenant.add(name=f"Company {n}") for n in range(10)]
    read = tenant.connector.changes(ORGANIZATION, None, ["name"])
    first = next(read)
    tenant.sandbox.control("POST", "/merge", {"winner": made[9], "losers": [made[0], made[4]]})
    assert set(shown([first, *read])) == {*made} - {made[4]}


def test_an_archived_lead_is_shown_as_archived_and_once_more_when_it_is_back(tenant: Tenant) -> None:
    id_ = tenant.add(name="Archived")
    cursor = tenant.pages()[-1].cursor
    tenant.clock.sleep(3600)
    tenant.sandbox.control("POST", "/delete", {"type": "organizations", "id": id_})
    (page,) = [page for page in tenant.pages(cursor) if page.records]
    assert [(r.ref.remote_id, r.get("hide"), r.deleted) for r in page.records] == [(id_, True, False)]
    assert shown(tenant.pages()) == [id_]
    tenant.clock.sleep(3600)
    tenant.edit(id_, hide=False)
    (again,) = tenant.pages(page.cursor)[0].records
    assert again.get("hide") is False


def test_a_second_look_at_the_fit_shows_the_same_values(tenant: Tenant) -> None:
    tenant.add(name="Same", stage="EVALUATION", icpFit="ICP_FIT")
    first = tenant.pages()
    tenant.clock.sleep(3600)
    tenant.sandbox.control("POST", "/reevaluate", {})
    (again,) = tenant.pages(first[-1].cursor)[0].records
    assert again.values == first[0].records[0].values
    assert again.changed_at != first[0].records[0].changed_at


def test_of_several_domains_the_marked_one_counts_and_else_what_all_name(tenant: Tenant) -> None:
    def domains(*rows: tuple[str, bool, str | None]) -> object:
        values = [{"domain": d, "primary": p, "primaryDomain": n} for d, p, n in rows]
        return tenant.show(tenant.add(name="D", domains=values, website="https://www.two.example/x")).get(
            "primary_domain"
        )

    assert domains(("one.example", False, None), ("two.example", True, None)) == "two.example"
    assert domains(("one.example", True, None), ("two.example", True, None)) == "two.example"
    assert domains(("b.example", True, None), ("a.example", True, None)) == "a.example"
    assert (
        domains(("b.example", False, "main.example"), ("c.example", False, "main.example")) == "main.example"
    )
    assert domains(("b.example", False, "x.example"), ("c.example", False, "y.example")) is None
    assert domains() is None


def test_users_who_are_nobody_are_not_active_and_two_may_share_an_address(tenant: Tenant) -> None:
    for mark in ("bot", "internal", "test"):
        tenant.sandbox.control("POST", "/records/users", {"firstName": mark, mark: True})
    tenant.sandbox.control(
        "POST", "/records/users", {"firstName": "Second", "email": "alex.admin@example.com"}
    )
    pages = tenant.pages(object_type=USER)
    found = {str(r.get("name")): (r.get("email"), r.get("active")) for page in pages for r in page.records}
    assert found == {
        "Alex Admin": ("alex.admin@example.com", True),
        "Robin Reyes": ("robin.reyes@example.com", True),
        "bot": (None, False),
        "internal": (None, False),
        "test": (None, False),
        "Second": ("alex.admin@example.com", True),
    }
    assert pages[-1].complete


def test_users_are_shown_again_only_when_they_look_otherwise(tenant: Tenant) -> None:
    cursor = tenant.pages(object_type=USER)[-1].cursor
    assert shown(tenant.pages(cursor, USER)) == []
    user = tenant.users()[1]["id"]
    tenant.sandbox.control("POST", f"/records/users/{user}", {"email": "robin@example.com"})
    assert shown(tenant.pages(cursor, USER)) == [user]


def test_more_users_than_a_page_holds_are_all_read(tenant: Tenant) -> None:
    for number in range(205):
        tenant.sandbox.control("POST", "/records/users", {"firstName": f"U{number}"})
    pages = tenant.pages(object_type=USER)
    assert len(shown(pages)) == len(set(shown(pages))) == 207
    assert pages[-1].complete


def test_a_service_that_is_another_is_told_apart(tenant: Tenant) -> None:
    rule = {"kind": "status", "status": 200, "path": "__type", "body": {"data": {"query": None}}}
    tenant.sandbox.control("POST", "/faults", rule)
    with pytest.raises(ProtocolError, match="ui_organizations"):
        tenant.connect().describe(ORGANIZATION)


def test_a_service_that_shows_fewer_than_it_is_asked_for_is_read_whole(tenant: Tenant) -> None:
    made = [tenant.add(name=f"Company {n}") for n in range(12)]
    cursor = tenant.pages()[-1].cursor
    tenant.sandbox.control("POST", "/limits", {"rows": 2})
    assert shown(tenant.pages()) == made
    assert set(shown(tenant.pages(cursor))) == set(made)


@pytest.mark.parametrize("lacks", ["sort", "where"])
def test_a_service_that_sorts_or_filters_otherwise_is_noticed(tenant: Tenant, lacks: str) -> None:
    made = [tenant.add(name=f"Company {n}", createdAt=f"2020-01-{20 - n:02}T00:00:00Z") for n in range(9)]
    ids = made if lacks == "sort" else made[::-1]
    told = {"ids": ids[:3], "totalElements": 3, "totalAvailable": 9}
    rule = {"kind": "status", "status": 200, "path": "ui_organizations_search"}
    tenant.sandbox.control("POST", "/faults", {**rule, "body": {"data": {"ui_organizations_search": told}}})
    with pytest.raises(ProtocolError, match="order"):
        tenant.pages()
