"""A settings file is read as plain data with its lines, and anything odd is refused with its place."""

from pathlib import Path

import pytest

from syncline.config import load, parse
from syncline.config.source import MAX_BYTES, parse_text
from syncline.core.errors import SettingsFileError


def _refused(content: bytes, folder: Path) -> SettingsFileError:
    path = folder / "syncline.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsFileError) as caught:
        load(path)
    assert "syncline.yaml" in caught.value.message
    assert caught.value.cure
    return caught.value


def test_every_place_knows_its_line() -> None:
    source = parse_text(
        "version: 1\nsyncs:\n  main:\n    kinds:\n      person:\n        pairs:\n          - left: a\n"
    )
    assert source.line(("syncs", "main")) == 3
    assert source.line(("syncs", "main", "kinds", "person", "pairs", 0, "left")) == 7
    assert source.line(("syncs", "main", "right")) == 3, "what is missing is told at its parent"


def test_words_that_old_yaml_reads_as_something_else_stay_text() -> None:
    data = parse_text("a: no\nb: on\nc: 12:30:00\nd: 2026-01-01\ne: 0o17\nf: 1_000\ng: 010").data
    assert data == {
        "a": "no",
        "b": "on",
        "c": "12:30:00",
        "d": "2026-01-01",
        "e": "0o17",
        "f": "1_000",
        "g": "010",
    }


def test_numbers_flags_and_nothing_are_read_as_such() -> None:
    data = parse_text("a: 12\nb: -3\nc: 0.5\nd: true\ne: False\nf: null\ng:\nh: '12'\ni: \"true\"\n").data
    assert data == {
        "a": 12,
        "b": -3,
        "c": 0.5,
        "d": True,
        "e": False,
        "f": None,
        "g": None,
        "h": "12",
        "i": "true",
    }


def test_names_of_options_that_look_like_numbers_or_flags_are_text() -> None:
    assert parse_text("1: a\nyes: b\ntrue: c").data == {"1": "a", "yes": "b", "true": "c"}


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(SettingsFileError, match="There is no file"):
            load(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"- a\n- b\n", "something else"),
        (b"just words", "something else"),
        (b"version: 1\nversion: 1\n", "line 2: 'version' is set twice"),
        (b"a:\n  b: 1\n  c: 2\n  b: 3\n", "line 4: 'b' is set twice in a (first on line 2)"),
        (b"a: [1, 2\nb: 3\n", "line 2"),
        (b"a: 1\n\tb: 2\n", "line 2"),
        (b"a: 1\n---\nb: 2\n", "not valid YAML"),
        (b"a: &x 1\nb: *x\n", "line 1, column 4: this is not valid YAML: anchors and aliases"),
        (b"a: !!python/object/apply:os.system ['true']\n", "tags are not supported"),
        (b"a: !!binary aGVsbG8=\n", "tags are not supported"),
        (b"? [a, b]\n: 1\n", "line 1: the name of a setting must be plain text"),
        (b"a: \x00\n", "NUL"),
        (b"a: 1\nb: \xff\xfe\n", "line 2: this is not UTF-8"),
        ("a: 1\nb: x\u202ey\n".encode(), "line 2: a character that reorders text (U+202E)"),
        (b"a: \x07\n", "unreadable characters"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL"),
    ],
)
def test_what_is_no_settings_file_is_refused_with_its_place(
    content: bytes, words: str, tmp_path: Path
) -> None:
    assert words in _refused(content, tmp_path).message


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdef", "bcdefg", strict=True)
    )
    assert "line 1" in _refused(bomb.encode(), tmp_path).message


@pytest.mark.parametrize("deep", ["[" * 5_000, "{a: " * 5_000, "".join(f"{' ' * n}a:\n" for n in range(400))])
def test_deep_nesting_is_refused(deep: str, tmp_path: Path) -> None:
    assert (
        "levels deep"
        in _refused(f"a: {deep}".encode() if deep[0] in "[{" else deep.encode(), tmp_path).message
    )


def test_too_many_values_are_refused(tmp_path: Path) -> None:
    assert "more than 50,000 values" in _refused(b"a: [" + b"1," * 50_001 + b"]", tmp_path).message


def test_an_over_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    error = _refused(b"#" + b"x" * MAX_BYTES, tmp_path)
    assert "larger than 1,000,000 bytes" in error.message


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "syncline.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\r\nlogging:\r\n  level: debug\r\n")
    assert load(path).logging.level == "debug"


@pytest.mark.parametrize(
    "text",
    [
        "api_key: sk-very-secret: x",
        "api_key: '%sk-very-secret",
        "api_key: !sk-very-secret!x y",
        "[sk-very-secret",
    ],
)
def test_broken_yaml_never_shows_what_stands_in_it(text: str) -> None:
    with pytest.raises(SettingsFileError) as caught:
        parse(text)
    assert "sk-very-secret" not in f"{caught.value.message}{caught.value.cure}{caught.value.context}"
