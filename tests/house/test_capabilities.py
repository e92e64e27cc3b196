"""The page of what each system can do says what the connectors say of themselves."""

import re
from typing import Any

import pytest

from syncline.connectors.base import Capabilities
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import connect
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/reference/capabilities.md").read_text()
ROWS: dict[str, tuple[str, ...]] = {
    row[0]: row[1:]
    for row in re.findall(r"^\| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
}
SYSTEMS: dict[str, tuple[dict[str, Any], str]] = {
    "apollo": ({"credentials": {"api_key": "k" * 20}}, "contact"),
    "salesforce": (
        {
            "base_url": "https://your-company.my.salesforce.com",
            "credentials": {"client_id": "id", "client_secret": "s" * 20},
        },
        "Contact",
    ),
    "customeros": (
        {"base_url": "https://customeros.example.com", "credentials": {"api_key": "cos_" + "k" * 20}},
        "organization",
    ),
}


def _said(row: str, system: str) -> str:
    return ROWS[row][list(SYSTEMS).index(system)]


@pytest.fixture(params=SYSTEMS)
def told(request: pytest.FixtureRequest) -> tuple[str, Capabilities]:
    """The capabilities of a system's people; nobody is called for them."""
    settings, object_type = SYSTEMS[request.param]
    connector = connect({"system": request.param, **settings}, SystemClock(), MemoryTokenStore())
    try:
        return request.param, connector.capabilities(object_type)
    finally:
        connector.close()


def test_batches_are_as_large_as_the_page_says(told: tuple[str, Capabilities]) -> None:
    system, known = told
    for row, batch in (
        ("create without changing an existing record", known.create_batch),
        ("update many in one call", known.update_batch),
    ):
        said = _said(row, system)
        assert (f"{batch} a call" in said) if batch else said.startswith("no")
    many = _said("read many records by id in one call", system)
    assert (f"{known.batch_fetch:,}" in many) if known.batch_fetch else many.startswith("no")


def test_a_read_goes_back_as_far_as_the_page_says(told: tuple[str, Capabilities]) -> None:
    system, known = told
    assert f"going back {known.overlap.total_seconds() / 60:g} minutes" in _said("know what changed", system)


def test_what_a_system_lacks_is_on_the_page(told: tuple[str, Capabilities]) -> None:
    system, known = told
    assert _said("tell that a record was deleted", system).startswith("yes") == known.sees_deletions
    assert (_said("delete", system) == "yes") == known.deletes
    refuses = _said("refuse a write if the record has changed meanwhile", system)
    assert known.conditional_update or refuses.startswith("no")
    assert ("by e-mail" in _said("find by e-mail address or domain", system)) == ("email" in known.finds)


def test_a_note_about_a_rule_has_its_row_or_paragraph(told: tuple[str, Capabilities]) -> None:
    subjects = {
        "L1": "delete",
        "L2": "merge",
        "L4": "restored",
        "M4": "make stages",
        "P0": "50,000",
        "S1": "Between looking and writing",
    }
    assert not [rule for rule in told[1].notes if subjects[rule] not in PAGE]
