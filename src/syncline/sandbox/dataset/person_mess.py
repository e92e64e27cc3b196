"""What each kind of mess does to a person, and whom some kinds fit."""

from __future__ import annotations

from syncline.sandbox.dataset.draft import SYSTEMS
from syncline.sandbox.dataset.names import plain
from syncline.sandbox.dataset.places import styled
from syncline.sandbox.dataset.spoil import Hit, Scene, in_both, in_salesforce
from syncline.sandbox.dataset.views import PersonView
from syncline.sandbox.dataset.vocabulary import DEPARTMENTS, PLACEHOLDER_EMAIL

__all__ = [
    "blanks_around",
    "city_differs",
    "direct_phone_in_both",
    "email_bad",
    "email_free_mail",
    "email_missing",
    "email_mixed_case",
    "email_placeholder",
    "employed",
    "employed_contact",
    "has_direct_phone",
    "last_name_differs",
    "last_name_missing",
    "last_name_very_long",
    "lead_and_contact",
    "phone_differs",
    "phone_extension",
    "phone_styled",
    "salesforce_contact",
    "same_name",
    "test_contact",
    "title_differs",
    "title_unicode",
    "title_very_long",
    "twice_in_apollo",
    "twice_in_salesforce",
]

_PHONES = ("direct_phone", "mobile_phone", "home_phone", "other_phone")
_UNICODE_TITLES = (
    "Geschäftsführer für Straßenbau",
    "Directrice générale déléguée – Île-de-France",
    "🚀 Growth Lead",
    "営業部長",
    "Chief ✨ Happiness ✨ Officer",
    "Ředitelka obchodu",
    "مدير المبيعات",
    "Customer Hero 👩🏽\u200d🚀",
)
_BAD_EMAILS = (
    "{local}@",
    "n/a",
    "{name} <{local}@{domain}>",
    "{local} at {domain}",
    "{local}@{domain}; {local}@freemail.example",
    "{local}@@{domain}",
    "unknown",
)
_OTHER_SPELLINGS = ("{last}e", "{last}-Miller", "O'{last}", "Mc{last}")


def employed(scene: Scene[PersonView], key: str) -> bool:
    """Fits people whose employer is known."""
    return scene.draft.tidy[key].company is not None


def has_direct_phone(scene: Scene[PersonView], key: str) -> bool:
    """Fits people with a direct phone."""
    return scene.draft.tidy[key].direct_phone is not None


def direct_phone_in_both(scene: Scene[PersonView], key: str) -> bool:
    """Fits people in both systems with a direct phone."""
    return has_direct_phone(scene, key) and in_both(scene, key)


def salesforce_contact(scene: Scene[PersonView], key: str) -> bool:
    """Fits people who are a Contact, not a Lead, in Salesforce."""
    return in_salesforce(scene, key) and not scene.draft.tidy[key].as_lead


def employed_contact(scene: Scene[PersonView], key: str) -> bool:
    """Fits contacts with an employer: a Lead needs a company."""
    return salesforce_contact(scene, key) and employed(scene, key)


def _address(person: PersonView) -> tuple[str, str]:
    """The local part and the domain of the tidy e-mail."""
    local, _, domain = (person.email or "").partition("@")
    return local, domain


def test_contact(hit: Hit[PersonView]) -> None:
    """Somebody tried the system out and left it there."""
    email = f"test.user+{hit.turn + 1}@example.com"
    hit.show_everywhere(first_name="Test", last_name="User", title="test", email=email)


def same_name(hit: Hit[PersonView]) -> None:
    """A second person, employed elsewhere, takes the name of the first."""
    person, draft = hit.tidy, hit.scene.draft
    for key in hit.others:
        domain = _address(draft.tidy[key])[1]
        # The number keeps the address unique even where chance gave both one employer.
        local = f"{plain(person.first_name or '')}.{plain(person.last_name or '')}{hit.turn + 2}"
        draft.change_everywhere(
            key, first_name=person.first_name, last_name=person.last_name, email=f"{local}@{domain}"
        )


def last_name_differs(hit: Hit[PersonView]) -> None:
    """Salesforce spells the last name differently, or has the name of a marriage."""
    hit.show("salesforce", last_name=hit.pick(_OTHER_SPELLINGS).format(last=hit.tidy.last_name))


