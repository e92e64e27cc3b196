"""`syncline explain` and `syncline reconcile`: why a record is as it is, and whether both sides agree."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from syncline.cli.failure import ERROR
from syncline.cli.output import Output
from syncline.cli.session import working
from syncline.engine import explain as stories
from syncline.engine import reconcile as comparison
from syncline.engine.reconcile import Reconciliation


def explain(*, record: str, field: str | None, settings: Path, sync: str | None, json: bool) -> int:
    """Tell of one record, or of one of its fields."""
    out = Output(as_json=json)
    with working(settings, sync) as context:
        found = stories.explain(context, record, field)
    if not out.document(found.to_json()):
        out.say(*found.lines())
    return 0


def reconcile(*, settings: Path, sync: str | None, json: bool) -> int:
    """Compare both sides whole."""
    out = Output(as_json=json)
    with working(settings, sync) as context:
        found = comparison.reconcile(context)
    if not out.document(found.to_json()):
        tell(out, found)
    return 0 if found.in_agreement else ERROR


def tell(out: Output, found: Reconciliation) -> None:
    """What a comparison found, in words."""
    out.say(f"{found.compared} records and links compared.")
    if found.explained:
        out.say("Differences that have a reason:")
        for reason, number in Counter(found.explained).most_common():
            out.say(f"  {number:>6} {reason}")
    for side in found.partial:
        out.say(f"The {side} side could not be read whole, so there is no verdict.")
    if found.in_agreement:
        out.say("Both sides agree: no difference is unexplained.")
        return
    out.say(f"Differences that nobody can explain: {found.unexplained}")
    for sample in found.samples:
        where = ", ".join(f"{name} {text}" for name, text in sample.items() if name != "difference")
        out.say(f"  {sample['difference']} ({where})")
    out.say("Run the sync once and compare again; what remains is worth a report.")
