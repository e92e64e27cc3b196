"""Which pages are generated, and what stands in them now."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from docs.generate import commands, settings

REFERENCE = Path(__file__).parents[1] / "reference"
COMMAND_LINE = "syncline.cli.main"


def generated() -> dict[Path, str]:
    """Each generated file with the text it should have."""
    pages = {
        REFERENCE / "settings.md": settings.page(),
        REFERENCE / "settings.schema.json": settings.schema_text(),
    }
    if find_spec(COMMAND_LINE):
        pages[REFERENCE / "cli.md"] = commands.page(import_module(COMMAND_LINE).app, "syncline")
    return pages
