from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from syncline.connectors.base import Connector
from syncline.connectors.memory import MemoryConnector, MemorySystem, Quirks
from syncline.core.model import Raw, Ref
from syncline.core.schema import Field, FieldType
from syncline.testing.clock import ManualClock
from syncline.testing.contract import ConnectorContract, RemoteBench

STATUS = {"unauthorised": 401, "forbidden": 403, "rate_limit": 429, "server_error": 500}


class MemoryBench(RemoteBench):
    object_type = "person"
    text_field = "title"
    email_field = "email"
    picklist_field = "stage"
    missing_id = "p999999"
    page_size = 5
    renews_token = True
    secrets = ("memory-key-1", "memory-token", "wrong-key")

    def __init__(self, quirks: Quirks | None = None) -> None:
        self.clock = self.manual = ManualClock()
        self.remote = MemorySystem(self.clock, quirks=quirks or Quirks(), page_size=self.page_size)
        user: dict[str, Raw] = {"name": "Ada", "email": "ada@memory.test", "active": True}
        self._manners: Quirks | None = None
        self.owner = self.remote.put("user", user)

    def connector(self) -> Connector:
        return MemoryConnector(self.remote)

    def bad_credentials_connector(self) -> Connector:
        return MemoryConnector(self.remote, key="wrong-key")

    def draft(self, n: int) -> Mapping[str, Raw]:
        email = f"person{n}@example.org"
        return {"first": "Per", "last": f"Son {n}", "email": email, "stage": "new", "owner": self.owner}

    def edit(self, id_: str, values: Mapping[str, Raw]) -> None:
        self.remote.edit("person", id_, values)

    def edit_late(self, id_: str, values: Mapping[str, Raw]) -> Callable[[], None]:
        self.remote.quirks.late_commits = None
        self.remote.edit("person", id_, values)
        self.remote.quirks.late_commits = 0
        return self.remote.settle

    def remove(self, id_: str) -> None:
        self.remote.remove("person", id_)

    def restore(self, id_: str) -> bool:
        self.remote.restore("person", id_)
        return True

    def merge(self, survivor: str, loser: str) -> bool:
        self.remote.merge("person", survivor, [loser])
        return True

    def convert(self, id_: str) -> Sequence[Ref]:
        company = self.remote.put("company", {"name": "Converted"})
        into = [Ref("company", company), Ref("person", self.remote.put("person", {"last": "Converted"}))]
        self.remote.convert("person", id_, into)
        return into

    def fault(
        self,
        kind: str,
        *,
        verb: str,
        count: int | None = None,
        skip: int = 0,
        retry_after: int | None = None,
        after_commit: bool = False,
        seconds: int | None = None,
    ) -> None:
        if kind == "stale":
            self._manners = replace(self.remote.quirks)
            self.remote.quirks.stale_for, self.remote.quirks.admits_lag = (
                timedelta(seconds=seconds or 0),
                False,
            )
            return
        self.remote.fault(
            "status" if kind in STATUS else kind,
            verb=verb,
            count=count,
            skip=skip,
            status=STATUS.get(kind, 0),
            retry_after=retry_after,
            after_commit=after_commit,
            seconds=seconds or 0,
        )

    def clear_faults(self) -> None:
        self.remote.faults.clear()
        if self._manners:
            vars(self.remote.quirks).update(vars(self._manners))
            self._manners = None

    def skew(self, seconds: float) -> bool:
        self.remote.skew = timedelta(seconds=seconds)
        return True

    def change_fields(self) -> Callable[[], None]:
        before = self.remote.types["person"]
        fields = {name: field for name, field in before.fields.items() if name not in {"score", "tags"}}
        fields["hobby"] = Field("hobby", "Hobby", FieldType.TEXT)
        self.remote.change_schema(replace(before, fields=fields))
        return lambda: self.remote.change_schema(before)

    def advance(self, seconds: float) -> None:
        self.manual.advance(seconds)

    def expire_token(self) -> None:
        self.remote.expire_tokens()

    def withhold(self, id_: str) -> str:
        self.remote.withhold("person", id_, "email")
        return "email"

    def other_spellings(self, id_: str) -> Sequence[str]:
        return (id_.upper(), f" {id_} ")


class TestMemory(ConnectorContract):
    @pytest.fixture
    def bench(self) -> RemoteBench:
        return MemoryBench()


class TestMemoryThatReformatsAndShowsLate(ConnectorContract):
    @pytest.fixture
    def bench(self) -> RemoteBench:
        quirks = Quirks(stale_for=timedelta(seconds=30), versions="none", formats=True, cuts=True)
        quirks.duplicates, quirks.finds_in_listing, quirks.sees_deletions = "existing", True, False
        quirks.deletes = quirks.times = False
        return MemoryBench(quirks)


class TestMemoryThatIsStrict(ConnectorContract):
    @pytest.fixture
    def bench(self) -> RemoteBench:
        return MemoryBench(Quirks(duplicates="refuse", conditional=True))
