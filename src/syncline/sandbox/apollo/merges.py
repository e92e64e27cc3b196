"""Merging two contacts or two accounts, which only a person in the product can do."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo.workspace import ACCOUNTS, CONTACTS, OPPORTUNITIES, Workspace
from syncline.sandbox.state import Document
from syncline.sandbox.system import UnknownRecordError

_CRM_KEYS = {
    CONTACTS: ("salesforce_id", "salesforce_lead_id", "salesforce_contact_id", "hubspot_vid"),
    ACCOUNTS: ("salesforce_id", "hubspot_id"),
}
_MERGED = {CONTACTS: "merged_crm_ids", ACCOUNTS: "_merged_crm_ids"}
_CHANGED_AT = {CONTACTS: "updated_at", ACCOUNTS: "_updated_at", OPPORTUNITIES: "_updated_at"}


def merge(workspace: Workspace, type_: str, winner_id: str, loser_id: str) -> Document:
    """The survivor: its values win, empty ones are filled, lists united, the loser's CRM ids kept as merged ones."""
    if type_ not in _CRM_KEYS or winner_id == loser_id:
        raise ValueError("merge two different contacts or two different accounts")
    winner, loser = _alive(workspace, type_, winner_id), _alive(workspace, type_, loser_id)
    for key, value in loser.items():
        if key not in (*_CRM_KEYS[type_], _MERGED[type_]) and winner.get(key) in (None, "", [], {}):
            winner[key] = value
    winner["label_ids"] = list(dict.fromkeys([*winner["label_ids"], *loser["label_ids"]]))
    if type_ == CONTACTS:
        _unite_emails(winner, loser)
    merged = [loser[key] for key in _CRM_KEYS[type_] if loser[key]]
    kept = [*(winner[_MERGED[type_]] or []), *(loser[_MERGED[type_]] or []), *merged]
    winner[_MERGED[type_]] = list(dict.fromkeys(kept)) or winner[_MERGED[type_]]
    winner[_CHANGED_AT[type_]] = workspace.stamp()
    workspace.save(type_, {**loser, "_deleted": True})
    workspace.save(type_, winner)
    if type_ == ACCOUNTS:
        for child in (CONTACTS, OPPORTUNITIES):
            _hand_over(workspace, child, loser_id, winner_id)
    return winner


def _alive(workspace: Workspace, type_: str, id_: str) -> Document:
    found = workspace.alive(type_, id_)
    if found is None:
        raise UnknownRecordError(f"there is no {type_} record {id_}")
    return found


def _unite_emails(winner: Document, loser: Mapping[str, Any]) -> None:
    """The loser's addresses come after the survivor's own."""
    known = {entry["email"] for entry in winner["contact_emails"]}
    for entry in loser["contact_emails"]:
        if entry["email"] not in known:
            winner["contact_emails"].append({**entry, "position": len(winner["contact_emails"])})


def _hand_over(workspace: Workspace, type_: str, loser_id: str, winner_id: str) -> None:
    for child in workspace.state.find(type_, "account", loser_id):
        doc = workspace.alive(type_, str(child["id"]))
        if doc is not None:
            workspace.save(type_, {**doc, "account_id": winner_id, _CHANGED_AT[type_]: workspace.stamp()})
