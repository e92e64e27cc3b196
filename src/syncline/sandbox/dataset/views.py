"""The neutral facts of the sandbox world: what each system shows of a user, a company, a person or a deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Company", "CompanyView", "Deal", "DealView", "Person", "PersonView", "Shown", "User"]


@dataclass(frozen=True, slots=True)
class User:
    """A colleague who owns records; the e-mail is the same in every system."""

    key: str
    first_name: str
    last_name: str
    email: str
    title: str
    in_apollo: bool
    in_salesforce: bool
    active_in_salesforce: bool


@dataclass(frozen=True, slots=True)
class CompanyView:
    """One record of a company, as one system shows it.

    `record_key` is unique among the companies of one system and the same in both systems;
    a duplicate has the key of its company with "-b" added.
    """

    record_key: str
    company_key: str
    name: str
    domain: str | None
    website: str | None
    phone: str | None
    street: str | None
    city: str | None
    state: str | None
    country: str | None
    postal_code: str | None
    industry: str | None
    employees: int | None
    annual_revenue: int | None
    linkedin_url: str | None
    owner: str | None
    stage: str
    record_type: str
    created_days_ago: int
    updated_days_ago: int


@dataclass(frozen=True, slots=True)
class PersonView:
    """One record of a person, as one system shows it.

    `company` is the `record_key` of the company's record in the same system, or None where that system
    has no account for the person; `company_name` is the employer as text, present either way.
    `as_lead` matters to Salesforce alone: True is a Lead, False a Contact.
    """

    record_key: str
    person_key: str
    first_name: str | None
    last_name: str | None
    title: str | None
    email: str | None
    email_status: str | None
    direct_phone: str | None
    mobile_phone: str | None
    home_phone: str | None
    other_phone: str | None
    city: str | None
    state: str | None
    country: str | None
    linkedin_url: str | None
    company: str | None
    company_name: str | None
    owner: str | None
    stage: str
    lead_status: str
    lead_source: str
    as_lead: bool
    created_days_ago: int
    updated_days_ago: int


@dataclass(frozen=True, slots=True)
class DealView:
    """One record of a deal, as one system shows it.

    `company` is the `record_key` of the company's record in the same system. `amount` is what somebody typed.
    """

    record_key: str
    name: str
    company: str
    amount: str | None
    closes_in_days: int
    stage: str
    owner: str
    description: str
    next_step: str | None
    created_days_ago: int
    updated_days_ago: int


View = TypeVar("View", bound=CompanyView | PersonView | DealView)


@dataclass(frozen=True, slots=True)
class Shown(Generic[View]):
    """One company, person or deal of the real world and the records that each system holds of it.

    `apollo` and `salesforce` are None where the system does not know it; the twins are
    further records of the same company or person inside one system.
    """

    key: str
    apollo: View | None
    salesforce: View | None
    apollo_twins: tuple[View, ...] = ()
    salesforce_twins: tuple[View, ...] = ()

    def records(self, system: str) -> tuple[View, ...]:
        """All records of it in one system, "apollo" or "salesforce", the main one first."""
        if system == "apollo":
            return _together(self.apollo, self.apollo_twins)
        if system == "salesforce":
            return _together(self.salesforce, self.salesforce_twins)
        raise ValueError(f"the sandbox world has no system called {system!r}")


def _together(main: View | None, twins: tuple[View, ...]) -> tuple[View, ...]:
    return twins if main is None else (main, *twins)


Company = Shown[CompanyView]
Person = Shown[PersonView]
Deal = Shown[DealView]
