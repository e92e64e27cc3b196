"""Every mistake in a settings document is told with its path, its line and what would be right."""

import traceback
from pathlib import Path

import pytest

from syncline.config import Document, parse
from syncline.core.errors import ConfigError, MissingSettingError, SecretError, UnknownNameError
from syncline.core.guard import Brakes

BASE = """version: 1
connections:
  apollo: {system: apollo, credentials: {api_key: env:KEY}}
  crm: {system: salesforce, base_url: https://crm.example.com, credentials: {client_id: env:ID}}
syncs:
  main:
    left: apollo
    right: crm
    preset: apollo-salesforce
"""


def _error(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, Path("syncline.yaml"))
    return caught.value


def test_the_smallest_document_has_sensible_defaults() -> None:
    document = parse("version: 1")
    assert document.database == "sqlite:///syncline.sqlite3"
    assert document.connections == {}
    assert document.logging.level == "info"


def test_a_sync_waits_for_approval_and_has_brakes_unless_told_otherwise() -> None:
    sync = parse(BASE).syncs["main"]
    assert sync.first_run_needs_approval is True
    assert sync.brakes == Brakes()
    assert (sync.locale.region, sync.schedule.pull) == ("US", "30m")


def test_a_document_never_changes() -> None:
    document = parse(BASE)
    with pytest.raises(ValueError, match="frozen"):
        document.version = 1


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        (
            "conections: {}",
            UnknownNameError,
            "line 10: conections: is not a setting. Did you mean connections?",
        ),
        ("logging: {levle: info}", UnknownNameError, "logging.levle: is not a setting. Did you mean level?"),
        (
            "logging: {level: loud}",
            ConfigError,
            "logging.level: should be 'debug', 'info', 'warning' or 'error'",
        ),
        ("logging: 3", ConfigError, "logging: should be a group of settings"),
        ("logging: []", ConfigError, "logging: should be a group of settings"),
        ("retention: {runs: 5}", ConfigError, "retention.runs: should be a number with s, m, h or d"),
        ("retention: {runs: -5d}", ConfigError, "retention.runs: should be a number with s, m, h or d"),
        ("retention: {runs: 9999999d}", ConfigError, "retention.runs: should be a number"),
        ("database: mysql://x/y", ConfigError, "database: should be sqlite:///FILE"),
        ("database: [1]", ConfigError, "database: should be a URL"),
        ("database: postgresql://localhost", ConfigError, "database: should be sqlite:///FILE"),
    ],
)
def test_mistakes_at_the_top(line: str, kind: type[ConfigError], words: str) -> None:
    error = _error(f"{BASE}{line}\n")
    assert type(error) is kind
    assert words in error.message
    assert error.message.startswith("syncline.yaml, line 10: ")


@pytest.mark.parametrize(
    ("lines", "kind", "words"),
    [
        (
            "kinds: {persn: {}}",
            ConfigError,
            "kinds.persn: should be 'account', 'person' or 'deal', and it is 'persn'",
        ),
        (
            "kinds: {person: {match: {kays: [email]}}}",
            UnknownNameError,
            "match.kays: is not a setting. Did you mean keys?",
        ),
        ("kinds: {person: {match: {keys: email}}}", ConfigError, "match.keys: should be a list"),
        (
            "kinds: {person: {match: {on_ambiguous: newest}}}",
            ConfigError,
            "should be 'hold', 'oldest' or 'richest'",
        ),
        (
            "kinds: {person: {create_right: {enabled: perhaps}}}",
            ConfigError,
            "enabled: should be true or false",
        ),
        ("kinds: {person: {pairs: [{left: contact}]}}", MissingSettingError, "pairs[0].right: is missing"),
        (
            "kinds: {person: {pairs: [{left: a, right: B, fields: [{left: x, right: Y, direction: to_rihgt}]}]}}",
            ConfigError,
            "pairs[0].fields[0].direction: should be 'to_left', 'to_right' or 'both', and it is 'to_rihgt'. Did you",
        ),
        (
            "kinds: {person: {pairs: [{left: a, right: B, fields: [{left: x, right: 5}]}]}}",
            ConfigError,
            "fields[0].right: should be text; put it in quotes",
        ),
        (
            "kinds: {person: {pairs: [{left: a, right: B, fields: [{left: x, right: Y, options: {Hot: 1}}]}]}}",
            ConfigError,
            "fields[0].options.Hot: should be text; put it in quotes",
        ),
        (
            "kinds: {person: {pairs: [{left: a, right: B, fields: [{left: x, right: Y, lefft: z}]}]}}",
            UnknownNameError,
            "fields[0].lefft: is not a setting. Did you mean left?",
        ),
        ("brakes: {max_creates: many}", ConfigError, "brakes.max_creates: should be a whole number"),
        ("brakes: {max_creates: -1}", ConfigError, "max_creates should be 0 or more"),
        ("brakes: {max_clear_share: 5}", ConfigError, "max_clear_share should be from 0 to 1"),
        ("brakes: {max_clear_share: .nan}", ConfigError, "max_clear_share"),
        (
            "brakes: {max_creats: 1}",
            UnknownNameError,
            "brakes.max_creats: is not a setting. Did you mean max_creates?",
        ),
        ("locale: {region: Germany}", ConfigError, "locale.region: should be a country's two letters"),
        ("latest: {clock_skew: soon}", ConfigError, "latest.clock_skew: should be a number with"),
        ("users: {map: [a, b]}", ConfigError, "users.map: should be a group of settings"),
        ("users: {map: {a@example.com: 7}}", ConfigError, "users.map['a@example.com']: should be text"),
    ],
)
def test_mistakes_inside_a_sync(lines: str, kind: type[ConfigError], words: str) -> None:
    error = _error(f"{BASE}    {lines}\n")
    assert type(error) is kind
    assert words in error.message
    assert "syncline.yaml, line 10: syncs.main." in error.message


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        ("{system: apolo}", "Did you mean apollo?"),
        ("{system: salesforce, base_url: crm.example.com}", "base_url: should be a URL such as"),
        ("{system: salesforce, base_url: ftp://crm.example.com}", "base_url: should be a URL such as"),
        ("{system: salesforce, base_url: http://crm.example.com}", "should begin with https://"),
        ("{system: salesforce, base_url: 'https://crm.example.com?a=1'}", "should end before any ? or #"),
        ("{system: memory, budget: {share: 0}}", "budget.share: should be greater than 0"),
        ("{system: memory, budget: {share: 1.5}}", "budget.share: should be less than or equal to 1"),
        ("{system: memory, options: {a: [1]}}", "options: should hold only text, numbers, true and false"),
        ("{}", "system: is missing"),
        ("memory", "other: should be a group of settings"),
    ],
)
def test_mistakes_inside_a_connection(connection: str, words: str) -> None:
    assert words in _error(f"version: 1\nconnections:\n  other: {connection}\n").message


