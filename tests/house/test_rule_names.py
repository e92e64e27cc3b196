"""Every rule a plan can name, and every reason to wait for a person, is explained where people read of it."""

import ast
from collections.abc import Iterator

from tests.house.tree import ROOT, parsed

PLANS = (ROOT / "docs/howto/read-the-plan.md").read_text()
HOLDS = (ROOT / "docs/howto/resolve-holds.md").read_text()
MODULES = (
    "core/convert",
    "core/decide",
    "core/merge",
    "core/place",
    "core/scope",
    "core/written",
    "engine/counterpart",
    "engine/derive",
    "engine/creation",
)
# Where the name of the rule stands among the arguments.
NAMING = {
    "Decision": 1, "Placement": 1, "Criterion": 0, "Problem": 0, "self._push": 1, "self._conflict": 0,
}  # fmt: skip
SETTLING = {"_stored_reason"}
WAITING = {"Problem": 0, "self._conflict": 0}
NOBODY_WAITS = {"reference", "evidence", "deletion sync", "ability", "update is on", "gate"}
"""A reference waits for a record and not for a person; the others are asked where nothing is planned."""


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _argument(node: ast.AST, naming: dict[str, int]) -> Iterator[str | None]:
    if isinstance(node, ast.Call):
        place = naming.get(ast.unparse(node.func))
        if place is not None and len(node.args) > place:
            yield _text(node.args[place])


def _rule(node: ast.AST) -> Iterator[str | None]:
    """The rules a piece of code names: as an argument, in a decision that is changed afterwards, or by itself."""
    yield from _argument(node, NAMING)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "replace":
        yield from (_text(each.value) for each in node.keywords if each.arg in {"rule", "settled"})
    if isinstance(node, ast.FunctionDef) and node.name in SETTLING:
        yield from (_text(each.value) for each in ast.walk(node) if isinstance(each, ast.Return))


def _nodes() -> Iterator[ast.AST]:
    for module in MODULES:
        yield from ast.walk(parsed(ROOT / f"src/syncline/{module}.py"))


def test_the_rules_of_a_plan_are_explained() -> None:
    names = {name for node in _nodes() for name in _rule(node) if name} - NOBODY_WAITS
    assert len(names) >= 35
    assert not [name for name in sorted(names) if f"`{name}`" not in PLANS]


def test_the_reasons_of_holds_are_explained() -> None:
    names = {name for node in _nodes() for name in _argument(node, WAITING) if name} - NOBODY_WAITS
    assert len(names) >= 8
    assert not [name for name in sorted(names) if f"`{name}`" not in HOLDS]
