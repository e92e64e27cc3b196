"""Switches of what happens later, or is not known any more: open transactions, the recycle bin, windows of changes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.person import tidied_values
from syncline.sandbox.salesforce.switches.fields import WRITABLE, known_id, named_object


class TimingSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/late_commits": self._late_commits,
            "/recycle_bin": self._recycle_bin,
            "/replication": self._replication,
        }

    async def _late_commits(self, request: Request) -> Response:
        """{"object", "id", "values", "after": seconds} begins a change; {"commit": number} ends it."""
        wish = await body_object(request)
        if "commit" in wish:
            return self._commit(str(wish["commit"]))
        object_ = named_object(self._org, wish)
        id_ = known_id(self._org, object_, wish["id"]) if wish.get("id") else None
        values = wish.get("values")
        if not isinstance(values, dict) or not values:
            raise ControlError("values must be an object of fields")
        seconds = None if wish.get("after") is None else float(wish["after"])
        if seconds is not None and seconds < 0:
            raise ControlError("after must not be negative")
        tidied = tidied_values(object_, values)
        change = self._org.late.begin(object_, id_, tidied, self._org.person, seconds)
        return JSONResponse({key: change[key] for key in ("number", "object", "id", "began", "due")})

    def _commit(self, number: str) -> Response:
        change = self._org.late.open(number)
        if change is None:
            raise ControlError(f"there is no open transaction {number}")
        with self._org.state.transaction():
            self._org.late.commit(change, self._org.catalogue.whole.objects[change["object"]])
        return JSONResponse({"number": number, "object": change["object"], "id": change["id"]})

    async def _recycle_bin(self, request: Request) -> Response:
        """{"purge": true} removes what is deleted for good; the log of deletions begins after it."""
        if (await body_object(request)).get("purge") is not True:
            raise ControlError("purge must be true")
        until = dict(self._org.settings["purged_until"])
        with self._org.state.transaction():
            for name in WRITABLE:
                if (newest := self._org.tables.purge(name)) is not None:
                    until[name] = newest
            self._org.settings.set("purged_until", until)
        return JSONResponse({"purged_until": until})

    async def _replication(self, request: Request) -> Response:
        """{"id_limit": ids} that one window of changes may hold."""
        limit = int((await body_object(request)).get("id_limit", 600_000))
        self._org.settings.set("replication_id_limit", limit)
        return JSONResponse({"id_limit": limit})
