"""The operations on deals."""

from syncline.sandbox.apollo.opportunities import Opportunities
from syncline.sandbox.apollo.orders import Found, Orders
from syncline.sandbox.apollo.search import envelope, in_order, read_page
from syncline.sandbox.apollo.wire import ApiError, Call, bad_id, is_object_id, refused
from syncline.sandbox.apollo.workspace import OPPORTUNITIES, OPPORTUNITY_STAGES, Workspace
from syncline.sandbox.state import Document

# The vendor's name of a sort and the stored key behind it; the last two are nowhere published.
SORTS = {
    "amount": "amount",
    "is_closed": "is_closed",
    "is_won": "is_won",
    "closed_date": "closed_date",
    "opportunity_updated_at": "_updated_at",
}


class OpportunityCalls:
    """Create, show, update and search; there are no bulk forms."""

    def __init__(self, workspace: Workspace, deals: Opportunities) -> None:
        self._workspace = workspace
        self._deals = deals
        self._orders = Orders(workspace)

    def create(self, call: Call) -> Document:
        """Always a new deal: nothing is ever looked up."""
        if not (call.text("name") or "").strip():
            raise refused("Name is required")
        return {"opportunity": self._deals.own(self._deals.create(call.params, call.user_id))}

    def show(self, call: Call) -> Document:
        id_ = str(call.params["opportunity_id"])
        if not is_object_id(id_):
            raise bad_id(id_)
        doc = self._workspace.alive(OPPORTUNITIES, id_)
        if doc is None:
            raise ApiError(404, {"status": 404, "error": "Not Found"})
        if doc.get("_hidden"):
            raise refused("You are not authorized to view this page.")
        return {"opportunity": self._deals.listed(doc)}

    def update(self, call: Call) -> Document:
        """Sent keys change, empty ones clear; whether it is closed is its stage's to say."""
        doc = self._workspace.alive(OPPORTUNITIES, str(call.params["opportunity_id"]))
        if doc is None:
            raise refused("Opportunity does not exist.")
        if "name" in call.params and not (call.text("name") or "").strip():
            raise refused("Name is required")
        return {"opportunity": self._deals.own(self._deals.change(doc, call.params))}

    def search(self, call: Call) -> Document:
        """Deals by name and stages; other filters are ignored without a word."""
        page = read_page(call)
        ordered = self._orders.of(OPPORTUNITIES, call, lambda: self._ordered(call))
        rows = [self._deals.listed(doc) for doc in page.of(ordered)]
        around = {**envelope([], page, len(ordered)), "salesforce_users": [], "num_fetch_result": None}
        return {"opportunities": rows, **around}

    def _ordered(self, call: Call) -> Found:
        found: Found = self._workspace.searchable(OPPORTUNITIES)
        wanted = call.ids("opportunity_stage_ids")
        if any(self._workspace.alive(OPPORTUNITY_STAGES, id_) is None for id_ in wanted):
            raise refused(
                "Your search parameters are entered incorrectly. Did you try to edit the URL directly?"
            )
        if wanted:
            found = [doc for doc in found if doc["opportunity_stage_id"] in wanted]
        if name := call.text("q_opportunity_name"):
            found = [doc for doc in found if name.lower() in (doc["name"] or "").lower()]
        return in_order(found, call, SORTS)
