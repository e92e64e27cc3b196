"""What a sync leaves behind once it is at rest, to be compared with what another one left."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from syncline.core.plan import ActionStatus, Op
from syncline.store.models import Action
from tests.scenario.pair import Pair, writes
from tests.scenario.people import people_by_address

VALUES = {
    ("apollo", "contacts"): ("first_name", "last_name", "email", "title", "contact_stage_id", "owner_id"),
    ("apollo", "accounts"): ("name", "domain", "phone", "owner_id"),
    ("salesforce", "Contact"): ("FirstName", "LastName", "Email", "Title", "Phone", "MobilePhone", "OwnerId"),
    ("salesforce", "Lead"): ("FirstName", "LastName", "Email", "Title", "Company", "Status", "OwnerId"),
    ("salesforce", "Account"): ("Name", "Website", "Phone", "Industry", "NumberOfEmployees", "OwnerId"),
}
"""What must be the same in both pairs of systems; ids and times are each system's own."""


def rest(pair: Pair) -> dict[str, Any]:
    """Let the sync come to rest, and tell what it left behind: the same for every way that leads there."""
    pair.run_until_quiet()
    _agrees(pair)
    before = pair.requests()
    assert not pair.run()["error"]
    assert writes(before, pair.requests()) == {}
    with pair.store():
        assert not Action.objects.filter(status__in=[ActionStatus.OPEN, ActionStatus.UNKNOWN]).exists()
        done = Action.objects.filter(op=Op.CREATE, status=ActionStatus.APPLIED)
        created = Counter(done.values_list("side", "kind"))
    records = {(system, name): pair.records(system, name) for system, name in VALUES}
    return {
        "created": created,
        "counted": {name: len(rows) for name, rows in records.items()},
        "values": {name: _values(rows, VALUES[name]) for name, rows in records.items()},
    }


def _agrees(pair: Pair) -> None:
    compared = pair.ask("reconcile")
    assert compared.code == 0, compared.output
    assert compared.document["in_agreement"], compared.document
    assert compared.document["unexplained"] == 0


def _values(rows: list[dict[str, Any]], names: tuple[str, ...]) -> list[str]:
    return sorted(json.dumps([row.get(name) for name in names]) for row in rows)


def nobody_is_doubled(start: Mapping[str, Counter[str]], pair: Pair) -> None:
    """Own count: nobody has more records on a side than they had there before, or one."""
    for system, people in people_by_address(pair).items():
        doubled = {a: n for a, n in people.items() if n > max(1, start[system][a])}
        assert not doubled, (system, doubled)
