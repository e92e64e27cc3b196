"""What happens after the story: `syncline serve` keeps both sides in agreement until somebody ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from syncline.cli.demo.processes import ready, started
from syncline.cli.demo.story import Story
from syncline.cli.runs import tell_run
from syncline.store import runs

_LOOK_SECONDS = 0.5


def go_on(
    story: Story,
    settings: Path,
    environ: Mapping[str, str],
    edits: tuple[str, ...],
    stopping: Callable[[], bool],
) -> None:
    """Serve until somebody stops it, and tell of each run that had something to do."""
    words = ["syncline", "serve", "--settings", str(settings), "--listen", "127.0.0.1:0", "--json"]
    with started("serve", words, settings.parent, environ) as process:
        address = ready("serve", process, settings.parent)["listening"]
        story.tell("From now on `syncline serve` keeps both sides in agreement by itself; Ctrl-C ends it")
        story.out.say(
            f"It is process {process.pid} and answers at {address}. In another terminal, look at it:",
            f"  . {settings.parent}/credentials.sh; export SYNCLINE_SETTINGS={settings}",
            f"  curl {address}/readyz; syncline status; syncline holds list; syncline errors",
            "Kill it and start it again, and it goes on:",
            f"  kill -9 {process.pid}; syncline serve --listen 127.0.0.1:0",
            *edits,
        )
        _watch(story, process.poll, stopping)


def _watch(story: Story, ended: Callable[[], int | None], stopping: Callable[[], bool]) -> None:
    name = story.context.name
    told, gone = _newest(name), False
    while _waited(stopping):
        if ended() is not None and not gone:
            gone = True
            story.out.say(
                "", "The process that serves is gone. Nothing is lost; start it again as shown above."
            )
        for made in reversed(runs.latest(name)):
            if made.pk > told and made.ended_at is not None:
                told = made.pk
                if any(made.planned.values()) or made.error:
                    tell_run(story.out, made)


def _newest(sync: str) -> int:
    return max((row.pk for row in runs.latest(sync, 1)), default=0)


def _waited(stopping: Callable[[], bool]) -> bool:
    """Wait for the next look; false when somebody asks to stop."""
    until = time.monotonic() + _LOOK_SECONDS
    while time.monotonic() < until and not stopping():
        time.sleep(0.1)
    return not stopping()
