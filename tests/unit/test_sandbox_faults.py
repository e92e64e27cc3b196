from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncline.sandbox.faults import FaultError, Faults

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)


def rules(seed: int = 1) -> Faults:
    return Faults(seed, lambda: NOON)


def test_a_rule_meets_its_method_and_path_only() -> None:
    faults = rules()
    rule = faults.add({"kind": "reset", "method": "post", "path": "contacts/search$"})
    assert faults.met_by("POST", "/api/v1/contacts/search") == [rule]
    assert faults.met_by("GET", "/api/v1/contacts/search") == []
    assert faults.met_by("POST", "/api/v1/contacts") == []


def test_a_rule_without_path_and_method_meets_everything() -> None:
    faults = rules()
    rule = faults.add({"kind": "html"})
    assert faults.met_by("DELETE", "/anything") == [rule]


def test_a_counted_rule_stops_after_it_has_acted_that_often() -> None:
    faults = rules()
    rule = faults.add({"kind": "reset", "count": 2})
    for _ in range(2):
        assert faults.met_by("GET", "/") == [rule]
        faults.spend(rule)
    assert faults.met_by("GET", "/") == []
    assert rule.hits == 2


def test_skipped_requests_pass_first() -> None:
    faults = rules()
    rule = faults.add({"kind": "reset", "skip": 2})
    assert [bool(faults.met_by("GET", "/")) for _ in range(3)] == [False, False, True]
    assert rule.skip == 0


def test_chances_are_the_same_for_the_same_seed() -> None:
    def course(seed: int) -> list[bool]:
        faults = rules(seed)
        faults.add({"kind": "reset", "probability": 0.5})
        return [bool(faults.met_by("GET", "/")) for _ in range(50)]

    assert course(7) == course(7)
    assert course(7) != course(8)
    assert 10 < sum(course(7)) < 40


def test_each_rule_throws_its_own_dice() -> None:
    def hits(*others: str) -> list[int]:
        faults = rules()
        for kind in ("html", *others):
            faults.add({"kind": kind, "probability": 0.5})
        return [n for n in range(40) if any(rule.id == 1 for rule in faults.met_by("GET", "/"))]

    assert hits("reset", "hang") == hits()


def test_a_rule_that_does_not_fit_a_request_uses_up_nothing() -> None:
    faults = rules()
    rule = faults.add({"kind": "read_only", "skip": 1})
    assert faults.met_by("GET", "/", lambda _rule: False) == []
    assert rule.skip == 1


def test_a_storm_begins_with_its_first_call_and_ends_by_the_clock() -> None:
    now = NOON
    faults = Faults(1, lambda: now)
    rule = faults.add({"kind": "storm", "seconds": 20})
    now += timedelta(hours=1)
    assert faults.met_by("GET", "/") == [rule]
    faults.spend(rule)
    now += timedelta(seconds=19)
    assert faults.met_by("GET", "/") == [rule]
    now += timedelta(seconds=1)
    assert faults.met_by("GET", "/") == []


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"kind": "volcano"}, "kind must be one of"),
        ({"kind": ["html"]}, "kind must be one of"),
        ({}, "kind must be one of"),
        ({"kind": "html", "often": 3}, "unknown keys: often"),
        ({"kind": "latency", "seconds": -1}, "seconds must be a number from 0"),
        ({"kind": "latency", "seconds": "long"}, "seconds must be a number from 0"),
        ({"kind": "storm", "seconds": True}, "seconds must be a number from 0"),
        ({"kind": "html", "probability": 1.5}, "probability must be a number from 0 to 1"),
        ({"kind": "html", "probability": None}, "probability must be a number from 0 to 1"),
        ({"kind": "html", "count": "three"}, "count must be null or a whole number"),
        ({"kind": "html", "count": 0}, "count must be null or a whole number"),
        ({"kind": "html", "count": 1.5}, "count must be null or a whole number"),
        ({"kind": "html", "skip": -2}, "skip must be a whole number"),
        ({"kind": "html", "method": "FETCH"}, "method must be null or one of"),
        ({"kind": "html", "method": 7}, "method must be null or one of"),
        ({"kind": "html", "path": "("}, "path must be a regular expression"),
        ({"kind": "html", "path": None}, "path must be a regular expression"),
        ({"kind": "status"}, "a status fault needs a status number"),
        ({"kind": "status", "status": "500"}, "status must be null or a number from 200"),
        ({"kind": "status", "status": 99}, "status must be null or a number from 200"),
        ({"kind": "status", "status": 500, "headers": {"X": 1}}, "headers must be an object"),
        ({"kind": "status", "status": 500, "headers": {"X": "a\r\nY: b"}}, "headers must be an object"),
        ({"kind": "reset", "after_commit": "yes"}, "after_commit must be true or false"),
    ],
    ids=str,
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_reason(rule: Mapping[str, Any], reason: str) -> None:
    faults = rules()
    with pytest.raises(FaultError) as caught:
        faults.add(rule)
    assert reason in str(caught.value)
    assert faults.all() == []
