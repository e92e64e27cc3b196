"""The page of what `syncline config check` looks for."""

from collections.abc import Iterator

from syncline.config.finding import CODES

INTRODUCTION = """# Checks of the settings

`syncline config check` looks for these mistakes. An error also stops a plan or a run before it begins, with the
[error code](errors.md) that is given here, where one is given; a warning stops nothing. Fields, options and stages are
checked against what the systems really have, as far as they can be reached.
"""


def page() -> str:
    """The page of checks."""
    return "\n".join([INTRODUCTION, *_table("error", "Errors"), *_table("warning", "Warnings")])


def _table(level: str, title: str) -> Iterator[str]:
    yield from (f"## {title}", "", "| check | stops with | what is wrong |", "|---|---|---|")
    for name, code in CODES.items():
        if code.level == level:
            stops = (
                f"[`{code.error.code}`](errors.md#{code.error.code})"
                if level == "error" and code.stops
                else ""
            )
            yield f"| `{name}` | {stops} | {code.meaning} |"
    yield ""
