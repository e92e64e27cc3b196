"""The story of two CRMs: plan, approve, run, edit, run, ask why, and run once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.cli.demo.edits import Edits, edit
from syncline.cli.demo.stand_ins import StandIn
from syncline.cli.explanations import tell
from syncline.cli.output import Output, counted
from syncline.cli.plans import how_to_run, show_actions, tell_plan
from syncline.cli.runs import tell_run
from syncline.core.errors import PlanError, RunStopped
from syncline.core.model import Side
from syncline.core.plan import Op
from syncline.engine.context import SyncContext
from syncline.engine.explain import explain
from syncline.engine.reconcile import Reconciliation, reconcile
from syncline.service import runs
from syncline.service.cost import calls_of_plan
from syncline.store import actions, holds, refusals, standings
from syncline.store.models import Run
from syncline.store.runs import RunStatus
from syncline.store.standings import State

APPROVED_BY = "syncline demo"
_SAMPLES = {Op.LINK: 3, Op.UPDATE: 3, Op.CREATE: 1, Op.HOLD: 3, Op.SKIP: 3}


@dataclass
class Story:
    """The demonstration as it is told."""

    out: Output
    context: SyncContext
    stand_ins: Mapping[str, StandIn]
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def tell(self, title: str) -> None:
        self.out.say("", f"== {title}")

    def calls(self) -> dict[str, int]:
        """How many calls each connection got in all."""
        context = self.context
        return {
            context.connection(side): sum(context.connectors[side].calls_made().values()) for side in Side
        }

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


def three_runs(story: Story) -> Reconciliation:
    """The first run, people who edit, what became of it, and a run that has nothing to do."""
    first = tell_first_plan(story)
    story.keep("first", runs.run(story.context, run_id=first, approved_by=APPROVED_BY))
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


def tell_first_plan(story: Story) -> int:
    """Make the plan of the first run and tell what is in it; its number."""
    out, context = story.out, story.context
    story.tell("The plan: what a first run would do; nothing is written yet")
    made = runs.plan(context)
    tell_plan(out, made, dict(calls_of_plan(context, made.pk)))
    for op, number in _SAMPLES.items():
        if made.planned.get(op):
            out.say(
                "",
                f"Some of what it would {op}:" if op is not Op.HOLD else "Some of what waits for a person:",
            )
            show_actions(out, context.settings, actions.of_run(made.pk, [op], number))
    story.tell("The first run of a sync waits for a person's approval; the demonstration approves this plan")
    for need in made.needs_approval:
        out.say(f"  {need['reason']}")
    return made.pk


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


def edits_to_try(stand_ins: Mapping[str, StandIn]) -> tuple[str, ...]:
    """What a person can do while it goes on syncing."""
    salesforce = stand_ins["salesforce"].control_url
    return (
        "Edit a record as a person would, and see it go over:",
        f"  curl {salesforce}/records/Contact?limit=1",
        f'  curl -X POST {salesforce}/records/Contact/ID -d \'{{"FirstName": "Janet"}}\'',
    )
