"""The tables of the budget: how far the vendors' windows are used, and how many calls were made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

_NAME = 100
_ENDPOINT = 255


class CallWindow(models.Model):
    """A window in which a vendor counts calls, as `core.budget.WindowCount` has it. Endpoint "" is all of them."""

    connection = models.CharField(max_length=_NAME)
    endpoint = models.CharField(max_length=_ENDPOINT)
    window = models.CharField(max_length=_NAME)
    seconds = models.BigIntegerField()
    rolling = models.BooleanField(default=False)
    limit = models.BigIntegerField(null=True)
    used = models.BigIntegerField(default=0)
    resets_at = models.DateTimeField()
    opening = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    flying = models.BigIntegerField(default=0)
    told = models.BigIntegerField(default=0)
    told_by = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "endpoint", "window"], name="call_window_of"),
        ]


class CallCount(models.Model):
    """How many calls of an endpoint began in an hour; `hour` is the time it began."""

    connection = models.CharField(max_length=_NAME)
    endpoint = models.CharField(max_length=_ENDPOINT)
    hour = models.DateTimeField()
    calls = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "endpoint", "hour"], name="call_count_of"),
        ]
