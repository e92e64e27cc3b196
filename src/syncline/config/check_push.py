"""Checks of what goes with a push: lists, source values, verified addresses, and who made a record."""

from __future__ import annotations

from collections.abc import Iterator

from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.model import Side
from syncline.core.push import source_value
from syncline.core.scope import CreateRule, KindSettings

MADE_BY = frozenset({"createdbyid", "created_by_id", "creator_id"})
"""Fields that tell who made a record, which says nothing about who owns it."""


def push_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the push settings of one sync."""
    for kind in subject.settings.kinds:
        for target in Side:
            rule = kind.create_rule(target)
            if rule.lists or rule.not_lists:
                yield from _lists(subject, kind, target)
            if rule.source and rule.enabled:
                yield from _source(subject, kind, target, rule)
        yield from _emails(subject, kind)
    for kind, pair, mapped in subject.maps():
        if MADE_BY & {mapped.left.casefold(), mapped.right.casefold()}:
            yield Finding(
                "created-by",
                subject.where_map(kind, pair, mapped),
                f"{mapped.key} has a field that tells who made a record, which nobody can take credit by.",
                "Map the owner field instead.",
            )


def _lists(subject: Subject, kind: KindSettings, target: Side) -> Iterator[Finding]:
    source = target.other
    if name := kind.lists_field(source):
        yield from _field(subject, kind, source, f"lists_{source}", name)
        return
    yield Finding(
        "no-lists",
        subject.where("kinds", kind.kind.value, f"create_{target}", "lists"),
        f"lists are chosen, and {subject.settings.connection(source)} shows of no {kind.kind} which lists it is in.",
        f"Take the lists out, or set lists_{source} to the field that names them.",
    )


def _emails(subject: Subject, kind: KindSettings) -> Iterator[Finding]:
    names = [(side, name) for side in Side if (name := kind.email_status_field(side))]
    for side, name in names if not kind.push_unverified_emails else ():
        yield from _field(subject, kind, side, f"email_status_{side}", name)
    if not kind.push_unverified_emails and not names:
        yield Finding(
            "no-email-status",
            subject.where("kinds", kind.kind.value, "push_unverified_emails"),
            "no field tells whether an address is verified, so every address would go over.",
            "Set email_status_left or email_status_right to the field that tells it.",
        )


def _field(subject: Subject, kind: KindSettings, side: Side, setting: str, name: str) -> Iterator[Finding]:
    schemas = [s for t in kind.object_types(side) if (s := subject.schema(side, t))]
    if schemas and not any(name in schema.fields for schema in schemas):
        yield Finding(
            "unknown-field",
            subject.where("kinds", kind.kind.value, setting),
            f"{subject.settings.connection(side)} has no field {shown(name)}.",
            choices(name, {n for s in schemas for n in s.fields}),
        )


def _source(subject: Subject, kind: KindSettings, target: Side, rule: CreateRule) -> Iterator[Finding]:
    """A value that no new record could get: such records are not made, and say so."""
    pairs = (kind.pair_for_create(target.other, t) for t in kind.object_types(target.other))
    for name in dict.fromkeys(pair.on(target) for pair in pairs if pair):
        schema = subject.schema(target, name)
        _, takes = source_value(rule, schema, ()) if schema else (None, None)
        if takes and not takes.passed and rule.source:
            yield Finding(
                "source-value",
                subject.where("kinds", kind.kind.value, f"create_{target}", "source"),
                f"{rule.source.field} of {name}: {takes.reason}.",
                "Add the value there, name another, or set `source: null`; until then no record is made.",
            )
