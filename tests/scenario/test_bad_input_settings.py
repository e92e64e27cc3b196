"""Settings that went wrong while a sync was in daily use: it refuses to start, and goes on once they are mended."""

from typing import Any

import pytest
import yaml

from tests.scenario.pair import writes
from tests.scenario.trouble import Daily

Sync = dict[str, Any]


def _people(**kind: Any) -> Sync:
    return {"kinds": {"person": kind}}


def _map(left: str, right: str) -> Sync:
    fields = [{"left": left, "right": right, "direction": "to_right"}]
    return _people(pairs=[{"left": "contact", "right": "Contact", "fields": fields}])


@pytest.mark.parametrize(
    ("sync", "code", "words"),
    [
        (_map("headline", "Departmnt"), "config-field", "Departmnt"),
        (_map("shoe_size", "Department"), "config-field", "shoe_size"),
        (_people(create_right={"when": "stages", "stages": ["Befriended"]}), "config-mapping", "Befriended"),
        ({"preset": "apollo-nowhere"}, "config-name", "apollo-nowhere"),
    ],
    ids=["field-right", "field-left", "stage", "preset"],
)
@pytest.mark.proves("M1")
def test_settings_that_name_what_is_not_there_stop_the_run_before_it_reads(
    daily: Daily, sync: Sync, code: str, words: str
) -> None:
    daily.work()
    document = daily.pair.settings()
    document["syncs"]["crm"] |= sync
    _refused(daily, yaml.safe_dump(document), code, words)


@pytest.mark.parametrize(
    ("add", "code", "words"),
    [
        ("\nsyncs: [", "config-file", "line"),
        ("\n# " + "x" * 1_000_001, "config-file", "larger than"),
        ("\n# \0", "config-file", "NUL"),
    ],
    ids=["malformed", "over-large", "nul"],
)
def test_a_settings_file_that_cannot_be_read_stops_the_run(
    daily: Daily, add: str, code: str, words: str
) -> None:
    daily.work()
    _refused(daily, yaml.safe_dump(daily.pair.settings()) + add, code, words)


def _refused(daily: Daily, text: str, code: str, words: str) -> None:
    daily.pair.file.write_text(text)
    before = daily.pair.requests()
    error = daily.fails(code, before_it_began=True)
    assert words in error["message"]
    assert "syncline.yaml" in error["message"]
    assert writes(before, daily.pair.requests()) == {}
    daily.recovers()
