"""Which users persons said are the same, with who said so and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from syncline.store.models import UserPair


def current(sync: str) -> Mapping[str, UserPair]:
    """The pairs that were set by hand and stand, by the left user's id."""
    return {row.left_id: row for row in UserPair.objects.filter(sync=sync, unset_at=None).order_by("pk")}


def put(sync: str, left_id: str, right_id: str, by: str, now: datetime) -> bool:
    """Pair a left user with a right one in place of what was said of it before; false if just that was said."""
    with transaction.atomic():
        known = current(sync).get(left_id)
        if known and known.right_id == right_id:
            return False
        unset(sync, left_id, by, now)
        UserPair.objects.create(sync=sync, left_id=left_id, right_id=right_id, set_by=by[:100], set_at=now)
    return True


def unset(sync: str, left_id: str, by: str, now: datetime) -> bool:
    """Take a pair back; false if none was set."""
    rows = UserPair.objects.filter(sync=sync, left_id=left_id, unset_at=None)
    return bool(rows.update(unset_by=by[:100], unset_at=now))
