"""Control routes of this system alone: keys, tokens, limits, jobs, what is shown, and doubts about the vendor."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.apollo.access import Keys
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.limits import Limits
from syncline.sandbox.apollo.oauth import OAuth
from syncline.sandbox.apollo.tokens import Tokens
from syncline.sandbox.apollo.wire import Operation
from syncline.sandbox.apollo.workspace import Workspace
from syncline.sandbox.control import ControlError, answered, body_object
from syncline.sandbox.gate import CONTROL

Wish = Mapping[str, Any]
Switch = Callable[[Wish], Mapping[str, Any]]


class Parts(Protocol):
    """What the switches turn."""

    workspace: Workspace
    operations: list[Operation]
    keys: Keys
    tokens: Tokens
    oauth: OAuth
    limits: Limits
    doubts: Doubts


class Switches:
    """Handlers of the control routes; each POST answers with what is now in force."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        """Every route of these switches."""
        turned: dict[str, Switch] = {
            "/keys": self._keys,
            "/oauth/grant": self._grant,
            "/oauth/expire": self._expire,
            "/oauth/revoke": self._revoke,
            "/limits": self._parts.limits.set,
            "/search_lag": self._search_lag,
            "/doubts": self._parts.doubts.decide,
        }
        shown: dict[str, Callable[[], Mapping[str, Any]]] = {
            "/limits": self._parts.limits.setting,
            "/doubts": self._parts.doubts.all,
        }
        return [
            *(
                Route(CONTROL + path, answered(_showing(show)), methods=["GET"])
                for path, show in shown.items()
            ),
            *(Route(CONTROL + path, self._turning(turn), methods=["POST"]) for path, turn in turned.items()),
        ]

    def _turning(self, turn: Switch) -> Any:
        async def handler(request: Request) -> Response:
            wish = await body_object(request)
            with self._parts.workspace.state.transaction():
                return JSONResponse(dict(turn(wish)))

        return answered(handler)

    def _keys(self, wish: Wish) -> Mapping[str, Any]:
        """{"endpoints": [...]} makes a key for these, {"master": true} a master key."""
        if wish.get("master") is True:
            return {"key": self._parts.keys.add(None)}
        endpoints, known = _texts(wish, "endpoints"), {one.scope for one in self._parts.operations}
        if endpoints is None or set(endpoints) - known:
            raise ControlError(f"endpoints must be a list of some of {', '.join(sorted(known))}")
        return {"key": self._parts.keys.add(endpoints)}

    def _grant(self, wish: Wish) -> Mapping[str, Any]:
        """What the consent of {"user"} to {"scopes"} leads to: a pair of tokens, or with {"as": "code"} a code."""
        grant = self._parts.oauth.grant(_text(wish, "user"), _texts(wish, "scopes"))
        if wish.get("as", "tokens") == "tokens":
            return self._parts.tokens.issue(grant)
        if wish["as"] != "code":
            raise ControlError('as must be "code" or "tokens"')
        redirect_uri = self._parts.oauth.redirect_uri(wish.get("redirect_uri"))
        return {"code": self._parts.tokens.new_code(grant, redirect_uri), "redirect_uri": redirect_uri}

    def _expire(self, wish: Wish) -> Mapping[str, Any]:
        return {"expired": self._parts.tokens.expire(self._user_of(wish))}

    def _revoke(self, wish: Wish) -> Mapping[str, Any]:
        return {"revoked": self._parts.tokens.revoke(self._user_of(wish))}

    def _search_lag(self, wish: Wish) -> Mapping[str, Any]:
        self._parts.workspace.set_search_lag(float(wish.get("seconds", 0)))
        return {"seconds": self._parts.workspace.search_lag()}

    def _user_of(self, wish: Wish) -> str | None:
        return self._parts.oauth.user_id(_text(wish, "user"))


def _showing(show: Callable[[], Mapping[str, Any]]) -> Any:
    async def handler(_request: Request) -> Response:
        return JSONResponse(dict(show()))

    return handler


def _text(wish: Wish, name: str) -> str | None:
    given = wish.get(name)
    if given is not None and not isinstance(given, str):
        raise ControlError(f"{name} must be text")
    return given


def _texts(wish: Wish, name: str) -> list[str] | None:
    given = wish.get(name)
    if given is not None and not (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        raise ControlError(f"{name} must be a list of texts")
    return given
