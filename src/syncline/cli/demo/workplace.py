"""The folder of the demonstration: its settings file, and the made-up secrets that the file refers to."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from syncline.cli.demo.stand_ins import StandIn
from syncline.core.errors import ConfigError

_HEAD = """# Written by `syncline demo`: both systems are stand-ins on this machine. Secrets: credentials.sh.
version: 1
database: sqlite:///syncline.sqlite3
connections:
"""
_CONNECTION = """  {system}:
    system: {system}
    base_url: {base_url}
    credentials:
"""
_SYNC = """syncs:
  {sync}:
    left: {left}
    right: {right}
    preset: {left}-{right}
    schedule: {{pull: 5s, push: 5s, settle: 0s}}
logging: {{level: warning}}
"""
_ASKED_FOR = {
    "apollo": ("api_key",),
    "customeros": ("api_key",),
    "salesforce": ("client_id", "client_secret"),
}


@contextmanager
def workplace(folder: Path | None) -> Iterator[Path]:
    """The folder to work in: the named one, which must be new or empty and stays, or one that is removed."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="syncline-demo-") as made:
            yield Path(made)
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError(f"the folder {folder} is not empty", hint="Name an empty or a new folder.")
    yield folder


def write_settings(folder: Path, sync: str, stand_ins: Mapping[str, StandIn]) -> Path:
    """Write the settings file of a sync between the first stand-in and the second, and its variables.

    They are set for this process and, in a file, for others.
    """
    secrets = {
        _variable(system, key): each.credentials[key]
        for system, each in stand_ins.items()
        for key in _ASKED_FOR[system]
    }
    os.environ.update(secrets)
    lines = [f"export {name}={shlex.quote(secret)}\n" for name, secret in secrets.items()]
    private = folder / "credentials.sh"
    private.touch(mode=0o600)
    private.write_text("".join(lines))
    settings = folder / "syncline.yaml"
    settings.write_text(_text(sync, stand_ins))
    return settings


def _text(sync: str, stand_ins: Mapping[str, StandIn]) -> str:
    left, right = stand_ins
    parts = [_HEAD]
    for system, each in stand_ins.items():
        parts.append(_CONNECTION.format(system=system, base_url=each.base_url))
        parts += [f"      {key}: env:{_variable(system, key)}\n" for key in _ASKED_FOR[system]]
    return "".join([*parts, _SYNC.format(sync=sync, left=left, right=right)])


def _variable(system: str, key: str) -> str:
    return f"DEMO_{system}_{key}".upper()
