"""Wanting: what a person asks for while a worker is at the sync is left to that worker, and goes before the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.config import Document
from syncline.connectors.clock import SystemClock
from syncline.core.by_hand import ByHand
from syncline.core.errors import BusyError, RunStopped, StoreError, SynclineError
from syncline.core.model import Side
from syncline.engine import run as engine
from syncline.engine.context import SyncContext
from syncline.service import runs
from syncline.service.jobs.port import Job, Urgency
from syncline.service.jobs.running import run
from syncline.service.redact import REDACTOR
from syncline.store import leases, wishes, workers
from syncline.store.runs import RunStatus
from syncline.store.wishes import WishState

AGAIN = timedelta(minutes=10)
"""After that time an open wish is queued once more, should its job have been lost. Two of them do it once."""
_JOB = "wish-"


def worker_is_at(sync: str, now: datetime) -> bool:
    """Whether it is a worker that works on the sync at the moment, and no other command."""
    at_work = leases.worker(f"sync {sync}", now)
    return at_work is not None and at_work[0] in at_hand()


def at_hand() -> list[str]:
    """The workers that are there; their leases go by the real time."""
    return workers.alive(SystemClock().now())


def due(document: Document, now: datetime) -> Iterator[Job]:
    """A job for everything that people asked for and nobody has done."""
    for wish in wishes.open_ones():
        if wish.sync in document.syncs:
            turn = max(0, (now - wish.wanted_at) // AGAIN)
            name = f"{_JOB}{wish.pk}" + (f"-{turn}" if turn else "")
            yield Job(name, wish.sync, Urgency.MANUAL, "wish", {"wish": wish.pk})


def withdraw(job: str, now: datetime) -> None:
    """Nobody is to do any more what that job was for, if it was for a wish."""
    number = job.removeprefix(_JOB).partition("-")[0]
    if job.startswith(_JOB) and number.isdecimal():
        wishes.end(int(number), WishState.WITHDRAWN, now)


def fulfil(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do what a person asked for, and note what came of it where the person's command looks for it."""
    wish = wishes.get(arguments["wish"])
    if wish is None or wish.state != WishState.OPEN:
        return {}
    try:
        found = WANTS[wish.work](context, wish.arguments)
    except (RunStopped, BusyError, StoreError):
        raise  # it stays open, and is taken up again
    except Exception as error:
        wishes.end(wish.pk, WishState.FAILED, context.now(), error=_told(error))
        raise
    number = found.get("run")
    wishes.end(wish.pk, WishState.DONE, context.now(), run_id=number, result=dict(found))
    return {"run": number}


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, SynclineError):
        return {
            "code": error.code,
            "message": REDACTOR.secrets(error.message),
            "cure": REDACTOR.secrets(error.cure),
        }
    message = f"something went wrong that nobody foresaw ({type(error).__name__})"
    return {"code": "internal", "message": message, "cure": "Look at the log of the worker."}


def _by_hand(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """A push or pull of chosen records, as `syncline push` does it."""
    wanted = ByHand(Side(arguments["to"]), arguments["overwrite"])
    done = runs.by_hand(context, arguments["records"], wanted, by=arguments["by"], dry=arguments["dry_run"])
    if done.run and done.run.status == RunStatus.STOPPED:
        raise RunStopped("the run was asked to stop; what was done so far is kept")
    return {
        "run": done.run.pk if done.run else None,
        "records": [outcome.to_json() for outcome in done.outcomes],
    }


def _pull(context: SyncContext, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """A look at both sides, as `syncline pull` does it."""
    return {"shown": engine.pull(context, whole=arguments["whole"])}


WANTS: Mapping[str, Callable[[SyncContext, Mapping[str, Any]], Mapping[str, Any]]] = {
    "run": run,
    "by_hand": _by_hand,
    "pull": _pull,
}
"""What a person can ask of a worker, by name; the rest is done where it is asked for."""
