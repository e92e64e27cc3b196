"""Fills a workspace: with what a new one has, or with the leads of a made-up world."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from syncline.sandbox.customeros.access import Access
from syncline.sandbox.customeros.records import ORGANIZATION, USER, domain_of
from syncline.sandbox.customeros.workspace import ORGANIZATIONS, USERS, Workspace, stamp
from syncline.sandbox.dataset.leads import shared_address
from syncline.sandbox.state import Document
from syncline.sandbox.world import Lead, World

_COLLEAGUES = (
    {"firstName": "Alex", "lastName": "Admin", "email": "alex.admin@example.com"},
    {"firstName": "Robin", "lastName": "Reyes", "email": "robin.reyes@example.com"},
)
_NO_PEOPLE: tuple[dict[str, Any], ...] = (
    {"firstName": "Lead", "lastName": "Robot", "email": "robot@example.com", "bot": True},
    {"firstName": "Vendor", "lastName": "Support", "email": "support@vendor.example", "internal": True},
    {"firstName": "Test", "lastName": "User", "email": "test@example.com", "test": True},
)
QUARANTINED = "QUARANTINED"
"""What is not active has no published name; this one is ours."""


class Parts(Protocol):
    """What seeding needs of the assembled stand-in."""

    workspace: Workspace
    access: Access


def seed(parts: Parts, world: World | None) -> None:
    """Fill an empty workspace."""
    parts.access.create(parts.workspace.seed)
    if world is None:
        _seed_users(parts.workspace, [dict(one) for one in _COLLEAGUES])
        return
    people = [
        {"firstName": one.first_name, "lastName": one.last_name, "email": one.email} for one in world.users
    ]
    twice = shared_address(world.users)
    again = {
        "firstName": twice.first_name,
        "lastName": f"{twice.last_name} (old account)",
        "email": twice.email,
    }
    ids = _seed_users(parts.workspace, [*people, again, *(dict(one) for one in _NO_PEOPLE)])
    owners = dict(zip([*(user.key for user in world.users), f"{twice.key}-b"], ids, strict=False))
    now = parts.workspace.clock.now()
    for lead in world.leads():
        _add(parts.workspace, lead, owners.get(lead.owner or ""), now)


def _seed_users(workspace: Workspace, people: list[Document]) -> list[str]:
    """Make the users; their ids in order."""
    now = workspace.clock.now()
    ids = []
    for number, person in enumerate(people):
        made = stamp(now - timedelta(days=900 - number))
        id_, address = workspace.new_id(), person.pop("email")
        email = {"id": workspace.new_id(), "email": address, "rawEmail": address, "primary": True}
        name = f"{person['firstName']} {person['lastName']}"
        times = {"createdAt": made, "updatedAt": made}
        workspace.save(USERS, {**USER, **person, **times, "id": id_, "name": name, "emails": [email]})
        ids.append(id_)
    return ids


def _add(workspace: Workspace, lead: Lead, owner: str | None, now: datetime) -> None:
    created = now - timedelta(days=lead.created_days_ago)
    updated = max(created, now - timedelta(minutes=lead.minutes_ago))
    stage = workspace.edition().stages.get(lead.stage or "")
    workspace.save(
        ORGANIZATIONS,
        {
            **ORGANIZATION,
            "id": workspace.new_id(),
            "customerOsId": f"C-{workspace.state.next('customerOsId'):06d}",
            "createdAt": stamp(created),
            "updatedAt": stamp(updated),
            "name": lead.name,
            "website": lead.website,
            "domains": [domain_of(lead.domain)] if lead.domain else [],
            "stage": stage,
            "icpFit": lead.fit,
            "icpFitUpdatedAt": stamp(updated),
            "relationship": lead.relationship,
            "owner_id": owner,
            "industry": lead.industry,
            "employees": lead.employees,
            "leadSource": "web tracker",
            "hide": lead.archived,
            "leadType": "company" if lead.is_company else "contact",
            "quarantineStatus": QUARANTINED if lead.quarantined else "ACTIVE",
            "_merged_into": None,
            "_hidden_at": stamp(updated) if lead.archived else None,
        },
    )
