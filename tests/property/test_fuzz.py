"""The state machine for as long as one likes: `make fuzz MINUTES=5`."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from syncline.store.database import close_store, open_store
from tests.property.machine import SyncMachine

MINUTES = float(os.environ.get("SYNCLINE_FUZZ_MINUTES", "0"))
ROUND = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)

DONE: Counter[str] = Counter()


class CountedMachine(SyncMachine):
    """Tells how much was tried."""

    @invariant()
    def count(self) -> None:
        DONE["steps"] += 1

    def teardown(self) -> None:
        DONE["examples"] += 1
        super().teardown()


@pytest.mark.skipif(not MINUTES, reason="only `make fuzz` runs it")
@pytest.mark.proves("S6", "I2")
def test_nothing_is_found_however_long_one_looks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    end = time.monotonic() + 60 * MINUTES
    try:
        while time.monotonic() < end:
            run_state_machine_as_test(CountedMachine, settings=ROUND)
            with capsys.disabled():
                print(
                    f"fuzz: {DONE['examples']} examples, {DONE['steps']} steps, nothing found so far",
                    flush=True,
                )
    finally:
        close_store()
