"""Commit: what a batch of writes came to, stored in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from syncline.core.agreement import Agreement
from syncline.core.model import Kind, Record, Ref, Side
from syncline.core.plan import ActionStatus, Op
from syncline.core.references import Relations
from syncline.engine.context import SyncContext
from syncline.store import actions, holds, links, mirror, refusals, retries, standings
from syncline.store.error_log import SyncError
from syncline.store.holds import NewHold
from syncline.store.links import LinkEnding, NewLink
from syncline.store.models import Action
from syncline.store.refusals import Proof, Refusal
from syncline.store.standings import Stand, State


@dataclass
class Commit:
    """Everything a batch has to leave behind; `apply` stores it all or nothing."""

    context: SyncContext
    run_id: int
    world: str
    rows: list[Action] = field(default_factory=list)
    observed: dict[Side, list[Record]] = field(default_factory=lambda: {side: [] for side in Side})
    made: list[tuple[Sequence[Action], NewLink]] = field(default_factory=list)
    noted: dict[int, dict[str, Agreement]] = field(default_factory=dict)
    ended: list[LinkEnding] = field(default_factory=list)
    parted: set[Ref] = field(default_factory=set)
    """Records whose link is over: what a person said of it is carried out."""
    stands: list[Stand] = field(default_factory=list)
    decided: dict[Side, list[Ref]] = field(default_factory=lambda: {side: [] for side in Side})
    unfinished: dict[Side, set[Ref]] = field(default_factory=lambda: {side: set() for side in Side})
    answered: set[tuple[Ref, str]] = field(default_factory=set)
    """The fields, by left record and map key, about which a person's answer is still to be carried out."""
    over: list[refusals.Decided] = field(default_factory=list)
    held: list[NewHold] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    proved: list[tuple[Action, Sequence[str]]] = field(default_factory=list)
    fated: list[tuple[Ref, Ref]] = field(default_factory=list)
    """The records of links of which one is gone: what becomes of them was decided anew."""

    def apply(self) -> None:
        """Store observations, links, agreements, holds, errors, standings and the journal together."""
        now, sync = self.context.now(), self.context.name
        with transaction.atomic():
            seqs = {s: mirror.observe(self.context.connection(s), self.observed[s], now) for s in Side}
            links.end(self.ended, now)
            self._link()
            links.note(self.noted)
            linked = {ref for _, new in self.made for ref in (new.left, new.right)}
            done = linked | self.parted
            holds.renew(sync, self.decided, self.held, self.run_id, now, self.unfinished, done, self.answered)
            for side, kind in self._created():
                retries.end_pause(sync, side, kind, now)
            noted = refusals.note(sync, self.refused, self.run_id, now)
            fresh = {row.pk for row in noted}
            refusals.resolve(sync, self._proofs(), now, fresh)
            refusals.forget(sync, self.over, now, fresh)
            stands = [_timed(_moved(s, seqs), noted) for s in self.stands]
            standings.wake_around(sync, self.fated)
            standings.write(sync, stands, self.world, self.run_id)
            actions.finish(self.rows)

    def _proofs(self) -> list[Proof]:
        return [
            Proof(
                actions.ref(row, Side.LEFT),
                actions.ref(row, Side.RIGHT),
                Side(row.side),
                keys,
                wrote=row.op != Op.COMMIT,
            )
            for row, keys in self.proved
        ]

    def _created(self) -> set[tuple[Side, Kind]]:
        """Of which kinds something was created, and where."""
        rows = (row for rows, _ in self.made for row in rows)
        done = (row for row in rows if row.op == Op.CREATE and row.status == ActionStatus.APPLIED)
        return {(Side(row.side), Kind(row.kind)) for row in done}

    def _link(self) -> None:
        """Make the links, and wake the records whose decision rests on a link that was made or ended."""
        ids = links.make(self.context.name, [new for _, new in self.made], self.run_id, self.context.now())
        for rows, new in self.made:
            for row in rows:
                row.link_id = ids[new.left, new.right]
        ended = [(each.left, each.right) for each in self.ended]
        standings.wake_around(self.context.name, [*ids, *ended])


def _moved(stand: Stand, seqs: dict[Side, dict[Ref, int]]) -> Stand:
    """A standing rests on the observation its own write made."""
    seq = seqs[stand.side].get(stand.ref)
    return stand.at(seq) if seq else stand


def _timed(stand: Stand, noted: Sequence[SyncError]) -> Stand:
    """A standing after a refusal that may heal tells when the next try is, or that a person has to ask for it."""
    if stand.state is not State.PENDING or stand.rule != "refused":
        return stand
    mine = (row for row in noted if refusals.ref_of(row, stand.side) == stand.ref and not row.key)
    row = next((row for row in mine if row.tries), None)
    if row is None:
        return stand
    state = State.PENDING if row.next_try else State.FAILED
    return replace(stand, state=state, reason=f"{stand.reason}; {retries.tried_again(row.next_try)}")


def forget_idle(context: SyncContext) -> None:
    """Have fields agree anew once their map is on again, or their field readable again (DESIGN 5.4)."""
    for kind in context.settings.kinds:
        frames = [context.pair_context(kind, pair, Relations()) for pair in kind.pairs]
        keys = {(f.pair.left, f.pair.right): f.translators.keys() for f in frames}
        links.keep_only(context.name, kind.kind, keys)
