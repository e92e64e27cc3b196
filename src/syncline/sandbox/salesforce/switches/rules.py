"""Switches of what an administrator sets up: duplicate rules, validation rules, assignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.duplicates import KEYS
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.settings import DEFAULTS
from syncline.sandbox.salesforce.switches.fields import known_user, named_field, wished_value
from syncline.sandbox.salesforce.validation import COMPARISONS


class RuleSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/duplicate_rules": self._duplicate_rules,
            "/validation_rules": self._validation_rules,
            "/assignment": self._assignment,
        }

    async def _duplicate_rules(self, request: Request) -> Response:
        """{"object", "active", "action", "against", "message"}; {"spelt_right_from": version}, {"in_rows"}."""
        wish = await body_object(request)
        if "spelt_right_from" in wish:
            self._org.settings.set("duplicates_spelt_right_from", float(wish["spelt_right_from"]))
        if "in_rows" in wish:
            self._org.settings.set("duplicates_in_rows", bool(wish["in_rows"]))
        if "object" in wish or not {"spelt_right_from", "in_rows"} & wish.keys():
            self._set_duplicate_rule(wish)
        return JSONResponse(self._org.settings["duplicate_rules"])

    def _set_duplicate_rule(self, wish: Mapping[str, Any]) -> None:
        name = str(wish.get("object"))
        rules = {**self._org.settings["duplicate_rules"]}
        if name not in DEFAULTS["duplicate_rules"]:
            raise ControlError(f"there is no duplicate rule for {name}")
        if wish.get("action", "alert") not in {"alert", "block"}:
            raise ControlError("action must be alert or block")
        changes = {key: wish[key] for key in ("active", "action", "against", "message") if key in wish}
        alike = {each for each in KEYS if KEYS[each] == KEYS[name]}
        if not set(changes.get("against", ())) <= alike:
            raise ControlError(f"against must be a list of {', '.join(sorted(alike))}")
        rules[name] = {**rules[name], **changes}
        self._org.settings.set("duplicate_rules", rules)

    async def _validation_rules(self, request: Request) -> Response:
        """{"object", "field", "comparison", "value", "message", "error_field"} adds a rule; {"clear": true}."""
        wish = await body_object(request)
        if wish.get("clear"):
            self._org.settings.set("validation_rules", [])
        else:
            rules = [*self._org.settings["validation_rules"], self._validation_rule(wish)]
            self._org.settings.set("validation_rules", rules)
        return JSONResponse({"validation_rules": self._org.settings["validation_rules"]})

    def _validation_rule(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        object_, field = named_field(self._org, wish)
        comparison, value = wish.get("comparison"), wish.get("value")
        if comparison not in COMPARISONS:
            raise ControlError(f"comparison must be one of {', '.join(COMPARISONS)}")
        if not wish.get("message"):
            raise ControlError("message must say what the person who saves reads")
        shown = named_field(self._org, wish, "error_field")[1].name if wish.get("error_field") else None
        return {
            "object": object_.name,
            "field": field.name,
            "comparison": comparison,
            "value": int(value or 0) if comparison == "longer" else wished_value(field, value),
            "message": str(wish["message"]),
            "error_field": shown,
        }

    async def _assignment(self, request: Request) -> Response:
        """{"owner": user id} makes an assignment rule that gives leads to that user; null removes it."""
        owner = (await body_object(request)).get("owner")
        if owner is not None:
            owner = known_user(self._org, owner)
        self._org.settings.set("lead_assignment_owner", owner)
        return JSONResponse({"owner": owner})
