"""Checks of what records get whose link ends: that the field is there, can be written, and has such an option."""

from __future__ import annotations

from collections.abc import Iterator

from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.criteria import Mark
from syncline.core.model import Side
from syncline.core.schema import ObjectSchema
from syncline.core.scope import KindSettings


def lifecycle_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the marks of one sync for records that stay behind."""
    for kind in subject.settings.kinds:
        for side, mark in kind.on_ended.items():
            schemas = [s for t in kind.object_types(side) if (s := subject.schema(side, t))]
            if schemas:
                yield from _mark(subject, kind, side, mark, schemas)


def _mark(
    subject: Subject, kind: KindSettings, side: Side, mark: Mark, schemas: list[ObjectSchema]
) -> Iterator[Finding]:
    where, name = ("kinds", kind.kind.value, "on_ended", str(side)), subject.settings.connection(side)
    fields = [f for s in schemas if (f := s.fields.get(mark.field))]
    if not fields:
        names = {n for schema in schemas for n in schema.fields}
        yield Finding(
            "unknown-field",
            subject.where(*where, "field"),
            f"{name} has no field {shown(mark.field)}.",
            choices(mark.field, names),
        )
    elif not any(f.updatable for f in fields):
        yield Finding(
            "read-only-target",
            subject.where(*where, "field"),
            f"{name} does not let {mark.field} be changed.",
            "Name a field that can be written.",
        )
    elif all(f.options and f.restricted and not f.option(mark.value) for f in fields):
        yield Finding(
            "unknown-option",
            subject.where(*where, "value"),
            f"{mark.field} of {name} has no option {shown(mark.value)}.",
            choices(mark.value, [o.label for f in fields for o in f.options if o.active]),
        )
