"""Sandboxes for the contract: one process per system, started at its first use, ended with the session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox


@pytest.fixture(scope="session")
def sandbox_of() -> Iterator[Callable[[str], RunningSandbox]]:
    """The running sandbox of a system, by its name."""
    running: dict[str, RunningSandbox] = {}
    with ExitStack() as stack:

        def started(system: str) -> RunningSandbox:
            if system not in running:
                running[system] = stack.enter_context(start_sandbox(system))
            return running[system]

        yield started
