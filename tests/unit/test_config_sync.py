"""A document's kinds are laid over the preset's: pairs by their types, field maps by their two fields."""

from dataclasses import fields

import pytest

from syncline.config import Document, all_resolved, parse, preset_names, resolved
from syncline.config.document import KindDocument
from syncline.core.errors import UnknownNameError
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Kind, Side
from syncline.core.policy import Direction, OnAmbiguous, WriteRule
from syncline.core.scope import KindSettings

HEAD = """version: 1
connections: {apollo: {system: apollo}, crm: {system: salesforce}}
syncs:
  main:
    left: apollo
    right: crm
"""
PRESET = f"{HEAD}    preset: apollo-salesforce\n"


def _kind(text: str, kind: Kind = Kind.PERSON) -> KindSettings:
    found = resolved(parse(text), "main").kind(kind)
    assert found is not None
    return found


def _pair(text: str, right: str) -> ObjectPair:
    found = _kind(text).pair("contact", right)
    assert found is not None
    return found


def _map(pair: ObjectPair, left: str) -> FieldMap:
    return next(f for f in pair.fields if f.left == left)


def _with_fields(*fields: str) -> str:
    lines = "".join(f"              - {field}\n" for field in fields)
    return f"""{PRESET}    kinds:
      person:
        pairs:
          - left: contact
            right: Contact
            fields:
{lines}"""


def test_accounts_come_first_and_deals_last_whatever_the_order_in_the_file() -> None:
    text = f"{PRESET}    kinds: {{person: {{}}, account: {{}}}}\n"
    assert [k.kind for k in resolved(parse(text), "main").kinds] == [Kind.ACCOUNT, Kind.PERSON, Kind.DEAL]


@pytest.mark.proves("M2")
def test_an_entry_changes_only_what_it_says_of_a_preset_map() -> None:
    before = _map(_pair(PRESET, "Contact"), "title")
    after = _map(
        _pair(_with_fields("{left: title, right: Title, direction: to_right, rule: fill}"), "Contact"),
        "title",
    )
    assert (after.direction, after.rule, after.owner) == (Direction.TO_RIGHT, WriteRule.FILL, before.owner)


@pytest.mark.proves("M2")
def test_a_map_is_turned_off_and_is_then_as_if_it_were_not_there() -> None:
    pair = _pair(_with_fields("{left: home_phone, right: HomePhone, enabled: false}"), "Contact")
    assert "home_phone" not in {f.left for f in pair.active}
    assert len(pair.fields) == len(_pair(PRESET, "Contact").fields)


def test_a_new_map_is_added_and_the_others_stay() -> None:
    pair = _pair(_with_fields("{left: linkedin_url, right: LinkedIn__c}"), "Contact")
    assert len(pair.fields) == len(_pair(PRESET, "Contact").fields) + 1
    assert _map(pair, "linkedin_url") == FieldMap("linkedin_url", "LinkedIn__c")


def test_another_pair_of_the_kind_is_not_touched() -> None:
    text = _with_fields("{left: title, right: Title, enabled: false}")
    assert _pair(text, "Lead") == _pair(PRESET, "Lead")


def test_options_are_taken_whole() -> None:
    text = f"""{PRESET}    kinds:
      person:
        pairs:
          - left: contact
            right: Lead
            fields: [{{left: contact_stage_id, right: Status, options: {{Cold: New}}}}]
"""
    stage = _map(_pair(text, "Lead"), "contact_stage_id")
    assert stage.options == {"Cold": "New"}
    assert stage.direction is Direction.TO_LEFT, "the rest stays as the preset has it"


def test_a_group_keeps_what_is_not_said() -> None:
    match = _kind(f"{PRESET}    kinds: {{person: {{match: {{on_ambiguous: oldest}}}}}}\n").match
    assert (match.keys, match.on_ambiguous) == (("email",), OnAmbiguous.OLDEST)
    assert match.prefer_right == ("Contact", "Lead")


def test_a_pair_of_the_preset_is_left_out() -> None:
    kind = _kind(f"{PRESET}    kinds: {{person: {{without: [contact/Lead]}}}}\n")
    assert [p.right for p in kind.pairs] == ["Contact"]


def test_a_kind_is_switched_off() -> None:
    settings = resolved(parse(f"{PRESET}    kinds: {{account: {{enabled: false}}}}\n"), "main")
    assert [k.kind for k in settings.kinds] == [Kind.PERSON, Kind.DEAL]


