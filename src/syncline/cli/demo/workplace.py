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

SECRETS = {
    "DEMO_APOLLO_API_KEY": ("apollo", "api_key"),
    "DEMO_SALESFORCE_CLIENT_ID": ("salesforce", "client_id"),
    "DEMO_SALESFORCE_CLIENT_SECRET": ("salesforce", "client_secret"),
}
_SETTINGS = """# Written by `syncline demo`: both systems are stand-ins on this machine. Secrets: credentials.sh.
version: 1
database: sqlite:///syncline.sqlite3
connections:
  apollo:
    system: apollo
    base_url: {apollo}
    credentials:
      api_key: env:DEMO_APOLLO_API_KEY
  salesforce:
    system: salesforce
    base_url: {salesforce}
    credentials:
      client_id: env:DEMO_SALESFORCE_CLIENT_ID
      client_secret: env:DEMO_SALESFORCE_CLIENT_SECRET
syncs:
  crm:
    left: apollo
    right: salesforce
    preset: apollo-salesforce
logging: {{level: warning}}
"""


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


def write_settings(folder: Path, stand_ins: Mapping[str, StandIn]) -> Path:
    """Write the settings file, and set the variables it refers to for this process and, in a file, for others."""
    secrets = {name: stand_ins[system].credentials[key] for name, (system, key) in SECRETS.items()}
    os.environ.update(secrets)
    lines = [f"export {name}={shlex.quote(secret)}\n" for name, secret in secrets.items()]
    private = folder / "credentials.sh"
    private.touch(mode=0o600)
    private.write_text("".join(lines))
    settings = folder / "syncline.yaml"
    settings.write_text(_SETTINGS.format(**{name: each.base_url for name, each in stand_ins.items()}))
    return settings
