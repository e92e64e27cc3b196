"""Inferring accounts: who of a batch gets which account by the domain of their e-mail address (rule P4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncline.core.inferring import INFERRED, company_domain
from syncline.core.match import Candidate, choose
from syncline.core.model import Kind, Record, Ref, Side
from syncline.core.references import Relations
from syncline.core.scope import KindSettings
from syncline.engine.context import SyncContext
from syncline.store import keys, links, mirror, standings
from syncline.store.mirror import Mirrored

_DOMAIN = "domain"
_SEVERAL = "several accounts of "


def with_accounts(
    context: SyncContext, kind: KindSettings, side: Side, batch: Sequence[Mirrored]
) -> list[Mirrored]:
    """The same records, those of a pair that infers with the account of their address."""
    fields = context.inferring(kind, side)
    accounts = context.settings.kind(Kind.ACCOUNT)
    if not fields or accounts is None:
        return list(batch)
    domains = {m.record.ref: name for m in batch if (name := _domain(m.record, fields))}
    found = _accounts(context, accounts, side, sorted(set(domains.values())))
    return [
        replace(m, record=_given(m.record, found.get(domains.get(m.record.ref, ""))))
        if m.record.ref.object_type in fields
        else m
        for m in batch
    ]


def awaiting(fields: Mapping[str, str], side: Side, record: Record) -> tuple[str, ...]:
    """What somebody without an account rests on: that one of their domain appears.

    `fields` are those of addresses, by object type, of the side where accounts are inferred.
    """
    name, given = _domain(record, fields), record.values.get(INFERRED)
    if name is None or (isinstance(given, str) and not given.startswith(_SEVERAL)):
        return ()
    return (standings.waiting_for(side, _anybody_at(name)),)


def wake_inferring(context: SyncContext, side: Side, accounts: Sequence[Ref]) -> None:
    """Accounts are new or have changed: who waits for one of their domains is decided anew, after them."""
    if not any(context.inferring(kind, s) for kind in context.settings.kinds for s in Side):
        return
    known = keys.of_records(context.name, side, accounts).values()
    names = sorted({value for pairs in known for key, value in pairs if key == _DOMAIN})
    tokens = (standings.waiting_for(s, _anybody_at(name)) for s in Side for name in names)
    standings.wake(context.name, tokens)


def _anybody_at(name: str) -> str:
    """No id of any record: what is waited for has none yet."""
    return f"@{name}"


def _domain(record: Record, fields: Mapping[str, str]) -> str | None:
    value = record.get(fields.get(record.ref.object_type, ""))
    return company_domain(value) if isinstance(value, str) else None


def _given(record: Record, account: str | None) -> Record:
    return replace(record, values={**record.values, INFERRED: account})


def _accounts(
    context: SyncContext, accounts: KindSettings, side: Side, domains: Sequence[str]
) -> dict[str, str]:
    """By domain the account as a record of that side would name it, in three looks at the store."""
    pairs = [(_DOMAIN, name) for name in domains]
    holders = {s: keys.holders(context.name, s, Kind.ACCOUNT, pairs) for s in Side}
    refs = [ref for each in holders[side].values() for ref in each]
    twins = {ref: twin for ref, (_, twin) in links.twins(context.name, side, refs).items()}
    found: dict[str, str] = {}
    for pair in pairs:
        own = holders[side].get(pair, ())
        there = {*holders[side.other].get(pair, ()), *(twins[ref] for ref in own if ref in twins)}
        chosen = _one_of(context, accounts, side.other, there)
        if chosen:
            # The same name before and after it gets a counterpart, so that a plan stays what it was.
            found[pair[1]] = f"{side.other}:{chosen.remote_id}"
        elif there:
            found[pair[1]] = f"{_SEVERAL}{pair[1]}: {', '.join(map(str, sorted(there)))}"
        elif len(own) == 1:
            found[pair[1]] = own[0].remote_id  # its counterpart is made first, or waited for
    return found


def _one_of(context: SyncContext, accounts: KindSettings, side: Side, refs: set[Ref]) -> Ref | None:
    """The only one, or of several one by the policy of accounts (never by chance)."""
    if len(refs) < 2:
        return next(iter(refs), None)
    known = mirror.get_many(context.connection(side), sorted(refs))
    found = [
        Candidate(ref, _DOMAIN, "", None, m.record.created_at, _filled(m.record)) for ref, m in known.items()
    ]
    return choose(found, accounts.match.on_ambiguous)


def _filled(record: Record) -> int:
    return sum(1 for value in record.values.values() if value)


def told_apart(
    context: SyncContext, relations: Relations, records: Mapping[Side, Sequence[Record]]
) -> Relations:
    """The same relations, knowing inferred accounts, and domains that several accounts have."""
    if not any(pair.infer_account for kind in context.settings.kinds for pair in kind.pairs):
        return relations
    named = {
        (side, value)
        for side in Side
        for record in records.get(side, ())
        if isinstance(value := record.values.get(INFERRED), str)
    }
    known = {(s, v): v.removeprefix(f"{s.other}:") for s, v in named if v.startswith(f"{s.other}:")}
    doubts = {(s, v): v for s, v in named if v.startswith(_SEVERAL)}
    if not known and not doubts:
        return relations
    return replace(
        relations,
        tokens={
            **relations.tokens,
            **{(s, v): relations.tokens.get((s.other, id_), v) for (s, v), id_ in known.items()},
        },
        twins={**relations.twins, **known},
        doubts=doubts,
    )
