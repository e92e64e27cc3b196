"""What the command prints: a table of operations, the exceptions with their reasons, and what has none."""

from collections import Counter
from collections.abc import Iterator

from tests.specs.verdict import EXCEPTED, INVALID, VALID, Tally, Verdict

JUDGED = (VALID, EXCEPTED, INVALID)


def shown(verdict: Verdict) -> Iterator[str]:
    """The report, line by line."""
    yield from _table(verdict)
    yield from _unpublished(verdict)
    yield from _explained(verdict)
    for departure, count in sorted(verdict.unexplained.items(), key=str):
        yield f"NOT AS PUBLISHED, {count} times: {departure}"
    for exception in verdict.stale:
        yield f"EXCEPTION THAT NO LONGER OCCURS, take it out: {exception}"


def _table(verdict: Verdict) -> Iterator[str]:
    yield f"{'requests':>26}   {'answers':>26}"
    heads = " ".join(f"{name:>8}" for name in JUDGED)
    yield f"{heads}   {heads}  operation, statuses"
    whole = Tally()
    for (system, operation), tally in sorted(verdict.operations.items()):
        shown = f"{_figures(tally.requests)}   {_figures(tally.answers)}"
        yield f"{shown}  {system} {operation}, {_counts(tally.statuses)}"
        whole.add(tally)
    shown = f"{_figures(whole.requests)}   {_figures(whole.answers)}"
    yield f"{shown}  all {len(verdict.operations)} published operations, by {_counts(whole.by)}"
    yield ""


def _figures(judged: Counter[str]) -> str:
    return " ".join(f"{judged[name]:>8}" for name in JUDGED)


def _unpublished(verdict: Verdict) -> Iterator[str]:
    total = sum(count.total() for count in verdict.unpublished.values())
    yield f"{total} exchanges of operations without a published description; their records and words were judged:"
    for (system, operation), statuses in sorted(verdict.unpublished.items()):
        yield f"  {system} {operation}, {_counts(statuses)}"
    yield ""


def _explained(verdict: Verdict) -> Iterator[str]:
    yield f"{len(verdict.explained)} exceptions, {sum(verdict.explained.values())} times:"
    for exception, count in verdict.explained.items():
        yield f"  {count} x {exception}"
        yield f"      {exception.reason}"
    yield ""


def _counts(counts: Counter[int] | Counter[str]) -> str:
    return ", ".join(f"{count} x {name}" for name, count in sorted(counts.items(), key=str))
