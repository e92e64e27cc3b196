"""Fields that are told to fail, so that an answer brings errors beside its data."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.state import State


class Trouble:
    """The fields that fail now, with what they say and how often they still do."""

    def __init__(self, state: State) -> None:
        self._state = state

    def tell(self, field: str, message: str, count: int | None) -> None:
        """Let a field fail so many times, for ever without a number."""
        self._state.put("_trouble", field, {"field": field, "message": message, "left": count})

    def end(self) -> None:
        """Let every field work."""
        for told in self._state.all("_trouble"):
            self._state.delete("_trouble", told["field"])

    def all(self) -> list[Mapping[str, Any]]:
        """What is told, spent ones left out."""
        return [told for told in self._state.all("_trouble") if told["left"] is None or told["left"] > 0]

    def is_near(self) -> bool:
        """Whether any field may fail."""
        return bool(self.all())

    def of(self, field: str) -> str | None:
        """What a field says instead of its value, which is used up by asking; None when it works."""
        told = self._state.peek("_trouble", field)
        if told is None or told["left"] == 0:
            return None
        if told["left"] is not None:
            self._state.put("_trouble", field, {**told, "left": told["left"] - 1})
        return str(told["message"])
