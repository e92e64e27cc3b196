"""`syncline start`: end the quiet period of a sync (rule C5)."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from syncline.cli.output import Output, cell
from syncline.cli.session import looking
from syncline.service.clock import choose_clock
from syncline.store import beginnings


def start(*, settings: Path, sync: str | None, json: bool) -> int:
    """Note who let the sync write, and when."""
    out = Output(as_json=json)
    with looking(settings, sync) as (_, chosen):
        anew = beginnings.start(chosen.name, getpass.getuser(), choose_clock(os.environ).now())
        found = beginnings.of(chosen.name)
    told = {"at": found.started_at, "by": found.started_by, "anew": anew}
    if out.document({"sync": chosen.name, "started": told}):
        return 0
    if anew:
        out.say(f"The sync {chosen.name} is started: it may write. See what it would do: syncline plan")
    else:
        by = f" by {found.started_by}" if found.started_by else ""
        out.say(f"The sync {chosen.name} was started already, {cell(found.started_at)} UTC{by}.")
    return 0
