"""The program over two stand-ins, called as a person calls it; no secret may ever be in what it says."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncline.cli.main import call
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

VARIABLES = {
    "APOLLO_API_KEY": ("apollo", "api_key"),
    "SALESFORCE_CLIENT_ID": ("salesforce", "client_id"),
    "SALESFORCE_CLIENT_SECRET": ("salesforce", "client_secret"),
}


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on the standard output, which holds nothing else."""
        return json.loads(self.out)

    @property
    def error(self) -> Mapping[str, str]:
        """Code, message and cure of a failure."""
        assert self.code == 1, self
        found: Mapping[str, str] = self.json["error"]
        assert set(found) >= {"code", "message", "cure"}
        return found


@dataclass
class Program:
    """Settings in a folder, two stand-ins they name, and the command line over them."""

    folder: Path
    stand_ins: Mapping[str, RunningSandbox]
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    @property
    def file(self) -> Path:
        return self.folder / "syncline.yaml"

    @property
    def secrets(self) -> list[str]:
        """What must be in no output: the credentials of both stand-ins that are secret."""
        names = ("api_key", "client_secret", "private_key")
        return [str(s.credentials[n]) for s in self.stand_ins.values() for n in names if n in s.credentials]

    def settings(self, **sync: Any) -> dict[str, Any]:
        """A document for both stand-ins, with these settings of its sync."""
        apollo, salesforce = (self.stand_ins[name].base_url for name in ("apollo", "salesforce"))
        return {
            "version": 1,
            "database": f"sqlite:///{self.folder}/syncline.sqlite3",
            "connections": {
                "apollo": {
                    "system": "apollo",
                    "base_url": apollo,
                    "credentials": {"api_key": "env:APOLLO_API_KEY"},
                },
                "salesforce": {
                    "system": "salesforce",
                    "base_url": salesforce,
                    "credentials": {
                        "client_id": "env:SALESFORCE_CLIENT_ID",
                        "client_secret": "env:SALESFORCE_CLIENT_SECRET",
                    },
                },
            },
            "syncs": {
                "crm": {"left": "apollo", "right": "salesforce", "preset": "apollo-salesforce", **sync}
            },
        }

    def write(self, document: object) -> None:
        """Make these the settings."""
        self.file.write_text(document if isinstance(document, str) else yaml.safe_dump(document))

    def type(self, *words: str) -> Said:
        """Call a command. What it says must hold no secret and no traceback."""
        self.capture.readouterr()
        code = call([*words, *([] if "--settings" in words else ["--settings", str(self.file)])])
        told = self.capture.readouterr()
        for secret in self.secrets:
            assert secret not in told.out + told.err
        assert "Traceback" not in told.out + told.err
        return Said(code, told.out, told.err)

    def ask(self, *words: str) -> Said:
        """Call a command for its JSON."""
        return self.type(*words, "--json")


@contextmanager
def stand_ins(dataset: str, seed: int = 1) -> Iterator[Mapping[str, RunningSandbox]]:
    """Both stand-ins with the same people."""
    with (
        start_sandbox("apollo", dataset=dataset, seed=seed) as apollo,
        start_sandbox("salesforce", dataset=dataset, seed=seed) as salesforce,
    ):
        yield {"apollo": apollo, "salesforce": salesforce}


def make_program(
    folder: Path,
    servers: Mapping[str, RunningSandbox],
    capture: pytest.CaptureFixture[str],
    patch: pytest.MonkeyPatch,
) -> Program:
    """A program whose settings and secrets lead to these stand-ins."""
    for name, (system, key) in VARIABLES.items():
        patch.setenv(name, str(servers[system].credentials[key]))
    patch.setenv("XDG_STATE_HOME", str(folder))
    for name in ("SYNCLINE_SETTINGS", "SYNCLINE_CLOCK_URL", "SYNCLINE_LOG", "SYNCLINE_TESTING"):
        patch.delenv(name, raising=False)
    made = Program(folder, servers, capture, patch)
    made.write(made.settings())
    return made
