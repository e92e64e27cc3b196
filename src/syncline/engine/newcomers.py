"""Newcomers: records that showed up since a create was sent without an answer, and which of them it made.

A newcomer that shows all that was sent is the one, if there are no more of them than such creates. Where it
cannot be told, a person decides about the newcomer and about the record the create was for: none of the two gets
another counterpart by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncline.core.decide import PairContext
from syncline.core.mapping import ObjectPair
from syncline.core.match import NO_MATCH
from syncline.core.merge import UNKNOWN_OUTCOME
from syncline.core.model import Absent, Kind, Outcome, OutcomeStatus, Raw, Record, Ref, Side, is_empty
from syncline.core.normalise import normalise
from syncline.core.place import Subject, draft
from syncline.core.plan import ActionStatus, FieldChange, Op
from syncline.core.schema import Field, FieldType
from syncline.core.scope import KindSettings
from syncline.engine.batch import Batch, Ready
from syncline.engine.commit import Commit
from syncline.engine.context import SyncContext
from syncline.engine.counterpart import NO_ANSWER
from syncline.engine.derived import Derived
from syncline.engine.load import relations
from syncline.engine.parts import Parts
from syncline.engine.send import made
from syncline.store import actions, links, mirror
from syncline.store.holds import NewHold
from syncline.store.models import Action, Run
from syncline.store.standings import Stand, State

NAMING = frozenset(
    {FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.DOMAIN, FieldType.URL, FieldType.NUMBER}
)
"""The types of fields whose value tells one record from another, as a flag or a choice does not."""


@dataclass(frozen=True)
class Search:
    """The creates of one side of a kind whose answers never came, and who showed up there since."""

    context: SyncContext
    kind: KindSettings
    side: Side
    rows: Sequence[Action]
    taken: set[Ref] = field(default_factory=set)

    def resolve(self) -> None:
        """Settle every create that can be settled by now; who is known for certain is nobody else's doubt."""
        self._ask()
        alike: dict[str, list[Action]] = {}
        for row in self.rows:
            if not self._was_linked(row):
                alike.setdefault(mirror.digest(row.sent or {}), []).append(row)
        # A record that shows all of one create may show more: it is looked for among the fullest ones first.
        fullest = sorted(alike.values(), key=lambda rows: -len(rows[0].sent or {}))
        left = [self._recognise(rows) for rows in fullest]
        for rows in left:
            self._suspect(rows)

    def newcomers(self) -> set[Ref]:
        """Whoever showed up since the first of them was sent."""
        return {record.ref for record in self._free(self.rows)}

    def _ask(self) -> None:
        """Look for the records by their match keys, where the system can be asked: listings may be late."""
        connector = self.context.connectors[self.side]
        for object_type in self.kind.object_types(self.side):
            fields = self.context.fields(self.side, object_type)
            for key in sorted(connector.capabilities(object_type).finds):
                values = [v for row in self.rows if isinstance(v := (row.sent or {}).get(key), str) and v]
                found = connector.find(object_type, key, values, fields) if values else []
                mirror.observe(self.context.connection(self.side), found, self.context.now())

    def _recognise(self, rows: Sequence[Action]) -> Sequence[Action]:
        """Creates with the same payload: which newcomer belongs to which of them makes no difference.

        The creates of which no trace was found are left.
        """
        sent: Mapping[str, Raw] = rows[0].sent or {}
        exact = [r for r in self._free(rows) if sent and all(self._shows(r, *one) for one in sent.items())]
        if len(exact) > len(rows):
            for row in rows:
                self._doubt(row, exact)
            return []
        for row, found in zip(rows, exact, strict=False):
            self.taken.add(found.ref)
            self._adopt(row, found)
        for row in rows[len(exact) :] if exact else ():
            self._give_up(row)
        return [] if exact else rows

    def _suspect(self, rows: Sequence[Action]) -> None:
        """Look for a record that was changed since it was made."""
        doubtful = [r for r in self._free(rows) if self._resembles(r, rows[0].sent or {})] if rows else []
        for row in rows:
            if doubtful:
                self._doubt(row, doubtful)
            else:
                self._give_up(row)

    def _free(self, rows: Sequence[Action]) -> list[Record]:
        """Who showed up since these were sent, and is not known to be another's."""
        since = min(self._seen_before(row) for row in rows)
        return [r for r in self._newcomers(since) if r.ref not in self.taken]

    def _give_up(self, row: Action) -> None:
        if not self._may_still_appear(row):
            self._end(row, ActionStatus.MOVED, "it never arrived and is planned anew", State.PENDING)

    def _was_linked(self, row: Action) -> bool:
        source = actions.ref(row, self.side.other)
        if source and not links.twins(self.context.name, self.side.other, [source]):
            return False
        self._end(row, ActionStatus.UNKNOWN, "its record was linked before anybody could look", State.PENDING)
        return True

    def _seen_before(self, row: Action) -> int:
        """The place of the newest observation of the side when the create was sent."""
        return row.left_seq if self.side is Side.LEFT else row.right_seq

    def _newcomers(self, since: int) -> Iterator[Record]:
        """Living unlinked records that were first seen since then, in the order in which they showed up."""
        for object_type in self.kind.object_types(self.side):
            for batch in mirror.first_seen_after(self.context.connection(self.side), object_type, since):
                linked = links.twins(self.context.name, self.side, [m.record.ref for m in batch])
                free = (m.record for m in batch if m.record.ref not in linked)
                yield from (record for record in free if not (record.deleted or record.erased))

    def _field(self, record: Record, name: str) -> Field | None:
        return self.context.schemas[self.side][record.ref.object_type].fields.get(name)

    def _shows(self, record: Record, name: str, value: Raw) -> bool:
        """Whether a record may be the one made with this value: it shows it, or was still to get it."""
        described, shown = self._field(record, name), record.get(name)
        if described is None or isinstance(shown, Absent) or (described.set_later and is_empty(shown)):
            return described is not None
        expected = self.context.connectors[self.side].stored_as(record.ref.object_type, name, value)
        region = self.context.settings.region
        wanted = {normalise(described.type, value, region), normalise(described.type, expected, region)}
        return normalise(described.type, shown, region) in wanted

    def _resembles(self, record: Record, sent: Mapping[str, Raw]) -> bool:
        """Whether it could be the one, changed since by somebody or by the system itself."""
        for name, value in sent.items():
            described = self._field(record, name)
            naming = described is not None and described.type in NAMING
            known = naming and not is_empty(value) and not isinstance(record.get(name), Absent)
            if known and not is_empty(record.get(name)) and self._shows(record, name, value):
                return True
        return False

    def _may_still_appear(self, row: Action) -> bool:
        """Whether the system's listings may be too old to show the record yet."""
        connector = self.context.connectors[self.side]
        lags = [connector.capabilities(t).listing_lag for t in self.kind.object_types(self.side)]
        return self.context.now() - (row.sent_at or self.context.now()) < max(lags)

    # What came of it.

    def _commit(self, row: Action) -> Commit:
        return Commit(self.context, row.run_id, self.context.world)

    def _ended(self, row: Action, commit: Commit, status: ActionStatus, reason: str) -> None:
        row.status, row.done_at, row.reason = status.value, self.context.now(), reason
        commit.rows.append(row)

    def _end(self, row: Action, status: ActionStatus, reason: str, state: State) -> None:
        commit = self._commit(row)
        self._ended(row, commit, status, reason)
        source = actions.ref(row, self.side.other)
        commit.stands += [self._stand(self.side.other, source, state, reason)] if source else []
        commit.apply()

    def _stand(self, side: Side, ref: Ref, state: State, reason: str) -> Stand:
        return Stand(side, Kind(self.kind.kind), ref, state, 0, "open write", reason)

    def _doubt(self, row: Action, newcomers: Sequence[Record]) -> None:
        """A person decides: about the record it was made for, and about every record it may have made."""
        commit = self._commit(row)
        self._ended(row, commit, ActionStatus.HELD, NO_ANSWER)
        source = actions.ref(row, self.side.other)
        about: list[tuple[Side, Ref, tuple[str, ...]]] = [
            (self.side, r.ref, (str(source),)) for r in newcomers
        ]
        if source:
            about.insert(0, (self.side.other, source, tuple(str(r.ref) for r in newcomers)))
        for side, ref, concerned in about:
            left, right = (ref, None) if side is Side.LEFT else (None, ref)
            commit.decided[side].append(ref)
            commit.held.append(
                NewHold(
                    self.kind.kind,
                    side,
                    left,
                    right,
                    UNKNOWN_OUTCOME,
                    NO_ANSWER,
                    UNKNOWN_OUTCOME,
                    allowed=concerned,
                )
            )
            commit.stands.append(self._stand(side, ref, State.PENDING, NO_ANSWER))
        commit.apply()

    def _adopt(self, row: Action, found: Record) -> None:
        """Link the record that was made, as if its answer had come."""
        source = actions.ref(row, self.side.other)
        known = mirror.get_many(self.context.connection(self.side.other), [source] if source else [])
        mirrored = known[source] if source else None
        pair = self._pair(found.ref, source) if source else None
        if mirrored is None or pair is None:
            reason = "the settings no longer pair these object types"
            self._end(row, ActionStatus.UNKNOWN, reason, State.PENDING)
            return
        records = {self.side: [found], self.side.other: [mirrored.record]}
        frame = self.context.pair_context(self.kind, pair, relations(self.context, records, None))
        derived = Derived(
            kind=self.kind,
            refs={self.side.other: mirrored.record.ref},
            seqs={self.side.other: mirrored.seq},
            subject=Subject(self.side.other, mirrored.record, NO_MATCH),
            frame=frame,
            drafted=draft(frame, self.side.other, mirrored.record),
        )
        action = actions.to_core(row)
        changes = [
            c for c in action.fields if c.field in (row.sent or {}) and _arrived(frame, self.side, found, c)
        ]
        batch = Batch(self.context, Run(pk=row.run_id), self.kind, self.context.world)
        commit = self._commit(row)
        unsure = frozenset(
            key
            for key, translator in frame.translators.items()
            if is_empty(mirrored.record.get(translator.map.on(self.side.other)))
        )
        outcome = Outcome(OutcomeStatus.APPLIED, found)
        made(commit, batch, Ready(row, derived, action), outcome, changes, unsure)
        reason = "a lost answer was looked into"
        commit.stands.append(self._stand(self.side.other, mirrored.record.ref, State.PENDING, reason))
        commit.stands.append(self._stand(self.side, found.ref, State.PENDING, reason))
        commit.apply()

    def _pair(self, found: Ref, source: Ref) -> ObjectPair | None:
        left, right = (found, source) if self.side is Side.LEFT else (source, found)
        return self.kind.pair(left.object_type, right.object_type)


