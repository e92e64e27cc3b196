"""The settings documents that were used, each kept once with its author (rule O1)."""

from __future__ import annotations

from datetime import datetime

from syncline.store.mirror import digest
from syncline.store.models import ConfigVersion


def keep(document: str, author: str, now: datetime) -> bool:
    """Keep a document that was never used before; whether it was new."""
    _, new = ConfigVersion.objects.get_or_create(
        digest=digest(document), defaults={"document": document, "author": author[:100], "at": now}
    )
    return new


def listed() -> list[ConfigVersion]:
    """Every document that was used, the newest first."""
    return list(ConfigVersion.objects.order_by("-pk"))
