"""The tables of the store. Observations and agreements are truth; everything else is derived or a log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from syncline.store import (  # noqa: F401 - Django looks for tables here
    access_tables,
    alert_tables,
    budget_tables,
    erasure_tables,
    error_log,
    nudge_tables,
    schedule_tables,
    tally_tables,
    work_tables,
)
from syncline.store.fields import JsonText, PlainText

_NAME = 100
_TYPE = 100
_ID = 255


class MirrorRecord(models.Model):
    """Our copy of a record as last observed. `seq` grows with each change within a connection; `first_seq` is
    the place of its first observation.

    `times` holds [after, by] per field: when the value came about. `digest` tells equal observations apart
    from changed ones without comparing them. `fate` is [how, [[object type, id], ...]] of a merged or converted one.
    Of an `erased` record the row holds nothing else.
    """

    connection = models.CharField(max_length=_NAME)
    object_type = models.CharField(max_length=_TYPE)
    remote_id = models.CharField(max_length=_ID)
    values = JsonText(default=dict)
    withheld = JsonText(default=list)
    times = JsonText(default=dict)
    version = models.CharField(max_length=_ID, null=True)
    created_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    observed_at = models.DateTimeField()
    deleted = models.BooleanField(default=False)
    fate = JsonText(null=True)
    erased = models.BooleanField(default=False)
    digest = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    first_seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "object_type", "remote_id"], name="mirror_ref"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "object_type", "seq"], name="mirror_seq"),
            models.Index(
                fields=["connection", "object_type"], condition=Q(fate__isnull=False), name="mirror_fated"
            ),
        ]


class ReadCursor(models.Model):
    """Where the next read of an object type starts. `full` once everything was read, `complete` if provably so."""

    connection = models.CharField(max_length=_NAME)
    object_type = models.CharField(max_length=_TYPE)
    cursor = JsonText(null=True)
    fields_digest = models.CharField(max_length=32)
    full = models.BooleanField(default=False)
    complete = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "object_type"], name="cursor_of"),
        ]


class Counter(models.Model):
    """A number that only grows, by name; it orders the observations of a connection."""

    name = models.CharField(max_length=_NAME, primary_key=True)
    value = models.BigIntegerField(default=0)


class MatchKey(models.Model):
    """A value by which a record of a sync can be found. Derived from the mirror and the settings."""

    sync = models.CharField(max_length=_NAME)
    side = models.CharField(max_length=5)
    kind = models.CharField(max_length=20)
    object_type = models.CharField(max_length=_TYPE)
    remote_id = models.CharField(max_length=_ID)
    key = models.CharField(max_length=_NAME)
    value = models.CharField(max_length=500)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sync", "side", "kind", "key", "value"], name="match_value"),
            models.Index(fields=["sync", "side", "object_type", "remote_id"], name="match_ref"),
        ]


class Link(models.Model):
    """This left record is that right record. It is ended with a reason, never removed.

    `agreements` holds base and seen values per field map (`core.agreement`). `ended_as` says how it ended
    (`core.fate`), `ended_side` the side whose record was gone; neither where both were.
    """

    sync = models.CharField(max_length=_NAME)
    kind = models.CharField(max_length=20)
    left_type = models.CharField(max_length=_TYPE)
    left_id = models.CharField(max_length=_ID)
    right_type = models.CharField(max_length=_TYPE)
    right_id = models.CharField(max_length=_ID)
    agreements = JsonText(default=dict)
    rule = models.CharField(max_length=_NAME)
    evidence = JsonText(default=dict)
    run_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = PlainText(default="")
    ended_as = models.CharField(max_length=20, default="")
    ended_side = models.CharField(max_length=5, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sync", "left_type", "left_id"], condition=Q(ended_at__isnull=True), name="link_left"
            ),
            models.UniqueConstraint(
                fields=["sync", "right_type", "right_id"],
                condition=Q(ended_at__isnull=True),
                name="link_right",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sync", "left_type", "left_id"], name="link_left_any"),
            models.Index(fields=["sync", "right_type", "right_id"], name="link_right_any"),
        ]


class UserPair(models.Model):
    """A person said that this left user is that right user (rule M7). It is unset with a date, never removed."""

    sync = models.CharField(max_length=_NAME)
    left_id = models.CharField(max_length=_ID)
    right_id = models.CharField(max_length=_ID)
    set_by = models.CharField(max_length=_NAME)
    set_at = models.DateTimeField()
    unset_by = models.CharField(max_length=_NAME, default="")
    unset_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sync", "left_id"], condition=Q(unset_at__isnull=True), name="user_pair_left"
            ),
        ]


class Turn(models.Model):
    """Which user of a side's pool a record that nobody owns was planned with (rule Q5).

    `object_type` and `remote_id` name the record it is made from; the order of the rows is that of the turns.
    """

    sync = models.CharField(max_length=_NAME)
    side = models.CharField(max_length=5)
    object_type = models.CharField(max_length=_TYPE)
    remote_id = models.CharField(max_length=_ID)
    user = models.CharField(max_length=_ID)
    run_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sync", "side", "object_type", "remote_id"], name="turn_of"),
        ]


class Standing(models.Model):
    """Where one record of a sync stands after its last decision, and on which observation that rests (E4).

    `since` is when a record that waits to settle was first seen waiting.
    """

    sync = models.CharField(max_length=_NAME)
    side = models.CharField(max_length=5)
    kind = models.CharField(max_length=20)
    object_type = models.CharField(max_length=_TYPE)
    remote_id = models.CharField(max_length=_ID)
    state = models.CharField(max_length=20)
    rule = models.CharField(max_length=_NAME, default="")
    reason = PlainText(default="")
    criteria = JsonText(default=list)
    seq = models.BigIntegerField()
    settings = models.CharField(max_length=32)
    waits_for = models.CharField(max_length=_ID, null=True)
    since = models.DateTimeField(null=True)
    run_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sync", "side", "object_type", "remote_id"], name="standing_of"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sync", "side", "object_type", "state"], name="standing_state"),
            models.Index(fields=["sync", "waits_for"], name="standing_waits"),
        ]


class StandingWait(models.Model):
    """What else a record waits for to be linked, besides the first that its standing names; `run_id` noted it."""

    sync = models.CharField(max_length=_NAME)
    waits_for = models.CharField(max_length=_ID)
    side = models.CharField(max_length=5)
    object_type = models.CharField(max_length=_TYPE)
    remote_id = models.CharField(max_length=_ID)
    run_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sync", "waits_for", "side", "object_type", "remote_id"], name="standing_wait_of"
            ),
        ]


class SyncState(models.Model):
    """How far a sync has decided, and what it found at its last finished run.

    `prepared_at` is when a command first worked on it, `started_at` when a person, `started_by`, let it write, or
    the quiet period had ended (rule C5).
    """

    sync = models.CharField(max_length=_NAME, primary_key=True)
    prepared_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=_NAME, default="")
    settings = models.CharField(max_length=32, default="")
    watermarks = JsonText(default=dict)
    records = JsonText(default=dict)
    linked = models.BigIntegerField(default=0)
    first_run_done = models.BooleanField(default=False)


class ConfigVersion(models.Model):
    """A settings document that was used, with its author."""

    digest = models.CharField(max_length=32, unique=True)
    document = PlainText()
    author = models.CharField(max_length=_NAME)
    at = models.DateTimeField()


class Run(models.Model):
    """One pass over a sync: its plan, its brakes and what became of it.

    `world` stands for the settings, schemas and users it was planned under; `marks` say how far it decided.
    `by_hand` is what a person asked for of chosen records: [side that is written, whether it overwrites].
    One that was `nudged` is about records that somebody said had changed.
    """

    sync = models.CharField(max_length=_NAME, db_index=True)
    status = models.CharField(max_length=20)
    settings = models.CharField(max_length=32)
    limit = models.IntegerField(null=True)
    by_hand = JsonText(null=True)
    nudged = models.BooleanField(default=False)
    planned_at = models.DateTimeField()
    approved_by = models.CharField(max_length=_NAME, default="")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    needs_approval = JsonText(default=list)
    planned = JsonText(default=dict)
    results = JsonText(default=dict)
    calls = JsonText(default=dict)
    marks = JsonText(default=dict)
    world = models.CharField(max_length=32, default="")
    error = JsonText(null=True)


class Action(models.Model):
    """One action of a plan; the journal once it is applied. A log: it refers to no other table.

    `left_seq` and `right_seq` are the observations it rests on; `sent` is committed before the call. Of the side
    a create goes to it is the newest observation of any record when it was sent.
    """

    run_id = models.BigIntegerField()
    sync = models.CharField(max_length=_NAME)
    op = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    phase = models.IntegerField()
    left_type = models.CharField(max_length=_TYPE, default="")
    left_id = models.CharField(max_length=_ID, default="")
    right_type = models.CharField(max_length=_TYPE, default="")
    right_id = models.CharField(max_length=_ID, default="")
    left_seq = models.BigIntegerField(default=0)
    right_seq = models.BigIntegerField(default=0)
    link_id = models.BigIntegerField(null=True)
    fields = JsonText(default=list)
    rule = models.CharField(max_length=_NAME, default="")
    reason = PlainText(default="")
    evidence = JsonText(default=dict)
    status = models.CharField(max_length=12)
    sent = JsonText(null=True)
    sent_at = models.DateTimeField(null=True)
    target_version = models.CharField(max_length=_ID, null=True)
    done_at = models.DateTimeField(null=True)
    failure = JsonText(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["run_id", "phase", "id"], name="action_order"),
            models.Index(fields=["sync", "left_type", "left_id"], name="action_left"),
            models.Index(fields=["sync", "right_type", "right_id"], name="action_right"),
            models.Index(fields=["sync", "status"], name="action_open", condition=Q(status="open")),
        ]


class Hold(models.Model):
    """Something that waits for a person. `cause` groups holds that one decision would end."""

    sync = models.CharField(max_length=_NAME)
    kind = models.CharField(max_length=20)
    side = models.CharField(max_length=5)
    left_type = models.CharField(max_length=_TYPE, default="")
    left_id = models.CharField(max_length=_ID, default="")
    right_type = models.CharField(max_length=_TYPE, default="")
    right_id = models.CharField(max_length=_ID, default="")
    key = models.CharField(max_length=_ID, default="")
    code = models.CharField(max_length=_NAME)
    cause = PlainText(default="")
    reason = PlainText()
    left_value = JsonText(null=True)
    right_value = JsonText(null=True)
    allowed = JsonText(default=list)
    state = models.CharField(max_length=10, default="open")
    ruling = models.CharField(max_length=_ID, default="")
    run_id = models.BigIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=_NAME, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sync", "state"], name="hold_state"),
            models.Index(fields=["sync", "left_type", "left_id"], name="hold_left"),
            models.Index(fields=["sync", "right_type", "right_id"], name="hold_right"),
        ]


class Sweep(models.Model):
    """What is still to be asked after an object type was listed whole, to learn which records were deleted.

    `waiting` are ids that no page showed; `unseen` those that were asked for since and did not come back. While a
    listing waits for calls, `cursor` is where it goes on, and `missing` are the ids that no page has shown so far.
    """

    connection = models.CharField(max_length=_NAME)
    object_type = models.CharField(max_length=_NAME)
    swept_at = models.DateTimeField()
    waiting = JsonText(default=list)
    unseen = JsonText(default=list)
    cursor = JsonText(null=True)
    missing = JsonText(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "object_type"], name="one_sweep"),
        ]