def test_another_pair_is_added_with_its_own_types() -> None:
    pairs = "[{left: account, right: Partner__c, fields: [{left: name, right: Name}]}]"
    text = f"{PRESET}    kinds: {{account: {{pairs: {pairs}}}}}\n"
    assert [p.right for p in _kind(text, Kind.ACCOUNT).pairs] == ["Account", "Partner__c"]


def test_a_sync_needs_no_preset() -> None:
    pairs = "[{left: contact, right: Contact, fields: [{left: email, right: Email}]}]"
    text = f"{HEAD}    kinds: {{person: {{pairs: {pairs}}}}}\n"
    settings = resolved(parse(text), "main")
    assert settings.kinds == (
        KindSettings(Kind.PERSON, (ObjectPair("contact", "Contact", (FieldMap("email", "Email"),)),)),
    )


@pytest.mark.proves("U3")
def test_new_people_become_leads_by_one_setting() -> None:
    assert _kind(PRESET).create_right.as_type == "Contact"
    changed = _kind(f"{PRESET}    kinds: {{person: {{create_right: {{as_type: Lead}}}}}}\n")
    chosen = changed.pair_for_create(Side.LEFT, "contact")
    assert chosen is not None
    assert chosen.right == "Lead"
    assert changed.pairs == _kind(PRESET).pairs, "linked contacts are updated as before"


@pytest.mark.proves("M7")
def test_users_are_paired_by_hand_with_a_default_owner() -> None:
    users = "users: {default_left: ops@example.com, map: {sam@example.com: samantha@example.com}}"
    found = resolved(parse(f"{PRESET}    {users}\n"), "main").users
    assert found.default(Side.LEFT) == "ops@example.com"
    assert found.default(Side.RIGHT) is None
    assert found.pairs == {"sam@example.com": "samantha@example.com"}


def test_a_sync_knows_its_connections_and_its_times() -> None:
    text = f"{PRESET}    latest: {{clock_skew: 2m}}\n    schedule: 6h\n    first_run_needs_approval: no\n"
    settings = all_resolved(parse(text))["main"]
    assert (settings.connection(Side.LEFT), settings.connection(Side.RIGHT)) == ("apollo", "crm")
    assert settings.clock_skew.total_seconds() == 120
    assert str(settings.schedule.of(Side.RIGHT, Kind.PERSON)) == "6h"
    assert settings.first_run_needs_approval is False


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("schedule: 1h", True),
        ("brakes: {max_creates: 1}", True),
        ("preset: apollo-salesforce  # a comment", True),
        ("kinds: {person: {match: {keys: [email]}}}", True),
        ("locale: {region: DE}", False),
        ("latest: {clock_skew: 1m}", False),
        ("users: {default_left: a@example.com}", False),
        ("kinds: {person: {match: {keys: [title]}}}", False),
        ("kinds: {person: {create_left: {enabled: false}}}", False),
        (
            "kinds: {account: {pairs: [{left: account, right: Account, fields: [{left: a, right: B}]}]}}",
            False,
        ),
    ],
)
def test_the_hash_changes_with_what_a_plan_rests_on(line: str, same: bool) -> None:
    text = f"{HEAD}    {line}\n" if line.startswith("preset") else f"{PRESET}    {line}\n"
    before, after = resolved(parse(PRESET), "main"), resolved(parse(text), "main")
    assert (before.settings_hash == after.settings_hash) is same


def test_an_unknown_sync_or_preset_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean main"):
        resolved(parse(PRESET), "mian")
    with pytest.raises(UnknownNameError, match="Did you mean apollo-salesforce"):
        resolved(parse(PRESET.replace("apollo-salesforce", "apollo-saleforce")), "main")
    assert preset_names() == ("apollo-salesforce", "customeros-apollo", "files-apollo")


def test_the_document_has_every_setting_of_a_kind() -> None:
    ours = set(KindDocument.model_fields) - {"enabled", "hide_left", "hide_right", "mode", "without"}
    assert ours == {f.name for f in fields(KindSettings)} - {"kind"}


def test_a_document_made_from_data_mixes_like_one_from_text() -> None:
    text = _with_fields("{left: title, right: Title, enabled: false}")
    made = Document.model_validate(parse(text).source.data)
    assert resolved(made, "main") == resolved(parse(text), "main")
