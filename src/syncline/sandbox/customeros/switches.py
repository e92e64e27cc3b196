"""Control routes of this system alone: edition, schema, key, limits, merges, re-evaluation and failing fields."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.control import ControlError, answered, body_object
from syncline.sandbox.customeros.access import Access
from syncline.sandbox.customeros.editions import EDITIONS
from syncline.sandbox.customeros.limits import Limits
from syncline.sandbox.customeros.records import PersonInCustomerOS
from syncline.sandbox.customeros.schema import REMOVABLE
from syncline.sandbox.customeros.trouble import Trouble
from syncline.sandbox.customeros.workspace import Workspace
from syncline.sandbox.gate import CONTROL

Wish = Mapping[str, Any]


class Parts(Protocol):
    """What the switches turn."""

    workspace: Workspace
    access: Access
    limits: Limits
    trouble: Trouble
    records: PersonInCustomerOS


class Switches:
    """Handlers of the control routes; each POST answers with what is now in force."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        """Every route of these switches."""
        turned: dict[str, Callable[[Wish], Mapping[str, Any]]] = {
            "/edition": self._edition,
            "/schema": self._schema,
            "/access": self._access,
            "/limits": self._parts.limits.set,
            "/errors": self._errors,
            "/reevaluate": self._reevaluate,
            "/merge": self._merge,
        }
        return [Route(CONTROL + path, self._turning(turn), methods=["POST"]) for path, turn in turned.items()]

    def _turning(self, turn: Callable[[Wish], Mapping[str, Any]]) -> Any:
        async def handler(request: Request) -> Response:
            wish = await body_object(request)
            with self._parts.workspace.state.transaction():
                return JSONResponse(dict(turn(wish)))

        return answered(handler)

    def _edition(self, wish: Wish) -> Mapping[str, Any]:
        """{"name"} of one of the published vocabularies."""
        if wish:
            self._parts.workspace.choose_edition(str(wish.get("name")))
        return {"name": self._parts.workspace.edition().name, "editions": list(EDITIONS)}

    def _schema(self, wish: Wish) -> Mapping[str, Any]:
        """{"quarantine", "lead_type"} as true or false, {"stages", "without"} as names."""
        for name in ("quarantine", "lead_type"):
            if not isinstance(wish.get(name, False), bool):
                raise ControlError(f"{name} must be true or false")
        for name in ("stages", "without"):
            _names(wish, name)
        if unknown := set(wish.get("without", ())) - set(REMOVABLE):
            raise ControlError(
                f"only {', '.join(REMOVABLE)} can be left out, not {', '.join(sorted(unknown))}"
            )
        known = {"quarantine", "lead_type", "stages", "without"}
        if wish.keys() - known:
            raise ControlError(f"give some of {', '.join(sorted(known))}")
        told = self._parts.workspace.add(wish)
        return {name: getattr(told, name) for name in sorted(known)}

    def _access(self, wish: Wish) -> Mapping[str, Any]:
        """{"misspelt": true} for the other body of a 401, {"enabled": false} for a key that is switched off."""
        for name, turned in wish.items():
            if name not in {"misspelt", "enabled"} or not isinstance(turned, bool):
                raise ControlError("give misspelt or enabled as true or false")
        return self._parts.access.set(**wish)

    def _errors(self, wish: Wish) -> Mapping[str, Any]:
        """{"field", "message", "count"}: this field fails so often; {"clear": true} ends all of it."""
        if wish.get("clear") is True:
            self._parts.trouble.end()
        else:
            count = wish.get("count")
            if not isinstance(wish.get("field"), str):
                raise ControlError("give the name of a field, or clear as true")
            if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
                raise ControlError("count must be a whole number from 1 or null")
            self._parts.trouble.tell(wish["field"], str(wish.get("message", "internal system error")), count)
        return {"fields": self._parts.trouble.all()}

    def _reevaluate(self, wish: Wish) -> Mapping[str, Any]:
        """{"ids": [...]} are looked at again without a change; all organisations without ids."""
        return {"organizations": self._parts.records.reevaluate(_names(wish, "ids"))}

    def _merge(self, wish: Wish) -> Mapping[str, Any]:
        """{"winner", "losers": [...]}, all of them ids of organisations; answers with the survivor as it is stored."""
        losers = _names(wish, "losers")
        if not losers:
            raise ControlError("give the ids of losers")
        return self._parts.records.merge(str(wish.get("winner")), losers)


def _names(wish: Wish, name: str) -> list[str] | None:
    given = wish.get(name)
    if given is not None and not (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        raise ControlError(f"{name} must be a list of texts")
    return given
