"""Switches that play a person who merges, converts and restores records, and decides who sees them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncline.sandbox.control import ControlError, Handler, body_object
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.mergers import convert, merge, restore
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.person import tidied_values
from syncline.sandbox.salesforce.switches.fields import known_id, named_object

MOST_LOSERS = 2


class PersonSwitches:
    """Handlers of the control routes of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def handlers(self) -> dict[str, Handler]:
        """The handlers by path."""
        return {
            "/merge": self._merge,
            "/convert": self._convert,
            "/undelete": self._undelete,
            "/sharing": self._sharing,
        }

    async def _merge(self, request: Request) -> Response:
        """{"object", "master": id, "losers": ids, "values": what the master gets, "bump_children": false}."""
        wish = await body_object(request)
        self._org.catch_up()
        object_ = named_object(self._org, wish)
        if object_.field("MasterRecordId") is None:
            raise ControlError(f"Salesforce merges no {object_.name} records")
        losers = [self._living(object_, each) for each in wish.get("losers", ())]
        master = self._living(object_, wish.get("master"))
        if not 1 <= len(set(losers)) == len(losers) <= MOST_LOSERS or master in losers:
            raise ControlError(f"losers must be one to {MOST_LOSERS} other records")
        values = tidied_values(object_, wish.get("values", {}))
        bump = bool(wish.get("bump_children", False))
        with self._org.state.transaction():
            merge(self._org, object_, master, losers, values, bump=bump)
        return JSONResponse({"object": object_.name, "master": master, "losers": losers})

    async def _convert(self, request: Request) -> Response:
        """{"lead": id, "account": id, "contact": id, "opportunity": name}.

        An account and a contact are made where none is named, an opportunity only where it is given a name.
        """
        wish = await body_object(request)
        self._org.catch_up()
        objects = self._org.catalogue.whole.objects
        lead = self._org.tables.fetch("Lead", self._living(objects["Lead"], wish.get("lead")))
        if lead is None or lead.get("IsConverted"):
            raise ControlError("the lead is converted already")
        account = self._living(objects["Account"], wish["account"]) if wish.get("account") else None
        contact = self._living(objects["Contact"], wish["contact"]) if wish.get("contact") else None
        opportunity = wish.get("opportunity")
        if opportunity is not None and not (isinstance(opportunity, str) and opportunity.strip()):
            raise ControlError("opportunity must be the name of the opportunity to make")
        with self._org.state.transaction():
            done = convert(self._org, lead, account, contact, opportunity)
        told = ("Id", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId")
        return JSONResponse({name: done[name] for name in told if name in done})

    async def _undelete(self, request: Request) -> Response:
        """{"object", "id"} restores a record from the recycle bin."""
        wish = await body_object(request)
        self._org.catch_up()
        object_ = named_object(self._org, wish)
        key = known_id(self._org, object_, str(wish.get("id")))
        if not (self._org.tables.fetch(object_.name, key) or {}).get("IsDeleted"):
            raise ControlError(f"{object_.name} {key} is not deleted")
        with self._org.state.transaction():
            found = restore(self._org, object_, key)
        return JSONResponse({"object": object_.name, "id": found["Id"]})

    async def _sharing(self, request: Request) -> Response:
        """{"ids", "hidden": true}: these records are not shared with the integration user; false shares them again."""
        wish = await body_object(request)
        given, hidden = wish.get("ids"), wish.get("hidden", True)
        if not isinstance(given, list) or not isinstance(hidden, bool):
            raise ControlError("ids must be a list, hidden true or false")
        named = {self._known(each) for each in given}
        before = set(self._org.settings["hidden_records"])
        kept = sorted(before | named if hidden else before - named)
        self._org.settings.set("hidden_records", kept)
        return JSONResponse({"hidden": kept})

    def _known(self, id_: object) -> str:
        object_ = self._org.catalogue.whole.of_id(str(id_))
        if object_ is None or not object_.writable:
            raise ControlError(f"there is no record {id_}")
        return known_id(self._org, object_, str(id_))

    def _living(self, object_: ObjectType, id_: object) -> str:
        key = known_id(self._org, object_, str(id_))
        if (self._org.tables.fetch(object_.name, key) or {}).get("IsDeleted"):
            raise ControlError(f"{object_.name} {key} is deleted")
        return key
