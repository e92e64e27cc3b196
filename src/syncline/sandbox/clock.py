"""The clock of a sandbox: real time plus an offset that tests can move, or a time that stands still, or a wrong one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from syncline.sandbox.state import State


class Clock:
    """Tells the sandbox's time and keeps its offset in the state file, so that a restart does not move it.

    `told` is the true time, which tests move; `now` is what the system takes it for: `skew` seconds more.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def now(self) -> datetime:
        """The present moment as the system has it, in its stamps as in its headers; aware, in UTC."""
        return self.told() + timedelta(seconds=self.skew())

    def skew(self) -> float:
        """How many seconds the system's clock is ahead of the true time."""
        return float(self._setting().get("skew", 0.0))

    def set_skew(self, seconds: float) -> None:
        """Let the system's clock be wrong by so many seconds, from now on."""
        self._state.put("_clock", "clock", {**self._setting(), "skew": seconds})

    def told(self) -> datetime:
        """The true moment, by which tests go."""
        setting = self._setting()
        if setting.get("frozen_at"):
            return _parse(str(setting["frozen_at"]))
        return datetime.now(UTC) + timedelta(seconds=float(setting.get("offset", 0.0)))

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back when negative; a frozen clock stays frozen at the new time."""
        self._move_to(self.told() + timedelta(seconds=seconds))

    def set(self, iso: str) -> None:
        """Move the clock to an ISO 8601 time; without an offset it is read as UTC."""
        self._move_to(_parse(iso))

    def freeze(self, frozen: bool = True) -> None:
        """Stop the clock at its present time, or let it go on from there."""
        self._put(self.told(), frozen)

    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return bool(self._setting().get("frozen_at"))

    def _move_to(self, moment: datetime) -> None:
        self._put(moment, self.is_frozen())

    def _put(self, moment: datetime, frozen: bool) -> None:
        offset = (moment - datetime.now(UTC)).total_seconds()
        moved = {"offset": offset, "frozen_at": moment.isoformat() if frozen else None}
        self._state.put("_clock", "clock", {**self._setting(), **moved})

    def _setting(self) -> Mapping[str, Any]:
        return self._state.peek("_clock", "clock") or {}


def _parse(iso: str) -> datetime:
    moment = datetime.fromisoformat(iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
