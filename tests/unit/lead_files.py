"""Files of leads in a folder, and what a connector makes of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from syncline.connectors.base import Cursor, Note, Page
from syncline.connectors.files.connector import FilesConnector, connect
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.model import Raw, Record
from syncline.testing.clock import ManualClock

FIELDS = ("name", "primary_domain", "stage", "icp_fit", "owner_id", "account_brief", "notes", "size")


def over(path: Path, **options: Any) -> FilesConnector:
    settings = {"system": "files", "options": {"path": str(path), **options}}
    return connect(settings, ManualClock(), MemoryTokenStore())


class Read:
    """One whole read."""

    def __init__(
        self,
        connector: FilesConnector,
        cursor: Cursor | None = None,
        fields: Sequence[str] = FIELDS,
        object_type: str = "lead",
    ) -> None:
        self.pages: list[Page] = list(connector.changes(object_type, cursor, fields))
        self.cursor = self.pages[-1].cursor
        self.records: list[Record] = [record for page in self.pages for record in page.records]
        self.notes: list[Note] = list(self.pages[-1].notes)

    @property
    def ids(self) -> list[str]:
        return [record.ref.remote_id for record in self.records]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Code and place of each note."""
        return [(note.code, note.place) for note in self.notes]

    def values(self, name: str) -> list[Raw]:
        return [record.values.get(name) for record in self.records]


def written(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
