"""Switches of what a client may use up: tokens, calls, pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce import stamps
from syncline.sandbox.salesforce.org import Org

_PART = re.compile(r"[a-z-]+=\d+/\d+(\(appName=[\w .-]+\))?")


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
        """{"max": calls in 24 hours, "used": calls made, "concurrent": {"max", "running", "seconds"}}."""
        wish = await body_object(request)
        if "max" in wish:
            self._org.settings.set("daily_limit", int(wish["max"]))
        if "used" in wish:
            self._org.usage.set(int(wish["used"]))
        if "concurrent" in wish:
            self._set_concurrent(wish["concurrent"])
        if "shown_besides" in wish:
            self._org.settings.set("usage_extras", _header_parts(wish["shown_besides"]))
        return JSONResponse({"max": self._org.usage.limit, "used": self._org.usage.used})

    def _set_concurrent(self, wish: Mapping[str, Any]) -> None:
        """How many requests of 20 seconds and more may run, how many do, and for how long."""
        settings = self._org.settings
        if "max" in wish:
            settings.set("concurrent_limit", int(wish["max"]))
        if "running" in wish:
            seconds = wish.get("seconds")
            until = self._org.clock.now() + timedelta(seconds=float(seconds or 0))
            told = {"count": int(wish["running"]), "until": None if seconds is None else stamps.wire(until)}
            settings.set("long_requests", told)

    async def _pages(self, request: Request) -> Response:
        """{"size": rows}, {"size": null} undoes it; {"expire": true} ends locators, {"lifetime": seconds}."""
        wish = await body_object(request)
        if wish.get("expire"):
            self._org.cursors.expire_all()
        if "lifetime" in wish:
            self._org.settings.set("locator_lifetime", float(wish["lifetime"]))
        if "size" in wish:
            self._set_size(wish["size"])
        settings = self._org.settings
        return JSONResponse({"size": settings["page_size"], "lifetime": settings["locator_lifetime"]})

    def _set_size(self, size: Any) -> None:
        if size is not None and int(size) < 1:
            raise ControlError("size must be at least 1")
        self._org.settings.set("page_size", None if size is None else int(size))


def _header_parts(given: Any) -> str:
    """Further parts of the header with the allocation, such as {"api-bursts": "1/750"}."""
    if not isinstance(given, dict) or not all(
        _PART.fullmatch(f"{name}={value}") for name, value in given.items()
    ):
        raise ControlError('shown_besides must be an object such as {"api-bursts": "1/750"}')
    return "".join(f"; {name}={value}" for name, value in given.items())
