"""OAuth: tokens for client credentials and for signed assertions, who holds one, and giving one back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

from syncline.sandbox.salesforce import signatures
from syncline.sandbox.salesforce.api import Call, Endpoint, Reply, query_of
from syncline.sandbox.salesforce.tables import Document

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
LEEWAY = 30  # seconds by which an assertion may be late


class OAuthError(Exception):
    """A refused token request; OAuth bodies are objects, unlike those of the REST API."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.body = {"error": error, "error_description": description}


def endpoints() -> list[Endpoint]:
    """The OAuth endpoints."""
    return [
        Endpoint("/services/oauth2/token", {"POST": token}, open=True),
        Endpoint("/services/oauth2/revoke", {"GET": revoke, "POST": revoke}, open=True),
        Endpoint("/services/oauth2/userinfo", {"GET": userinfo, "POST": userinfo}, open=True),
        Endpoint("/id/{org}/{user}", {"GET": identity}, open=True),
    ]


def token(call: Call) -> Reply:
    """A new access token."""
    form = query_of(call.body.decode("utf-8", "replace"))
    try:
        user = _user(call, form)
    except OAuthError as error:
        return Reply(400, error.body, _UNCACHED)
    return Reply(200, _granted(call, user), _UNCACHED)


def revoke(call: Call) -> Reply:
    """End a token."""
    form = {**call.query, **query_of(call.body.decode("utf-8", "replace"))}
    if call.org.sessions.close(form.get("token", "")):
        return Reply(200)
    return Reply(400, OAuthError("invalid_token", "token revoked or invalid").body)


def userinfo(call: Call) -> Reply:
    """Who holds the token, in the words of OpenID."""
    found = _holder(call)
    if found is None:
        return Reply(403, "Bad_OAuth_Token")
    user = call.org.tables.fetch("User", found) or {}
    return Reply(200, _userinfo(call, user))


def identity(call: Call) -> Reply:
    """Who holds the token, at the address the token reply names."""
    found = _holder(call)
    if found is None or call.params["user"][:15] != found[:15]:
        return Reply(403, "Bad_OAuth_Token" if found is None else "Bad_Id")
    user = call.org.tables.fetch("User", found) or {}
    return Reply(200, _identity(call, user))


_UNCACHED = {"cache-control": "no-store"}


def _user(call: Call, form: dict[str, str]) -> str:
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        return _by_secret(call, form)
    if grant == JWT_BEARER:
        return _by_assertion(call, form.get("assertion", ""))
    raise OAuthError("unsupported_grant_type", "grant type not supported")


def _by_secret(call: Call, form: dict[str, str]) -> str:
    client, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
    app = call.org.app
    if client != app["client_id"]:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(secret.encode(), app["client_secret"].encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    _demand_active(call.org.tables.fetch("User", call.org.integration_user))
    return call.org.integration_user


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, coded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret


def _by_assertion(call: Call, assertion: str) -> str:
    org = call.org
    try:
        claims = signatures.claims_of(assertion, org.app["public_key"])
    except signatures.UntrustedError as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    if claims.get("iss") != org.app["client_id"]:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    audience = claims.get("aud")
    if str(audience).rstrip("/") not in {*LOGIN_HOSTS, call.origin}:
        raise OAuthError("invalid_grant", "audience is invalid")
    if _ends(claims) + LEEWAY < org.clock.now().timestamp():
        raise OAuthError("invalid_grant", "expired authorization code")
    name = str(claims.get("sub") or claims.get("prn") or "").lower()
    user = next((u for u in org.tables.scan("User") if str(u["Username"]).lower() == name), None)
    if user is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    _demand_active(user)
    return str(user["Id"])


def _ends(claims: dict[str, Any]) -> float:
    """The end of an assertion; some clients write the number as text."""
    try:
        return float(claims["exp"])
    except (KeyError, TypeError, ValueError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error


def _demand_active(user: Document | None) -> None:
    if user is None or not user.get("IsActive"):
        raise OAuthError("invalid_grant", "inactive user")


def _granted(call: Call, user: str) -> dict[str, str]:
    issued = str(int(call.org.clock.now().timestamp() * 1000))
    who = f"{call.origin}/id/{call.org.id}/{user}"
    secret = call.org.app["client_secret"].encode()
    signature = hmac.new(secret, (who + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": call.org.sessions.open(user, call.org.id),
        "signature": base64.b64encode(signature).decode(),
        "scope": "api",
        "instance_url": call.origin,
        "id": who,
        "token_type": "Bearer",
        "issued_at": issued,
    }


def _holder(call: Call) -> str | None:
    scheme, _, held = call.headers.get("authorization", "").partition(" ")
    given = held if scheme.lower() in {"bearer", "oauth"} else call.query.get("access_token", "")
    return call.org.sessions.user_of(given.strip())


def _userinfo(call: Call, user: Document) -> dict[str, Any]:
    return {
        "sub": f"{call.origin}/id/{call.org.id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": call.org.id,
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
        "updated_at": user["SystemModstamp"],
    }


def _identity(call: Call, user: Document) -> dict[str, Any]:
    root = f"{call.origin}/services/data/v{{version}}/"
    return {
        "id": f"{call.origin}/id/{call.org.id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": call.org.id,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "email": user["Email"],
        "first_name": user.get("FirstName"),
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "urls": {"rest": root, "sobjects": f"{root}sobjects/", "query": f"{root}query/"},
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
        "last_modified_date": user["LastModifiedDate"],
        "is_app_installed": True,
    }
