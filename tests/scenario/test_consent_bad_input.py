"""What may go wrong with a consent: answers to other questions, used codes, wrong keys, rows that were moved."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import msgspec
import pytest

from syncline.store.credentials import find, sealed
from syncline.store.database import close_store, open_store
from syncline.store.sealing import TokenKeys, new_key
from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.consenting import APP, Consenting, allow, visit

SYSTEMS = ("apollo", "salesforce")


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, RunningSandbox]]:
    with start_sandbox("apollo") as apollo, start_sandbox("salesforce") as salesforce:
        yield {"apollo": apollo, "salesforce": salesforce}


@pytest.fixture
def work(
    tmp_path: Path,
    sandboxes: dict[str, RunningSandbox],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Consenting:
    return Consenting(tmp_path, f"sqlite:///{tmp_path}/store.sqlite3", sandboxes, capsys, monkeypatch)


def location(url: str) -> str:
    """Where a person who allows is sent back to."""
    return str(visit(url).press("allow").headers["location"])


def with_parameters(address: str, **changed: str | list[str] | None) -> str:
    """An address with some parameters changed, or left out."""
    parts = urlsplit(address)
    told = {**parse_qs(parts.query), **changed}
    query = urlencode({name: value for name, value in told.items() if value is not None}, doseq=True)
    return parts._replace(query=query).geturl()


def wrong_state(url: str) -> None:
    httpx2.get(with_parameters(location(url), state="another"))


def no_state(url: str) -> None:
    httpx2.get(with_parameters(location(url), state=None))


def odd_state(url: str) -> None:
    httpx2.get(with_parameters(location(url), state=None) + "&state=%FF%00%C3%A9")


def no_code(url: str) -> None:
    httpx2.get(with_parameters(location(url), code=None))


def two_codes(url: str) -> None:
    httpx2.get(with_parameters(location(url), code=["one", "two"]))


def garbage(url: str) -> None:
    httpx2.get(with_parameters(location(url), code="x" * 5_000))


def made_up_error(url: str) -> None:
    told = with_parameters(location(url), code=None, error="<b>no\r\n", error_description="\x1b[31mno")
    httpx2.get(told)


BAD_ANSWERS: list[tuple[Callable[[str], None], str]] = [
    (wrong_state, "does not belong to this question"),
    (no_state, "does not belong to this question"),
    (odd_state, "does not belong to this question"),
    (no_code, "neither a code nor a refusal"),
    (two_codes, "a parameter stands there twice"),
    (garbage, "No token was given"),
    (made_up_error, "was refused"),
]


@pytest.mark.parametrize(("person", "told"), BAD_ANSWERS, ids=lambda each: getattr(each, "__name__", ""))
@pytest.mark.proves("C2")
def test_an_answer_that_does_not_fit_is_named_and_stores_nothing(
    work: Consenting, person: Callable[[str], None], told: str
) -> None:
    ended = work.consent("apollo", person)
    assert ended.error["code"] == "remote-auth"
    assert told in ended.error["message"]
    assert "connection authorize apollo" in ended.error["cure"]
    assert "\x1b" not in ended.output
    assert work.state("apollo")["state"] == "no consent yet"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_code_that_was_used_before_is_refused_and_told(work: Consenting, system: str) -> None:
    def replay(url: str) -> None:
        address = location(url)
        code = parse_qs(urlsplit(address).query)["code"][0]
        origin = work.sandboxes[system].control_url.removesuffix("/_sandbox")
        path = "/api/v1/oauth/token" if system == "apollo" else "/services/oauth2/token"
        app = {name: str(work.sandboxes[system].credentials[name]) for name in APP}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": address.partition("?")[0]}
        httpx2.post(f"{origin}{path}", data={**form, **app})
        httpx2.get(address)

    ended = work.consent(system, replay)
    assert ended.error["code"] == "remote-auth"
    assert "A code is good once" in ended.error["cure"]
    assert work.state(system)["state"] == "no consent yet"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_code_that_is_too_old_is_refused_and_told(work: Consenting, system: str) -> None:
    sandbox = work.sandboxes[system]

    def late(url: str) -> None:
        address = location(url)
        sandbox.control("POST", "/clock", {"frozen": True})
        sandbox.control("POST", "/clock", {"advance": 901})
        httpx2.get(address)

    try:
        ended = work.consent(system, late)
    finally:
        sandbox.control("POST", "/clock", {"frozen": False})
    assert "No token was given" in ended.error["message"]


@pytest.mark.proves("C2")
def test_a_code_for_another_challenge_is_refused(work: Consenting) -> None:
    def swapped(url: str) -> None:
        allow(with_parameters(url, code_challenge="A" * 43))

    assert work.consent("salesforce", swapped).error["code"] == "remote-auth"


def test_who_does_not_come_back_is_waited_for_and_no_longer(work: Consenting) -> None:
    ended = work.consent("apollo", lambda _url: None, timeout=1)
    assert "Nobody came back within 1 seconds" in ended.error["message"]


def test_what_is_no_answer_is_not_taken_for_one(work: Consenting) -> None:
    def browse(url: str) -> None:
        address = location(url)
        parts = urlsplit(address)
        for path in ("/favicon.ico", "/", parts.path, f"{parts.path}/more?code=1&state=2"):
            assert httpx2.get(f"{parts.scheme}://{parts.netloc}{path}").status_code == 404
        assert httpx2.get(address).status_code == 200

    assert work.consent("apollo", browse).code == 0


def test_an_address_elsewhere_is_pasted(work: Consenting) -> None:
    work.options["apollo"] = {"redirect_uri": "https://syncline.example/oauth/callback"}
    work.write_settings()
    assert work.pasted("apollo", location).code == 0
    assert work.state("apollo")["state"] == "connected"
    refused = work.pasted("apollo", lambda _url: "not an address", "reconnect")
    assert refused.error["code"] == "remote-auth"
    assert work.state("apollo")["state"] == "connected"


def test_a_connection_with_a_key_of_its_own_needs_no_consent(work: Consenting) -> None:
    document = {"apollo": {"system": "apollo", "credentials": {"api_key": "env:APOLLO_CLIENT_ID"}}}
    work.write_settings(connections=document)
    assert "nobody has to consent" in work.consent("apollo").error["message"]
    assert work.state("apollo") is None


@pytest.mark.parametrize("key", ["", "short", "A" * 44, "ключ", "A" * 42 + "*"])
def test_a_key_that_is_none_is_told_before_anybody_is_asked(work: Consenting, key: str) -> None:
    work.patch.setenv("SYNCLINE_KEY", key)
    ended = work.consent("apollo", lambda _url: pytest.fail("somebody was asked"))
    assert ended.error["code"] == "config-key"
    assert "syncline key new" in ended.error["cure"]
    assert not key or key not in ended.output


@pytest.mark.proves("C2")
def test_a_wrong_key_is_named_and_the_right_one_still_works(work: Consenting) -> None:
    right = work.key
    work.connect("apollo")
    work.connect("salesforce")
    work.patch.setenv("SYNCLINE_KEY", new_key())
    told = work.ask("connection", "test", "apollo").error
    assert told["code"] == "config-key"
    assert "connection reconnect apollo" in told["cure"]
    assert work.state("apollo")["state"] == "unreadable with this key"
    assert work.consent("salesforce", allow, "reconnect").code == 0
    assert work.ask("connection", "test", "salesforce").code == 0
    work.patch.setenv("SYNCLINE_KEY", right)
    assert work.ask("connection", "test", "apollo").code == 0
    assert work.state("salesforce")["state"] == "unreadable with this key"


def test_a_new_key_takes_over_at_the_next_renewal(work: Consenting) -> None:
    old, new = work.key, new_key()
    work.connect("apollo")
    work.patch.setenv("SYNCLINE_KEY", f"{new}\n{old}\n")
    assert work.ask("connection", "test", "apollo").code == 0
    assert work.state("apollo")["older_key"] is True
    work.sandboxes["apollo"].control("POST", "/oauth/expire", {})
    assert work.ask("connection", "test", "apollo").code == 0
    assert work.state("apollo")["older_key"] is False
    work.patch.setenv("SYNCLINE_KEY", new)
    assert work.ask("connection", "test", "apollo").code == 0


def test_a_token_that_was_moved_to_another_row_is_not_used(work: Consenting) -> None:
    work.connect("apollo")
    work.connect("salesforce")
    with sqlite3.connect(work.folder / "store.sqlite3") as database:
        moved = "SELECT {0} FROM store_credential WHERE connection = 'apollo'"
        columns = ("nonce", "ciphertext", "key_id")
        setting = ", ".join(f"{column} = ({moved.format(column)})" for column in columns)
        database.execute(f"UPDATE store_credential SET {setting} WHERE connection = 'salesforce'")
    database.close()
    told = work.ask("connection", "test", "salesforce").error
    assert told["code"] == "config-key"
    assert "comes from another row" in told["message"]
    assert work.ask("connection", "test", "apollo").code == 0


def test_a_token_is_not_sent_to_another_address_than_it_was_given_for(work: Consenting) -> None:
    work.connect("apollo")
    elsewhere = work.sandboxes["apollo"].base_url.replace("127.0.0.1", "localhost")
    work.file.write_text(work.file.read_text().replace(work.sandboxes["apollo"].base_url, elsewhere))
    before = work.sandboxes["apollo"].control("GET", "/requests")["total"]
    assert work.ask("connection", "test", "apollo").error["code"] == "remote-reconnect"
    assert work.sandboxes["apollo"].control("GET", "/requests")["total"] == before


def tokens_of(work: Consenting, name: str) -> list[str]:
    """The tokens that are stored for a connection, in the clear."""
    open_store(work.database, migrate=False)
    try:
        row = find(name)
        assert row
        content = msgspec.json.decode(TokenKeys.parse(work.key).unseal(sealed(row), name))
    finally:
        close_store()
    return [content["access_token"], content["refresh_token"]]


@pytest.mark.proves("C2")
def test_no_token_stands_in_the_database_the_logs_or_any_output(work: Consenting) -> None:
    work.patch.setenv("SYNCLINE_LOG", "debug")
    secrets: list[str] = [work.key]
    for name in SYSTEMS:
        work.connect(name)
        secrets += tokens_of(work, name)
        work.ask("connection", "test", name)
    for path, wish, name in (
        ("/oauth/expire", {}, "apollo"),
        ("/tokens", {"expire": True}, "salesforce"),
        ("/oauth/revoke", {}, "apollo"),
        ("/grants", {"revoke": True}, "salesforce"),
    ):
        work.sandboxes[name].control("POST", path, wish)
        work.ask("connection", "test", name)
        secrets += tokens_of(work, name)
        work.ask("connection", "list")
    echo = {"kind": "status", "status": 500, "path": "/users", "count": 1}
    work.sandboxes["apollo"].control("POST", "/faults", echo)
    work.ask("connection", "test", "apollo")
    work.sandboxes["apollo"].control("DELETE", "/faults")
    kept = b"".join(path.read_bytes() for path in sorted(work.folder.rglob("*")) if path.is_file())
    told = "\n".join(work.said)
    assert len(set(secrets)) >= 7
    assert b"store_credential" in kept
    assert "reconnect needed" in told
    assert not [secret for secret in secrets if secret.encode() in kept or secret in told]
