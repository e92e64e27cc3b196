"""Which of its published schemas a service speaks, found out by asking it once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncline.connectors.customeros.client import CustomerOSClient
from syncline.core.errors import ProtocolError

# A query of this name is answered even where introspection by strangers is closed.
_OPERATION = "IntrospectionQuery"
_QUERY = """
query IntrospectionQuery {
  query: __type(name: "Query") { fields(includeDeprecated: true) { name } }
  details: __type(name: "OrganizationUiDetails") { fields(includeDeprecated: true) { ...typed } }
  user: __type(name: "User") { fields(includeDeprecated: true) { name } }
  older: __type(name: "Organization") { fields(includeDeprecated: true) { ...typed } }
  stages: __type(name: "OrganizationStage") { enumValues(includeDeprecated: true) { name } }
  relationships: __type(name: "OrganizationRelationship") { enumValues(includeDeprecated: true) { name } }
  fits: __type(name: "IcpFit") { enumValues(includeDeprecated: true) { name } }
}
fragment typed on __Field { name type { name kind ofType { name } } }
"""
_NEEDED = frozenset({"ui_organizations", "ui_organizations_search", "users"})

FIT, NO_FIT, FIT_UNKNOWN = "ICP_FIT", "ICP_NOT_FIT", "ICP_NOT_SET"
# GraphQL lists the values of an enumeration by the alphabet. Their order is ours: the way of a buyer as the product's
# pages tell it, each of the two published vocabularies in itself; who left the way comes last.
STAGES = (
    "PENDING",
    "LEAD",
    "TARGET",
    "ENGAGED",
    "EDUCATION",
    "SOLUTION",
    "TRIAL",
    "EVALUATION",
    "READY_TO_BUY",
    "OPPORTUNITY",
    "ONBOARDING",
    "INITIAL_VALUE",
    "RECURRING_VALUE",
    "MAX_VALUE",
    "CUSTOMER",
    "PENDING_CHURN",
    "UNQUALIFIED",
    "NOT_A_FIT",
)
FITS = (FIT_UNKNOWN, NO_FIT, FIT)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the service can be asked.

    `details` are the fields of an organisation in the query that reads many by id, `user` those of a user.
    `fit_apart` says that the fit is a yes or no that only the older query of one organisation tells. The lists of
    values are in our order.
    """

    details: frozenset[str]
    user: frozenset[str]
    fit_apart: bool
    tells_hidden: bool
    stages: tuple[str, ...]
    relationships: tuple[str, ...]
    fits: tuple[str, ...]


def ask(client: CustomerOSClient) -> Dialect:
    """The dialect of a service; `ProtocolError` where it lacks what nothing can be read without."""
    data = client.query(_OPERATION, _QUERY)
    queries = _types(data, "query").keys()
    details, older = _types(data, "details"), _types(data, "older")
    if missing := sorted((_NEEDED - queries) | ({"id", "createdAt", "updatedAt"} - details.keys())):
        raise ProtocolError(
            f"This CustomerOS service lacks {', '.join(missing)}, without which leads cannot be read.",
            hint="Check that base_url leads to the GraphQL service of CustomerOS.",
        )
    fit_apart = "icpFit" not in details and older.get("icpFit") == "Boolean" and "organization" in queries
    fits = _values(data, "fits")
    return Dialect(
        details=frozenset(details),
        user=frozenset(_types(data, "user")),
        fit_apart=fit_apart,
        tells_hidden="organizations_HiddenAfter" in queries,
        stages=in_order(_values(data, "stages"), STAGES),
        relationships=tuple(sorted(_values(data, "relationships"))),
        fits=(NO_FIT, FIT) if fit_apart else in_order(fits, FITS),
    )


def in_order(values: Iterable[str], order: tuple[str, ...]) -> tuple[str, ...]:
    """The values in an order we know; those that are not in it come last, by the alphabet."""
    return tuple(sorted(values, key=lambda v: (order.index(v) if v in order else len(order), v)))


def _types(data: Mapping[str, Any], name: str) -> dict[str, str]:
    """The fields of a type and the names of their own types; none where there is no such type."""
    found: dict[str, str] = {}
    for field in _list(data, name, "fields"):
        type_ = field.get("type") or {}
        inner = type_.get("ofType") or {}
        found[str(field.get("name"))] = str(type_.get("name") or inner.get("name") or "")
    return found


def _values(data: Mapping[str, Any], name: str) -> list[str]:
    return [str(value.get("name")) for value in _list(data, name, "enumValues")]


def _list(data: Mapping[str, Any], name: str, part: str) -> list[Mapping[str, Any]]:
    told = data.get(name)
    items = told.get(part) if isinstance(told, dict) else None
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
