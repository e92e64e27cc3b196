"""Checks of maps against what both systems say of their fields."""

from __future__ import annotations

from collections.abc import Iterator

from syncline.config.check_options import option_findings, stage_findings
from syncline.config.finding import Finding
from syncline.config.fit import Fit, fit
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.criteria import DISQUALIFIED
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.scope import KindSettings

_TEXTS = frozenset({FieldType.TEXT, FieldType.URL, FieldType.DOMAIN, FieldType.EMAIL, FieldType.PHONE})


def field_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong between the maps of one sync and the systems whose schemas are known."""
    for kind in subject.settings.kinds:
        for pair in kind.pairs:
            for side in Side:
                yield from _object_type(subject, kind, pair, side)
        for side in Side:
            yield from _required(subject, kind, side)
            yield from stage_findings(subject, kind, side)
    for kind, pair, mapped in subject.maps():
        for side in Side:
            yield from _known(subject, kind, pair, mapped, side)
        yield from _between(subject, kind, pair, mapped)


def _object_type(subject: Subject, kind: KindSettings, pair: ObjectPair, side: Side) -> Iterator[Finding]:
    schemas = subject.schemas_of(side)
    if schemas is None:
        return
    where, name = subject.where("kinds", kind.kind.value, "pairs"), pair.on(side)
    found = schemas.get(name)
    if found is None:
        yield Finding(
            "unknown-object-type",
            where,
            f"{subject.settings.connection(side)} has no object type {shown(name)}.",
            choices(name, schemas),
        )
    elif found.kind is not kind.kind:
        fitting = [n for n, s in schemas.items() if s.kind is kind.kind]
        yield Finding(
            "wrong-kind",
            where,
            f"{name} is of the kind {found.kind}, not {kind.kind}.",
            choices(name, fitting),
        )


def _is_judgement(kind: KindSettings, mapped: FieldMap, side: Side) -> bool:
    """Whether a field is not the system's but says whether a record still qualifies."""
    return kind.on_disqualified is not None and side is kind.qualifying and mapped.on(side) == DISQUALIFIED


def _known(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, side: Side
) -> Iterator[Finding]:
    schema = subject.schema(side, pair.on(side))
    if schema is None or _is_judgement(kind, mapped, side):
        return
    found = schema.fields.get(mapped.on(side))
    if found is None:
        yield _unknown_field(subject, kind, pair, mapped, side, schema)
        return
    writes = mapped.direction.allows(side)
    if found.read_only and (writes or mapped.on_create):
        yield Finding(
            "read-only-target",
            subject.where_map(kind, pair, mapped, "direction"),
            f"{subject.settings.connection(side)} does not let {found.name} of {pair.on(side)} be written.",
            f"Set `direction: to_{side.other}`" + (" and `on_create: false`." if mapped.on_create else "."),
        )
    elif writes and not found.updatable:
        yield Finding(
            "create-only-target",
            subject.where_map(kind, pair, mapped, "direction"),
            f"{found.name} of {pair.on(side)} can be set when a record is made, but not changed afterwards.",
            f"Set `direction: to_{side.other}` and `on_create: true`.",
        )


def _unknown_field(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, side: Side, schema: ObjectSchema
) -> Finding:
    wrong = mapped.on(side)
    cure = choices(wrong, schema.fields)
    if subject.written(kind, pair, mapped) is None:
        cure += f" To do without it, add {{left: {mapped.left}, right: {mapped.right}, enabled: false}}."
    return Finding(
        "unknown-field",
        subject.where_map(kind, pair, mapped, str(side)),
        f"{subject.settings.connection(side)} has no field {shown(wrong)} on {pair.on(side)}, or does not show it.",
        cure,
    )


def _required(subject: Subject, kind: KindSettings, target: Side) -> Iterator[Finding]:
    if not kind.create_rule(target).enabled:
        return
    chosen = (kind.pair_for_create(target.other, name) for name in kind.object_types(target.other))
    for pair in dict.fromkeys((p.left, p.right) for p in chosen if p):
        found = kind.pair(*pair)
        schema = subject.schema(target, found.on(target)) if found else None
        if found and schema:
            yield from _unmapped(subject, kind, found, schema, target)


def _unmapped(
    subject: Subject, kind: KindSettings, pair: ObjectPair, schema: ObjectSchema, target: Side
) -> Iterator[Finding]:
    sent = {m.on(target) for m in pair.active if m.direction.allows(target) or m.on_create}
    for field in schema.fields.values():
        if field.required and field.creatable and field.name not in sent:
            yield Finding(
                "required-unmapped",
                subject.where("kinds", kind.kind.value, "pairs"),
                f"a new {pair.on(target)} needs {field.name} ({field.label}), and no map of"
                f" {pair.left}/{pair.right} writes it.",
                f"Map a field to it, or set create_{target}: {{enabled: false}}.",
            )


def _between(subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap) -> Iterator[Finding]:
    fields = {side: subject.field(side, pair, mapped) for side in Side}
    for target in Side:
        source, written = fields[target.other], fields[target]
        if source and written and mapped.direction.allows(target):
            yield from _types(subject, kind, pair, mapped, source, written)
            yield from _lengths(subject, kind, pair, mapped, source, written)
    left, right = fields[Side.LEFT], fields[Side.RIGHT]
    if left and right:
        yield from option_findings(subject, kind, pair, mapped, left, right)


def _types(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, source: Field, target: Field
) -> Iterator[Finding]:
    result = fit(FieldType.TEXT if mapped.transform else source.type, target.type)
    if source.several != target.several:
        yield Finding(
            "type-mismatch",
            subject.where_map(kind, pair, mapped),
            f"{(source if source.several else target).name} refers to several records, the other field to one.",
            "Map fields of the same type.",
        )
    elif result is Fit.NEVER:
        yield Finding(
            "type-mismatch",
            subject.where_map(kind, pair, mapped),
            f"{source.name} is of the type {source.type}, {target.name} of the type {target.type}: no value fits.",
            "Map fields of the same type.",
        )
    elif result is Fit.LOSSY:
        yield Finding(
            "lossy-types",
            subject.where_map(kind, pair, mapped),
            f"{source.name} ({source.type}) does not always fit into {target.name} ({target.type}).",
            "Map fields of the same type, or let the values go one way only.",
        )


def _lengths(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, source: Field, target: Field
) -> Iterator[Finding]:
    if source.length and target.length and source.length > target.length and target.type in _TEXTS:
        yield Finding(
            "length-mismatch",
            subject.where_map(kind, pair, mapped),
            f"{source.name} holds up to {source.length} characters, {target.name} only {target.length}.",
            "Longer values are listed as errors and not cut; map a longer field if that happens often.",
        )
