"""Small files, small functions, and no drawer for odds and ends."""

from tests.house.tree import functions, name_of, parsed, python_files

FILE_LINES = 400
FUNCTION_LINES = 50
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def test_no_file_is_long() -> None:
    long = {
        name_of(path): lines
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > FILE_LINES and "migrations" not in path.parts
    }
    assert not long


def test_no_function_is_long() -> None:
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": lines
        for path in python_files()
        for node in functions(path)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }
    assert not long


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    parts = {
        name_of(path): path.stem if path.stem != "__init__" else path.parent.name for path in python_files()
    }
    assert not {path for path, name in parts.items() if name in DRAWERS}


def test_every_module_of_the_package_parses_and_is_no_empty_promise() -> None:
    unfinished = []
    for path in python_files("src"):
        parsed(path)
        unfinished += [
            f"{name_of(path)}:{number}: {line.strip()}"
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if any(word in line for word in ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error"))
        ]
    assert not unfinished
