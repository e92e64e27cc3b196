"""The leads of the world: companies a lead source has found, and why some of them are not to be sold to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from syncline.sandbox.dataset.names import Names, plain
from syncline.sandbox.dataset.views import Company, User

__all__ = ["FLAWS", "Lead", "draft_leads", "shared_address"]

KNOWN_SHARE = 1 / 3  # leads that are companies of the world, which the other systems may have too
LATE_STAGES = {"EVALUATION": 45, "READY_TO_BUY": 45, "OPPORTUNITY": 10}
COUNTRY = "United States"
VERY_LONG = 10_000


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead in the words of the lead source; `flaws` names what keeps it from being sold to.

    `owner` is the key of a user, with "-b" that of the second user who has the address of the first. `minutes_ago`
    tells when it last changed.
    """

    key: str
    name: str
    domain: str | None
    website: str | None
    stage: str | None
    fit: str
    relationship: str | None
    owner: str | None
    industry: str | None
    employees: int | None
    created_days_ago: int
    minutes_ago: int
    archived: bool = False
    quarantined: bool = False
    is_company: bool = True
    flaws: tuple[str, ...] = ()


Spoil = Callable[[Lead, int], Lead]
"""What a flaw makes of a sound lead; the number counts the leads with this flaw."""


def _domain(choices: Sequence[str | None]) -> Spoil:
    def spoil(lead: Lead, turn: int) -> Lead:
        domain = choices[turn % len(choices)]
        text = domain.format(number=lead.key[-5:]) if domain else None
        return replace(lead, domain=text, website=f"https://{text}" if text else None)

    return spoil


def _stage(*choices: str | None) -> Spoil:
    return lambda lead, turn: replace(lead, stage=choices[turn % len(choices)])


# Name, share of all leads, and what it does. Which stage is too early is for the reader of the leads to say.
_SPOILING: Mapping[str, tuple[float, Spoil]] = {
    "not_a_company": (0.01, lambda lead, _: replace(lead, is_company=False)),
    "customer": (0.02, lambda lead, _: replace(lead, relationship="CUSTOMER")),
    "customer_stage": (0.01, _stage("CUSTOMER")),
    "no_fit": (0.04, lambda lead, _: replace(lead, fit="ICP_NOT_FIT")),
    "fit_unknown": (0.04, lambda lead, _: replace(lead, fit="ICP_NOT_SET")),
    "early_stage": (0.08, _stage("TARGET", "EDUCATION", "SOLUTION")),
    "no_stage": (0.02, _stage(None)),
    "stage_not_a_fit": (0.01, _stage("NOT_A_FIT")),
    "quarantined": (0.02, lambda lead, _: replace(lead, quarantined=True)),
    "no_name": (0.01, lambda lead, turn: replace(lead, name=("", "   ", "\t\u00a0")[turn % 3])),
    "name_very_long": (0.002, lambda lead, _: replace(lead, name=(f"{lead.name} " * VERY_LONG)[:VERY_LONG])),
    "no_domain": (0.02, _domain([None])),
    "domain_is_an_address": (0.005, _domain(["192.0.2.10", "2001:db8::10", "198.51.100.7"])),
    "domain_is_a_suffix": (0.005, _domain(["co.uk", "com", "github.io"])),
    "domain_of_a_network": (0.005, _domain(["linkedin.com", "facebook.com", "x.com"])),
    "domain_international": (0.005, _domain(["bäckerei-{number}.test", "xn--bckerei-{number}-5nb.test"])),
    "no_owner": (0.06, lambda lead, _: replace(lead, owner=None)),
    "owner_unknown_elsewhere": (0.03, lambda lead, _: lead),  # whom it belongs to is chosen below
    "owner_shares_an_address": (0.01, lambda lead, _: lead),  # same
    "changed_just_now": (0.02, lambda lead, turn: replace(lead, minutes_ago=turn % 5)),
    "archived": (0.01, lambda lead, _: replace(lead, archived=True)),
}
FLAWS = tuple(_SPOILING)
TWICE_SHARE = 0.005
"""Sound leads that have the domain of another sound one."""
SEVERAL_SHARE = 0.03
"""Leads with two flaws at once."""


