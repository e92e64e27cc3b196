"""Over real HTTP too: whatever people, faults and kills do, in the end both sandboxes agree or say why not."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from syncline.store.database import close_store, open_store
from tests.property.sandbox_machine import SandboxMachine
from tests.property.sandbox_world import two_sandboxes

QUICK = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.proves("S1", "S6", "I2", "E2", "E3")
def test_both_sandboxes_agree_in_the_end(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/store.sqlite3")
    try:
        with two_sandboxes() as SandboxMachine.world:
            run_state_machine_as_test(SandboxMachine, settings=QUICK)
    finally:
        close_store()
