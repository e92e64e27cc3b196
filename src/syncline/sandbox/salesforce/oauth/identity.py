"""Who holds a token: in the words of OpenID, and at the address that token replies name."""

from __future__ import annotations

from typing import Any

from syncline.sandbox.salesforce.api import Call, Reply
from syncline.sandbox.salesforce.tables import Document


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


def _holder(call: Call) -> str | None:
    scheme, _, held = call.headers.get("authorization", "").partition(" ")
    given = held if scheme.lower() in {"bearer", "oauth"} else call.query.get("access_token", "")
    return call.org.sessions.user_of(given.strip())


def _userinfo(call: Call, user: Document) -> dict[str, Any]:
    return {
        "sub": f"{call.origin}/id/{call.org.id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": call.org.id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("CommunityNickname"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user.get("LastName"),
        "zoneinfo": user.get("TimeZoneSidKey"),
        "active": user.get("IsActive"),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": 0,
        "updated_at": user.get("SystemModstamp"),
    }


def _identity(call: Call, user: Document) -> dict[str, Any]:
    root = f"{call.origin}/services/data/v{{version}}/"
    return {
        "id": f"{call.origin}/id/{call.org.id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": call.org.id,
        "username": user.get("Username"),
        "nick_name": user.get("CommunityNickname"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "first_name": user.get("FirstName"),
        "last_name": user.get("LastName"),
        "timezone": user.get("TimeZoneSidKey"),
        "urls": {"rest": root, "sobjects": f"{root}sobjects/", "query": f"{root}query/"},
        "active": user.get("IsActive"),
        "user_type": "STANDARD",
        "language": user.get("LanguageLocaleKey"),
        "locale": user.get("LocaleSidKey"),
        "utcOffset": 0,
        "last_modified_date": user.get("LastModifiedDate"),
        "is_app_installed": True,
    }
