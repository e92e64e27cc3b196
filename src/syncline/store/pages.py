"""Reading rows page by page, so that memory does not grow with how many there are."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

from syncline.store.bulk import batches

PAGE = 500
_Row = TypeVar("_Row", bound=Model)


def in_pages(rows: QuerySet[_Row]) -> Iterator[_Row]:
    """These rows in their order; which they are is settled first, by their numbers alone.

    No statement stays open meanwhile, however slowly the rows are taken. One that is deleted meanwhile is left out.
    """
    wanted = array("q", rows.values_list("pk", flat=True).iterator())
    for numbers in batches(wanted, PAGE):
        page = rows.model._default_manager.in_bulk(numbers)
        yield from (page[number] for number in numbers if number in page)
