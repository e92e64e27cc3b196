"""What a person does with whole records in the product's pages: merges them, converts a lead, restores from the bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.tables import CHILDREN, Document

CONVERTED = "Closed - Converted"

# Fields of a lead, and where a conversion puts them.
_TO_CONTACT = {
    "FirstName": "FirstName", "LastName": "LastName", "Salutation": "Salutation", "Title": "Title", "Email": "Email",
    "Phone": "Phone", "MobilePhone": "MobilePhone", "Fax": "Fax", "LeadSource": "LeadSource", "Street": "MailingStreet",
    "City": "MailingCity", "State": "MailingState", "PostalCode": "MailingPostalCode", "Country": "MailingCountry",
    "OwnerId": "OwnerId",
}  # fmt: skip
_TO_ACCOUNT = {
    "Company": "Name", "Phone": "Phone", "Fax": "Fax", "Website": "Website", "Industry": "Industry", "Rating": "Rating",
    "NumberOfEmployees": "NumberOfEmployees", "AnnualRevenue": "AnnualRevenue", "Street": "BillingStreet",
    "City": "BillingCity", "State": "BillingState", "PostalCode": "BillingPostalCode", "Country": "BillingCountry",
    "OwnerId": "OwnerId",
}  # fmt: skip


def merge(
    org: Org,
    object_: ObjectType,
    master: str,
    losers: Sequence[str],
    values: Mapping[str, Any],
    *,
    bump: bool,
) -> Document:
    """Merge records into one; `bump` moves the stamps of contacts and deals that get another account.

    Losers go to the recycle bin with the master noted; no source says whether children get a new stamp.
    """
    for loser in losers:
        if object_.name == "Account":
            for child in ("Contact", "Opportunity"):
                _hand_over(org, child, loser, master, bump=bump)
        org.tables.change(object_, loser, {"IsDeleted": True, "MasterRecordId": master}, org.person)
    return org.tables.change(object_, master, dict(values), org.person)


def convert(
    org: Org, lead: Document, account: str | None, contact: str | None, opportunity: str | None = None
) -> Document:
    """Convert a lead into a contact of an account; those that are there get what they lack, others are made.

    `opportunity` names the opportunity to make with it; none is made without a name.
    """
    objects = org.catalogue.whole.objects
    company = _target(org, objects["Account"], account, _carried(lead, _TO_ACCOUNT))
    person = {**_carried(lead, _TO_CONTACT), "AccountId": company}
    made = {
        "IsConverted": True,
        "ConvertedDate": org.clock.now().date().isoformat(),
        "ConvertedAccountId": company,
        "ConvertedContactId": _target(org, objects["Contact"], contact, person),
        "Status": CONVERTED,
    }
    if opportunity:
        made["ConvertedOpportunityId"] = _opportunity(org, lead, company, opportunity)
    return org.tables.change(objects["Lead"], lead["Id"], made, org.person)


def _opportunity(org: Org, lead: Document, account: str, name: str) -> str:
    """A new deal in the first stage, without an amount, to be closed at the end of the quarter."""
    kind = org.catalogue.whole.objects["Opportunity"]
    today = org.clock.now().date()
    quarters = today.year * 4 + (today.month - 1) // 3 + 1
    next_quarter = date(quarters // 4, quarters % 4 * 3 + 1, 1)
    carried = {key: lead[key] for key in ("LeadSource", "OwnerId") if lead.get(key) is not None}
    first = min(org.tables.scan("OpportunityStage"), key=lambda each: each["SortOrder"])
    made = {
        "Name": name,
        "AccountId": account,
        "StageName": first["MasterLabel"],
        "CloseDate": (next_quarter - timedelta(days=1)).isoformat(),
    }
    defaults = org.record_types.of_new(kind)
    return str(org.tables.insert(kind, {**defaults, **carried, **made}, org.person)["Id"])


def restore(org: Org, object_: ObjectType, id_: str) -> Document:
    """Take a record out of the recycle bin, and with it what went there because of it.

    The loser of a merge comes back as one of its own; what it lost to the survivor stays there.
    """
    gone = org.tables.fetch(object_.name, id_) or {}
    found = org.tables.change(object_, id_, {"IsDeleted": False, "MasterRecordId": None}, org.person)
    for name, field_name in CHILDREN.get(object_.name, ()):
        for child in org.tables.scan(name):
            along = child.get("IsDeleted") and child["SystemModstamp"] >= gone["SystemModstamp"]
            if along and child.get(field_name) == id_ and not child.get("MasterRecordId"):
                restore(org, org.catalogue.whole.objects[name], child["Id"])
    return found


def _hand_over(org: Org, name: str, loser: str, master: str, *, bump: bool) -> None:
    kind = org.catalogue.whole.objects[name]
    for child in org.tables.with_value(name, "AccountId", loser):
        kept = {name: child[name] for name in ("LastModifiedDate", "LastModifiedById", "SystemModstamp")}
        org.tables.change(kind, child["Id"], {"AccountId": master, **({} if bump else kept)}, org.person)


def _target(org: Org, object_: ObjectType, id_: str | None, values: dict[str, Any]) -> str:
    if id_ is None:
        defaults = org.record_types.of_new(object_)
        return str(org.tables.insert(object_, {**defaults, **values}, org.person)["Id"])
    present = org.tables.fetch(object_.name, id_) or {}
    lacking = {name: value for name, value in values.items() if present.get(name) is None}
    if lacking:
        org.tables.change(object_, id_, lacking, org.person)
    return id_


def _carried(lead: Document, places: Mapping[str, str]) -> dict[str, Any]:
    return {place: lead[name] for name, place in places.items() if lead.get(name) is not None}
