"""The tables of work that goes on: what a person asked a worker for, and how far a run is."""

from __future__ import annotations

from django.db import models

from syncline.store.fields import JsonText, PlainText

_NAME = 100
_ID = 255


class Wish(models.Model):
    """What a person asked for while a worker was at the sync; a worker does it, and says here what came of it.

    `result` is what the command would have printed as JSON, `error` code, message and cure of a failure.
    """

    sync = models.CharField(max_length=_NAME)
    work = models.CharField(max_length=_NAME)
    arguments = JsonText(default=dict)
    wanted_at = models.DateTimeField()
    by = models.CharField(max_length=_NAME)
    state = models.CharField(max_length=20)
    run_id = models.BigIntegerField(null=True)
    result = JsonText(null=True)
    error = JsonText(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("state",), name="wish_state"),)


class RunProgress(models.Model):
    """How far the step is that a process is at with a sync; it counts while that process holds the sync's lease."""

    sync = models.CharField(max_length=_NAME, primary_key=True)
    holder = models.CharField(max_length=_ID)
    step = PlainText()
    done = models.BigIntegerField()
    total = models.BigIntegerField(null=True)
    began_at = models.DateTimeField()
    updated_at = models.DateTimeField()
