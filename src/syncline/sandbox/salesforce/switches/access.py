"""Switches of what a client may use up: tokens, calls, pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.org import Org


class AccessSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {"/tokens": self._tokens, "/limits": self._limits, "/pages": self._pages}

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
