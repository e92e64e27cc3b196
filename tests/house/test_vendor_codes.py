"""Every code of a system is data with a meaning, a cure and somebody who can; none is known to the code alone."""

import re

import pytest

from syncline.connectors.codes import OF_CONNECTION, CodeTable, VendorCode
from syncline.connectors.registry import SYSTEMS, codes, explained
from syncline.core import errors
from syncline.core.model import ErrorClass
from tests.house.tree import ROOT, python_files

TABLES = {**{name: codes(name) for name in SYSTEMS}, "any": OF_CONNECTION}
GIVEN = re.compile(r'\b(?:Problem|_refusal|_lost)\(\s*"([\w-]+)"|Failure\(\s*ErrorClass\.\w+,\s*"([\w-]+)"')
ENTRIES = [(name, each) for name, table in TABLES.items() for each in table]


@pytest.mark.parametrize(("system", "entry"), ENTRIES, ids=lambda each: str(getattr(each, "code", each)))
def test_a_code_says_what_it_means_and_who_can_mend_it(system: str, entry: VendorCode) -> None:
    told = (entry.meaning, entry.cure, entry.who)
    assert all(len(text) > 5 and not text.endswith(".") for text in told), told
    assert entry.says == entry.says.casefold()


@pytest.mark.parametrize("system", TABLES)
def test_no_entry_is_hidden_behind_another(system: str) -> None:
    table = TABLES[system]
    assert not [each for each in table if table.find(each.code, each.says) is not each]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_code_a_connector_gives_itself_is_in_its_table(system: str) -> None:
    table = CodeTable(*TABLES[system], *OF_CONNECTION)
    given = {
        next(filter(None, found))
        for path in python_files(f"src/syncline/connectors/{system}")
        for found in GIVEN.findall(path.read_text())
    }
    assert not {code for code in given if not table.find(code)}


def test_every_error_that_holds_records_back_is_explained() -> None:
    below = errors.RemoteError.__subclasses__()
    kinds: list[type[errors.SynclineError]] = [
        *below,
        errors.RemoteError,
        errors.ReconnectError,
        errors.ProtocolError,
    ]
    assert not [kind.code for kind in kinds if OF_CONNECTION.find(kind.code) is None]


def test_a_code_nobody_has_met_goes_to_a_person() -> None:
    for system in (*SYSTEMS, "of-somebody-else"):
        found = explained(system, "NEVER_SEEN", "of all things")
        assert found.error_class is ErrorClass.VALIDATION
        assert "does not know" in found.meaning
        assert found.by_hand


def test_the_page_lists_every_code() -> None:
    page = (ROOT / "docs/reference/vendor-errors.md").read_text()
    assert not [each.code for _, each in ENTRIES if f"| `{each.code}`" not in page]
