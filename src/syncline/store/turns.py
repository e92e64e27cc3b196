"""Which user of a pool each record that nobody owned was planned with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncline.core.model import Ref, Side
from syncline.store.bulk import insert
from syncline.store.mirror import by_type
from syncline.store.models import Turn
from syncline.store.select import select


def of_records(sync: str, side: Side, refs: Sequence[Ref]) -> dict[Ref, str]:
    """The users of that side with whom these records of the other side were planned."""
    found: dict[Ref, str] = {}
    for object_type, ids in by_type(refs).items():
        where = {"sync": sync, "side": side, "object_type": object_type}
        rows = select(Turn, ("remote_id", "user"), where, within=("remote_id", ids))
        found.update({Ref(object_type, remote_id): user for remote_id, user in rows})
    return found


def last(sync: str, side: Side) -> str | None:
    """The user of that side who had the last turn."""
    row = Turn.objects.filter(sync=sync, side=side).order_by("-pk").first()
    return row.user if row else None


def keep(sync: str, side: Side, users: Mapping[Ref, str], run_id: int) -> None:
    """Keep new turns in their order; those that stand stay, one that passes to another user is a new turn."""
    known = of_records(sync, side, list(users))
    fresh = {ref: user for ref, user in users.items() if known.get(ref) != user}
    for ref in fresh.keys() & known.keys():
        Turn.objects.filter(
            sync=sync, side=side, object_type=ref.object_type, remote_id=ref.remote_id
        ).delete()
    insert(
        [
            Turn(
                sync=sync,
                side=side.value,
                object_type=ref.object_type,
                remote_id=ref.remote_id,
                user=user,
                run_id=run_id,
            )
            for ref, user in fresh.items()
        ]
    )
