"""Reading many rows in few plain statements: a query object per batch costs more than running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection, models

from syncline.store.bulk import batches, quoted
from syncline.store.fields import JsonText

Rows = Iterator[tuple[Any, ...]]


def select(
    model: type[models.Model],
    columns: Sequence[str],
    equal: Mapping[str, Any],
    *,
    within: tuple[str, Iterable[Any]] | None = None,
    after: tuple[str, int] | None = None,
    limit: int | None = None,
) -> Rows:
    """These columns of the rows whose other columns are as given; None means that a column holds nothing.

    `within` names a column and the values it may have, however many; `after` a column that has to be greater,
    which also gives the order. The statements are run before this returns.
    """
    known = {name: value.value if isinstance(value, Enum) else value for name, value in equal.items()}
    params = [value for value in known.values() if value is not None]
    nulls = frozenset(name for name, value in known.items() if value is None)
    found: list[tuple[Any, ...]] = []
    for values in batches(dict.fromkeys(within[1])) if within else [[]]:
        place = (within[0], len(values)) if within else None
        statement = _statement(
            connection.vendor, model, tuple(columns), tuple(known), nulls, place, after and after[0], limit
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, *values, *([after[1]] if after else [])])
            found += cursor.fetchall()
    return _decoded(model, columns, found)


@lru_cache(maxsize=512)
def _statement(
    _vendor: str,
    model: type[models.Model],
    columns: Sequence[str],
    equal: Sequence[str],
    nulls: frozenset[str],
    within: tuple[str, int] | None,
    after: str | None,
    limit: int | None,
) -> str:
    name = quoted(model)

    def column(attname: str) -> str:
        return name(_column(model, attname))

    wanted = [f"{column(c)} IS NULL" if c in nulls else f"{column(c)} = %s" for c in equal]
    wanted += [f"{column(within[0])} IN ({', '.join(['%s'] * within[1])})"] if within else []
    wanted += [f"{column(after)} > %s"] if after else []
    order = f" ORDER BY {column(after)}" if after else ""
    most = f" LIMIT {limit:d}" if limit is not None else ""
    listed = ", ".join(map(column, columns))
    return f"SELECT {listed} FROM {name(None)} WHERE {' AND '.join(wanted)}{order}{most}"  # noqa: S608 - names of our own tables


def _column(model: type[models.Model], attname: str) -> Any:
    return model._meta.pk if attname == "pk" else model._meta.get_field(attname)


def _decoded(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Rows:
    """The rows as the application takes them, decoded column by column."""
    decoders = [_decoder(_column(model, name)) for name in columns]
    whole = zip(*rows, strict=True)
    return zip(
        *(map(decode, cells) if decode else cells for decode, cells in zip(decoders, whole, strict=False)),
        strict=True,
    )


def _decoder(column: Any) -> Callable[[Any], Any] | None:
    if isinstance(column, JsonText):
        return _document
    if isinstance(column, models.DateTimeField):
        return _moment
    return bool if isinstance(column, models.BooleanField) else None


def _document(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


def _moment(value: datetime | None) -> datetime | None:
    """SQLite keeps times without their zone, which is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
