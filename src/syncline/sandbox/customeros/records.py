"""What the control does with organisations and users, as a person in the product, or its own machinery, would."""

from collections.abc import Mapping, Sequence
from typing import Any

from syncline.sandbox.customeros.editions import FITS, RELATIONSHIPS
from syncline.sandbox.customeros.workspace import ORGANIZATIONS, TYPES, Workspace
from syncline.sandbox.state import Document
from syncline.sandbox.system import UnknownRecordError

ORGANIZATION: Mapping[str, Any] = {
    "name": "",
    "website": None,
    "stage": None,
    "icpFit": "ICP_NOT_SET",
    "icpFitReasons": [],
    "icpFitUpdatedAt": None,
    "relationship": None,
    "owner_id": None,
    "domains": [],
    "industry": None,
    "employees": None,
    "leadSource": None,
    "description": None,
    "hide": False,
    "leadType": "company",
    "quarantineStatus": "ACTIVE",
}
"""An organisation that nothing is known of. Of the last two only a test's own additions to the schema tell."""
USER: Mapping[str, Any] = {
    "firstName": "",
    "lastName": "",
    "bot": False,
    "internal": False,
    "test": False,
    "timezone": None,
    "emails": [],
}


class PersonInCustomerOS:
    """Edits records without the limits of the service; times of change move as they do in the product."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def types(self) -> Sequence[str]:
        return TYPES

    def all(self, type_: str) -> Sequence[Mapping[str, Any]]:
        if type_ not in TYPES:
            raise UnknownRecordError(f"there is no type {type_[:40]}: give one of {', '.join(TYPES)}")
        return [doc for doc in self._workspace.state.all(type_) if not doc.get("_merged_into")]

    def get(self, type_: str, id_: str) -> Mapping[str, Any]:
        return self._workspace.edited(type_, id_)

    def create(self, type_: str, values: Document) -> Mapping[str, Any]:
        now = self._workspace.stamp()
        self.all(type_)
        doc: Document = {"id": self._workspace.new_id(), "createdAt": now, "updatedAt": now}
        if type_ == ORGANIZATIONS:
            number = self._workspace.state.next("customerOsId")
            doc |= {
                **ORGANIZATION,
                "customerOsId": f"C-{number:06d}",
                "_merged_into": None,
                "_hidden_at": None,
            }
        else:
            doc |= {**USER, "name": None}
        return self._changed(type_, doc, values)

    def edit(self, type_: str, id_: str, values: Document) -> Mapping[str, Any]:
        doc = self._workspace.edited(type_, id_)
        return self._changed(type_, doc, {"updatedAt": self._workspace.stamp(), **values})

    def delete(self, type_: str, id_: str) -> None:
        """Archive an organisation, which hides it; a user goes for good."""
        if type_ == ORGANIZATIONS:
            self.edit(type_, id_, {"hide": True})
            return
        self._workspace.edited(type_, id_)
        self._workspace.state.delete(type_, id_)

    def merge(self, winner: str, losers: Sequence[str]) -> Mapping[str, Any]:
        """Merge organisations into one, which takes the domains of the others; they are gone for every reader."""
        kept = self._workspace.edited(ORGANIZATIONS, winner)
        for loser in losers:
            gone = self._workspace.edited(ORGANIZATIONS, loser)
            if loser == winner:
                raise ValueError("an organisation cannot be merged into itself")
            known = {each["domain"] for each in kept["domains"]}
            kept["domains"] += [
                {**each, "primary": False} for each in gone["domains"] if each["domain"] not in known
            ]
            self._workspace.save(ORGANIZATIONS, {**gone, "domains": [], "_merged_into": winner})
        return self._changed(ORGANIZATIONS, kept, {"updatedAt": self._workspace.stamp()})

    def reevaluate(self, ids: Sequence[str] | None) -> int:
        """Look at the fit again and find it as it was: times of change move, and nothing else. How many."""
        now = self._workspace.stamp()
        chosen = [str(doc["id"]) for doc in self.all(ORGANIZATIONS)] if ids is None else ids
        for id_ in chosen:
            doc = self._workspace.edited(ORGANIZATIONS, id_)
            self._workspace.save(ORGANIZATIONS, {**doc, "updatedAt": now, "icpFitUpdatedAt": now})
        return len(chosen)

    def _changed(self, type_: str, doc: Document, values: Document) -> Mapping[str, Any]:
        known = doc.keys() | {"primary_domain", "email"}
        if unknown := {name for name in values if name not in known or name.startswith("_") or name == "id"}:
            raise ValueError(f"{type_} have no field {', '.join(sorted(unknown))[:200]} that can be set")
        values = dict(values)
        if type_ == ORGANIZATIONS:
            self._settle_organization(doc, values)
        else:
            _settle_user(doc, values)
        self._workspace.save(type_, doc)
        return doc

    def _settle_organization(self, doc: Document, values: Document) -> None:
        if "primary_domain" in values:
            domain = values.pop("primary_domain")
            values["domains"] = [domain_of(domain)] if domain else []
        if values.get("hide") and not doc["hide"]:
            doc["_hidden_at"] = self._workspace.stamp()
        if values.get("relationship") not in {None, *RELATIONSHIPS}:
            raise ValueError(f"relationship must be one of {', '.join(RELATIONSHIPS)}")
        if values.get("icpFit") not in {None, *FITS}:
            raise ValueError(f"icpFit must be one of {', '.join(FITS)}")
        doc.update(values)


def domain_of(domain: str) -> Document:
    """A domain as organisations carry it, marked as their primary one."""
    return {"domain": domain, "primary": True, "primaryDomain": domain}


def _settle_user(doc: Document, values: Document) -> None:
    if "email" in values:
        address = values.pop("email")
        values["emails"] = [
            {"id": f"{doc['id']}-1", "email": address, "rawEmail": address, "primary": True}
        ] * bool(address)
    doc.update(values)
    doc["name"] = f"{doc['firstName']} {doc['lastName']}".strip() or None
