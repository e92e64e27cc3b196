"""The key pair of the connected app, and the check of what is signed with it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_SIZE = 2048


class UntrustedError(Exception):
    """A signed assertion that cannot be believed."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and its public half, as PEM texts."""

    private: str
    public: str


def make_keys() -> KeyPair:
    """A fresh RSA key pair."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(private.decode(), public.decode())


def claims_of(assertion: str, public: str) -> dict[str, Any]:
    """The claims of an RS256 JSON web token, after its signature was found good."""
    parts = assertion.split(".")
    if len(parts) != 3:
        raise UntrustedError("an assertion has three parts")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("alg") != "RS256":
        raise UntrustedError("the algorithm is not RS256")
    key = serialization.load_pem_public_key(public.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise UntrustedError("the key of the app is no RSA key")
    try:
        key.verify(_bytes(parts[2]), f"{parts[0]}.{parts[1]}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise UntrustedError("the signature does not fit") from error
    return claims


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise UntrustedError("a part is not JSON") from error
    if not isinstance(found, dict):
        raise UntrustedError("a part is no JSON object")
    return found


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError) as error:
        raise UntrustedError("a part is not base64") from error
