"""Checks that every time of a schedule can be read and comes, and that what it is said of is synced."""

from __future__ import annotations

from collections.abc import Iterator

from syncline.config.finding import Finding
from syncline.config.place import Path
from syncline.config.schedule import ScheduleDocument
from syncline.config.subject import Subject
from syncline.config.timing import NeverDueError, TimingError, time_zone, timing
from syncline.core.model import Side


def schedule_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the schedule of a sync. A preset's own is sound."""
    own = subject.sync.schedule
    for place, text in _times(own):
        try:
            timing(text)
        except TimingError as wrong:
            code = "never-due" if isinstance(wrong, NeverDueError) else "bad-schedule"
            yield Finding(code, _where(subject, place), f"{wrong.message}.", wrong.cure)
    try:
        time_zone(own.time_zone)
    except TimingError as wrong:
        yield Finding("unknown-time-zone", _where(subject, ("time_zone",)), f"{wrong.message}.", wrong.cure)
    synced = {kind.kind.value for kind in subject.settings.kinds}
    for idle in (name for name in own.kinds if name not in synced):
        yield Finding(
            "idle-schedule",
            _where(subject, ("kinds", idle)),
            f"{idle}s are not synced, so these times are of nothing.",
            f"Remove {idle} here, or switch the kind on.",
        )


def _times(own: ScheduleDocument) -> Iterator[tuple[Path, str]]:
    """The times that the document itself says, with their places in the schedule."""
    for name in ("pull", "push", "audit"):
        if name in own.model_fields_set:
            yield (name,), getattr(own, name)
    for kind, each in own.kinds.items():
        for name, side in (("pull", Side.RIGHT), ("push", Side.LEFT)):
            if text := each.of(side):
                yield ("kinds", kind, name), text


def _where(subject: Subject, place: Path) -> str:
    """A place in the schedule; one that is a time alone has nothing below it."""
    alone = subject.sync.schedule.model_fields_set == {"pull"}
    return subject.where("schedule", *(() if alone else place))
