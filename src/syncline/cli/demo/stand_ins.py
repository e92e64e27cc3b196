"""The two stand-ins of the demonstration, each in a process of its own that ends with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from syncline.cli.demo.processes import ready, started

_CALL_SECONDS = 60.0


@dataclass(frozen=True)
class StandIn:
    """One stand-in that answers: where, with which credentials, and the door through which people edit."""

    base_url: str
    credentials: Mapping[str, str]
    control_url: str
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=_CALL_SECONDS), repr=False)

    def records(self, object_type: str) -> list[dict[str, Any]]:
        """Every record of a type, as the stand-in keeps it."""
        found: list[dict[str, Any]] = self._call("GET", f"/records/{object_type}")["records"]
        return found

    def edit(self, object_type: str, remote_id: str, values: Mapping[str, Any]) -> None:
        """Change a record as a person does in the product."""
        self._call("POST", f"/records/{object_type}/{remote_id}", values)

    def add(self, object_type: str, values: Mapping[str, Any]) -> str:
        """Add a record as a person does in the product; its id."""
        made = self._call("POST", f"/records/{object_type}", values)
        return str(made.get("id") or made.get("Id"))

    def turn(self, switch: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Turn a switch of the stand-in itself; what is in force."""
        return self._call("POST", f"/{switch}", values)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self.http.request(method, self.control_url + path, json=body)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


@contextmanager
def standing(folder: Path, systems: Sequence[str], dataset: str, seed: int) -> Iterator[dict[str, StandIn]]:
    """Both stand-ins, started at the same time; they are ended however the with block ends."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(started(name, _words(name, folder, dataset, seed), folder))
            for name in systems
        }
        stand_ins = {name: _stand_in(ready(name, each, folder)) for name, each in running.items()}
        for each in stand_ins.values():
            stack.callback(each.http.close)
        yield stand_ins


def _words(system: str, folder: Path, dataset: str, seed: int) -> list[str]:
    words = ["syncline.sandbox", system, "--port", "0", "--dataset", dataset]
    return [*words, "--seed", str(seed), "--state", str(folder / f"{system}.sqlite3")]


def _stand_in(said: Mapping[str, Any]) -> StandIn:
    return StandIn(said["base_url"], said["credentials"], said["control_url"])
