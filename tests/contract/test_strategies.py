"""The strategies make what they say: good values are taken by the memory system, equal spellings are equal."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncline.connectors.base import Change, Draft
from syncline.connectors.memory import MemoryConnector, MemorySystem, Quirks, memory_schema
from syncline.core.mapping import FieldMap
from syncline.core.model import ChangeTime, OutcomeStatus, Raw, Record
from syncline.core.normalise import normalise
from syncline.core.policy import Direction, WriteRule
from syncline.core.schema import Field, FieldType
from syncline.testing import strategies
from syncline.testing.clock import ManualClock

USER, COMPANY, PERSON = memory_schema()
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.data())
def test_good_values_are_taken_and_stored_as_told(data: st.DataObject) -> None:
    remote = MemorySystem(ManualClock(), quirks=Quirks(formats=True, cuts=True))
    known = {
        "user": [remote.put("user", {"name": "Ada", "email": "ada@memory.test", "active": True})],
        "company": [remote.put("company", {"name": "Acme"})],
    }
    connector = MemoryConnector(remote)
    good = {name: strategies.good_values(field, known) for name, field in PERSON.fields.items()}
    values: dict[str, Raw] = data.draw(st.fixed_dictionaries(good))
    (outcome,) = connector.create("person", [Draft("one", values)])
    assert outcome.record is not None, outcome.failure
    for name, value in values.items():
        assert outcome.record.values[name] == connector.stored_as("person", name, value)
    again = dict(outcome.record.values)
    (second,) = connector.update("person", [Change(outcome.record.ref.remote_id, again)])
    assert second.status is OutcomeStatus.APPLIED
    assert second.record is not None
    assert dict(second.record.values) == again


@pytest.mark.parametrize("kind", list(FieldType))
def test_spellings_of_a_type_are_equal(kind: FieldType) -> None:
    @FEW
    @given(strategies.spellings(kind))
    def equal(pair: tuple[Raw, Raw]) -> None:
        assert normalise(kind, pair[0]) == normalise(kind, pair[1])

    equal()


@FEW
@given(strategies.fields().flatmap(lambda field: st.tuples(st.just(field), strategies.seen_values(field))))
def test_whatever_is_seen_can_be_normalised_again_and_again(drawn: tuple[Field, Raw]) -> None:
    field, value = drawn
    once = normalise(field.type, value)
    assert normalise(field.type, once if not isinstance(once, tuple) else list(once)) == once


@FEW
@given(strategies.records(COMPANY))
def test_a_record_hides_what_it_withholds(record: Record) -> None:
    assert not record.withheld & record.values.keys()
    assert record.values.keys() <= COMPANY.fields.keys()


@FEW
@given(strategies.schema_maps(COMPANY, COMPANY))
def test_maps_use_no_field_twice_and_never_fill_both_ways(maps: tuple[FieldMap, ...]) -> None:
    for names in ([m.left for m in maps], [m.right for m in maps]):
        assert len(names) == len(set(names))
    assert "name" in [m.left for m in maps]
    assert not [m for m in maps if m.direction is Direction.BOTH and m.rule is WriteRule.FILL]


@FEW
@given(strategies.quirks(honest=True))
def test_honest_manners_are_told(quirks: Quirks) -> None:
    connector = MemoryConnector(MemorySystem(ManualClock(), quirks=quirks))
    able = connector.capabilities("person")
    assert able.listing_lag == quirks.stale_for
    assert quirks.explains
    assert quirks.stale_reads == 0


@FEW
@given(strategies.change_times())
def test_change_times_are_intervals(time: ChangeTime) -> None:
    assert time.after is None or time.after <= time.by
