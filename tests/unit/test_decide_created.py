"""What is agreed about a record that was just made, and by what a record can be found."""

import pytest

from syncline.core.decide import LinkView, created_agreements, decide_link, match_keys
from syncline.core.mapping import FieldMap
from syncline.core.match import MatchPolicy
from syncline.core.merge import Verdict
from syncline.core.model import Raw, Record, Ref, Side
from syncline.core.plan import FieldChange
from syncline.core.policy import Direction
from syncline.core.schema import FieldType
from tests.unit.mapped import context, field, record, schema

T = FieldType
FIELDS = ("name", "status", "city", "owner")
HERE = schema("contact", *(field(T.TEXT, name) for name in FIELDS))
THERE = schema("Contact", *(field(T.TEXT, name) for name in FIELDS))
FRAME = context(
    HERE,
    THERE,
    FieldMap("name", "name"),
    FieldMap("status", "status"),
    FieldMap("city", "city"),
    FieldMap("owner", "owner", direction=Direction.TO_LEFT),
)
SOURCE = record("contact/1", name="Ada", status="", city="Paris", owner="ann")


def sent(name: str, after: Raw) -> dict[str, FieldChange]:
    return {f"{name}={name}": FieldChange(f"{name}={name}", name, None, after, after, "new record")}


def test_what_was_sent_and_is_shown_is_agreed() -> None:
    found = created_agreements(
        FRAME, Side.RIGHT, SOURCE, record("Contact/9", name="Ada"), sent("name", "Ada"), frozenset()
    )
    assert list(found) == ["name=name"]
    agreed = found["name=name"]
    assert (agreed.agreed, agreed.base, agreed.left, agreed.right, agreed.writes) == (
        True,
        "Ada",
        "Ada",
        "Ada",
        (),
    )


def test_what_the_system_made_of_it_is_settled() -> None:
    shown = record("Contact/9", name="ADA!")
    found = created_agreements(FRAME, Side.RIGHT, SOURCE, shown, sent("name", "Ada"), frozenset())
    assert (found["name=name"].agreed, found["name=name"].settled) == (False, "rewritten")


def test_a_default_of_the_system_is_nobodys_edit() -> None:
    shown = record("Contact/9", name="Ada", status="New", owner="integration user")
    found = created_agreements(
        FRAME, Side.RIGHT, SOURCE, shown, sent("name", "Ada"), frozenset({"city=city"})
    )
    assert {key: a.settled for key, a in found.items()} == {
        "name=name": None,
        "status=status": "created so",
        "owner=owner": "created so",
    }
    after = decide_link(LinkView("7", FRAME, found, SOURCE, shown))
    assert {d.decision.verdict for key, d in after.items() if key in found} == {Verdict.QUIET}


def test_what_waits_or_is_held_stays_without_agreement() -> None:
    shown = record("Contact/9", name="Ada", city=None)
    found = created_agreements(
        FRAME, Side.RIGHT, SOURCE, shown, sent("name", "Ada"), frozenset({"city=city"})
    )
    assert "city=city" not in found
    later = decide_link(LinkView("7", FRAME, found, SOURCE, shown))["city=city"].decision
    assert (later.verdict, later.value) == (Verdict.WRITE, "Paris")


def test_what_could_not_be_given_at_creation_is_written_afterwards() -> None:
    shown = record("Contact/9", name="Ada", city=None)
    found = created_agreements(FRAME, Side.RIGHT, SOURCE, shown, sent("name", "Ada"), frozenset())
    later = decide_link(LinkView("7", FRAME, found, SOURCE, shown))["city=city"].decision
    assert (later.verdict, later.value) == (Verdict.WRITE, "Paris")


def test_what_is_not_shown_is_not_agreed() -> None:
    shown = Record(Ref("Contact", "9"), {"name": "Ada", "city": "Paris"}, frozenset({"city"}))
    found = created_agreements(FRAME, Side.RIGHT, SOURCE, shown, sent("name", "Ada"), frozenset())
    assert list(found) == ["name=name"]


PERSON = schema(
    "contact",
    field(T.EMAIL, "email"),
    field(T.EMAIL, "home"),
    field(T.URL, "linkedin"),
    field(T.TEXT, "title"),
)
LEAD = schema(
    "Lead", field(T.EMAIL, "Email"), field(T.EMAIL, "Home"), field(T.URL, "Profile"), field(T.TEXT, "Title")
)
PEOPLE = context(
    PERSON,
    LEAD,
    FieldMap("home", "Home"),
    FieldMap("email", "Email"),
    FieldMap("linkedin", "Profile"),
    FieldMap("title", "Title"),
    match=MatchPolicy(keys=("linkedin", "email")),
)


@pytest.mark.proves("I1")
def test_keys_come_in_the_order_of_the_policy_and_in_common_form() -> None:
    subject = record(
        "contact/1",
        email="Ada <ADA@x.test>",
        home="ada@home.test",
        linkedin="https://www.x.test/in/Ada/",
        title="CTO",
    )
    assert match_keys(PEOPLE, Side.LEFT, subject) == [
        ("linkedin", "x.test/in/Ada"),
        ("email", "ada@home.test"),
        ("email", "ada@x.test"),
    ]
    lead = record("Lead/9", Email="ada@X.test", Profile="x.test/in/Ada")
    assert match_keys(PEOPLE, Side.RIGHT, lead) == [("linkedin", "x.test/in/Ada"), ("email", "ada@x.test")]


@pytest.mark.proves("I1")
@pytest.mark.parametrize("email", [None, "", "no address", "@x.test", "x" * 300_000, 7, ["ada@x.test"]])
def test_what_identifies_nobody_is_no_key(email: Raw) -> None:
    assert match_keys(PEOPLE, Side.LEFT, record("contact/1", email=email)) == []


def test_missing_and_withheld_addresses_are_no_keys() -> None:
    subject = Record(Ref("contact", "1"), {"email": "ada@x.test"}, frozenset({"email"}))
    assert match_keys(PEOPLE, Side.LEFT, subject) == []


SITES = pytest.mark.parametrize(
    ("site", "domain"),
    [
        ("https://www.Acme.test/en", "acme.test"),
        ("sales@shop.acme.test", "acme.test"),
        ("n/a", None),
        ("-", None),
        ("", None),
    ],
)


@pytest.mark.proves("I1")
@SITES
def test_companies_are_found_by_domain_of_two_urls(site: str, domain: str | None) -> None:
    frame = context(
        schema("account", field(T.URL, "url")),
        schema("Account", field(T.URL, "Website")),
        FieldMap("url", "Website", transform="domain"),
        match=MatchPolicy(keys=("domain",)),
    )
    assert match_keys(frame, Side.LEFT, record("account/1", url=site)) == (
        [("domain", domain)] if domain else []
    )


@pytest.mark.proves("I1")
@SITES
def test_companies_are_found_by_domain(site: str, domain: str | None) -> None:
    frame = context(
        schema("account", field(T.DOMAIN, "domain")),
        schema("Account", field(T.URL, "Website")),
        FieldMap("domain", "Website", transform="domain"),
        match=MatchPolicy(keys=("domain",)),
    )
    wanted = [("domain", domain)] if domain else []
    assert match_keys(frame, Side.RIGHT, record("Account/1", Website=site)) == wanted
    assert match_keys(frame, Side.LEFT, record("account/1", domain=site)) == wanted
