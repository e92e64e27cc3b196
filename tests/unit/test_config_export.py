"""Documents as YAML with their presets written out, what differs between two, and the JSON Schema."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from syncline.config import Changed, Document, diff, export, json_schema, parse, resolved
from syncline.config.meanings import MEANINGS
from syncline.config.outline import names_at
from syncline.core.convert import TRANSFORMS
from syncline.core.guard import Brakes
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.scope import CreateRule

EXAMPLES = Path(__file__).parents[2] / "examples"
BASE = """version: 1
connections: {apollo: {system: apollo, credentials: {api_key: env:KEY}}, crm: {system: salesforce}}
syncs:
  main:
    left: apollo
    right: crm
    preset: apollo-salesforce
    schedule: 45m
    locale: {region: NO}
    kinds: {person: {without: [contact/Lead], match: {on_ambiguous: richest}}}
"""


def _examples() -> list[str]:
    return [path.read_text() for path in sorted(EXAMPLES.glob("*.yaml"))]


@pytest.mark.parametrize("text", [BASE, *_examples()])
def test_an_export_means_the_same_without_its_preset(text: str) -> None:
    document = parse(text)
    exported = export(document)
    assert "preset" not in yaml.safe_load(exported)["syncs"]["main"]
    assert resolved(parse(exported), "main") == resolved(document, "main")
    assert export(parse(exported)) == exported


@pytest.mark.proves("M3")
def test_an_export_shows_who_owns_each_field() -> None:
    assert "- {left: owner_id, right: OwnerId, direction: to_left, owner: right, on_create: true}" in export(
        parse(BASE)
    )


def test_an_export_holds_references_and_is_plain_yaml_for_any_reader() -> None:
    data = yaml.safe_load(export(parse(BASE)))
    assert data["connections"]["apollo"]["credentials"] == {"api_key": "env:KEY"}
    assert data["syncs"]["main"]["locale"] == {"region": "NO"}
    assert data["syncs"]["main"]["schedule"] == {"pull": "45m"}


def test_equal_documents_do_not_differ() -> None:
    assert diff(parse(BASE), parse(export(parse(BASE)))) == []


def _changed(text: str) -> list[Changed]:
    return diff(parse(BASE), parse(text))


def test_a_changed_setting_is_named_with_both_values() -> None:
    assert _changed(BASE.replace("45m", "1h")) == [Changed("syncs.main.schedule.pull", "45m", "1h")]


def test_a_default_that_is_written_out_is_no_change() -> None:
    assert _changed(f"{BASE}logging: {{level: info}}\n") == []


def test_a_changed_map_is_named_by_its_fields_and_not_by_its_number() -> None:
    one = "{left: title, right: Title, clear: propagate}"
    pairs = f"pairs: [{{left: contact, right: Contact, fields: [{one}]}}]"
    kinds = f"kinds: {{person: {{without: [contact/Lead], match: {{on_ambiguous: richest}}, {pairs}}}}}"
    text = BASE.splitlines(keepends=True)[:-1]
    assert _changed("".join([*text, f"    {kinds}\n"])) == [
        Changed(
            "syncs.main.kinds.person.pairs['contact=Contact'].fields['title=Title'].clear", None, "propagate"
        )
    ]


def test_an_added_pair_is_one_change() -> None:
    changes = _changed(BASE.replace("without: [contact/Lead], ", ""))
    assert [c.place for c in changes] == ["syncs.main.kinds.person.pairs['contact=Lead']"]
    assert changes[0].before is None


def _valid(data: Any) -> bool:
    return Draft202012Validator(json_schema()).is_valid(data)


def test_the_schema_takes_what_the_program_takes() -> None:
    for text in (BASE, export(parse(BASE)), *_examples()):
        assert _valid(yaml.safe_load(text.replace("region: NO", "region: 'NO'")))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"version": 2},
        {"version": 1, "extra": 1},
        {"version": 1, "connections": {"A B": {"system": "memory"}}},
        {"version": 1, "connections": {"a": {"system": "memory", "credentials": {"key": "literal"}}}},
        {"version": 1, "syncs": {"s": {"left": "a", "right": "b", "schedule": "often"}}},
        {"version": 1, "syncs": {"s": {"left": "a", "right": "b", "kinds": {"persn": {}}}}},
        {"version": 1, "syncs": {"s": {"left": "a", "right": "b", "brakes": {"max": 1}}}},
        {
            "version": 1,
            "syncs": {"s": {"left": "a", "right": "b", "kinds": {"person": {"match": {"keys": "email"}}}}},
        },
    ],
)
def test_the_schema_refuses_what_the_program_refuses(wrong: dict[str, Any]) -> None:
    assert not _valid(wrong)
    with pytest.raises(Exception, match="settings"):
        parse(wrong)


def test_the_schema_writes_times_as_people_do() -> None:
    properties = json_schema()["$defs"]["ScheduleDocument"]["properties"]
    assert (properties["pull"]["default"], properties["settle"]["default"]) == ("30m", "30s")


def test_the_schema_knows_which_names_may_stand_at_a_place() -> None:
    assert "brakes" in names_at(("syncs", "any"))
    assert "direction" in names_at(("syncs", "any", "kinds", "person", "pairs", 3, "fields", 0))
    assert names_at(("connections",)) == ()


@pytest.mark.parametrize("each", [ObjectPair, FieldMap, CreateRule, MatchPolicy, Brakes])
def test_every_setting_of_the_core_has_a_meaning(each: Any) -> None:
    assert set(MEANINGS[each.__name__]) == {f.name for f in dataclasses.fields(each)}


def test_the_meaning_of_transform_names_each_there_is() -> None:
    assert all(name in MEANINGS["FieldMap"]["transform"] for name in TRANSFORMS)


def test_a_document_without_syncs_can_be_exported() -> None:
    assert parse(export(parse("version: 1"))).model_dump() == Document(version=1).model_dump()
