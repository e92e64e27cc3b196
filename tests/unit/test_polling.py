"""How often the left side is looked at so that its budget lasts (rule U1)."""

from datetime import timedelta

import pytest

from syncline.config import resolved
from syncline.core.model import Kind, Side
from syncline.service.polling import PollWindow, paces
from tests.unit.scheduling import SYNC, Office

PEOPLE, ACCOUNTS = (Side.LEFT, Kind.PERSON), (Side.LEFT, Kind.ACCOUNT)
SEARCH = "POST /contacts/search"
COSTS = {PEOPLE: {SEARCH: 2.0, "GET /users": 1.0}, ACCOUNTS: {"POST /accounts/search": 10.0}}
HOUR = timedelta(hours=1)


def every(*found: PollWindow) -> dict[str, str]:
    settings = resolved(Office().document, SYNC)
    return {
        f"{side} {kind}": str(pace.timing) for (side, kind), pace in paces(settings, COSTS, found).items()
    }


@pytest.mark.proves("U1")
def test_where_the_budget_lasts_it_is_as_the_settings_say() -> None:
    assert every() == every(PollWindow(SEARCH, HOUR, 120), PollWindow(None, HOUR, 1000))
    assert every()["left person"] == "1m"


@pytest.mark.proves("U1")
def test_a_tight_window_stretches_looking_until_it_fits_and_says_why() -> None:
    tight = PollWindow(SEARCH, HOUR, 40)
    found = every(tight)
    assert (found["left person"], found["left account"], found["right person"]) == ("3m", "45m", "30m")
    pace = paces(resolved(Office().document, SYNC), COSTS, [tight])[PEOPLE]
    assert pace.why == (
        "looking as often as the settings say would take 120 calls of POST /contacts/search in 1h, and 40 are for that"
    )


def test_a_window_over_all_endpoints_counts_them_all_and_the_tightest_decides() -> None:
    assert every(PollWindow(None, HOUR, 110))["left person"] == "2m"
    assert every(PollWindow(None, HOUR, 110), PollWindow(SEARCH, HOUR, 12))["left person"] == "10m"


def test_times_that_a_cron_expression_names_are_kept() -> None:
    office = Office("    schedule: {push: '*/5 * * * *'}\n")
    found = paces(resolved(office.document, SYNC), COSTS, [PollWindow(SEARCH, HOUR, 1)])
    assert str(found[PEOPLE].timing) == "*/5 * * * *"
