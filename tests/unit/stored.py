"""What is stored anywhere, table by table, for tests that look for what may not be there."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection


def cells() -> Iterator[tuple[str, str]]:
    """Table and text of every row of every table of the open database."""
    names = connection.introspection.table_names()
    for name in names:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            for row in cursor.fetchall():
                yield name, repr([bytes(c) if isinstance(c, memoryview) else c for c in row])


def tables_with(*texts: str) -> set[str]:
    """The tables that hold one of these texts, whatever its case."""
    wanted = [text.casefold() for text in texts]
    return {name for name, row in cells() if any(text in row.casefold() for text in wanted)}


def file_has(path: Path, *texts: str) -> bool:
    """Whether an SQLite file, or what belongs to it, holds one of these texts."""
    files = [path, *path.parent.glob(f"{path.name}-*")]
    content = b"".join(file.read_bytes() for file in files).lower()
    return any(text.lower().encode() in content for text in texts)
