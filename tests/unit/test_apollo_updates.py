"""Updates in Apollo: an outcome for every record, whatever the answers look like."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncline.connectors.base import Change
from syncline.core.errors import AuthError, QuotaError, RateLimitedError
from syncline.core.model import ErrorClass, OutcomeStatus, Raw
from tests.unit.apollo_writes import WHOLE, Respond, Team, classes, statuses
from tests.unit.scripted_server import HTML, Answer, Request, ScriptedServer


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
@pytest.mark.proves("E2", "E3")
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


@pytest.mark.proves("E3")
def test_a_record_that_is_not_named_is_found_by_halving(team: Team) -> None:
    team.on["POST contacts/bulk_update"] = refuses("c37", Answer(422, {"error": "Something is wrong"}))
    outcomes = team.update(*({"title": str(n)} for n in range(100)))
    assert [n for n, outcome in enumerate(outcomes) if outcome.status is not OutcomeStatus.APPLIED] == [37]
    assert outcomes[37].failure is not None
    assert outcomes[37].failure.fields == ("title",)
    assert len(team.sent("POST contacts/bulk_update")) <= 15


@pytest.mark.proves("E3")
@pytest.mark.parametrize("status", [413, 414])
def test_a_call_that_is_too_large_goes_in_smaller_ones(team: Team, status: int) -> None:
    team.on["POST contacts/bulk_update"] = refuses("c3", Answer(status, body=HTML))
    outcomes = team.update(*({"title": str(n)} for n in range(8)))
    assert [n for n, outcome in enumerate(outcomes) if outcome.status is not OutcomeStatus.APPLIED] == [3]
    assert outcomes[3].failure is not None
    assert (outcomes[3].failure.code, outcomes[3].failure.error_class) == (
        f"http-{status}",
        ErrorClass.VALIDATION,
    )


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
        (Answer(401, b"Invalid API key."), ErrorClass.TRANSIENT),
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
@pytest.mark.proves("U11")
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


def test_a_message_holds_no_more_of_an_answer_than_fits(team: Team) -> None:
    text = "bad \x00\u202e" + "x" * 300_000 + " key"
    team.on["POST contacts/bulk_update"] = lambda _request: Answer(422, {"error": text})
    (outcome,) = team.update({"title": "a"})
    assert outcome.failure is not None
    assert outcome.failure.message.isprintable()
    assert len(outcome.failure.message) <= 300
