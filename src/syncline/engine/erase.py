"""Erase: take a person, or a company, out of all that is stored here, and keep them out (rule L4).

Whoever is linked with the record, in any sync, is the same one, and so is whoever shares a match key with it. The
systems' own records are not touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

from django.db import transaction

from syncline.core.errors import AmbiguousRecordError, NotFoundError
from syncline.core.frozen import frozen
from syncline.core.model import Kind, Ref, Side
from syncline.core.normalise import domain, email, fold
from syncline.engine.context import SyncContext
from syncline.engine.explain import find
from syncline.engine.lookup import keys_of
from syncline.engine.run import alone
from syncline.engine.screen import fingerprint_keys
from syncline.store import erasures, fingerprints, keys, leases, links, mirror, wipe
from syncline.store.database import compact, forget_thoroughly
from syncline.store.erasure_tables import Erasure
from syncline.store.erasures import NewErasure
from syncline.store.fingerprints import FingerprintKeys

MOST = 20
Place = tuple[str, Ref]
"""A connection and a record of it."""
Sides = Mapping[str, Mapping[Side, str]]
"""The connections of every sync, by its name: those that share one share its mirror."""


@frozen()
class Erasable:
    """All that is stored of one person or company.

    `texts` are what they are to be known by, the first record's first; `words` the addresses by which what is told
    of others may name them; `rows` how much there is, by table. `known` are erasures in force.
    """

    kind: str
    places: Sequence[Place]
    texts: Sequence[str]
    words: Collection[str]
    rows: Mapping[str, int]
    known: Sequence[Erasure] = ()

    @property
    def done(self) -> bool:
        """Whether they were erased, and nothing has come since."""
        return bool(self.known) and not self.rows.get("MirrorRecord")


def look(context: SyncContext, syncs: Sides, record: str) -> Erasable:
    """What erasing that record would erase; `record` is as `explain` takes it.

    Raises `NotFoundError`, `AmbiguousRecordError`, and `TokenKeyError` where there is no key for fingerprints.
    """
    prints = fingerprint_keys(context, erasures.prints())
    found = find(context, record)
    if not found:
        return _erased_before(context, prints, record)
    named = [(context.connection(side), ref) for side, ref in found]
    places = _whole(syncs, named[0], record)
    if not places.issuperset(named):
        if not _erased_together(prints, named):
            listed = ", ".join(f"{side}:{ref}" for side, ref in found)
            raise AmbiguousRecordError(
                f"several records answer to {record!r}, and nothing joins them: {listed}"
            )
        places.update(named)
    return _erasable(context, syncs, prints, found[0], places)


def _erased_together(prints: FingerprintKeys, places: Collection[Place]) -> bool:
    """Whether one erasure was about all of these: their link has ended, so that it joins them no more."""
    known = [erasures.known_by(prints.each([fingerprints.of_ref(*place)])) for place in places]
    return bool(set.intersection(*({row.pk for row in rows} for rows in known)))


def _erased_before(context: SyncContext, prints: FingerprintKeys, record: str) -> Erasable:
    """Who was erased answers to no name any more, but to the fingerprints of one."""
    text = fold(record)
    named = {email(text) if "@" in text else domain(text), text}
    kinds = [kind.kind.value for kind in context.settings.kinds]
    texts = [fingerprints.of_key(kind, value) for kind in kinds for value in sorted(filter(None, named))]
    known = erasures.known_by(prints.each(texts))
    if not known:
        raise NotFoundError(f"no record of either side answers to {record!r}")
    return Erasable(known[0].kind, (), texts, (), {}, known)


def _whole(syncs: Sides, first: Place, record: str) -> set[Place]:
    """Everybody who is or was linked with a record, or shares a match key with it, and with those in turn.

    A link ends because a record was deleted, merged or converted: who it joined is one all the same.
    """
    places, fresh = {first}, {first}
    while fresh:
        near: set[Place] = set()
        for sync, connections in syncs.items():
            for side, refs in _by_side(connections, fresh).items():
                near |= {(connections[side.other], ref) for ref in links.ever(sync, side, refs)}
                near |= {(connections[s], ref) for s, ref in keys.sharing(sync, side, refs)}
        fresh = near - places
        places |= fresh
        if len(places) > MOST:
            raise AmbiguousRecordError(
                f"more than {MOST} records are linked or share match keys with {record!r}",
                hint="They can hardly be one. Give those that are somebody else another address first.",
            )
    return places


def _by_side(connections: Mapping[Side, str], places: Collection[Place]) -> dict[Side, list[Ref]]:
    return {
        side: sorted(ref for connection, ref in places if connection == own)
        for side, own in connections.items()
    }


def _erasable(
    context: SyncContext, syncs: Sides, prints: FingerprintKeys, named: tuple[Side, Ref], places: set[Place]
) -> Erasable:
    side, ref = named
    kind = next(k.kind for k in context.settings.kinds if ref.object_type in k.object_types(side))
    values = _values(context, syncs, kind, places)
    places |= _buried(context, values)
    listed = sorted(places)
    texts = [fingerprints.of_ref(*place) for place in listed]
    texts += [fingerprints.of_key(kind.value, value) for value in sorted(values)]
    known = erasures.known_by(prints.each(texts[: len(listed)]))
    words = {value for value in values if "@" in value}
    return Erasable(kind.value, listed, texts, words, _rows(syncs, places), known)


def _rows(syncs: Sides, places: Collection[Place]) -> dict[str, int]:
    """How many rows are about them; a row about two of them counts once."""
    shown = [mirror.get_many(connection, refs) for connection, refs in _by_connection(places).items()]
    found = {"MirrorRecord": sum(not m.record.erased for known in shown for m in known.values())}
    for sync, connections in syncs.items():
        sides = [wipe.count(sync, side, refs) for side, refs in _by_side(connections, places).items()]
        for table in sides[0]:
            found[table] = found.get(table, 0) + max(counts[table] for counts in sides)
    return found


def _buried(context: SyncContext, values: Collection[str]) -> set[Place]:
    """Deleted records that show one of these: their values are kept as well, and nothing finds them any more."""
    return {
        (context.connection(side), ref)
        for side in Side
        for value in values
        for ref in mirror.buried(context.connection(side), list(context.schemas[side]), value)
    }


def _values(context: SyncContext, syncs: Sides, kind: Kind, places: set[Place]) -> set[str]:
    """Their match keys: as they were stored, and as their newest values give them."""
    found = {
        value
        for sync, connections in syncs.items()
        for side, refs in _by_side(connections, places).items()
        for value in keys.values(sync, side, refs)
    }
    for settings in (k for k in context.settings.kinds if k.kind is kind):
        for side in Side:
            own = [ref for connection, ref in places if connection == context.connection(side)]
            records = [m.record for m in mirror.get_many(context.connection(side), own).values()]
            named = keys_of(context, settings, side, records)
            found |= {value for pairs in named.values() for _, value in pairs}
    return found


def _by_connection(places: Collection[Place]) -> dict[str, list[Ref]]:
    found: dict[str, list[Ref]] = {}
    for connection, ref in places:
        found.setdefault(connection, []).append(ref)
    return found


@frozen()
class ErasureDone:
    """An erasure that is stored. `compacted`: whether the file holds nothing deleted any more; None elsewhere."""

    code: str
    found: Erasable
    compacted: bool | None


def erase(context: SyncContext, syncs: Sides, record: str, by: str) -> ErasureDone:
    """Erase whoever the record is, in one transaction, and make the database file forget it.

    Once more for somebody who was erased changes nothing, but makes the file forget again. `PlanError` while a
    run is at work on one of the syncs.
    """
    with all_alone(context, syncs, "it erases a record"):
        forget_thoroughly()
        prints = fingerprint_keys(context, erasures.prints())
        found = look(context, syncs, record)
        if found.done:
            return ErasureDone(found.known[-1].code, found, compact())
        code = prints.short(found.texts[0])
        now = context.now()
        new = NewErasure(code, context.name, found.kind, by, now)
        with transaction.atomic():
            erasures.keep(new, prints.first_id, {prints.make(text) for text in found.texts})
            _wipe(syncs, found, now)
        return ErasureDone(code, found, compact())


def _wipe(syncs: Sides, found: Erasable, now: datetime) -> None:
    for sync, connections in syncs.items():
        for side, refs in _by_side(connections, found.places).items():
            wipe.wipe(sync, side, refs, now)
    for connection, refs in _by_connection(found.places).items():
        wipe.wipe_mirror(connection, refs, now)
    wipe.wipe_words(found.words)


@contextmanager
def all_alone(context: SyncContext, syncs: Sides, doing: str) -> Iterator[None]:
    """Have no other process work meanwhile on any sync that may know the record."""
    with ExitStack() as stack:
        stack.enter_context(alone(context, doing))
        for sync in sorted(syncs.keys() - {context.name}):
            stack.enter_context(leases.held(f"sync {sync}", leases.this_process(), context.now(), doing))
        yield
