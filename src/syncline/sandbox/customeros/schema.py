"""The part of the published schema that is served, in words of ours, for an edition and what a test adds to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncline.sandbox.customeros.editions import FITS, RELATIONSHIPS, Edition

_COMMON = """
scalar Time
scalar Int64
scalar Any

type Query {
  organizations(pagination: Pagination, where: Filter, sort: [SortBy!]): OrganizationPage!
  organization(id: ID!): Organization
  organizations_HiddenAfter(date: Time!): [ID!]!
  ui_organizations(ids: [ID!]): [OrganizationUiDetails!]!
  ui_organizations_search(limit: Int, where: Filter, sort: SortBy): OrganizationSearchResult!
  users(pagination: Pagination, where: Filter, sort: [SortBy!]): UserPage!
  user(id: ID!): User!
  user_ByEmail(email: String!): User!
}

input Pagination { page: Int! limit: Int! }
input SortBy { by: String! direction: SortingDirection! = ASC caseSensitive: Boolean = false }
input Filter { NOT: Filter AND: [Filter!] OR: [Filter!] filter: FilterItem }
input FilterItem {
  property: String!
  operation: ComparisonOperator! = EQ
  value: Any!
  caseSensitive: Boolean = false
  includeEmpty: Boolean = true
}

type OrganizationPage {
  content: [Organization!]!
  totalPages: Int!
  totalElements: Int64!
  totalAvailable: Int64!
}
type OrganizationSearchResult { ids: [ID!]! totalElements: Int64! totalAvailable: Int64! }
type Domain { domain: String! primary: Boolean primaryDomain: String }
type UserPage { content: [User!]! totalPages: Int! totalElements: Int64! }
type Email { id: ID! email: String rawEmail: String primary: Boolean! }
"""
_USER = """
  id: ID!
  firstName: String!
  lastName: String!
  name: String
  bot: Boolean!
  internal: Boolean!
  timezone: String
  emails: [Email!]
  createdAt: Time!
  updatedAt: Time!
"""
_RECORD = """
  id: ID!
  createdAt: Time!
  updatedAt: Time!
  customerOsId: String!
  name: String!
  description: String
  domains: [String!]!
  employees: Int64
  hide: Boolean!
  industry: String
  leadSource: String
  owner: User
  relationship: OrganizationRelationship
  stage: OrganizationStage
  website: String
"""


REMOVABLE = (
    "icpFit",
    "relationship",
    "stage",
    "owner",
    "website",
    "industry",
    "employees",
    "leadSource",
    "description",
)
"""Fields of organisations that a test may take away."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What the public schema does not have and a test puts in, or takes out.

    `quarantine` and `lead_type` add fields whose names and values are ours; `stages` are further names of stages;
    `without` are fields of organisations that this deployment lacks.
    """

    quarantine: bool = False
    lead_type: bool = False
    stages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Additions":
        """The additions as the state keeps them."""
        return cls(
            quarantine=bool(kept.get("quarantine")),
            lead_type=bool(kept.get("lead_type")),
            stages=tuple(kept.get("stages") or ()),
            without=tuple(kept.get("without") or ()),
        )


def text(edition: Edition, additions: Additions) -> str:
    """The schema in GraphQL's own language."""
    # The older one has no mark of test users.
    user = _USER + ("  test: Boolean!\n" if edition.has_fit_enum else "")
    fit = "IcpFit" if edition.has_fit_enum else "Boolean!"
    details = [_RECORD, "domainsDetails: [Domain!]!"]
    if edition.has_fit_enum:
        details.append("icpFit: IcpFit\nicpFitReasons: [String!]!\nicpFitUpdatedAt: Time")
    if additions.quarantine:
        details.append("quarantineStatus: String")
    if additions.lead_type:
        details.append("leadType: String")
    stages = sorted({*edition.stage_names, *additions.stages})
    parts = [
        _COMMON,
        _enum("SortingDirection", ("ASC", "DESC")),
        _enum("ComparisonOperator", edition.operators),
        _enum("OrganizationStage", stages),
        _enum("OrganizationRelationship", RELATIONSHIPS),
        *([_enum("IcpFit", FITS)] if edition.has_fit_enum else []),
        _type("User", user, ()),
        _type("OrganizationUiDetails", "\n".join(details), additions.without),
        _type("Organization", f"{_RECORD}\nicpFit: {fit}", additions.without),
    ]
    return "\n".join(parts)


def _enum(name: str, values: tuple[str, ...] | list[str]) -> str:
    return f"enum {name} {{ {' '.join(sorted(values))} }}"


def _type(name: str, fields: str, without: tuple[str, ...]) -> str:
    lines = [line for line in fields.splitlines() if line.split(":")[0].strip() not in without]
    return f"type {name} {{\n" + "\n".join(lines) + "\n}"
