"""`syncline holds`: what waits for a person, and the answers."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from syncline.cli.names import named, subjects, with_names
from syncline.cli.output import Output, more, value
from syncline.cli.session import looking, working
from syncline.config import SyncSettings
from syncline.engine.answer import answer, answers
from syncline.store import holds as stored
from syncline.store.models import Hold

SHOWN = 40
_CAUSES = 5


def show(*, settings: Path, sync: str | None, show_all: bool, json: bool) -> int:
    """List the open holds: how many of each cause, then each of them."""
    out = Output(as_json=json)
    with looking(settings, sync) as (_, chosen):
        total = stored.count(chosen.name)
        most = total if show_all or json else SHOWN
        grouped = causes(stored.by_cause(chosen.name))
        found = _documents(chosen, stored.listed(chosen.name, most))
        if out.document({"sync": chosen.name, "open": total, "causes": grouped, "holds": found}):
            return 0
        if not total:
            out.say("Nothing waits for you.")
            return 0
        out.say(f"{total} holds wait for you. Causes:")
        out.table(["holds", "code", "cause"], [[g["holds"], g["code"], g["cause"]] for g in grouped])
        out.say("")
        columns = ["hold", "record", "field", "left", "right", "reason", "answers"]
        out.table(columns, (_line(each) for each in found))
    out.say(*more(min(total, most), total), "To answer one: syncline holds resolve NUMBER ANSWER")
    return 0


def causes(numbers: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """How many holds there are of each code and cause; causes that are each one's own are told by an example."""
    by_code: dict[str, Counter[str]] = {}
    for code, cause, number in numbers:
        by_code.setdefault(code, Counter())[cause] = number
    found = []
    for code, counted in by_code.items():
        if len(counted) > _CAUSES:
            cause = f"{counted.most_common(1)[0][0]}, and others like it"
            found.append({"code": code, "cause": cause, "holds": counted.total()})
        else:
            found += [{"code": code, "cause": cause, "holds": n} for cause, n in counted.items()]
    return sorted(found, key=lambda each: -each["holds"])


def _documents(settings: SyncSettings, rows: Iterable[Hold]) -> Iterator[dict[str, Any]]:
    for row, known in with_names(settings, rows):
        yield {
            "hold": row.pk,
            "kind": row.kind,
            "record": named(row, known),
            **{str(side): str(ref) for side, ref in subjects(row)},
            "field": row.key or None,
            "left_value": row.left_value,
            "right_value": row.right_value,
            "code": row.code,
            "reason": row.reason,
            "concerned": row.allowed,
            "answers": list(answers(row)),
            "opened_at": row.opened_at,
            "run": row.run_id,
        }


def _line(each: dict[str, Any]) -> list[object]:
    values = [value(each["left_value"]), value(each["right_value"])] if each["field"] else ["", ""]
    return [each["hold"], each["record"], each["field"], *values, each["reason"], each["answers"]]


def resolve(*, hold: int, ruling: str, settings: Path, sync: str | None, json: bool) -> int:
    """Keep a person's answer."""
    out = Output(as_json=json)
    with working(settings, sync, checked=False) as context:
        answer(context, hold, ruling, getpass.getuser())
    if not out.document({"hold": hold, "ruling": ruling}):
        out.say(f"Hold {hold} is answered: {ruling}. The next run acts on it: syncline run")
    return 0
