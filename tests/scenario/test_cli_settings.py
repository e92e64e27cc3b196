"""Mistakes in the settings and in the connections: a coded error that names the place and the cure."""

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from syncline.testing.sandboxes import RunningSandbox
from tests.scenario.program import Program, make_program, stand_ins


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, RunningSandbox]]:
    with stand_ins("20") as found:
        yield found


@pytest.fixture
def program(
    servers: Mapping[str, RunningSandbox],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    made = make_program(tmp_path, servers, capsys, monkeypatch)
    yield made
    assert not (tmp_path / "syncline").exists(), "an error that nobody foresaw"


def account_fields(*fields: dict[str, Any]) -> dict[str, Any]:
    """The kinds of a sync whose accounts have these field maps besides the preset's."""
    pair = {"left": "account", "right": "Account", "fields": list(fields)}
    return {"account": {"pairs": [pair]}}


@pytest.mark.proves("C3")
def test_a_connection_tells_who_we_are_and_what_we_may_do(program: Program) -> None:
    for name, user in (("apollo", "@example.com"), ("salesforce", "integration@")):
        found = program.ask("connection", "test", name)
        assert (found.code, found.json["fine"], found.json["missing"], found.json["fields"]) == (
            0,
            True,
            [],
            [],
        )
        assert user in found.json["user"]
        assert found.json["account"]
        assert {o["object_type"].lower() for o in found.json["objects"]} >= {"account", "contact"}
        assert all(o["mapped"] <= o["fields"] for o in found.json["objects"])
        assert program.type("connection", "test", name).code == 0


@pytest.mark.proves("C3")
def test_a_key_that_may_not_do_all_is_told_what_it_lacks(program: Program) -> None:
    limited = str(program.stand_ins["apollo"].credentials["limited_api_key"])
    program.patch.setenv("APOLLO_API_KEY", limited)
    found = program.ask("connection", "test", "apollo")
    assert limited not in found.out
    assert (found.code, found.json["fine"]) == (1, False)
    assert found.json["missing"]
    assert "missing: " in program.type("connection", "test", "apollo").out


@pytest.mark.proves("C3")
def test_mapped_fields_that_cannot_be_read_or_written_are_listed_with_the_fix(program: Program) -> None:
    wrong = account_fields({"left": "name", "right": "Hidden__c"}, {"left": "num_contacts", "right": "Fax"})
    program.write(program.settings(kinds=wrong))
    lacks = program.ask("connection", "test", "salesforce").json["fields"]
    assert [(lack["field"], lack["lacks"]) for lack in lacks] == [("Hidden__c", "read")]
    assert "permission set" in lacks[0]["fix"]
    lacks = program.ask("connection", "test", "apollo").json["fields"]
    assert ("num_contacts", "write") in [(lack["field"], lack["lacks"]) for lack in lacks]
    assert "we may not write it" in program.type("connection", "test", "apollo").out


def test_connections_are_listed_without_their_secrets(program: Program) -> None:
    rows = program.ask("connection", "list").json["connections"]
    assert [(row["name"], row["used_by"]) for row in rows] == [("apollo", ["crm"]), ("salesforce", ["crm"])]
    program.patch.delenv("APOLLO_API_KEY")
    told = program.type("connection", "list")
    assert (told.code, "env:APOLLO_API_KEY" in told.out, "is not set" in told.out) == (0, True, True)


@pytest.mark.proves("M1")
def test_every_field_is_listed_with_what_is_to_be_known_of_it(program: Program) -> None:
    fields = program.ask("fields", "salesforce", "account").json["object_types"]["Account"]
    by_name = {field["name"]: field for field in fields}
    assert by_name["Name"]["required"]
    assert by_name["Name"]["mapped_to"] == ["account.name"]
    assert by_name["Industry"]["restricted"]
    assert "Banking" in [option["value"] for option in by_name["Industry"]["options"]]
    assert by_name["Segment__c"]["custom"]
    assert by_name["Name"]["length"] == 255
    assert by_name["CreatedDate"]["read_only"]
    assert by_name["Fax"]["mapped_to"] == []
    told = program.type("fields", "salesforce", "account").out
    assert "required" in told
    assert set(program.ask("fields", "salesforce", "person").json["object_types"]) == {"Contact", "Lead"}
    assert "active" in program.type("fields", "apollo", "user").out


def test_a_wrong_key_stops_with_the_cure(program: Program) -> None:
    program.patch.setenv("APOLLO_API_KEY", "not-the-key-of-anybody")
    for words in (("connection", "test", "apollo"), ("plan",), ("run", "--yes"), ("config", "check")):
        error = program.ask(*words).error
        assert error["code"] == "remote-auth"
        assert error["message"].startswith("Connection apollo: ")
        assert "syncline connection test apollo" in error["cure"]
        assert "not-the-key" not in str(error)


def test_a_wrong_secret_stops_with_the_cure(program: Program) -> None:
    program.patch.setenv("SALESFORCE_CLIENT_SECRET", "not-the-secret-of-anybody")
    error = program.ask("connection", "test", "salesforce").error
    assert error["code"] == "remote-auth"
    assert "not-the-secret" not in str(error)


def test_a_variable_that_is_not_set_is_named(program: Program) -> None:
    program.patch.delenv("SALESFORCE_CLIENT_ID")
    error = program.ask("plan").error
    assert error["code"] == "config-secret"
    assert "SALESFORCE_CLIENT_ID is not set" in error["message"]
    assert "connections.salesforce.credentials.client_id" in error["message"]
    findings = program.ask("config", "check")
    assert (findings.code, findings.json["findings"][0]["code"]) == (1, "secret-not-found")
    assert program.ask("config", "check", "--offline").code == 0


def test_a_dead_server_is_told_and_nothing_is_written(program: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    document = program.settings()
    document["connections"]["salesforce"]["base_url"] = f"http://127.0.0.1:{port}"
    program.write(document)
    before = program.stand_ins["apollo"].control("GET", "/requests")
    error = program.ask("plan").error
    assert error["code"] == "remote-unavailable"
    assert error["message"].startswith("Connection salesforce: 127.0.0.1 cannot be reached")
    after = program.stand_ins["apollo"].control("GET", "/requests")
    assert not {route for route in after if after[route] != before.get(route) and "bulk" in route}


def test_a_server_that_answers_html_is_no_api(program: Program) -> None:
    program.stand_ins["apollo"].control("POST", "/faults", {"kind": "html", "path": "/contacts/search"})
    try:
        error = program.ask("plan").error
    finally:
        program.stand_ins["apollo"].control("DELETE", "/faults")
    assert error["code"] == "protocol"
    runs = program.ask("runs").json["runs"]
    assert (runs[0]["status"], runs[0]["error"]["code"]) == ("failed", "protocol")


def test_an_unknown_field_in_a_map_is_named_with_the_nearest_one(program: Program) -> None:
    program.write(program.settings(kinds=account_fields({"left": "nmae", "right": "Fax"})))
    error = program.ask("plan").error
    assert error["code"] == "config-field"
    assert "syncs.crm.kinds.account.pairs[0].fields[0].left" in error["message"]
    assert "Did you mean name?" in error["cure"]
    check = program.ask("config", "check")
    assert (check.code, check.json["errors"]) == (1, 1)
    assert check.json["findings"][0]["code"] == "unknown-field"
    assert program.ask("config", "check", "--offline").code == 0


def test_a_stage_that_does_not_exist_is_named_with_those_that_do(program: Program) -> None:
    stages = {"when": "stages", "stages": ["Interested", "Mostly Interested"]}
    program.write(program.settings(kinds={"person": {"create_right": stages}}))
    error = program.ask("plan").error
    assert error["code"] == "config-mapping"
    assert "Mostly Interested" in error["message"]
    assert "Interested" in error["cure"]
    assert "unknown-stage" in program.type("config", "check").out


def test_an_object_type_that_does_not_exist_is_named_with_those_that_do(program: Program) -> None:
    pair = {"left": "account", "right": "Acount", "fields": [{"left": "name", "right": "Name"}]}
    program.write(program.settings(kinds={"account": {"pairs": [pair]}}))
    error = program.ask("plan").error
    assert error["code"] == "config-name"
    assert "Account" in error["cure"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("connections: [unclosed", "config-file", "line 1"),
        ("version: 1\nversion: 1\n", "config-file", "set twice"),
        ("version: 1\nnonsense: true\n", "config-name", "nonsense"),
        ("version: 2\n", "config", "version"),
        ("- a list\n", "config-file", "must be a list of settings"),
        ("", "config-file", "empty"),
        ("version: 1\n# " + "x" * 1_000_001, "config-file", "larger than"),
        ("version: 1\nname: \u202egnp.txt\n", "config-file", "reorders"),
        (
            "version: 1\nconnections:\n  a:\n    system: apollo\n    credentials: {api_key: sk-live-1234567}\n",
            "config-secret",
            "must not stand",
        ),
        ("version: 1\nconnections: {}\nsyncs: {}\n", "config-missing", "0 syncs"),
    ],
    ids=["unclosed", "twice", "unknown", "version", "list", "empty", "large", "bidi", "secret", "nothing"],
)
def test_a_malformed_file_is_refused_with_its_place(
    program: Program, text: str, code: str, words: str
) -> None:
    program.write(text)
    for command in (("plan",), ("status",)):
        error = program.ask(*command).error
        assert error["code"] == code
        assert words in error["message"]
        assert "sk-live-1234567" not in str(error)
    told = program.type("plan")
    assert (told.code, told.out) == (1, "")
    assert f"code: {code}" in told.err


def test_a_file_that_is_not_there_is_named(program: Program) -> None:
    missing = str(program.folder / "nowhere.yaml")
    error = program.ask("run", "--settings", missing).error
    assert error["code"] == "config-file"
    assert missing in error["message"]
    assert "syncline init" in error["cure"]


def test_the_settings_file_can_be_named_by_a_variable(program: Program) -> None:
    program.patch.setenv("SYNCLINE_SETTINGS", str(program.file))
    program.patch.chdir("/")
    program.capture.readouterr()
    assert program.type("config", "check", "--offline", "--settings", str(program.file)).code == 0
    from_variable = program.ask("status", "--settings", str(program.file)).json
    assert from_variable["sync"] == "crm"


def test_one_of_several_syncs_has_to_be_named(program: Program) -> None:
    document = program.settings()
    document["syncs"]["other"] = {**document["syncs"]["crm"], "kinds": {"person": {"enabled": False}}}
    program.write(document)
    error = program.ask("status").error
    assert error["code"] == "config-missing"
    assert "crm, other" in error["message"]
    assert program.ask("status", "--sync", "other").json["sync"] == "other"
    assert program.ask("status", "--sync", "nobody").error["code"] == "config-name"


def test_a_clock_that_others_can_set_is_refused_outside_of_tests(program: Program) -> None:
    clock = f"{program.stand_ins['apollo'].control_url}/clock"
    program.patch.setenv("SYNCLINE_CLOCK_URL", clock)
    assert program.ask("plan").error["code"] == "config"
    program.patch.setenv("SYNCLINE_TESTING", "1")
    program.stand_ins["apollo"].control(
        "POST", "/clock", {"now": "2031-05-06T07:08:09+00:00", "frozen": True}
    )
    assert program.ask("plan").json["planned_at"].startswith("2031-05-06T07:08:09")


def test_a_database_that_cannot_be_used_is_named(program: Program) -> None:
    program.write({**program.settings(), "database": "sqlite:///nowhere/at/all.sqlite3"})
    error = program.ask("status").error
    assert error["code"] == "store"
    assert "nowhere/at" in error["message"]


def test_two_runs_at_a_time_are_one_too_many(program: Program) -> None:
    plan = program.ask("run", "--plan", "77")
    assert plan.error["code"] == "plan"
    assert "syncline runs" in plan.error["cure"]
