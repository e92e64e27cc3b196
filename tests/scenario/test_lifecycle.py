"""Records that are merged or converted in Salesforce while work goes on in Apollo; each story ends in agreement."""

from collections.abc import Iterator

import pytest

from syncline.store.models import Link
from tests.scenario.lifecycle import Ends, Story, opened
from tests.scenario.pair import Pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with opened(tmp_path_factory.mktemp("lifecycle")) as made:
        yield made


@pytest.mark.proves("L2", "L5")
def test_three_contacts_are_merged_while_one_is_edited_in_apollo(pair: Pair) -> None:
    story = Story(pair, kinds={"delete_left": True, "delete_right": True})
    story.hire("Ada", "Bob", "Cyd")
    story.edit("Bob", title="Head of Stories")
    story.edit("Ada", title="Chief of Stories")
    story.merge("Ada", "Bob", "Cyd")
    story.rests()
    assert story.ends() == Ends(1, ["merged", "merged"], ["change of an ended link"])
    assert story.partner("Ada") == f"Contact/{story.salesforce['Ada']}"
    assert story.record("Contact", story.salesforce["Ada"])["Title"] == "Chief of Stories"
    assert story.grown() == {"contacts": 3, "Contact": 1}


@pytest.mark.proves("L2")
def test_a_merge_of_two_linked_contacts_keeps_the_survivors_link_and_marks_the_other(pair: Pair) -> None:
    mark = {"left": {"field": "label_names", "value": "Merged in the CRM"}}
    story = Story(pair, kinds={"on_ended": mark})
    story.hire("Dee", "Eve")
    story.merge("Eve", "Dee")
    story.rests()
    assert story.ends() == Ends(1, ["merged"], [])
    assert len(story.contact("Dee")["label_ids"]) == 1
    assert not story.contact("Eve")["label_ids"]
    assert story.grown() == {"contacts": 2, "Contact": 1}
    story.edit("Dee", title="Nobody's twin")
    story.edit("Eve", title="Somebody's twin")
    story.rests()
    assert story.record("Contact", story.salesforce["Eve"])["Title"] == "Somebody's twin"
    assert story.grown() == {"contacts": 2, "Contact": 1}


@pytest.mark.proves("L2")
def test_a_chain_of_merges_into_somebody_new_takes_the_link_along(pair: Pair) -> None:
    story = Story(pair)
    story.hire("Flo")
    story.edit("Flo", title="Carried over")
    for name in ("Gus", "Hal"):
        values = {"FirstName": name, "LastName": "Story", "Email": f"{name}.chain@story.test"}
        story.salesforce[name] = pair.put("salesforce", "Contact", **values)["Id"]
    story.merge("Gus", "Flo")
    story.merge("Hal", "Gus")
    story.rests()
    assert story.partner("Flo") == f"Contact/{story.salesforce['Hal']}"
    assert story.ends().ended == ["merged"]
    assert story.record("Contact", story.salesforce["Hal"])["Title"] == "Carried over"
    assert story.grown() == {"contacts": 1, "Contact": 1}


@pytest.mark.proves("L3", "L5")
def test_a_lead_is_converted_between_the_plan_and_its_run(pair: Pair) -> None:
    story = Story(pair)
    story.hire("Ivy", object_type="Lead")
    story.edit("Ivy", title="Converted")
    planned = pair.ask("plan").document["run"]
    became = story.act("/convert", lead=story.salesforce["Ivy"], opportunity="Ivy's deal")
    ended = pair.ask("run", "--plan", str(planned), "--yes")
    assert ended.code == 0, ended
    assert story.record("Lead", story.salesforce["Ivy"]).get("Title") is None
    story.rests()
    assert story.partner("Ivy") == f"Contact/{became['ConvertedContactId']}"
    assert story.record("Contact", became["ConvertedContactId"])["Title"] == "Converted"
    assert story.ends() == Ends(1, ["converted"], [])
    grown = story.grown()
    assert (grown["contacts"], grown["Contact"], grown["Account"], grown["Opportunity"]) == (1, 1, 1, 1)


