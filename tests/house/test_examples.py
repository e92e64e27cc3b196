"""Settings that the pages show are settings that the program takes."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.config import load, parse
from syncline.service.check import check_document
from tests.house.tree import ROOT, documents, name_of

BLOCK = re.compile(r"(?:^(?: {4}.*)?\n)+", re.MULTILINE)
FULL = "version: 1\n"


def _examples() -> Iterator[tuple[str, str]]:
    for page in documents():
        for block in BLOCK.findall(page.read_text()):
            text = textwrap.dedent(block).strip() + "\n"
            if text.startswith((FULL, "connections:\n", "syncs:\n")):
                yield name_of(page), text if text.startswith(FULL) else FULL + text


EXAMPLES = list(_examples())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("text", [text for _, text in EXAMPLES], ids=[page for page, _ in EXAMPLES])
def test_the_settings_of_a_page_are_valid(text: str) -> None:
    document = parse(text)
    assert document.connections or document.syncs


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=name_of)
def test_an_example_has_no_mistakes(path: Path) -> None:
    assert not check_document(load(path))
