"""Every operation a sandbox serves has its row of coverage, and every switch a row names can be turned."""

from collections import Counter
from collections.abc import Iterator

import pytest

from syncline.sandbox.clock import Clock
from syncline.sandbox.control import Control
from syncline.sandbox.faults import Faults
from syncline.sandbox.gate import CONTROL, RequestCounter
from syncline.sandbox.main import SYSTEMS, find_system
from syncline.sandbox.state import State
from syncline.sandbox.system import SystemApp


@pytest.fixture(scope="module")
def state() -> Iterator[State]:
    opened = State(":memory:")
    yield opened
    opened.close()


@pytest.fixture(params=sorted(SYSTEMS))
def app(request: pytest.FixtureRequest, state: State) -> SystemApp:
    return find_system(request.param)(state, Clock(state), 1)


def test_every_route_of_the_vendor_is_an_operation(app: SystemApp) -> None:
    served = {route.path for route in app.routes if not route.path.endswith(":path}")}
    assert served == {path for _, path in app.operations}


def test_every_operation_has_exactly_one_row(app: SystemApp) -> None:
    assert Counter(row.operation for row in app.coverage) == Counter(set(app.operations))


def test_every_row_says_what_is_modelled(app: SystemApp) -> None:
    assert not [row.operation for row in app.coverage if not row.modelled]


def test_every_switch_is_a_control_route(app: SystemApp, state: State) -> None:
    control = Control(
        state, Clock(state), Faults(1, Clock(state).now), RequestCounter(app.routes), app.records
    )
    known = {route.path for route in (*control.routes(), *app.control_routes)}
    named = {CONTROL + switch for row in app.coverage for switch in row.switches}
    assert named
    assert named <= known
