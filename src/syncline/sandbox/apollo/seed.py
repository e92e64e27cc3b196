"""Fills a workspace: with what a new one has, or with the Apollo side of a made-up world."""

from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from syncline.sandbox.apollo import addresses
from syncline.sandbox.apollo.access import Keys
from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.deal_stages import DealStages
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.oauth import OAuth
from syncline.sandbox.apollo.opportunities import Opportunities
from syncline.sandbox.apollo.organisations import Company, Organisations
from syncline.sandbox.apollo.stages import Stages
from syncline.sandbox.apollo.users import Users
from syncline.sandbox.apollo.workspace import (
    ACCOUNT_STAGES,
    ACCOUNTS,
    CONTACT_STAGES,
    CONTACTS,
    OPPORTUNITIES,
    Workspace,
    stamp,
)
from syncline.sandbox.dataset.views import CompanyView, DealView, PersonView
from syncline.sandbox.dataset.vocabulary import LEAD_SOURCES
from syncline.sandbox.state import Document
from syncline.sandbox.world import World

LEAD_SOURCE = "Lead Source"
_COLLEAGUES = (
    {
        "first_name": "Alex",
        "last_name": "Admin",
        "email": "alex.admin@example.com",
        "title": "Revenue Operations",
    },
    {
        "first_name": "Robin",
        "last_name": "Reyes",
        "email": "robin.reyes@example.com",
        "title": "Sales Manager",
    },
)
_LEAVER = {
    "first_name": "Former",
    "last_name": "Colleague",
    "email": "former.colleague@example.com",
    "title": "Account Executive",
    "deleted": True,
}
_SOURCES = ("csv_import", "search", "chrome_extension_linkedin")
_DAY = 86_400


class Parts(Protocol):
    """What seeding needs of the assembled stand-in."""

    workspace: Workspace
    keys: Keys
    oauth: OAuth
    stages: Stages
    deal_stages: DealStages
    fields: Fields
    labels: Labels
    users: Users
    organisations: Organisations
    accounts: Accounts
    contacts: Contacts
    deals: Opportunities


def seed_new(parts: Parts) -> None:
    """What any workspace has: keys, stages, custom fields; and three users when no world brings its own."""
    parts.workspace.state.put("team", "team", {"id": parts.workspace.new_id()})
    parts.keys.create(parts.workspace.seed)
    parts.oauth.register()
    parts.stages.create_defaults()
    parts.deal_stages.create_defaults()
    parts.fields.make(LEAD_SOURCE, "contact", "picklist", options=list(LEAD_SOURCES))
    parts.fields.make("Interests", "contact", "multipicklist", options=["Pricing", "Security", "Support"])
    parts.fields.make("Nickname", "contact", "string", max_length=40)
    parts.fields.make("Contract end", "account", "date")
    parts.fields.make("Seats", "account", "number")
    parts.fields.make(
        "Rating", "account", "picklist", options=["Hot", "Warm", "Cold"], mapped_crm_field="Account.Rating"
    )


def seed(parts: Parts, world: World | None) -> None:
    """Fill an empty workspace."""
    seed_new(parts)
    if world is None:
        _seed_users(parts, [dict(one) for one in (*_COLLEAGUES, _LEAVER)])
        return
    _Seeding(parts, world).run()


def _seed_users(parts: Parts, people: list[Document]) -> list[str]:
    """Make the users, the first one the longest in the team; their ids in order."""
    now = parts.workspace.clock.now()
    made = [
        parts.users.create(person, stamp(now - timedelta(days=1200 - number)))
        for number, person in enumerate(people)
    ]
    return [str(user["id"]) for user in made]


