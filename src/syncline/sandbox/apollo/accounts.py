"""Accounts: how they are made, changed and shown."""

from collections.abc import Callable, Mapping
from typing import Any

from syncline.sandbox.apollo import addresses, values
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.organisations import Organisations
from syncline.sandbox.apollo.shapes import blank_account
from syncline.sandbox.apollo.stages import Stages
from syncline.sandbox.apollo.workspace import (
    ACCOUNT_STAGES,
    ACCOUNTS,
    CONTACTS,
    ORGANIZATIONS,
    USERS,
    Workspace,
    shown,
)
from syncline.sandbox.state import Document

_CRM = ("salesforce_id", "hubspot_id", "organization_id")

# What each way of writing takes; anything else in a body is ignored without a word.
SINGLE = frozenset(
    {"name", "domain", "owner_id", "account_stage_id", "phone", "raw_address", "typed_custom_fields"}
)
BULK_CREATE = SINGLE | {
    *_CRM,
    *(
        "linkedin_url",
        "facebook_url",
        "twitter_url",
        "phone_status_cd",
        "merged_crm_ids",
        "parent_account_id",
    ),
}
BULK_COMMON = frozenset({"name", "owner_id", "account_stage_id"})
BULK_SINGLE = BULK_COMMON | {"typed_custom_fields"}


class Accounts:
    """Writes and shows accounts of one workspace."""

    def __init__(
        self, workspace: Workspace, stages: Stages, fields: Fields, organisations: Organisations
    ) -> None:
        self._workspace = workspace
        self._stages = stages
        self._fields = fields
        self._organisations = organisations

    def create(self, sent: Document, keys: frozenset[str], owner_id: str, *, source: str = "api") -> Document:
        """A new account from the keys this way of writing takes, stored."""
        stamp = self._workspace.stamp()
        doc = blank_account(self._workspace.new_id(), self._workspace.team_id, owner_id, source, stamp)
        doc["account_stage_id"] = self._stages.first(ACCOUNT_STAGES)
        self.write(doc, {key: value for key, value in sent.items() if key in keys})
        self._workspace.save(ACCOUNTS, doc)
        return doc

    def change(self, doc: Document, sent: Document, keys: frozenset[str]) -> Document:
        """Change an account; its hidden time of change moves only if something became different."""
        before = self._workspace.state.peek(ACCOUNTS, doc["id"])
        self.write(doc, {key: value for key, value in sent.items() if key in keys})
        if doc != before:
            doc["_updated_at"] = self._workspace.stamp()
            self._workspace.save(ACCOUNTS, doc)
        return doc

    def write(self, doc: Document, sent: Mapping[str, Any], *, trusted: bool = False) -> None:
        """Put sent values into an account the way the vendor stores them; a trusted writer may set any key."""
        for key, value in sent.items():
            writer = self._writer(key)
            if writer is not None:
                writer(doc, value)
            elif trusted:
                doc[key] = value
        doc["sanitized_phone"] = values.sanitised_phone(doc["phone"])
        known = self._organisations.known(doc["domain"])
        if doc["organization_id"] is None and known is not None:
            doc["organization_id"] = known["id"]

    def created(self, doc: Mapping[str, Any]) -> Document:
        """An account as create and update answer with it."""
        intent = {"show_intent": False, "has_intent_signal_account": False, "intent_signal_account": None}
        return {**self._own(doc), **intent}

    def listed(self, doc: Mapping[str, Any]) -> Document:
        """An account as searches show it."""
        living = self._workspace.state.find(CONTACTS, "account", doc["id"])
        counted = {
            "contact_emailer_campaign_ids": [],
            "contact_campaign_status_tally": {},
            "num_contacts": sum(1 for one in living if not one.get("_deleted")),
            "last_activity_date": None,
        }
        return {**self._organisation(doc, "listed"), **self.created(doc), **counted}

    def nested(self, doc: Mapping[str, Any]) -> Document:
        """An account as it stands inside a contact."""
        return {**self._organisation(doc, "listed"), **self._own(doc)}

    def full(self, doc: Mapping[str, Any]) -> Document:
        """An account with all that is known of its organisation, as show answers with it."""
        extra = {
            "account_queues": [],
            "disable_flag": False,
            "engagement_graph": None,
            "snippets_loaded": True,
        }
        return {**self._organisation(doc, "full"), **self.listed(doc), **extra}

    def _own(self, doc: Mapping[str, Any]) -> Document:
        return shown(doc)

    def _organisation(self, doc: Mapping[str, Any], form: str) -> Document:
        found = self._workspace.state.peek(ORGANIZATIONS, str(doc["organization_id"]))
        return dict(found[form]) if found else {}

    def _writer(self, key: str) -> Callable[[Document, Any], None] | None:
        if key in {"name", "phone", "phone_status_cd"}:
            return lambda doc, value: _set_text(doc, key, value)
        if key in _CRM:
            return lambda doc, value: doc.__setitem__(key, values.text(value))
        if key in {"linkedin_url", "facebook_url", "twitter_url"}:
            return lambda doc, value: doc.__setitem__(key, values.profile_url(value))
        return {
            "account_stage_id": self._set_stage,
            "domain": lambda doc, value: doc.__setitem__("domain", values.domain(value)),
            "merged_crm_ids": _set_merged,
            "owner_id": self._set_owner,
            "parent_account_id": self._set_parent,
            "raw_address": _set_address,
            "typed_custom_fields": lambda doc, value: self._fields.write(doc, "account", value),
        }.get(key)

    def _set_stage(self, doc: Document, value: Any) -> None:
        if value:
            doc["account_stage_id"] = self._workspace.check_id(ACCOUNT_STAGES, value)

    def _set_owner(self, doc: Document, value: Any) -> None:
        doc["owner_id"] = self._workspace.check_id(USERS, value) if value else None

    def _set_parent(self, doc: Document, value: Any) -> None:
        doc["parent_account_id"] = self._workspace.check_id(ACCOUNTS, value) if value else None


def _set_text(doc: Document, key: str, value: Any) -> None:
    stored = "phone_status" if key == "phone_status_cd" else key
    doc[stored] = values.text(value) or ("no_status" if stored == "phone_status" else None)


def _set_merged(doc: Document, value: Any) -> None:
    doc["_merged_crm_ids"] = [str(one) for one in value] if isinstance(value, list) else []


def _set_address(doc: Document, value: Any) -> None:
    raw = values.text(value)
    for key in ("raw_address", *addresses.PARTS):
        doc.pop(key, None)
    if raw is not None:
        doc.update({"raw_address": raw, **addresses.parse(raw)})
