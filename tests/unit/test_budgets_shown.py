"""What people and the scheduler are told of budgets, from what is counted in the store."""

from datetime import UTC, datetime, timedelta

import pytest

from syncline.cli.budgets import forecast_lines
from syncline.config import Document, parse
from syncline.connectors.apollo.limits import LIMITS
from syncline.connectors.salesforce.client import DAY
from syncline.core.budget import Ticket, Window, WindowUsage
from syncline.service import budgets as service
from syncline.store import budgets

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SEARCH = "POST /contacts/search"
TEXT = """
version: 1
database: sqlite:///x.sqlite3
connections:
  apollo:
    system: apollo
    credentials: {api_key: env:KEY}
    budget: {share: 0.8, reserve: 0.25}
  crm:
    system: salesforce
    base_url: https://example.my.salesforce.com
    credentials: {client_id: env:ID, client_secret: env:SECRET}
    budget: {share: 0.5, reserve: 0}
syncs: {}
"""
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def document() -> Document:
    return parse(TEXT)


def called(
    connection: str,
    windows: tuple[Window, ...],
    told: dict[str, tuple[int, int]],
    endpoint: str = SEARCH,
    now: datetime = NOW,
) -> None:
    ticket = budgets.take_call(connection, endpoint, windows, 1.0, now)
    assert isinstance(ticket, Ticket)
    said = [WindowUsage(name, *numbers) for name, numbers in told.items()]
    budgets.settle_call(connection, ticket, windows, said, now)


def basic(used: int, endpoint: str = SEARCH) -> None:
    limits = {"minute": (used, 200), "hour": (used, 400), "day": (used, 2000)}
    called("apollo", tuple(LIMITS.windows), limits, endpoint)


@pytest.mark.proves("C6")
def test_each_window_is_shown_with_what_is_ours_and_left_and_when_it_opens(document: Document) -> None:
    basic(100)
    later = NOW + timedelta(minutes=2)
    found = service.shown(document, ["apollo", "crm"], later)
    assert found["crm"] == {"calls_24h": 0, "share": 0.5, "reserve": 0.0, "windows": []}
    minute, hour, day = found["apollo"]["windows"]
    assert found["apollo"]["calls_24h"] == 1
    assert (minute["used"], minute["left"], minute["opens_at"]) == (0, 160, None)
    assert hour == {
        "endpoint": SEARCH,
        "window": "hour",
        "used": 100,
        "limit": 400,
        "ours": 320,
        "left": 220,
        "left_for_runs": 140,
        "opens_at": NOW + timedelta(hours=1),
    }
    assert (day["ours"], day["left"], day["left_for_runs"]) == (1600, 1500, 1100)


def test_the_calls_of_the_next_hour_are_those_of_the_tightest_window(document: Document) -> None:
    assert service.calls_in_the_next_hour(document, "apollo", NOW) is None
    basic(10)
    per_day = int((1200 - 10) / 24)
    assert service.calls_in_the_next_hour(document, "apollo", NOW, SEARCH) == per_day
    basic(1200, "GET /fields")
    assert service.calls_in_the_next_hour(document, "apollo", NOW, SEARCH) == per_day
    assert service.calls_in_the_next_hour(document, "apollo", NOW, "GET /fields") == 0
    assert service.calls_in_the_next_hour(document, "apollo", NOW) == 0
    half = NOW + timedelta(hours=23, minutes=30)
    assert service.calls_in_the_next_hour(document, "apollo", half, SEARCH) == 240
    called("crm", (DAY,), {DAY.name: (1_000, 100_000)}, "GET /query")
    assert service.calls_in_the_next_hour(document, "crm", NOW, "GET /query") == int(49_000 / 24)


def test_a_forecast_says_how_long_it_takes_and_whether_it_fits_today(document: Document) -> None:
    unknown = service.forecast(document, {"apollo": [7, 2]}, NOW)["apollo"]
    assert unknown == {"calls": 9, "least_seconds": None, "fits_today": None}
    basic(1)
    called("crm", (DAY,), {DAY.name: (100, 1_000)}, "GET /query")
    found = service.forecast(document, {"apollo": [500, 1], "crm": [300, 90]}, NOW)
    assert found["apollo"] == {"calls": 501, "least_seconds": 2 * 3600, "fits_today": True}
    assert found["crm"] == {"calls": 390, "least_seconds": 0.0, "fits_today": True}
    late = service.forecast(document, {"apollo": [3000], "crm": [300, 101]}, NOW)
    assert late["apollo"]["least_seconds"] == 2 * 86_400 + 2 * 3600
    assert (late["apollo"]["fits_today"], late["crm"]["fits_today"]) == (False, False)
    assert forecast_lines(found) == ["Under the budget of apollo they take 2 h at least, which fits today."]
    assert forecast_lines(late) == [
        "Under the budget of apollo they take 2 d 2 h at least, not all of it today.",
        "They are more than is left today of the budget of crm.",
    ]
    assert forecast_lines({"apollo": unknown}) == []
