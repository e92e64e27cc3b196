"""The gates: whether a record may be created, updated, deleted or unlinked, each with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Literal

from syncline.core.criteria import Criterion, Mark, Requirement
from syncline.core.frozen import frozen
from syncline.core.mapping import FORBID_EXTRA, ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.model import Absent, Kind, Record, Side, Value, is_empty
from syncline.core.schema import Field, ObjectSchema
from syncline.core.settling import Settling


class Gate(StrEnum):
    """What a gate lets through. Out of scope is not unlinked: each is decided on its own."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNLINK = "unlink"


PUSH_FILTERS = frozenset({"stage", "filter", "lists", "update filter"})
"""The criteria that choose among sound records: what a person or a need asks for passes them (rules U4, U8)."""
CREATE_ON = "create is on"
"""The criterion that asks whether records are made at all."""


@dataclass(frozen=True)
class SourceValue:
    """The field of a new record that tells where it comes from, and what it gets (rule U5)."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    field: str
    value: str


@dataclass(frozen=True)
class CreateRule:
    """Whether and how new records are made on one side (rule U2).

    `when: stages` lets through only records whose stage is in `stages`; `no_stage` says what happens to
    records without one. `as_type` names the object type to create; the first pair's type by default. `where` is
    a filter over the record of the other side. With `account_first` a record waits for its account, which is
    made for it where accounts are not made otherwise.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    enabled: bool = True
    as_type: str | None = None
    when: Literal["all", "stages"] = "all"
    stages: tuple[str, ...] = ()
    no_stage: bool = True
    where: str = ""
    lists: tuple[str, ...] = ()
    not_lists: tuple[str, ...] = ()
    source: SourceValue | None = None
    account_first: bool = False
    account_owner: Literal["integration_user", "contact_owner"] = "integration_user"


@dataclass(frozen=True)
class KindSettings:
    """How one kind of record is kept in agreement."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    kind: Kind
    pairs: tuple[ObjectPair, ...]
    create_left: CreateRule = field(default_factory=CreateRule)
    create_right: CreateRule = field(default_factory=CreateRule)
    match: MatchPolicy = field(default_factory=MatchPolicy)
    stage_left: str | None = None
    stage_right: str | None = None
    update_left: bool = True
    update_right: bool = True
    update_left_where: str = ""
    update_right_where: str = ""
    lists_left: str | None = None
    lists_right: str | None = None
    email_status_left: str | None = None
    email_status_right: str | None = None
    push_unverified_emails: bool = True
    require_left: Mapping[str, Requirement] = field(default_factory=dict)
    require_right: Mapping[str, Requirement] = field(default_factory=dict)
    settle: timedelta = timedelta(0)
    settle_at_most: timedelta = timedelta(hours=1)
    batch: int | None = None
    on_disqualified: Mark | None = None
    delete_left: bool = False
    delete_right: bool = False
    follow_merges: bool = True
    on_ended: Mapping[Side, Mark] = field(default_factory=dict)

    @property
    def qualifying(self) -> Side:
        """The side whose records have to qualify, where one has requirements."""
        return Side.LEFT if self.require_left or not self.require_right else Side.RIGHT

    @property
    def settling(self) -> Settling:
        """How long its records have to be left alone before they are carried over."""
        return Settling(self.settle, self.settle_at_most)

    def requirements(self, side: Side) -> Mapping[str, Requirement]:
        """What a record of that side has to meet before it gets a counterpart."""
        return self.require_left if side is Side.LEFT else self.require_right

    def create_rule(self, side: Side) -> CreateRule:
        """The rule for records made on that side."""
        return self.create_left if side is Side.LEFT else self.create_right

    def updates(self, side: Side) -> bool:
        """Whether linked records may be written on that side."""
        return self.update_left if side is Side.LEFT else self.update_right

    def update_where(self, side: Side) -> str:
        """The filter a linked record has to pass before it is written on that side."""
        return self.update_left_where if side is Side.LEFT else self.update_right_where

    def lists_field(self, side: Side) -> str | None:
        """The field that names the lists a record of that side is in."""
        return self.lists_left if side is Side.LEFT else self.lists_right

    def email_status_field(self, side: Side) -> str | None:
        """The field that tells whether a record's e-mail address on that side is verified."""
        return self.email_status_left if side is Side.LEFT else self.email_status_right

    def deletes(self, side: Side) -> bool:
        """Whether records of that side are deleted when their counterparts were."""
        return self.delete_left if side is Side.LEFT else self.delete_right

    def stage_field(self, side: Side) -> str | None:
        """The field that carries a record's stage on that side."""
        return self.stage_left if side is Side.LEFT else self.stage_right

    def object_types(self, side: Side) -> tuple[str, ...]:
        """The object types of this kind on one side, in the order of the pairs, each once."""
        return tuple(dict.fromkeys(pair.on(side) for pair in self.pairs))

    def pair(self, left: str, right: str) -> ObjectPair | None:
        """The pair of these two object types, if their records may be linked."""
        return next((p for p in self.pairs if p.left == left and p.right == right), None)

    def pair_for_create(self, source: Side, source_type: str) -> ObjectPair | None:
        """The pair by which a record of `source_type` gets a counterpart on the other side."""
        wanted = self.create_rule(source.other).as_type
        fitting = [p for p in self.pairs if p.on(source) == source_type]
        chosen = [p for p in fitting if wanted is None or p.on(source.other) == wanted]
        return next(iter(chosen or fitting), None)


