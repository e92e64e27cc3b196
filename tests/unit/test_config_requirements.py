"""Requirements are checked before anything runs, and those of a preset are changed one by one (Q1)."""

import pytest

from syncline.config import check, parse, resolved
from syncline.core.model import Kind, Side

HEAD = """\
version: 1
database: sqlite:///x.db
connections:
  leads: {system: customeros, base_url: "http://127.0.0.1:1", credentials: {api_key: "env:A"}}
  sales: {system: apollo, credentials: {api_key: "env:B"}}
syncs:
  main:
    left: leads
    right: sales
    preset: customeros-apollo
"""


def codes(text: str) -> set[str]:
    return {finding.code for finding in check(parse(HEAD + text)) if finding.level == "error"}


def requirement(line: str) -> str:
    return f"    kinds:\n      account:\n        require_left:\n          {line}\n"


@pytest.mark.proves("Q1", "Q4")
def test_the_preset_asks_all_that_is_promised_in_batches_every_quarter_of_an_hour() -> None:
    settings = resolved(parse(HEAD), "main")
    (kind,) = settings.kinds
    assert list(kind.require_left) == [
        "company", "not archived", "not a customer", "icp fit", "stage", "quarantine", "name", "domain", "owner",
    ]  # fmt: skip
    assert (kind.batch, kind.settle.total_seconds(), kind.settle_at_most.total_seconds()) == (25, 300, 3600)
    assert str(settings.schedule.of(Side.LEFT, Kind.ACCOUNT)) == "15m"
    assert not codes("")


@pytest.mark.proves("Q1")
def test_one_part_of_one_requirement_may_be_changed() -> None:
    (kind,) = resolved(parse(HEAD + requirement("stage: {at_least: solution}")), "main").kinds
    assert kind.require_left["stage"].at_least == "solution"
    assert "solution" in kind.require_left["stage"].order
    assert kind.require_left["name"].filled


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("stage: {at_least: unheard-of}", "unknown-threshold"),
        ("mine: {field: name}", "empty-requirement"),
        ("mine: {field: name, at_least: big}", "unknown-threshold"),
    ],
)
def test_a_requirement_that_cannot_work_is_refused(line: str, code: str) -> None:
    assert codes(requirement(line)) == {code}


def test_a_requirement_that_is_off_is_not_checked() -> None:
    assert not codes(requirement("mine: {field: name, enabled: false}"))


@pytest.mark.proves("Q7")
def test_leads_from_files_are_asked_the_same() -> None:
    text = HEAD.replace("customeros-apollo", "files-apollo").replace(
        """{system: customeros, base_url: "http://127.0.0.1:1", credentials: {api_key: "env:A"}}""",
        "{system: files, options: {path: leads.csv}}",
    )
    (ours,), (theirs,) = resolved(parse(text), "main").kinds, resolved(parse(HEAD), "main").kinds
    assert ours.require_left == theirs.require_left
    assert (ours.batch, ours.settle) == (theirs.batch, theirs.settle)
    assert [(p.left, p.right) for p in ours.pairs] == [("lead", "account")]
    assert str(resolved(parse(text), "main").schedule.of(Side.LEFT, Kind.ACCOUNT)) == "15m"
    assert not [finding for finding in check(parse(text)) if finding.level == "error"]


@pytest.mark.proves("Q6")
def test_a_mark_is_a_map_of_its_own_to_the_other_side() -> None:
    text = "    kinds: {account: {on_disqualified: {field: account_stage_id, value: Do Not Prospect}}}\n"
    (kind,) = resolved(parse(HEAD + text), "main").kinds
    marking = kind.pairs[0].fields[-1]
    assert (marking.left, marking.right, marking.direction) == (
        "disqualified",
        "account_stage_id",
        "to_right",
    )
    assert not codes(text)


def test_a_schedule_of_its_own_goes_before_the_presets() -> None:
    schedule = resolved(parse(HEAD + "    schedule: {push: 2h}\n"), "main").schedule
    assert str(schedule.of(Side.LEFT, Kind.ACCOUNT)) == "2h"
