"""The page of what the sandboxes cover, from the sandboxes themselves."""

from collections.abc import Iterator

from syncline.sandbox.clock import Clock
from syncline.sandbox.coverage import Coverage
from syncline.sandbox.gate import CONTROL
from syncline.sandbox.main import SYSTEMS, find_system
from syncline.sandbox.state import State
from syncline.sandbox.system import SystemApp

INTRODUCTION = f"""# What the sandboxes cover

Every call that a [sandbox](sandboxes.md) answers, how far it goes, and what no source tells about the real system. A
test holds the rows against the routes that are served. The switch is a control route below `{CONTROL}`: it sets what
is uncertain, or what a test may want to be otherwise. Faults, the clock and the records of every sandbox can be set
besides.

A path that is not listed answers as one the vendor does not have.
"""
HEAD = ["| call | modelled | not modelled | uncertain | switch |", "|---|---|---|---|---|"]


def page() -> str:
    """The page of coverage."""
    return "\n".join([INTRODUCTION, *(line for name in sorted(SYSTEMS) for line in _section(_app(name)))])


def _app(name: str) -> SystemApp:
    """A system over a state that holds nothing."""
    state = State(":memory:")
    try:
        return find_system(name)(state, Clock(state), 1)
    finally:
        state.close()


def _section(app: SystemApp) -> Iterator[str]:
    yield from (f"## {app.name.capitalize()}", "", *HEAD)
    yield from (_row(each) for each in app.coverage)
    yield ""


def _row(row: Coverage) -> str:
    switches = ", ".join(f"`{switch}`" for switch in row.switches)
    cells = (f"`{row.method} {row.path}`", row.modelled, row.missing, row.uncertain, switches)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
