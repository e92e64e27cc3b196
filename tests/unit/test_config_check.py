"""What the settings contradict by themselves is found before anything is read, each under its code."""

import re
from pathlib import Path

import pytest

from syncline.config import CODES, Finding, check, check_secrets, parse, raise_errors
from syncline.connectors.registry import SYSTEMS
from syncline.core.errors import ConfigError, UnknownNameError

HEAD = """version: 1
connections:
  apollo: {system: apollo, credentials: {api_key: env:KEY}}
  crm: {system: salesforce, base_url: https://crm.example.com, credentials: {client_id: env:ID, client_secret: env:S}}
syncs:
  main:
    left: apollo
    right: crm
"""
PRESET = f"{HEAD}    preset: apollo-salesforce\n"


def _found(text: str) -> list[Finding]:
    return check(parse(text, Path("syncline.yaml")), needs=SYSTEMS)


def _only(text: str, code: str) -> Finding:
    findings = _found(text)
    assert [f.code for f in findings] == [code], findings
    assert findings[0].place.startswith(("syncline.yaml", "preset "))
    assert findings[0].cure
    return findings[0]


def _people(fields: str, more: str = "") -> str:
    return f"{HEAD}    kinds: {{person: {{pairs: [{{left: contact, right: Contact, fields: [{fields}]}}]{more}}}}}\n"


@pytest.mark.parametrize("example", ["apollo-salesforce.yaml", "sales-team.yaml"])
def test_the_examples_are_without_findings(example: str) -> None:
    text = (Path(__file__).parents[2] / "examples" / example).read_text()
    assert _found(text) == []


def test_a_sync_of_an_unknown_connection() -> None:
    finding = _only(PRESET.replace("right: crm", "right: crn"), "unknown-connection")
    assert finding.place == "syncline.yaml, line 8: syncs.main.right:"
    assert "Did you mean crm?" in finding.cure


def test_a_sync_of_one_connection_with_itself() -> None:
    codes = {f.code for f in _found(PRESET.replace("right: crm", "right: apollo"))}
    assert codes == {"same-connection", "preset-systems"}


def test_an_unknown_preset() -> None:
    finding = _only(f"{HEAD}    preset: apollo-salesfroce\n", "unknown-preset")
    assert "Did you mean apollo-salesforce?" in finding.cure


def test_a_preset_with_the_sides_swapped() -> None:
    text = PRESET.replace("left: apollo", "left: crm").replace("right: crm", "right: apollo")
    assert "Swap left and right" in _only(text, "preset-systems").cure


def test_a_sync_without_anything_to_sync() -> None:
    _only(HEAD, "nothing-to-sync")


def test_the_wrong_credentials() -> None:
    text = PRESET.replace("{api_key: env:KEY}", "{api_kye: env:KEY}")
    found = {f.code: f for f in _found(text)}
    assert found.keys() == {"unknown-credential-name", "missing-connection-setting"}
    assert "Did you mean api_key?" in found["unknown-credential-name"].cure
    assert found["missing-connection-setting"].cure == "Add `api_key: env:NAME`."


def test_a_connection_without_its_address_or_with_an_odd_option() -> None:
    text = PRESET.replace("base_url: https://crm.example.com", "options: {api_verison: v60.0}")
    assert {f.code for f in _found(text)} == {"missing-connection-setting", "unknown-option-name"}


def test_a_pair_to_leave_out_that_the_preset_does_not_have() -> None:
    finding = _only(f"{PRESET}    kinds: {{person: {{without: [contact/Leed]}}}}\n", "unknown-pair")
    assert "Did you mean contact/Lead?" in finding.cure


def test_one_map_twice_in_a_list() -> None:
    text = _people("{left: email, right: Email}, {left: email, right: Email, rule: fill, direction: to_left}")
    assert _only(text, "double-map").place.endswith("pairs[0].fields[1]:")


def test_two_maps_that_write_one_field() -> None:
    finding = _only(_people("{left: email, right: Email}, {left: other, right: Email}"), "two-writers")
    assert "the field Email of Contact is written by email=Email too" in finding.message


def test_two_maps_may_read_one_field() -> None:
    text = _people("{left: email, right: Email}, {left: email, right: Backup__c, direction: to_right}")
    assert _found(text) == []


def test_two_syncs_that_write_one_field() -> None:
    fields = (
        "kinds: {person: {pairs: [{left: contact, right: Contact, fields: [{left: email, right: Email}]}]}}"
    )
    text = f"{HEAD}    {fields}\n  other:\n    left: apollo\n    right: crm\n    {fields}\n"
    findings = _found(text)
    assert [f.code for f in findings] == ["two-writers-across"] * 2
    assert "is written by several syncs: main, other" in findings[0].message
    raise_errors(findings)


def test_an_unknown_transform() -> None:
    finding = _only(_people("{left: email, right: Email, transform: lowr}"), "unknown-transform")
    assert finding.place.endswith("fields[0].transform:")
    assert "Did you mean lower?" in finding.cure


def test_fill_in_both_directions() -> None:
    assert _only(_people("{left: email, right: Email, rule: fill}"), "fill-both").level == "warning"


