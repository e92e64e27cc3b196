"""The page of what each system can do leaves out nothing that connectors say of themselves."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from docs.generate import capabilities
from syncline.connectors.base import Capabilities
from syncline.connectors.registry import SYSTEMS

OTHER: dict[str, object] = {
    "create_batch": 7,
    "update_batch": 7,
    "batch_fetch": 7,
    "finds": frozenset({"email"}),
    "listing_lag": timedelta(seconds=7),
    "overlap": timedelta(minutes=7),
    "shared": ("owner",),
    "create_shared": ("owner",),
    "sees_deletions": True,
    "tells_fates": True,
    "deletions_by_id": 7,
    "sweep_every": timedelta(hours=7),
    "merged_ids": "merged",
    "time_of_change": False,
    "conditional_update": True,
    "deletes": True,
}
"""For each capability a value that is not the usual one."""


@pytest.mark.parametrize("name", [f.name for f in fields(Capabilities) if f.name != "notes"])
def test_every_capability_is_on_the_page(name: str) -> None:
    able = Capabilities(deletions_by_id=1) if name == "sweep_every" else Capabilities()
    other = replace(able, **{name: OTHER[name]})  # type: ignore[arg-type]
    assert [say(able) for say in capabilities.ROWS.values()] != [
        say(other) for say in capabilities.ROWS.values()
    ]


def test_every_system_is_on_the_page() -> None:
    assert set(capabilities.SETTINGS) == set(SYSTEMS) - {"memory"}


def test_every_rule_that_a_system_falls_short_of_is_explained() -> None:
    page = capabilities.page()
    for rule in capabilities.RULES:
        assert f"| {rule} |" in page, f"no system falls short of {rule} any more"