def _arrived(frame: PairContext, side: Side, found: Record, change: FieldChange) -> bool:
    """Whether a field was set before the answer was lost; what was not is merged anew."""
    described = frame.schema(side).fields.get(change.field)
    later = described is not None and described.set_later
    return not (later and is_empty(found.get(change.field)) and not is_empty(change.after))


def resolve_creates(
    context: SyncContext, kind: KindSettings, rows: Sequence[Action], known: Parts | None = None
) -> None:
    """Look for records that were made without our hearing of it, in these parts: those that were read since."""
    for search in _searches(context, kind, rows):
        if known is None or (search.side, kind.kind) in known:
            search.resolve()


def suspects(context: SyncContext) -> dict[Side, set[Ref]]:
    """Whoever may have been made without our hearing of it."""
    rows, found = actions.open_actions(context.name), {side: set[Ref]() for side in Side}
    for kind in context.settings.kinds:
        for search in _searches(context, kind, [row for row in rows if row.kind == kind.kind.value]):
            found[search.side] |= search.newcomers()
    return found


def _searches(context: SyncContext, kind: KindSettings, rows: Sequence[Action]) -> Iterator[Search]:
    for side in Side:
        mine = [row for row in rows if row.side == side and row.op == Op.CREATE]
        if mine:
            yield Search(context, kind, side, mine)
