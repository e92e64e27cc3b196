"""Finding the record that a sent one already is: the vendor's order of keys for contacts and for accounts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from syncline.sandbox.apollo.values import domain, email, email_domain, text
from syncline.sandbox.apollo.workspace import ACCOUNTS, CONTACTS, Workspace
from syncline.sandbox.state import Document

_CONTACT_CRM_KEYS = (
    "salesforce_lead_id",
    "salesforce_contact_id",
    "salesforce_id",
    "hubspot_vid",
    "hubspot_id",
)
_ACCOUNT_CRM_KEYS = ("salesforce_id", "hubspot_id")
Found = tuple[Document, str]
Fits = Callable[[Mapping[str, Any]], bool]


def find_contact(
    workspace: Workspace, sent: Mapping[str, Any], fits: Fits = lambda _doc: True
) -> Found | None:
    """The existing contact and the reason, by id, CRM ids, person, e-mail, then name and company.

    Only contacts that fit are looked at.
    """
    finder = _Finder(workspace, CONTACTS, fits)
    company = _Company(sent)
    return (
        finder.first("id", [sent.get("id")], "id_match")
        or finder.first("crm", _crm_ids(sent, _CONTACT_CRM_KEYS), "crm_id_match")
        or finder.first("person", [sent.get("person_id")], "person_id_match")
        or finder.first("email", _emails(sent), "email_match")
        or finder.first("name", [_full_name(sent)], "name_and_company_match", company.employs)
    )


def find_contact_by_crm_id(workspace: Workspace, sent: Mapping[str, Any]) -> Found | None:
    """The existing contact by ids of the CRM alone."""
    return _Finder(workspace, CONTACTS).first("crm", _crm_ids(sent, _CONTACT_CRM_KEYS), "crm_id_match")


def find_account(workspace: Workspace, sent: Mapping[str, Any], *, everywhere: bool) -> Found | None:
    """The existing account by CRM ids, and, when asked, by domain, organisation and name."""
    finder = _Finder(workspace, ACCOUNTS)
    by_crm = finder.first("crm", _crm_ids(sent, _ACCOUNT_CRM_KEYS), "crm_id_match")
    if by_crm or not everywhere:
        return by_crm
    return (
        finder.first("domain", [domain(sent.get("domain"))], "domain_match")
        or finder.first("organization", [sent.get("organization_id")], "organization_match")
        or finder.first("name", [_lower(sent.get("name"))], "name_match")
    )


def contact_crm_ids(doc: Mapping[str, Any]) -> list[str]:
    """The CRM ids a stored contact is found under, merged ones included."""
    return _crm_ids(doc, _CONTACT_CRM_KEYS)


def account_crm_ids(doc: Mapping[str, Any]) -> list[str]:
    """The CRM ids a stored account is found under, merged ones included."""
    return _crm_ids(doc, _ACCOUNT_CRM_KEYS)


def contact_emails(doc: Mapping[str, Any]) -> list[str]:
    """The addresses a stored contact is found under."""
    return _emails(doc)


def lower_name(doc: Mapping[str, Any]) -> list[str]:
    """The name a stored record is found under."""
    name = _lower(doc.get("name"))
    return [name] if name else []


class _Finder:
    """Looks records of one type up by an index; the oldest living one that fits wins."""

    def __init__(self, workspace: Workspace, type_: str, fits: Fits = lambda _doc: True) -> None:
        self._workspace = workspace
        self._type = type_
        self._fits = fits

    def first(
        self, index: str, values: Iterable[object], reason: str, fits: Fits = lambda _doc: True
    ) -> Found | None:
        for value in values:
            if not value:
                continue
            for doc in self._under(index, str(value)):
                copy = self._workspace.alive(self._type, str(doc["id"]))
                if copy is not None and self._fits(doc) and fits(doc):
                    return copy, reason
        return None

    def _under(self, index: str, value: str) -> list[Mapping[str, Any]]:
        if index == "id":
            found = self._workspace.state.peek(self._type, value)
            return [found] if found else []
        return sorted(self._workspace.state.find(self._type, index, value), key=lambda doc: str(doc["id"]))


class _Company:
    """The company a sent contact names, to tell namesakes apart."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self._domain = email_domain(email(sent.get("email"))) or domain(sent.get("website_url"))
        self._organisation = sent.get("organization_id")
        self._name = _lower(sent.get("organization_name"))

    def employs(self, doc: Mapping[str, Any]) -> bool:
        domains = {email_domain(address) for address in _emails(doc)} - {None}
        return (
            (self._domain is not None and self._domain in domains)
            or (self._organisation is not None and self._organisation == doc.get("organization_id"))
            or (self._name is not None and self._name == _lower(doc.get("organization_name")))
        )


def _crm_ids(doc: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    merged = doc.get("merged_crm_ids") or doc.get("_merged_crm_ids")
    found = [doc.get(key) for key in keys] + (list(merged) if isinstance(merged, list) else [])
    return [str(value) for value in found if value]


def _emails(doc: Mapping[str, Any]) -> list[str]:
    entries = doc.get("contact_emails")
    more = (
        [entry.get("email") for entry in entries if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )
    found = [email(address) for address in [doc.get("email"), *more]]
    return list(dict.fromkeys(address for address in found if address))


def _full_name(sent: Mapping[str, Any]) -> str | None:
    parts = [text(sent.get("first_name")), text(sent.get("last_name"))]
    if all(parts):
        return _lower(" ".join(part for part in parts if part))
    return _lower(sent.get("name"))


def _lower(value: object) -> str | None:
    plain = text(value)
    return plain.lower() if plain else None
