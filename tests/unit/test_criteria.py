"""What a record has to meet before it gets a counterpart: every question by itself, with its answer (Q1)."""

from dataclasses import replace
from typing import Any

import pytest

from syncline.core.criteria import Requirement, asked
from syncline.core.schema import FieldType, ObjectSchema
from tests.unit.mapped import field, options, record, schema

ORDER = ("target", "education", "Ready To Buy")
LEADS = schema(
    "lead",
    field(name="name"),
    field(name="domain"),
    field(FieldType.PICKLIST, "stage", options=options("Ready to buy", "Education", prefix="id_")),
    field(FieldType.BOOLEAN, "hide"),
)
STAGE = Requirement("stage", at_least="education", order=ORDER)
FIT = Requirement("stage", one_of=("ready_to_buy", "target"))
NO_CUSTOMER = Requirement("stage", none_of=("customer",))
DOMAIN = Requirement("domain", own_domain=True)


def answer(
    requirement: Requirement, told: ObjectSchema = LEADS, refusal: str | None = None, **values: Any
) -> tuple[bool, str]:
    """Whether a lead with these values passes, and why or why not."""
    (one,) = asked({"it": requirement}, record("lead/1", **values), told, lambda _: refusal)
    assert one.name == "it"
    return one.passed, one.reason


@pytest.mark.proves("Q1")
@pytest.mark.parametrize(
    ("requirement", "values", "passes"),
    [
        (Requirement("name", filled=True), {"name": "One"}, True),
        (Requirement("name", filled=True), {"name": " \t"}, False),
        (Requirement("name", filled=True), {"name": None}, False),
        (STAGE, {"stage": "education"}, True),
        (STAGE, {"stage": "id_Ready to buy"}, True),
        (STAGE, {"stage": "READY_TO_BUY"}, True),
        (STAGE, {"stage": "Target"}, False),
        (STAGE, {"stage": "unheard of"}, False),
        (STAGE, {"stage": None}, False),
        (FIT, {"stage": "Target"}, True),
        (FIT, {"stage": "id_Ready to buy"}, True),
        (FIT, {"stage": "education"}, False),
        (FIT, {"stage": ""}, False),
        (NO_CUSTOMER, {"stage": "CUSTOMER"}, False),
        (NO_CUSTOMER, {"stage": "target"}, True),
        (NO_CUSTOMER, {"stage": None}, True),
        (Requirement("hide", none_of=("true",)), {"hide": True}, False),
        (Requirement("hide", none_of=("true",)), {"hide": False}, True),
    ],
)
def test_each_question_by_itself(requirement: Requirement, values: dict[str, Any], passes: bool) -> None:
    assert answer(requirement, **values)[0] is passes


@pytest.mark.proves("Q1")
@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("one.example", True),
        ("https://www.one.example/about", True),
        ("müller.example", True),
        ("one.co.uk", True),
        ("co.uk", False),
        ("com", False),
        ("192.0.2.7", False),
        ("http://192.0.2.7/", False),
        ("https://www.linkedin.com/company/one", False),
        ("facebook.com", False),
        ("somebody@gmail.com", False),
        ("no domain at all", False),
        ("x" * 10_000, False),
        ("", False),
        (None, False),
    ],
)
def test_a_domain_of_its_own(text: str | None, passes: bool) -> None:
    assert answer(DOMAIN, domain=text)[0] is passes


def test_the_reason_names_the_field_its_value_and_what_it_lacks() -> None:
    assert answer(STAGE, stage="target") == (False, "Stage is 'target', below education")
    assert answer(STAGE, stage="id_Ready to buy") == (True, "Stage is 'Ready to buy'")
    assert answer(DOMAIN, domain="co.uk") == (False, "Domain is co.uk, under which anybody may register")
    assert answer(FIT, stage=None) == (False, "Stage is empty")


def test_a_field_the_system_does_not_have_passes_only_where_it_is_optional() -> None:
    quarantine = Requirement("quarantine", one_of=("active",))
    assert answer(quarantine) == (False, "quarantine is missing")
    optional = Requirement("quarantine", one_of=("active",), optional=True)
    assert answer(optional)[0]
    known = schema("lead", field(name="quarantine"))
    assert answer(optional, known)[0], "a file may know a column that this one does not have"
    assert not answer(optional, known, quarantine=None)[0]
    hidden = replace(record("lead/1"), withheld=frozenset({"quarantine"}))
    assert not asked({"it": optional}, hidden, known, lambda _: None)[0].passed, "nobody can tell"


def test_a_withheld_value_answers_nothing() -> None:
    hidden = replace(record("lead/1"), withheld=frozenset({"name"}))
    (one,) = asked({"name": Requirement("name", filled=True)}, hidden, LEADS, lambda _: None)
    assert (one.passed, one.reason) == (False, "Name is withheld")


def test_a_value_the_other_side_cannot_take_says_why() -> None:
    requirement = Requirement("name", carried=True)
    assert answer(requirement, refusal="cannot be carried over: nobody is there", name="One") == (
        False,
        "Name cannot be carried over: nobody is there",
    )
    assert answer(requirement, name="One")[0]
    assert answer(requirement, refusal="is empty", name=None) == (False, "Name is empty")
    assert answer(requirement, name=None) == (True, "Name is empty")


def test_a_requirement_that_is_off_is_not_asked() -> None:
    off = Requirement("name", filled=True, enabled=False)
    assert asked({"name": off}, record("lead/1"), LEADS, lambda _: None) == []
