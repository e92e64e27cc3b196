"""Strategies for whole merges: two fields, a map, an agreement and what both sides show."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from syncline.core.agreement import Agreement, WriteMark
from syncline.core.convert import Terms, Translator, Users
from syncline.core.mapping import FieldMap
from syncline.core.merge import FieldMerge, Observed, Ruling
from syncline.core.model import MISSING, WITHHELD, Absent, Raw, Ref, Side, Value
from syncline.core.policy import Direction, OnClear, OnConflict, OnDrift, OnFirstContact, WriteRule
from syncline.core.references import Relations
from syncline.core.schema import Field, FieldType
from syncline.testing.strategies import CHOICES, change_times

NOW = datetime(2024, 1, 2, tzinfo=UTC)
BOTH = {side: frozenset({"id1"}) for side in Side}
TERMS = Terms(
    Users({"id1": "id1"}, {"id1": "id1"}, BOTH),
    Relations(
        tokens={(side, "id1"): "link:1" for side in Side},
        twins={(side, "id1"): "id1" for side in Side},
        planned={(side, "id2"): Ref("thing", "id2") for side in Side},
    ),
)
DEFAULTS = replace(TERMS, users=replace(TERMS.users, default=dict.fromkeys(Side, "id1")))
OPTIONS: list[Mapping[str, str]] = [{}, {"New": "Open", "Open": "New"}, {"New": "Open"}, {"Won": "Lost"}]
CHOOSING = frozenset({FieldType.PICKLIST, FieldType.MULTIPICKLIST})
OTHER_TYPES = [
    (FieldType.TEXT, FieldType.PICKLIST),
    (FieldType.MULTIPICKLIST, FieldType.PICKLIST),
    (FieldType.PICKLIST, FieldType.TEXT),
    (FieldType.DOMAIN, FieldType.URL),
    (FieldType.DATE, FieldType.DATETIME),
    (FieldType.TEXT, FieldType.NUMBER),
    (FieldType.MULTIPICKLIST, FieldType.TEXT),
]
TYPES = [(kind, kind) for kind in FieldType] + OTHER_TYPES


_PICKS: list[Raw] = ["new", "New", " OPEN", "Won", "Lost", "Frozen", "a;b", 1, None, ""]
_TIMES: list[Raw] = ["2024-02-29", "2024-03-01T23:30:00-05:00", "2024-02-29T00:00:00Z", "soon", None, ""]
_IDS: list[Raw] = ["id1", "id1 ", "id2", "id3", None, ""]
VALUES: Mapping[FieldType, list[Raw]] = {
    FieldType.TEXT: [
        "Ada",
        " Ada ",
        "Eve",
        "Adalbert the Great",
        "new;won",
        "12",
        "nul\0",
        "half \ud800",
        True,
        None,
        "",
        " ;",
    ],
    FieldType.EMAIL: ["ada@x.test", "Ada <ADA@x.test>", "eve@x.test", "no address", None, " "],
    FieldType.PHONE: ["(415) 555-0123", "+14155550123", "+1 415 555 0123 x7", "n/a", 4155550123, None, ""],
    FieldType.DOMAIN: ["acme.test", "www.Acme.test", "mail.acme.test", "eve.test", "n/a", None, ""],
    FieldType.URL: ["https://acme.test/", "acme.test", "acme.test/en", "n/a", None, ""],
    FieldType.NUMBER: [1, "1.0", 1.004, 2, "2,000", "NaN", "twelve", 10**30, None, ""],
    FieldType.MONEY: [1, "1.00", 0.994, 99.999, "1e999999", None, ""],
    FieldType.DATE: _TIMES,
    FieldType.DATETIME: _TIMES,
    FieldType.BOOLEAN: [True, "yes", False, "0", "maybe", None, ""],
    FieldType.PICKLIST: _PICKS,
    FieldType.MULTIPICKLIST: [
        ["new"],
        ["Open", "New"],
        "new; open",
        ["Frozen"],
        ["Won", "Lost"],
        [" "],
        [],
        None,
        ";",
    ],
    FieldType.REFERENCE: _IDS,
    FieldType.OWNER: _IDS,
}
"""A few values of each type: in other spellings, empty, of a wrong type, and such as must not be written."""

POLICIES: list[dict[str, Any]] = [
    {
        "direction": direction,
        "rule": rule,
        "owner": owner,
        "on_conflict": on_conflict,
        "on_first_contact": on_first_contact,
        "clear": clear,
        "drift": drift,
    }
    for direction in (*Direction, Direction.BOTH)
    for rule in WriteRule
    for owner in (None, "left", "right")
    for on_conflict in (None, *OnConflict)
    for on_first_contact in (None, *OnFirstContact)
    for clear in OnClear
    for drift in OnDrift
]
SIZES: list[dict[str, int | None]] = [{}, {"length": 5}, {"scale": 0}, {"length": 40, "scale": 2}]


def field_of(name: str, kind: FieldType, size: Mapping[str, int | None]) -> Field:
    picks = CHOICES if kind in CHOOSING else ()
    return Field(name, name.title(), kind, restricted=bool(picks), options=picks, **size)  # type: ignore[arg-type] # sizes only


# Built once: a strategy costs more to make than to draw from.
_POLICIES, _SIZES, _OPTIONS = st.sampled_from(POLICIES), st.sampled_from(SIZES), st.sampled_from(OPTIONS)
_TYPES, _TERMS = st.sampled_from(TYPES), st.sampled_from([TERMS, DEFAULTS])
_SHOWN = {kind: st.sampled_from(values) for kind, values in VALUES.items()}
_SEEN_NOW: Mapping[FieldType, st.SearchStrategy[Value]] = {
    kind: st.sampled_from([*values, *values, *values, MISSING, WITHHELD]) for kind, values in VALUES.items()
}
_CHANGED = st.sampled_from([True, True, False])
_OWN_MAP, _ANY_MAP = st.just("m1"), st.sampled_from([*["m1"] * 6, "m0", None])
_REASONS = st.sampled_from([None, None, None, "kept", "fill", "as stored", "not cleared", "undone"])
_BASES = st.sampled_from([None, "Ada", ("new", "open"), True])
_WHEN = st.none() | change_times()
_MARKS = st.lists(
    st.sampled_from(
        [
            WriteMark(NOW - timedelta(hours=hours), side, value)
            for hours in (1, 30)
            for side in Side
            for value in ("Ada", "Eve", "ada@x.test", "acme.test", "1", "new", None, True)
        ]
    ),
    max_size=3,
).map(tuple[WriteMark, ...])


def shown(kind: FieldType) -> st.SearchStrategy[Raw]:
    """What a field of a type may show."""
    return _SHOWN[kind]


@st.composite
def translators(draw: st.DrawFn, /, **policy: Any) -> Translator:
    """Two fields that may be mapped, with any policy but for what is given."""
    left, right = draw(_TYPES)
    size = draw(_SIZES)
    chosen = {**draw(_POLICIES), **policy}
    if CHOOSING & {left, right}:
        chosen["options"] = draw(_OPTIONS)
    fields = field_of("here", left, size), field_of("there", right, size)
    return Translator(FieldMap("here", "there", **chosen), *fields, draw(_TERMS))


@st.composite
def merges(draw: st.DrawFn, /, *, agreed: bool = False, known: bool = False, **policy: Any) -> FieldMerge:
    """A field ready to be decided. `agreed` gives it an agreement under its own map; `known` hides no value."""
    carrier = draw(translators(**policy))
    types = carrier.left.type, carrier.right.type
    left, right = (draw((_SHOWN if known else _SEEN_NOW)[kind]) for kind in types)
    marked = draw(_OWN_MAP if agreed else _ANY_MAP)
    before = _agreement(draw, types, marked, (left, right)) if marked else None
    times = [draw(_WHEN) if carrier.map.on_conflict is OnConflict.LATEST else None for _ in Side]
    return FieldMerge(carrier, "m1", before, Observed(left, times[0]), Observed(right, times[1]), NOW)


def _agreement(
    draw: st.DrawFn, types: tuple[FieldType, FieldType], fingerprint: str, now: tuple[Value, Value]
) -> Agreement:
    """What was agreed or settled; each side changed since in half of the cases."""
    left, right = (
        draw(_SHOWN[kind]) if isinstance(value, Absent) or draw(_CHANGED) else value
        for kind, value in zip(types, now, strict=True)
    )
    settled = draw(_REASONS)
    return Agreement(draw(_BASES), left, right, fingerprint, settled is None, settled, draw(_MARKS))


def mirrored(one: FieldMerge) -> FieldMerge:
    """The same merge with left and right changed over, everything that names a side included."""
    carrier = one.translator
    known = one.agreement
    return replace(
        one,
        translator=Translator(
            mirrored_map(carrier.map), carrier.right, carrier.left, mirrored_terms(carrier.terms)
        ),
        agreement=known
        and replace(
            known,
            left=known.right,
            right=known.left,
            writes=tuple(replace(w, side=w.side.other) for w in known.writes),
        ),
        left=one.right,
        right=one.left,
        ruling=one.ruling and Ruling(_turned(one.ruling.choice), one.ruling.right, one.ruling.left),
    )


def mirrored_map(one: FieldMap) -> FieldMap:
    return replace(
        one,
        left=one.right,
        right=one.left,
        direction=Direction(_turned(one.direction)),
        owner=_turned(one.owner) if one.owner else None,
        on_conflict=one.on_conflict and OnConflict(_turned(one.on_conflict)),
        on_first_contact=one.on_first_contact and OnFirstContact(_turned(one.on_first_contact)),
        options={right: left for left, right in one.options.items()},
    )


def mirrored_terms(terms: Terms) -> Terms:
    users, relations = terms.users, terms.relations
    return Terms(
        Users(
            users.to_left,
            users.to_right,
            {side.other: active for side, active in users.active.items()},
            {side.other: default for side, default in users.default.items()},
        ),
        Relations(
            {(side.other, name): token for (side, name), token in relations.tokens.items()},
            {(side.other, name): twin for (side, name), twin in relations.twins.items()},
            {(side.other, name): ref for (side, name), ref in relations.planned.items()},
        ),
        terms.region,
    )


def _turned(word: str) -> Any:
    opposite = {"left": "right", "right": "left", "to_left": "to_right", "to_right": "to_left"}
    return opposite.get(word, str(word))


def turned_words(text: str) -> str:
    """A rule in words, with left and right changed over."""
    return text.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
