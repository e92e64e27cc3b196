"""Who may ask: the tenant's API keys, and the two bodies of a refusal."""

import hashlib
import hmac
from collections.abc import Mapping

from syncline.sandbox.customeros.wire import Refusal
from syncline.sandbox.state import State

HEADER = "x-customer-os-api-key"
MISSPELT = "message”"
"""How one branch of the service writes the key of its refusals."""


class Access:
    """The API keys of the one tenant."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, seed: int) -> None:
        """Make the key of a new tenant."""
        key = "cos_" + hashlib.sha256(f"customeros/{seed}".encode()).hexdigest()[:32]
        self._state.put("_keys", key, {"key": key, "enabled": True})

    def credentials(self) -> dict[str, str]:
        """The key under the name the ready line gives it."""
        return {"api_key": str(self._state.all("_keys")[0]["key"])}

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let the request pass or raise its 401."""
        sent = headers.get(HEADER, "").encode()
        known = [
            doc["enabled"]
            for doc in self._state.all("_keys")
            if hmac.compare_digest(sent, doc["key"].encode())
        ]
        if not any(known):
            raise self.refusal()

    def refusal(self) -> Refusal:
        """The 401, spelt as the switch says."""
        return Refusal(401, "Unauthorized", key=MISSPELT if self.is_misspelt() else "message")

    def is_misspelt(self) -> bool:
        """Whether refusals come from the branch that misspells them."""
        return bool((self._state.peek("_access", "access") or {"misspelt": False})["misspelt"])

    def set(self, *, misspelt: bool | None = None, enabled: bool | None = None) -> dict[str, bool]:
        """Turn the spelling of refusals, or whether the key is good; what is in force."""
        if misspelt is not None:
            self._state.put("_access", "access", {"misspelt": misspelt})
        kept = self._state.all("_keys")[0]
        if enabled is not None:
            kept = {**kept, "enabled": enabled}
            self._state.put("_keys", kept["key"], kept)
        return {"misspelt": self.is_misspelt(), "enabled": bool(kept["enabled"])}
