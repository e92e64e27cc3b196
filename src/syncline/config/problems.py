"""What a validator found wrong, told as errors of ours: the place, what is allowed there, and the cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from syncline.config.outline import names_at
from syncline.config.place import Path, real, value_at, written
from syncline.config.source import Source
from syncline.config.wording import choices, nearest, shown
from syncline.core.errors import ConfigError, MissingSettingError, SecretError, UnknownNameError

_MOST = 10
_CLASSES: dict[str, type[ConfigError]] = {
    "missing": MissingSettingError,
    "extra_forbidden": UnknownNameError,
    "unexpected_keyword_argument": UnknownNameError,
    "secret": SecretError,
}
_WORDS = {
    "missing": "is missing",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "string_type": "should be text; put it in quotes",
    "tuple_type": "should be a list, each item on a line that begins with a dash",
    "dict_type": "should be a group of settings, each `name: value`",
    "mapping_type": "should be a group of settings, each `name: value`",
    "dataclass_type": "should be a group of settings, each `name: value`",
    "model_type": "should be a group of settings, each `name: value`",
    "model_attributes_type": "should be a group of settings, each `name: value`",
    "string_pattern_mismatch": "should be a name of small letters, digits, - and _, beginning with a letter",
}
_PRIVATE = frozenset({"credentials", "database", "base_url", "options"})


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a document."""

    place: Path
    text: str
    error: type[ConfigError] = ConfigError


def as_error(invalid: ValidationError, source: Source) -> ConfigError:
    """One error for all that is wrong; its class is that of the gravest problem, secrets first."""
    problems = [_problem(detail, source.data) for detail in invalid.errors(include_url=False)]
    problems.sort(key=lambda p: (p.error is not SecretError, source.line(p.place) or 0))
    lines = [f"{source.where(p.place)} {_sentence(p.text)}" for p in problems[:_MOST]]
    if len(problems) > _MOST:
        lines.append(f"and {len(problems) - _MOST} more")
    places = tuple(written(p.place) for p in problems)
    return problems[0].error("\n".join(lines), places=places, line=source.line(problems[0].place))


def _problem(detail: ErrorDetails, data: dict[str, Any]) -> Problem:
    place = real(data, detail["loc"])
    kind = detail["type"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return Problem(place, _unknown(place), UnknownNameError)
    if kind in ("enum", "literal_error"):
        return Problem(place, _not_allowed(detail, data, place), ConfigError)
    text = _WORDS.get(kind) or _own_words(detail["msg"])
    return Problem(place, text, _CLASSES.get(kind, ConfigError))


def _unknown(place: Path) -> str:
    names = names_at(place[:-1])
    return f"is not a setting. {choices(str(place[-1]), names)}" if names else "is not a setting."


def _not_allowed(detail: ErrorDetails, data: dict[str, Any], place: Path) -> str:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    text = f"should be {expected}"
    if _PRIVATE.intersection(place):
        return text
    value = place[-1] if detail["loc"][-1] == "[key]" else value_at(data, place)
    guess = nearest(str(value), [word.strip("' ") for word in expected.replace(" or ", ",").split(",")])
    return f"{text}, and it is {shown(value)}." + (f" Did you mean {guess}?" if guess else "")


def _own_words(message: str) -> str:
    text = message.replace("Input should", "should").replace("Value should", "should")
    return text[:1].lower() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
