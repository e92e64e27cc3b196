"""Records that are deleted, purged and restored in one system, with deletion sync off and on."""

from collections.abc import Iterator

import pytest

from tests.scenario.lifecycle import Ends, Story, opened
from tests.scenario.pair import Pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with opened(tmp_path_factory.mktemp("deletes")) as made:
        yield made


@pytest.mark.proves("L1")
def test_with_deletion_sync_off_nothing_is_deleted_and_nothing_made_again(pair: Pair) -> None:
    story = Story(pair)
    story.hire("Ada", "Bob")
    story.delete("salesforce", "Ada")
    story.delete("apollo", "Bob")
    story.rests()
    assert story.ends() == Ends(0, ["deleted", "deleted"], [])
    story.edit("Ada", title="Still here")
    pair.put("salesforce", "Contact", story.salesforce["Bob"], Title="Still here")
    story.rests()
    assert story.grown() == {"contacts": 1, "Contact": 1}


@pytest.mark.proves("L1")
def test_a_contact_deleted_in_apollo_is_deleted_in_salesforce_where_deletions_are_carried_over(
    pair: Pair,
) -> None:
    story = Story(pair, kinds={"delete_right": True})
    story.hire("Cyd", "Dee")
    story.delete("apollo", "Cyd")
    story.rests()
    assert story.record("Contact", story.salesforce["Cyd"])["IsDeleted"] is True
    assert story.ends() == Ends(1, ["removed"], [])
    assert story.grown() == {"contacts": 1, "Contact": 1}


@pytest.mark.proves("L1", "S1")
def test_a_deletion_that_apollo_cannot_carry_out_marks_the_contact_instead(pair: Pair) -> None:
    mark = {"left": {"field": "label_names", "value": "Deleted in the CRM"}}
    story = Story(pair, kinds={"delete_left": True, "on_ended": mark})
    story.hire("Eve")
    story.delete("salesforce", "Eve")
    story.rests()
    assert len(story.contact("Eve")["label_ids"]) == 1
    assert story.ends() == Ends(0, ["deleted"], [])
    assert story.grown() == {"contacts": 1}


@pytest.mark.proves("L1", "S3")
def test_many_deletions_wait_for_a_person(pair: Pair) -> None:
    story = Story(pair, kinds={"delete_right": True}, brakes={"max_deletes": 2})
    names = ("Flo", "Gus", "Hal")
    story.hire(*names)
    for name in names:
        story.delete("apollo", name)
    ended = pair.ask("run", "--yes")
    assert ended.code == 2, ended
    assert story.grown() == {"Contact": 3}
    assert pair.ask("run", "--plan", str(ended.document["run"]), "--yes").code == 0
    story.rests()
    assert story.ends() == Ends(0, ["removed"] * 3, [])
    assert story.grown() == {}


@pytest.mark.proves("L4")
def test_a_contact_restored_in_salesforce_is_linked_with_the_same_one_again(pair: Pair) -> None:
    story = Story(pair, kinds={"delete_right": True})
    story.hire("Ivy")
    story.delete("salesforce", "Ivy")
    story.rests()
    assert story.ends() == Ends(0, ["deleted"], [])
    story.edit("Ivy", title="While it was gone")
    story.act("/undelete", object="Contact", id=story.salesforce["Ivy"])
    story.rests()
    assert story.partner("Ivy") == f"Contact/{story.salesforce['Ivy']}"
    assert story.record("Contact", story.salesforce["Ivy"])["Title"] == "While it was gone"
    assert story.grown() == {"contacts": 1, "Contact": 1}


@pytest.mark.proves("L2", "L5")
def test_a_survivor_deleted_later_takes_nobody_along(pair: Pair) -> None:
    story = Story(pair, kinds={"delete_left": True, "delete_right": True})
    story.hire("Jon", "Kim")
    story.merge("Kim", "Jon")
    story.delete("salesforce", "Kim")
    story.rests()
    assert story.ends().ended == ["deleted", "merged"]
    assert story.grown() == {"contacts": 2}


@pytest.mark.proves("L2")
def test_a_merge_in_apollo_ends_the_losers_link_and_salesforce_keeps_both(pair: Pair) -> None:
    story = Story(pair, kinds={"delete_right": True})
    story.hire("Liz", "Mia")
    for name in ("Liz", "Mia"):
        story.edit(name, salesforce_id=story.salesforce[name])
    wish = {"type": "contacts", "winner": story.apollo["Mia"], "loser": story.apollo["Liz"]}
    pair.sandboxes["apollo"].control("POST", "/merge", wish)
    story.rests()
    assert story.ends() == Ends(1, ["merged"], [])
    assert story.partner("Mia") == f"Contact/{story.salesforce['Mia']}"
    assert story.grown() == {"contacts": 1, "Contact": 2}


@pytest.mark.proves("L1", "L5")
def test_a_contact_that_apollo_hides_or_that_was_purged_is_listed_and_not_taken_for_deleted(
    pair: Pair,
) -> None:
    story = Story(pair, kinds={"delete_left": True, "delete_right": True})
    story.hire("Ned", "Oda")
    pair.sandboxes["apollo"].control("POST", "/visibility", {"ids": [story.apollo["Ned"]], "hidden": True})
    story.delete("salesforce", "Oda")
    pair.sandboxes["salesforce"].control("POST", "/recycle_bin", {"purge": True})
    pair.run_until_quiet()
    assert story.ends() == Ends(2, [], [])
    assert story.record("Contact", story.salesforce["Ned"]).get("IsDeleted") in (None, False)
    samples = pair.ask("reconcile").document["samples"]
    named = {str(sample.get("record")) for sample in samples}
    assert f"contact/{story.apollo['Ned']}" in named
    assert f"Contact/{story.salesforce['Oda']}" in named
