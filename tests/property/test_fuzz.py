"""The state machines for as long as one likes: `make fuzz MINUTES=6` plays 4 in memory and 2 over the sandboxes."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test

from syncline.store.database import close_store, open_store
from tests.property.machine import SyncMachine
from tests.property.sandbox_machine import SandboxMachine
from tests.property.sandbox_world import two_sandboxes

MINUTES = float(os.environ.get("SYNCLINE_FUZZ_MINUTES", "0"))
IN_MEMORY, OVER_HTTP = 2 / 3, 1 / 3
"""How the minutes are split."""

ROUND = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
SHORT_ROUND = settings(ROUND, max_examples=10, stateful_step_count=20)

DONE: Counter[str] = Counter()

pytestmark = [
    pytest.mark.skipif(not MINUTES, reason="only `make fuzz` runs it"),
    pytest.mark.proves("S6", "I2"),
]


def counted(machine: type[RuleBasedStateMachine]) -> type[RuleBasedStateMachine]:
    """The machine, telling how much was tried."""

    class Counted(machine):  # type: ignore[misc,valid-type]
        @invariant()
        def count(self) -> None:
            DONE["steps"] += 1

        def teardown(self) -> None:
            DONE["examples"] += 1
            super().teardown()

    Counted.__name__ = f"Counted{machine.__name__}"
    return Counted


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> Iterator[None]:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    DONE.clear()
    yield
    close_store()


def _look(
    machine: type[RuleBasedStateMachine], how: settings, minutes: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Round after round, until the time is over."""
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        run_state_machine_as_test(machine, settings=how)
        with capsys.disabled():
            print(
                f"fuzz {machine.__name__}: {DONE['examples']} examples, {DONE['steps']} steps, nothing found so far",
                flush=True,
            )


def test_nothing_is_found_in_memory_however_long_one_looks(capsys: pytest.CaptureFixture[str]) -> None:
    _look(counted(SyncMachine), ROUND, MINUTES * IN_MEMORY, capsys)


def test_nothing_is_found_over_the_sandboxes_however_long_one_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with two_sandboxes() as SandboxMachine.world:
        _look(counted(SandboxMachine), SHORT_ROUND, MINUTES * OVER_HTTP, capsys)
