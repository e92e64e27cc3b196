"""Tells which draft an answer's row belongs to: bulk creates promise no order, and some records exist already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncline.connectors.apollo.objects import ACCOUNT, ObjectType
from syncline.connectors.apollo.rows import is_placeholder
from syncline.connectors.apollo.stored import domain

_CRM_IDS = ("salesforce_id", "salesforce_lead_id", "salesforce_contact_id", "hubspot_id")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a record is recognised by: addresses, domains and CRM ids are sure, a name is less so."""

    sure: frozenset[str]
    name: str | None

    @property
    def all(self) -> frozenset[str]:
        return self.sure | ({f"name:{self.name}"} if self.name else frozenset())


@dataclass(frozen=True, slots=True)
class Found:
    """The row of a draft, by its position among those created or those that existed."""

    position: int
    created: bool


def contradict(draft: Keys, row: Keys) -> bool:
    """Whether two records that Apollo takes for one by their names have other addresses or domains."""
    ours, theirs = _addresses(draft), _addresses(row)
    return bool(ours and theirs) and draft.sure.isdisjoint(row.sure)


def _addresses(keys: Keys) -> set[str]:
    return {key for key in keys.sure if not key.startswith("crm:")}


def keys_of(object_type: ObjectType, values: Mapping[str, Any]) -> Keys:
    """The keys of a draft's values or of a row, whose names are the same where it matters."""
    sure = {f"crm:{found}" for name in _CRM_IDS if (found := _folded(values.get(name)))}
    if object_type is ACCOUNT:
        host = domain(_folded(values.get("domain")) or "")
        sure |= {f"domain:{host}"} if host else set()
        return Keys(frozenset(sure), _folded(values.get("name")))
    entries = values.get("contact_emails")
    others = [e.get("email") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    emails = [_folded(each) for each in [values.get("email"), *others] if not is_placeholder(each)]
    sure |= {f"email:{email}" for email in emails if email}
    names = [_folded(values.get("first_name")), _folded(values.get("last_name"))]
    return Keys(frozenset(sure), " ".join(name for name in names if name) or None)


def batches(keys: Sequence[Keys], size: int) -> list[list[int]]:
    """Drafts by position, in calls in which no two could be taken for one another.

    A draft that nothing recognises is alone in its call, so that the one row answered is its own.
    """
    calls: list[tuple[list[int], set[str]]] = []
    for position, each in enumerate(keys):
        mine = each.all or {f"alone:{position}"}
        for members, taken in calls:
            alone = not each.all or any(token.startswith("alone:") for token in taken)
            if len(members) < size and not alone and taken.isdisjoint(mine):
                members.append(position)
                taken.update(mine)
                break
        else:
            calls.append(([position], set(mine)))
    return [members for members, _ in calls]


def pair(drafts: Sequence[Keys], created: Sequence[Keys], existing: Sequence[Keys]) -> list[Found | None]:
    """The row of each draft, or nothing where the answer leaves it open.

    A created row belongs to one draft; one that existed may be what several drafts are.
    """
    found: list[Found | None] = [None] * len(drafts)
    used: set[int] = set()
    for by_name in (False, True):
        for rows, is_created in ((created, True), (existing, False)):
            for position, draft in enumerate(drafts):
                if found[position] is not None:
                    continue
                hits = [n for n, row in enumerate(rows) if _is_same(draft, row, by_name=by_name)]
                free = [n for n in hits if not (is_created and n in used)]
                if len(free) == 1:
                    found[position] = Found(free[0], is_created)
                    used |= {free[0]} if is_created else set()
    return _the_last(found, len(created), len(existing))


def _is_same(draft: Keys, row: Keys, *, by_name: bool) -> bool:
    if by_name:
        return draft.name is not None and draft.name == row.name
    return not draft.sure.isdisjoint(row.sure)


def _the_last(found: list[Found | None], created: int, existing: int) -> list[Found | None]:
    """If one draft and one row are left over, they belong together."""
    taken = {each for each in found if each is not None}
    rows = [Found(n, created=True) for n in range(created)] + [
        Found(n, created=False) for n in range(existing)
    ]
    left = [row for row in rows if row not in taken]
    if found.count(None) == 1 and len(left) == 1:
        found[found.index(None)] = left[0]
    return found


def _folded(value: object) -> str | None:
    text = " ".join(str(value).casefold().split()) if isinstance(value, str | int) else ""
    return text or None


def unique(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows without repetitions: one existing record may be answered for several drafts."""
    return list({str(row["id"]): row for row in rows}.values())
