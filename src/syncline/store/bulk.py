"""Writing many rows in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import models, transaction

BATCH = 500

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=models.Model)


def batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def upsert(rows: Sequence[_Model], key: Sequence[str]) -> None:
    """Insert the rows, or replace those with the same key, in one transaction."""
    if not rows:
        return
    model = type(rows[0])
    columns = [f.name for f in model._meta.concrete_fields if not f.primary_key and f.name not in key]
    with transaction.atomic():
        model._default_manager.bulk_create(
            rows, BATCH, update_conflicts=True, unique_fields=list(key), update_fields=columns
        )


def change(rows: Sequence[_Model], columns: Sequence[str]) -> None:
    """Store these columns of rows that exist. An upsert by id costs a tenth of Django's CASE per row."""
    if not rows:
        return
    model = type(rows[0])
    model._default_manager.bulk_create(
        rows, BATCH, update_conflicts=True, unique_fields=["id"], update_fields=list(columns)
    )
