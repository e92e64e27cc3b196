"""The table of refused writes, beside the others in `store.models`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from syncline.store.fields import PlainText


class SyncError(models.Model):
    """A write that a system refused, in its words (rule E1). Open ones park the value they name.

    From `next_try` on nothing is parked; without it the value waits for a change or a person. `tries` counts
    towards the most that are made without one, `attempts` all of them. `pauses`: nothing more of its kind is
    created on that side meanwhile.
    """

    sync = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    left_type = models.CharField(max_length=100, default="")
    left_id = models.CharField(max_length=255, default="")
    right_type = models.CharField(max_length=100, default="")
    right_id = models.CharField(max_length=255, default="")
    key = models.CharField(max_length=255, default="")
    value = PlainText(default="")
    map = models.CharField(max_length=32, default="")
    schema = models.CharField(max_length=32, default="")
    error_class = models.CharField(max_length=12)
    code = PlainText()
    message = PlainText()
    attempts = models.IntegerField(default=1)
    tries = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    pauses = models.BooleanField(default=False)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    run_id = models.BigIntegerField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = PlainText(default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sync", "resolved_at"], name="error_open"),
            models.Index(fields=["sync", "left_type", "left_id"], name="error_left"),
            models.Index(fields=["sync", "right_type", "right_id"], name="error_right"),
        ]
