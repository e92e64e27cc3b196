"""The story of the leads: who becomes an account, who does not and why, and that nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncline.cli.demo.stand_ins import StandIn
from syncline.cli.demo.story import APPROVED_BY, Story, tell_first_plan
from syncline.cli.explanations import tell
from syncline.core.model import Side
from syncline.engine.explain import explain
from syncline.engine.reconcile import Reconciliation, reconcile
from syncline.service import runs
from syncline.service.clock import CLOCK_URL, TESTING
from syncline.store import standings
from syncline.store.models import Run
from syncline.store.standings import State

_MOST_ASKED = 3
FOUND = "found"
"""The rule of records whose counterpart turned up when it was to be made: their first merge is still to come."""


def prepare(stand_ins: Mapping[str, StandIn]) -> dict[str, str]:
    """Have CustomerOS tell everything that is required of leads, and hold the time, so that waiting leads wait."""
    source, apollo = stand_ins["customeros"], stand_ins["apollo"]
    source.turn("schema", {"quarantine": True, "lead_type": True})
    now = source.turn("clock", {"frozen": True})["now"]
    apollo.turn("clock", {"frozen": True, "now": now})
    return {CLOCK_URL: f"{source.control_url}/clock", TESTING: "1"}


def two_runs(story: Story) -> Reconciliation:
    """The first run, why some leads were left out, and a run that has nothing to do."""
    first = tell_first_plan(story)
    made = [runs.run(story.context, run_id=first, approved_by=APPROVED_BY)]
    if standings.rules(story.context.name, Side.LEFT, State.PENDING).get(FOUND):
        story.tell(
            "Apollo knew accounts by their names that were to be made: they are compared by a run of their own"
        )
        made.append(runs.run(story.context))
    _keep(story, "first", made)
    _tell_why(story)
    story.tell("The second run, with no lead changed before it: nothing to write")
    _keep(story, "second", [runs.run(story.context)])
    story.tell("Do both sides agree? Every record is read once more and compared")
    found = reconcile(story.context)
    tell(story.out, found)
    for each in story.stand_ins.values():
        each.turn("clock", {"frozen": False})
    return found


def _keep(story: Story, name: str, made: Sequence[Run]) -> None:
    """Note what runs did, and where the leads stand that are not linked: of those not eligible by what."""
    for each in made:
        story.keep(name, each)
    sync = story.context.name
    states = standings.counts(sync).get(Side.LEFT.value, {})
    story.runs[name] = {
        **{key: sum(each.results[key] for each in made) for key in ("created", "updated", "linked")},
        "error": states.get(State.FAILED.value, 0),
        "held": states.get(State.HELD.value, 0),
        "waiting": states.get(State.PENDING.value, 0),
        "not_eligible": standings.rules(sync, Side.LEFT, State.NOT_ELIGIBLE),
    }


def _tell_why(story: Story) -> None:
    """Ask about one lead of each of the requirements that left out the most."""
    story.tell("Who was left out, by requirement")
    sync = story.context.name
    left_out = standings.rules(sync, Side.LEFT, State.NOT_ELIGIBLE)
    story.out.say(*(f"{number:5} {name}" for name, number in left_out.items()))
    for name in list(left_out)[:_MOST_ASKED]:
        if lead := standings.example(sync, Side.LEFT, State.NOT_ELIGIBLE, name):
            story.out.say("", f"$ syncline explain {lead}", *explain(story.context, str(lead)).lines())


def edits_to_try(stand_ins: Mapping[str, StandIn]) -> tuple[str, ...]:
    """What a person can do while it goes on syncing."""
    source = stand_ins["customeros"].control_url
    return (
        "Change a lead as a person would, let five minutes pass, and see it go over:",
        f"  curl {source}/records/organizations?limit=1",
        f'  curl -X POST {source}/records/organizations/ID -d \'{{"name": "Another name"}}\'',
        f"  curl -X POST {source}/clock -d '{{\"advance\": 300}}'",
    )
