"""The table of what only grows and outlives the runs it comes from: the figures that are watched (rule O4)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Tally(models.Model):
    """How often something happened since the database was made: a `measure` of a sync or connection, by `label`."""

    measure = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    label = models.CharField(max_length=200)
    value = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["measure", "name", "label"], name="tally_of"),
        ]
