"""`syncline plan`: make a plan and show what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from syncline.cli.budgets import forecast_lines
from syncline.cli.names import named, subjects, with_names
from syncline.cli.output import Output, counted, more, value
from syncline.cli.session import working
from syncline.config import SyncSettings, load
from syncline.core.plan import Op
from syncline.engine.preview import progress
from syncline.service import budgets, runs, stages
from syncline.service.cost import calls_by_sort
from syncline.store import actions
from syncline.store.models import Action, Run

SHOWN = 40
"""How many actions of one sort are shown when only they are asked for."""
SAMPLE = 5
"""How many of each sort otherwise."""
OPS = (Op.DELETE, Op.UPDATE, Op.CREATE, Op.LINK, Op.MOVE, Op.HOLD, Op.SKIP, Op.END)
"""What is shown unless something else is asked for: the rest writes nothing to either side."""

MEANINGS = {
    "create": "records to be made on the other side",
    "update": "records whose fields change",
    "link": "records found to be the same",
    "commit": "links whose values agree, or differ on purpose: nothing is written",
    "hold": "wait for a person",
    "skip": "will not be done, with the reason",
    "end": "links that end, because a record is gone",
    "move": "links that move to the record a merged or converted one went into",
    "delete": "records to be deleted, because their counterparts were",
}


def plan(
    *, settings: Path, sync: str | None, limit: int | None, op: str | None, show_all: bool, json: bool
) -> int:
    """Make a plan and show it."""
    out = Output(as_json=json)
    with working(settings, sync) as context:
        made = runs.plan(context, limit=limit)
        sorts = calls_by_sort(context, made.pk)
        calls = {name: sum(each) for name, each in sorts.items()}
        ahead = budgets.forecast(load(settings), sorts, context.now())
        lines = [] if progress(context).first_run_done else stages.told(context.settings, context.described)
        wanted = [each for each in ([Op(op)] if op else OPS) if made.planned.get(each)]
        most = None if show_all or json else SHOWN if op else SAMPLE
        rows = {each: actions.of_run(made.pk, [each], most) for each in wanted}
        if not out.document(
            {
                **summary(made),
                "calls": calls,
                "forecast": ahead,
                "stages": lines,
                "actions": _documents(context.settings, chain(*rows.values())),
            }
        ):
            tell_plan(out, made, calls, ahead)
            out.say(*lines)
            for each in wanted:
                total = made.planned[each]
                out.say("")
                show_actions(out, context.settings, rows[each])
                out.say(*more(min(total, most or total), total, "--all" if op else f"--op {each}"))
            out.say("", *how_to_run(made))
    return 0


def summary(made: Run) -> dict[str, Any]:
    """A plan or run as JSON tells it."""
    return {
        "run": made.pk,
        "sync": made.sync,
        "status": str(made.status),
        "limit": made.limit,
        "planned": made.planned,
        "needs_approval": made.needs_approval,
        "approved_by": made.approved_by,
        "results": made.results,
        "calls": made.calls,
        "planned_at": made.planned_at,
        "started_at": made.started_at,
        "ended_at": made.ended_at,
        "error": made.error,
    }


def tell_plan(
    out: Output, made: Run, calls: Mapping[str, int], ahead: Mapping[str, Any] | None = None
) -> None:
    """How many actions of each sort a plan has, and what they cost."""
    out.say(
        f"Plan {made.pk} of the sync {made.sync}"
        + (f", limited to {made.limit} a kind" if made.limit else "")
    )
    for name, meaning in MEANINGS.items():
        if made.planned.get(name):
            out.say(f"  {made.planned[name]:>6} {name:<7} {meaning}")
    if not any(made.planned.values()):
        out.say("  nothing to do: both sides are as they should be")
    elif any(calls.values()):
        out.say(f"Its writes cost about {counted(_called(calls))}.", *forecast_lines(ahead or {}))


def _called(calls: Mapping[str, int]) -> dict[str, int]:
    return {f"calls to {name}": number for name, number in calls.items()}


def how_to_run(made: Run) -> list[str]:
    """What holds a plan, and the command that carries it out."""
    if not any(made.planned.values()):
        return []
    reasons = [f"It waits for approval: {need['reason']}." for need in made.needs_approval]
    approve = " --yes" if reasons else ""
    return [*reasons, f"To carry it out: syncline run --plan {made.pk}{approve}"]


def show_actions(out: Output, settings: SyncSettings, rows: Iterable[Action]) -> None:
    """A table with a line per action, or per field where fields are written."""
    lines = (line for row, known in with_names(settings, rows) for line in _lines(named(row, known), row))
    out.table(["action", "record", "field", "old -> new", "rule", "reason"], lines)


def _lines(who: str, row: Action) -> Iterator[tuple[str, ...]]:
    what = f"{row.op} {row.side}" if row.op in (Op.CREATE, Op.UPDATE, Op.DELETE) else row.op
    if not row.fields:
        yield what, who, "", "", row.rule, row.reason
        return
    for number, change in enumerate(row.fields):
        shown = (what, who) if number == 0 else ("", "")
        yield *shown, change["field"], _change(row, change), change["rule"], change.get("reason", "")


def _change(row: Action, change: dict[str, Any]) -> str:
    if row.op == Op.HOLD:
        return f"{value(change['source'])} | {value(change['before'])}"
    after = "(after it is made)" if change.get("awaits") else value(change["after"])
    return after if row.op == Op.CREATE else f"{value(change['before'])} -> {after}"


def _documents(settings: SyncSettings, rows: Iterable[Action]) -> Iterator[dict[str, Any]]:
    for row, known in with_names(settings, rows):
        yield {
            "op": row.op,
            "kind": row.kind,
            "side": row.side,
            "record": next((known[s] for s in subjects(row) if s in known), None),
            **{str(side): str(ref) for side, ref in subjects(row)},
            "rule": row.rule,
            "reason": row.reason,
            "fields": row.fields,
        }
