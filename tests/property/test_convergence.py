"""Whatever people, systems and crashes do: once it is over, both sides agree or say why not."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from syncline.store.database import close_store, open_store
from tests.property.machine import SyncMachine

QUICK = settings(
    max_examples=45, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.proves("S1", "S6", "I2", "E3")
def test_both_sides_agree_in_the_end(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    try:
        run_state_machine_as_test(SyncMachine, settings=QUICK)
    finally:
        close_store()
