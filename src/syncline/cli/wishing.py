"""A command's work is done here; or by the worker that is at the sync, and the command follows it."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from syncline.cli.failure import STOPPED
from syncline.cli.output import Output
from syncline.cli.progress import Reporter
from syncline.cli.session import looking
from syncline.core.errors import BusyError, RunStopped, known_as
from syncline.service.clock import choose_clock
from syncline.service.wanting import at_hand, worker_is_at
from syncline.service.watching import seen
from syncline.store import wishes
from syncline.store.wishes import WishState
from syncline.store.work_tables import Wish

EVERY_SECONDS = 0.3


@dataclass(frozen=True)
class Wanted:
    """What a command is to do, in the words of `service.wanting.WANTS`, and whether it waits for the outcome."""

    settings: Path
    sync: str | None
    work: str
    arguments: Mapping[str, Any]
    follow: bool = True


def here_or_by_worker(
    out: Output, wanted: Wanted, here: Callable[[], int], tell: Callable[[Wish], int]
) -> int:
    """The exit code of the work done here, or of what `tell` says of the wish that a worker fulfilled."""
    while True:
        try:
            return here()
        except BusyError as busy:
            code = _by_worker(out, wanted, busy, tell)
        if code is not None:
            return code
        out.say("The worker is gone before it came to it; this command does it itself.")


def _by_worker(out: Output, wanted: Wanted, busy: BusyError, tell: Callable[[Wish], int]) -> int | None:
    with looking(wanted.settings, wanted.sync) as (_, chosen):
        now = choose_clock(os.environ).now
        if not worker_is_at(chosen.name, now()):
            raise busy
        made = wishes.wish(chosen.name, wanted.work, wanted.arguments, by=getpass.getuser(), now=now())
        if not wanted.follow:
            if not out.document({"wish": made.pk}):
                out.say(f"A worker is at the sync {chosen.name}; it does this next, as wish {made.pk}.")
            return 0
        out.say(f"A worker is at the sync {chosen.name}; it does this next. Ctrl-C leaves it to it.")
        try:
            ended = _followed(made, now)
        except KeyboardInterrupt:
            out.say(f"The worker goes on with it, as wish {made.pk}. See: syncline status --follow")
            return STOPPED
        return _told(ended, tell)


def _followed(made: Wish, now: Callable[[], datetime]) -> Wish:
    """Show what the worker is at until the wish is over; withdrawn if no worker is left to fulfil it."""
    with Reporter() as reporter:
        while (found := wishes.get(made.pk)) is not None and found.state == WishState.OPEN:
            if not at_hand() and wishes.end(made.pk, WishState.WITHDRAWN, now()):
                return made
            step = (seen(made.sync, now()) or {}).get("step")
            if step:
                reporter.report(step["name"], step["done"], step["total"])
            time.sleep(EVERY_SECONDS)
    return found or made


def _told(ended: Wish, tell: Callable[[Wish], int]) -> int | None:
    if ended.state == WishState.DONE:
        return tell(ended)
    if ended.state == WishState.FAILED:
        raise known_as(ended.error["code"])(ended.error["message"], hint=ended.error["cure"])
    if ended.state == WishState.WITHDRAWN:
        raise RunStopped("somebody cancelled the job before it was done")
    return None
