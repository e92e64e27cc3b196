"""Chosen: the records a person names for a push or a pull by hand, as they are now (rule U8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncline.core.frozen import frozen
from syncline.core.match import rank
from syncline.core.model import Ref, Side
from syncline.core.normalise import fold
from syncline.engine.anew import keep, read_anew
from syncline.engine.called import Found, called, key_value, refs_named
from syncline.engine.context import SyncContext
from syncline.store import links


@frozen()
class ChosenRecord:
    """What a person named, and the record of the source side it means, or why it means none."""

    name: str
    ref: Ref | None = None
    refusal: str = ""


def choose(context: SyncContext, source: Side, names: Iterable[str]) -> list[ChosenRecord]:
    """The record of one side that each name means; a name of its counterpart means it too."""
    found = called(context, dict.fromkeys(names))
    if unknown := [name for name, each in found.items() if not each]:
        _ask(context, source, unknown)
        found |= called(context, unknown)
    there = [ref for each in found.values() for side, ref in each if side is not source]
    twins = links.twins(context.name, source.other, there)
    linked = links.twins(context.name, source, [r for each in found.values() for s, r in each if s is source])
    return [
        _chosen(context, source, name, each, {ref: other for ref, (_, other) in twins.items()}, set(linked))
        for name, each in found.items()
    ]


def _ask(context: SyncContext, source: Side, names: Sequence[str]) -> None:
    """Ask the system for records of these names: they may have been made since the last read."""
    values = list(dict.fromkeys(value for name in names if (value := key_value(name))))
    connector = context.connectors[source]
    for kind in context.settings.kinds:
        for object_type in kind.object_types(source):
            for key in connector.capabilities(object_type).finds.intersection(kind.match.keys):
                fitting = [value for value in values if ("@" in value) == (key == "email")]
                if fitting:
                    fields = context.fields(source, object_type)
                    keep(context, source, connector.find(object_type, key, fitting, fields))


def _chosen(
    context: SyncContext,
    source: Side,
    name: str,
    found: Found,
    twins: Mapping[Ref, Ref],
    linked: set[Ref],
) -> ChosenRecord:
    own = [ref for side, ref in found if side is source]
    refs = set(own) | {twins[ref] for side, ref in found if side is not source and ref in twins}
    if len(refs) == 1:
        return ChosenRecord(name, refs.pop())
    if not refs:
        return _unknown(context, source, name, found)
    best = _best(context, source, refs, linked)
    if best:
        return ChosenRecord(name, best)
    listed = ", ".join(map(str, sorted(refs)))
    return ChosenRecord(name, None, f"several records answer to it: {listed}; name one of them by TYPE/ID")


def _unknown(context: SyncContext, source: Side, name: str, found: Found) -> ChosenRecord:
    connection, other = context.connection(source), context.connection(source.other)
    if found:
        refusal = f"it is {found[0][1]} of {other}, which has no counterpart in {connection}"
        return ChosenRecord(name, None, refusal)
    wanted = fold(name)
    asked = [
        ref for ref in refs_named(context, source, wanted) if str(ref) == wanted.removeprefix(f"{source}:")
    ]
    if asked and wanted.isprintable():
        return ChosenRecord(name, asked[0])  # the system may know it although it was never read
    return ChosenRecord(name, None, f"no record of {connection} answers to it")


def _best(context: SyncContext, source: Side, refs: set[Ref], linked: set[Ref]) -> Ref | None:
    """Of several records of one person the linked one, or the one that goes before the others (rule P3)."""
    if len(refs & linked) == 1:
        return next(iter(refs & linked))
    for kind in context.settings.kinds:
        if all(ref.object_type in kind.object_types(source) for ref in refs):
            best = rank(sorted(refs), kind.match.preferred(source))[0]
            return next(iter(best)) if len(best) == 1 else None
    return None


def refresh(context: SyncContext, source: Side, chosen: Sequence[ChosenRecord]) -> list[ChosenRecord]:
    """Read just these records anew; those that are gone are refused."""
    shown = read_anew(context, {source: list(dict.fromkeys(each.ref for each in chosen if each.ref))})[source]
    gone = f"{context.connection(source)} does not show it any more, or never did"
    return [replace(c, ref=None, refusal=gone) if c.ref and c.ref not in shown else c for c in chosen]