@pytest.mark.proves("L3")
def test_a_lead_is_converted_into_a_contact_that_is_linked_already(pair: Pair) -> None:
    story = Story(pair)
    story.hire("Jon")
    story.hire("Kim", object_type="Lead")
    story.edit("Kim", title="Too late")
    story.act("/convert", lead=story.salesforce["Kim"], contact=story.salesforce["Jon"])
    story.rests()
    assert story.ends() == Ends(1, ["converted"], ["change of an ended link"])
    assert story.partner("Jon") == f"Contact/{story.salesforce['Jon']}"
    assert story.partner("Kim") == ""
    grown = story.grown()
    assert (grown["contacts"], grown["Contact"]) == (2, 1)


@pytest.mark.proves("L3", "L5")
def test_a_converted_lead_whose_contact_is_not_shared_waits_until_it_is(pair: Pair) -> None:
    story = Story(pair)
    story.hire("Liz", object_type="Lead")
    became = story.act("/convert", lead=story.salesforce["Liz"])["ConvertedContactId"]
    story.act("/sharing", ids=[became])
    story.edit("Liz", title="Waiting")
    story.rests()
    assert story.ends() == Ends(1, [], ["survivor not visible"])
    assert story.record("Contact", became).get("Title") is None
    story.act("/sharing", ids=[became], hidden=False)
    story.rests()
    assert story.partner("Liz") == f"Contact/{became}"
    assert story.record("Contact", became)["Title"] == "Waiting"
    assert story.ends() == Ends(1, ["converted"], [])
    grown = story.grown()
    assert (grown["contacts"], grown["Contact"]) == (1, 1)


@pytest.mark.proves("L2", "L5")
def test_merges_that_lead_in_a_circle_wait_for_a_person(pair: Pair) -> None:
    """No vendor should tell such a thing; if one does, nothing is deleted and nothing is lost."""
    story = Story(pair, kinds={"delete_left": True, "delete_right": True})
    story.hire("Mia", "Ned")
    one, other = story.salesforce["Mia"], story.salesforce["Ned"]
    for loser, master in ((one, other), (other, one)):
        pair.put("salesforce", "Contact", loser, IsDeleted=True, MasterRecordId=master)
    story.rests()
    assert story.ends() == Ends(2, [], ["merged in a circle", "merged in a circle"])
    for hold in pair.ask("holds", "list").document["holds"]:
        if hold["code"] == "merged in a circle":
            assert pair.ask("holds", "resolve", str(hold["hold"]), "keep").code == 0
    story.rests()
    assert story.ends() == Ends(0, ["merged", "merged"], [])
    assert story.grown() == {"contacts": 2}


@pytest.mark.proves("L2")
@pytest.mark.parametrize("bump", [True, False])
def test_the_contact_of_a_merged_account_goes_over_to_the_survivor(pair: Pair, bump: bool) -> None:
    """No source says whether a contact gets a new stamp by the merge; without one, a whole read finds it."""
    story = Story(pair)
    accounts = [
        pair.put(
            "salesforce", "Account", Name=f"{name} {bump}", Website=f"https://{name}-{bump}.test".lower()
        )["Id"]
        for name in ("Kept", "Lost")
    ]
    name = f"Pam{bump}"
    story.hire(name, AccountId=accounts[1])
    story.act("/merge", object="Account", master=accounts[0], losers=[accounts[1]], bump_children=bump)
    story.rests(whole=True)
    with pair.store():
        links = Link.objects.filter(right_id__in=accounts)
        assert [link.ended_as for link in links.order_by("right_id")] == ["", "merged"]
        kept = links.get(ended_at=None).left_id
    assert story.contact(name)["account_id"] == kept
    assert story.record("Contact", story.salesforce[name])["AccountId"] == accounts[0]
    assert story.grown() == {"contacts": 1, "accounts": 2, "Contact": 1, "Account": 1}