@pytest.mark.parametrize("name", ["'A B'", "1x", "ä", "x" * 50, "'a.b'"])
def test_connections_have_plain_names(name: str) -> None:
    assert (
        "should be a name of small letters"
        in _error(f"version: 1\nconnections:\n  {name}: {{system: memory}}\n").message
    )


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8801/api/v1", "http://localhost:1", "http://[::1]:8", "https://a.example/"]
)
def test_base_urls_of_this_machine_and_of_https_are_taken(url: str) -> None:
    document = parse(f"version: 1\nconnections:\n  a: {{system: memory, base_url: '{url}'}}\n")
    assert document.connections["a"].base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        "connections: {a: {system: apollo, credentials: {api_key: hunter2-secret}}}",
        "connections: {a: {system: apollo, credentials: {api_key: [hunter2-secret]}}}",
        "connections: {a: {system: apollo, credentials: {api_key: {x: hunter2-secret}}}}",
        "connections: {a: {system: apollo, credentials: {api_key: 'env:hunter2-secret x'}}}",
        "connections: {a: {system: apollo, credentials: {api_key: 'env:'}}}",
        "connections: {a: {system: apollo, base_url: 'https://me:hunter2-secret@apollo.example'}}",
        "connections: {a: {system: apollo, options: {access_token: hunter2-secret}}}",
        "database: postgresql://me:hunter2-secret@db.example/syncline",
        "database: postgresql://db.example/syncline?password=hunter2-secret",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(text: str) -> None:
    error = _error(f"version: 1\nlogging: {{level: loud}}\n{text}\n")
    assert type(error) is SecretError
    everything = "".join(traceback.format_exception(error)) + repr(error.context) + error.cure
    assert "hunter2-secret" not in everything
    assert "line 3" in error.message.splitlines()[0], "the secret comes first, whatever else is wrong"
    assert "env:NAME or file:PATH" in error.cure


def test_credentials_that_are_no_group_are_not_shown_either() -> None:
    error = _error("version: 1\nconnections: {a: {system: apollo, credentials: hunter2-secret}}\n")
    assert "hunter2-secret" not in "".join(traceback.format_exception(error))


def test_all_mistakes_are_told_at_once_in_the_order_of_lines() -> None:
    lines = _error("version: 2\nlogging: {level: loud}\nretention: {runs: x}\n").message.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"syncline.yaml, line {n}" for n in (1, 2, 3)]


def test_many_mistakes_are_counted_instead_of_listed() -> None:
    connections = "".join(f"  c{n}: {{system: nope}}\n" for n in range(15))
    message = _error(f"version: 1\nconnections:\n{connections}").message
    assert len(message.splitlines()) == 11
    assert message.endswith("and 5 more")


def test_the_error_carries_its_places_and_line_for_programs() -> None:
    error = _error(f"{BASE}    schedule: often\n")
    assert error.context["places"] == ("syncs.main.schedule",)
    assert error.context["line"] == 10


def test_odd_characters_of_a_wrong_value_are_escaped_and_cut() -> None:
    message = _error(f'version: 1\nlogging: {{level: "loud\\u202e\\a{"x" * 300}"}}\n').message
    assert "\u202e" not in message
    assert "\a" not in message
    assert len(message) < 300


def test_a_document_without_its_source_still_names_the_place() -> None:
    with pytest.raises(ConfigError, match=r"settings: logging\.level: should be"):
        parse({"version": 1, "logging": {"level": "loud"}})


def test_validating_plain_data_is_the_same_as_reading_it() -> None:
    plain = Document.model_validate(parse(BASE).source.data)
    assert plain.model_dump() == parse(BASE).model_dump()
