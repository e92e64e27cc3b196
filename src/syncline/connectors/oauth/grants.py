"""What a token is asked for with: the secret of an application, an assertion it signs, or a person's consent."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from syncline.connectors.base import Token
from syncline.core.errors import AuthError, ReconnectError

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 180
"""Salesforce is said to refuse assertions that are valid for longer; other systems have no need of more either."""


class Grant(Protocol):
    """What a token is asked for with."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must be in no message."""
        ...

    @property
    def consented(self) -> bool:
        """Whether it rests on a person's consent, which can end for good."""
        ...

    def form(self, now: datetime, held: Token | None = None) -> Mapping[str, str]:
        """The fields of the token request; `held` is the token there was so far."""
        ...


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The application signs in as itself."""

    client_id: str
    client_secret: str = field(repr=False)
    consented: ClassVar[bool] = False

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret,)

    def form(self, now: datetime, held: Token | None = None) -> Mapping[str, str]:  # noqa: ARG002 - others need them
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """The application signs in as a user who has agreed beforehand, by an assertion it signs with its key."""

    client_id: str
    username: str
    audience: str
    private_key: str = field(repr=False)
    consented: ClassVar[bool] = False

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.private_key,)

    def form(self, now: datetime, held: Token | None = None) -> Mapping[str, str]:  # noqa: ARG002 - it needs none
        return {"grant_type": JWT_BEARER, "assertion": self._assertion(now)}

    def _assertion(self, now: datetime) -> str:
        """The signed claims; Authlib is imported here because most commands never sign in."""
        signer = importlib.import_module("authlib.oauth2.rfc7523.assertion")
        keys = importlib.import_module("joserfc.jwk")
        refused = importlib.import_module("joserfc.errors").JoseError
        # A key in an environment variable often has its line breaks written as two characters.
        pem = self.private_key.replace("\\n", "\n").strip() + "\n"
        try:
            signed: str = signer.sign_jwt_bearer_assertion(
                keys.RSAKey.import_key(pem),
                self.client_id,
                self.audience,
                subject=self.username,
                issued_at=int(now.timestamp()),
                expires_in=ASSERTION_SECONDS,
                header={"alg": "RS256", "typ": "JWT"},
            )
        except (refused, ValueError, TypeError) as error:
            raise _bad_key() from error
        return signed


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The application acts for a person who has consented, by the refresh token that came of it."""

    client_id: str
    client_secret: str = field(repr=False)
    consented: ClassVar[bool] = True

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret,)

    def form(self, now: datetime, held: Token | None = None) -> Mapping[str, str]:  # noqa: ARG002 - others need it
        if held is None or held.refresh_token is None:
            raise ReconnectError("The token has ended, and the system gave none to renew it with.")
        return {
            "grant_type": "refresh_token",
            "refresh_token": held.refresh_token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


def _bad_key() -> AuthError:
    return AuthError(
        "The private key cannot sign: it is no RSA key in PEM form.",
        hint="Refer to the file that holds the private key, beginning with -----BEGIN PRIVATE KEY-----.",
    )
