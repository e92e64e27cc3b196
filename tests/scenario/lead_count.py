"""What becomes of leads, worked out from what both systems hold, by no code of the program."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

Row = Mapping[str, Any]
LATE_ENOUGH = {"EVALUATION", "READY_TO_BUY", "OPPORTUNITY"}
NOBODYS = {"co.uk", "com", "github.io", "linkedin.com", "facebook.com", "x.com"}
"""Suffixes and networks among the domains of the made-up leads."""


@dataclass(frozen=True)
class World:
    """All that both systems hold before the first run."""

    leads: Sequence[Row]
    finders: Sequence[Row]
    accounts: Sequence[Row]
    sellers: Sequence[Row]
    now: datetime

    def counts(self) -> dict[str, Any]:
        """How many leads each status has after the first run."""
        refused = {lead["id"]: self._refused(lead) for lead in self.leads}
        shared = Counter(host(lead) for lead in self.leads)
        here = Counter(bare(row["domain"]) for row in self.accounts)
        sound = [lead for lead in self.leads if refused[lead["id"]] is None]
        held = [lead for lead in sound if shared[host(lead)] > 1 or here[host(lead)] > 1]
        clear = [lead for lead in sound if lead not in held]
        waiting = [lead for lead in clear if self._is_fresh(lead)]
        ready = [lead for lead in clear if lead not in waiting]
        known = [lead for lead in ready if here[host(lead)] == 1]
        made, found, namesakes = self._made([lead for lead in ready if here[host(lead)] == 0])
        ownerless = {bare(row["domain"]) for row in self.accounts if row["owner_id"] is None}
        return {
            "created": made,
            "linked": len(known) + found,
            "updated": sum(host(lead) in ownerless for lead in known) + found,
            "error": namesakes,
            "held": len(held),
            "waiting": len(waiting),
            "not_eligible": dict(Counter(filter(None, refused.values()))),
        }

    def _made(self, leads: Iterable[Row]) -> tuple[int, int, int]:
        """Accounts Apollo makes, those it knows by name and without a domain, those it takes for others."""
        names = {row["name"].strip().lower(): bare(row["domain"]) for row in self.accounts}
        made, found, namesakes = 0, 0, 0
        for lead in leads:
            name = lead["name"].strip().lower()
            if name not in names:
                made += 1
                names[name] = host(lead)
            elif names[name] == "":
                found += 1
                names[name] = host(lead)
            else:
                namesakes += 1
        return made, found, namesakes

    def _refused(self, lead: Row) -> str | None:
        """The first requirement that a lead does not meet."""
        answers = {
            "company": lead["leadType"] == "company",
            "not archived": not lead["hide"],
            "not a customer": lead["relationship"] != "CUSTOMER",
            "icp fit": lead["icpFit"] == "ICP_FIT",
            "stage": lead["stage"] in LATE_ENOUGH,
            "quarantine": lead["quarantineStatus"] == "ACTIVE",
            "name": bool(lead["name"].strip()),
            "domain": owns(host(lead)),
            "owner": lead["owner_id"] in self._paired(),
        }
        return next((name for name, met in answers.items() if not met), None)

    def _paired(self) -> set[str]:
        """The lead source's users who alone have their address, and whose address an Apollo user has."""
        people = [user for user in self.finders if not (user["bot"] or user["internal"] or user["test"])]
        times = Counter(user["emails"][0]["email"] for user in people)
        there = {user["email"] for user in self.sellers if not user["deleted"]}
        addresses = {user["id"]: user["emails"][0]["email"] for user in people}
        return {id_ for id_, address in addresses.items() if times[address] == 1 and address in there}

    def _is_fresh(self, lead: Row) -> bool:
        return self.now - datetime.fromisoformat(lead["updatedAt"]) < timedelta(minutes=5)


def host(lead: Row) -> str:
    """The domain of a lead; each of these has one at most."""
    return bare(lead["domains"][0]["domain"] if lead["domains"] else f"none of {lead['id']}")


def bare(domain: str | None) -> str:
    """A domain without what may stand before it."""
    text = (domain or "").strip().lower().removeprefix("https://").removeprefix("http://")
    return text.partition("/")[0].removeprefix("www.").encode("idna").decode() if text.isascii() else text


def owns(domain: str) -> bool:
    """Whether a company can have such a domain for itself."""
    if domain in NOBODYS or domain.startswith("none of "):
        return False
    try:
        ip_address(domain)
    except ValueError:
        return True
    return False
