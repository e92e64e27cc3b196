"""The next job of a sync takes over the systems that the last one signed in to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from syncline.core.errors import UnavailableError
from syncline.service.jobs import kept
from syncline.service.jobs.kept import Kept


@dataclass
class Opened:
    """Systems that note whether they were closed."""

    document: Any
    closed: int = 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Opening:
    """What stands in for signing in: it notes what was opened."""

    made: list[Opened] = field(default_factory=list)

    def __call__(self, document: Any, _sync: str, _environ: Any) -> Opened:
        self.made.append(Opened(document))
        return self.made[-1]


@pytest.fixture
def consents(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """By whose consent connections act."""
    found: dict[str, str] = {}
    monkeypatch.setattr(kept, "_consents", lambda *_: dict(found))
    return found


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch, consents: dict[str, str]) -> Opening:
    found = Opening()
    monkeypatch.setattr(kept, "open_systems", found)
    return found


@contextmanager
def job(keeping: Kept, document: Any = "document", sync: str = "crm") -> Iterator[Any]:
    with keeping.opened(document, sync) as systems:
        yield systems


def test_one_job_after_the_other_has_the_same_systems(opening: Opening) -> None:
    keeping = Kept({})
    with job(keeping) as first:
        pass
    with job(keeping) as second:
        assert second is first
    assert not first.closed
    keeping.close()
    assert first.closed == 1


def test_two_jobs_at_once_and_two_syncs_have_their_own(opening: Opening) -> None:
    keeping = Kept({})
    with job(keeping) as one, job(keeping) as other, job(keeping, sync="leads") as third:
        assert len({id(each) for each in (one, other, third)}) == 3
    keeping.close()
    assert [each.closed for each in opening.made] == [1, 1, 1]


def test_other_settings_and_the_end_of_their_time_have_them_opened_anew(opening: Opening) -> None:
    keeping = Kept({})
    for document in ("before", "after"):
        with job(keeping, document):
            pass
    assert [each.closed for each in opening.made] == [1, 0]
    at_once = Kept({}, longest=0)
    for _ in range(2):
        with job(at_once):
            pass
    assert [each.closed for each in opening.made] == [1, 0, 1, 0]


def test_a_consent_that_was_taken_back_or_given_anew_is_not_used_any_further(
    opening: Opening, consents: dict[str, str]
) -> None:
    keeping = Kept({})
    for stored in ({"crm": "one"}, {"crm": "two"}, {}):
        consents.clear()
        consents.update(stored)
        with job(keeping):
            pass
    assert [each.closed for each in opening.made] == [1, 1, 0]


def test_what_failed_is_closed_and_opened_anew(opening: Opening) -> None:
    keeping = Kept({})
    with pytest.raises(UnavailableError), job(keeping):
        raise UnavailableError("nobody is there")
    with job(keeping):
        pass
    assert [each.closed for each in opening.made] == [1, 0]


def test_what_comes_back_after_the_end_is_closed(opening: Opening) -> None:
    keeping = Kept({})
    with job(keeping) as systems:
        keeping.close()
        assert not systems.closed
    assert systems.closed == 1
