"""The tables of schedules: when each part of a sync is due, what a person paused, and what a sync waits for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from syncline.store.fields import JsonText, PlainText

_NAME = 100


class ScheduledPart(models.Model):
    """When one side of one kind is read next, and how it went before.

    `timing` is what `due_at` was worked out by, `slot_at` the slot that was taken last. From `late_at` on the slot
    counts as missed; `missed` counts those that were taken so late. `calls` are what a read of it costs on average, by
    method and endpoint.
    """

    sync = models.CharField(max_length=_NAME)
    side = models.CharField(max_length=5)
    kind = models.CharField(max_length=20)
    timing = models.CharField(max_length=255)
    slot_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    late_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    missed = models.IntegerField(default=0)
    calls = JsonText(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sync", "side", "kind"], name="scheduled_part_of"),
        ]


class PausedPart(models.Model):
    """Nothing of the sync, or of one kind of it, begins by itself until a person resumes it; no kind means all."""

    sync = models.CharField(max_length=_NAME)
    kind = models.CharField(max_length=20, default="")
    paused_at = models.DateTimeField()
    paused_by = models.CharField(max_length=_NAME)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sync", "kind"], name="paused_part_of"),
        ]


class ScheduleState(models.Model):
    """How many jobs of a sync were begun, and what it waits for before the next one, after so many tries in vain.

    `code` and `why` tell the error, `connection` whose it is, where it is one's.
    With `since` and without `until` it waits for a person. `decide_at` is when records that rest are to be looked at
    again, which reads nothing.
    """

    sync = models.CharField(max_length=_NAME, primary_key=True)
    begun = models.BigIntegerField(default=0)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    code = models.CharField(max_length=_NAME, default="")
    why = PlainText(default="")
    connection = models.CharField(max_length=_NAME, default="")
    tries = models.IntegerField(default=0)
    decide_at = models.DateTimeField(null=True)
