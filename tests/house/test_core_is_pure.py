"""The core takes values and returns values: no clock, no chance, no input or output, no framework."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import name_of, parsed, python_files

LIBRARIES = {
    "cel", "email_validator", "nameparser", "phonenumbers", "publicsuffixlist", "pycountry", "rapidfuzz",
}  # fmt: skip
IMPURE = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib.request",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "uuid1", "uuid4"}


def _imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""


def _allowed(module: str) -> bool:
    top = module.partition(".")[0]
    if top == "syncline":
        return module == "syncline.core" or module.startswith("syncline.core.")
    return top in LIBRARIES or (top in sys.stdlib_module_names and not IMPURE & {top, module})


def test_core_imports_only_what_it_may() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in python_files("src/syncline/core")
        for line, module in _imported(path)
        if not _allowed(module)
    ]
    assert not wrong


def test_core_asks_no_clock_and_reads_nothing() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in python_files("src/syncline/core")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {*CLOCKS, "open", "print"}
    ]
    assert not wrong


SYSTEMS = re.compile(r"apollo|salesforce|hubspot|customeros|\b(soql|sobject)\b", re.IGNORECASE)


def test_core_and_engine_name_no_system() -> None:
    """What one system needs stands in its connector: another pair of systems needs no line here."""
    named = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in python_files("src/syncline/core", "src/syncline/engine")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if SYSTEMS.search(line)
    ]
    assert not named
