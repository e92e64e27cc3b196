"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    """Sleeping moves it on and takes no time; `slept` is all that was slept."""

    def __init__(self, start: datetime = datetime(2024, 3, 1, 12, tzinfo=UTC)) -> None:
        self._now = start
        self.slept = 0.0

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        self.slept += max(0.0, seconds)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._now += timedelta(seconds=max(0.0, seconds))
