"""Switches of what others do to records: automations that rewrite them, and locks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.automations import TRANSFORMS
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.switches.fields import (
    WRITABLE,
    known_user,
    named_field,
    wished_value,
)


class AutomaticSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {"/automations": self._automations, "/locks": self._locks}

    async def _automations(self, request: Request) -> Response:
        """{"object", "field", "target", "value" or "transform", "seconds", "user", "times"} adds a rule."""
        wish = await body_object(request)
        if wish.get("clear"):
            self._org.settings.set("automations", [])
        else:
            self._org.settings.set("automations", [*self._org.settings["automations"], self._rule(wish)])
        return JSONResponse({"automations": self._org.settings["automations"]})

    def _rule(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        object_, field = named_field(self._org, wish)
        _, target = named_field(self._org, {"target": field.name, **wish}, "target")
        transform = wish.get("transform")
        if (transform is None) == ("value" not in wish):
            raise ControlError("a rule needs a value or a transform")
        if transform is not None and transform not in TRANSFORMS:
            raise ControlError(f"transform must be one of {', '.join(TRANSFORMS)}")
        seconds, times = float(wish.get("seconds", 0)), wish.get("times")
        if seconds < 0 or (times is not None and int(times) < 1):
            raise ControlError("seconds must not be negative, and times at least 1")
        later = self._org.person if seconds else None
        return {
            "object": object_.name,
            "field": field.name,
            "target": target.name,
            "value": wished_value(target, wish.get("value")),
            "transform": transform,
            "seconds": seconds,
            "user": known_user(self._org, wish["user"]) if wish.get("user") else later,
            "times": None if times is None else int(times),
        }

    async def _locks(self, request: Request) -> Response:
        """{"ids": ids} locks records, {"object", "writes": n} the next n writes of an object."""
        wish = await body_object(request)
        told = self._org.settings["locks"]
        ids, following = list(told["ids"]), dict(told["next"])
        if "ids" in wish:
            ids = [self._locked(each) for each in wish["ids"]]
        if "writes" in wish:
            if wish.get("object") not in WRITABLE or int(wish["writes"]) < 0:
                raise ControlError(f"writes go with one of {', '.join(WRITABLE)}")
            following[wish["object"]] = int(wish["writes"])
        self._org.settings.set("locks", {"ids": ids, "next": following})
        return JSONResponse({"ids": ids, "next": following})

    def _locked(self, id_: str) -> str:
        schema = self._org.catalogue.whole
        object_ = schema.of_id(str(id_))
        record = self._org.tables.fetch(object_.name, str(id_)) if object_ else None
        if record is None:
            raise ControlError(f"there is no record {id_} of eighteen characters")
        return str(record["Id"])
