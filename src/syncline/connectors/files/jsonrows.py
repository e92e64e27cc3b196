"""Rows of a file of JSON lines; a bad line is told and the next one is read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from syncline.connectors.files.lines import LONGEST_LINE, Line
from syncline.connectors.files.problems import BadRowError, Problems
from syncline.core.model import Raw

Fields = tuple[int, Mapping[str, Raw], bool]
"""The number of a line, its values by name, and whether a line break ends it."""

_LARGEST = 1 << 63


def json_rows(lines: Iterator[Line], problems: Problems) -> Iterator[Fields]:
    """The objects of a file, one a line; empty lines are passed over."""
    for number, text in lines:
        try:
            if text is None or text.strip():
                yield number, _object(text), text is not None and text.endswith("\n")
        except BadRowError as error:
            problems.add(error.code, number, f"this line is left out: {error.message}")


def _object(text: str | None) -> dict[str, Raw]:
    if text is None:
        raise BadRowError("row", f"the line is longer than {LONGEST_LINE:,} bytes")
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise BadRowError("row", "its values are nested too deeply") from None
    except ValueError as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise BadRowError("row", f"it is no JSON ({why})") from error
    if not isinstance(found, dict):
        raise BadRowError("row", "it is no JSON object in braces")
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Raw:
    """A value as a record may hold it: what is nested becomes JSON text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST:
        return str(value)
    if isinstance(value, str | int | float) or value is None:
        return value
    raise TypeError(f"JSON has no {type(value).__name__}")


def _no_number(text: str) -> None:
    raise BadRowError("row", f"{text} is no number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadRowError("row", f"{text[:20]} is too large a number")
    return value
