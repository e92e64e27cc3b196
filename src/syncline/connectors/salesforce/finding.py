"""Finds records by what they are matched by."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from syncline.connectors.salesforce import query, retrieve, soql
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.columns import Columns
from syncline.connectors.salesforce.query import Row
from syncline.connectors.salesforce.records import row_id

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Account": {"domain": "Website", "name": "Name"},
    "Contact": {"email": "Email", "name": "Name"},
    "Lead": {"email": "Email", "name": "Name"},
    "Opportunity": {"name": "Name"},
    "User": {"email": "Email", "name": "Name"},
}
KEYS: Mapping[str, Mapping[str, str]] = {
    object_type: {**fields, **{field: field for key, field in fields.items() if key != "domain"}}
    for object_type, fields in _FIELDS.items()
}
"""The match keys of each object type, and the field that holds them; a field is its own match key, too."""
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?([^/?#:]*)")
_CHUNK = 200
_CHUNK_CONTAINING = 25
"""A search inside of texts reads every row for each value."""


def find(
    client: SalesforceClient, object_type: str, key: str, values: Sequence[str], columns: Columns
) -> list[Row]:
    """The living records that have one of the values, each once."""
    field = KEYS[object_type].get(key)
    if field is None:
        raise ValueError(f"{object_type} records cannot be found by {key}")
    inside = key == "domain"
    tidied = (value.strip().lower().removeprefix("www.") if inside else value.strip() for value in values)
    wanted = {value.casefold(): value for value in tidied if soql.askable(value)}
    room = soql.LONGEST_QUERY - soql.encoded_length(soql.select(columns.listed, object_type))
    condition: Callable[[str, Sequence[str]], str] = soql.contains_any if inside else soql.is_in
    found: dict[str, Row] = {}
    for chunk in soql.chunks(wanted.values(), room, _CHUNK_CONTAINING if inside else _CHUNK):
        asked = soql.select(columns.listed, object_type, condition(field, chunk))
        rows = [row for row in query.run_all(client, asked) if not inside or _is_at(row.get(field), chunk)]
        whole = retrieve.completed(client, object_type, rows, columns)
        found |= {row_id(object_type, row): row for row in whole}
    return list(found.values())


def _is_at(website: object, domains: Sequence[str]) -> bool:
    """Whether a web address is at one of the domains: the search also finds them inside other words."""
    found = _HOST.match(website.strip().lower()) if isinstance(website, str) else None
    host = found[1] if found else ""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
