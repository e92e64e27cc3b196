"""`syncline status --follow`: how far the run is that goes on, until it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from syncline.cli.output import Output, printable
from syncline.connectors.base import Clock
from syncline.service.watching import seen

EVERY_SECONDS = 0.5


def follow(out: Output, sync: str, clock: Clock) -> bool:
    """Show each change until nobody is at the sync; false if Ctrl-C ended it before. The run is left alone."""
    shown: Mapping[str, Any] | None = None
    try:
        while (found := seen(sync, clock.now())) is not None:
            if found != shown and not out.document({"sync": sync, "progress": found}):
                _show(out, line(found))
            shown = found
            sys.stdout.flush()
            time.sleep(EVERY_SECONDS)
    except KeyboardInterrupt:
        return False
    finally:
        if shown and sys.stdout.isatty() and not out.as_json:
            print()
    return True


def line(found: Mapping[str, Any]) -> str:
    """How far the work is, in one line."""
    step = found["step"]
    if step is None:
        return f"{found['doing'] or 'at work'} ({found['by']})"
    of_all = f" of {step['total']}" if step["total"] is not None else ""
    rate = f", {step['rate']} a second" if step["rate"] is not None else ""
    left = step["seconds_left"]
    ends = f", about {timedelta(seconds=left)} left" if left is not None else ""
    return f"{step['name']}: {step['done']}{of_all}{rate}{ends}"


def _show(out: Output, text: str) -> None:
    """On a terminal the line takes the place of the one before."""
    if not sys.stdout.isatty():
        out.say(text)
        return
    print(f"\r\x1b[K{printable(text)}", end="", flush=True)
