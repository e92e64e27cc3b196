"""Who a request comes from: API keys with their endpoints, OAuth tokens with their scopes, and the refusals."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.tokens import Tokens
from syncline.sandbox.apollo.wire import UNAUTHORISED, ApiError, Operation
from syncline.sandbox.apollo.workspace import Workspace
from syncline.sandbox.state import State

# What the second key was given: reading records and stages, nothing else.
LIMITED_SCOPES = (
    "api/v1/contacts/search",
    "api/v1/contacts/show",
    "api/v1/accounts/search",
    "api/v1/accounts/show",
    "api/v1/contact_stages/index",
    "api/v1/account_stages/index",
)
# That a refused token is answered in JSON with this code is known; the sentence beside it is not.
BAD_TOKEN = {
    "error": "The access token is invalid, has expired or was revoked.",
    "error_code": "INVALID_ACCESS_TOKEN",
}
PAID_ONLY = {"message": "This endpoint is only available to Apollo users on paid plans."}


class Keys:
    """The API keys of the team: at first a master key and one with a short list of endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, seed: int) -> None:
        """Make the two keys of a new workspace."""
        self._put("api_key", _key("master", seed), None)
        self._put("limited_api_key", _key("limited", seed), LIMITED_SCOPES)

    def add(self, scopes: Sequence[str] | None) -> str:
        """A further key for these endpoints; None makes a master key."""
        key = secrets.token_urlsafe(16)
        self._put(None, key, scopes)
        return key

    def credentials(self) -> dict[str, str]:
        """The first two keys by the name they have in the ready line."""
        return {
            str(doc["name"]): str(doc["key"]) for doc in self._state.all("_keys") if doc["name"] is not None
        }

    def is_known(self, key: str | None) -> bool:
        """Whether this is a key of the team."""
        return self._found(key) is not None

    def check(self, key: str | None, operation: Operation) -> None:
        """Let the request pass or raise its 401 or 403; some endpoints are for master keys alone."""
        found = self._found(key)
        if found is None:
            raise ApiError(401, UNAUTHORISED)
        scopes = found["scopes"]
        if scopes is not None and (operation.master or operation.scope not in scopes):
            raise out_of_scope(operation.scope)

    def _found(self, key: str | None) -> Mapping[str, Any] | None:
        """The key, looked for among all of them in a time that tells nothing about any."""
        sent = (key or "").encode()
        found = [
            doc for doc in self._state.all("_keys") if hmac.compare_digest(sent, str(doc["key"]).encode())
        ]
        return found[0] if found else None

    def _put(self, name: str | None, key: str, scopes: Sequence[str] | None) -> None:
        self._state.put("_keys", key, {"name": name, "key": key, "scopes": scopes})


class Access:
    """Finds the user a request acts as."""

    def __init__(self, workspace: Workspace, keys: Keys, tokens: Tokens, doubts: Doubts) -> None:
        self._workspace = workspace
        self._keys = keys
        self._tokens = tokens
        self._doubts = doubts

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether the request carries a key or a token that is good for something."""
        token = _bearer(headers)
        return self._keys.is_known(headers.get("x-api-key")) or (
            token is not None and self._tokens.holder(token) is not None
        )

    def admit(self, headers: Mapping[str, str], operation: Operation, plan: str) -> str:
        """The id of the acting user, or the 401 or 403. Of a key and a token together the key counts."""
        key, token = headers.get("x-api-key"), _bearer(headers)
        if key is None and token is not None:
            user = self._by_token(token, operation)
        else:
            self._keys.check(key, operation)
            user = self._workspace.acting_user()
        if operation.paid and plan == "free" and not self._doubts["searches_on_free_plan"]:
            raise ApiError(403, PAID_ONLY)
        return user

    def _by_token(self, token: str, operation: Operation) -> str:
        holder = self._tokens.holder(token)
        if holder is None:
            raise ApiError(401, BAD_TOKEN)
        if operation.token_scope not in holder.scopes:
            text = f"{operation.scope} is not accessible with this access token"
            raise ApiError(403, {"error": text, "error_code": "API_INACCESSIBLE"})
        return holder.user_id


def out_of_scope(scope: str) -> ApiError:
    """The 403 for an endpoint the key was not given."""
    text = (
        f"This API key is not authorized to access {scope}. Request an API key from your administrator "
        "that includes this endpoint in its configured scope."
    )
    return ApiError(403, {"error": text, "error_code": "API_INACCESSIBLE"})


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _key(name: str, seed: int) -> str:
    return hashlib.sha256(f"{name}/{seed}".encode()).hexdigest()[:22]
