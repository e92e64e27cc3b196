"""Fills a new org: the connected app and its users, then the people and companies of the world."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.sandbox.salesforce import deal_stages, signatures, stamps
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.ids import ALPHABET, PREFIXES, mint
from syncline.sandbox.salesforce.objects.account import ACCOUNT
from syncline.sandbox.salesforce.objects.contact import CONTACT
from syncline.sandbox.salesforce.objects.lead import LEAD
from syncline.sandbox.salesforce.objects.opportunity import OPPORTUNITY, OPPORTUNITY_STAGE
from syncline.sandbox.salesforce.objects.user import ORGANIZATION, RECORD_TYPE, USER
from syncline.sandbox.salesforce.org import Org
from syncline.sandbox.salesforce.settings import ENTERPRISE, SMALL_BUSINESS, TYPE
from syncline.sandbox.salesforce.values import tidy
from syncline.sandbox.world import CompanyView, DealView, PersonView, User, World

UNKNOWN_NAME = "[not provided]"
# A share of all records was last touched by one migration, and has one and the same second.
MIGRATED_SHARE = 0.1
MIGRATED_DAYS_AGO = 180


def seed_org(org: Org, world: World | None, seed: int) -> None:
    """Fill an empty org. Without a world it has its administrator and its integration user only."""
    rng = random.Random(seed)
    _install_app(org, rng)
    for developer_name in (ENTERPRISE, SMALL_BUSINESS):
        values = {
            "Name": developer_name.replace("_", " "),
            "DeveloperName": developer_name,
            "SobjectType": "Account",
            "IsActive": True,
        }
        org.tables.insert(RECORD_TYPE, values, org.person)
    for stage in deal_stages.defaults():
        org.tables.insert(OPPORTUNITY_STAGE, stage, org.person)
    if world is not None:
        _Seeding(org, rng).fill(world)


def _install_app(org: Org, rng: random.Random) -> None:
    """The connected app with its secret and keys, and the two users every org has."""
    keys = signatures.make_keys()
    person, user = mint(PREFIXES["User"], 1), mint(PREFIXES["User"], 2)
    app = {
        "client_id": "3MVG9" + _letters(rng, 80),
        "client_secret": _letters(rng, 64),
        "private_key": keys.private,
        "public_key": keys.public,
        "org": mint(PREFIXES["Organization"], 1),
        "user": user,
        "person": person,
        "installed": stamps.stamp(org.clock.now()),
    }
    org.state.put(TYPE, "app", app)
    org.tables.insert(ORGANIZATION, _ORGANIZATION, person)
    org.tables.insert(USER, _user("Ada", "Admin", "admin@org.example", "Administrator"), person)
    org.tables.insert(USER, _user("Integration", "User", "integration@org.example", "Integration"), person)


_ORGANIZATION = {
    "Name": "Syncline Sandbox",
    "InstanceName": "SBX1",
    "IsSandbox": True,
    "OrganizationType": "Enterprise Edition",
    "TimeZoneSidKey": "GMT",
    "DefaultLocaleSidKey": "en_US",
}


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(count))


def _user(first: str, last: str, email: str, title: str, *, active: bool = True) -> dict[str, Any]:
    return {
        "Username": f"{email}.crm",
        "FirstName": first,
        "LastName": last,
        "Email": email,
        "Title": title,
        "Alias": (first[:1] + last).lower()[:8],
        "CommunityNickname": email.partition("@")[0][:40],
        "IsActive": active,
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "UserType": "Standard",
    }


class _Seeding:
    """Turns the neutral facts of the world into records; ids by their keys in the world."""

    def __init__(self, org: Org, rng: random.Random) -> None:
        self._org = org
        self._rng = rng
        self._users: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._record_types = {
            each["DeveloperName"]: str(each["Id"]) for each in org.tables.scan("RecordType")
        }

    def fill(self, world: World) -> None:
        """Make users, then accounts, then people."""
        for user in world.users:
            if user.in_salesforce:
                self._add_user(user)
        for company in world.company_records("salesforce"):
            self._add_account(company)
        for person in world.person_records("salesforce"):
            self._add_person(person)
        for deal in world.deal_records("salesforce"):
            self._add_deal(deal)

    def _add_user(self, user: User) -> None:
        values = _user(
            user.first_name, user.last_name, user.email, user.title, active=user.active_in_salesforce
        )
        self._users[user.key] = self._insert(USER, values, 400, 30)

    def _add_account(self, company: CompanyView) -> None:
        values = {
            "Name": company.name,
            "RecordTypeId": self._record_types[company.record_type],
            "Website": company.website,
            "Phone": company.phone,
            "BillingStreet": company.street,
            "BillingCity": company.city,
            "BillingState": company.state,
            "BillingCountry": company.country,
            "BillingPostalCode": company.postal_code,
            "Industry": company.industry,
            "NumberOfEmployees": company.employees,
            "AnnualRevenue": company.annual_revenue,
            "OwnerId": self._owner(company.owner),
        }
        made = self._insert(ACCOUNT, values, company.created_days_ago, company.updated_days_ago)
        self._accounts[company.record_key] = made

    def _add_person(self, person: PersonView) -> None:
        shared = {
            "FirstName": person.first_name,
            "LastName": person.last_name or UNKNOWN_NAME,
            "Title": person.title,
            "Email": person.email,
            "Phone": person.direct_phone,
            "MobilePhone": person.mobile_phone,
            "LeadSource": person.lead_source,
            "Apollo_Stage__c": person.stage,
            "OwnerId": self._owner(person.owner),
        }
        own = self._lead(person) if person.as_lead else self._contact(person)
        object_ = LEAD if person.as_lead else CONTACT
        self._insert(object_, {**shared, **own}, person.created_days_ago, person.updated_days_ago)

    def _add_deal(self, deal: DealView) -> None:
        values = {
            "Name": deal.name,
            "AccountId": self._accounts.get(deal.company),
            "Amount": deal.amount and float(deal.amount.replace(",", "")),
            "CloseDate": (self._midnight(0) + timedelta(days=deal.closes_in_days)).date().isoformat(),
            "StageName": deal.stage,
            "Description": deal.description,
            "NextStep": deal.next_step,
            "OwnerId": self._owner(deal.owner),
        }
        self._insert(OPPORTUNITY, values, deal.created_days_ago, deal.updated_days_ago)

    def _lead(self, person: PersonView) -> dict[str, Any]:
        return {
            "Company": person.company_name or UNKNOWN_NAME,
            "Status": person.lead_status,
            "City": person.city,
            "State": person.state,
            "Country": person.country,
        }

    def _contact(self, person: PersonView) -> dict[str, Any]:
        return {
            "AccountId": self._accounts.get(person.company or ""),
            "HomePhone": person.home_phone,
            "OtherPhone": person.other_phone,
            "MailingCity": person.city,
            "MailingState": person.state,
            "MailingCountry": person.country,
        }

    def _owner(self, key: str | None) -> str:
        return self._users.get(key or "", self._org.person)

    def _insert(self, object_: ObjectType, values: Mapping[str, Any], created: int, updated: int) -> str:
        stored = {name: tidy(object_.by_name[name.lower()], value) for name, value in values.items()}
        first, last = self._moment(created), self._updated(created, updated)
        system = {
            "CreatedDate": stamps.stamp(min(first, last)),
            "LastModifiedDate": stamps.stamp(last),
            "SystemModstamp": stamps.stamp(last),
        }
        return str(self._org.tables.insert(object_, {**stored, **system}, self._org.person)["Id"])

    def _updated(self, created: int, updated: int) -> datetime:
        if created > MIGRATED_DAYS_AGO and self._rng.random() < MIGRATED_SHARE:
            return self._midnight(MIGRATED_DAYS_AGO) + timedelta(hours=2)
        return self._moment(min(updated, created))

    def _moment(self, days_ago: int) -> datetime:
        return self._midnight(days_ago) + timedelta(seconds=self._rng.randrange(86_400))

    def _midnight(self, days_ago: int) -> datetime:
        return self._org.clock.now().replace(hour=0, minute=0, second=0) - timedelta(days=days_ago)
