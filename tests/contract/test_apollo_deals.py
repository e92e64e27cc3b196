"""How the Apollo connector reads and writes deals, on the sandbox."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from syncline.connectors.apollo.connector import ApolloConnector, Options
from syncline.connectors.apollo.reading import ReadOptions
from syncline.connectors.base import Change, Cursor, Draft, Page
from syncline.core.model import ErrorClass, OutcomeStatus, Raw, Record
from syncline.testing.bench import SandboxClock
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

FIELDS = ["name", "amount", "closed_date", "currency_code", "created_at", "next_step"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as running:
        yield running


@pytest.fixture
def clock(sandbox: RunningSandbox) -> SandboxClock:
    return SandboxClock(sandbox)


@pytest.fixture
def apollo(sandbox: RunningSandbox, clock: SandboxClock) -> Iterator[ApolloConnector]:
    made = connector(sandbox, clock)
    yield made
    made.close()


def connector(sandbox: RunningSandbox, clock: SandboxClock, **reading: object) -> ApolloConnector:
    options = Options(ReadOptions(**{"per_page": 3, **reading}), timeout=5)  # type: ignore[arg-type]
    key = sandbox.credentials["api_key"]
    return ApolloConnector(key, clock=clock, base_url=sandbox.base_url, options=options)


def read(apollo: ApolloConnector, cursor: Cursor | None = None) -> list[Page]:
    return list(apollo.changes("opportunity", cursor, FIELDS))


def created(apollo: ApolloConnector, **values: Raw) -> Record:
    (outcome,) = apollo.create("opportunity", [Draft("1", {"name": "Deal", **values})])
    assert outcome.status is OutcomeStatus.APPLIED, outcome
    assert outcome.record is not None
    return outcome.record


def shown(pages: list[Page]) -> list[str]:
    return [record.ref.remote_id for page in pages for record in page.records]


@pytest.mark.proves("P0")
def test_deals_are_read_whole_at_their_own_interval_and_nothing_is_asked_before(
    apollo: ApolloConnector, clock: SandboxClock
) -> None:
    made = [created(apollo).ref.remote_id for _ in range(7)]
    first = read(apollo)
    assert set(made) <= set(shown(first))
    assert first[-1].complete
    apollo.update("opportunity", [Change(made[3], {"next_step": "Call"})])
    calls = apollo.calls_made()
    (resting,) = read(apollo, first[-1].cursor)
    assert (resting.records, resting.done, resting.complete, resting.cursor) == (
        (),
        True,
        False,
        first[-1].cursor,
    )
    assert apollo.calls_made() == calls
    clock.sleep(3600)
    later = read(apollo, resting.cursor)
    assert shown(later) == [made[3]]
    assert not later[-1].complete


@pytest.mark.proves("P0")
def test_more_deals_than_a_search_shows_are_no_complete_set(
    sandbox: RunningSandbox, clock: SandboxClock
) -> None:
    short = connector(sandbox, clock, display_limit=3, deals_every=timedelta(0))
    for _ in range(4):
        created(short)
    assert not any(page.complete for page in read(short))
    short.close()


def test_a_deal_is_told_as_apollo_shows_it(apollo: ApolloConnector) -> None:
    made = created(apollo, amount="1200", closed_date="2027-01-31", next_step="Call")
    assert made.values["closed_date"] == apollo.stored_as("opportunity", "closed_date", "2027-01-31")
    assert (made.values["amount"], made.values["currency_code"]) == (1200, "USD")
    assert made.created_at is not None
    assert made.values["next_step"] == "Call"
    assert apollo.calls_for_create("opportunity", [frozenset({"name"}), frozenset({"next_step"})]) == 3


@pytest.mark.parametrize(("sent", "stored"), [(12.5, 12), ("99.9", 100), (0, 0), ("1,200", 1200), ("", None)])
@pytest.mark.proves("D2")
def test_amounts_go_in_digits_alone(apollo: ApolloConnector, sent: Raw, stored: int | None) -> None:
    assert created(apollo, amount=sent).values["amount"] == stored
    assert apollo.stored_as("opportunity", "amount", sent) == stored


@pytest.mark.parametrize("amount", [-5, "much", "9" * 16, "1e40"])
def test_an_amount_that_apollo_would_blank_is_refused_and_never_sent(
    apollo: ApolloConnector, amount: Raw
) -> None:
    known = created(apollo, amount=700)
    calls = apollo.calls_made()
    (outcome,) = apollo.update("opportunity", [Change(known.ref.remote_id, {"amount": amount})])
    assert outcome.failure is not None
    assert (outcome.failure.error_class, outcome.failure.fields) == (ErrorClass.VALIDATION, ("amount",))
    assert apollo.calls_made() == calls


def test_a_deal_that_is_gone_is_said_so(sandbox: RunningSandbox, apollo: ApolloConnector) -> None:
    made = created(apollo).ref.remote_id
    sandbox.control("POST", "/delete", {"type": "opportunities", "id": made})
    assert apollo.fetch("opportunity", [made, "no id"], FIELDS) == []
    (outcome,) = apollo.update("opportunity", [Change(made, {"name": "x"})])
    assert outcome.failure is not None
    assert outcome.failure.error_class is ErrorClass.GONE


@pytest.mark.proves("M4")
def test_stages_are_told_by_their_names(apollo: ApolloConnector) -> None:
    stage = apollo.describe("opportunity").fields["opportunity_stage_id"]
    assert [option.label for option in stage.options][:2] == ["Prospecting", "Qualification"]
    won = next(option.value for option in stage.options if option.label == "Closed Won")
    assert created(apollo, opportunity_stage_id=won).values["is_won"] is True


ANN, BOB = "64a1b2c3d4e5f60718293a4b", "64a1b2c3d4e5f60718293a4c"


@pytest.mark.proves("D2")
@pytest.mark.parametrize(
    ("roles", "contacts", "primary"),
    [
        ([], [], None),
        (
            [{"contact_id": BOB}, {"contact_id": ANN, "is_primary": True}, {"contact_id": BOB}],
            [ANN, BOB],
            ANN,
        ),
        ([{"contact_id": BOB, "is_primary": "yes"}], [BOB], None),
        (
            [7, {}, {"contact_id": None}, {"contact_id": ""}, {"contact_id": [ANN]}, {"contact_id": ANN}],
            [ANN],
            None,
        ),
        ([{"contact_id": f"{n:024x}"} for n in range(3_000)], [f"{n:024x}" for n in range(3_000)], None),
    ],
)
def test_the_contacts_of_a_deal_are_shown_the_primary_one_first(
    apollo: ApolloConnector, sandbox: RunningSandbox, roles: object, contacts: list[str], primary: str | None
) -> None:
    id_ = created(apollo).ref.remote_id
    sandbox.control("POST", f"/records/opportunities/{id_}", {"opportunity_contact_roles": roles})
    (found,) = apollo.fetch("opportunity", [id_], ["contact_ids", "primary_contact_id"])
    assert (found.get("contact_ids"), found.get("primary_contact_id")) == (contacts, primary)
