"""The object types and fields of CustomerOS as Syncline names them, and how an answer becomes a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from syncline.connectors.customeros.dialect import FIT, NO_FIT, Dialect
from syncline.core.errors import ProtocolError
from syncline.core.model import Kind, Raw, Record, Ref
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

ORGANIZATION, USER = "organization", "user"
KINDS: Mapping[str, Kind] = {ORGANIZATION: Kind.ACCOUNT, USER: Kind.USER}
COMPANY = "company"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One field: the name it has in the service's schema, what is asked for there, and how its value is taken."""

    field: Field
    name: str
    ask: str
    take: Callable[[Row], Raw]


def _plain(name: str) -> Callable[[Row], Raw]:
    def take(row: Row) -> Raw:
        value = row.get(name)
        if value is not None and not isinstance(value, str | int | float | bool):
            raise ProtocolError(f"CustomerOS shows {name} in a form that is not published.")
        return value

    return take


def _column(name: str, label: str, type_: FieldType, theirs: str | None = None) -> Column:
    theirs = theirs or name
    return Column(_field(name, label, type_), theirs, theirs, _plain(theirs))


def _field(name: str, label: str, type_: FieldType) -> Field:
    return Field(name, label, type_, creatable=False, updatable=False)


def _domains(row: Row) -> list[str]:
    return list(dict.fromkeys(each["domain"] for each in _domain_rows(row)))


def _domain_rows(row: Row) -> list[Row]:
    told = row.get("domainsDetails") or []
    if not isinstance(told, list) or any(
        not isinstance(e, dict) or not isinstance(e.get("domain"), str) for e in told
    ):
        raise ProtocolError("CustomerOS shows domainsDetails in a form that is not published.")
    return told


def primary_domain(row: Row) -> str | None:
    """The domain marked as primary; of several the one of the website, then the first by the alphabet.

    Where none is marked, the one that all others name as theirs.
    """
    rows = _domain_rows(row)
    marked = [str(each["domain"]) for each in rows if each.get("primary") is True]
    if not marked:
        named = {str(each["primaryDomain"]) for each in rows if each.get("primaryDomain")}
        return named.pop() if len(named) == 1 else None
    site = _host(str(row.get("website") or ""))
    return min(marked, key=lambda domain: (domain.lower() != site, domain))


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _type(row: Row) -> str:
    """What the lead is. The published schema lists companies only and does not say so in a field."""
    told = row.get("leadType")
    return str(told).lower() if told else COMPANY


def _owner(row: Row) -> str | None:
    owner = row.get("owner")
    return str(owner["id"]) if isinstance(owner, dict) and owner.get("id") else None


def _fit(row: Row) -> Raw:
    """The fit by its newest names; the older yes and no are named so too."""
    told = row.get("icpFit")
    return (FIT if told else NO_FIT) if isinstance(told, bool) else _plain("icpFit")(row)


_DOMAINS = "domainsDetails { domain primary primaryDomain }"
ORGANIZATION_COLUMNS: tuple[Column, ...] = (
    _column("name", "Name", FieldType.TEXT),
    _column("website", "Website", FieldType.URL),
    Column(
        _field("primary_domain", "Primary domain", FieldType.DOMAIN),
        "domainsDetails",
        _DOMAINS,
        primary_domain,
    ),
    Column(_field("domains", "Domains", FieldType.MULTIPICKLIST), "domainsDetails", _DOMAINS, _domains),
    _column("stage", "Stage", FieldType.PICKLIST),
    Column(_field("icp_fit", "ICP fit", FieldType.PICKLIST), "icpFit", "icpFit", _fit),
    _column("relationship", "Relationship", FieldType.PICKLIST),
    Column(_field("type", "Type of lead", FieldType.PICKLIST), "leadType", "leadType", _type),
    _column("hide", "Archived", FieldType.BOOLEAN),
    _column("quarantine", "Quarantine status", FieldType.TEXT, "quarantineStatus"),
    Column(_field("owner_id", "Owner", FieldType.OWNER), "owner", "owner { id }", _owner),
    _column("lead_source", "Lead source", FieldType.TEXT, "leadSource"),
    _column("industry", "Industry", FieldType.TEXT),
    _column("employees", "Employees", FieldType.NUMBER),
    _column("description", "Description", FieldType.TEXT),
    _column("created_at", "Created at", FieldType.DATETIME, "createdAt"),
)


