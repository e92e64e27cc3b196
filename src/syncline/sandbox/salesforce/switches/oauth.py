"""Control routes of OAuth: connected apps, the grants of users, the address that token replies name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.org import Org


class OAuthSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/connected_app": self._connected_app,
            "/grants": self._grants,
            "/instance": self._instance,
        }

    async def _connected_app(self, request: Request) -> Response:
        """Any settings of an app, "client_id" when it is not the first; {"create": true} makes another."""
        wish = await body_object(request)
        apps = self._org.apps
        if wish.get("run_as") is not None and self._org.tables.fetch("User", str(wish["run_as"])) is None:
            raise ControlError(f"there is no User {wish['run_as']}")
        with self._org.state.transaction():
            if wish.pop("create", False):
                made = apps.change(apps.create().client_id, wish)
                return JSONResponse({**made.shown(), "client_secret": made.client_secret})
            return JSONResponse(apps.change(str(wish.pop("client_id", apps.first_id)), wish).shown())

    async def _grants(self, request: Request) -> Response:
        """Lists grants; {"revoke": true} ends them, those of one "user" if that is given."""
        wish = await body_object(request)
        if wish.get("revoke"):
            with self._org.state.transaction():
                for grant in self._org.grants.all():
                    if wish.get("user", grant.user) == grant.user:
                        self._org.grants.end(grant)
        return JSONResponse({"grants": [_shown(asdict(grant)) for grant in self._org.grants.all()]})

    async def _instance(self, request: Request) -> Response:
        """{"url": address} is what token replies name from now on; null undoes it."""
        url = (await body_object(request)).get("url")
        if url is not None and urlsplit(str(url)).scheme not in {"http", "https"}:
            raise ControlError("url must be an http address")
        self._org.settings.set("instance_url", None if url is None else str(url).rstrip("/"))
        return JSONResponse({"url": self._org.settings["instance_url"]})


def _shown(grant: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in grant.items() if name != "refresh_token"}
