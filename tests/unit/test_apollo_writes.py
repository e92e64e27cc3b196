"""Writes to Apollo: an outcome for every record, whatever the answers look like, and nothing created twice."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from syncline.connectors.apollo.connector import ApolloConnector, Options
from syncline.connectors.base import Change, Draft
from syncline.core.errors import AuthError, QuotaError, RateLimitedError, UnavailableError
from syncline.core.model import MISSING, ErrorClass, Outcome, OutcomeStatus, Raw
from tests.unit.scripted_server import HTML, Answer, Request, ScriptedServer, StillClock

Respond = Callable[[Request], Answer]
FIELDS = [
    {"id": "f1", "modality": "contact", "name": "Size", "type": "number"},
    {
        "id": "f2",
        "modality": "contact",
        "name": "Locked",
        "type": "string",
        "is_readonly_mapped_crm_field": True,
    },
    {"id": "f3", "modality": "contact", "name": "Odd", "type": "formula"},
    {"id": "f4", "modality": "account", "name": "Of accounts", "type": "string"},
]
WHOLE: dict[str, Any] = {
    "email": None,
    "contact_stage_id": "s1",
    "phone_numbers": [],
    "typed_custom_fields": {},
}


class Team:
    """A server that knows the fields of a team and answers writes as the test says."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.clock = StillClock()
        self.on: dict[str, Respond] = {}
        server.respond = self._respond
        self.connector = ApolloConnector(
            "key", clock=self.clock, base_url=server.url, options=Options(timeout=5)
        )
        self.connector.describe("contact")
        server.requests.clear()

    def sent(self, route: str) -> list[Request]:
        return [request for request in self.server.requests if name_of(request) == route]

    def update(self, *changes: Mapping[str, Raw]) -> list[Outcome]:
        return self.connector.update("contact", [Change(f"c{n}", each) for n, each in enumerate(changes)])

    def create(self, *drafts: Mapping[str, Raw]) -> list[Outcome]:
        return self.connector.create("contact", [Draft(str(n), each) for n, each in enumerate(drafts)])

    def _respond(self, request: Request) -> Answer:
        if request.path == "/typed_custom_fields":
            return Answer(body={"typed_custom_fields": FIELDS})
        if request.path in {"/contact_stages", "/account_stages"}:
            return Answer(
                body={request.path[1:]: [{"id": "s1", "name": "Cold"}, {"id": "s2", "name": "Won"}]}
            )
        return self.on[name_of(request)](request)


def name_of(request: Request) -> str:
    """The route of a request, ids left out."""
    parts = request.path.strip("/").split("/")
    known = {"bulk_create", "bulk_update", "update_stages", "update_owners", "search", "health"}
    return f"{request.method} {parts[0]}" + (
        f"/{parts[1] if parts[1] in known else '{id}'}" if parts[1:] else ""
    )


@pytest.fixture
def team() -> Iterator[Team]:
    with ScriptedServer() as server:
        made = Team(server)
        yield made
        made.connector.close()


def entries(request: Request) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = request.json["contact_attributes"]
    return found


def applies(request: Request) -> Answer:
    """A bulk update that works, answered with short rows."""
    return Answer(
        body={"contacts": [{"updated_at": "2026-03-01T00:00:00Z", **entry} for entry in entries(request)]}
    )


def refuses(bad: str, answer: Answer) -> Respond:
    """A bulk update that is refused as long as a record is in it."""
    return lambda request: answer if bad in {entry["id"] for entry in entries(request)} else applies(request)


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status.value for outcome in outcomes]


def classes(outcomes: list[Outcome]) -> list[ErrorClass | None]:
    return [outcome.failure.error_class if outcome.failure else None for outcome in outcomes]


