"""What a link that moves takes along, and what one that ends leaves to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from syncline.core.agreement import Agreement
from syncline.core.convert import Translator
from syncline.core.criteria import Mark
from syncline.core.decide import PairContext
from syncline.core.fate import UNCOMMITTED
from syncline.core.model import Absent, Raw, Record, Side, is_empty
from syncline.core.plan import FieldChange
from syncline.core.schema import FieldType, ObjectSchema
from syncline.core.scope import KindSettings
from syncline.core.written import parts_of

MARK = "on_ended"
"""The key and the rule of the field that a record gets when its link ends; it is no field map."""

MOVED = "moved"
"""Why a field is settled whose new record shows something else while a change of the other side has to go over yet."""

Agreements = Mapping[str, Agreement]


def own_values(frame: PairContext, agreements: Agreements, side: Side, record: Record) -> dict[str, Raw]:
    """What would be lost with a record, by the labels of its fields: changes, and values that never went over."""
    found = {
        t.field(side).label: _known(record, t, side) for _, t in _changed(frame, agreements, side, record)
    }
    for key, translator in frame.translators.items():
        known, label = agreements.get(key), translator.field(side).label
        met = known is not None and known.map == frame.fingerprints[key]
        value = _known(record, translator, side)
        if not met and translator.map.direction.allows(side.other) and not is_empty(value):
            found[label] = value
    return found


def _changed(
    frame: PairContext, agreements: Agreements, side: Side, record: Record
) -> Iterator[tuple[str, Translator]]:
    for key, translator in frame.translators.items():
        known, now = agreements.get(key), record.get(translator.map.on(side))
        if known is None or known.map != frame.fingerprints[key] or isinstance(now, Absent):
            continue
        if not _same(translator, side, now, known.seen(side)):
            yield key, translator


def _same(translator: Translator, side: Side, one: Raw, other: Raw) -> bool:
    return one == other or translator.own(side, one) == translator.own(side, other)


def _known(record: Record, translator: Translator, side: Side) -> Raw:
    value = record.get(translator.map.on(side))
    return None if isinstance(value, Absent) else value


def uncommitted(
    frame: PairContext, agreements: Agreements, side: Side, record: Record, heir: Record | None
) -> tuple[FieldChange, ...]:
    """Changes of a record that were still to go over when its link ended: nothing is written from them.

    What the heir of its counterpart shows already is no loss.
    """
    found: list[FieldChange] = []
    for key, translator in _changed(frame, agreements, side, record):
        value = _known(record, translator, side)
        if not translator.map.direction.allows(side.other) or _shows(translator, side.other, heir, value):
            continue
        values = {side: value, side.other: agreements[key].seen(side.other)}
        reason = (
            f"{translator.field(side).label} of {record.ref} was changed on the {side}, and its link ended before that "
            "could go over: carry it over by hand where it is wanted"
        )
        left, right = values[Side.LEFT], values[Side.RIGHT]
        found.append(FieldChange(key, translator.map.right, right, None, left, UNCOMMITTED, reason))
    return tuple(found)


def _shows(translator: Translator, side: Side, heir: Record | None, value: Raw) -> bool:
    if heir is None or translator.map.on(side) not in heir.values:
        return False
    common = translator.common
    return common(side, _known(heir, translator, side)) == common(side.other, value)


def moved_agreements(
    old: PairContext | None,
    new: PairContext,
    agreements: Agreements,
    moved: Collection[Side],
    records: Mapping[Side, Record],
) -> dict[str, Agreement]:
    """The agreements of a link that moved, under the maps of the pair it moves to (DESIGN 6).

    A field keeps its agreement where the new record shows what the old one showed. The others meet for the first
    time, except that a change of the side that stays is still a change.
    """
    found = {key: _moved(old, new, agreements, moved, records, key) for key in new.translators}
    return {key: each for key, each in found.items() if each}


def _moved(
    old: PairContext | None,
    new: PairContext,
    agreements: Agreements,
    moved: Collection[Side],
    records: Mapping[Side, Record],
    key: str,
) -> Agreement | None:
    translator, fingerprint, known = new.translators[key], new.fingerprints[key], agreements.get(key)
    values = {side: records[side].get(translator.map.on(side)) for side in Side}
    shown = {side: value for side, value in values.items() if not isinstance(value, Absent)}
    if len(shown) < len(values):
        return None
    mine = known if known and known.map == fingerprint else None
    if mine and all(_same(translator, side, shown[side], mine.seen(side)) for side in moved):
        return mine
    if len(moved) > 1 or old is None:
        return None
    stays = next(iter(moved)).other
    before = mine or _before(old, agreements, stays, translator.map.on(stays))
    if before is None or _same(translator, stays, shown[stays], before.seen(stays)):
        return None
    seen = {stays: before.seen(stays), stays.other: shown[stays.other]}
    base = mine.base if mine else None
    return Agreement(base, seen[Side.LEFT], seen[Side.RIGHT], fingerprint, agreed=False, settled=MOVED)


def _before(old: PairContext, agreements: Agreements, side: Side, name: str) -> Agreement | None:
    """The agreement in which a field of that side took part until now, whatever it was mapped to."""
    found = (agreements.get(key) for key, t in old.translators.items() if t.map.on(side) == name)
    return next((each for each in found if each), None)


def without_mark(
    kind: KindSettings, side: Side, types: tuple[str, str], agreements: Agreements
) -> dict[str, Agreement]:
    """The agreements of a link that is made again, but for the field its record was marked in meanwhile."""
    mark, pair = kind.on_ended.get(side), kind.pair(*types)
    marked = {m.key for m in pair.active if m.on(side) == mark.field} if mark and pair else set()
    return {key: each for key, each in agreements.items() if key not in marked}


def mark_change(schema: ObjectSchema, mark: Mark, record: Record) -> FieldChange | str | None:
    """The mark of a record whose link ends, in words why it cannot be made, or nothing where it is there already."""
    described = schema.fields.get(mark.field)
    if described is None or not described.updatable:
        return f"{mark.field} cannot be written to {record.ref}"
    if isinstance(now := record.get(mark.field), Absent):
        return f"{described.label} of {record.ref} is {now.value}"
    option = described.option(mark.value)
    if option is None and described.options and described.restricted:
        return f"{described.label} has no option {mark.value}"
    value: Raw = option.value if option else mark.value
    if described.type is FieldType.MULTIPICKLIST:
        parts = [] if is_empty(now) else parts_of(now)
        if str(value).casefold() in {part.casefold() for part in parts}:
            return None
        value = [*parts, str(value)]
    elif now == value:
        return None
    why = "its counterpart is gone and it stays"
    return FieldChange(MARK, mark.field, now, value, None, MARK, why)
