"""The files of this repository, as the house tests read them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE_BY_TOOLS = {".git", ".venv", ".tools", "build", "dist", "__pycache__", ".hypothesis"}
READABLE = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".lark", ".svg", ".sql", ".sh", ""}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def text_files() -> tuple[Path, ...]:
    """Every file that people write or read, apart from what the tools made."""
    return tuple(sorted(path for path in _walk() if path.suffix in READABLE))


def python_files(*folders: str) -> list[Path]:
    """The Python files below some top folders; all of them if none is named."""
    wanted = [ROOT / folder for folder in folders] or [ROOT]
    return [path for path in text_files() if path.suffix == ".py" and any(map(path.is_relative_to, wanted))]


def documents() -> list[Path]:
    """The pages of documentation, README and CONTRIBUTING among them."""
    return [path for path in text_files() if path.suffix == ".md" and "changelog.d" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(), filename=str(path))


def functions(path: Path) -> Iterator[FunctionNode]:
    """Every function of a file, methods and nested ones too."""
    yield from (node for node in ast.walk(parsed(path)) if isinstance(node, FunctionNode))


def name_of(path: Path) -> str:
    """A file's path below the root, for messages."""
    return path.relative_to(ROOT).as_posix()


def _walk() -> Iterator[Path]:
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in MADE_BY_TOOLS and not name.endswith("_cache")]
        yield from (Path(folder, name) for name in names if name not in MADE_BY_TOOLS)
