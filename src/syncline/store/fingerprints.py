"""Fingerprints: keyed hashes by which erased records are known again, and from which nobody can read them."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable

from syncline.core.model import Ref
from syncline.store.sealing import TokenKeys

_PURPOSE = b"syncline erasure fingerprint"
_SHORT = 16


class FingerprintKeys:
    """The keys of fingerprints, one from each key of `encryption_key`: the first makes, each of them knows again."""

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys.derived(_PURPOSE)
        self.first_id = keys.first_id

    @property
    def ids(self) -> Collection[str]:
        return self._keys.keys()

    def make(self, text: str) -> str:
        """The fingerprint of a text, by the first key."""
        return _print(self._keys[self.first_id], text)

    def short(self, text: str) -> str:
        """A fingerprint short enough to be typed."""
        return self.make(f"code\n{text}")[:_SHORT]

    def each(self, texts: Iterable[str]) -> set[str]:
        """What these texts' fingerprints may be, by any of the keys."""
        listed = list(texts)
        return {_print(key, text) for key in self._keys.values() for text in listed}


def _print(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(errors="surrogatepass"), "sha256").hex()


def of_ref(connection: str, ref: Ref) -> str:
    """The text by which a record of a connection is known."""
    return f"ref\n{connection}\n{ref}"


def of_key(kind: str, value: str) -> str:
    """The text by which whoever has a match key is known, whatever the sync and whatever the key is called there."""
    return f"key\n{kind}\n{value}"
