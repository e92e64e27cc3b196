"""Every metric is in the table of the page about them, and nothing else is."""

import re

from syncline.service.metrics import FAMILIES
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "howto" / "metrics.md"
ROW = re.compile(r"^\| `(syncline_\w+)` \| ([^|]*)\| (\w+) \| (.+) \|$", re.MULTILINE)


def test_every_metric_is_explained_with_its_labels_and_kind() -> None:
    told = {
        name: (re.findall(r"`(\w+)`", labels), kind)
        for name, labels, kind, _ in ROW.findall(PAGE.read_text())
    }
    kinds = {True: "counter", False: "gauge"}
    assert told == {name: (list(each.labels), kinds[each.counts]) for name, each in FAMILIES.items()}


def test_every_metric_has_a_name_and_words_of_our_own() -> None:
    for name, family in FAMILIES.items():
        assert name.startswith("syncline_")
        assert name.endswith("_total") == family.counts
        assert family.help.endswith(".")
