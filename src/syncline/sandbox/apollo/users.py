"""The users of the team, with the many keys the vendor shows of each."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo.search import PER_PAGE, Page, read_page
from syncline.sandbox.apollo.shapes import full_user
from syncline.sandbox.apollo.wire import Call
from syncline.sandbox.apollo.workspace import USERS, Workspace
from syncline.sandbox.state import Document

_CREDITS = {"lead": 10_000, "direct_dial": 1_000, "export": 5_000, "ai": 2_000, "power_up": 1_000}


class Users:
    """Lists users and tells who acts."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def search(self, call: Call) -> Document:
        """Users page by page, deleted ones included; the page numbers come back as text."""
        page = read_page(call)
        found = self._workspace.state.all(USERS)
        users = [full_user(user) for user in page.of(found)]
        return {"pagination": _as_text(page, len(found), call), "users": users, "num_fetch_result": None}

    def calls(self, call: Call) -> Document:
        """The team's phone calls: the stand-in has no dialer, so there are none."""
        page = read_page(call)
        nothing = {"faceting": {"phone_call_stats_facets": []}, "pipeline_total": 0, "num_fetch_result": None}
        return {"pagination": _as_text(page, 0, call), "breadcrumbs": [], "phone_calls": [], **nothing}

    def profile(self, call: Call) -> Document:
        """Who the key acts as."""
        user = self._workspace.state.peek(USERS, call.user_id) or {}
        names = ("id", "team_id", "first_name", "last_name", "title", "email")
        profile: Document = {name: user[name] for name in names}
        return profile | _credits() if call.flag("include_credit_usage") else profile

    def create(self, person: Mapping[str, Any], created_at: str) -> Document:
        """A new user, stored."""
        doc: Document = {
            "id": self._workspace.new_id(),
            "team_id": self._workspace.team_id,
            "first_name": person.get("first_name"),
            "last_name": person.get("last_name"),
            "name": _name(person),
            "title": person.get("title"),
            "email": person.get("email"),
            "created_at": created_at,
            "deleted": bool(person.get("deleted", False)),
        }
        self._workspace.save(USERS, doc)
        return doc

    def change(self, doc: Document, values: Mapping[str, Any]) -> Document:
        """Change a user the way an admin does."""
        doc.update(values)
        doc["name"] = _name(doc)
        self._workspace.save(USERS, doc)
        return doc


def _as_text(page: Page, total: int, call: Call) -> Document:
    """The place in a listing whose page and size come back as they were asked for, as text."""
    asked = {"page": call.text("page") or "1", "per_page": call.text("per_page") or str(PER_PAGE)}
    return {**page.shown(total), **asked}


def _name(person: Mapping[str, Any]) -> str:
    return " ".join(part for part in (person.get("first_name"), person.get("last_name")) if part)


def _credits() -> Document:
    """The credits of a workspace that has used none: the stand-in sells no data."""
    left: Document = {"num_credits_remaining": _CREDITS["lead"]}
    for name, amount in _CREDITS.items():
        left[f"effective_num_{name}_credits"] = amount
        left[f"num_{name}_credits_used"] = 0
    return left | {"total_unified_credits_used": 0}
