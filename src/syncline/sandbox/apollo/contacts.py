"""Contacts: how they are made, changed and shown."""

from collections.abc import Callable, Mapping
from typing import Any

from syncline.sandbox.apollo import contact_parts as parts
from syncline.sandbox.apollo import values
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.organisations import Organisations
from syncline.sandbox.apollo.shapes import blank_contact
from syncline.sandbox.apollo.stages import Stages
from syncline.sandbox.apollo.wire import bad_id, is_object_id, refused
from syncline.sandbox.apollo.workspace import (
    ACCOUNTS,
    CONTACT_STAGES,
    CONTACTS,
    ORGANIZATIONS,
    USERS,
    Workspace,
    shown,
)
from syncline.sandbox.state import Document

PHONES = {
    "direct_phone": "work_direct",
    "corporate_phone": "work_hq",
    "mobile_phone": "mobile",
    "home_phone": "home",
    "other_phone": "other",
    "phone": "work_direct",
}
LOCKED_EMAIL = "email_not_unlocked@domain.com"  # what stands for an address nobody paid for
_PLAIN = ("first_name", "last_name", "title", "organization_name")
_URLS = ("linkedin_url", "facebook_url", "twitter_url", "photo_url")
_CRM = (
    "salesforce_id",
    "salesforce_lead_id",
    "salesforce_contact_id",
    "salesforce_account_id",
    "hubspot_vid",
)
_OTHER_IDS = ("person_id", "outreach_id", "salesloft_id", "hubspot_id", "organization_id")

# What each way of writing takes; anything else in a body is ignored without a word.
SINGLE = frozenset(
    {*_PLAIN, "account_id", "email", "website_url", "label_ids", "contact_stage_id", "present_raw_address"}
    | {"direct_phone", "corporate_phone", "mobile_phone", "home_phone", "other_phone", "typed_custom_fields"}
)
FOREIGN = frozenset({"salesforce_lead_id", "salesforce_contact_id", "hubspot_vid", "person_id"})
BULK_CREATE = frozenset(
    {
        *_PLAIN,
        *_URLS,
        *_CRM,
        *_OTHER_IDS,
        "email",
        "primary_title",
        "phone",
        "present_raw_address",
        "account_id",
    }
    | {"contact_stage_id", "phone_status_cd", "typed_custom_fields", "contact_emails", "phone_numbers"}
) - {"person_id", "hubspot_vid"}
BULK_UPDATE = frozenset(
    {*_PLAIN, "email", "owner_id", "account_id", "present_raw_address", "linkedin_url", "typed_custom_fields"}
)


