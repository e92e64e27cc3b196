"""The account comes first: a new contact waits for its account, which is made for it if need be (rule U4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncline.core.decide import PairContext
from syncline.core.model import Kind, Record, Ref, Side
from syncline.core.place import Drafted, Placement
from syncline.core.plan import FieldChange, Op
from syncline.core.schema import FieldType
from syncline.core.scope import CREATE_ON, PUSH_FILTERS, KindSettings
from syncline.engine.context import SyncContext
from syncline.store import actions, mirror, standings
from syncline.store.models import Action as Row

RULE = "account of a contact"
"""The rule of an account that is made although accounts like it are not."""
WAITS = "account first"
_PASSED = PUSH_FILTERS | {CREATE_ON}


def awaited_account(
    context: SyncContext, kind: KindSettings, frame: PairContext, source: Side, drafted: Drafted
) -> Ref | None:
    """The account without which a contact is not made: one that has no counterpart and was not deleted."""
    accounts = context.settings.kind(Kind.ACCOUNT)
    if accounts is None or not kind.create_rule(source.other).account_first:
        return None
    types = accounts.object_types(source)
    for change in drafted.waiting:
        field = frame.translators[change.key].field(source)
        refs = [Ref(t, str(change.source).strip()) for t in field.refers_to if t in types]
        known = mirror.get_many(context.connection(source), refs)
        if refs and not any(each.record.deleted for each in known.values()):
            return next(iter(known), refs[0])
    return None


def waiting(account: Ref) -> Placement:
    """What becomes of a contact meanwhile."""
    return Placement(Op.SKIP, WAITS, f"it waits for its account {account}, which has no counterpart yet")


def wake_contacts(context: SyncContext, side: Side, accounts: Sequence[Ref]) -> None:
    """Accounts are decided: whoever waits for one is decided anew, after them in the same plan."""
    people = context.settings.kind(Kind.PERSON)
    if people and people.create_rule(side.other).account_first:
        standings.wake(context.name, [standings.waiting_for(side, ref.remote_id) for ref in accounts])


def for_contact(
    context: SyncContext, frame: PairContext, source: Side, drafted: Drafted, contact: Record
) -> Drafted:
    """An account as it is made for a contact: past the gates that choose, and with the owner the settings say.

    Without an owner the system gives it to the user Syncline works as.
    """
    target = source.other
    owners = {key: t for key, t in frame.translators.items() if t.holds_owner(target)}
    fields = [change for change in drafted.fields if change.key not in owners]
    owner = _owner_of(context, source, contact)
    for translator in owners.values() if owner else ():
        sent = translator.to_send(target, owner)
        if isinstance(sent, str):
            name, why = translator.map.on(target), f"it belongs to the owner of {contact.ref}"
            # Not under the key of the map: the account's own owner is another, and nothing was agreed about it.
            fields.append(FieldChange(f"={name}", name, None, sent, owner, RULE, why))
    gate = drafted.gate.passed_by(_PASSED, f"{contact.ref} needs it")
    held = tuple(change for change in drafted.held if change.key not in owners)
    return replace(drafted, fields=tuple(fields), held=held, gate=gate)


def _owner_of(context: SyncContext, source: Side, contact: Record) -> str:
    """Who owns the contact, where the settings give such accounts to that user."""
    people = context.settings.kind(Kind.PERSON)
    if people is None or people.create_rule(source.other).account_owner != "contact_owner":
        return ""
    fields = context.schemas[source][contact.ref.object_type].fields
    mapped = (m.on(source) for p in people.pairs if p.on(source) == contact.ref.object_type for m in p.active)
    owner = next((name for name in mapped if name in fields and fields[name].type is FieldType.OWNER), None)
    value = contact.get(owner) if owner else None
    return value.strip() if isinstance(value, str) else ""


def needing(context: SyncContext, side: Side, rows: Iterable[Row]) -> dict[Ref, Record]:
    """The accounts of that side that a plan makes for contacts, with the contacts as they are now."""
    found = {
        ref: Ref(*row.evidence["concerned"][0].split("/", 1))
        for row in rows
        if row.rule == RULE and (ref := actions.ref(row, side))
    }
    known = mirror.get_many(context.connection(side), list(found.values())) if found else {}
    there = {ref: known[contact].record for ref, contact in found.items() if contact in known}
    return {ref: contact for ref, contact in there.items() if not contact.deleted}


Needs = Mapping[Ref, Record]
"""Accounts that contacts need, each with the contact."""
