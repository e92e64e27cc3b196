"""Stored tokens: one row for each connection whose user has consented."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from syncline.store.access_tables import Credential
from syncline.store.sealing import SealedToken


@dataclass(frozen=True, slots=True)
class TokenRow:
    """What is stored of a token: encrypted, with its end and its scopes beside it."""

    sealed: SealedToken
    expires_at: datetime | None
    scopes: Sequence[str]

    @property
    def columns(self) -> dict[str, object]:
        return {
            "key_id": self.sealed.key_id,
            "nonce": self.sealed.nonce,
            "ciphertext": self.sealed.ciphertext,
            "expires_at": self.expires_at,
            "scopes": list(self.scopes),
            "renewing_since": None,
            "gave_up": "",
        }


def find(connection: str) -> Credential | None:
    """What is stored for a connection."""
    return Credential.objects.filter(connection=connection).first()


def consents(connections: Collection[str]) -> dict[str, str]:
    """Which consent each of these connections acts by, as far as somebody consented and it is good."""
    rows = Credential.objects.filter(connection__in=connections, gave_up="")
    return dict(rows.values_list("connection", "consent"))


def sealed(row: Credential) -> SealedToken:
    """The encrypted part of a row."""
    return SealedToken(row.key_id, bytes(row.nonce), bytes(row.ciphertext))


def put(connection: str, secret: TokenRow, by: str, now: datetime) -> None:
    """Store the token of a new consent in place of any other."""
    consent = {"consent": uuid4().hex, "renewals": 0, "granted_by": by, "granted_at": now, "renewed_at": None}
    # Durable: a token that the caller's transaction could take back would be lost to both sides.
    with transaction.atomic(durable=True):
        Credential.objects.update_or_create(connection=connection, defaults={**secret.columns, **consent})


def replace(row: Credential, secret: TokenRow, now: datetime) -> bool:
    """Store the token that renewed the one of this row; false if the consent has ended or changed meanwhile."""
    with transaction.atomic(durable=True):
        rows = Credential.objects.filter(connection=row.connection, consent=row.consent)
        return bool(rows.update(**secret.columns, renewals=F("renewals") + 1, renewed_at=now))


def mark_renewal(row: Credential, since: datetime | None) -> None:
    """Note that what is stored may be worth nothing, since the system was asked to renew it; None takes it back."""
    with transaction.atomic(durable=True):
        Credential.objects.filter(connection=row.connection, consent=row.consent).update(renewing_since=since)


def give_up(row: Credential, reason: str) -> bool:
    """Note that this token is dead; false if another one has taken its place."""
    with transaction.atomic(durable=True):
        same = {"connection": row.connection, "consent": row.consent, "renewals": row.renewals}
        return bool(Credential.objects.filter(**same).update(gave_up=reason, renewing_since=None))


def forget(connection: str) -> bool:
    """Remove what is stored for a connection; whether there was anything."""
    return bool(Credential.objects.filter(connection=connection).delete()[0])
