"""The parts of a contact: e-mails, phones, address and foreign ids, and a contact with nothing in it yet."""

import hashlib
from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo import addresses, values
from syncline.sandbox.state import Document

PROTECTED = ("person_id", "salesforce_lead_id", "salesforce_contact_id")
_ADDRESS_KEYS = ("street_address", "city", "state", "country", "postal_code", "time_zone")


def set_email(doc: Document, value: Any) -> None:
    address = values.email(value)
    others = [entry for entry in doc["contact_emails"] if entry["position"] > 0]
    doc["email"] = address
    doc["free_domain"] = bool(address) and values.email_domain(address) is None
    if address is None:
        doc["email_status"], doc["email_true_status"] = None, None
        doc["contact_emails"] = others
        return
    doc["email_status"] = doc["email_status"] or "verified"
    doc["email_true_status"] = doc["email_true_status"] or "User Managed"
    doc["contact_emails"] = [_email_entry(doc, address, 0), *others]


def set_emails(doc: Document, value: Any) -> None:
    entries = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    for number, entry in enumerate(sorted(entries, key=lambda one: _position(one, 0))):
        address = values.email(entry.get("email"))
        if address and number == 0 and doc["email"] is None:
            set_email(doc, address)
        elif address and address != doc["email"]:
            doc["contact_emails"].append(_email_entry(doc, address, len(doc["contact_emails"]) or 1))


def _email_entry(doc: Document, address: str, position: int) -> Document:
    return {
        "email": address,
        "email_md5": hashlib.md5(address.encode(), usedforsecurity=False).hexdigest(),
        "email_sha256": hashlib.sha256(address.encode()).hexdigest(),
        "email_status": doc["email_status"] or "verified",
        "email_true_status": doc["email_true_status"] or "User Managed",
        "email_status_unavailable_reason": None,
        "extrapolated_email_confidence": None,
        "email_needs_tickling": None,
        "free_domain": values.email_domain(address) is None,
        "position": position,
        "source": doc["email_source"],
        "third_party_vendor_name": None,
    }


def set_phone(doc: Document, kind: str, raw: str | None) -> None:
    kept = [phone for phone in doc["phone_numbers"] if phone["type"] != kind]
    old = next((phone for phone in doc["phone_numbers"] if phone["type"] == kind), None)
    if raw is not None:
        highest = max((phone["position"] for phone in kept), default=-1)
        kept.append(_phone_entry(raw, kind, old["position"] if old else highest + 1))
    doc["phone_numbers"] = sorted(kept, key=lambda phone: phone["position"])


def set_phone_numbers(doc: Document, value: Any) -> None:
    entries = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    for number, entry in enumerate(entries):
        raw = values.text(entry.get("raw_number"))
        if raw is not None:
            kind = values.text(entry.get("type")) or "other"
            doc["phone_numbers"].append(_phone_entry(raw, kind, _position(entry, number)))
    doc["phone_numbers"].sort(key=lambda phone: phone["position"])


def _phone_entry(raw: str, kind: str, position: int) -> Document:
    return {
        "raw_number": raw,
        "sanitized_number": values.sanitised_phone(raw),
        "type": kind,
        "position": position,
        "status": "no_status",
        "dnc_status": None,
        "dnc_other_info": None,
        "dialer_flags": None,
    }


def _position(entry: Mapping[str, Any], default: int) -> int:
    position = entry.get("position")
    return position if isinstance(position, int) else default


def set_address(doc: Document, value: Any) -> None:
    raw = values.text(value)
    doc["present_raw_address"] = raw
    for key in _ADDRESS_KEYS:
        doc.pop(key, None)
    doc.update(addresses.parse(raw))
    if doc.get("country") in addresses.TIME_ZONES:
        doc["time_zone"] = addresses.TIME_ZONES[doc["country"]]


def set_foreign_id(doc: Document, key: str, value: str | None) -> None:
    if key in PROTECTED and doc[key]:
        return
    if key == "hubspot_id":
        doc["hubspot_vid"] = value
    elif key in {"outreach_id", "salesloft_id"}:
        doc[f"_{key}"] = value
    else:
        doc[key] = value
