"""Every error has a code of its own, one consequence, a hint, and a paragraph."""

import inspect
import re

from syncline.core import errors
from syncline.core.model import ErrorClass
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/reference/errors.md").read_text()
CONSEQUENCES = (
    errors.ConfigError, errors.RemoteError, errors.ProtocolError, errors.RecordError, errors.StoreError,
    errors.PlanError, errors.RunStopped,
)  # fmt: skip


def _classes() -> list[type[errors.SynclineError]]:
    found = inspect.getmembers(errors, inspect.isclass)
    return [each for _, each in found if issubclass(each, errors.SynclineError)]


def test_codes_are_unique_slugs() -> None:
    codes = [each.code for each in _classes()]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_each_error_has_exactly_one_consequence() -> None:
    for each in _classes():
        consequences = [parent for parent in CONSEQUENCES if issubclass(each, parent)]
        assert len(consequences) == 1 or each is errors.SynclineError, each


def test_each_error_tells_what_a_person_can_do() -> None:
    silent = [each for each in _classes() if not each.hint.strip().endswith((".", ";"))]
    assert not silent


def test_the_page_documents_exactly_the_codes_there_are() -> None:
    documented = re.findall(r"^### `([a-z-]+)`$", PAGE, re.MULTILINE)
    assert sorted(documented) == sorted(each.code for each in _classes())


def test_the_page_tells_what_happens_to_each_class_of_refused_record() -> None:
    assert not [each.value for each in ErrorClass if f"| `{each.value}` |" not in PAGE]


def test_the_tree_in_the_docstring_names_every_class() -> None:
    tree = errors.__doc__ or ""
    assert not [each.__name__ for each in _classes() if each.__name__ not in tree]
