from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.sandbox.apollo.app import build
from syncline.sandbox.clock import Clock
from syncline.sandbox.state import State
from syncline.sandbox.system import Records
from syncline.sandbox.world import World, build_world


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(300, seed=5)


@pytest.fixture(scope="module")
def records(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    path: Path = tmp_path_factory.mktemp("apollo") / "state.sqlite3"
    state = State(str(path))
    app = build(state, Clock(state), 5)
    with state.transaction():
        app.seed(world)
    yield app.records
    state.close()


def test_every_record_of_the_world_is_there_and_no_other(world: World, records: Records) -> None:
    accounts = Counter(one["name"] for one in records.all("accounts"))
    assert accounts == Counter(view.name for view in world.company_records("apollo"))
    people = list(world.person_records("apollo"))
    emails = Counter(one["email"] for one in records.all("contacts"))
    assert emails == Counter(view.email.lower() if view.email else None for view in people)


def test_people_belong_to_the_account_of_their_company(world: World, records: Records) -> None:
    accounts = {one["id"]: one["name"] for one in records.all("accounts")}
    companies = {view.record_key: view.name for view in world.company_records("apollo")}
    wanted = [companies.get(view.company or "") for view in world.person_records("apollo")]
    assert [accounts.get(one["account_id"]) for one in records.all("contacts")] == wanted
    assert any(wanted)


def test_owners_and_stages_are_those_of_the_world(world: World, records: Records) -> None:
    users = {one["id"]: one["email"] for one in records.all("users")}
    owners = {user.key: user.email for user in world.users if user.in_apollo}
    stages = {one["id"]: one["name"] for one in records.all("contact_stages")}
    for contact, view in zip(records.all("contacts"), world.person_records("apollo"), strict=True):
        assert users.get(contact["owner_id"]) == owners.get(view.owner or "")
        assert stages[contact["contact_stage_id"]] == view.stage


def test_phones_and_places_are_kept(world: World, records: Records) -> None:
    for contact, view in zip(records.all("contacts"), world.person_records("apollo"), strict=True):
        raw = {entry["type"]: entry["raw_number"] for entry in contact["phone_numbers"]}
        assert raw.get("work_direct") == (view.direct_phone or None)
        assert raw.get("mobile") == (view.mobile_phone or None)
        assert contact.get("country") == view.country or contact["present_raw_address"] is None


def test_times_of_change_lie_in_the_past_and_after_creation(records: Records) -> None:
    now = max(user["created_at"] for user in records.all("users"))
    assert now
    for contact in records.all("contacts"):
        assert contact["created_at"] <= contact["updated_at"]
    for account in records.all("accounts"):
        assert account["created_at"] <= account["_updated_at"]
