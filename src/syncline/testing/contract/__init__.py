"""The contract every connector keeps, as a class of tests: one test for each promise of `connectors.base`.

An author writes a `RemoteBench` (see `syncline.testing.bench`) and a class

    class TestMine(ConnectorContract):
        @pytest.fixture
        def bench(self) -> RemoteBench:
            return MyBench()

and every promise is tested. A promise that does not apply is skipped with the capability that is not there.
"""

import pytest

_PARTS = (
    "promises",
    "reading",
    "lookups",
    "values",
    "writing",
    "endings",
    "unanswered",
    "errors",
    "setbacks",
    "recovery",
)
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

from syncline.testing.bench import RemoteBench, SandboxBench, SandboxClock  # noqa: E402 - after the rewriting
from syncline.testing.contract.endings import EndingPromises  # noqa: E402
from syncline.testing.contract.errors import ErrorPromises  # noqa: E402
from syncline.testing.contract.lookups import LookupPromises  # noqa: E402
from syncline.testing.contract.reading import ReadingPromises  # noqa: E402
from syncline.testing.contract.recovery import RecoveryPromises  # noqa: E402
from syncline.testing.contract.setbacks import SetbackPromises  # noqa: E402
from syncline.testing.contract.unanswered import UnansweredPromises  # noqa: E402
from syncline.testing.contract.values import ValuePromises  # noqa: E402
from syncline.testing.contract.writing import ReadOnlyPromises, WritingPromises  # noqa: E402


class ConnectorContract(
    RecoveryPromises,
    UnansweredPromises,
    EndingPromises,
    WritingPromises,
    ReadOnlyPromises,
    LookupPromises,
    ErrorPromises,
    ValuePromises,
    SetbackPromises,
    ReadingPromises,
):
    """Every promise. A subclass gives the fixture `bench`.

    pytest runs the last base first: whole reads come before the tests that write most.
    """


__all__ = ["ConnectorContract", "RemoteBench", "SandboxBench", "SandboxClock"]
