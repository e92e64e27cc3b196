"""The page of the systems' error codes, from the tables that the connectors keep."""

from collections.abc import Iterable, Iterator

from syncline.connectors.codes import OF_CONNECTION, VendorCode
from syncline.connectors.registry import SYSTEMS, codes

INTRODUCTION = """# What the systems' error codes mean

`syncline errors` shows each refused write with the system's own code and words, and with what stands here. The class
decides [what happens next](errors.md#refused-records).

Where a code means several things, the words that tell it apart stand behind it. A code that is not listed waits for a
person, with class `validation` and the system's words.

*not by hand*: `syncline errors retry` leaves it alone unless its number is given, since trying again unchanged seldom
helps. *pauses creates*: nothing more of its kind is created there until it is over.
"""
HEAD = ["| code | class | what it means | cure | who can |", "|---|---|---|---|---|"]


def page() -> str:
    """The page of codes."""
    sections = [*(_section(name.capitalize(), codes(name)) for name in sorted(SYSTEMS))]
    own = _section("Any system: codes of Syncline", OF_CONNECTION)
    return "\n".join([INTRODUCTION, *(line for lines in (*sections, own) for line in lines)])


def _section(title: str, entries: Iterable[VendorCode]) -> Iterator[str]:
    yield from (f"## {title}", "", *HEAD)
    yield from (_row(each) for each in sorted(entries, key=lambda each: each.code.lower()))
    yield ""


def _row(each: VendorCode) -> str:
    code = f"`{each.code}`" + (f' with "{each.says}"' if each.says else "")
    marks = [] if each.by_hand else ["*not by hand*"]
    marks += ["*pauses creates*"] if each.pauses else []
    kind = ", ".join([f"`{each.error_class}`", *marks])
    cells = (code, kind, each.meaning, each.cure, each.who)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