@frozen()
class GateResult:
    """All that a gate asked; it is open if every answer is yes."""

    gate: Gate
    criteria: tuple[Criterion, ...] = field(default=())

    @property
    def open(self) -> bool:
        return all(c.passed for c in self.criteria)

    @property
    def refusal(self) -> Criterion | None:
        """The first answer that was no."""
        return next((c for c in self.criteria if not c.passed), None)

    def passed_by(self, names: Collection[str], why: str) -> GateResult:
        """The same gate, where questions of these names are passed by."""
        criteria = (
            Criterion(c.name, True, f"{c.reason}; passed by, since {why}")
            if c.name in names and not c.passed
            else c
            for c in self.criteria
        )
        return GateResult(self.gate, tuple(criteria))


def create_gate(
    settings: KindSettings,
    source: Side,
    record: Record,
    source_schema: ObjectSchema,
    drafted: Mapping[str, Value],
    target_schema: ObjectSchema,
    further: Sequence[Criterion] = (),
) -> GateResult:
    """May a counterpart of this record be created on the other side? `drafted` holds what would be sent.

    `further` are criteria of what else the settings ask.
    """
    rule = settings.create_rule(source.other)
    criteria = [
        Criterion(
            "alive",
            not record.deleted,
            "the record exists" if not record.deleted else "the record is deleted",
        ),
        Criterion(CREATE_ON, rule.enabled, f"creating {settings.kind}s there is {_on(rule.enabled)}"),
    ]
    if rule.enabled and rule.when == "stages":
        criteria.append(stage_criterion(rule, settings.stage_field(source), record, source_schema))
    criteria.extend(further)
    criteria.extend(_required(drafted, target_schema))
    return GateResult(Gate.CREATE, tuple(criteria))


def _on(flag: bool) -> str:
    return "on" if flag else "off"


def stage_criterion(
    rule: CreateRule, field_name: str | None, record: Record, schema: ObjectSchema
) -> Criterion:
    """Is the record in one of the chosen stages? A record without a stage has its own switch (rule U2)."""
    value = record.get(field_name) if field_name else None
    if isinstance(value, Absent):
        return Criterion(
            "stage", False, f"its stage is {value.value}, so nobody can tell whether it is chosen"
        )
    if is_empty(value):
        return Criterion("stage", rule.no_stage, f"it has no stage, and 'no stage' is {_on(rule.no_stage)}")
    value = str(value)
    shown = stage_label(schema.fields.get(field_name or ""), value)
    wanted = {s.strip().casefold() for s in rule.stages}
    inside = shown.strip().casefold() in wanted or value.strip().casefold() in wanted
    listed = ", ".join(rule.stages) or "none"
    return Criterion("stage", inside, f"its stage is {shown}; chosen stages: {listed}")


def stage_label(stage: Field | None, value: str) -> str:
    """What people call a stage whose value may be an id."""
    option = stage.option(value) if stage else None
    return option.label if option else value


def _required(drafted: Mapping[str, Value], schema: ObjectSchema) -> list[Criterion]:
    missing = [
        f for f in schema.fields.values() if f.required and f.creatable and is_empty(drafted.get(f.name))
    ]
    if not missing:
        return [Criterion("required fields", True, "every field that the other side requires has a value")]
    names = ", ".join(f.label for f in missing)
    return [
        Criterion("required fields", False, f"the other side requires {names}, and there is no value for it")
    ]


def update_gate(
    settings: KindSettings, target: Side, record: Record, filtered: Criterion | None = None
) -> GateResult:
    """May this linked record be written? Stage lists never close this gate; a filter of its own may (rule U2)."""
    allowed = settings.updates(target)
    asked = (
        Criterion("alive", not record.deleted, "deleted" if record.deleted else "the record exists"),
        Criterion("update is on", allowed, f"updating {settings.kind}s there is {_on(allowed)}"),
    )
    return GateResult(Gate.UPDATE, (*asked, filtered) if filtered else asked)


def delete_gate(settings: KindSettings, target: Side, *, can_delete: bool) -> GateResult:
    """May a record of that side be deleted because its counterpart was (rule L1)?"""
    allowed = settings.deletes(target)
    able = "can" if can_delete else "cannot"
    return GateResult(
        Gate.DELETE,
        (
            Criterion(
                "deletion sync",
                allowed,
                f"deletions are {'' if allowed else 'not '}carried over to the {target} (delete_{target})",
            ),
            Criterion("ability", can_delete, f"the system on the {target} {able} delete it"),
        ),
    )


def unlink_gate(record: Record) -> GateResult:
    """A link ends only on evidence; a record that left the scope stays linked."""
    gone = record.deleted
    reason = (
        "the system says that it is deleted" if gone else "it exists; leaving the scope does not end a link"
    )
    return GateResult(Gate.UNLINK, (Criterion("evidence", gone, reason),))
