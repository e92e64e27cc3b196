"""What is promised of every change names the tests that show it, and they are there."""

import ast
import re

from tests.house.tree import ROOT, parsed

PAGE = ROOT / "docs/explanation/delivery-promise.md"
NAMED = re.compile(r"`([\w/.]+\.py)::(\w+)`")
PROMISE = re.compile(r"^### (.+)$", re.MULTILINE)


def _tests_of(path: str) -> set[str]:
    nodes = ast.walk(parsed(ROOT / path)) if (ROOT / path).exists() else ()
    return {
        node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(NAMED.findall(PAGE.read_text()))
    assert len(named) >= 40
    known = {path: _tests_of(path) for path, _ in named}
    assert not sorted(f"{path}::{test}" for path, test in named if test not in known[path])


def test_every_promise_names_a_test() -> None:
    promised = PAGE.read_text().split("## What is promised\n")[1].split("\n## ")[0]
    titles, bodies = PROMISE.findall(promised), PROMISE.split(promised)[2::2]
    assert len(titles) >= 10
    assert not [title for title, body in zip(titles, bodies, strict=True) if not NAMED.search(body)]
