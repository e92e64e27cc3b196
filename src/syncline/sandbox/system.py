"""What one stand-in system hands to the common server: its routes, its records, its seed and its manners."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.routing import Route

from syncline.sandbox.clock import Clock
from syncline.sandbox.coverage import Coverage
from syncline.sandbox.state import Document, State


class UnknownRecordError(LookupError):
    """The control was asked for a record or a record type that does not exist."""


class Records(Protocol):
    """What the control routes do with a system's records, as a person in the vendor's own pages would.

    Edits pass no API limit and no API validation; stamps and derived fields move as they would in the real
    product. A type or an id that does not exist raises UnknownRecordError.
    """

    def types(self) -> Sequence[str]:
        """The record types the control knows."""
        ...

    def all(self, type_: str) -> Sequence[Mapping[str, Any]]:
        """Every record of a type that is not deleted, as it is stored, in the order of creation."""
        ...

    def get(self, type_: str, id_: str) -> Mapping[str, Any]:
        """One record as it is stored."""
        ...

    def create(self, type_: str, values: Document) -> Mapping[str, Any]:
        """Create a record and return it as stored."""
        ...

    def edit(self, type_: str, id_: str, values: Document) -> Mapping[str, Any]:
        """Change the named fields of a record and return it as stored."""
        ...

    def delete(self, type_: str, id_: str) -> None:
        """Delete a record the way the vendor's pages do."""
        ...


@dataclass(frozen=True)
class PageRequest:
    """The parts of a request that tell whether it asks for a further page of a listing."""

    method: str
    path: str
    query: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _no_answer(_status: int) -> Answer | None:
    return None


def _any_page(_request: PageRequest) -> bool:
    return True


def _no_topic(_query: str) -> str:
    return ""


def _path(request: PageRequest) -> str:
    return request.path


def _no_listing(_request: PageRequest) -> bool:
    return False


def _is_write(request: PageRequest) -> bool:
    return request.method not in {"GET", "HEAD"}


_STORM = Answer(429, {"content-type": "text/plain; charset=utf-8"}, b"Too Many Requests")
_READ_ONLY = Answer(503, {"content-type": "text/plain; charset=utf-8"}, b"Service Unavailable")


@dataclass(frozen=True)
class SystemApp:
    """One system ready to be served.

    Routes carry their full paths. `base_path` is appended to the origin to make the base_url that clients
    are given. `seed` fills an empty state: from a world, or, given None, with only what a new account has.
    `error_answer` is the system's own body for a fault of that status, if it has one; `is_next_page` tells
    the repeat_page fault which requests ask for a further page, `is_listing` the stale fault which ones list or
    search, `is_write` the read_only fault which ones change something. `storm` and `read_only` are the system's
    refusals of callers who ask too often, and of writes during maintenance. `place` is what the path of a fault is
    looked for in: the path, with more where one path serves many operations. `topic` is the object type that the
    query of an address names, for counting. `operations` are the methods and path templates the system answers
    itself, and `coverage` says of each how far. `editions` are the published forms the system comes in, the first
    one unless `choose_edition` is told another.
    """

    name: str
    routes: list[Route]
    records: Records
    credentials: Callable[[str], dict[str, Any]]
    seed: Callable[[Any], None]
    base_path: str = ""
    control_routes: list[Route] = field(default_factory=list)
    error_answer: Callable[[int], Answer | None] = _no_answer
    is_next_page: Callable[[PageRequest], bool] = _any_page
    operations: Sequence[tuple[str, str]] = ()
    coverage: Sequence[Coverage] = ()
    is_listing: Callable[[PageRequest], bool] = _no_listing
    is_write: Callable[[PageRequest], bool] = _is_write
    place: Callable[[PageRequest], str] = _path
    topic: Callable[[str], str] = _no_topic
    editions: Sequence[str] = ()
    choose_edition: Callable[[str], object] = _no_topic
    storm: Answer = _STORM
    read_only: Answer = _READ_ONLY


Build = Callable[[State, Clock, int], SystemApp]
