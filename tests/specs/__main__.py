"""`make specs SPECS=DIR`: judge the sandboxes and the connectors by what the vendors publish of their APIs.

Exit code 0 when every departure has a reason in exceptions.yaml and every reason still has its departure.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from syncline.testing.sandboxes import start_sandbox
from tests.specs import calls_of_apollo, calls_of_salesforce
from tests.specs.caller import Caller
from tests.specs.exceptions import read_exceptions
from tests.specs.exchange import Exchange, with_inner
from tests.specs.fuzz import fuzz
from tests.specs.of_apollo import LimitCheck
from tests.specs.of_salesforce import RecordCheck, RefusalCheck, WordCheck
from tests.specs.proxy import RecordingProxy
from tests.specs.published import FILES, Published
from tests.specs.report import shown
from tests.specs.routes import SYSTEMS, Templates, coverage_of
from tests.specs.sync import PEOPLE, ProxiedPair, drive
from tests.specs.verdict import Judge

WORDS = "salesforce/enums-v47.json"
REFUSALS = ("salesforce/duplicates_detected.v54-v56.json", "salesforce/duplicates_detected.newer.json")
LIMITS = "apollo/apollo-io-rate-limits.yml"
NEEDED = (*FILES.values(), WORDS, *REFUSALS, LIMITS)


def main() -> int:
    """Record, judge, print, fuzz."""
    options = _options()
    if missing := [name for name in NEEDED if not (options.specs / name).is_file()]:
        print(
            "Say where the published schemas are: make specs SPECS=DIR. The folder lacks:",
            *missing,
            sep="\n  ",
        )
        return 1
    started = time.monotonic()
    published = {system: Published(system, _read(options.specs / name)) for system, name in FILES.items()}
    exchanges, left_out = _record()
    verdict = _judge(options.specs, published).judge(exchanges, read_exceptions())
    print(*(note for each in published.values() for note in each.notes()), *shown(verdict), sep="\n")
    for operation in left_out:
        print(f"OPERATION THAT NO CALL VISITS: {operation}")
    with start_sandbox("apollo", dataset="30") as sandbox:
        found = fuzz(published["apollo"].document, sandbox, options.examples, options.seed)
    print(*found.lines(), sep="\n")
    good = verdict.ok and not left_out and found.ok
    print(f"{'Good' if good else 'NOT good'}, {time.monotonic() - started:.0f} seconds")
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make specs", description=__doc__)
    parser.add_argument("specs", type=Path, help="folder with the published schemas")
    parser.add_argument("--examples", type=int, default=40, help="invented calls per operation, at most")
    parser.add_argument("--seed", type=int, default=1, help="another number invents other calls")
    return parser.parse_args()


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) if path.suffix == ".yml" else json.loads(path.read_text())


def _judge(folder: Path, published: dict[str, Published]) -> Judge:
    checks = (
        LimitCheck(_read(folder / LIMITS)),
        RecordCheck(published["salesforce"]),
        WordCheck(_read(folder / WORDS)),
        RefusalCheck(*(_read(folder / name) for name in REFUSALS)),
    )
    served = {system: Templates(row.operation for row in coverage_of(system)) for system in SYSTEMS}
    return Judge(published, served, checks)


def _record() -> tuple[list[Exchange], list[str]]:
    """What went by while the sync ran and the list was called, and the covered operations nobody called."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncline-specs-")))
        pair = ProxiedPair(folder, f"sqlite:///{folder / 'specs.sqlite3'}", dataset=PEOPLE)
        stack.enter_context(pair)
        for system in SYSTEMS:
            pair.proxies[system] = stack.enter_context(RecordingProxy(pair.sandboxes[system]))
        pair.write_settings()
        print(f"The sync ran: {dict(drive(pair))}")
        _visit(pair.proxies, stack)
        exchanges = [each for system in SYSTEMS for each in pair.proxies[system].exchanges]
    return exchanges, [left for system in SYSTEMS for left in _left_out(system, exchanges)]


def _visit(proxies: dict[str, RecordingProxy], stack: ExitStack) -> None:
    key = str(proxies["apollo"].sandbox.credentials["api_key"])
    for system, visit, headers in (
        ("apollo", calls_of_apollo.visit, {"x-api-key": key}),
        ("salesforce", calls_of_salesforce.visit, {}),
    ):
        caller = Caller(proxies[system], headers)
        stack.callback(caller.close)
        visit(caller, coverage_of(system))


def _left_out(system: str, exchanges: Iterable[Exchange]) -> Sequence[str]:
    """The covered operations that no call of the right shape visited."""
    templates = Templates(row.operation for row in coverage_of(system))
    visited: Counter[str | None] = Counter(
        templates.find(inner.method, inner.path)
        for each in exchanges
        if each.system == system and not each.wrong
        for inner in with_inner(each)
    )
    names = [" ".join(row.operation) for row in coverage_of(system)]
    return [f"{system} {name}" for name in names if name not in visited]


if __name__ == "__main__":
    sys.exit(main())
