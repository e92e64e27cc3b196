import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import rules_report

ROOT = Path(__file__).parents[3]
SAMPLE = """
import pytest

@pytest.mark.proves("U2", "S1")
def test_one() -> None:
    assert 1 + 1 == 2

class Base:
    @pytest.mark.proves("U2")
    @pytest.mark.parametrize("number", [1, 2])
    def test_inherited(self, number: int) -> None:
        if number == 2:
            pytest.skip("no server here")

class TestReal(Base):
    pass

def test_broken() -> None:
    assert {outcome}
"""


def run(folder: Path, *, passes: bool) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(SAMPLE.replace("{outcome}", str(passes)))
    options = ["-p", "tests.rules_report", "-p", "no:cacheprovider", "-n", "2", "--rules-report=report.json"]
    command = [sys.executable, "-m", "pytest", *options, "-o", "markers=proves(*rules): rules"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_run_that_passed_reports_each_rule_with_its_tests(tmp_path: Path) -> None:
    done = run(tmp_path, passes=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = json.loads((tmp_path / "report.json").read_text())["rules"]
    assert [proof["outcome"] for proof in rules["S1"]] == ["passed"]
    assert sorted(proof["outcome"] for proof in rules["U2"]) == ["passed", "passed", "skipped"]
    assert "no server here" in str(rules["U2"])


def test_a_run_that_failed_leaves_the_last_report_alone(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("the last good one")
    assert run(tmp_path, passes=False).returncode == 1
    assert (tmp_path / "report.json").read_text() == "the last good one"


def test_the_table_shows_skips_and_promised_rules_without_a_test() -> None:
    proofs = [
        rules_report.Proof(test="t.py::test_a[1]", outcome="passed", reason=""),
        rules_report.Proof(test="t.py::test_a[2]", outcome="skipped", reason="Skipped: no server"),
    ]
    report = rules_report.Report(finished="2026-11-21T00:00:00+00:00", commit="abc", rules={"U2": proofs})
    table = "\n".join(rules_report.lines_of(report, ["U2", "S1"]))
    assert "t.py::test_a  passed 1, skipped 1" in table
    assert "skipped: Skipped: no server" in table
    assert table.endswith("NO TEST names this rule")


@pytest.mark.parametrize(("rules", "status"), [({}, 1), (None, 0)])
def test_the_command_fails_while_a_promised_rule_has_no_test(
    rules: dict[str, list[rules_report.Proof]] | None, status: int, tmp_path: Path
) -> None:
    proof = rules_report.Proof(test="t.py::test_a", outcome="passed", reason="")
    shown = {rule: [proof] for rule in rules_report.promised_rules()} if rules is None else rules
    report = rules_report.Report(finished="now", commit="", rules=shown)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    assert rules_report.main(str(path)) == status
