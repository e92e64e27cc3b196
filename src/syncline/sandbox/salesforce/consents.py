"""What an app has asked of a user: the request that waits for an answer, and the code that carries a yes."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import msgspec

from syncline.sandbox.clock import Clock
from syncline.sandbox.state import State

PENDING = "_consent"
CODES = "_code"
LIFETIME = timedelta(minutes=15)  # of a request that waits, and of a code


@dataclass(frozen=True, slots=True)
class Wish:
    """What an app asks for; the challenge is a verifier's SHA-256, in base64 for addresses."""

    client: str
    redirect_uri: str
    scope: str
    state: str | None = None
    challenge: str | None = None
    login_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A wish on its page; the token proves that an answer comes from that page."""

    id: str
    token: str
    ends: datetime
    wish: Wish


@dataclass(frozen=True, slots=True)
class Code:
    """A wish that a user has granted."""

    id: str
    user: str
    ends: datetime
    wish: Wish


class Consents:
    """Requests and codes of one org; each is answered, or taken in, once."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def ask(self, wish: Wish) -> Pending:
        """Let a wish wait for its answer."""
        self._forget_ended(PENDING)
        pending = Pending(secrets.token_hex(16), secrets.token_hex(32), self._ends(), wish)
        self._state.put(PENDING, pending.id, _stored(pending))
        return pending

    def answer(self, id_: str, token: str) -> Wish | None:
        """The wish that an answer is about, which waits no more; None when there is none such."""
        found = self._state.peek(PENDING, id_)
        if found is None or not hmac.compare_digest(str(found["token"]).encode(), token.encode()):
            return None
        pending = msgspec.convert(found, Pending)
        self._state.delete(PENDING, id_)
        return pending.wish if self._clock.now() < pending.ends else None

    def allow(self, wish: Wish, user: str) -> str:
        """A code for a wish that a user has granted. It ends in == as the vendor's do, which must be escaped."""
        self._forget_ended(CODES)
        code = f"aPrx{base64.b64encode(secrets.token_bytes(64)).decode()}"
        self._state.put(CODES, code, _stored(Code(code, user, self._ends(), wish)))
        return code

    def take(self, code: str, client: str) -> Code | None:
        """What a code of that app stands for; whatever comes of it, the code is used up."""
        found = self._state.peek(CODES, code)
        if found is None or found["wish"]["client"] != client:
            return None
        self._state.delete(CODES, code)
        taken = msgspec.convert(found, Code)
        return taken if self._clock.now() < taken.ends else None

    def _ends(self) -> datetime:
        return self._clock.now() + LIFETIME

    def _forget_ended(self, type_: str) -> None:
        now = self._clock.now()
        for found in self._state.all(type_):
            if datetime.fromisoformat(found["ends"]) <= now:
                self._state.delete(type_, str(found["id"]))


def _stored(waiting: Pending | Code) -> dict[str, object]:
    return {**asdict(waiting), "ends": waiting.ends.isoformat()}
