"""Committed: what one field of a link is agreed or settled at, once its target was written."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncline.core.agreement import Agreement, WriteMark
from syncline.core.convert import Translator
from syncline.core.frozen import frozen
from syncline.core.model import Norm, Raw, Side

FIGHT_WINDOW = timedelta(hours=24)


def base_after(translator: Translator, known: Agreement | None, common: Norm, *, agreed: bool) -> Norm:
    """What was agreed last. Of several records: which were linked, since the target may show more for good."""
    return common if agreed or translator.is_several else (known.base if known else None)


@frozen()
class Written:
    """One written field: what the decision rested on, what was sent, and what the target shows after it.

    `expected` is what the connector says the system makes of the sent value.
    """

    target: Side
    source_value: Raw
    sent: Raw
    expected: Raw
    shown: Raw
    at: datetime


def after_write(
    translator: Translator, fingerprint: str, known: Agreement | None, done: Written
) -> Agreement:
    """The agreement after a write: seen is what the vendor shows, never what was sent (DESIGN 5.7)."""
    target, source = done.target, done.target.other
    seen = {source: done.source_value, target: done.shown}
    common = translator.common(source, done.source_value)
    agreed = common == translator.common(target, done.shown)
    mark = WriteMark(done.at, target, common)
    earlier = tuple(w for w in (known.writes if known else ()) if done.at - w.at <= FIGHT_WINDOW)
    return Agreement(
        base=base_after(translator, known, common, agreed=agreed),
        left=seen[Side.LEFT],
        right=seen[Side.RIGHT],
        map=fingerprint,
        agreed=agreed,
        settled=None if agreed else _stored_reason(translator, done),
        writes=(*earlier, mark)[-6:],
    )


def _stored_reason(translator: Translator, done: Written) -> str:
    own = translator.own
    shown = own(done.target, done.shown)
    if shown == own(done.target, done.expected) or shown == own(done.target, done.sent):
        return "as stored"
    return "rewritten"
