"""Called: which records a person means by an e-mail address, a domain, an id, or TYPE/ID."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncline.core.model import Ref, Side
from syncline.core.normalise import domain, email, fold
from syncline.engine.context import SyncContext
from syncline.store import keys, mirror

Found = list[tuple[Side, Ref]]


def called(context: SyncContext, texts: Iterable[str]) -> dict[str, Found]:
    """The records of either side that answer to each of these names, as far as they were ever read."""
    found: dict[str, dict[tuple[Side, Ref], None]] = {text: {} for text in texts}
    values = {text: value for text in found if (value := key_value(text))}
    for side in Side:
        for kind in context.settings.kinds:
            pairs = [(key, value) for key in kind.match.keys for value in set(values.values())]
            holders = keys.holders(context.name, side, kind.kind, pairs)
            for text, value in values.items():
                holding = {ref for key in kind.match.keys for ref in holders.get((key, value), ())}
                found[text].update({(side, ref): None for ref in sorted(holding)})
    for side in Side:
        refs_of = {text: refs_named(context, side, fold(text)) for text in values}
        known = mirror.known_of(context.connection(side), [r for refs in refs_of.values() for r in refs])
        for text, refs in refs_of.items():
            found[text].update({(side, ref): None for ref in refs if ref in known})
    return {text: list(each) for text, each in found.items()}


def key_value(text: str) -> str:
    """The value of a match key that a name may be: an address means a person, not whose domain it is of."""
    name = fold(text)
    if not name.isprintable():
        return ""
    return email(name) if "@" in name else domain(name)


def refs_named(context: SyncContext, side: Side, text: str) -> Sequence[Ref]:
    """The refs a text may stand for: an id of any type of that side, or TYPE/ID."""
    types = list(context.schemas[side])
    object_type, _, remote_id = text.removeprefix(f"{side}:").partition("/")
    named = [Ref(object_type, remote_id)] if remote_id and object_type in types else []
    return [*(Ref(name, text) for name in types), *named]
