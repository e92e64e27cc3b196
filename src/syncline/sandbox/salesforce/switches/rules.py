"""Switches of what an administrator sets up: duplicate rules, assignment rules."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.settings import DEFAULTS


class RuleSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/duplicate_rules": self._duplicate_rules,
            "/assignment": self._assignment,
        }

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
