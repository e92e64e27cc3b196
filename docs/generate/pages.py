"""Which pages are generated, and what stands in them now."""

from importlib import import_module
from pathlib import Path

import syncline
from docs.generate import capabilities, checks, commands, coverage, settings, vendor_errors

REFERENCE = Path(__file__).parents[1] / "reference"
COMMAND_LINE = Path(syncline.__file__).parent / "cli" / "main.py"


def generated() -> dict[Path, str]:
    """Each generated file with the text it should have."""
    pages = {
        REFERENCE / "capabilities.md": capabilities.page(),
        REFERENCE / "checks.md": checks.page(),
        REFERENCE / "sandbox-coverage.md": coverage.page(),
        REFERENCE / "settings.md": settings.page(),
        REFERENCE / "settings.schema.json": settings.schema_text(),
        REFERENCE / "vendor-errors.md": vendor_errors.page(),
    }
    if COMMAND_LINE.exists():
        pages[REFERENCE / "cli.md"] = commands.page(import_module("syncline.cli.main").app, "syncline")
    return pages