@pytest.mark.parametrize(
    "field", ["{left: contact_stage_id, right: Stage__c}", "{left: custom.1, right: Status}"]
)
def test_a_stage_that_is_pushed_into_the_crm(field: str) -> None:
    finding = _only(_people(field), "outward-process")
    assert finding.cure == "Let the CRM own it: `direction: to_left`."


def test_two_options_that_mean_the_same_one() -> None:
    options = "options: {Cold: New, Warm: New}"
    _only(_people(f"{{left: a, right: B, {options}}}"), "option-twice")
    assert _found(_people(f"{{left: a, right: B, direction: to_right, {options}}}")) == []


def test_a_match_key_that_is_not_mapped() -> None:
    text = _people(
        "{left: email, right: Email}, {left: linkedin_url, right: L__c}", ", match: {keys: [linkedin]}"
    )
    assert "Did you mean linkedin_url?" in _only(text, "unknown-match-key").cure


def test_an_object_type_that_no_pair_has() -> None:
    text = _people(
        "{left: email, right: Email}", ", create_right: {as_type: Leed}, match: {prefer_right: [Contcat]}"
    )
    findings = _found(text)
    assert [f.code for f in findings] == ["unknown-type"] * 2
    assert {f.place.rpartition(".kinds.person.")[2] for f in findings} == {
        "create_right.as_type:",
        "match.prefer_right:",
    }


def test_stages_without_a_field_that_carries_them() -> None:
    text = _people("{left: email, right: Email}", ", create_right: {when: stages, stages: [Cold]}")
    assert _only(text, "no-stage-field").cure == "Set stage_left to the field of the stage."


def test_stages_that_let_nothing_through() -> None:
    text = _people(
        "{left: email, right: Email}", ", stage_left: s, create_right: {when: stages, no_stage: false}"
    )
    _only(text, "no-stages")


def test_a_map_that_is_off_is_not_checked() -> None:
    assert _found(_people("{left: a, right: B}, {left: c, right: D, transform: nope, enabled: false}")) == []


def test_errors_come_first_and_stop_a_run() -> None:
    text = _people("{left: email, right: Email, rule: fill}, {left: a, right: B, transform: nope}")
    findings = _found(text)
    assert [f.level for f in findings] == ["error", "warning"]
    with pytest.raises(UnknownNameError, match="there is no transform 'nope'") as caught:
        raise_errors(findings)
    assert caught.value.context["finding"] == "unknown-transform"
    assert caught.value.cure.startswith("There are: domain, lower, upper")


def test_several_errors_are_told_together() -> None:
    text = _people("{left: a, right: B, transform: x}, {left: c, right: B}")
    with pytest.raises(ConfigError) as caught:
        raise_errors(_found(text))
    assert len(caught.value.message.splitlines()) == 2


def test_codes_are_slugs_with_a_meaning_in_words() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in CODES)
    assert not [code for code, sort in CODES.items() if not sort.meaning.endswith(".")]


def test_a_sign_in_by_consent_needs_the_app_and_nothing_else() -> None:
    app = "sign_in: oauth, credentials: {client_id: env:ID, client_secret: env:S}"
    assert _found(PRESET.replace("credentials: {api_key: env:KEY}", app)) == []
    missing = _only(PRESET.replace("system: apollo", "system: apollo, sign_in: oauth").replace(
        "{api_key: env:KEY}", "{client_id: env:ID}"), "missing-connection-setting")  # fmt: skip
    assert "client_secret" in missing.message


def test_a_credential_of_another_way_to_sign_in_is_idle() -> None:
    both = "sign_in: oauth, credentials: {client_id: env:ID, client_secret: env:S, api_key: env:KEY}"
    idle = _only(PRESET.replace("credentials: {api_key: env:KEY}", both), "idle-credential")
    assert "api_key is not used" in idle.message


def test_an_app_without_its_sign_in_is_told_what_to_add() -> None:
    app = "credentials: {client_id: env:ID, client_secret: env:S}"
    findings = _found(PRESET.replace("credentials: {api_key: env:KEY}", app))
    assert {f.code for f in findings} == {"idle-credential", "missing-connection-setting"}
    assert "Add `sign_in: oauth`." in [f.cure for f in findings]


def test_a_system_without_a_web_flow_cannot_be_consented_to() -> None:
    leads = "leads: {system: customeros, sign_in: oauth, credentials: {api_key: env:KEY}}"
    _only(PRESET.replace("syncs:", f"  {leads}\nsyncs:"), "sign-in-not-offered")


def test_the_key_of_stored_tokens_is_looked_for_only_where_one_is_needed() -> None:
    environ = dict.fromkeys(("KEY", "ID", "S"), "set")
    assert check_secrets(parse(PRESET, Path("syncline.yaml")), environ) == []
    app = "sign_in: oauth, credentials: {client_id: env:ID, client_secret: env:S}"
    text = PRESET.replace("credentials: {api_key: env:KEY}", app)
    (finding,) = check_secrets(parse(text, Path("syncline.yaml")), environ)
    assert "SYNCLINE_KEY" in finding.message
