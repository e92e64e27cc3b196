"""Searches of contacts and accounts: filters, sorts, pages and the envelope around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.orders import Found, Orders
from syncline.sandbox.apollo.values import text
from syncline.sandbox.apollo.wire import Call, refused
from syncline.sandbox.apollo.workspace import ACCOUNT_STAGES, ACCOUNTS, CONTACT_STAGES, CONTACTS, Workspace
from syncline.sandbox.state import Document

DISPLAY_LIMIT = 50_000
MOST_PER_PAGE = 100
PER_PAGE = 25
PARTIAL_LIMIT = 10_000
# The vendor's name of a sort and the stored key behind it.
CONTACT_SORTS = {
    "contact_last_activity_date": "last_activity_date",
    "contact_email_last_opened_at": "_email_last_opened_at",
    "contact_email_last_clicked_at": "_email_last_clicked_at",
    "contact_created_at": "created_at",
    "contact_updated_at": "updated_at",
}
ACCOUNT_SORTS = {
    "account_last_activity_date": "last_activity_date",
    "account_created_at": "created_at",
    "account_updated_at": "_updated_at",
}


@dataclass(frozen=True)
class Page:
    """Which slice of a listing was asked for."""

    number: int
    size: int

    def of(self, found: Found) -> Found:
        start = (self.number - 1) * self.size
        return found[start : start + self.size]

    def shown(self, total: int) -> Document:
        pages = -(-total // self.size)
        return {"page": self.number, "per_page": self.size, "total_entries": total, "total_pages": pages}


def read_page(call: Call) -> Page:
    """The page a call asks for, within the vendor's limits."""
    size = call.number("per_page", PER_PAGE)
    if size <= 0:
        raise refused("An error occurred. Per page cannot be 0.")
    page = Page(max(1, call.number("page", 1)), min(size, MOST_PER_PAGE))
    if page.number * page.size > DISPLAY_LIMIT:
        raise refused("Invalid parameter passed in. Page * per page number is over threshold.")
    return page


class Search:
    """Answers the two search operations."""

    def __init__(self, workspace: Workspace, contacts: Contacts, accounts: Accounts) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._accounts = accounts
        self._orders = Orders(workspace)

    def contacts(self, call: Call) -> Document:
        """Contacts by keywords, stages, lists and profile address; other filters are ignored without a word."""
        page = read_page(call)
        ordered = self._orders.of(CONTACTS, call, lambda: self._ordered_contacts(call))
        accounts = {id_: doc for id_, doc in self._accounts_of(page.of(ordered)).items() if doc is not None}
        rows = [self._contacts.listed(doc, accounts.get(str(doc["account_id"]))) for doc in page.of(ordered)]
        crumbs = _crumb("Contains Keywords", "q_keywords", call.text("q_keywords"))
        return {"contacts": rows, **envelope(crumbs, page, len(ordered)), "num_fetch_result": None}

    def accounts(self, call: Call) -> Document:
        """Accounts by name, stages and lists; other filters are ignored without a word."""
        page = read_page(call)
        ordered = self._orders.of(ACCOUNTS, call, lambda: self._ordered_accounts(call))
        rows = [self._accounts.listed(doc) for doc in page.of(ordered)]
        crumbs = _crumb("Company Name", "q_organization_name", call.text("q_organization_name"))
        return {**envelope(crumbs, page, len(ordered)), "accounts": rows, "num_fetch_result": None}

    def _ordered_contacts(self, call: Call) -> Found:
        found: Found = self._workspace.searchable(CONTACTS)
        found = self._by_ids(found, call, "contact_stage_ids", "contact_stage_id", CONTACT_STAGES)
        found = _by_labels(found, call.ids("contact_label_ids"))
        if keywords := call.text("q_keywords"):
            found = [doc for doc in found if _has_words(doc, keywords)]
        if profile := call.text("linkedin_url"):
            found = [doc for doc in found if doc["linkedin_url"] == profile]
        return in_order(found, call, CONTACT_SORTS)

    def _ordered_accounts(self, call: Call) -> Found:
        found: Found = self._workspace.searchable(ACCOUNTS)
        found = self._by_ids(found, call, "account_stage_ids", "account_stage_id", ACCOUNT_STAGES)
        found = _by_labels(found, call.ids("account_label_ids"))
        if name := call.text("q_organization_name"):
            found = [doc for doc in found if name.lower() in (doc["name"] or "").lower()]
        return in_order(found, call, ACCOUNT_SORTS)

    def _accounts_of(self, contacts: Found) -> dict[str, Document | None]:
        ids = {str(doc["account_id"]) for doc in contacts if doc["account_id"]}
        found = {id_: self._workspace.state.peek(ACCOUNTS, id_) for id_ in ids}
        return {id_: self._accounts.nested(doc) if doc else None for id_, doc in found.items()}

    def _by_ids(self, found: Found, call: Call, parameter: str, key: str, type_: str) -> Found:
        wanted = call.ids(parameter)
        if not wanted:
            return found
        if any(self._workspace.alive(type_, id_) is None for id_ in wanted):
            raise refused(
                "Your search parameters are entered incorrectly. Did you try to edit the URL directly?"
            )
        return [doc for doc in found if doc[key] in wanted]


def _by_labels(found: Found, wanted: list[str]) -> Found:
    if not wanted:
        return found
    return [doc for doc in found if not set(wanted).isdisjoint(doc["label_ids"])]


def _has_words(doc: Mapping[str, Any], keywords: str) -> bool:
    parts = (doc["name"], doc["title"], doc["organization_name"], doc["email"])
    all_text = " ".join(part for part in parts if part).lower()
    return all(word in all_text for word in keywords.lower().split())


def in_order(found: Found, call: Call, sorts: Mapping[str, str]) -> Found:
    """Newest first unless told otherwise; equal stamps are ordered by id."""
    asked = call.text("sort_by_field")
    if asked is not None and asked not in sorts:
        raise refused("Invalid sort criteria", skip_alert_dialog=True)
    key = sorts[asked] if asked else "created_at"
    descending = not (asked and call.flag("sort_ascending"))
    return sorted(found, key=lambda doc: (_sortable(doc.get(key)), doc["id"]), reverse=descending)


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing comes before anything, whatever the type."""
    return (value is not None, value if value is not None else "")


def _crumb(label: str, parameter: str, value: str | None) -> list[Document]:
    plain = text(value)
    if plain is None:
        return []
    return [{"label": label, "signal_field_name": parameter, "value": plain, "display_name": plain}]


def envelope(crumbs: list[Document], page: Page, total: int) -> Document:
    """What every search puts around its rows."""
    return {
        "breadcrumbs": crumbs,
        "partial_results_only": False,
        "has_join": False,
        "disable_eu_prospecting": False,
        "partial_results_limit": PARTIAL_LIMIT,
        "pagination": page.shown(total),
    }
