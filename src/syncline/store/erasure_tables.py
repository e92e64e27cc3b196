"""The tables of erasures; `store.models` has all the others and names these too, which is where Django looks."""

from __future__ import annotations

from django.db import models

from syncline.store.fields import PlainText

_NAME = 100


class Erasure(models.Model):
    """That a person had a record erased, and may have lifted it since (rule L4). It holds nothing of the record.

    `code` names it to people; it is a keyed hash, as the fingerprints are.
    """

    code = models.CharField(max_length=16, db_index=True)
    sync = models.CharField(max_length=_NAME)
    kind = models.CharField(max_length=20)
    erased_by = models.CharField(max_length=_NAME)
    erased_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=_NAME, default="")
    lifted_at = models.DateTimeField(null=True)
    lift_reason = PlainText(default="")


class Fingerprint(models.Model):
    """A keyed hash of an id or a match key of an erased record; a lifted erasure has none."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE)
    key_id = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, db_index=True)
