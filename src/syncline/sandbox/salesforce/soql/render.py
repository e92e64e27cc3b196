"""Records as the query resource shows them: attributes first, parents nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncline.sandbox.salesforce.fields import Field
from syncline.sandbox.salesforce.schema import STANDARD
from syncline.sandbox.salesforce.soql.paths import Document, Fetch, Path, parent_of

Render = Callable[[Document], dict[str, Any]]

_ADDRESS_PARTS = {
    "city": "City",
    "country": "Country",
    "geocodeAccuracy": "GeocodeAccuracy",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "postalCode": "PostalCode",
    "state": "State",
    "street": "Street",
}


def attributes_of(object_name: str, id_: str, version: str) -> dict[str, str]:
    """The first key of every record in a reply."""
    return {"type": object_name, "url": f"/services/data/{version}/sobjects/{object_name}/{id_}"}


def shown_value(record: Document, field: Field) -> Any:
    """The value of one field as replies show it."""
    if field.type != "address":
        return record.get(field.name)
    prefix = field.name.removesuffix("Address")
    parts = {key: record.get(prefix + name) for key, name in _ADDRESS_PARTS.items()}
    return parts if any(part is not None for part in parts.values()) else None


def renderer(object_name: str, selected: list[Path], fetch: Fetch, version: str) -> Render:
    """A function from a record to its row in the reply."""
    columns = _columns(selected)
    prefix = f"/services/data/{version}/sobjects/{object_name}/"
    if all(isinstance(each, Field) and each.type != "address" for each in columns):
        names = [each.name for each in columns if isinstance(each, Field)]

        def flat(record: Document) -> dict[str, Any]:
            row: dict[str, Any] = {"attributes": {"type": object_name, "url": prefix + record["Id"]}}
            for name in names:
                row[name] = record.get(name)
            return row

        return flat
    cells = [_cell(each, fetch, version) for each in columns]

    def deep(record: Document) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": {"type": object_name, "url": prefix + record["Id"]}}
        for name, read in cells:
            row[name] = read(record)
        return row

    return deep


# In query order: a plain field, or a reference with the paths that go on from there.
_Column = Field | tuple[Field, list[Path]]


def _columns(selected: list[Path]) -> list[_Column]:
    columns: list[_Column] = []
    places: dict[str, list[Path]] = {}
    for path in selected:
        if not path.parents:
            columns.append(path.field)
            continue
        head, rest = path.parents[0], Path(path.parents[1:], path.field)
        if head.name not in places:
            places[head.name] = []
            columns.append((head, places[head.name]))
        places[head.name].append(rest)
    return columns


def _cell(column: _Column, fetch: Fetch, version: str) -> tuple[str, Callable[[Document], Any]]:
    if isinstance(column, Field):
        field = column
        return field.name, lambda record: shown_value(record, field)
    reference, rest = column
    expected = STANDARD.parent(reference)
    render = renderer(expected.name if expected else "", rest, fetch, version)

    def parent(record: Document) -> dict[str, Any] | None:
        found = parent_of(record, reference, fetch)
        if found is None:
            return None
        row = render(found)
        if reference.polymorphic:
            row["attributes"] = {**row["attributes"], "type": "Name"}
        return row

    return reference.relationship or reference.name, parent
