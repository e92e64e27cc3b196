"""Contact roles as fields of opportunities: read many at a time, added and never taken out."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from syncline.connectors.base import Change
from syncline.core.model import MISSING, ErrorClass, OutcomeStatus, Raw, Record
from tests.unit.scripted_org import (
    SYSTEM,
    ScriptedOrg,
    batch,
    connected,
    described,
    refused,
    row,
    scripted_org,
)
from tests.unit.scripted_server import Answer, Request

pytestmark = pytest.mark.proves("D2")

ROLE = "OpportunityContactRole"
DEAL_FIELDS = [*SYSTEM, described("Name"), described("Amount", "currency")]
ROLE_COLUMNS = [
    described("Id", "id", createable=False, updateable=False),
    described("OpportunityId", "reference", updateable=False),
    described("ContactId", "reference", updateable=False),
    described("IsPrimary", "boolean"),
]
FIELDS = ["Name", "ContactRoles", "PrimaryContact"]


def deal_id(number: int) -> str:
    return f"006000000{number:06d}AAA"


def person(number: int) -> str:
    return f"003000000{number:06d}AAA"


def deal(number: int, **values: Any) -> dict[str, Any]:
    return {**row(number, **values), "Id": deal_id(number)}


def role(number: int, of: int, contact: Any, primary: bool = False) -> dict[str, Any]:
    named = person(contact) if isinstance(contact, int) else contact
    id_ = f"00k000000{number:06d}AAA"
    return {"Id": id_, "OpportunityId": deal_id(of), "ContactId": named, "IsPrimary": primary}


class Roles:
    """An organisation of opportunities with roles that it keeps, unless `refusal` answers to their rows."""

    def __init__(self, org: ScriptedOrg) -> None:
        self.org = org
        self.rows: list[dict[str, Any]] = []
        self.description: Answer = Answer(
            body={"fields": ROLE_COLUMNS, "createable": True, "updateable": True}
        )
        self.query: Answer | None = None
        self.refusal: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _row: None
        org.override = self.answer

    def answer(self, request: Request) -> Answer | None:
        if request.path.endswith(f"/{ROLE}/describe"):
            return self.description
        if request.path.endswith("/describe"):
            return Answer(body={"fields": DEAL_FIELDS})
        asked = dict(request.query).get("q", "")
        if f"FROM {ROLE}" in asked:
            named = re.findall(r"006\w{15}", asked)
            return self.query or batch(each for each in self.rows if each["OpportunityId"] in named)
        if request.path.endswith("/composite/sobjects") and self._about_roles(request):
            return Answer(body=[self._written(each) for each in request.json["records"]])
        return None

    def _about_roles(self, request: Request) -> bool:
        return bool(request.json["records"][0]["attributes"]["type"] == ROLE)

    def _written(self, sent: dict[str, Any]) -> dict[str, Any]:
        if bad := self.refusal(sent):
            return {"success": False, "errors": [bad]}
        values = {name: value for name, value in sent.items() if name not in {"attributes", "id"}}
        if "id" in sent:
            next(each for each in self.rows if each["Id"] == sent["id"]).update(values)
            return {"id": sent["id"], "success": True, "errors": []}
        id_ = f"00k000000{len(self.rows) + 1:06d}AAA"
        self.rows.append({"Id": id_, **values})
        return {"id": id_, "success": True, "errors": []}

    def of(self, number: int) -> list[tuple[str, bool]]:
        mine = [each for each in self.rows if each["OpportunityId"] == deal_id(number)]
        return [(each["ContactId"], each["IsPrimary"]) for each in mine]

    @property
    def asked(self) -> int:
        return sum(f"FROM {ROLE}" in text for text in self.org.soql)


@pytest.fixture
def roles() -> Iterator[Roles]:
    with scripted_org() as org:
        yield Roles(org)


def read(roles: Roles, *rows: dict[str, Any]) -> list[Record]:
    roles.org.queries = [batch(rows)]
    with connected(roles.org, window=3_000) as connector:
        return [record for page in connector.changes("Opportunity", None, FIELDS) for record in page.records]


def update(roles: Roles, **values: Raw) -> Any:
    roles.org.living = {deal_id(1): deal(1, Name="Deal")}
    with connected(roles.org) as connector:
        (outcome,) = connector.update("Opportunity", [Change(deal_id(1), values)])
    return outcome


def test_roles_are_read_with_many_deals_the_primary_contact_first(roles: Roles) -> None:
    roles.rows = [role(1, 1, 7), role(2, 1, 8, primary=True), role(3, 1, 7), role(4, 250, 9)]
    found = {record.ref.remote_id: record for record in read(roles, *(deal(n) for n in range(1, 301)))}
    assert found[deal_id(1)].get("ContactRoles") == [person(8), person(7)]
    assert found[deal_id(1)].get("PrimaryContact") == person(8)
    assert found[deal_id(250)].get("ContactRoles") == [person(9)]
    assert (found[deal_id(2)].get("ContactRoles"), found[deal_id(2)].get("PrimaryContact")) == ([], None)
    assert roles.asked == 3


def test_roles_that_nobody_maps_cost_no_call(roles: Roles) -> None:
    roles.org.queries = [batch([deal(1)])]
    with connected(roles.org) as connector:
        list(connector.changes("Opportunity", None, ["Name"]))
    assert roles.asked == 0


@pytest.mark.parametrize("bad", [None, 5.5, "", "003'; DROP", ["x"]])
def test_rows_that_name_no_contact_are_none(roles: Roles, bad: Any) -> None:
    roles.rows = [role(1, 1, bad), role(2, 1, 7)]
    assert read(roles, deal(1))[0].get("ContactRoles") == [person(7)]


@pytest.mark.parametrize(
    "answer",
    [
        refused(404, "NOT_FOUND"),
        refused(403, "INSUFFICIENT_ACCESS"),
        Answer(body=[]),
        Answer(body={"fields": 5}),
        Answer(body={"fields": [{"name": ["x"]}, 7, *ROLE_COLUMNS[:2]]}),
    ],
)
def test_roles_that_may_not_be_read_are_no_fields(roles: Roles, answer: Answer) -> None:
    roles.description = answer
    with connected(roles.org) as connector:
        assert not {"ContactRoles", "PrimaryContact"} & connector.describe("Opportunity").fields.keys()
    assert read(roles, deal(1))[0].get("ContactRoles") is MISSING
    assert roles.asked == 0


def test_roles_that_are_only_read_cannot_be_written(roles: Roles) -> None:
    roles.description = Answer(body={"fields": ROLE_COLUMNS, "createable": True, "updateable": False})
    with connected(roles.org) as connector:
        fields = connector.describe("Opportunity").fields
    assert (fields["ContactRoles"].updatable, fields["PrimaryContact"].updatable) == (True, False)
    assert not fields["ContactRoles"].creatable


@pytest.mark.parametrize("code", ["INVALID_TYPE", "INVALID_FIELD"])
def test_a_right_that_is_lost_meanwhile_leaves_the_roles_unread(roles: Roles, code: str) -> None:
    roles.query = refused(400, code)
    (found,) = read(roles, deal(1))
    assert (found.ref.remote_id, found.get("ContactRoles")) == (deal_id(1), MISSING)


def test_missing_roles_are_added_and_the_others_stay(roles: Roles) -> None:
    roles.rows = [role(1, 1, 7)]
    outcome = update(roles, Name="Deal", ContactRoles=[person(7), person(8)], PrimaryContact=person(8))
    assert outcome.status is OutcomeStatus.APPLIED
    assert roles.of(1) == [(person(7), False), (person(8), True)]
    assert outcome.record.get("ContactRoles") == [person(8), person(7)]


def test_roles_alone_do_not_write_the_deal_and_are_not_given_twice(roles: Roles) -> None:
    for _ in range(2):
        assert update(roles, ContactRoles=[person(7), person(7), person(8)]).status is OutcomeStatus.APPLIED
    assert roles.of(1) == [(person(7), False), (person(8), False)]
    assert not roles.org.asked("PATCH", "/composite/sobjects")
    assert update(roles, ContactRoles=[]).status is OutcomeStatus.APPLIED
    assert len(roles.of(1)) == 2


def test_one_contact_is_the_primary_one(roles: Roles) -> None:
    roles.rows = [role(1, 1, 7, primary=True), role(2, 1, 8)]
    assert update(roles, PrimaryContact=person(8)).status is OutcomeStatus.APPLIED
    assert roles.of(1) == [(person(7), False), (person(8), True)]
    assert update(roles, PrimaryContact=person(9)).record.get("PrimaryContact") == person(9)
    assert roles.of(1) == [(person(7), False), (person(8), False), (person(9), True)]
    assert update(roles, PrimaryContact=None).status is OutcomeStatus.APPLIED
    assert roles.of(1)[2] == (person(9), True)


def test_thousands_of_roles_go_in_batches(roles: Roles) -> None:
    wanted: list[str] = [person(n) for n in range(1, 1_002)]
    assert update(roles, ContactRoles=wanted).status is OutcomeStatus.APPLIED
    assert [contact for contact, _ in roles.of(1)] == wanted
    assert len(roles.org.asked("POST", "/composite/sobjects")) - 1 == 6  # one of them reads the deal back


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INVALID_CROSS_REFERENCE_KEY", ErrorClass.VALIDATION),
        ("ENTITY_IS_DELETED", ErrorClass.VALIDATION),
        ("INSUFFICIENT_ACCESS_OR_READONLY", ErrorClass.PERMISSION),
    ],
)
def test_a_refused_role_is_told_of_its_field_and_not_of_the_deal(
    roles: Roles, code: str, kind: ErrorClass
) -> None:
    bad = {"statusCode": code, "message": "no", "fields": ["ContactId"]}
    roles.refusal = lambda sent: bad if sent.get("ContactId") == person(8) else None
    outcome = update(roles, ContactRoles=[person(7), person(8)])
    assert (outcome.status, outcome.failure.error_class) == (OutcomeStatus.REJECTED, kind)
    assert outcome.failure.fields == ("ContactRoles",)
    assert roles.of(1) == [(person(7), False)]


def test_roles_that_cannot_be_looked_at_are_not_added(roles: Roles) -> None:
    roles.query = refused(403, "INSUFFICIENT_ACCESS")
    outcome = update(roles, Name="Deal", ContactRoles=[person(7)])
    assert outcome.status is OutcomeStatus.REJECTED
    assert roles.of(1) == []


def test_a_refused_deal_gets_no_roles(roles: Roles) -> None:
    error = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "no", "fields": ["Name"]}
    roles.org.writes = [Answer(body=[{"success": False, "errors": [error]}])]
    outcome = update(roles, Name="Deal", ContactRoles=[person(7)])
    assert (outcome.status, outcome.failure.fields) == (OutcomeStatus.REJECTED, ("Name",))
    assert roles.of(1) == []
