"""A record that was changed a moment ago waits: five minutes, and an hour at most (Q1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.core.model import ChangeTime
from syncline.core.settling import Settling, settles_at
from tests.unit.mapped import NOW, record

FIVE, HOUR = timedelta(minutes=5), timedelta(hours=1)
SETTLING = Settling(FIVE, HOUR)


@pytest.mark.proves("Q1")
def test_only_changes_of_fields_that_count_make_it_wait() -> None:
    times = {"name": ChangeTime(None, NOW - HOUR), "score": ChangeTime(None, NOW)}
    lead = replace(record("lead/1"), times=times, changed_at=NOW)
    assert settles_at(SETTLING, lead, ["name", "domain"], None) == NOW - HOUR + FIVE
    assert settles_at(SETTLING, lead, ["score"], None) == NOW + FIVE


def test_a_record_that_never_changed_counts_by_what_its_system_tells() -> None:
    lead = replace(record("lead/1"), changed_at=NOW)
    assert settles_at(SETTLING, lead, ["name"], None) == NOW + FIVE
    assert settles_at(SETTLING, record("lead/1"), ["name"], None) is None


@pytest.mark.proves("Q1")
def test_a_re_evaluation_does_not_make_it_wait_longer() -> None:
    seen_waiting = NOW - timedelta(minutes=4)
    lead = replace(record("lead/1"), changed_at=NOW)
    assert settles_at(SETTLING, lead, ["name"], seen_waiting) == seen_waiting + FIVE


@pytest.mark.proves("Q1")
def test_one_that_is_changed_again_and_again_waits_an_hour_at_most() -> None:
    lead = replace(record("lead/1"), times={"name": ChangeTime(None, NOW)})
    assert settles_at(SETTLING, lead, ["name"], NOW - timedelta(minutes=58)) == NOW + timedelta(minutes=2)
