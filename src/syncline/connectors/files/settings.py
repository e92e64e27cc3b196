"""What a connection to files may be told, read from the options of its settings."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncline.core.errors import ConfigError, MissingSettingError

FORMATS = ("csv", "jsonl")
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Where the files are and how they are read.

    `columns` are our field names by heading; `key` the headings or field names that identify a row; `constants`
    the values of fields that no column has. No `format` or `delimiter`: each file shows its own. `encoding` is
    taken for lines that are not UTF-8. `settle` is how many seconds a file without a line break at its end must
    be left alone before its last row is believed.
    """

    path: Path
    format: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ("primary_domain",)
    constants: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = "cp1252"
    list_duplicates: bool = False
    page_size: int = 500
    settle: int = 30

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> FileSettings:
        """The settings as options tell them; raises `ConfigError`."""
        text = {name: str(value).strip() for name, value in options.items()}
        if not text.get("path"):
            raise MissingSettingError("A connection to files lacks the option path: a file or a folder.")
        return cls(
            path=Path(text["path"]),
            format=_one_of(text, "format", "auto", ("auto", *FORMATS)).removeprefix("auto"),
            columns=_pairs(text, "columns"),
            key=tuple(filter(None, map(str.strip, text.get("key", "").split(";")))) or cls.key_by_default(),
            constants=_pairs(text, "constants"),
            delimiter=_delimiter(text.get("delimiter", "")),
            encoding=_encoding(text.get("encoding") or "cp1252"),
            list_duplicates=_one_of(text, "duplicates", "fold", ("fold", "list")) == "list",
            page_size=_number(text, "page_size", 500, lowest=1, highest=10_000),
            settle=_number(text, "settle", 30, lowest=0, highest=86_400),
        )

    @staticmethod
    def key_by_default() -> tuple[str, ...]:
        """A company is its domain."""
        return ("primary_domain",)


def _one_of(text: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text.get(name, "").lower() or default
    if value not in allowed:
        raise ConfigError(f"The option {name} of a connection to files is one of {', '.join(allowed)}.")
    return value


def _pairs(text: Mapping[str, str], name: str) -> dict[str, str]:
    """Pairs written as `a = b; c = d`: options hold plain text only."""
    pairs: dict[str, str] = {}
    for part in filter(str.strip, text.get(name, "").split(";")):
        left, sign, right = (each.strip() for each in part.rpartition("="))
        if not (left and sign and right) or left in pairs:
            raise ConfigError(
                f"The option {name} of a connection to files cannot be read at {part.strip()[:60]!r}.",
                hint=f'Write it as "A = b; C = d", each name once, such as {_EXAMPLES[name]}.',
            )
        pairs[left] = right
    return pairs


_EXAMPLES = {"columns": '"Company = name; Web = primary_domain"', "constants": '"type = company"'}


def _delimiter(text: str) -> str:
    value = _DELIMITERS.get(text.lower(), text)
    if len(value) > 1 or value in {'"', "\n", "\r"}:
        raise ConfigError("The option delimiter of a connection to files is one character, or tab.")
    return value


def _encoding(name: str) -> str:
    try:
        known = codecs.lookup(name).name
        "a".encode(known).decode(known)
    except (LookupError, UnicodeError, TypeError, ValueError) as error:
        raise ConfigError(
            f"The option encoding of a connection to files names no encoding of text: {name[:60]!r}.",
            hint="Use a name such as cp1252, cp1250, iso-8859-15, shift_jis or utf-16.",
        ) from error
    return known.removesuffix("-sig")


def _number(text: Mapping[str, str], name: str, default: int, *, lowest: int, highest: int) -> int:
    value = text.get(name) or str(default)
    if not (value.isascii() and value.isdecimal() and lowest <= int(value[:9]) <= highest):
        raise ConfigError(
            f"The option {name} of a connection to files is a whole number from {lowest} to {highest:,}."
        )
    return int(value)
