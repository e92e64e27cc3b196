"""Anew: single records as they are now, read by id with all that deciding about them rests on.

the records -> their counterparts -> the accounts of new ones -> candidates of those without a counterpart
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from syncline.connectors.base import Note
from syncline.core.model import Kind, Record, Ref, Side
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.engine.lookup import index, keys_of
from syncline.engine.sweep import with_fates
from syncline.store import keys, links, mirror, sweeps

IN_DOUBT = "it was deleted, or merged into another one; the next run finds out which"


def read_anew(context: SyncContext, wanted: Mapping[Side, Sequence[Ref]]) -> dict[Side, dict[Ref, Record]]:
    """Read just these records, by id; those that their systems showed.

    One that may have been merged, of which only a sweep can tell, is shown and changes nothing until that sweep.
    """
    shown = {side: _fetched(context, side, refs) for side, refs in wanted.items()}
    for side, found in shown.items():
        twins = links.twins(context.name, side, list(found))
        there = shown.get(side.other, {})
        _fetched(context, side.other, [ref for _, ref in twins.values() if ref not in there])
        fresh = [record for ref, record in found.items() if ref not in twins]
        accounts = accounts_of(context, side, [record.ref for record in fresh])
        fresh += _fetched(context, side, [ref for ref in accounts if ref not in found]).values()
        for kind in context.settings.kinds:
            _candidates(
                context, kind, side, [r for r in fresh if r.ref.object_type in kind.object_types(side)]
            )
    return shown


def _fetched(context: SyncContext, side: Side, refs: Iterable[Ref]) -> dict[Ref, Record]:
    found: dict[Ref, Record] = {}
    wanted = mirror.by_type(refs)
    total = sum(map(len, wanted.values()))
    for object_type, ids in wanted.items():
        able = context.connectors[side].capabilities(object_type)
        records = context.connectors[side].fetch(object_type, ids, context.fields(side, object_type))
        records = with_fates(context, side, records, able.merged_ids)
        doubtful = [record for record in records if in_doubt(context, side, record)]
        _leave_to_sweep(context, side, object_type, doubtful)
        keep(context, side, [record for record in records if record not in doubtful])
        found.update({record.ref: record for record in records})
        context.report(f"reading {context.connection(side)} {object_type}", len(found), total)
        context.check_stop()
    return found


def in_doubt(context: SyncContext, side: Side, record: Record) -> bool:
    """Whether a record that is gone may go on in one that was not read yet (rule L5)."""
    able = context.connectors[side].capabilities(record.ref.object_type)
    return bool(able.merged_ids) and record.deleted and record.fate is None


def _leave_to_sweep(context: SyncContext, side: Side, object_type: str, records: Sequence[Record]) -> None:
    connection = context.connection(side)
    sweeps.ask_for(connection, object_type, [record.ref.remote_id for record in records])
    for record in records:
        context.listen(connection, Note("in-doubt", str(record.ref), IN_DOUBT))


def keep(context: SyncContext, side: Side, records: Sequence[Record]) -> None:
    """Take in what a system showed, and make it findable."""
    mirror.observe(context.connection(side), records, context.now())
    for kind in context.settings.kinds:
        index(context, kind, side, [r for r in records if r.ref.object_type in kind.object_types(side)])


def _candidates(context: SyncContext, kind: KindSettings, source: Side, records: Sequence[Record]) -> None:
    """Ask the other system for whom nobody there is known: somebody may have made it since the last read (I2)."""
    wanted = [pair for pairs in keys_of(context, kind, source, records).values() for pair in pairs]
    known = keys.holders(context.name, source.other, kind.kind, wanted)
    for object_type in kind.object_types(source.other):
        connector = context.connectors[source.other]
        for key in connector.capabilities(object_type).finds:
            values = [value for each, value in wanted if each == key and not known.get((each, value))]
            if values:
                fields = context.fields(source.other, object_type)
                keep(context, source.other, connector.find(object_type, key, values, fields))


def accounts_of(context: SyncContext, source: Side, refs: Sequence[Ref]) -> list[Ref]:
    """The accounts of those of these records that have no counterpart yet: they come first (rule U4)."""
    linked = links.twins(context.name, source, refs)
    shown = mirror.get_many(context.connection(source), [ref for ref in refs if ref not in linked])
    accounts = context.settings.kind(Kind.ACCOUNT)
    types = accounts.object_types(source) if accounts else ()
    named = {
        Ref(object_type, value)
        for ref, seen in shown.items()
        for field in context.reference_fields[source].get(ref.object_type, ())
        for object_type in field.refers_to
        if object_type in types and isinstance(value := seen.record.values.get(field.name), str) and value
    }
    found = sorted(named - set(refs))
    known = links.twins(context.name, source, found)
    return [ref for ref in found if ref not in known]
