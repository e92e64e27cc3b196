"""Encrypts what is secret in the store: AES-256-GCM, bound to the row it stands in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from syncline.core.errors import TokenKeyError

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SealedToken:
    """An encrypted text, and which key opens it."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def new_key() -> str:
    """A key as people keep it: one word."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip("=")


class TokenKeys:
    """Some keys: the first one encrypts, each of them decrypts what it has encrypted."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._first = keys[0]
        self._keys = {_id(key): key for key in keys}

    @classmethod
    def parse(cls, text: str) -> TokenKeys:
        """The keys of a text, with blanks or lines between; raises `TokenKeyError`, which shows none of it."""
        words = text.split()
        if not words:
            raise TokenKeyError("encryption_key leads to an empty text.")
        return cls([_key(word, number) for number, word in enumerate(words, 1)])

    def knows(self, key_id: str) -> bool:
        """Whether one of these keys has that id."""
        return key_id in self._keys

    @property
    def first_id(self) -> str:
        """The id of the key that encrypts."""
        return _id(self._first)

    def derived(self, purpose: bytes) -> dict[str, bytes]:
        """A key of its own from each of these keys, for something else than sealing; the first one's first."""
        return {
            key_id: HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(key)
            for key_id, key in self._keys.items()
        }

    def seal(self, text: bytes, row: str) -> SealedToken:
        """Encrypt a text for one row; in any other row it cannot be opened."""
        nonce = os.urandom(NONCE_BYTES)
        return SealedToken(self.first_id, nonce, AESGCM(self._first).encrypt(nonce, text, row.encode()))

    def unseal(self, sealed: SealedToken, row: str) -> bytes:
        """The text of a row; raises `TokenKeyError`."""
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise TokenKeyError(
                f"The token of {row} was stored with another key than encryption_key leads to.",
                hint="Set encryption_key to the key it was stored with (several may stand there, one a line). If that "
                f"key is lost, run `syncline connection reconnect {row}`.",
            )
        try:
            return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, row.encode())
        except InvalidTag:
            raise TokenKeyError(
                f"The stored token of {row} was changed or comes from another row, so it is not used.",
                hint=f"Run `syncline connection reconnect {row}`.",
            ) from None


def _key(word: str, number: int) -> bytes:
    try:
        key = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise TokenKeyError(
            f"Key {number} of encryption_key is no key: it should be {KEY_BYTES} bytes in base64.",
            hint="Use what `syncline key new` prints, whole and unchanged.",
        )
    return key


def _id(key: bytes) -> str:
    """What a key is called in the database: it tells nothing about the key."""
    return hashlib.sha256(b"syncline key id:" + key).hexdigest()[:16]
