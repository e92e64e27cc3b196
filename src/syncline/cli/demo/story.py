"""`syncline demo`: plan, approve, run, edit, run, ask why, and run once more."""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncline.cli.demo.edits import Edits, edit
from syncline.cli.demo.stand_ins import StandIn, standing
from syncline.cli.demo.workplace import workplace, write_settings
from syncline.cli.explanations import tell
from syncline.cli.failure import ERROR
from syncline.cli.output import Output, counted
from syncline.cli.plans import how_to_run, show_actions, tell_plan
from syncline.cli.progress import Reporter
from syncline.cli.runs import tell_run
from syncline.cli.session import stoppable
from syncline.config import load
from syncline.core.errors import PlanError, RunStopped
from syncline.core.model import Side
from syncline.core.plan import Op
from syncline.engine.context import SyncContext
from syncline.engine.explain import explain
from syncline.engine.reconcile import Reconciliation, reconcile
from syncline.service import runs
from syncline.service.cost import calls_of_plan
from syncline.service.wiring import close_sync, open_sync
from syncline.store import actions, holds, refusals, standings
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from syncline.store.standings import State

APPROVED_BY = "syncline demo"
_EVERY_SECONDS = 5.0
_SAMPLES = {Op.LINK: 3, Op.UPDATE: 3, Op.CREATE: 1, Op.HOLD: 3, Op.SKIP: 3}


@dataclass
class Story:
    """The demonstration as it is told."""

    out: Output
    context: SyncContext
    stand_ins: Mapping[str, StandIn]
    runs: dict[str, dict[str, int]] = field(default_factory=dict)

    def tell(self, title: str) -> None:
        self.out.say("", f"== {title}")

    def keep(self, name: str, made: Run) -> None:
        """Note what a run did and what is open at its end; the story ends with a run that was not done."""
        if made.status == RunStatus.STOPPED:
            raise RunStopped("the demonstration was asked to stop")
        if made.status != RunStatus.DONE:
            raise PlanError(f"the {name} run was not carried out: {'; '.join(how_to_run(made))}")
        done = {key: made.results.get(key, 0) for key in ("created", "updated", "linked")}
        self.runs[name] = {**done, **open_now(self.context.name)}
        tell_run(self.out, made)
        still = {key: self.runs[name][key] for key in ("held", "rejected", "skipped")}
        self.out.say(f"  open at its end: {counted(still)}")


def open_now(sync: str) -> dict[str, int]:
    """What waits, what is refused and what is not eligible at the moment."""
    states = standings.counts(sync)
    skipped = sum(by.get(State.NOT_ELIGIBLE.value, 0) for by in states.values())
    return {"held": holds.count(sync), "rejected": refusals.count(sync), "skipped": skipped}


def demo(*, once: bool, folder: Path | None, dataset: str, seed: int, json: bool) -> int:
    """Tell the whole story; with `once` it ends by itself."""
    began = time.monotonic()
    out = Output(as_json=json)
    with Reporter() as reporter, stoppable() as stopping, workplace(folder) as place:
        out.say("Starting two stand-ins, Apollo and Salesforce, with messy data in both ...")
        with standing(place, dataset, seed) as stand_ins:
            settings = write_settings(place, stand_ins)
            for name, each in stand_ins.items():
                out.say(f"  {name}: {each.base_url}")
            context = open_sync(load(settings), report=reporter.report, stopping=stopping)
            try:
                story = Story(out, context, stand_ins)
                found = _three_runs(story)
                if not once:
                    _go_on(story, settings, stopping)
                print(json_text.dumps(_ending(story, found, began)))
            finally:
                close_sync(context)
    return 0 if found.in_agreement else ERROR


def _three_runs(story: Story) -> Reconciliation:
    _first_run(story)
    story.tell("People edit forty records on both sides")
    edits = edit(story.context, story.stand_ins)
    story.out.say(*edits.told)
    story.tell("The second run carries the edits over")
    story.keep("second", runs.run(story.context))
    _tell_why(story, edits)
    story.tell("The third run, with nothing edited before it: nothing to write, nothing to try again")
    story.keep("third", runs.run(story.context))
    story.tell("Do both sides agree? Every record is read once more and compared")
    found = reconcile(story.context)
    tell(story.out, found)
    return found


def _first_run(story: Story) -> None:
    out, context = story.out, story.context
    story.tell("The plan: what a first run would do; nothing is written yet")
    made = runs.plan(context)
    tell_plan(out, made, dict(calls_of_plan(context, made.pk)))
    for op, number in _SAMPLES.items():
        if rows := actions.of_run(made.pk, [op], number):
            out.say(
                "",
                f"Some of what it would {op}:" if op is not Op.HOLD else "Some of what waits for a person:",
            )
            show_actions(out, context.settings, rows)
    story.tell("The first run of a sync waits for a person's approval; the demonstration approves this plan")
    for need in made.needs_approval:
        out.say(f"  {need['reason']}")
    story.keep("first", runs.run(context, run_id=made.pk, approved_by=APPROVED_BY))


def _tell_why(story: Story, edits: Edits) -> None:
    """Ask about the three records that were asking for trouble."""
    questions: tuple[tuple[str, str, str | None], ...] = (
        (
            "Both sides changed the same first name and nobody owns it: it waits for a person",
            f"contact/{edits.conflict}",
            "first_name",
        ),
        ("Two Salesforce contacts could be this person: nobody guesses", f"contact/{edits.ambiguous}", None),
        (
            "Salesforce refused the industry; the record's other fields go on, and the value is not tried again",
            f"account/{edits.rejected}",
            "industry",
        ),
    )
    for title, record, name in questions:
        story.tell(title)
        story.out.say(f"$ syncline explain {record}" + (f" {name}" if name else ""))
        story.out.say(*explain(story.context, record, name).lines())


def _go_on(story: Story, settings: Path, stopping: Callable[[], bool]) -> None:
    """Sync every few seconds until somebody stops it."""
    salesforce = story.stand_ins["salesforce"].control_url
    story.tell(f"From now on it syncs every {_EVERY_SECONDS:.0f} seconds; Ctrl-C ends it")
    story.out.say(
        "In another terminal, look at it:",
        f"  . {settings.parent}/credentials.sh; export SYNCLINE_SETTINGS={settings}",
        "  syncline status; syncline holds list; syncline errors",
        "Edit a record as a person would, and see it go over:",
        f"  curl {salesforce}/records/Contact?limit=1",
        f'  curl -X POST {salesforce}/records/Contact/ID -d \'{{"FirstName": "Janet"}}\'',
    )
    with suppress(RunStopped):
        while _waited(stopping):
            made = runs.run(story.context)
            if any(made.planned.values()) or made.status != RunStatus.DONE:
                tell_run(story.out, made)


def _waited(stopping: Callable[[], bool]) -> bool:
    """Wait for the next round; false when somebody asks to stop."""
    until = time.monotonic() + _EVERY_SECONDS
    while time.monotonic() < until and not stopping():
        time.sleep(0.1)
    return not stopping()


def _ending(story: Story, found: Reconciliation, began: float) -> dict[str, Any]:
    context = story.context
    calls = {context.connection(side): sum(context.connectors[side].calls_made().values()) for side in Side}
    return {
        **story.runs,
        "api_calls": calls,
        "in_agreement": found.in_agreement,
        "unexplained": found.unexplained,
        "seconds": round(time.monotonic() - began, 1),
    }
