"""Which pages are generated, and what stands in them now."""

from pathlib import Path

from docs.generate import settings

REFERENCE = Path(__file__).parents[1] / "reference"


def generated() -> dict[Path, str]:
    """Each generated file with the text it should have."""
    return {
        REFERENCE / "settings.md": settings.page(),
        REFERENCE / "settings.schema.json": settings.schema_text(),
    }