def test_a_short_answer_is_enough_if_it_shows_what_was_written(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = applies
    (outcome,) = team.update({"title": "Head"})
    assert outcome.record is not None
    assert outcome.record.values == {"title": "Head", "updated_at": "2026-03-01T00:00:00Z"}
    assert len(team.server.requests) == 1


def test_what_an_answer_does_not_show_is_read(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(body={"contacts": [{"id": "c0"}]})
    team.on["GET contacts/{id}"] = lambda _request: Answer(
        body={"contact": {"id": "c0", **WHOLE, "title": "Cut"}}
    )
    (outcome,) = team.update({"title": "Cut off"})
    assert outcome.status is OutcomeStatus.APPLIED
    assert outcome.record is not None
    assert outcome.record.get("title") == "Cut"


def test_an_id_that_is_passed_over_is_looked_at(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = lambda request: Answer(body={"contacts": entries(request)[1:]})
    gone = {"error": "Oops! This contact does not exist in Apollo."}
    team.on["GET contacts/{id}"] = lambda _request: Answer(422, gone)
    outcomes = team.update({"title": "a"}, {"title": "b"})
    assert statuses(outcomes) == ["rejected", "applied"]
    assert classes(outcomes) == [ErrorClass.GONE, None]


@pytest.mark.parametrize(
    ("body", "error_class", "fields"),
    [
        (
            {
                "error": "Validation failed",
                "error_details": {"contact_id": "c1", "field": "email", "message": "Bad"},
            },
            ErrorClass.VALIDATION,
            ("email",),
        ),
        (
            {"error": "Cannot update contact as it is deleted.", "deleted_contact_ids": ["c1"]},
            ErrorClass.GONE,
            None,
        ),
        ({"error": "Parameters misconfigured. c1 is not a valid ID"}, ErrorClass.GONE, None),
        (
            {"error": "Parameters misconfigured. nonsense is not a valid ID"},
            ErrorClass.VALIDATION,
            ("account_id",),
        ),
    ],
)
def test_a_record_that_is_named_fails_alone_and_the_others_go_once_more(
    team: Team, body: dict[str, Any], error_class: ErrorClass, fields: tuple[str, ...] | None
) -> None:
    team.on["POST contacts/bulk_update"] = refuses("c1", Answer(422, body))
    bad: dict[str, Raw] = {"email": "bad", "account_id": "nonsense"}
    outcomes = team.update({"title": "a"}, bad, {"title": "c"})
    assert statuses(outcomes) == ["applied", "rejected", "applied"]
    failure = outcomes[1].failure
    assert failure is not None
    assert failure.error_class is error_class
    assert failure.code == "http-422"
    assert fields is None or failure.fields == fields
    assert len(team.sent("POST contacts/bulk_update")) == 2


def test_a_record_that_is_not_named_is_found_by_halving(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = refuses("c37", Answer(422, {"error": "Something is wrong"}))
    outcomes = team.update(*({"title": str(n)} for n in range(100)))
    assert [n for n, outcome in enumerate(outcomes) if outcome.status is not OutcomeStatus.APPLIED] == [37]
    assert outcomes[37].failure is not None
    assert outcomes[37].failure.fields == ("title",)
    assert len(team.sent("POST contacts/bulk_update")) <= 15


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(body=HTML), Answer(how="reset")], ids=["500", "html", "reset"]
)
def test_a_record_the_server_chokes_on_stays_unknown_and_stops_nobody(team: Team, answer: Answer) -> None:
    team.on["POST contacts/bulk_update"] = refuses("c2", answer)
    team.on["GET auth/health"] = lambda _request: Answer(body={"is_logged_in": True})
    outcomes = team.update(*({"title": str(n)} for n in range(6)))
    assert statuses(outcomes) == ["applied", "applied", "unknown", "applied", "applied", "applied"]


def test_a_server_that_is_down_is_left_alone(team: Team) -> None:
    down: Respond = lambda _request: Answer(503)  # noqa: E731 - one answer for several routes
    team.on |= dict.fromkeys(("POST contacts/bulk_update", "PATCH contacts/{id}", "GET auth/health"), down)
    outcomes = team.update({"title": "a"}, {"title": "b"}, {"mobile_phone": "1"}, {"mobile_phone": "2"})
    assert statuses(outcomes) == ["unknown", "unknown", "rejected", "rejected"]
    assert classes(outcomes)[2:] == [ErrorClass.TRANSIENT] * 2
    assert len(team.server.requests) == 12


def test_what_stops_the_connection_is_raised_while_nothing_was_done(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(401, b"Invalid API key.")
    with pytest.raises(AuthError):
        team.update({"title": "a"})
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(429, {}, {"retry-after": "3000"})
    with pytest.raises(RateLimitedError):
        team.update({"title": "a"})


@pytest.mark.parametrize(
    ("answer", "error_class"),
    [
        (Answer(401, b"Invalid API key."), ErrorClass.PERMISSION),
        (Answer(429, {"message": "600 times per hour"}, {"retry-after": "3000"}), ErrorClass.QUOTA),
    ],
)
def test_what_was_done_is_told_when_the_connection_stops_half_way(
    team: Team, answer: Answer, error_class: ErrorClass
) -> None:
    team.on["POST contacts/bulk_update"] = applies
    team.on["PATCH contacts/{id}"] = lambda _request: answer
    outcomes = team.update({"title": "a"}, {"mobile_phone": "1"}, {"mobile_phone": "2"})
    assert statuses(outcomes) == ["applied", "rejected", "rejected"]
    assert classes(outcomes) == [None, error_class, error_class]
    assert len(team.sent("PATCH contacts/{id}")) == 1


def test_a_spent_budget_holds_the_rest_back(team: Team) -> None:
    spent = {"x-rate-limit-hourly": "10", "x-hourly-usage": "9"}
    team.on["PATCH contacts/{id}"] = lambda request: Answer(
        body={"contact": {**WHOLE, "id": request.path[-2:]}}, headers=spent
    )
    outcomes = team.update({"mobile_phone": ""}, {"mobile_phone": ""})
    assert classes(outcomes) == [None, ErrorClass.QUOTA]
    with pytest.raises(QuotaError):
        team.update({"mobile_phone": ""})


def test_a_missing_scope_is_a_failure_of_the_records(team: Team) -> None:
    body = {
        "error": "This API key is not authorized to access api/v1/contacts/bulk_update.",
        "error_code": "API_INACCESSIBLE",
    }
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(403, body)
    outcomes = team.update({"title": "a"}, {"title": "b"})
    assert classes(outcomes) == [ErrorClass.PERMISSION] * 2
    assert outcomes[0].failure is not None
    assert outcomes[0].failure.code == "API_INACCESSIBLE"
    assert len(team.server.requests) == 1


def test_custom_values_apollo_leaves_out_are_told(team: Team) -> None:
    noted = {"custom_field_errors": {"f1": "Size must be a number"}, "typed_custom_fields": {}}
    row = {**WHOLE, "id": "c0", "title": "a", **noted}
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(body={"contacts": [row]})
    (outcome,) = team.update({"title": "a", "custom.f1": "many"})
    assert outcome.status is OutcomeStatus.REJECTED
    assert outcome.failure is not None
    assert outcome.failure.fields == ("custom.f1",)
    assert outcome.failure.message == "Size must be a number"
    assert outcome.record is not None
    assert outcome.record.get("title") == "a"


def test_two_changes_of_one_record_keep_their_order(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = applies
    changes = [
        Change("c0", {"title": "first"}),
        Change("c1", {"title": "x"}),
        Change(" c0", {"title": "second"}),
    ]
    outcomes = team.connector.update("contact", changes)
    sent = [[(e["id"], e["title"]) for e in entries(r)] for r in team.sent("POST contacts/bulk_update")]
    assert sent == [[("c0", "first"), ("c1", "x")], [("c0", "second")]]
    assert statuses(outcomes) == ["applied"] * 3


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"email": "email_not_unlocked@domain.com"}, "placeholder"),
        ({"title": "half \ud800"}, "not-text"),
        ({"label_names": ["fine", "\udfff"]}, "not-text"),
        ({"city": "Rome"}, "read-only"),
        ({"custom.f2": "x"}, "read-only"),
        ({"custom.f3": "x"}, "read-only"),
        ({"custom.f4": "x"}, "read-only"),
        ({"nothing": "x"}, "read-only"),
        ({"contact_stage_id": ""}, "stage"),
    ],
)
def test_some_values_are_never_sent(team: Team, values: dict[str, Raw], code: str) -> None:
    outcomes = team.update(values)
    if code != "stage":
        outcomes += team.create({"email": "a@x.example", **values})
    for outcome in outcomes:
        assert outcome.failure is not None
        assert outcome.failure.error_class is ErrorClass.VALIDATION
        assert outcome.failure.code == code
        assert outcome.failure.fields == tuple(values)
    assert team.server.requests == []