def last_name_missing(hit: Hit[PersonView]) -> None:
    """Apollo has no last name, by turns as nothing and as empty text."""
    hit.show("apollo", last_name=hit.pick((None, "")))


def last_name_very_long(hit: Hit[PersonView]) -> None:
    """A name that a form filler repeated."""
    hit.show("apollo", last_name="-".join([hit.tidy.last_name or ""] * 30))


def email_missing(hit: Hit[PersonView]) -> None:
    """No system knows the e-mail."""
    hit.show_everywhere(email=None, email_status=None)


def email_bad(hit: Hit[PersonView]) -> None:
    """Apollo holds something that is no plain address."""
    local, domain = _address(hit.tidy)
    name = f"{hit.tidy.first_name} {hit.tidy.last_name}"
    email = hit.pick(_BAD_EMAILS).format(local=local, domain=domain, name=name)
    hit.show("apollo", email=email, email_status="unverified")


def email_placeholder(hit: Hit[PersonView]) -> None:
    """Apollo withholds the address."""
    hit.show("apollo", email=PLACEHOLDER_EMAIL, email_status="unavailable")


def email_mixed_case(hit: Hit[PersonView]) -> None:
    """One of the systems shows capitals."""
    local, domain = _address(hit.tidy)
    written = (f"{local.title()}@{domain}", f"{local}@{domain}".upper(), f"{local}@{domain.title()}")
    hit.show(hit.pick(hit.scene.draft.systems(hit.key)), email=hit.pick(written))


def email_free_mail(hit: Hit[PersonView]) -> None:
    """A private address that says nothing about the employer."""
    hit.show_everywhere(email=f"{_address(hit.tidy)[0]}.{hit.turn + 1}@freemail.example")


def title_differs(hit: Hit[PersonView]) -> None:
    """Salesforce has another job title."""
    present = hit.tidy.title or ""
    others = [department for department in DEPARTMENTS if not present.endswith(department)]
    hit.show("salesforce", title=f"Senior Director, {hit.pick(others)}")


def title_unicode(hit: Hit[PersonView]) -> None:
    """A title with accents, another script or emoji."""
    hit.show_everywhere(title=hit.pick(_UNICODE_TITLES))


def title_very_long(hit: Hit[PersonView]) -> None:
    """A title that lists every department twice."""
    areas = ", ".join(DEPARTMENTS)
    hit.show("apollo", title=f"Interim Head of {areas}, and once more of {areas}")


def blanks_around(hit: Hit[PersonView]) -> None:
    """Blanks, and the no-break space that text from a web page carries."""
    hit.show("apollo", title=f"  {hit.tidy.title}\u00a0", city=f"{hit.tidy.city} ")


def city_differs(hit: Hit[PersonView]) -> None:
    """Salesforce has another address."""
    other = hit.elsewhere
    hit.show("salesforce", city=other.city, state=other.state, country=other.country)


def phone_styled(hit: Hit[PersonView]) -> None:
    """The same numbers, typed in another style in each system."""
    given = {name: number for name in _PHONES if (number := getattr(hit.tidy, name))}
    for offset, system in enumerate(SYSTEMS):
        turn = hit.turn + offset
        hit.show(system, **{name: styled(number, hit.place.dial, turn) for name, number in given.items()})


def phone_extension(hit: Hit[PersonView]) -> None:
    """The same extension, written in two ways."""
    phone, extension = hit.tidy.direct_phone or "", 10 + hit.turn % 90
    typed = [styled(phone, hit.place.dial, hit.turn + offset) for offset in (0, 1)]
    hit.show("apollo", direct_phone=f"{typed[0]} x{extension}")
    hit.show("salesforce", direct_phone=f"{typed[1]} ext. {extension}")


def phone_differs(hit: Hit[PersonView]) -> None:
    """Another number in Salesforce."""
    hit.show("salesforce", direct_phone=hit.scene.numbers.line(hit.place))


def twice_in_salesforce(hit: Hit[PersonView]) -> None:
    """A second contact of the same e-mail."""
    hit.double("salesforce", title=None, direct_phone=None)


def twice_in_apollo(hit: Hit[PersonView]) -> None:
    """A second contact of the same e-mail."""
    hit.double("apollo", title=None, linkedin_url=None)


def lead_and_contact(hit: Hit[PersonView]) -> None:
    """The lead nobody converted when the contact was made."""
    hit.double("salesforce", as_lead=True)
