"""Places inside a settings document: how a path is written, and which value stands there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from syncline.config.wording import shown

Path = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


def written(path: Path) -> str:
    """A path as people read it: `syncs.main.kinds.person.pairs[0].fields[3].left`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.match(part):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text or "the document"


def value_at(data: object, path: Path) -> object:
    """The value at a path, or None where the path leads nowhere."""
    for part in path:
        data = _step(data, part)
    return data


def _step(data: object, part: str | int) -> object:
    if isinstance(data, Mapping):
        return data.get(part)
    if isinstance(data, Sequence) and not isinstance(data, str) and isinstance(part, int):
        return data[part] if part < len(data) else None
    return None


def real(data: object, location: Sequence[str | int]) -> Path:
    """The part of a validator's location that names a place in the data; names of types are left out."""
    path: list[str | int] = []
    for part in location:
        if isinstance(data, Mapping) and (part in data or _may_be_missing(part, location)):
            path.append(part)
            data = data.get(part)
        elif isinstance(data, list | tuple) and isinstance(part, int):
            path.append(part)
            data = data[part] if part < len(data) else None
    return tuple(path)


def _may_be_missing(part: str | int, location: Sequence[str | int]) -> bool:
    return part == location[-1] and part != "[key]"
