"""Which test proves which rule: a pytest plugin that writes the report, and the command that prints it.

A test names its rules with `@pytest.mark.proves("U2", "S1")`. With `--rules-report=FILE` a run that passed
leaves a JSON file behind; a run that failed leaves the last good one alone.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

import pytest

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "reference" / "rules.md"
PROPERTY = "proves"
HEADING = re.compile(r"^### ([A-Z]\d+) (.+)$", re.MULTILINE)
PROMISED = re.compile(r"^Promised in this version: (.+)$", re.MULTILINE)


class Proof(TypedDict):
    """One test of one rule and how it ended."""

    test: str
    outcome: str
    reason: str


class Report(TypedDict):
    """What one passed run showed."""

    finished: str
    commit: str
    rules: dict[str, list[Proof]]


def described_rules() -> dict[str, str]:
    """Number and title of every rule of the reference page, in its order."""
    return dict(HEADING.findall(RULES.read_text()))


def promised_rules() -> list[str]:
    """Numbers of the rules this version answers for, as the reference page names them."""
    found = PROMISED.search(RULES.read_text())
    return re.findall(r"[A-Z]\d+", found[1]) if found else []


class RulesReporter:
    """Collects the outcome of every test that proves a rule; works in the controller of xdist too."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.proofs: dict[str, list[Proof]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and not (report.when == "setup" and report.skipped):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        proof = Proof(test=report.nodeid, outcome=report.outcome, reason=reason)
        for name, rule in report.user_properties:
            if name == PROPERTY:
                self.proofs.setdefault(str(rule), []).append(proof)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus != pytest.ExitCode.OK:
            return
        report = Report(
            finished=datetime.now(UTC).isoformat(timespec="seconds"), commit=_commit(), rules=self.proofs
        )
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps(report, indent=1, sort_keys=True))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rules-report", type=Path, help="write rule x test to this file if the run passes")


def pytest_configure(config: pytest.Config) -> None:
    target: Path | None = config.getoption("--rules-report")
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if target and not is_worker:
        config.pluginmanager.register(RulesReporter(target), "rules-reporter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties.extend((PROPERTY, rule) for rule in rules_of(item))


def rules_of(item: pytest.Item) -> list[str]:
    """The rules a test names on itself, its class and its module, each once and in order."""
    named: list[Any] = [rule for mark in item.iter_markers(PROPERTY) for rule in mark.args]
    return list(dict.fromkeys(named))


def _commit() -> str:
    """The commit the tests ran on, marked when files differed from it; empty outside a checkout."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def lines_of(report: Report, promised: list[str]) -> Iterator[str]:
    """The printed table: every promised rule, then every other rule that has a test."""
    titles = described_rules()
    rules = report["rules"]
    yield f"Rules proven by the run of {report['finished']} (commit {report['commit'] or 'unknown'})"
    for rule in [*promised, *(name for name in titles if name in rules and name not in promised)]:
        yield f"\n{rule:4} {titles.get(rule, '')}"
        yield from (_line(name, proofs) for name, proofs in _by_function(rules.get(rule, [])))
        if rule not in rules:
            yield "       NO TEST names this rule"


def _by_function(proofs: list[Proof]) -> Iterator[tuple[str, list[Proof]]]:
    """Parameter sets of one test function are one row."""
    rows: dict[str, list[Proof]] = {}
    for proof in proofs:
        rows.setdefault(proof["test"].partition("[")[0], []).append(proof)
    yield from sorted(rows.items())


def _line(name: str, proofs: list[Proof]) -> str:
    outcomes = Counter(proof["outcome"] for proof in proofs)
    counts = ", ".join(f"{word} {number}" for word, number in sorted(outcomes.items()))
    reasons = sorted({proof["reason"] for proof in proofs if proof["reason"]})
    return f"       {name}  {counts}" + "".join(f"\n         skipped: {reason}" for reason in reasons)


def _verdict(report: Report, promised: list[str]) -> tuple[str, bool]:
    """One line of totals, and whether every promised rule has a test."""
    outcomes = {rule: {proof["outcome"] for proof in report["rules"].get(rule, [])} for rule in promised}
    proven = [rule for rule, seen in outcomes.items() if "passed" in seen]
    skipped = [rule for rule, seen in outcomes.items() if seen and "passed" not in seen]
    bare = [rule for rule, seen in outcomes.items() if not seen]
    text = f"{len(promised)} rules promised: {len(proven)} proven, {len(skipped)} only skipped, "
    return text + f"{len(bare)} without a test" + (f" ({', '.join(bare)})" if bare else ""), not bare


def main(path: str) -> int:
    """Print the report at `path`; 1 if a promised rule has no test at all."""
    report: Report = json.loads(Path(path).read_text())
    promised = promised_rules()
    print("\n".join(lines_of(report, promised)))
    verdict, complete = _verdict(report, promised)
    print(f"\n{verdict}")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
