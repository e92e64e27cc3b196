"""The stages of contacts and accounts, as a new workspace has them; the API can only list them."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo.wire import Call
from syncline.sandbox.apollo.workspace import ACCOUNT_STAGES, CONTACT_STAGES, Workspace, shown
from syncline.sandbox.state import Document

# name, category, whether triggers leave it alone
_CONTACT = (
    ("Cold", "in_progress", None),
    ("Approaching", "in_progress", None),
    ("Replied", "in_progress", None),
    ("Interested", "succeeded", True),
    ("Not Interested", "failed", True),
    ("Unresponsive", "failed", None),
    ("Do Not Contact", "failed", True),
    ("Bad Data", None, None),
    ("Changed Job", None, True),
)
# name, category, whether prospecting leaves such accounts out
_ACCOUNT = (
    ("Cold", "in_progress", False),
    ("Current Client", "succeeded", True),
    ("Active Opportunity", "succeeded", True),
    ("Dead Opportunity", "failed", False),
    ("Do Not Prospect", "failed", True),
)


class Stages:
    """Lists stages and finds them by name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create_defaults(self) -> None:
        """Make the stages of a new workspace."""
        for order, (name, category, untouched) in enumerate(_CONTACT):
            more = {"ignore_trigger_override": untouched, "category": category, "is_meeting_set": None}
            self._create(CONTACT_STAGES, name, order, more)
        for order, (name, category, excluded) in enumerate(_ACCOUNT):
            more = {"default_exclude_for_leadgen": excluded, "category": category, "is_meeting_set": None}
            self._create(ACCOUNT_STAGES, name, order, more)

    def first(self, type_: str) -> str:
        """The id of the stage that records get when none is named."""
        return str(min(self._living(type_), key=lambda stage: stage["display_order"])["id"])

    def named(self, type_: str, name: str) -> str | None:
        """The id of the stage of that name."""
        return next((str(stage["id"]) for stage in self._living(type_) if stage["name"] == name), None)

    def list_contact_stages(self, _call: Call) -> Document:
        return {"contact_stages": self._listed(CONTACT_STAGES)}

    def list_account_stages(self, _call: Call) -> Document:
        return {"account_stages": self._listed(ACCOUNT_STAGES)}

    def _listed(self, type_: str) -> list[Document]:
        return [shown(stage) for stage in sorted(self._living(type_), key=lambda one: one["display_order"])]

    def _living(self, type_: str) -> list[Mapping[str, Any]]:
        return [stage for stage in self._workspace.state.all(type_) if not stage.get("_deleted")]

    def _create(self, type_: str, name: str, order: int, more: Document) -> None:
        base = {"id": self._workspace.new_id(), "team_id": self._workspace.team_id}
        names = {"display_name": name, "name": name, "display_order": order}
        self._workspace.save(type_, {**base, **names, **more})
