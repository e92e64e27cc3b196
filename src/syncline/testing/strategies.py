"""Hypothesis strategies for the words of the core: values of every type, records, field maps and policies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from syncline.connectors.memory import Quirks
from syncline.core.mapping import FieldMap
from syncline.core.model import ChangeTime, Raw, Record, Ref
from syncline.core.policy import Direction, OnClear, OnConflict, OnDrift, OnFirstContact, WriteRule
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)

NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})
REFERENCES = frozenset({FieldType.REFERENCE, FieldType.OWNER})
CHOICES = tuple(Option(name.lower(), name) for name in ("New", "Open", "Won", "Lost"))
EMPTY: tuple[Raw, ...] = (None, "", " ", "\u00a0\t", [])
NASTY_TEXTS = (
    "nul\0inside",
    "\u202egnippilf\u202c",
    "lone \ud800 half",
    "cafe\u0301",
    "caf\u00e9",
    "İstanbul ß",
    "\ufeffmark",
    "zero\u200bwidth",
    "👩‍👩‍👧 🏴",
    "None",
    "null",
    "false",
    "0",
    "-0",
    "=1+1",
    "'; DROP TABLE link; --",
    "<script>alert(1)</script>",
    "a;b,c|d",
    "line\r\nbreak",
    "x" * 5_000,
)
_HOSTS = ("example.com", "example.org", "sub.example.net", "münchen.example", "shop.example.co.uk")


def empties() -> SearchStrategy[Raw]:
    """Everything that counts as empty."""
    return st.sampled_from(EMPTY)


def nasty_texts() -> SearchStrategy[str]:
    """Text that has broken a system somewhere."""
    return st.sampled_from(NASTY_TEXTS)


def texts(length: int | None = None) -> SearchStrategy[str]:
    """Text a person may have typed, nasty text among it, cut to a length."""
    alphabet = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    typed = st.one_of(
        st.sampled_from(["Ada", "ada ", " Ada", "Ada Lovelace", "ADA  LOVELACE"]),
        st.text(alphabet, max_size=min(length or 30, 30)),
        nasty_texts().filter(lambda text: "\0" not in text and "\ud800" not in text),
    )
    return typed.map(lambda text: text[:length])


def emails() -> SearchStrategy[str]:
    """Addresses in the spellings people use for them."""
    local = st.sampled_from(["ada", "Ada.Lovelace", "ADA", "ada+crm", "a_b-c"])
    address = st.builds("{}@{}".format, local, st.sampled_from(["example.com", "Example.ORG", "x.test"]))
    return st.one_of(address, address.map(lambda text: f" {text} "), address.map(str.upper))


def phones() -> SearchStrategy[str]:
    """Numbers, most of which are one of two numbers in other clothes."""
    spellings = ["(415) 555-0123", "415-555-0123", "+1 415 555 0123", "+14155550123", "415.555.0123 ext. 7"]
    return st.sampled_from([*spellings, "+44 20 7946 0958", "020 7946 0958", "n/a", "12"])


def domains() -> SearchStrategy[str]:
    """Domains, bare and as parts of addresses."""
    host = st.sampled_from(_HOSTS)
    return st.one_of(host, host.map(str.upper), host.map("www.{}".format), host.map("https://{}/".format))


def urls() -> SearchStrategy[str]:
    path = st.sampled_from(["", "/", "/about?x=1#top", "/%20", "/Ünïcode"])
    return st.builds("{}{}{}".format, st.sampled_from(["", "http://", "HTTPS://www."]), domains(), path)


def numbers(scale: int | None = None) -> SearchStrategy[Raw]:
    """Finite numbers, as numbers and as text."""
    whole = st.integers(-(10**12), 10**12)
    broken = st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, scale or 6))
    chosen = whole if scale == 0 else st.one_of(whole, broken, st.sampled_from([0, 0.0, 0.1 + 0.2, 1e3]))
    return st.one_of(chosen, chosen.map(str))


def dates() -> SearchStrategy[str]:
    days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
    return st.one_of(st.sampled_from(["2024-02-29", "2024-12-31"]), days.map(date.isoformat))


def moments() -> SearchStrategy[str]:
    """Times with their zone, in several spellings."""
    zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
    times = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds
    spelled = times.map(datetime.isoformat)
    return st.one_of(spelled, spelled.map(lambda text: text.replace("+00:00", "Z")))


def good_values(
    field: Field, known: Mapping[str, Sequence[str]] | None = None, *, empty: bool = True
) -> SearchStrategy[Raw]:
    """Values the field takes. `known` has the ids a reference may point at, by object type."""
    filled = _filled(field, known or {})
    if not empty or field.required:
        return filled
    return st.one_of(filled, st.just(None))


def seen_values(field: Field) -> SearchStrategy[Raw]:
    """Anything a system may show in a field: good values, empty ones, nasty ones, and some of another type."""
    other_type: SearchStrategy[Raw] = st.sampled_from([True, False, 0, 1, -1.5, math.pi, ["a", "B"], [" "]])
    return st.one_of(_filled(field, {}), empties(), nasty_texts(), other_type)


def spellings(field_type: FieldType) -> SearchStrategy[tuple[Raw, Raw]]:
    """Two values that mean the same, whatever they look like."""
    return st.sampled_from(_SAME[field_type])


def fields(name: str = "field", types: Sequence[FieldType] = tuple(FieldType)) -> SearchStrategy[Field]:
    """A field of any of these types."""
    return st.sampled_from(types).flatmap(lambda kind: _field(name, kind))


def records(schema: ObjectSchema, remote_id: str = "r1") -> SearchStrategy[Record]:
    """One record as it may be read: some fields missing, some withheld, the rest filled or empty."""
    values = st.fixed_dictionaries({}, optional={n: seen_values(f) for n, f in schema.fields.items()})
    withheld = st.frozensets(st.sampled_from(sorted(schema.fields)), max_size=2)
    version = st.one_of(st.none(), st.integers(1, 9).map(str))
    return st.builds(
        lambda shown, hidden, number: Record(
            Ref(schema.object_type, remote_id),
            {name: value for name, value in shown.items() if name not in hidden},
            hidden,
            number,
        ),
        values,
        withheld,
        version,
    )


@st.composite
def change_times(draw: st.DrawFn) -> ChangeTime:
    """An interval in which a value changed; the earlier end may be unknown."""
    by = EPOCH + timedelta(seconds=draw(st.integers(0, 3600)))
    back = draw(st.one_of(st.none(), st.integers(0, 1800)))
    return ChangeTime(None if back is None else by - timedelta(seconds=back), by)


@st.composite
def field_maps(draw: st.DrawFn, left: str = "field", right: str = "field") -> FieldMap:
    """One field map with any policy that the checks of settings let through: no `fill` in both directions."""
    direction = draw(st.sampled_from(Direction))
    rules = [WriteRule.OVERWRITE] if direction is Direction.BOTH else list(WriteRule)
    return FieldMap(
        left,
        right,
        direction=direction,
        rule=draw(st.sampled_from(rules)),
        owner=draw(_owner()),
        on_conflict=draw(st.none() | st.sampled_from(OnConflict)),
        on_first_contact=draw(st.none() | st.sampled_from(OnFirstContact)),
        clear=draw(st.sampled_from(OnClear)),
        drift=draw(st.sampled_from(OnDrift)),
        on_create=draw(st.booleans()),
    )


@st.composite
def schema_maps(draw: st.DrawFn, left: ObjectSchema, right: ObjectSchema) -> tuple[FieldMap, ...]:
    """Field maps between two schemas: fields of one type go together, none is used twice.

    Required fields always have a map, where there is a field to go with.
    """
    chosen: list[FieldMap] = []
    free = [field for field in right.fields.values() if not field.read_only]
    for field in left.fields.values():
        partners = [f for f in free if f.type is field.type and _same_choices(f, field)]
        wanted = field.required or draw(st.booleans())
        if not partners or not wanted or field.read_only:
            continue
        same = [f for f in partners if f.name == field.name]
        partner = same[0] if same else draw(st.sampled_from(partners))
        free.remove(partner)
        chosen.append(draw(field_maps(field.name, partner.name)))
    return tuple(chosen)


def quirks(*, honest: bool = False) -> SearchStrategy[Quirks]:
    """Bad manners of a memory system; `honest` ones are all told by its capabilities and `stored_as`."""
    lag = st.sampled_from([timedelta(0), timedelta(seconds=30)])
    return st.builds(
        Quirks,
        stale_reads=st.just(0) if honest else st.integers(0, 3),
        stale_for=lag,
        late_commits=st.integers(0, 3),
        versions=st.sampled_from(["counter", "none", "restless"]),
        times=st.booleans(),
        formats=st.booleans(),
        cuts=st.booleans(),
        explains=st.just(True) if honest else st.booleans(),
        duplicates=st.sampled_from(["allow", "existing", "refuse"]),
        refusal_rate=st.sampled_from([0.0, 0.3]),
        deletes=st.booleans(),
        sees_deletions=st.booleans(),
        conditional=st.booleans(),
        finds_in_listing=st.booleans(),
    )


def _filled(field: Field, known: Mapping[str, Sequence[str]]) -> SearchStrategy[Raw]:
    if field.type in NUMBERS:
        return numbers(field.scale)
    if field.type in REFERENCES:
        ids = [id_ for object_type in field.refers_to for id_ in known.get(object_type, ())]
        return st.sampled_from(ids or ["id1", "id2"])
    if field.type is FieldType.TEXT:
        return texts(field.length).filter(lambda text: bool(text.strip()))
    if field.type in {FieldType.PICKLIST, FieldType.MULTIPICKLIST}:
        return _chosen(field)
    simple: Mapping[FieldType, SearchStrategy[Raw]] = {
        FieldType.EMAIL: emails(),
        FieldType.PHONE: phones(),
        FieldType.DOMAIN: domains(),
        FieldType.URL: urls(),
        FieldType.DATE: dates(),
        FieldType.DATETIME: moments(),
        FieldType.BOOLEAN: st.booleans(),
    }
    return simple[field.type]


def _chosen(field: Field) -> SearchStrategy[Raw]:
    options = [option.value for option in field.options if option.active] or ["new", "open", "won"]
    one = st.sampled_from(options)
    if field.type is FieldType.PICKLIST:
        return one
    return st.lists(one, min_size=1, max_size=3, unique=True).map(list[str])


def _field(name: str, kind: FieldType) -> SearchStrategy[Field]:
    picks = kind in {FieldType.PICKLIST, FieldType.MULTIPICKLIST}
    return st.builds(
        Field,
        name=st.just(name),
        label=st.just(name.title()),
        type=st.just(kind),
        restricted=st.just(kind is FieldType.PICKLIST),
        options=st.just(CHOICES if picks else ()),
        length=st.sampled_from([None, 5, 40]) if kind is FieldType.TEXT else st.none(),
        scale=st.sampled_from([None, 0, 2]) if kind in NUMBERS else st.none(),
        batched=st.booleans(),
        absent_is_empty=st.booleans(),
    )


def _owner() -> SearchStrategy[Literal["left", "right"] | None]:
    owners: tuple[Literal["left", "right"] | None, ...] = (None, "left", "right")
    return st.sampled_from(owners)


def _same_choices(one: Field, other: Field) -> bool:
    return {option.value for option in one.options} == {option.value for option in other.options}


_ANY_TEXT: tuple[tuple[Raw, Raw], ...] = (("Ada", " Ada "), ("caf\u00e9", "cafe\u0301"), ("", None))
_SAME: Mapping[FieldType, tuple[tuple[Raw, Raw], ...]] = {
    FieldType.TEXT: _ANY_TEXT,
    FieldType.EMAIL: (("Ada@Example.com", "ada@example.com "), ("", None)),
    FieldType.PHONE: (("(415) 555-0123", "+14155550123"), (" ", None)),
    FieldType.DOMAIN: (("https://www.Example.com/", "example.com"), ("", None)),
    FieldType.URL: (("HTTP://Example.com", "http://example.com"), ("", None)),
    FieldType.NUMBER: ((1, "1.0"), (0.5, "0.50"), (None, "")),
    FieldType.MONEY: ((1000, "1000.00"), (None, "")),
    FieldType.DATE: (("2024-02-29", " 2024-02-29"), (None, "")),
    FieldType.DATETIME: (("2024-01-01T00:00:00Z", "2024-01-01T05:30:00+05:30"), (None, "")),
    FieldType.BOOLEAN: ((True, "true"), (False, "No")),
    FieldType.PICKLIST: (("New", "new "), (None, "")),
    FieldType.MULTIPICKLIST: ((["b", "A"], ["a", "b", "a"]), ([], None), ("a;b", ["b", "a"])),
    FieldType.REFERENCE: (("id1", "id1 "), (None, "")),
    FieldType.OWNER: (("id1", "id1 "), (None, "")),
}
