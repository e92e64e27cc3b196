"""What both sides of a link agreed on, field by field: bases and seen values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncline.core.frozen import frozen
from syncline.core.model import Norm, Raw, Side


@frozen()
class WriteMark:
    """One write of ours to a field: what tells that somebody keeps moving it back."""

    at: datetime
    side: Side
    value: Norm


@frozen()
class Agreement:
    """One field of one link at its last commit.

    `base` is the last agreed value in common form; `left` and `right` are the seen values, raw. `agreed`
    tells whether there is a base; `settled` says why the sides differ on purpose. `map` is the fingerprint of the
    field map the agreement was made under: under another one it does not count.
    """

    base: Norm
    left: Raw
    right: Raw
    map: str
    agreed: bool = True
    settled: str | None = None
    writes: tuple[WriteMark, ...] = ()

    def seen(self, side: Side) -> Raw:
        return self.left if side is Side.LEFT else self.right

    def to_json(self) -> dict[str, Any]:
        """A compact JSON object; parts that say nothing are left out."""
        document: dict[str, Any] = {"b": self.base, "l": self.left, "r": self.right, "m": self.map}
        if not self.agreed:
            document["a"] = False
        if self.settled:
            document["s"] = self.settled
        if self.writes:
            document["w"] = [[w.at.isoformat(), w.side.value, w.value] for w in self.writes]
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Agreement:
        """The agreement a stored JSON object stands for."""
        marks = (
            WriteMark(datetime.fromisoformat(at), Side(side), _norm(v))
            for at, side, v in document.get("w", ())
        )
        return cls(
            base=_norm(document["b"]),
            left=document["l"],
            right=document["r"],
            map=document["m"],
            agreed=document.get("a", True),
            settled=document.get("s"),
            writes=tuple(marks),
        )


def _norm(value: Any) -> Norm:
    return tuple(value) if isinstance(value, list) else value