class _Seeding:
    """One filling of a workspace from a world."""

    def __init__(self, parts: Parts, world: World) -> None:
        self._parts = parts
        self._world = world
        self._rng = Random(world.seed)
        self._now = parts.workspace.clock.now()
        self._owners: dict[str, str] = {}
        self._accounts: dict[str, str] = {}

    def run(self) -> None:
        here = [user for user in self._world.users if user.in_apollo]
        people: list[Document] = [
            {"first_name": one.first_name, "last_name": one.last_name, "email": one.email, "title": one.title}
            for one in here
        ]
        ids = _seed_users(self._parts, [*people, dict(_LEAVER)])
        self._owners = dict(zip((user.key for user in here), ids, strict=False))
        for company in self._world.company_records("apollo"):
            self._accounts[company.record_key] = self._add_account(company)
        for person in self._world.person_records("apollo"):
            self._add_contact(person)
        for deal in self._world.deal_records("apollo"):
            self._add_deal(deal)

    def _add_account(self, view: CompanyView) -> str:
        self._parts.organisations.add(
            Company(
                view.domain,
                view.name,
                view.linkedin_url,
                view.industry,
                view.employees,
                view.annual_revenue,
                _address(view),
            )
        )
        doc = self._parts.accounts.create({}, frozenset(), "", source=self._rng.choice(_SOURCES))
        self._parts.accounts.write(
            doc,
            {
                "name": view.name,
                "domain": view.domain,
                "phone": view.phone,
                "linkedin_url": view.linkedin_url,
                "raw_address": addresses.join(_address(view)),
                "account_stage_id": self._parts.stages.named(ACCOUNT_STAGES, view.stage),
            },
            trusted=True,
        )
        doc["name"] = view.name  # an import keeps blanks that the API would cut off
        doc.update({key: value for key, value in _address(view).items() if value is not None})
        doc["owner_id"] = self._owners.get(view.owner or "")
        doc["created_at"], doc["_updated_at"] = self._stamps(view, doc["source"])
        self._parts.workspace.save(ACCOUNTS, doc)
        return str(doc["id"])

    def _add_contact(self, view: PersonView) -> None:
        doc = self._parts.contacts.create({}, frozenset(), "", source=self._rng.choice(_SOURCES))
        values = {
            "first_name": view.first_name,
            "last_name": view.last_name,
            "title": view.title,
            "email": view.email,
            "organization_name": view.company_name,
            "account_id": self._accounts.get(view.company or ""),
            "present_raw_address": addresses.join(
                {"city": view.city, "state": view.state, "country": view.country}
            ),
            "linkedin_url": view.linkedin_url,
            "contact_stage_id": self._parts.stages.named(CONTACT_STAGES, view.stage),
            **{name: getattr(view, name) for name in _PHONES if getattr(view, name)},
        }
        self._parts.contacts.write(doc, values, trusted=True)
        self._finish_contact(doc, view)
        self._parts.workspace.save(CONTACTS, doc)

    def _finish_contact(self, doc: Document, view: PersonView) -> None:
        owner = self._owners.get(view.owner or "")
        doc["owner_id"], doc["creator_id"] = owner, owner
        doc.update({key: getattr(view, key) for key in ("first_name", "last_name", "title")})
        doc["organization_name"] = view.company_name
        doc["queued_for_crm_push"] = False
        doc["email_status"] = view.email_status if view.email else None
        doc["email_true_status"] = _TRUE_STATUS.get(doc["email_status"])
        for entry in doc["contact_emails"]:
            entry["email_status"] = doc["email_status"]
            entry["email_true_status"] = doc["email_true_status"]
        chosen = self._parts.fields.option_id(LEAD_SOURCE, "contact", view.lead_source)
        if chosen:
            doc["typed_custom_fields"] = {chosen[0]: [chosen[1]]}
        doc["created_at"], doc["updated_at"] = self._stamps(view, doc["source"])

    def _add_deal(self, view: DealView) -> None:
        doc = self._parts.deals.create({}, self._owners.get(view.owner, ""), source="api")
        closes = self._now + timedelta(days=view.closes_in_days)
        values = {
            "name": view.name,
            "account_id": self._accounts.get(view.company),
            "amount": view.amount,
            "closed_date": closes.date().isoformat(),
            "opportunity_stage_id": self._parts.deal_stages.named(view.stage),
            "description": view.description,
            "next_step": view.next_step,
            "owner_id": self._owners.get(view.owner),
        }
        self._parts.deals.write(doc, values)
        doc["created_at"], doc["_updated_at"] = self._stamps(view, doc["source"])
        doc["last_activity_date"] = doc["_updated_at"]
        self._parts.workspace.save(OPPORTUNITIES, doc)

    def _stamps(self, view: CompanyView | PersonView | DealView, source: str) -> tuple[str, str]:
        """When it was made and last changed; rows of one import share the very same moment."""
        jitter = 0 if source == "csv_import" else self._rng.randrange(_DAY)
        created = self._ago(view.created_days_ago, jitter)
        return stamp(created), stamp(max(created, self._ago(view.updated_days_ago, jitter)))

    def _ago(self, days: int, seconds: int) -> datetime:
        return self._now - timedelta(days=days, seconds=seconds)


_PHONES = ("direct_phone", "mobile_phone", "home_phone", "other_phone")
_TRUE_STATUS = {
    "verified": "Verified",
    "unverified": "User Managed",
    "likely to engage": "User Managed",
    "unavailable": "User Managed",
}


def _address(view: CompanyView) -> Document:
    return {
        "street_address": view.street,
        "city": view.city,
        "state": view.state,
        "country": view.country,
        "postal_code": view.postal_code,
    }
