"""Creates in Apollo: nothing is made twice, and every draft gets its own outcome."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.apollo.connector import ApolloConnector
from syncline.connectors.base import Draft
from syncline.core.errors import UnavailableError
from syncline.core.model import MISSING, ErrorClass, OutcomeStatus, Raw
from tests.unit.apollo_writes import WHOLE, Team, classes, statuses
from tests.unit.scripted_server import HTML, Answer, Request, ScriptedServer


@pytest.fixture
def team() -> Iterator[Team]:
    with ScriptedServer() as server:
        made = Team(server)
        yield made
        made.connector.close()


def created(request: Request, **more: Any) -> list[dict[str, Any]]:
    """The rows of a bulk create that made everything, in no order anybody could rely on."""
    rows = [{**WHOLE, "id": f"n{n}", **entry, **more} for n, entry in enumerate(request.json["contacts"])]
    return rows[::-1]


def makes(request: Request) -> Answer:
    return Answer(body={"created_contacts": created(request), "existing_contacts": []})


def test_drafts_get_their_own_rows(team: Team) -> None:
    team.on["POST contacts/bulk_create"] = makes
    drafts: list[dict[str, Raw]] = [
        {"email": f"p{n}@x.example", "last_name": str(n), "title": None} for n in range(4)
    ]
    outcomes = team.create(*drafts)
    assert [o.record.get("email") if o.record else None for o in outcomes] == [d["email"] for d in drafts]
    (request,) = team.sent("POST contacts/bulk_create")
    assert request.json["run_dedupe"] is True
    assert "title" not in request.json["contacts"][0]
    assert "owner_id" not in request.json


def test_a_call_has_one_owner(team: Team) -> None:
    team.on["POST contacts/bulk_create"] = lambda r: Answer(
        body={"created_contacts": created(r, owner_id=r.json.get("owner_id")), "existing_contacts": []}
    )
    owners = ["u1", None, "u2", "u1"]
    drafts: list[dict[str, Raw]] = [{"email": f"p{n}@x.example", "owner_id": o} for n, o in enumerate(owners)]
    outcomes = team.create(*drafts)
    assert [o.record.get("owner_id") if o.record else "" for o in outcomes] == owners
    sent = [(r.json.get("owner_id"), len(r.json["contacts"])) for r in team.sent("POST contacts/bulk_create")]
    assert sent == [("u1", 2), (None, 1), ("u2", 1)]
    assert all(
        "owner_id" not in e for r in team.sent("POST contacts/bulk_create") for e in r.json["contacts"]
    )


def test_what_the_bulk_create_does_not_take_follows_in_one_call(team: Team) -> None:
    team.on["POST contacts/bulk_create"] = makes
    phone = {"type": "mobile", "raw_number": "1", "position": 0}
    team.on["PATCH contacts/{id}"] = lambda r: Answer(
        body={"contact": {**WHOLE, "id": r.path[-2:], "phone_numbers": [phone]}}
    )
    outcomes = team.create(
        {"email": "a@x.example", "mobile_phone": "1", "home_phone": ""}, {"email": "b@x.example"}
    )
    assert outcomes[0].record is not None
    assert outcomes[0].record.get("mobile_phone") == "1"
    (request,) = team.sent("PATCH contacts/{id}")
    assert (request.path, request.json) == ("/contacts/n0", {"mobile_phone": "1"})


@pytest.mark.parametrize(
    ("answer", "shown", "error_class"),
    [
        (Answer(422, {"error": "bad phone"}), None, ErrorClass.VALIDATION),
        (Answer(500), MISSING, ErrorClass.TRANSIENT),
        (Answer(429, {}, {"retry-after": "3000"}), None, ErrorClass.QUOTA),
        (Answer(401), None, ErrorClass.TRANSIENT),
    ],
)
def test_a_record_is_created_even_if_what_follows_fails(
    team: Team, answer: Answer, shown: object, error_class: ErrorClass
) -> None:
    team.on["POST contacts/bulk_create"] = makes
    team.on["PATCH contacts/{id}"] = lambda _request: answer
    team.on["GET auth/health"] = lambda _request: answer
    (outcome,) = team.create({"email": "a@x.example", "mobile_phone": "1"})
    assert outcome.status is OutcomeStatus.APPLIED
    assert outcome.record is not None
    assert outcome.record.get("mobile_phone") is shown
    assert classes([outcome]) == [error_class]


def test_a_record_is_created_even_if_the_names_of_its_lists_cannot_be_read(team: Team) -> None:
    team.on["POST contacts/bulk_create"] = lambda r: Answer(
        body={"created_contacts": [{**one, "label_ids": ["l1"]} for one in created(r)]}
    )
    team.on["POST contacts/bulk_update"] = lambda r: Answer(
        body={"contacts": [{**WHOLE, **one, "label_ids": ["l1"]} for one in r.json["contact_attributes"]]}
    )
    team.on["GET labels"] = lambda _request: Answer(429, {}, {"retry-after": "3000"})
    (outcome,) = team.create({"email": "a@x.example", "title": "Boss"})
    assert outcome.status is OutcomeStatus.APPLIED
    assert outcome.record is not None
    assert outcome.record.partial
    assert (outcome.record.get("title"), outcome.record.get("label_names")) == ("Boss", MISSING)
    (changed,) = team.update({"title": "Chief"})
    assert changed.status is OutcomeStatus.APPLIED


@pytest.mark.proves("I2")
def test_existing_records_are_told_apart_from_new_ones_and_from_namesakes(team: Team) -> None:
    there = [
        {**WHOLE, "id": "e1", "email": "b@x.example", "title": "kept"},
        {**WHOLE, "id": "e2", "email": "else@x.example", "first_name": "Cy", "last_name": "Fox"},
    ]
    team.on["POST contacts/bulk_create"] = lambda r: Answer(
        body={"created_contacts": created(r)[-1:], "existing_contacts": there}
    )
    cy: dict[str, Raw] = {"email": "c@x.example", "first_name": "cy", "last_name": "fox"}
    outcomes = team.create({"email": "a@x.example"}, {"email": "B@x.example", "mobile_phone": "1"}, cy)
    assert statuses(outcomes) == ["applied", "existing", "rejected"]
    assert outcomes[1].record is not None
    assert outcomes[1].record.get("title") == "kept"
    failure = outcomes[2].failure
    assert failure is not None
    assert failure.error_class is ErrorClass.DUPLICATE
    assert failure.existing is not None
    assert failure.existing.remote_id == "e2"
    assert team.sent("PATCH contacts/{id}") == []


def test_rows_that_show_a_part_are_read_whole(team: Team) -> None:
    team.on["POST contacts/bulk_create"] = lambda _request: Answer(
        body={"created_contacts": [{"id": "n0", "email": "a@x.example"}]}
    )
    row = {"id": "n0", **WHOLE, "email": "a@x.example", "title": "from the profile"}
    team.on["GET contacts/{id}"] = lambda _request: Answer(body={"contact": row})
    (outcome,) = team.create({"email": "a@x.example"})
    assert outcome.record is not None
    assert outcome.record.get("title") == "from the profile"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"error": "An error occurred while creating contacts. Please try again."}),
        Answer(body=HTML),
        Answer(body={"created_contacts": [{"id": "n0"}] * 50}, how="cut"),
        Answer(how="reset"),
        Answer(body={"message": "done"}),
        Answer(body=[]),
        Answer(body={"created_contacts": [{"no": "id"}]}),
        Answer(body={"created_contacts": [], "existing_contacts": []}),
    ],
    ids=["500", "html", "cut", "reset", "other", "list", "no id", "no rows"],
)
def test_a_create_without_a_sound_answer_is_unknown_and_sent_once(team: Team, answer: Answer) -> None:
    team.on["POST contacts/bulk_create"] = lambda _request: answer
    outcomes = team.create({"email": "a@x.example"}, {"email": "b@x.example"})
    assert statuses(outcomes) == ["unknown", "unknown"]
    assert len(team.sent("POST contacts/bulk_create")) == 1


def test_after_two_silent_creates_a_dead_server_is_sent_no_more(team: Team) -> None:
    team.on |= {
        "POST contacts/bulk_create": lambda _r: Answer(500),
        "GET auth/health": lambda _r: Answer(500),
    }
    outcomes = team.create(*({"email": f"{n}@x.example", "owner_id": f"u{n}"} for n in range(4)))
    assert statuses(outcomes) == ["unknown", "unknown", "rejected", "rejected"]
    assert len(team.sent("POST contacts/bulk_create")) == 2


@pytest.mark.proves("E3")
def test_one_draft_the_server_refuses_keeps_no_other_from_being_made(team: Team) -> None:
    def answer(request: Request) -> Answer:
        bad = any(entry["email"] == "bad" for entry in request.json["contacts"])
        return Answer(422, {"error": "Validation failed"}) if bad else makes(request)

    team.on["POST contacts/bulk_create"] = answer
    outcomes = team.create(*({"email": f"{n}@x.example"} for n in range(6)), {"email": "bad"})
    assert statuses(outcomes) == ["applied"] * 6 + ["rejected"]
    assert outcomes[6].failure is not None
    assert outcomes[6].failure.fields == ("email",)


def test_a_value_the_answer_quotes_names_its_draft_and_field(team: Team) -> None:
    def answer(request: Request) -> Answer:
        bad = any(entry.get("account_id") == "a9" for entry in request.json["contacts"])
        body = {"error": "Parameters misconfigured. a9 is not a valid ID"}
        return Answer(422, body) if bad else makes(request)

    team.on["POST contacts/bulk_create"] = answer
    outcomes = team.create(*({"email": f"{n}@x.example", "account_id": f"a{n}"} for n in range(12)))
    assert [n for n, o in enumerate(outcomes) if o.status is not OutcomeStatus.APPLIED] == [9]
    assert outcomes[9].failure is not None
    assert outcomes[9].failure.fields == ("account_id",)
    assert len(team.sent("POST contacts/bulk_create")) == 2


def test_an_owner_nobody_knows_fails_its_group_only(team: Team) -> None:
    def answer(request: Request) -> Answer:
        body = {"error": "Parameters misconfigured. ghost is not a valid ID"}
        return Answer(422, body) if request.json.get("owner_id") == "ghost" else makes(request)

    team.on["POST contacts/bulk_create"] = answer
    owners = ["ghost", "u1", "ghost"]
    outcomes = team.create(*({"email": f"{n}@x.example", "owner_id": o} for n, o in enumerate(owners)))
    assert statuses(outcomes) == ["rejected", "applied", "rejected"]
    assert [o.failure.fields for o in outcomes if o.failure] == [("owner_id",)] * 2
    assert len(team.sent("POST contacts/bulk_create")) == 2


def test_a_system_that_cannot_be_reached_is_said_so(team: Team) -> None:
    lost = ApolloConnector("key", clock=team.clock, base_url="http://127.0.0.1:9")
    with pytest.raises(UnavailableError) as caught:
        lost.create("contact", [Draft("1", {"email": "a@x.example"})])
    assert not caught.value.sent
    lost.close()
