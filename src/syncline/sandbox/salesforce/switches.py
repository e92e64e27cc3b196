"""Control routes of this system alone: tokens, allocation, page size, picklists, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.control import ControlError, Handler, answered, body_object
from syncline.sandbox.gate import CONTROL
from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.schema import object_named
from syncline.sandbox.salesforce.settings import DEFAULTS


class Switches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """Every route; each takes a POST and answers with what is now in force."""
        table: dict[str, Handler] = {
            "/tokens": self._tokens,
            "/limits": self._limits,
            "/pages": self._pages,
            "/picklists": self._picklists,
            "/duplicate_rules": self._duplicate_rules,
            "/assignment": self._assignment,
        }
        return [Route(CONTROL + path, answered(handler), methods=["POST"]) for path, handler in table.items()]

    async def _tokens(self, request: Request) -> Response:
        """{"lifetime": seconds} for tokens given out from now on; {"expire": true} ends all there are."""
        wish = await body_object(request)
        if "lifetime" in wish:
            self._org.settings.set("token_lifetime", float(wish["lifetime"]))
        if wish.get("expire"):
            self._org.sessions.expire_all()
        return JSONResponse({"lifetime": self._org.settings["token_lifetime"]})

    async def _limits(self, request: Request) -> Response:
        """{"max": calls in 24 hours, "used": calls made}."""
        wish = await body_object(request)
        if "max" in wish:
            self._org.settings.set("daily_limit", int(wish["max"]))
        if "used" in wish:
            self._org.usage.set(int(wish["used"]))
        return JSONResponse({"max": self._org.usage.limit, "used": self._org.usage.used})

    async def _pages(self, request: Request) -> Response:
        """{"size": rows} makes every page of a query that short; {"size": null} undoes it."""
        size = (await body_object(request)).get("size")
        if size is not None and int(size) < 1:
            raise ControlError("size must be at least 1")
        self._org.settings.set("page_size", None if size is None else int(size))
        return JSONResponse({"size": self._org.settings["page_size"]})

    async def _picklists(self, request: Request) -> Response:
        """{"object", "field", "value", "active"} switches one option on or off, adding it when new."""
        wish = await body_object(request)
        object_, field = _picklist(wish)
        now = stamps.stamp(self._org.clock.now())
        active = bool(wish.get("active", False))
        self._org.settings.set_option(object_, field, str(wish.get("value")), active=active, now=now)
        options = self._org.settings.options(object_, field)
        return JSONResponse({"active": [each.value for each in options if each.active]})

    async def _duplicate_rules(self, request: Request) -> Response:
        """{"object", and any of "active", "action": alert or block, "against": objects}."""
        wish = await body_object(request)
        name = str(wish.get("object"))
        rules = {**self._org.settings["duplicate_rules"]}
        if name not in DEFAULTS["duplicate_rules"]:
            raise ControlError(f"there is no duplicate rule for {name}")
        if wish.get("action", "alert") not in {"alert", "block"}:
            raise ControlError("action must be alert or block")
        changes = {key: wish[key] for key in ("active", "action", "against") if key in wish}
        if not set(changes.get("against", ())) <= set(DEFAULTS["duplicate_rules"]):
            raise ControlError("against must be a list of Contact and Lead")
        rules[name] = {**rules[name], **changes}
        self._org.settings.set("duplicate_rules", rules)
        return JSONResponse(rules)

    async def _assignment(self, request: Request) -> Response:
        """{"owner": user id} makes an assignment rule that gives leads to that user; null removes it."""
        owner = (await body_object(request)).get("owner")
        if owner is not None and self._org.tables.fetch("User", str(owner)) is None:
            raise ControlError(f"there is no User {owner}")
        self._org.settings.set("lead_assignment_owner", owner)
        return JSONResponse({"owner": owner})


def _picklist(wish: Mapping[str, Any]) -> tuple[ObjectType, Field]:
    object_ = object_named(str(wish.get("object")))
    field = object_.field(str(wish.get("field"))) if object_ else None
    if object_ is None or field is None or field.type != "picklist":
        raise ControlError("object and field must name a picklist")
    if not wish.get("value"):
        raise ControlError("value must name an option")
    return object_, field
