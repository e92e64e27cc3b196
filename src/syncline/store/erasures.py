"""Erasures: that somebody was erased, by whom, and the fingerprints that keep them from coming back (rule L4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from syncline.store.bulk import batches, insert
from syncline.store.erasure_tables import Erasure, Fingerprint

REASON = "erased"
"""Why a link ended, and what stands where values were."""
LIFTED = "erased, and the erasure was lifted"
"""Why a link ended that forbids no new one any more."""


@dataclass(frozen=True, slots=True)
class NewErasure:
    """An erasure about to be kept."""

    code: str
    sync: str
    kind: str
    by: str
    at: datetime


def keep(new: NewErasure, key_id: str, prints: Collection[str]) -> None:
    """Keep an erasure with the fingerprints of all that it is to be known by."""
    row = Erasure.objects.create(
        code=new.code, sync=new.sync, kind=new.kind, erased_by=new.by[:100], erased_at=new.at
    )
    insert([Fingerprint(erasure=row, key_id=key_id, digest=digest) for digest in sorted(prints)])


def prints() -> dict[str, set[str]]:
    """Every fingerprint that counts, by the key it was made with; empty in the usual case."""
    found: dict[str, set[str]] = {}
    for key_id, digest in Fingerprint.objects.values_list("key_id", "digest"):
        found.setdefault(key_id, set()).add(digest)
    return found


def known_by(digests: Collection[str]) -> list[Erasure]:
    """The erasures that have one of these fingerprints, the oldest first."""
    found: dict[int, Erasure] = {}
    for batch in batches(digests):
        found.update({row.pk: row for row in Erasure.objects.filter(fingerprint__digest__in=batch)})
    return [found[pk] for pk in sorted(found)]


def in_force(code: str) -> list[Erasure]:
    """The erasures of that code which nobody lifted."""
    return list(Erasure.objects.filter(code=code, lifted_at__isnull=True).order_by("pk"))


def prints_of(row: Erasure) -> set[str]:
    """The fingerprints of one erasure."""
    return set(Fingerprint.objects.filter(erasure=row).values_list("digest", flat=True))


def lift(row: Erasure, by: str, reason: str, now: datetime) -> None:
    """Let go of the fingerprints; that it was once erased stays known."""
    Fingerprint.objects.filter(erasure=row).delete()
    row.lifted_by, row.lifted_at, row.lift_reason = by[:100], now, reason
    row.save()


def listed() -> list[Erasure]:
    """Every erasure, the newest first."""
    return list(Erasure.objects.order_by("-pk"))
