"""Which organisations and users a filter lets through, and in which order a listing shows them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from syncline.sandbox.customeros.workspace import moment

Doc = Mapping[str, Any]
Take = Callable[[Doc], Any]
Properties = Mapping[str, Take]
Condition = Mapping[str, Any]


def primary_domains(doc: Doc) -> list[str]:
    """The domains marked as primary."""
    return [each["domain"] for each in doc["domains"] if each["primary"]]


ORGANIZATION_PROPERTIES: Properties = {
    "ORGANIZATIONS_NAME": lambda doc: doc["name"],
    "ORGANIZATIONS_STAGE": lambda doc: doc["stage"],
    "ORGANIZATIONS_ICP_FIT": lambda doc: doc["icpFit"],
    "ORGANIZATIONS_OWNER": lambda doc: doc["owner_id"],
    "ORGANIZATIONS_PRIMARY_DOMAINS": primary_domains,
    "ORGANIZATIONS_INDUSTRY": lambda doc: doc["industry"],
    "ORGANIZATIONS_EMPLOYEE_COUNT": lambda doc: doc["employees"],
    "ORGANIZATIONS_LEAD_SOURCE": lambda doc: doc["leadSource"],
    "ORGANIZATIONS_CREATED_DATE": lambda doc: moment(doc["createdAt"]),
    "ORGANIZATIONS_UPDATED_DATE": lambda doc: moment(doc["updatedAt"]),
}
USER_PROPERTIES: Properties = {
    "FIRST_NAME": lambda doc: doc["firstName"],
    "LAST_NAME": lambda doc: doc["lastName"],
    "NAME": lambda doc: doc["name"],
    "EMAIL": lambda doc: [each["email"] for each in doc["emails"]],
    "CREATED_AT": lambda doc: moment(doc["createdAt"]),
}


def passes(doc: Doc, where: Condition | None, properties: Properties) -> bool:
    """Whether a record is let through; all parts of a filter must agree."""
    if not where:
        return True
    return (
        (where.get("filter") is None or _holds(doc, where["filter"], properties))
        and (where.get("NOT") is None or not passes(doc, where["NOT"], properties))
        and all(passes(doc, each, properties) for each in where.get("AND") or ())
        and (not where.get("OR") or any(passes(doc, each, properties) for each in where["OR"]))
    )


def ordered(docs: Iterable[Doc], sorts: Iterable[Condition], properties: Properties) -> list[Doc]:
    """The records in the order that is asked for; where it is silent, in the order they were made."""
    found = list(docs)
    for sort in reversed(list(sorts)):
        take = _property(sort["by"], properties)
        folds = not sort.get("caseSensitive")

        def key(doc: Doc, take: Take = take, folds: bool = folds) -> tuple[bool, Any]:
            value = _folded(_first(take(doc)), folds)
            return value is None, "" if value is None else value

        found.sort(key=key, reverse=sort.get("direction") == "DESC")
    return found


def _property(name: str, properties: Properties) -> Take:
    if name not in properties:
        raise GraphQLError(f"unknown property {name[:80]}")
    return properties[name]


def _holds(doc: Doc, item: Condition, properties: Properties) -> bool:
    value = _property(item["property"], properties)(doc)
    folds = not item.get("caseSensitive")
    values = [_folded(each, folds) for each in (value if isinstance(value, list) else [value])]
    present = [each for each in values if each not in {None, ""}]
    operation = item.get("operation") or "EQ"
    if operation in {"IS_NULL", "IS_EMPTY"}:
        return not present
    if operation in {"IS_NOT_NULL", "IS_NOT_EMPTY"}:
        return bool(present)
    negated = operation in _NEGATED
    if not present:  # a record without the property passes a denial only if it is told to
        return negated and bool(item.get("includeEmpty", True))
    given = _given(item["value"], present[0], folds)
    compare = _COMPARED[_NEGATED.get(operation, operation)]
    try:
        return any(compare(each, given) for each in present) is not negated
    except TypeError:
        raise GraphQLError(f"the value does not fit {item['property'][:80]} {operation}") from None


def _given(value: Any, like: Any, folds: bool) -> Any:
    """The value of a filter as something that compares with the property."""
    if isinstance(value, list):
        return [_given(each, like, folds) for each in value]
    if hasattr(like, "tzinfo") and isinstance(value, str):
        try:
            return moment(value)
        except ValueError:
            raise GraphQLError(f"{value[:80]} is no time") from None
    return _folded(value, folds)


def _folded(value: Any, folds: bool) -> Any:
    return value.casefold() if folds and isinstance(value, str) else value


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _within(value: Any, given: Any) -> bool:
    if not isinstance(given, list):
        raise TypeError
    return value in given


def _between(value: Any, given: Any) -> bool:
    if not isinstance(given, list) or len(given) != 2:
        raise TypeError
    return bool(given[0] <= value <= given[1])


_NEGATED = {
    "NOT_CONTAINS": "CONTAINS",
    "NOT_EQUAL": "EQ",
    "NOT_EQUALS": "EQ",
    "NOT_IN": "IN",
    "IS_NONE_OF": "IN",
}
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda value, given: bool(value == given),
    "EQUALS": lambda value, given: bool(value == given),
    "CONTAINS": lambda value, given: given in value,
    "STARTS_WITH": lambda value, given: value.startswith(given) if isinstance(given, str) else False,
    "LT": lambda value, given: bool(value < given),
    "LTE": lambda value, given: bool(value <= given),
    "GT": lambda value, given: bool(value > given),
    "GTE": lambda value, given: bool(value >= given),
    "IN": _within,
    "BETWEEN": _between,
}
