"""`syncline sandbox`: serve a stand-in of a system."""

from __future__ import annotations

from pathlib import Path

from syncline.core.errors import ConfigError
from syncline.sandbox.main import SandboxError
from syncline.sandbox.main import serve as serve_system


def serve(
    *,
    system: str,
    port: int,
    dataset: str,
    state: Path | None,
    seed: int,
    edition: str | None,
    json: bool,  # noqa: ARG001 - its ready line is JSON either way
) -> int:
    """Serve until SIGTERM or SIGINT."""
    try:
        serve_system(system, port, dataset, str(state) if state else None, seed, edition)
    except SandboxError as error:
        raise ConfigError(str(error), hint="See `syncline sandbox --help`.") from error
    return 0
