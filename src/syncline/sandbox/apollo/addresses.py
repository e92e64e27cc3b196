"""Reading a raw address into its parts, in the few forms the stand-in understands."""

import re
from collections.abc import Mapping

from syncline.sandbox.state import Document

_STATES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,FL Florida,"
    "GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,"
    "MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,"
    "NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,"
    "OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,"
    "UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming"
)
STATES = {entry[:2]: entry[3:] for entry in _STATES.split(",")}
STATE_NAMES = {name.lower(): name for name in STATES.values()}
TIME_ZONES = {
    "United States": "America/New_York",
    "United Kingdom": "Europe/London",
    "Germany": "Europe/Berlin",
    "France": "Europe/Paris",
    "Australia": "Australia/Sydney",
    "Canada": "America/Toronto",
    "Ireland": "Europe/Dublin",
    "Spain": "Europe/Madrid",
    "Italy": "Europe/Rome",
    "Netherlands": "Europe/Amsterdam",
    "Austria": "Europe/Vienna",
    "Switzerland": "Europe/Zurich",
    "Sweden": "Europe/Stockholm",
    "India": "Asia/Kolkata",
    "Japan": "Asia/Tokyo",
    "Brazil": "America/Sao_Paulo",
}
_COUNTRIES = {name.lower(): name for name in TIME_ZONES} | {
    "us": "United States",
    "usa": "United States",
    "u.s.a.": "United States",
    "uk": "United Kingdom",
    "deutschland": "Germany",
}
_ZIP = re.compile(r"[A-Z]{0,2}\d[\dA-Z -]{1,9}")


PARTS = ("street_address", "city", "state", "country", "postal_code")


def join(parts: Mapping[str, str | None]) -> str | None:
    """A raw address from its parts, in the order they are written."""
    return ", ".join(part for key in PARTS if (part := parts.get(key))) or None


def parse(raw: str | None) -> Document:
    """The parts that can be told: street_address, city, state, country, postal_code; nothing otherwise.

    Only addresses whose last part is a known country, or a state of the United States, are understood.
    """
    parts = [part.strip() for part in (raw or "").split(",") if part.strip()]
    found: Document = {}
    if parts and _ZIP.fullmatch(parts[-1]):
        found["postal_code"] = parts.pop()
    if parts and (country := _COUNTRIES.get(parts[-1].lower())):
        found["country"] = country
        parts.pop()
    if parts and (state := _state(parts[-1], found)):
        found["state"] = state
        found.setdefault("country", "United States")
        parts.pop()
    elif len(parts) > 1 and "country" in found:
        found["state"] = parts.pop()
    if "country" not in found:
        return {}
    if parts:
        found["city"] = parts.pop()
    if parts:
        found["street_address"] = ", ".join(parts)
    return found


def _state(part: str, found: Document) -> str | None:
    """The state a part names, by name or code, with or without a ZIP code, which goes into `found`."""
    name, _, rest = part.rpartition(" ")
    if name and _ZIP.fullmatch(rest):
        part = name
        found["postal_code"] = rest
    state = STATES.get(part.upper()) or STATE_NAMES.get(part.lower())
    return state if found.get("country", "United States") == "United States" else None
