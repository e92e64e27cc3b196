"""The mirror keeps what became of a record that went on in another one."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from syncline.core.model import Ending, Fate, Record, Ref
from syncline.store import mirror

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEAD = Ref("Lead", "00Q1")


@pytest.mark.parametrize(
    "into", [(), (Ref("Contact", "0031"),), (Ref("Contact", "0031"), Ref("Account", "0011"))]
)
def test_a_fate_comes_back_as_it_was_observed(store: str, into: Sequence[Ref]) -> None:
    fate = Fate(Ending.CONVERTED, tuple(into))
    mirror.observe("crm", [Record(LEAD, {"Name": "Ann"}, deleted=True, fate=fate)], NOW)
    assert mirror.get_many("crm", [LEAD])[LEAD].record.fate == fate


def test_a_fate_that_becomes_known_later_is_a_change(store: str) -> None:
    mirror.observe("crm", [Record(LEAD, {}, deleted=True)], NOW)
    fate = Fate(Ending.MERGED, (Ref("Lead", "00Q2"),))
    moved = mirror.observe("crm", [Record(LEAD, {}, deleted=True, fate=fate)], NOW)
    again = mirror.observe("crm", [Record(LEAD, {}, deleted=True, fate=fate)], NOW)
    assert set(moved) == {LEAD}
    assert not again


def test_a_record_that_lives_again_has_no_fate(store: str) -> None:
    gone = Record(LEAD, {}, deleted=True, fate=Fate(Ending.MERGED, (Ref("Lead", "00Q2"),)))
    mirror.observe("crm", [gone], NOW)
    mirror.observe("crm", [Record(LEAD, {})], NOW)
    assert mirror.get_many("crm", [LEAD])[LEAD].record.fate is None
