"""Where the people and companies of the sandbox world live, and the fictional telephone numbers there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["PLACES", "Directory", "Place", "grouped", "styled"]


@dataclass(frozen=True, slots=True)
class Place:
    """A city with what an address and a telephone number there need.

    `lines` are number ranges reserved for fiction, as national digits with x for the digits that vary;
    `mobiles` are the same for mobile phones, empty where a country does not tell them apart.
    """

    city: str
    state: str
    country: str
    postal_code: str
    dial: str
    lines: tuple[str, ...]
    mobiles: tuple[str, ...] = ()


def _american(city: str, state: str, postal_code: str, *areas: int) -> Place:
    return Place(city, state, "United States", postal_code, "1", tuple(f"{area}55501xx" for area in areas))


def _british(city: str, state: str, postal_code: str, line: str) -> Place:
    return Place(city, state, "United Kingdom", postal_code, "44", (line,), ("7700900xxx",))


def _german(city: str, state: str, postal_code: str, line: str) -> Place:
    return Place(city, state, "Germany", postal_code, "49", (line,), ("17139200xx",))


def _french(city: str, state: str, postal_code: str) -> Place:
    return Place(city, state, "France", postal_code, "33", ("19900xxxx",), ("63998xxxx",))


def _australian(city: str, state: str, postal_code: str, line: str) -> Place:
    return Place(city, state, "Australia", postal_code, "61", (line,), ("491570xxx",))


# Each place is as likely as any other, so the length of each group is the share of its country.
PLACES: tuple[Place, ...] = (
    _american("New York", "New York", "10016", 212, 646, 332, 917),
    _american("Los Angeles", "California", "90017", 213, 323, 310, 424),
    _american("San Francisco", "California", "94105", 415, 628),
    _american("San Jose", "California", "95113", 408, 669),
    _american("San Diego", "California", "92101", 619, 858),
    _american("Chicago", "Illinois", "60606", 312, 773, 872),
    _american("Houston", "Texas", "77002", 713, 281, 832, 346),
    _american("Dallas", "Texas", "75201", 214, 469, 972),
    _american("Austin", "Texas", "78701", 512, 737),
    _american("Phoenix", "Arizona", "85004", 602, 480, 623),
    _american("Philadelphia", "Pennsylvania", "19103", 215, 267, 445),
    _american("Pittsburgh", "Pennsylvania", "15222", 412, 878),
    _american("Columbus", "Ohio", "43215", 614, 380),
    _american("Cleveland", "Ohio", "44114", 216, 440),
    _american("Charlotte", "North Carolina", "28202", 704, 980),
    _american("Raleigh", "North Carolina", "27601", 919, 984),
    _american("Indianapolis", "Indiana", "46204", 317, 463),
    _american("Seattle", "Washington", "98101", 206, 425),
    _american("Denver", "Colorado", "80202", 303, 720),
    _american("Boston", "Massachusetts", "02110", 617, 857),
    _american("Nashville", "Tennessee", "37203", 615, 629),
    _american("Detroit", "Michigan", "48226", 313, 248),
    _american("Portland", "Oregon", "97204", 503, 971),
    _american("Las Vegas", "Nevada", "89101", 702, 725),
    _american("Baltimore", "Maryland", "21202", 410, 443),
    _american("Atlanta", "Georgia", "30303", 404, 470, 678),
    _american("Miami", "Florida", "33131", 305, 786),
    _american("Minneapolis", "Minnesota", "55402", 612, 763),
    _american("Kansas City", "Missouri", "64106", 816, 913),
    _american("Salt Lake City", "Utah", "84101", 801, 385),
    _british("London", "England", "EC2A 4NE", "2079460xxx"),
    _british("Manchester", "England", "M2 5BQ", "1614960xxx"),
    _british("Edinburgh", "Scotland", "EH2 2BY", "1314960xxx"),
    _german("Berlin", "Berlin", "10117", "3023125xxx"),
    _german("München", "Bayern", "80331", "8999998xxx"),
    _german("Frankfurt am Main", "Hessen", "60311", "6990009xxx"),
    _french("Paris", "Île-de-France", "75009"),
    _french("Lyon", "Auvergne-Rhône-Alpes", "69002"),
    _australian("Sydney", "New South Wales", "2000", "25550xxxx"),
    _australian("Canberra", "Australian Capital Territory", "2600", "25550xxxx"),
)


class Directory:
    """Hands out telephone numbers in E.164; a place starts again from its first number when all are given."""

    def __init__(self) -> None:
        self._given: Counter[tuple[str, str]] = Counter()

    def line(self, place: Place) -> str:
        """The next fixed line of a place."""
        return self._next(place, place.lines)

    def mobile(self, place: Place) -> str:
        """The next mobile number of a place's country."""
        return self._next(place, place.mobiles or place.lines)

    def _next(self, place: Place, patterns: tuple[str, ...]) -> str:
        shared = (place.dial, patterns[0])
        turn = self._given[shared]
        self._given[shared] += 1
        pattern = patterns[turn % len(patterns)]
        digits = pattern.count("x")
        number = turn // len(patterns) % 10**digits
        return f"+{place.dial}{pattern.rstrip('x')}{number:0{digits}d}"


def grouped(e164: str, dial: str) -> tuple[str, str, str]:
    """The national digits of a number cut in three groups, as people read them aloud."""
    national = e164.removeprefix(f"+{dial}")
    return national[:3], national[3:-4], national[-4:]


_AMERICAN_STYLES: tuple[Callable[[str, str, str], str], ...] = (
    lambda area, office, line: f"({area}) {office}-{line}",
    lambda area, office, line: f"+1 {area}-{office}-{line}",
    lambda area, office, line: f"{area}.{office}.{line}",
    lambda area, office, line: f"1-{area}-{office}-{line}",
    lambda area, office, line: f"{area} {office} {line}",
    lambda area, office, line: f"+1 ({area}) {office} {line}",
    lambda area, office, line: f"{area}{office}{line}",
)
# Outside the United States only forms with the country code: a national form says nothing without it.
_FOREIGN_STYLES: tuple[Callable[[str, str, str, str], str], ...] = (
    lambda dial, area, office, line: f"+{dial} {area} {office} {line}",
    lambda dial, area, office, line: f"+{dial}-{area}-{office}-{line}",
    lambda dial, area, office, line: f"+{dial} ({area}) {office}{line}",
    lambda dial, area, office, line: f"+{dial} {area}.{office}.{line}",
)


def styled(e164: str, dial: str, choice: int) -> str:
    """The same number as a person would type it; `choice` picks one of the styles."""
    area, office, line = grouped(e164, dial)
    if dial == "1":
        return _AMERICAN_STYLES[choice % len(_AMERICAN_STYLES)](area, office, line)
    return _FOREIGN_STYLES[choice % len(_FOREIGN_STYLES)](dial, area, office, line)
