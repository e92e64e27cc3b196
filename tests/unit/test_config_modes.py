"""The mode of a kind: one word for which side is written, and what contradicts it."""

from pathlib import Path

import pytest

from syncline.config import check, parse
from syncline.config.sync import resolved
from syncline.connectors.registry import SYSTEMS
from syncline.core.model import Kind, Side
from syncline.core.scope import KindSettings
from tests.unit.test_config_check import PRESET


def settings_of(deal: str) -> KindSettings | None:
    document = parse(f"{PRESET}    kinds: {{deal: {{{deal}}}}}\n", Path("syncline.yaml"))
    return resolved(document, "main").kind(Kind.DEAL)


@pytest.mark.parametrize(
    ("mode", "written"), [("both", set(Side)), ("to_left", {Side.LEFT}), ("to_right", {Side.RIGHT})]
)
@pytest.mark.proves("D1")
def test_a_mode_says_which_sides_are_written(mode: str, written: set[Side]) -> None:
    kind = settings_of(f"mode: {mode}")
    assert kind is not None
    assert {side for side in Side if kind.create_rule(side).enabled} == written
    assert {side for side in Side if kind.updates(side)} == written


@pytest.mark.proves("D1")
@pytest.mark.parametrize("written", ["off", '"off"'])
def test_off_leaves_the_kind_out(written: str) -> None:
    assert settings_of(f"mode: {written}") is None


def test_a_mode_opens_nothing_that_is_closed() -> None:
    kind = settings_of("mode: both, update_left: false, create_right: {enabled: false}")
    assert kind is not None
    assert (kind.updates(Side.LEFT), kind.create_rule(Side.RIGHT).enabled) == (False, False)


@pytest.mark.parametrize(
    ("deal", "place"),
    [
        ("mode: to_left, create_right: {enabled: true}", "create_right.enabled"),
        ("mode: to_right, update_left: true", "update_left"),
        ("mode: off, enabled: true", "enabled"),
    ],
)
def test_what_contradicts_a_mode_is_found(deal: str, place: str) -> None:
    document = parse(f"{PRESET}    kinds: {{deal: {{{deal}}}}}\n", Path("syncline.yaml"))
    (finding,) = check(document, needs=SYSTEMS)
    assert (finding.code, finding.level) == ("mode-contradicted", "error")
    assert finding.message.startswith(f"{place} is true")
    assert f"deal.{place}" in finding.place


@pytest.mark.parametrize(
    "deal", ["mode: to_left, create_right: {enabled: false}", "mode: to_right, enabled: true"]
)
def test_what_agrees_with_a_mode_is_no_finding(deal: str) -> None:
    document = parse(f"{PRESET}    kinds: {{deal: {{{deal}}}}}\n", Path("syncline.yaml"))
    assert check(document, needs=SYSTEMS) == []


def test_a_field_to_match_by_besides_has_to_be_mapped() -> None:
    document = parse(
        f"{PRESET}    kinds: {{deal: {{match: {{keys: [name], same: [acount_id]}}}}}}\n", Path("s.yaml")
    )
    (finding,) = check(document, needs=SYSTEMS)
    assert finding.code == "unknown-match-key"
    assert "Did you mean account_id?" in finding.cure
