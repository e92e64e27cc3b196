"""Control routes of this system alone: keys, tokens, limits, jobs, what is shown, and doubts about the vendor."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.apollo.access import Keys
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.jobs import DELAY_SECONDS, Jobs
from syncline.sandbox.apollo.limits import Limits
from syncline.sandbox.apollo.oauth import OAuth
from syncline.sandbox.apollo.organisations import Company, Organisations
from syncline.sandbox.apollo.records import PersonInApollo
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
    fields: Fields
    jobs: Jobs
    organisations: Organisations
    records: PersonInApollo


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
            "/fields": self._fields,
            "/jobs": self._jobs,
            "/visibility": self._visibility,
            "/organizations": self._organizations,
            "/merge": self._merge,
            "/limits": self._limits,
            "/search_lag": self._search_lag,
            "/doubts": self._parts.doubts.decide,
        }
        shown: dict[str, Callable[[], Mapping[str, Any]]] = {
            "/jobs": lambda: {"delay": self._parts.jobs.delay(), "pending": self._parts.jobs.pending()},
            "/limits": self._parts.limits.shown,
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
        endpoints = _texts(wish, "endpoints")
        if endpoints is None:
            raise ControlError("give a list of endpoints, or master as true")
        self._check_endpoints(endpoints)
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

    def _fields(self, wish: Wish) -> Mapping[str, Any]:
        """{"most": 10} custom fields for each modality, {"most": null} without a limit."""
        most = wish.get("most")
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
            raise ControlError("most must be a whole number or null")
        self._parts.fields.limit(most)
        return {"most": self._parts.fields.most()}

    def _jobs(self, wish: Wish) -> Mapping[str, Any]:
        """{"delay": seconds} of the jobs accepted from now on; as it was at first without."""
        self._parts.jobs.set_delay(float(wish.get("delay", DELAY_SECONDS)))
        return {"delay": self._parts.jobs.delay()}

    def _visibility(self, wish: Wish) -> Mapping[str, Any]:
        """{"ids": [...], "hidden": true, "email_locked": true} for these contacts; for all without ids."""
        marks = {f"_{name}": wish[name] for name in ("hidden", "email_locked") if name in wish}
        if not marks or not all(isinstance(mark, bool) for mark in marks.values()):
            raise ControlError("give hidden or email_locked as true or false")
        return {"contacts": self._parts.records.show_contacts(_texts(wish, "ids"), marks)}

    def _organizations(self, wish: Wish) -> Mapping[str, Any]:
        """{"domain", "name"}: a company the vendor's database knows, and finds for every address of that domain."""
        id_ = self._parts.organisations.add(Company(_text(wish, "domain"), _text(wish, "name")))
        if id_ is None:
            raise ControlError("give a domain that no organisation has yet")
        return {"id": id_}

    def _merge(self, wish: Wish) -> Mapping[str, Any]:
        """{"type", "winner", "loser"}, the last two ids; answers with the survivor as it is stored."""
        type_, winner, loser = (str(wish.get(name)) for name in ("type", "winner", "loser"))
        return self._parts.records.merge(type_, winner, loser)

    def _limits(self, wish: Wish) -> Mapping[str, Any]:
        """{"plan"}, or {"minute", "hour", "day"} for all endpoints or one {"endpoint"}; null is no limit."""
        if endpoint := _text(wish, "endpoint"):
            self._check_endpoints([endpoint])
        return self._parts.limits.set(wish)

    def _check_endpoints(self, endpoints: list[str]) -> None:
        known = {operation.scope for operation in self._parts.operations}
        if unknown := set(endpoints) - known:
            text = f"no such endpoint: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}"
            raise ControlError(text)

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
