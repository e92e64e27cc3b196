"""`syncline demo`: the stand-ins of a sync, a program over them, and the story that is told of the two."""

from __future__ import annotations

import json as json_text
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncline.cli.demo import edits, leads, story
from syncline.cli.demo.going_on import go_on
from syncline.cli.demo.stand_ins import StandIn, standing
from syncline.cli.demo.story import Story
from syncline.cli.demo.workplace import workplace, write_settings
from syncline.cli.failure import ERROR
from syncline.cli.output import Output
from syncline.cli.progress import Reporter
from syncline.cli.session import stoppable
from syncline.config import load
from syncline.core.errors import ConfigError
from syncline.engine.reconcile import Reconciliation
from syncline.service.wiring import close_sync, open_sync

Environ = Mapping[str, str]


@dataclass(frozen=True)
class Show:
    """What is shown of one preset. `prepare` sets the stand-ins up; what it answers is added to the variables."""

    left: str
    right: str
    opening: str
    sync: str
    prepare: Callable[[Mapping[str, StandIn]], Environ]
    tell: Callable[[Story], Reconciliation]
    edits: Callable[[Mapping[str, StandIn]], tuple[str, ...]]


SHOWS = {
    "apollo-salesforce": Show(
        left="apollo",
        right="salesforce",
        opening="Starting two stand-ins, Apollo and Salesforce, with messy data in both ...",
        sync="crm",
        prepare=edits.prepare,
        tell=story.three_runs,
        edits=story.edits_to_try,
    ),
    "customeros-apollo": Show(
        left="customeros",
        right="apollo",
        opening="Starting two stand-ins, CustomerOS with leads of all kinds and Apollo with accounts ...",
        sync="leads",
        prepare=leads.prepare,
        tell=leads.two_runs,
        edits=leads.edits_to_try,
    ),
}


def demo(*, once: bool, folder: Path | None, dataset: str, seed: int, sync: str, json: bool) -> int:
    """Tell the whole story of a preset; with `once` it ends by itself."""
    show = SHOWS.get(sync)
    if show is None:
        raise ConfigError(
            f"there is no demonstration of {sync!r}", hint=f"Name one of {', '.join(sorted(SHOWS))}."
        )
    began = time.monotonic()
    out = Output(as_json=json)
    with Reporter() as reporter, stoppable() as stopping, workplace(folder) as place:
        out.say(show.opening)
        with standing(place, (show.left, show.right), dataset, seed) as stand_ins:
            settings = write_settings(place, show.sync, stand_ins)
            for name, each in stand_ins.items():
                out.say(f"  {name}: {each.base_url}")
            environ = {**os.environ, **show.prepare(stand_ins)}
            context = open_sync(load(settings), report=reporter.report, stopping=stopping, environ=environ)
            try:
                told = Story(out, context, stand_ins)
                found = show.tell(told)
                if not once:
                    go_on(told, settings, environ, show.edits(stand_ins), stopping)
                print(json_text.dumps(_ending(told, found, began)))
            finally:
                close_sync(context)
    return 0 if found.in_agreement else ERROR


def _ending(story: Story, found: Reconciliation, began: float) -> dict[str, Any]:
    return {
        **story.runs,
        "api_calls": story.calls(),
        "in_agreement": found.in_agreement,
        "unexplained": found.unexplained,
        "seconds": round(time.monotonic() - began, 1),
    }