def draft_leads(seed: int, users: Sequence[User], companies: Sequence[Company], count: int) -> list[Lead]:
    """So many leads, the same for the same world."""
    rng = Random(f"leads/{seed}")
    owners = [user.key for user in users if user.in_apollo and user.active_in_salesforce]
    odd_owners = _odd_owners(users)
    sound = [_sound(rng, *each, rng.choice(owners)) for each in _companies(rng, seed, companies, count)]
    order = rng.sample(range(count), count)
    position = 0
    for name, (share, spoil) in _SPOILING.items():
        for turn, number in enumerate(order[position : position + _share(count, share)]):
            lead = replace(spoil(sound[number], turn), flaws=(name,))
            keys = odd_owners.get(name)
            sound[number] = replace(lead, owner=keys[turn % len(keys)]) if keys else lead
        position += _share(count, share)
    _spoil_twice(sound, order[position:])
    return sound


def _odd_owners(users: Sequence[User]) -> Mapping[str, Sequence[str]]:
    """Who owns the leads whose flaw is their owner: somebody Apollo does not have, and two of one address."""
    shared = shared_address(users)
    return {
        "owner_unknown_elsewhere": [user.key for user in users if not user.in_apollo],
        "owner_shares_an_address": [shared.key, f"{shared.key}-b"],
    }


def shared_address(users: Sequence[User]) -> User:
    """The colleague whom the lead source has twice: one who has left, so that no sound lead is theirs."""
    return next(user for user in users if user.in_apollo and not user.active_in_salesforce)


def _spoil_twice(leads: list[Lead], free: Sequence[int]) -> None:
    """Give some of the sound leads two flaws, and some the domain of another."""
    several, doubles = _share(len(leads), SEVERAL_SHARE), _share(len(leads), TWICE_SHARE)
    pairs = [("no_owner", "no_fit"), ("no_stage", "no_domain"), ("customer", "no_name")]
    for turn, number in enumerate(free[:several]):
        for name in pairs[turn % len(pairs)]:
            spoilt = _SPOILING[name][1](leads[number], turn)
            leads[number] = replace(spoilt, flaws=(*spoilt.flaws, name))
    for turn in range(min(doubles, (len(free) - several) // 2)):
        first, second = free[several + 2 * turn], free[several + 2 * turn + 1]
        leads[second] = replace(leads[second], domain=leads[first].domain, website=leads[first].website)


def _share(count: int, share: float) -> int:
    return round(count * share)


def _sound(rng: Random, key: str, name: str, domain: str, owner: str) -> Lead:
    created = rng.randint(2, 400)
    return Lead(
        key=key,
        name=name,
        domain=domain,
        website=f"https://{domain}" if rng.random() < 0.7 else f"http://www.{domain}/",
        stage=rng.choices(tuple(LATE_STAGES), tuple(LATE_STAGES.values()))[0],
        fit="ICP_FIT",
        relationship="PROSPECT" if rng.random() < 0.9 else None,
        owner=owner,
        industry=None,
        employees=rng.choice((None, rng.randint(5, 900))),
        created_days_ago=created,
        minutes_ago=rng.randint(60, created * 24 * 60),
    )


def _companies(
    rng: Random, seed: int, companies: Sequence[Company], count: int
) -> Iterator[tuple[str, str, str]]:
    """Key, name and domain of so many companies, some of them those of the world, in no order."""
    seen = [(company, host) for company in companies if (host := _host(company))]
    known = rng.sample(seen, min(len(seen), round(count * KNOWN_SHARE)))
    new = Names(rng, seed).companies(COUNTRY, count - len(known))
    found = [(_name(company), host) for company, host in known]
    for number, name in enumerate(new):
        found.append((name, f"{'-'.join(plain(word) for word in name.split())}-l{number}.test"))
    rng.shuffle(found)
    for number, (name, host) in enumerate(found):
        yield f"lead-{number:05d}", name, host


def _name(company: Company) -> str:
    view = company.apollo or company.salesforce
    return view.name.strip() if view else ""


def _host(company: Company) -> str | None:
    """The bare domain behind what the systems show of it."""
    view = company.apollo or company.salesforce
    text = (view.domain or "").lower().partition("://") if view else ("", "", "")
    host = (text[2] or text[0]).partition("/")[0].removeprefix("www.")
    return host or None
