import csv
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from syncline.connectors import registry
from syncline.connectors.base import Connector
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.model import Raw
from syncline.testing.clock import ManualClock
from syncline.testing.contract import ConnectorContract, RemoteBench

Table = dict[str, dict[str, Raw]]


class FilesBench(RemoteBench):
    """One file that somebody writes anew with each change, as programs that export do."""

    object_type = "lead"
    text_field = "account_brief"
    email_field = "owner_email"
    missing_id = "nobody.example.com"
    page_size = 5
    faults = frozenset()

    def __init__(self, file: Path, path: Path | None = None, **options: object) -> None:
        self.clock = self.manual = ManualClock()
        self.file = file
        self.options = {"path": str(path or file), "page_size": self.page_size, **options}
        self.table: Table = {}
        self.headings = ["name", "primary_domain", self.email_field, self.text_field]
        self.write()

    def connector(self) -> Connector:
        settings = {"system": "files", "options": self.options}
        return registry.connect(settings, self.clock, MemoryTokenStore())

    def bad_credentials_connector(self) -> None:
        return None

    def draft(self, n: int) -> Mapping[str, Raw]:
        domain = f"company{n}.example.com"
        return {"name": f"Company {n}", "primary_domain": domain, self.email_field: f"owner{n}@example.com"}

    def put(self, values: Mapping[str, Raw]) -> str:
        id_ = str(values["primary_domain"])
        self.table[id_] = dict(values)
        self.write()
        return id_

    def edit(self, id_: str, values: Mapping[str, Raw]) -> None:
        self.table[id_] |= values
        self.write()

    def remove(self, id_: str) -> None:
        del self.table[id_]
        self.write()

    def write(self) -> None:
        made = self.file.with_suffix(".new")
        with made.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, self.headings)
            writer.writeheader()
            writer.writerows(self.table.values())
        made.replace(self.file)

    def fault(self, kind: str, **_how: object) -> None:
        raise AssertionError(f"no {kind} here")

    def clear_faults(self) -> None:
        """There are none."""

    def advance(self, seconds: float) -> None:
        self.manual.advance(seconds)

    def change_fields(self) -> Callable[[], None]:
        self.headings.append("Hobby")
        self.write()
        return lambda: self.headings.remove("Hobby")


class JsonLinesBench(FilesBench):
    """A folder with a file that is written where it lies, beside one that never changes."""

    def write(self) -> None:
        text = "".join(json.dumps({self.text_field: None, **row}) + "\n" for row in self.table.values())
        self.file.write_text(text, encoding="utf-8")


class TestCsv(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> RemoteBench:
        return FilesBench(tmp_path / "leads.csv")


class TestFolderOfJsonLines(ConnectorContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> RemoteBench:
        quiet = tmp_path / "old.csv"
        quiet.write_text("name,domain\nOther,other.example.com\n")
        os.utime(quiet, (1, 1))
        return JsonLinesBench(tmp_path / "leads.jsonl", tmp_path)
