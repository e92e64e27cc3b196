"""The table of nudges, beside the others in `store.models`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from syncline.store.fields import PlainText


class Nudge(models.Model):
    """Somebody said that a record changed; it is to be read and synced before anything else (rule U1).

    A record has one row per sync, however often it is nudged. `number` is new with each nudge and each new try: what
    is done about an older number leaves the row standing. `taken_at` is when a job took it up last.
    """

    sync = models.CharField(max_length=100)
    connection = models.CharField(max_length=100)
    side = models.CharField(max_length=5)
    object_type = models.CharField(max_length=100)
    remote_id = models.CharField(max_length=255)
    number = models.BigIntegerField()
    asked_by = models.CharField(max_length=100)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    taken_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    error = PlainText(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sync", "side", "object_type", "remote_id"], name="nudge_of"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="nudge_due"),
        ]
