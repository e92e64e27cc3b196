"""Tokens, codes and secrets that nobody can guess from outside, and that the same seed makes again."""

from __future__ import annotations

import hashlib
import hmac

from syncline.sandbox.salesforce.settings import TYPE
from syncline.sandbox.state import State


def mint_secret(state: State, purpose: str) -> bytes:
    """64 bytes, never given twice: the counter of the state file, signed with the secret of the org."""
    number = state.next("_secret")
    app = state.peek(TYPE, "app") or {}
    return hmac.digest(
        str(app.get("client_secret", "")).encode(), f"{purpose} {number}".encode(), hashlib.sha512
    )
