"""The vendor's own database of companies: what it knows of a domain, rightly or wrongly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.sandbox.apollo import addresses, values
from syncline.sandbox.apollo.shapes import words
from syncline.sandbox.apollo.workspace import ORGANIZATIONS, Workspace
from syncline.sandbox.state import Document


@dataclass(frozen=True)
class Company:
    """What is known of one company; the address by the keys of the API."""

    domain: str | None
    name: str | None
    linkedin_url: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: int | None = None
    address: Mapping[str, str | None] = field(default_factory=dict)


class Organisations:
    """Finds companies by their domain."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def known(self, host: str | None) -> Mapping[str, Any] | None:
        """The organisation of a bare domain."""
        found = self._workspace.state.find(ORGANIZATIONS, "domain", host) if host else []
        return found[0] if found else None

    def add(self, company: Company) -> str | None:
        """Let a company be known by its domain; its id, or None without a domain or when the domain is taken."""
        host = values.domain(company.domain)
        if host is None or self.known(host) is not None:
            return None
        id_, listed = self._workspace.new_id(), _listed(company, host)
        forms = {"listed": {"id": id_, **listed}, "full": {**listed, **_profile(company)}}
        self._workspace.save(ORGANIZATIONS, {"id": id_, "domain": host, **forms})
        return id_


def _listed(company: Company, host: str) -> Document:
    """The keys of an organisation that any record shows beside it."""
    empty = words(
        "blog_url angellist_url twitter_url facebook_url linkedin_uid founded_year publicly_traded_symbol "
        "publicly_traded_exchange logo_url crunchbase_url alexa_ranking phone"
    )
    return dict.fromkeys(empty) | {
        "name": company.name,
        "website_url": f"http://www.{host}",
        "linkedin_url": company.linkedin_url,
        "primary_phone": {},
        "languages": [],
        "primary_domain": host,
    }


def _profile(company: Company) -> Document:
    """The keys of an organisation that only the account's own page shows."""
    industry = company.industry.lower() if company.industry else None
    unknown = words(
        "industry_tag_id short_description owned_by_organization_id total_funding total_funding_printed "
        "latest_funding_round_date latest_funding_stage org_chart_sector organization_headcount_six_month_growth "
        "organization_headcount_twelve_month_growth organization_headcount_twenty_four_month_growth"
    )
    return dict.fromkeys(unknown) | {
        "industry": industry,
        "industry_tag_hash": {},
        "org_chart_root_people_ids": [],
        "org_chart_removed": False,
        "org_chart_show_department_filter": False,
        "industries": [industry] if industry else [],
        "secondary_industries": [],
        "keywords": [],
        "estimated_num_employees": company.employees,
        "annual_revenue": company.annual_revenue,
        "annual_revenue_printed": _printed(company.annual_revenue),
        "retail_location_count": 0,
        "suborganizations": [],
        "num_suborganizations": 0,
        "technology_names": [],
        "current_technologies": [],
        "funding_events": [],
        "suggest_location_enrichment": False,
        "organization_raw_address": addresses.join(company.address),
        **{f"organization_{key}": company.address.get(key) for key in addresses.PARTS},
    }


def _printed(revenue: int | None) -> str | None:
    if revenue is None:
        return None
    millions = revenue / 1_000_000
    return f"{millions:.1f}M".replace(".0M", "M")