def _address(row: Row) -> str | None:
    """The primary address, else the first one there is."""
    told = [each for each in row.get("emails") or [] if isinstance(each, dict) and each.get("email")]
    chosen = next((each for each in told if each.get("primary") is True), told[0] if told else None)
    return str(chosen["email"]) if chosen else None


def _is_person(row: Row) -> bool:
    """Whether somebody works there under this name: bots, the vendor's own people and tests take no records."""
    return not any(row.get(mark) for mark in ("bot", "internal", "test"))


def _name(row: Row) -> str | None:
    joined = " ".join(str(row[part]) for part in ("firstName", "lastName") if row.get(part))
    return str(row.get("name") or joined) or None


USER_COLUMNS: tuple[Column, ...] = (
    Column(_field("name", "Name", FieldType.TEXT), "name", "name", _name),
    Column(_field("email", "E-mail", FieldType.EMAIL), "emails", "emails", _address),
    Column(_field("active", "Active", FieldType.BOOLEAN), "bot", "bot", _is_person),
)
USER_NAMES = ("id", "name", "firstName", "lastName", "bot", "internal", "test", "createdAt", "updatedAt")
_ALWAYS_TOLD = frozenset({"type"})


def columns_of(object_type: str, dialect: Dialect) -> dict[str, Column]:
    """The columns of an object type that this service has, by our name."""
    if object_type == USER:
        return {each.field.name: each for each in USER_COLUMNS}
    found = {
        each.field.name: each
        for each in ORGANIZATION_COLUMNS
        if each.name in dialect.details or each.field.name in _ALWAYS_TOLD
    }
    if dialect.fit_apart:
        found["icp_fit"] = next(each for each in ORGANIZATION_COLUMNS if each.field.name == "icp_fit")
    return found


def schema_of(object_type: str, dialect: Dialect) -> ObjectSchema:
    """The fields of an object type, with the values of its lists in our order."""
    options = {
        "stage": dialect.stages,
        "icp_fit": dialect.fits,
        "relationship": dialect.relationships,
        "type": (COMPANY, "contact"),
    }
    columns = columns_of(object_type, dialect)
    fields = {
        name: replace(column.field, options=_options(options.get(name, ())))
        for name, column in columns.items()
    }
    return ObjectSchema(object_type, KINDS[object_type], fields)


def _options(values: Iterable[str]) -> tuple[Option, ...]:
    return tuple(
        Option(value, value.replace("_", " ").capitalize().replace("Icp", "ICP")) for value in values
    )


def record_of(object_type: str, row: Row, columns: Mapping[str, Column], fields: Iterable[str]) -> Record:
    """The record that a row shows, with the fields that were asked for."""
    values = {name: columns[name].take(row) for name in fields if name in columns}
    updated = row.get("updatedAt")
    return Record(
        Ref(object_type, id_of(row)),
        values,
        version=str(updated) if updated else None,
        created_at=moment(row.get("createdAt")),
        changed_at=moment(updated),
    )


def id_of(row: Row) -> str:
    """The id of a row; `ProtocolError` where it has none."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
        raise ProtocolError("CustomerOS shows a record without an id.")
    return str(row["id"])


def moment(text: object) -> datetime | None:
    """The moment a text tells, in UTC; `ProtocolError` where it tells none."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(str(text))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ProtocolError("CustomerOS shows a time in a form that is not published.") from None


def stamp(moment_: datetime) -> str:
    """A moment as filters take it."""
    return f"{moment_.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