class Contacts:
    """Writes and shows contacts of one workspace."""

    def __init__(
        self, workspace: Workspace, stages: Stages, fields: Fields, organisations: Organisations
    ) -> None:
        self._workspace = workspace
        self._stages = stages
        self._fields = fields
        self._organisations = organisations

    def create(self, sent: Document, keys: frozenset[str], owner_id: str, *, source: str = "api") -> Document:
        """A new contact from the keys this way of writing takes, stored."""
        stamp = self._workspace.stamp()
        doc = blank_contact(self._workspace.new_id(), owner_id, source, stamp)
        doc["contact_stage_id"] = self._stages.first(CONTACT_STAGES)
        self.write(doc, {key: value for key, value in sent.items() if key in keys})
        self._workspace.save(CONTACTS, doc)
        return doc

    def change(self, doc: Document, sent: Document, keys: frozenset[str]) -> Document:
        """Change a contact; its `updated_at` moves only if something became different."""
        before = self._workspace.state.peek(CONTACTS, doc["id"])
        self.write(doc, {key: value for key, value in sent.items() if key in keys})
        if doc != before:
            doc["updated_at"] = self._workspace.stamp()
            doc["queued_for_crm_push"] = True
            self._workspace.save(CONTACTS, doc)
        return doc

    def change_by_id(self, change: Document, keys: frozenset[str]) -> Document | None:
        """The contact that `id` names, changed; None when it is nobody's, which bulk forms pass over."""
        doc = self._workspace.alive(CONTACTS, str(change["id"]))
        return None if doc is None else self.change(doc, change, keys)

    def existing(self, id_: str) -> Document:
        """A contact to be shown or changed, or the vendor's 422 that says why it cannot be."""
        if not is_object_id(id_):
            raise bad_id(id_)
        doc = self._workspace.state.get(CONTACTS, id_)
        if doc is None:
            raise refused("Oops! This contact does not exist in Apollo.")
        if doc.get("_deleted"):
            raise refused("This contact has been deleted.")
        if doc.get("_hidden"):
            raise refused("You are not authorized to view this page.")
        return doc

    def refuse_deleted(self, ids: list[str]) -> None:
        """The 422 for changes of contacts of which some are deleted."""
        docs = (self._workspace.state.peek(CONTACTS, id_) for id_ in ids)
        deleted = [str(doc["id"]) for doc in docs if doc is not None and doc.get("_deleted")]
        if deleted:
            raise refused("Cannot update contact as it is deleted.", deleted_contact_ids=deleted)

    def write(self, doc: Document, sent: Mapping[str, Any], *, trusted: bool = False) -> None:
        """Put sent values into a contact the way the vendor stores them.

        A trusted writer is a person in the product or an import: its e-mails are not checked.
        """
        for key, value in sent.items():
            writer = self._writer(key)
            if writer is not None:
                writer(doc, value)
            elif trusted:
                doc[key] = value
        if not trusted and doc["email"] and "email" in sent and not values.is_email(doc["email"]):
            raise _invalid_email(doc, stored=self._workspace.state.peek(CONTACTS, doc["id"]) is not None)
        if isinstance(sent.get("primary_title"), str):
            doc["title"] = values.text(sent["primary_title"])
        self._derive(doc, sent)

    def detailed(self, doc: Document) -> Document:
        """A contact as create, update and show answer with it."""
        return {**_shown(doc), "next_contact_id": None}

    def listed(self, doc: Mapping[str, Any], account: Document | None) -> Document:
        """A contact as searches show it, with its account and its organisation inside."""
        full = {**_shown(doc), "contact_job_change_event": None}
        if account is not None:
            full["account"] = account
        organisation = self._workspace.state.peek(ORGANIZATIONS, str(doc["organization_id"]))
        if organisation is not None:
            full["organization"] = dict(organisation["listed"])
        return full

    def _writer(self, key: str) -> Callable[[Document, Any], None] | None:
        if key in _PLAIN:
            return lambda doc, value: doc.__setitem__(key, values.text(value))
        if key in PHONES:
            return lambda doc, value: parts.set_phone(doc, PHONES[key], values.text(value))
        if key in _CRM or key in _OTHER_IDS:
            return lambda doc, value: parts.set_foreign_id(doc, key, values.text(value))
        if key in {"linkedin_url", "facebook_url", "twitter_url"}:
            return lambda doc, value: doc.__setitem__(key, values.profile_url(value))
        return {
            "account_id": self._set_account,
            "contact_emails": parts.set_emails,
            "contact_stage_id": self._set_stage,
            "email": parts.set_email,
            "label_ids": lambda doc, value: doc.__setitem__("label_ids", value),
            "owner_id": self._set_owner,
            "phone_numbers": parts.set_phone_numbers,
            "photo_url": lambda doc, value: doc.__setitem__("photo_url", values.text(value)),
            "present_raw_address": parts.set_address,
            "typed_custom_fields": lambda doc, value: self._fields.write(doc, "contact", value),
        }.get(key)

    def _set_account(self, doc: Document, value: Any) -> None:
        doc["account_id"] = self._workspace.check_id(ACCOUNTS, value) if value else None

    def _set_stage(self, doc: Document, value: Any) -> None:
        if value:
            doc["contact_stage_id"] = self._workspace.check_id(CONTACT_STAGES, value)

    def _set_owner(self, doc: Document, value: Any) -> None:
        doc["owner_id"] = self._workspace.check_id(USERS, value) if value else None

    def _derive(self, doc: Document, sent: Mapping[str, Any]) -> None:
        """Everything the vendor works out itself: full name, main phone, the organisation behind the domain."""
        doc["name"] = " ".join(part for part in (doc["first_name"], doc["last_name"]) if part) or None
        phones = sorted(doc["phone_numbers"], key=lambda phone: phone["position"])
        doc["sanitized_phone"] = phones[0]["sanitized_number"] if phones else None
        if sent.keys() & {"account_id", "email", "website_url"}:
            self._infer_organisation(doc, sent)

    def _infer_organisation(self, doc: Document, sent: Mapping[str, Any]) -> None:
        account = self._workspace.state.peek(ACCOUNTS, str(doc["account_id"]))
        host = values.domain(sent.get("website_url")) or values.email_domain(doc["email"])
        known = self._organisations.known(host)
        if account is not None and account["organization_id"]:
            doc["organization_id"] = account["organization_id"]
        elif known is not None:
            doc["organization_id"] = known["id"]
        if doc["organization_name"] is None and not sent.keys() & {"organization_name"}:
            named = account or (known["listed"] if known else None)
            doc["organization_name"] = named["name"] if named else None


def _shown(doc: Mapping[str, Any]) -> Document:
    """A contact without what is never shown; a locked address gives way to the vendor's placeholder."""
    plain = shown(doc)
    if doc.get("_email_locked") and doc["email"]:
        plain |= {"email": LOCKED_EMAIL, "contact_emails": []}
    return plain


def _invalid_email(doc: Document, *, stored: bool) -> Exception:
    details = {"field": "email", "message": "Invalid email format"}
    named = {"contact_id": doc["id"], **details} if stored else details
    return refused("Validation failed", error_details=named)
