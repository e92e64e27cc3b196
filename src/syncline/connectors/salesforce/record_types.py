"""Record types: which there are, by describe, and which options each leaves, by the User Interface API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from syncline.connectors.salesforce import soql
from syncline.connectors.salesforce.client import SalesforceClient
from syncline.connectors.salesforce.ids import to18
from syncline.core.schema import RecordTypes

FIELD = "RecordTypeId"
_ENDPOINT = "/ui-api/object-info/{object}/picklist-values/{recordType}"


def read_record_types(answer: Mapping[str, Any]) -> RecordTypes | None:
    """The record types that a description lists; none where there is only the master, which limits nothing."""
    rows = answer.get("recordTypeInfos")
    names: dict[str, str] = {}
    default = None
    for row in rows if isinstance(rows, list) else ():
        given = row.get("recordTypeId") if isinstance(row, dict) and row.get("master") is not True else None
        key = to18(given) if isinstance(given, str) else None
        if key is None or row.get("active") is False:
            continue
        names[key] = str(row.get("name") or key)
        default = key if row.get("defaultRecordTypeMapping") is True else default
    return RecordTypes(FIELD, default, names) if names else None


def read_options(
    client: SalesforceClient, object_type: str, known: RecordTypes
) -> dict[str, dict[str, frozenset[str]]]:
    """The values by record type and picklist: one call for all picklists of a type.

    A type that the API does not show, to this user or at all, is left out: the server judges its values then.
    """
    found: dict[str, dict[str, frozenset[str]]] = {}
    for key in known.names:
        path = f"/ui-api/object-info/{soql.name(object_type)}/picklist-values/{key}"
        reply = client.send("GET", path, endpoint=_ENDPOINT)
        if reply.status in {400, 403, 404}:
            continue
        if reply.status >= 400:
            raise client.refusal("GET", _ENDPOINT, reply)
        rows = reply.data.get("picklistFieldValues") if isinstance(reply.data, dict) else None
        found[key] = dict(_picklists(rows))
    return found


def _picklists(rows: Any) -> Iterator[tuple[str, frozenset[str]]]:
    for name, row in rows.items() if isinstance(rows, dict) else ():
        values = row.get("values") if isinstance(row, dict) else None
        if isinstance(values, list):
            told = (each.get("value") for each in values if isinstance(each, dict))
            yield str(name), frozenset(value for value in told if isinstance(value, str))
