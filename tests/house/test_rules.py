"""Rules that are described once, and tests that name only rules that exist."""

import ast
from collections.abc import Iterator

from tests.house.tree import name_of, parsed, python_files
from tests.rules_report import HEADING, RULES, described_rules, promised_rules

SECTIONS = "CPUMILDAQESO"


def _proofs() -> Iterator[tuple[str, str]]:
    """Place and number of every rule a test says it proves."""
    for path in python_files("tests", "src/syncline/testing"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proves":
                for argument in node.args:
                    yield f"{name_of(path)}:{node.lineno}", ast.literal_eval(argument)


def test_every_rule_is_described_once_and_in_words() -> None:
    text = RULES.read_text()
    numbers = [number for number, _ in HEADING.findall(text)]
    assert len(numbers) == len(set(numbers))
    assert {number[0] for number in numbers} == set(SECTIONS)
    bodies = HEADING.split(text)[3::3]
    assert all(len(body.split()) >= 8 for body in bodies)


def test_promised_rules_are_described() -> None:
    promised = promised_rules()
    assert promised
    assert not set(promised) - set(described_rules())


def test_tests_name_only_rules_that_exist() -> None:
    known = described_rules()
    assert not [(place, rule) for place, rule in _proofs() if rule not in known]