def test_values_travel_as_apollo_takes_them(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = applies
    team.on["GET contacts/{id}"] = lambda _request: Answer(body={"contact": {"id": "c0", **WHOLE}})
    team.update({"title": None, "owner_id": "", "custom.f1": 12, "first_name": 7, "last_name": ["a", "b"]})
    (entry,) = entries(team.sent("POST contacts/bulk_update")[0])
    assert entry == {
        "id": "c0",
        "title": "",
        "owner_id": "",
        "first_name": "7",
        "last_name": "a; b",
        "typed_custom_fields": {"f1": "12"},
    }


def test_stages_and_owners_travel_as_parameters(team: Team) -> None:
    def answer(request: Request) -> Answer:
        sent = dict(request.query)
        ids = [value for name, value in request.query if name == "contact_ids[]"]
        return Answer(body={"contacts": [{"id": id_, **WHOLE, **sent} for id_ in ids]})

    team.on |= {"POST contacts/update_stages": answer, "POST contacts/update_owners": answer}
    outcomes = team.update({"contact_stage_id": "s2"}, {"contact_stage_id": "s2"}, {"owner_id": "u1"})
    assert statuses(outcomes) == ["applied"] * 3
    assert team.sent("POST contacts/update_stages")[0].query == [
        ("contact_ids[]", "c0"),
        ("contact_ids[]", "c1"),
        ("contact_stage_id", "s2"),
    ]
    assert team.sent("POST contacts/update_owners")[0].query == [("contact_ids[]", "c2"), ("owner_id", "u1")]


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
        (Answer(500), MISSING, None),
        (Answer(429, {}, {"retry-after": "3000"}), None, ErrorClass.QUOTA),
        (Answer(401), None, ErrorClass.PERMISSION),
    ],
)
def test_a_record_is_created_even_if_what_follows_fails(
    team: Team, answer: Answer, shown: object, error_class: ErrorClass | None
) -> None:
    team.on["POST contacts/bulk_create"] = makes
    team.on["PATCH contacts/{id}"] = lambda _request: answer
    team.on["GET auth/health"] = lambda _request: answer
    (outcome,) = team.create({"email": "a@x.example", "mobile_phone": "1"})
    assert outcome.status is OutcomeStatus.APPLIED
    assert outcome.record is not None
    assert outcome.record.get("mobile_phone") is shown
    assert classes([outcome]) == [error_class]


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


def test_a_message_holds_no_more_of_an_answer_than_fits(team: Team) -> None:
    text = "bad \x00\u202e" + "x" * 300_000 + " key"
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(422, {"error": text})
    (outcome,) = team.update({"title": "a"})
    assert outcome.failure is not None
    assert outcome.failure.message.isprintable()
    assert len(outcome.failure.message) <= 300
