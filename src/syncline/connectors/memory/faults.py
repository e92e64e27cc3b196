"""The misbehaviours of the wire that a test can switch on, and how often each acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncline.core.model import Failure, Raw

Values = Mapping[str, Raw]
SPOIL_ANSWERS = frozenset(
    {"status", "html", "truncate", "cut", "reset", "hang", "storm", "read_only", "raise"}
)
KINDS = SPOIL_ANSWERS | {"repeat_page", "refuse"}


class Crash(BaseException):
    """The end of our own process; nothing of ours may catch it."""


class WireError(Exception):
    """No usable answer came; `status` is what did come, 0 if nothing."""

    def __init__(self, kind: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(f"{kind} {status}" if status else kind)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


@dataclass
class Fault:
    """One rule. `verb` is check, describe, read, fetch, find, create, update or delete; nothing means any.

    `count` is how often it still acts (None: for ever) after `skip` calls passed it; a storm of refusals also ends
    `seconds` after it began. With `after_commit` the
    call is carried out and only its answer is lost. `error` is what `raise` raises; `failure` is what a
    record gets of `refuse`, where `when` likes its values (without `when`: each record).
    """

    kind: str
    verb: str | None = None
    object_type: str | None = None
    count: int | None = 1
    skip: int = 0
    status: int = 500
    retry_after: float | None = None
    after_commit: bool = False
    error: BaseException | None = None
    failure: Failure | None = None
    when: Callable[[Values], bool] | None = None
    seconds: float = 60.0
    ends_at: datetime | None = None
    remembered: object = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(sorted(KINDS))}, not {self.kind}")

    def strikes(self, now: datetime) -> BaseException:
        """What the caller gets instead of an answer."""
        if self.kind == "raise":
            return self.error or Crash("the process ended here")
        if self.kind == "storm":
            self.ends_at = self.ends_at or now + timedelta(seconds=self.seconds)
            return WireError("status", 429, (self.ends_at - now).total_seconds())
        return WireError(self.kind, self.status if self.kind == "status" else 0, self.retry_after)


class Faults:
    """The rules in force, in the order they were set."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._rules.append(fault)
        return fault

    def clear(self) -> None:
        self._rules.clear()

    def next(
        self, kinds: frozenset[str], verb: str, object_type: str | None, values: Values | None = None
    ) -> Fault | None:
        """The first rule of these kinds that acts on such a call; asking uses it up."""
        for rule in self._rules:
            if rule.kind in kinds and self._meets(rule, verb, object_type, values) and self._acts(rule):
                return rule
        return None

    def end_storms(self, now: datetime) -> None:
        """Forget the storms that are over."""
        self._rules = [rule for rule in self._rules if rule.ends_at is None or now < rule.ends_at]

    @staticmethod
    def _meets(rule: Fault, verb: str, object_type: str | None, values: Values | None) -> bool:
        liked = rule.when is None or (values is not None and rule.when(values))
        return rule.verb in {None, verb} and rule.object_type in {None, object_type} and liked

    @staticmethod
    def _acts(rule: Fault) -> bool:
        if rule.count == 0:
            return False
        if rule.skip > 0:
            rule.skip -= 1
            return False
        if rule.count is not None:
            rule.count -= 1
        return True
