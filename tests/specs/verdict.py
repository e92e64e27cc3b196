"""What the judging of all exchanges came to: counts by operation, and departures with or without a reason."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.specs.exceptions import Reasoned
from tests.specs.exchange import Exchange, with_inner
from tests.specs.published import Departure, Published
from tests.specs.routes import Templates

VALID, EXCEPTED, INVALID = "valid", "excepted", "invalid"
Check = Callable[[Exchange, str], Iterable[Departure]]


@dataclass
class Tally:
    """How the requests and the answers of one operation were judged: VALID, EXCEPTED or INVALID."""

    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

    def count(self, exchange: Exchange, found: set[Departure], unexplained: set[Departure]) -> None:
        """Add one exchange with all its departures, and those of them that have no reason."""
        self.by[exchange.by] += 1
        self.statuses[exchange.status] += 1
        self.answers[_judged("answer", found, unexplained)] += 1
        if not exchange.wrong:
            self.requests[_judged("request", found, unexplained)] += 1

    def add(self, other: "Tally") -> None:
        """Add all that another one counted."""
        for mine, theirs in (
            (self.requests, other.requests),
            (self.answers, other.answers),
            (self.by, other.by),
        ):
            mine.update(theirs)


@dataclass
class Verdict:
    """The outcome; `ok` when every departure has a reason and every reason a departure."""

    operations: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    unpublished: dict[tuple[str, str], Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    explained: dict[Reasoned, int] = field(default_factory=Counter)
    unexplained: Counter[Departure] = field(default_factory=Counter)
    stale: list[Reasoned] = field(default_factory=list)

    def explain(self, departure: Departure, exceptions: Sequence[Reasoned]) -> bool:
        """Count a departure under every exception that explains it; whether there is one."""
        reasons = [each for each in exceptions if each.explains(departure)]
        for reason in reasons:
            self.explained[reason] = self.explained.get(reason, 0) + 1
        return bool(reasons)

    @property
    def ok(self) -> bool:
        """Whether nothing is left to be explained, and no explanation is left over."""
        return not self.unexplained and not self.stale


class Judge:
    """Judges exchanges by what the systems publish, and by further checks of single systems."""

    def __init__(
        self,
        published: Mapping[str, Published],
        served: Mapping[str, Templates],
        checks: Sequence[Check] = (),
    ) -> None:
        self._published = published
        self._served = served
        self._checks = checks

    def judge(self, exchanges: Iterable[Exchange], exceptions: Sequence[Reasoned]) -> Verdict:
        """The verdict over all exchanges, those inside composites included."""
        verdict = Verdict()
        for exchange in (inner for outer in exchanges for inner in with_inner(outer)):
            self._one(exchange, exceptions, verdict)
        verdict.stale = [each for each in exceptions if each not in verdict.explained]
        return verdict

    def _one(self, exchange: Exchange, exceptions: Sequence[Reasoned], verdict: Verdict) -> None:
        operation = self._published[exchange.system].operation(exchange)
        found = set(self._departures(exchange, operation))
        unexplained = {departure for departure in found if not verdict.explain(departure, exceptions)}
        verdict.unexplained.update(unexplained)
        shown = self._name(exchange, operation)
        if operation is None:
            verdict.unpublished[exchange.system, shown][exchange.status] += 1
        else:
            verdict.operations[exchange.system, shown].count(exchange, found, unexplained)

    def _departures(self, exchange: Exchange, operation: str | None) -> Iterator[Departure]:
        for check in self._checks:
            yield from check(exchange, self._name(exchange, operation))
        if operation is not None:
            yield from self._published[exchange.system].departures(exchange, operation)

    def _name(self, exchange: Exchange, operation: str | None) -> str:
        """The published operation, else that of the sandbox, else the call as it was."""
        served = self._served[exchange.system].find(exchange.method, exchange.path)
        return operation or served or f"{exchange.method} {exchange.path}"


def _judged(part: str, found: set[Departure], unexplained: set[Departure]) -> str:
    if any(departure.part == part for departure in unexplained):
        return INVALID
    return EXCEPTED if any(departure.part == part for departure in found) else VALID
