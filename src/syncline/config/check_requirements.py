"""Checks of requirements: that they ask something, and of a field that is there."""

from __future__ import annotations

from collections.abc import Iterator

from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.criteria import Requirement
from syncline.core.model import Side
from syncline.core.scope import KindSettings


def requirement_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the requirements of one sync."""
    for kind in subject.settings.kinds:
        for side in Side:
            for name, requirement in kind.requirements(side).items():
                if requirement.enabled:
                    where = ("kinds", kind.kind.value, f"require_{side}", name)
                    yield from _alone(subject, where, requirement)
                    yield from _field(subject, kind, side, where, requirement)


def _alone(subject: Subject, where: tuple[str, ...], requirement: Requirement) -> Iterator[Finding]:
    asks = (requirement.filled, requirement.own_domain, requirement.carried)
    asks_something = any((*asks, requirement.one_of, requirement.none_of, requirement.at_least))
    if not (asks_something and requirement.field):
        yield Finding(
            "empty-requirement",
            subject.where(*where),
            f"{shown(where[-1])} asks nothing of {requirement.field or 'any field'}.",
            "Name its field, and what it has to be: filled, one_of, none_of, at_least, own_domain or carried.",
        )
    if requirement.at_least and not requirement.reaches(requirement.at_least):
        yield Finding(
            "unknown-threshold",
            subject.where(*where, "at_least"),
            f"{shown(requirement.at_least)} is not in the order, so no record would pass.",
            choices(requirement.at_least, requirement.order),
        )


def _field(
    subject: Subject, kind: KindSettings, side: Side, where: tuple[str, ...], requirement: Requirement
) -> Iterator[Finding]:
    schemas = [s for t in kind.object_types(side) if (s := subject.schema(side, t))]
    if (
        not schemas
        or not requirement.field
        or requirement.optional
        or any(requirement.field in s.fields for s in schemas)
    ):
        return
    yield Finding(
        "unknown-field",
        subject.where(*where, "field"),
        f"{subject.settings.connection(side)} has no field {shown(requirement.field)}.",
        choices(requirement.field, {n for s in schemas for n in s.fields}),
    )
