import pytest

from syncline.sandbox.faults import FaultError, Faults


def test_a_rule_meets_its_method_and_path_only() -> None:
    faults = Faults(seed=1)
    rule = faults.add({"kind": "reset", "method": "post", "path": "contacts/search$"})
    assert faults.met_by("POST", "/api/v1/contacts/search") == [rule]
    assert faults.met_by("GET", "/api/v1/contacts/search") == []
    assert faults.met_by("POST", "/api/v1/contacts") == []


def test_a_rule_without_path_and_method_meets_everything() -> None:
    faults = Faults(seed=1)
    rule = faults.add({"kind": "html"})
    assert faults.met_by("DELETE", "/anything") == [rule]


def test_a_counted_rule_stops_after_it_has_acted_that_often() -> None:
    faults = Faults(seed=1)
    rule = faults.add({"kind": "reset", "count": 2})
    for _ in range(2):
        assert faults.met_by("GET", "/") == [rule]
        faults.spend(rule)
    assert faults.met_by("GET", "/") == []
    assert rule.hits == 2


def test_skipped_requests_pass_first() -> None:
    faults = Faults(seed=1)
    rule = faults.add({"kind": "reset", "skip": 2})
    assert [bool(faults.met_by("GET", "/")) for _ in range(3)] == [False, False, True]
    assert rule.skip == 0


def test_chances_are_the_same_for_the_same_seed() -> None:
    def course(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add({"kind": "reset", "probability": 0.5})
        return [bool(faults.met_by("GET", "/")) for _ in range(50)]

    assert course(7) == course(7)
    assert course(7) != course(8)
    assert 10 < sum(course(7)) < 40


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"kind": "status"},
        {"kind": "reset", "path": "("},
        {"kind": "reset", "colour": "red"},
    ],
)
def test_a_rule_that_cannot_be_understood_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(FaultError):
        Faults(seed=1).add(wrong)
