"""Pages written from the program say what the program does now."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from docs.generate.pages import generated
from syncline.config import json_schema
from tests.house.tree import name_of

PAGES = generated()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_the_page_is_what_make_docs_writes(path: Path) -> None:
    assert path.read_text() == PAGES[path], "run `make docs`"


def test_the_schema_of_the_settings_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


def _settings(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in node.get("properties", {}).items():
        yield f"{place}.{name}", part
    for name, part in node.get("$defs", {}).items():
        yield from _settings(part, name)


def test_every_setting_says_what_it_means() -> None:
    schema = json_schema()
    silent = [
        place
        for place, part in _settings(schema)
        if not part.get("description") and not schema["$defs"][part["$ref"].rpartition("/")[2]]["description"]
    ]
    assert not silent
