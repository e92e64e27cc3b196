"""The tables of alerts: what needs a person at the moment, and what is still to be told to whom (rule E5)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from syncline.store.fields import PlainText

_NAME = 255


class AlertState(models.Model):
    """Whether something needs a person: a `condition` of a sync, connection or worker.

    `alert_id` is the newest alert about it.
    """

    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=_NAME)
    condition = models.CharField(max_length=30)
    raised = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    alert_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "name", "condition"], name="alert_state_of"),
        ]


class Alert(models.Model):
    """A change of such a state, in words. `token` is what receivers know it by, however often it is sent."""

    token = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=_NAME)
    condition = models.CharField(max_length=30)
    raised = models.BooleanField()
    text = PlainText()
    cure = PlainText(default="")
    at = models.DateTimeField()


class AlertDelivery(models.Model):
    """An alert and one receiver who is to be told of it: waiting until it was sent or given up.

    Before `next_try` nobody tries; whoever does moves it first.
    """

    alert_id = models.BigIntegerField()
    receiver = models.CharField(max_length=32)
    state = models.CharField(max_length=8, default="waiting")
    attempts = models.IntegerField(default=0)
    next_try = models.DateTimeField()
    failure = PlainText(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert_id", "receiver"], name="alert_delivery_of"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["receiver", "id"], name="alert_waiting", condition=Q(state="waiting")),
        ]
