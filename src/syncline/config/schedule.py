"""Schedule: how often each side of each kind is read, as the settings say it and as it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from syncline.config.part import Part
from syncline.config.timing import Timing, time_zone, timing
from syncline.config.values import Duration, KindName
from syncline.core.frozen import frozen
from syncline.core.model import Kind, Side

_LONGEST = 200
_PULL, _PUSH = "30m", "60s"
_SLOWER_PUSH: Mapping[Kind, str] = {Kind.ACCOUNT: "15m", Kind.DEAL: "5m"}
"""Apollo tells of no time of change for them, so each look lists them all."""

_SHAPE = re.compile(r"\s*(\d{1,6}\s*[smhd]|(\S+\s+){4}\S+)\s*\Z")


def _shaped(text: str) -> str:
    if len(text) > _LONGEST or not _SHAPE.match(text):
        raise PydanticCustomError(
            "timing", "should be a time such as 30m, or a cron expression of five fields in quotes"
        )
    return text.strip()


TimingText = Annotated[
    str,
    AfterValidator(_shaped),
    WithJsonSchema({"type": "string", "pattern": _SHAPE.pattern.replace(r"\Z", "$")}),
]
"""What looks like a time or a cron expression; whether it ever comes, `check` tells."""


class KindSchedule(Part):
    """How often the records of one kind are read."""

    pull: TimingText | None = Field(
        default=None,
        description="How often those of the right side are read; by default as `pull` above says.",
    )
    push: TimingText | None = Field(
        default=None,
        description="How often those of the left side are read. By default as `push` above says; where that says "
        "nothing either, people every 60s, deals every 5m and accounts every 15m.",
    )

    def of(self, side: Side) -> str | None:
        """What is said of one side."""
        return self.push if side is Side.LEFT else self.pull


class ScheduleDocument(Part):
    """When runs begin by themselves. A time alone, such as `schedule: 15m`, is that of `pull`."""

    pull: TimingText = Field(
        default=_PULL,
        description="How often the right side is read: a time such as 30m, or a cron expression of five fields, such "
        'as "0 6 * * mon-fri".',
    )
    push: TimingText = Field(
        default=_PUSH,
        description="How often the left side is read, which may be longer when the budget of calls would not last. "
        "Said here, it is that of every kind that has no own one below.",
    )
    kinds: dict[KindName, KindSchedule] = Field(
        default_factory=dict, description="Times of single kinds of records."
    )
    audit: TimingText = Field(
        default="0 5 * * sun",
        description="When duplicates and gaps are to be looked for. It is read and shown; nothing starts by it yet.",
    )
    time_zone: str = Field(
        default="UTC", description="The time zone of cron expressions, such as Europe/Berlin."
    )
    settle: Duration = Field(
        default=timedelta(seconds=30),
        description="How long a record has to be unchanged before a run that started by itself carries it over; a "
        "longer `settle` of its kind goes before. What a person starts waits for that of the kind alone.",
    )


def read_schedule(told: object) -> object:
    """A schedule as it was written; a time alone is that of the pull."""
    return {"pull": told} if isinstance(told, str) else told


ScheduleSetting = Annotated[
    ScheduleDocument, BeforeValidator(read_schedule, json_schema_input_type=TimingText | ScheduleDocument)
]


@frozen()
class Schedule:
    """When each side of each kind is read; raises `TimingError` where that cannot be told."""

    document: ScheduleDocument = ScheduleDocument()

    @property
    def settle(self) -> timedelta:
        """How long records rest before a run that started by itself carries them over."""
        return self.document.settle

    @property
    def zone(self) -> tzinfo:
        return time_zone(self.document.time_zone)

    def of(self, side: Side, kind: Kind) -> Timing:
        """How often records of a kind are read on one side."""
        own = next((each.of(side) for name, each in self.document.kinds.items() if name == kind), None)
        if own:
            return timing(own)
        if side is Side.RIGHT:
            return timing(self.document.pull)
        slower = None if "push" in self.document.model_fields_set else _SLOWER_PUSH.get(kind)
        return timing(slower or self.document.push)


def joined(usual: ScheduleDocument | None, own: ScheduleDocument) -> ScheduleDocument:
    """The schedule of a sync laid over that of its preset; what neither says is left unset."""
    base, changes = (
        each.model_dump(mode="json", exclude_unset=True) if each else {} for each in (usual, own)
    )
    kinds = base.get("kinds", {}) | {
        name: base.get("kinds", {}).get(name, {}) | said for name, said in changes.get("kinds", {}).items()
    }
    return ScheduleDocument.model_validate(base | changes | ({"kinds": kinds} if kinds else {}))
