"""References lead to secrets in the environment or in files; what leads nowhere is named, never shown."""

from pathlib import Path

import pytest

from syncline.config import Document, check_secrets, parse, resolve_connection, resolve_database
from syncline.core.errors import ConfigError, SecretError, UnknownNameError


def _document(reference: str, folder: Path, database: str = "sqlite:///data.sqlite3") -> Document:
    text = f"""version: 1
database: {database}
connections:
  apollo:
    system: apollo
    base_url: https://apollo.example.com/api/v1/
    credentials: {{api_key: "{reference}"}}
    options: {{page: 50}}
"""
    return parse(text, folder / "syncline.yaml")


def test_a_variable_of_the_environment(tmp_path: Path) -> None:
    found = resolve_connection(_document("env:KEY", tmp_path), "apollo", {"KEY": "s3cret"})
    assert found.credentials == {"api_key": "s3cret"}
    assert (found.system, found.base_url) == ("apollo", "https://apollo.example.com/api/v1")
    assert found.options == {"page": 50}


def test_a_file_beside_the_settings_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "apollo").write_bytes(b" s3cret \r\n")
    found = resolve_connection(_document("file:keys/apollo", tmp_path), "apollo", {})
    assert found.credentials == {"api_key": " s3cret "}


def test_a_file_of_several_lines_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN-----\nabc\n-----END-----\n")
    found = resolve_connection(_document(f"file:{tmp_path / 'key.pem'}", Path("/nowhere")), "apollo", {})
    assert found.credentials["api_key"] == "-----BEGIN-----\nabc\n-----END-----"


def test_a_resolved_connection_prints_without_its_secrets(tmp_path: Path) -> None:
    found = resolve_connection(_document("env:KEY", tmp_path), "apollo", {"KEY": "s3cret"})
    assert "s3cret" not in f"{found!r} {found}"


@pytest.mark.parametrize(("environ", "words"), [({}, "KEY is not set"), ({"KEY": "  "}, "KEY is empty")])
def test_a_variable_that_is_not_there(environ: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=words) as caught:
        resolve_connection(_document("env:KEY", tmp_path), "apollo", environ)
    assert "syncline.yaml, line 7: connections.apollo.credentials.api_key:" in caught.value.message
    assert "export KEY=" in caught.value.cure


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\xff\xfe", "is not a text file"),
        (b"a\x00b", "too large or no text"),
        (b"x" * 70_000, "too large or no text"),
    ],
)
def test_a_file_that_holds_no_secret(content: bytes | None, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(SecretError, match=words) as caught:
        resolve_connection(_document("file:key", tmp_path), "apollo", {})
    assert "connections.apollo.credentials.api_key:" in caught.value.message


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="Is a directory"):
        resolve_connection(_document("file:.", tmp_path), "apollo", {})


def test_an_unknown_connection_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean apollo"):
        resolve_connection(_document("env:KEY", tmp_path), "apolo", {})


def test_reading_and_checking_settings_need_no_secret(tmp_path: Path) -> None:
    document = _document("env:KEY", tmp_path, database="env:DB")
    findings = check_secrets(document, {})
    assert [f.code for f in findings] == ["secret-not-found"] * 2
    assert {f.place for f in findings} == {
        "syncline.yaml, line 7: connections.apollo.credentials.api_key:",
        "syncline.yaml, line 2: database:",
    }
    assert findings[0].message == "the environment variable KEY is not set."
    assert not check_secrets(document, {"KEY": "x", "DB": "sqlite:///x"})


def test_the_file_of_the_database_stands_beside_the_settings(tmp_path: Path) -> None:
    assert resolve_database(_document("env:KEY", tmp_path), {}) == f"sqlite:///{tmp_path / 'data.sqlite3'}"
    absolute = _document("env:KEY", tmp_path, database="sqlite:////var/lib/syncline.sqlite3")
    assert resolve_database(absolute, {}) == "sqlite:////var/lib/syncline.sqlite3"


def test_the_database_may_be_a_reference(tmp_path: Path) -> None:
    document = _document("env:KEY", tmp_path, database="env:DB")
    url = "postgresql://me:pw@db.example.com/syncline"
    assert resolve_database(document, {"DB": url}) == url
    with pytest.raises(SecretError, match="DB is not set"):
        resolve_database(document, {})


def test_a_reference_that_holds_no_database_url_is_told_without_its_value(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not hold a database URL") as caught:
        resolve_database(_document("env:KEY", tmp_path, database="env:DB"), {"DB": "mysql://me:hunter2@x/y"})
    assert "hunter2" not in caught.value.message
