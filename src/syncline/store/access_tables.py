"""The tables of who may do what: tokens of connections, and who works on a sync at the moment."""

from __future__ import annotations

from django.db import models

from syncline.store.fields import JsonText, PlainText

_NAME = 100
_ID = 255


class Credential(models.Model):
    """The token of a connection whose user has consented, encrypted (`store.sealing`).

    `consent` tells one consent from the next, `renewals` counts within it: a process that was overtaken writes
    nothing. `renewing_since` stands while a renewal may have happened at the system and not here.
    """

    connection = models.CharField(max_length=_NAME, primary_key=True)
    key_id = models.CharField(max_length=16)
    nonce = models.BinaryField()
    ciphertext = models.BinaryField()
    consent = models.CharField(max_length=32)
    renewals = models.IntegerField(default=0)
    granted_by = models.CharField(max_length=_NAME)
    granted_at = models.DateTimeField()
    renewed_at = models.DateTimeField(null=True)
    renewing_since = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    scopes = JsonText(default=list)
    gave_up = PlainText(default="")


class Lease(models.Model):
    """Who works on a sync at the moment, and what it does; it runs out by itself when its holder dies."""

    name = models.CharField(max_length=_NAME, primary_key=True)
    holder = models.CharField(max_length=_ID)
    doing = models.CharField(max_length=_NAME, default="")
    until = models.DateTimeField()
