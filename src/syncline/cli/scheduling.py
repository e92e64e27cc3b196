"""`syncline schedule`: when runs begin by themselves, and having them not begin for a while."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from syncline.cli.output import Output, cell
from syncline.cli.session import looking
from syncline.config import SyncSettings
from syncline.core.model import Kind
from syncline.service.clock import choose_clock
from syncline.service.due import GRACE
from syncline.service.schedule_view import side_first, view
from syncline.store import schedules

_COLUMNS = ["reads", "kind", "every", "next, UTC", "last begun, UTC", "missed", "paused"]


def show(*, sync: str | None, kind: str | None, settings: Path, json: bool) -> int:
    """Tell what is due when."""
    out = Output(as_json=json)
    now = choose_clock(os.environ).now()
    with looking(settings, sync) as (document, chosen):
        wanted = _kind(chosen, kind)
        found = view(document, chosen, now)
    found["parts"] = [part for part in side_first(found) if wanted in (None, part["kind"])]
    if not out.document({"sync": chosen.name, "schedule": found}):
        out.table(_COLUMNS, [_line(part, found, now) for part in found["parts"]])
        out.say(*told(found))
        out.say(f"Audit: {found['audit']} ({found['time_zone']}); nothing starts by it yet")
    return 0


def pause(*, sync: str | None, kind: str | None, settings: Path, json: bool) -> int:
    """Have nothing begin by itself."""
    out, by = Output(as_json=json), getpass.getuser()
    with looking(settings, sync) as (_, chosen):
        row, new = schedules.pause(chosen.name, _kind(chosen, kind), by, choose_clock(os.environ).now())
    paused = {"at": row.paused_at, "by": row.paused_by}
    if not out.document({"sync": chosen.name, "kind": kind, "paused": paused, "new": new}):
        out.say(
            f"{_named(chosen, kind)}: nothing begins by itself before `syncline schedule resume`."
            if new
            else f"{_named(chosen, kind)}: already paused by {row.paused_by}, {cell(row.paused_at)} UTC."
        )
    return 0


def resume(*, sync: str | None, kind: str | None, settings: Path, json: bool) -> int:
    """Let runs begin by themselves again."""
    out, now = Output(as_json=json), choose_clock(os.environ).now()
    with looking(settings, sync) as (document, chosen):
        number = schedules.resume(chosen.name, _kind(chosen, kind), now, GRACE)
        found = view(document, chosen, now)
    if not out.document({"sync": chosen.name, "kind": kind, "resumed": number, "schedule": found}):
        out.say(
            f"{_named(chosen, kind)}: {'it may begin by itself again' if number else 'it was not paused'}.",
            *told(found),
        )
    return 0


def told(found: Mapping[str, Any]) -> list[str]:
    """What keeps runs from beginning by themselves, and why systems are read less often than the settings say."""
    lines = list(_slower(found))
    if paused := found["paused"]:
        lines.append(f"Paused by {paused['by']}, {cell(paused['at'])} UTC; go on: syncline schedule resume")
    if wait := found["waits"]:
        until = f"until {cell(wait['until'])} UTC" if wait["until"] else "for a person"
        lines.append(f"Waits {until}: {wait['why']}")
        lines += [f"  {wait['cure']}"] if wait["cure"] else []
    if found["plan"]:
        lines.append(f"Next: plan {found['plan']} waits for approval; until then records are only read")
    return lines


def next_of(part: Mapping[str, Any], found: Mapping[str, Any], now: datetime) -> str:
    """When a part is read next, in a few words."""
    if part["paused"] or found["paused"]:
        return "paused"
    if wait := found["waits"]:
        return f"waits, {cell(max(part['due_at'], wait['until']))}" if wait["until"] else "waits"
    return "due" if part["due_at"] <= now else cell(part["due_at"])


def _slower(found: Mapping[str, Any]) -> Iterator[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for part in found["parts"]:
        if part["why"]:
            what = f"{part['kind']} every {part['really']} instead of {part['every']}"
            by_reason.setdefault((part["connection"], part["why"]), []).append(what)
    for (connection, why), parts in by_reason.items():
        yield f"{connection} is read less often, {', '.join(parts)}: {why}"


def _line(part: Mapping[str, Any], found: Mapping[str, Any], now: datetime) -> list[object]:
    paused = part["paused"]
    by = f"by {paused['by']}, {cell(paused['at'])}" if paused else ""
    coming = next_of(part, found, now)
    return [part["connection"], part["kind"], part["really"], coming, part["begun_at"], part["missed"], by]


def _kind(settings: SyncSettings, name: str | None) -> Kind | None:
    return settings.kind_named(name) if name else None


def _named(settings: SyncSettings, kind: str | None) -> str:
    return f"{settings.name}, {kind}" if kind else settings.name
