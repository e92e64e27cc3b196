"""British spelling, and names that the glossary knows."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.tree import documents, name_of, parsed, python_files

# Stems of words that are spelt differently in American English; code in backticks and after a dot is not ours.
AMERICAN = re.compile(
    r"(?<![.\w])\w*?(?:behavior|color(?!ama)|favorite|neighbor|honor(?!ary)|center(?!ed_)|normaliz|recogniz|synchroniz|"
    r"summariz|prioritiz|analyz(?:e|ing)|canceled|labeled|modeled|traveled|customiz|categoriz|minimiz|maximiz)\w*",
    re.IGNORECASE,
)
VENDORS_WORDS = re.compile(
    r"```.*?```|`[^`\n]*`|^(?: {4}|\t).*$|\"[^\"\n]*\"|\]\([^)]*\)", re.DOTALL | re.MULTILINE
)
NOT_OUR_WORDS = {
    "integration", "plugin", "instance", "tenant", "entity", "cache", "crosswalk", "binding", "snapshot",
    "bookmark", "changeset", "strategy", "mock", "simulator",
}  # fmt: skip
FRAMEWORK = {"JsonText", "Meta", "PlainText", "StoreConfig"}
"""What Django wants to have a class for."""
GLOSSARY = "docs/explanation/glossary.md"
NEEDED = [
    "system", "connector", "connection", "object type", "record", "ref", "kind", "mirror", "sync", "link",
    "base", "field map", "seen", "settled", "match", "match key", "candidate", "cursor", "plan", "action",
    "policy", "rule", "hold", "run", "sandbox", "fault",
]  # fmt: skip


def _prose(path: Path) -> str:
    """What a person reads in a file: a page without its code, or comments and docstrings."""
    text = path.read_text()
    if path.suffix == ".md":
        return VENDORS_WORDS.sub(" ", text)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(parsed(path)) if isinstance(node, nodes)]
    return "\n".join(VENDORS_WORDS.sub(" ", piece) for piece in (*comments, *docstrings))


def _defined_names(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_prose_is_british() -> None:
    pages = [*documents(), *python_files()]
    wrong = {name_of(path): words for path in pages if (words := AMERICAN.findall(_prose(path)))}
    assert not wrong


def test_names_are_british() -> None:
    wrong = {
        name_of(path): names
        for path in python_files()
        if (names := [name for name in _defined_names(path) if AMERICAN.fullmatch(name)])
    }
    assert not wrong


def _glossary() -> set[str]:
    page = next(path for path in documents() if name_of(path) == GLOSSARY)
    rows = re.findall(r"^\| ([^|]+) \|", page.read_text(), re.MULTILINE)
    return {term.strip() for row in rows for term in row.split(",")}


@pytest.mark.parametrize("word", NEEDED)
def test_glossary_explains(word: str) -> None:
    assert word in _glossary()


def test_classes_are_named_by_words_of_the_glossary() -> None:
    terms = _glossary()
    unknown = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for folder in ("core", "engine", "store")
        for path in python_files(f"src/syncline/{folder}")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and not node.name.endswith("Error")
        and "migrations" not in path.parts
        if not terms & _words(node.name) and node.name not in FRAMEWORK
    ]
    assert not unknown


def _words(name: str) -> set[str]:
    """The words of a class name, each also in the singular, and two at a time."""
    parts = [part.lower() for part in re.findall(r"[A-Z][a-z]+", name)]
    pairs = {" ".join(two) for two in pairwise(parts)}
    return {*parts, *(part.removesuffix("s") for part in parts), *pairs}


def test_no_class_is_named_by_a_word_the_glossary_replaces() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files("src")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and NOT_OUR_WORDS & {part.lower() for part in re.findall(r"[A-Z][a-z]+", node.name)}
    ]
    assert not wrong
