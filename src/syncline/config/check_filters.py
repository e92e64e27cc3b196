"""Checks of filters: that they can be read, speak of fields that are there, and compare them with what fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from syncline.config.filter_types import FLAG, FUNCTIONS, LIST, NUMBER, TIME, doubts, sort_of, unknown_options
from syncline.config.finding import Finding
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.expression import bound, called, words
from syncline.core.filter import Variable, compiled, names_in, variables
from syncline.core.model import Side
from syncline.core.push import roles
from syncline.core.scope import KindSettings

_SAMPLES: Mapping[str, object] = {
    NUMBER: 1,
    FLAG: True,
    LIST: ["1"],
    TIME: datetime(2026, 1, 1, tzinfo=UTC),
}
_SHOWN = 5


def filter_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the filters of one sync."""
    for kind in subject.settings.kinds:
        for target in Side:
            places = ((f"create_{target}", "where"), (f"update_{target}_where",))
            texts = (kind.create_rule(target).where, kind.update_where(target))
            for place, text in zip(places, texts, strict=True):
                if text:
                    where = subject.where("kinds", kind.kind.value, *place)
                    yield from _filter(subject, kind, target.other, where, text)


def _filter(subject: Subject, kind: KindSettings, source: Side, where: str, text: str) -> Iterator[Finding]:
    try:
        compiled(text)
    except ValueError as error:
        yield Finding("bad-filter", where, f"the filter cannot be used: {_told(error)}.", _SEE)
        return
    for name in sorted({name for _, name in called(words(text)) if name not in FUNCTIONS}):
        cure = choices(name, FUNCTIONS)
        yield Finding("filter-function", where, f"filters know no function {shown(name)}.", cure)
    known = {
        t: variables(schema, roles(kind, source, schema))
        for t in kind.object_types(source)
        if (schema := subject.schema(source, t))
    }
    if known:
        yield from _names(subject, source, where, text, known)
    for object_type, names in known.items():
        yield from _types(where, object_type, text, names)


def _told(error: ValueError) -> str:
    """The parser's words, without the expression and the drawing it adds."""
    lines = [line for line in str(error).split("\n") if line and not line.startswith("|")]
    said = [line.partition("ERROR: <input>:")[2] or line for line in lines]
    return "; ".join(part.rpartition(": ERROR")[0] or part for part in said[:2])[:300]


_SEE = "See the examples under 'Filter by anything a record shows' of the page about choosing what is synced."


def _names(
    subject: Subject, source: Side, where: str, text: str, known: Mapping[str, Mapping[str, Variable]]
) -> Iterator[Finding]:
    asked = names_in(text) - bound(words(text))
    for name in sorted(asked):
        lacking = [object_type for object_type, names in known.items() if name not in names]
        if not lacking:
            continue
        every = {n for names in known.values() for n in names}
        some = len(lacking) < len(known)
        yield Finding(
            "filter-part" if some else "filter-name",
            where,
            f"{subject.settings.connection(source)} has no field {shown(name)} on {' and '.join(lacking)}.",
            "Records of that type do not pass where it is asked." if some else choices(name, every),
        )


def _types(where: str, object_type: str, text: str, names: Mapping[str, Variable]) -> Iterator[Finding]:
    found = list(dict.fromkeys(doubts(text, names)))
    for doubt in found:
        if doubt.wrong:
            yield Finding("filter-types", where, f"{doubt.text}.", "Compare values of one type.")
    for field, value in unknown_options(text, names):
        labels = [o.label for o in field.options if o.active]
        yield Finding(
            "filter-option", where, f"{field.name} has no option {shown(value)}.", choices(value, labels)
        )
    if not names_in(text) - bound(words(text)) <= names.keys():
        return
    if unchecked := [d.text for d in found if not d.wrong]:
        parts = ", ".join(unchecked[:_SHOWN])
        yield _unchecked(where, f"the types in {parts} are not checked")
    if not any(d.wrong for d in found):
        yield from _tried(where, object_type, text, names)


def _unchecked(where: str, what: str) -> Finding:
    cure = "Look at the plan: a record on which the filter fails does not pass, and says so."
    return Finding("filter-part", where, f"{what}.", cure)


def _tried(where: str, object_type: str, text: str, names: Mapping[str, Variable]) -> Iterator[Finding]:
    """The filter over a made-up record, each field of which holds something of its type."""
    asked = (names[name] for name in names_in(text) if name in names)
    record = {v.name: _SAMPLES.get(sort_of(v.field), "1") for v in asked}
    try:
        answer = compiled(text).execute(record)
    except TypeError:
        yield Finding(
            "filter-types",
            where,
            f"its parts do not fit one another on {object_type}.",
            "Compare values of one type.",
        )
    except Exception as error:  # noqa: BLE001 - what a made-up record fails on, real ones may pass
        said = str(error).split(". ", 1)[0].split("\n", 1)[0][:200]
        yield _unchecked(where, f"over a made-up {object_type} it fails: {said}")
    else:
        if not isinstance(answer, bool):
            yield Finding(
                "filter-types", where, "it says neither true nor false.", "Compare its result with something."
            )
