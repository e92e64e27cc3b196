"""What a connector's author hands to the contract: the remote system, and the ways to meddle with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from syncline.connectors.base import Clock, Connector
from syncline.core.model import Raw, Ref
from syncline.testing.sandboxes import RunningSandbox

FAULTS = frozenset(
    {
        "unauthorised",
        "forbidden",
        "rate_limit",
        "server_error",
        "html",
        "truncate",
        "cut",
        "reset",
        "hang",
        "repeat_page",
        "storm",
        "stale",
        "read_only",
    }
)
VERBS = frozenset({"check", "read", "fetch", "find", "create", "update", "delete"})


class RemoteBench(ABC):
    """One object type of one account, and hands that reach it behind the connector's back.

    The account may hold other records; the contract looks only at its own. `text_field` is optional, writable
    and can be emptied; `email_field` tells drafts apart, by a domain or a name where there are no addresses;
    `picklist_field` refuses what is not among its options. `page_size` records fill a page of the connectors made
    here: keep it small. `faults` are the kinds this bench can show, `page_verb` the verb whose calls turn pages.
    `missing_id` has the right form and belongs to no record.
    """

    object_type: str
    text_field: str
    email_field: str
    missing_id: str
    picklist_field: str | None = None
    page_size: int = 100
    faults: frozenset[str] = FAULTS
    renews_token: bool = False
    secrets: Sequence[str] = ()
    account: str = ""
    """Tells this account and object type from all others of this test run; cursors are kept by it, if given."""
    clock: Clock

    @abstractmethod
    def connector(self) -> Connector:
        """A connector that has not been used."""

    def other_instance(self) -> Connector:
        """One that shares nothing with the first but the account, as another process would have it."""
        return self.connector()

    @abstractmethod
    def bad_credentials_connector(self) -> Connector | None:
        """A connector whose key or secret is wrong; nothing where there are none."""

    @abstractmethod
    def draft(self, n: int) -> Mapping[str, Raw]:
        """The values of a good record that differs from every other n, e-mail address included."""

    def put(self, values: Mapping[str, Raw]) -> str:  # noqa: ARG002 - for those who override it
        """A person makes a record with the values of a draft; its id. Only where the connector creates none."""
        raise TypeError(f"a person makes no {self.object_type} here")

    @abstractmethod
    def edit(self, id_: str, values: Mapping[str, Raw]) -> None:
        """A person changes a record."""

    @abstractmethod
    def remove(self, id_: str) -> None:
        """A person deletes a record."""

    def restore(self, id_: str) -> bool:  # noqa: ARG002 - for those who override it
        """A person takes a deleted record out of the bin; false where nobody can."""
        return False

    def merge(self, survivor: str, loser: str) -> bool:  # noqa: ARG002 - for those who override it
        """A person merges a record into another one; false where nobody can."""
        return False

    def convert(self, id_: str) -> Sequence[Ref]:  # noqa: ARG002 - for those who override it
        """A person converts a record; into which ones. None where records of this type are not converted."""
        return ()

    @abstractmethod
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
        """Spoil `count` answers (None: all) to a verb after letting `skip` pass.

        unauthorised, forbidden, rate_limit and server_error answer with that status; html and truncate are
        answers of the wrong form, cut is half of one; reset and hang are none. With `after_commit` the call is
        carried out first. A storm refuses all calls for `seconds` of the clock; stale listings show what was
        true `seconds` ago, though nothing older than the fault; read_only refuses writes as in maintenance.
        """

    @abstractmethod
    def clear_faults(self) -> None:
        """Behave again."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Time passes, for the system and for the connector."""

    def skew(self, seconds: float) -> bool:  # noqa: ARG002 - for those who override it
        """Put the system's clock wrong by so many seconds, 0 to put it right; false where that is not possible."""
        return False

    def forget_reads(self) -> bool:
        """From now on forget after each page where a read was, until `clear_faults`; false where the system keeps
        nothing of a read."""
        return False

    def change_fields(self) -> Callable[[], None] | None:
        """Change the fields of the object type as its owner would, without those the bench names, and answer how
        to undo it; nothing where the system cannot show this."""
        return None

    def expire_token(self) -> None:  # noqa: B027 - only systems with tokens have something to do
        """Make every token that was given out worthless; only where `renews_token`."""

    def edit_late(
        self,
        id_: str,  # noqa: ARG002 - for those who override it
        values: Mapping[str, Raw],  # noqa: ARG002 - same
    ) -> Callable[[], None] | None:
        """Begin a person's change now, and commit it with the stamp of its beginning when the answer is
        called; nothing where the system cannot show this."""
        return None

    def withhold(self, id_: str) -> str | None:  # noqa: ARG002 - for those who override it
        """Hide a field of a record behind the system's placeholder and answer the field's name; nothing where
        the system hides nothing."""
        return None

    def other_spellings(self, id_: str) -> Sequence[str]:  # noqa: ARG002 - for those who override it
        """Other forms of an id that the system takes for the same record."""
        return ()


class SandboxClock:
    """The clock of a sandbox; to sleep is to move that clock."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox
        shown = datetime.fromisoformat(sandbox.control("GET", "/clock")["now"])
        self._offset = shown - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._sandbox.control("POST", "/clock", {"advance": seconds})
            self._offset += timedelta(seconds=seconds)


class SandboxBench(RemoteBench):
    """A bench over a running sandbox. A subclass adds the fields, the draft, both connectors and `routes`.

    `routes` says for each verb which method (None: any) and path, as a regular expression, carry it.
    `remote_type` is the name of the object type on the sandbox's control routes.
    """

    routes: ClassVar[Mapping[str, tuple[str | None, str]]]
    remote_type: str
    statuses: ClassVar[Mapping[str, int]] = {
        "unauthorised": 401,
        "forbidden": 403,
        "rate_limit": 429,
        "server_error": 500,
    }
    bodies: ClassVar[Mapping[str, Any]] = {}
    """What the vendor says with a status, where the sandbox has other words for it."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.clock = SandboxClock(sandbox)

    @property
    def account(self) -> str:  # type: ignore[override]
        return f"{self.sandbox.base_url} {self.sandbox.process.pid} {self.object_type}"

    def remote_values(self, values: Mapping[str, Raw]) -> Mapping[str, Any]:
        """Our field names and values as the sandbox's raw documents have them."""
        return dict(values)

    def edit(self, id_: str, values: Mapping[str, Raw]) -> None:
        self.sandbox.control("POST", f"/records/{self.remote_type}/{id_}", self.remote_values(values))

    def remove(self, id_: str) -> None:
        self.sandbox.control("POST", "/delete", {"type": self.remote_type, "id": id_})

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
        method, path = self.routes[verb]
        rule: dict[str, Any] = {"kind": kind, "method": method, "path": path, "count": count, "skip": skip}
        if kind in self.statuses:
            rule |= {"kind": "status", "status": self.statuses[kind], "body": self.bodies.get(kind)}
        if seconds is not None:
            rule["seconds"] = seconds
        if kind == "hang" and after_commit:
            rule["kind"] = "hang_after_commit"
        else:
            rule["after_commit"] = after_commit
        if retry_after is not None:
            rule["headers"] = {"Retry-After": str(retry_after)}
        self.sandbox.control("POST", "/faults", rule)

    def clear_faults(self) -> None:
        self.sandbox.control("DELETE", "/faults")

    def skew(self, seconds: float) -> bool:
        self.sandbox.control("POST", "/clock", {"skew": seconds})
        return True

    def advance(self, seconds: float) -> None:
        self.clock.sleep(seconds)
