"""Invented calls to the Apollo sandbox, which schemathesis makes from the published description.

Whatever is sent, the sandbox must answer, and never by a fault of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from syncline.testing.sandboxes import RunningSandbox
from tests.specs.documents import operations
from tests.specs.routes import Templates, coverage_of

BASE = "/api/v1"
SECONDS = 20
Operation = APIOperation[Any, Any, Any, Any]


@dataclass
class Fuzzed:
    """How many calls were made, what they were answered, and which of them found a fault."""

    seed: int
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    operations: int = 0

    @property
    def ok(self) -> bool:
        """Whether calls were made and each was answered by something else than a fault of the sandbox."""
        return bool(self.statuses) and not self.faults

    def lines(self) -> Iterator[str]:
        """What is printed."""
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        calls = f"{self.statuses.total()} invented calls of {self.operations} operations, seed {self.seed}"
        yield f"{calls}: {told or 'none'}"
        yield from (f"FAULT OF THE SANDBOX: {fault}" for fault in self.faults)


def fuzz(document: Mapping[str, Any], sandbox: RunningSandbox, examples: int, number: int) -> Fuzzed:
    """Call every published operation that the sandbox serves, right and wrong, with at most that many examples each."""
    found = Fuzzed(number)
    sandbox.control("POST", "/limits", {"minute": None, "hour": None, "day": None})
    for result in schemathesis.openapi.from_dict(_served_part(document)).get_all_operations():
        # The type allows for operations that cannot be read; of those ok() is missing, and that is right.
        operation: Operation = result.ok()  # type: ignore[union-attr]
        found.operations += 1
        for mode in GenerationMode:
            _fuzz_one(operation, mode, sandbox, examples, found)
    return found


def _served_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description without the operations that the sandbox does not serve."""
    served = Templates(row.operation for row in coverage_of("apollo"))
    paths: dict[str, Any] = {}
    for method, path, operation in operations(dict(document)):
        if served.find(method, BASE + path):
            paths.setdefault(path, {})[method.lower()] = operation
    return {**document, "paths": paths}


def _fuzz_one(
    operation: Operation, mode: GenerationMode, sandbox: RunningSandbox, examples: int, found: Fuzzed
) -> None:
    """Invent calls of one operation, as described or against the description; the first fault ends it."""
    headers = {"x-api-key": str(sandbox.credentials["api_key"])}

    @seed(found.seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        reply = case.call(base_url=sandbox.base_url, headers=headers, timeout=SECONDS)
        found.statuses[reply.status_code] += 1
        assert reply.status_code < 500, (
            f"{reply.status_code} {reply.text[:200]} for {case.as_curl_command()[:400]}"
        )

    try:
        with suppress(Unsatisfiable):  # there is nothing to get wrong in an operation without parameters
            call()
    except (AssertionError, requests.RequestException) as error:
        found.faults.append(f"{operation.method.upper()} {operation.path}: {error}")
