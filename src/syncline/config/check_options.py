"""Checks of stages and options against the lists the systems have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.automap import OptionState, automapped
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.schema import CHOICES, Field
from syncline.core.scope import KindSettings

_LISTED = 8


def stage_findings(subject: Subject, kind: KindSettings, target: Side) -> Iterator[Finding]:
    """Chosen stages that their system does not have."""
    rule, source = kind.create_rule(target), target.other
    name = kind.stage_field(source)
    schemas = subject.schemas_of(source)
    if not (rule.enabled and rule.when == "stages" and name and schemas):
        return
    carried = [s for t in kind.object_types(source) if (s := schemas.get(t))]
    fields = [f for schema in carried if (f := schema.fields.get(name))]
    if carried and not fields:
        yield Finding(
            "unknown-field",
            subject.where("kinds", kind.kind.value, f"stage_{source}"),
            f"{subject.settings.connection(source)} has no field {shown(name)}.",
            choices(name, {n for schema in carried for n in schema.fields}),
        )
    for number, stage in enumerate(rule.stages):
        if fields and not any(f.option(stage) for f in fields):
            labels = {o.label for f in fields for o in f.options if o.active}
            yield Finding(
                "unknown-stage",
                subject.where("kinds", kind.kind.value, f"create_{target}", "stages", number),
                f"{subject.settings.connection(source)} has no stage {shown(stage)}.",
                choices(stage, labels),
            )


def option_findings(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, left: Field, right: Field
) -> Iterator[Finding]:
    """Options that are named but not there, and options that mean nothing on the other side."""
    if subject.written(kind, pair, mapped):
        yield from _unknown(subject, kind, pair, mapped, left, right)
    if mapped.automap and automapped(mapped, left, right) is None:
        yield Finding(
            "automap-without-options",
            subject.where_map(kind, pair, mapped, "automap"),
            f"{left.name} and {right.name} do not both have a list of options.",
            "Leave automap out, or let the connection read the list.",
        )
    fields = {Side.LEFT: left, Side.RIGHT: right}
    for target in Side:
        if not mapped.direction.allows(target):
            continue
        lost = _unmapped(mapped, fields, target)
        if lost:
            more = f" and {len(lost) - _LISTED} more" if len(lost) > _LISTED else ""
            yield Finding(
                "option-without-counterpart",
                subject.where_map(kind, pair, mapped, "options"),
                f"{fields[target].name} has nothing for {', '.join(lost[:_LISTED])}{more} of"
                f" {fields[target.other].name}.",
                "Add them to the options of the map, or create them there and map them by name (automap); until"
                f" then that field is held on records that have them. {_LOOK} {subject.settings.name}",
            )


def _unknown(
    subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, left: Field, right: Field
) -> Iterator[Finding]:
    sides = [(Side.LEFT, left, name) for name in mapped.options]
    sides += [(Side.RIGHT, right, name) for name in mapped.options.values()]
    for side, field, name in sides:
        if mapped.automap and len(alike := field.labelled(name)) > 1:
            values = ", ".join(shown(option.value) for option in alike)
            yield Finding(
                "ambiguous-option",
                subject.where_map(kind, pair, mapped, "options"),
                f"{field.name} of {subject.settings.connection(side)} has several options {shown(name)}.",
                f"Name the one that is meant by its value: {values}.",
            )
        elif field.options and not field.option(name):
            yield Finding(
                "unknown-option",
                subject.where_map(kind, pair, mapped, "options"),
                f"{field.name} of {subject.settings.connection(side)} has no option {shown(name)}.",
                choices(name, [o.label for o in field.options if o.active]),
            )


_LOOK = "To see all: syncline stages show"


def _unmapped(mapped: FieldMap, fields: Mapping[Side, Field], target: Side) -> list[str]:
    """The options in force of a side that cannot be carried to the target."""
    if paired := automapped(mapped, fields[Side.LEFT], fields[Side.RIGHT]):
        by = (OptionState.BY_HAND, OptionState.BY_NAME)
        standings = paired.standings(target.other)
        return [s.option.label for s in standings if s.option.active and s.state not in by]
    return _without_counterpart(mapped, fields[target.other], fields[target], target)


def _without_counterpart(mapped: FieldMap, source: Field, target: Field, side: Side) -> list[str]:
    if source.type not in CHOICES or target.type not in CHOICES or not target.options:
        return []
    pairs = mapped.options.items()
    meanings = {
        k.casefold(): v for k, v in (pairs if side is Side.RIGHT else [(r, left) for left, r in pairs])
    }
    active = [option for option in source.options if option.active]
    named = ((o.label, meanings.get(o.label.casefold()) or meanings.get(o.value.casefold())) for o in active)
    return [label for label, meant in named if not target.option(meant or label)]
