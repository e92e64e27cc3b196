"""What each kind of mess does to a company."""

from __future__ import annotations

from syncline.sandbox.dataset.draft import SYSTEMS
from syncline.sandbox.dataset.places import styled
from syncline.sandbox.dataset.spoil import Hit
from syncline.sandbox.dataset.views import CompanyView
from syncline.sandbox.dataset.vocabulary import LEGAL_SUFFIXES

__all__ = [
    "blanks_around",
    "city_differs",
    "domain_decorated",
    "domain_missing",
    "employees_differ",
    "legal_suffix_differs",
    "name_very_long",
    "phone_differs",
    "phone_styled",
    "twice_in_salesforce",
]

_DECORATIONS = (
    "www.{domain}",
    "https://www.{domain}/",
    "http://{domain}/about-us?ref=crm",
    "{upper}",
    "HTTPS://WWW.{upper}/Home",
    "www.{domain}/",
)


def _stem(company: CompanyView) -> str:
    """The name without its legal suffix."""
    name = company.name
    for suffixes in LEGAL_SUFFIXES.values():
        for suffix in suffixes:
            name = name.removesuffix(f" {suffix}")
    return name


def legal_suffix_differs(hit: Hit[CompanyView]) -> None:
    """Only Salesforce writes the legal form."""
    stem = _stem(hit.tidy)
    hit.show("apollo", name=stem)
    hit.show("salesforce", name=f"{stem} {hit.pick(LEGAL_SUFFIXES[hit.place.country])}")


def name_very_long(hit: Hit[CompanyView]) -> None:
    """A name with a whole sentence in it, several times."""
    hit.show(
        "apollo", name=" ".join([_stem(hit.tidy), *["and Associated Companies of the Northern Region"] * 7])
    )


def blanks_around(hit: Hit[CompanyView]) -> None:
    """Blanks and a tab that somebody pasted."""
    hit.show("apollo", name=f" {hit.tidy.name}  ", city=f"{hit.tidy.city}\t")


def domain_missing(hit: Hit[CompanyView]) -> None:
    """No system knows the domain."""
    hit.show_everywhere(domain=None, website=None)


def domain_decorated(hit: Hit[CompanyView]) -> None:
    """The domain as people copy it from a browser, in another form in each system."""
    domain = hit.tidy.domain or ""
    for offset, system in enumerate(SYSTEMS):
        pattern = _DECORATIONS[(hit.turn + offset) % len(_DECORATIONS)]
        text = pattern.format(domain=domain, upper=domain.upper())
        hit.show(system, domain=text, website=text)


def phone_styled(hit: Hit[CompanyView]) -> None:
    """The same number, typed in another style in each system."""
    for offset, system in enumerate(SYSTEMS):
        hit.show(system, phone=styled(hit.tidy.phone or "", hit.place.dial, hit.turn + offset))


def phone_differs(hit: Hit[CompanyView]) -> None:
    """Another number in Salesforce."""
    hit.show("salesforce", phone=hit.scene.numbers.line(hit.place))


def city_differs(hit: Hit[CompanyView]) -> None:
    """Salesforce has the address of another office."""
    other = hit.elsewhere
    hit.show(
        "salesforce",
        city=other.city,
        state=other.state,
        country=other.country,
        postal_code=other.postal_code,
    )


def employees_differ(hit: Hit[CompanyView]) -> None:
    """Salesforce has a newer head count."""
    employees = hit.tidy.employees or 0
    hit.show("salesforce", employees=employees + employees // 10 + 1)


def twice_in_salesforce(hit: Hit[CompanyView]) -> None:
    """A second account of the same domain."""
    hit.double("salesforce", name=f"{_stem(hit.tidy)} Holding", linkedin_url=None)
