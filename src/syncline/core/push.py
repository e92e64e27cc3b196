"""What a new record, or a write to a linked one, is asked before it goes over: filters, lists, source, e-mail.

The rules U2, U5, U6 and U7. They look at the record of the source side; a gate of `core.scope` holds the answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from syncline.core.barred import barred
from syncline.core.convert import Users
from syncline.core.criteria import Criterion
from syncline.core.filter import Filter, Roles, Variable, names_in, variables
from syncline.core.model import Absent, Record, Side, is_empty
from syncline.core.plan import FieldChange
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.scope import CreateRule, KindSettings
from syncline.core.written import Problem, parts_of, plain, short, written

FILTER, LISTS, UPDATE_FILTER, SOURCE = "filter", "lists", "update filter", "source"
"""The names of criteria, and the rule of a source value."""
UNVERIFIED = "unverified"
VERIFIED = "verified"
"""What a field of the e-mail's state shows of an address that is known to work."""


def roles(settings: KindSettings, side: Side, schema: ObjectSchema) -> Roles:
    """Which fields of an object type carry what filters call by names of their own."""
    mapped = (m.on(side) for p in settings.pairs if p.on(side) == schema.object_type for m in p.active)
    owners = (
        n for n in (*mapped, *schema.fields) if (f := schema.fields.get(n)) and f.type is FieldType.OWNER
    )
    return Roles(settings.stage_field(side), next(owners, None), settings.lists_field(side))


def asked_fields(settings: KindSettings, side: Side, schema: ObjectSchema) -> set[str]:
    """The fields of a record of that side that are looked at before it, or a change of it, goes over."""
    rule = settings.create_rule(side.other)
    texts = [text for text in (rule.where, settings.update_where(side.other)) if text]
    known = variables(schema, roles(settings, side, schema)) if texts else {}
    fields = {known[name].field.name for text in texts for name in names_in(text) if name in known}
    if rule.lists or rule.not_lists:
        fields.update(filter(None, [settings.lists_field(side)]))
    if not settings.push_unverified_emails:
        fields.update(filter(None, [settings.email_status_field(side)]))
    return fields


def create_criteria(
    settings: KindSettings,
    source: Side,
    record: Record,
    schema: ObjectSchema,
    known: Mapping[str, Variable],
    users: Users,
) -> list[Criterion]:
    """What the settings ask of a record beyond its stage before a counterpart is made of it (rule U7)."""
    rule = settings.create_rule(source.other)
    asked = [Filter(rule.where, known).asks(FILTER, record, users, source)] if rule.where else []
    if rule.lists or rule.not_lists:
        asked.append(_lists(rule, settings.lists_field(source), record, schema))
    return asked


def _lists(rule: CreateRule, name: str | None, record: Record, schema: ObjectSchema) -> Criterion:
    value = record.get(name) if name else Absent.MISSING
    if isinstance(value, Absent):
        return Criterion(LISTS, False, f"the lists it is in are {value.value}")
    described = schema.fields.get(name or "")
    found = [_named(described, part) for part in parts_of(value)] if not is_empty(value) else []
    shown = f"it is in {', '.join(map(short, found))}" if found else "it is in no list"
    mine = {each.casefold() for each in found}
    if barred := [each for each in rule.not_lists if each.strip().casefold() in mine]:
        return Criterion(LISTS, False, f"{shown}; records in {', '.join(barred)} are left out")
    inside = not rule.lists or any(each.strip().casefold() in mine for each in rule.lists)
    chosen = f"; chosen lists: {', '.join(rule.lists)}" if rule.lists else ""
    return Criterion(LISTS, inside, f"{shown}{chosen}")


def _named(described: Field | None, value: str) -> str:
    option = described.option(value) if described else None
    return option.label if option else value


def update_criterion(
    settings: KindSettings, target: Side, source: Record, known: Mapping[str, Variable], users: Users
) -> Criterion | None:
    """May what this linked record shows be written to the other side? Nothing where no filter asks (rule U2)."""
    where = settings.update_where(target)
    return Filter(where, known).asks(UPDATE_FILTER, source, users, target.other) if where else None


def kept_back(settings: KindSettings, source: Side, record: Record, fields: Sequence[Field]) -> str | None:
    """Why a value of these two fields stays behind: an e-mail address nobody knows to work (rule U6)."""
    name = None if settings.push_unverified_emails else settings.email_status_field(source)
    if name is None or not any(field.type is FieldType.EMAIL for field in fields):
        return None
    status = record.get(name)
    if isinstance(status, Absent):
        return f"whether its e-mail address is verified is {status.value}, so it stays behind"
    shown = "not known" if is_empty(status) else plain(status)
    return None if shown.casefold() == VERIFIED else f"its e-mail address is {shown}, so it stays behind"


def source_value(
    rule: CreateRule, schema: ObjectSchema, taken: Collection[str]
) -> tuple[FieldChange | None, Criterion | None]:
    """The value that tells where a new record comes from, and whether its field takes it (rule U5)."""
    wanted = rule.source
    if wanted is None or wanted.field in taken:
        return None, None
    sent = _stamped(schema.fields.get(wanted.field), wanted.value)
    if isinstance(sent, str) and schema.record_types:
        sent = barred(schema, wanted.field, sent, schema.record_types.default) or sent
    if isinstance(sent, Problem):
        return None, Criterion(SOURCE, False, f"the source {short(wanted.value)}: {sent.reason}")
    change = FieldChange(
        f"={wanted.field}", wanted.field, None, sent, wanted.value, SOURCE, "where it comes from"
    )
    return change, Criterion(SOURCE, True, f"{wanted.field} takes the source {short(wanted.value)}")


def _stamped(field: Field | None, value: str) -> str | Problem:
    if field is None or not field.creatable:
        why = "cannot be written" if field else "is not there, or is not shown"
        return Problem("source", f"its field {why}")
    if field.type is FieldType.PICKLIST and field.options:
        if option := field.option(value):
            return option.value
        labels = ", ".join(o.label for o in field.options if o.active)
        return Problem("option", f"{field.label} has no such option, only {labels}")
    sent = written(field, value, "US")
    return sent if isinstance(sent, Problem) else plain(sent)
