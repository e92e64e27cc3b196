"""Retention: history that is older than the settings say is let go."""

from __future__ import annotations

from datetime import datetime

from syncline.core.plan import ActionStatus
from syncline.store import wishes
from syncline.store.bulk import batches
from syncline.store.error_log import SyncError
from syncline.store.models import Action, Hold, Run
from syncline.store.runs import RunStatus, last_done

_ENDED = (RunStatus.DONE, RunStatus.STOPPED, RunStatus.FAILED, RunStatus.REPLACED)


def prune(sync: str, *, runs_before: datetime, errors_before: datetime) -> int:
    """Delete old finished runs with their journals, resolved errors and closed holds; how many runs went.

    The newest finished run stays, and so does a run with a write whose outcome is not known.
    """
    kept = last_done(sync)
    old = Run.objects.filter(sync=sync, status__in=_ENDED, ended_at__lt=runs_before)
    ids = list(old.exclude(pk=kept.pk if kept else 0).values_list("pk", flat=True))
    busy = Action.objects.filter(sync=sync, status=ActionStatus.OPEN).values_list("run_id", flat=True)
    gone = sorted(set(ids) - set(busy))
    for batch in batches(gone):
        Action.objects.filter(run_id__in=batch).delete()
        Run.objects.filter(pk__in=batch).delete()
    SyncError.objects.filter(sync=sync, resolved_at__lt=errors_before).delete()
    wishes.prune(sync, runs_before)
    Hold.objects.filter(sync=sync, state="closed", closed_at__lt=runs_before).delete()
    return len(gone)
