"""Part: end the links of records that are gone, or let them move to the records these went on in."""

from __future__ import annotations

from collections.abc import Iterable

from syncline.core.fate import REMOVED
from syncline.core.model import Kind, Ref, Side
from syncline.core.plan import Op
from syncline.engine.commit import Commit
from syncline.engine.fates import LinkEnd
from syncline.store.links import LinkEnding
from syncline.store.models import Action as Row
from syncline.store.standings import Stand, State


def part(commit: Commit, row: Row, end: LinkEnd) -> None:
    """Keep the end of a link, and the link to the heir where it moves."""
    commit.ended.append(ending(end))
    commit.parted.update((end.link.left, end.link.right))
    if end.moving is None:
        commit.stands += _next(row, end.heirs.items(), "the link of a record that was merged into it ended")
        return
    commit.made.append(([row], end.moving))
    pair = ((Side.LEFT, end.moving.left), (Side.RIGHT, end.moving.right))
    commit.stands += _next(row, pair, "the link moved here; the first merge is next")


def ending(end: LinkEnd) -> LinkEnding:
    """How a link ends, as it is stored."""
    decision = end.decision
    how = REMOVED if decision.op is Op.DELETE else decision.rule
    return LinkEnding(end.link.id, end.link.left, end.link.right, how, decision.side, end.reason)


def _next(row: Row, refs: Iterable[tuple[Side, Ref]], reason: str) -> list[Stand]:
    """These records are decided anew by the next plan."""
    return [Stand(side, Kind(row.kind), ref, State.PENDING, 0, "heir", reason) for side, ref in refs]
