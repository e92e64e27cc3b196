"""API keys: which there are, what each may call, and how the rest is turned away."""

import hashlib

from syncline.sandbox.apollo.wire import UNAUTHORISED, ApiError, Operation
from syncline.sandbox.state import State

# What the second key was given: reading records and stages, nothing else.
LIMITED_SCOPES = [
    "api/v1/contacts/search",
    "api/v1/contacts/show",
    "api/v1/accounts/search",
    "api/v1/accounts/show",
    "api/v1/contact_stages/index",
    "api/v1/account_stages/index",
]


class Keys:
    """The keys of the team: a master key and one with a short list of endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, seed: int) -> None:
        """Make the two keys of a new workspace."""
        self._put("api_key", _key("master", seed), None)
        self._put("limited_api_key", _key("limited", seed), LIMITED_SCOPES)

    def credentials(self) -> dict[str, str]:
        """The keys by the name they have in the ready line."""
        return {str(doc["name"]): str(doc["key"]) for doc in self._state.all("_keys")}

    def is_known(self, key: str | None) -> bool:
        """Whether this is a key of the team."""
        return bool(key) and self._state.peek("_keys", str(key)) is not None

    def check(self, key: str | None, operation: Operation, plan: str) -> None:
        """Let the request pass or raise its 401 or 403."""
        found = self._state.peek("_keys", key) if key else None
        if found is None:
            raise ApiError(401, UNAUTHORISED)
        if found["scopes"] is not None and operation.scope not in found["scopes"]:
            raise out_of_scope(operation.scope)
        if operation.paid and plan == "free":
            raise ApiError(403, {"message": "This endpoint is only available to Apollo users on paid plans."})

    def _put(self, name: str, key: str, scopes: list[str] | None) -> None:
        self._state.put("_keys", key, {"name": name, "key": key, "scopes": scopes})


def out_of_scope(scope: str) -> ApiError:
    """The 403 for an endpoint the key was not given."""
    text = (
        f"This API key is not authorized to access {scope}. Request an API key from your administrator "
        "that includes this endpoint in its configured scope."
    )
    return ApiError(403, {"error": text, "error_code": "API_INACCESSIBLE"})


def _key(name: str, seed: int) -> str:
    return hashlib.sha256(f"{name}/{seed}".encode()).hexdigest()[:22]
