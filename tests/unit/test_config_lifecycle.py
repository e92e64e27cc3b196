"""What the settings say of records that end: defaults, and marks that their system does not take."""

import pytest

from syncline.config import check, parse, resolved
from syncline.core.criteria import Mark
from syncline.core.errors import ConfigError
from syncline.core.model import Side
from tests.unit.test_config_check_fields import HEAD, LEFT, RIGHT

PAIR = (
    "        pairs: [{left: contact, right: Contact, fields: [{left: email, right: Email}]}]\n"
    "        create_right: {enabled: false}\n"
)


def found(line: str) -> list[tuple[str, str]]:
    findings = check(parse(f"{HEAD}{PAIR}        {line}\n"), {"left": LEFT, "right": RIGHT})
    return [(f.code, f.message) for f in findings]


@pytest.mark.proves("L1")
def test_nothing_is_deleted_or_marked_unless_it_is_said_and_merges_are_followed() -> None:
    (kind,) = resolved(parse(HEAD + PAIR), "main").kinds
    assert (kind.delete_left, kind.delete_right, kind.follow_merges, kind.on_ended) == (
        False,
        False,
        True,
        {},
    )


def test_settings_of_deletions_reach_the_engine_and_change_the_hash() -> None:
    text = (
        f"{HEAD}{PAIR}        delete_left: true\n        on_ended: {{left: {{field: title, value: Gone}}}}\n"
    )
    settings = resolved(parse(text), "main")
    (kind,) = settings.kinds
    assert (kind.delete_left, kind.delete_right) == (True, False)
    assert kind.on_ended == {Side.LEFT: Mark("title", "Gone")}
    assert settings.settings_hash != resolved(parse(HEAD + PAIR), "main").settings_hash


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ("{left: {field: nope, value: x}}", "unknown-field"),
        ("{left: {field: city, value: x}}", "read-only-target"),
        ("{left: {field: stage, value: Hot}}", "unknown-option"),
        ("{right: {field: Source, value: x}}", "read-only-target"),
    ],
)
def test_a_mark_that_its_system_does_not_take_is_an_error(mark: str, code: str) -> None:
    ((only, message),) = found(f"on_ended: {mark}")
    assert only == code
    assert message


@pytest.mark.parametrize(
    "mark", ["{left: {field: stage, value: cold}}", "{right: {field: Title, value: Gone}}"]
)
def test_a_mark_that_its_system_takes_is_fine(mark: str) -> None:
    assert found(f"on_ended: {mark}") == []


@pytest.mark.parametrize(
    "line",
    [
        "on_ended: {middle: {field: Title, value: x}}",
        "on_ended: {left: {field: title}}",
        "on_ended: [title]",
        "delete_left: perhaps",
    ],
)
def test_what_makes_no_sense_is_refused(line: str) -> None:
    with pytest.raises(ConfigError):
        parse(f"{HEAD}{PAIR}        {line}\n")
