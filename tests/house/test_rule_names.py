"""Every rule a plan can name is explained where people learn to read plans."""

import ast
from collections.abc import Iterator

from tests.house.tree import ROOT, parsed

PAGE = (ROOT / "docs/howto/read-the-plan.md").read_text()
# Where the name of the rule stands among the arguments.
NAMING = {"Decision": 1, "Placement": 1, "self._push": 1, "self._conflict": 0}


def _rule_names() -> Iterator[str]:
    for module in ("merge", "place"):
        for node in ast.walk(parsed(ROOT / f"src/syncline/core/{module}.py")):
            if isinstance(node, ast.Call) and (place := NAMING.get(ast.unparse(node.func))) is not None:
                argument = node.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_the_rules_of_a_plan_are_explained() -> None:
    names = set(_rule_names())
    assert len(names) >= 15
    assert not [name for name in sorted(names) if f"`{name}`" not in PAGE]
