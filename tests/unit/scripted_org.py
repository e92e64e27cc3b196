"""A Salesforce organisation that answers as a test tells it to, and a connector that speaks to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from syncline.connectors.base import Token
from syncline.connectors.oauth import ClientCredentials, MemoryTokenStore
from syncline.connectors.salesforce.client import Settings
from syncline.connectors.salesforce.connector import SalesforceConnector
from tests.unit.scripted_server import Answer, Request, ScriptedServer, StillClock

SECRET = "s3cret-never-shown"
DATE = "Fri, 01 May 2026 12:00:00 GMT"
DATA = "/services/data/v62.0"
Respond = Callable[[Request], Answer | None]


def described(name: str, type_: str = "string", **facts: Any) -> dict[str, Any]:
    """One field as describe tells of it."""
    plain = {"name": name, "label": name, "type": type_, "length": 80 if type_ == "string" else 0}
    return {
        **plain,
        "createable": True,
        "updateable": True,
        "nillable": True,
        "defaultedOnCreate": False,
        **facts,
    }


SYSTEM = [
    described("Id", "id", createable=False, updateable=False),
    described("IsDeleted", "boolean", createable=False, updateable=False),
    described("SystemModstamp", "datetime", createable=False, updateable=False),
    described("CreatedDate", "datetime", createable=False, updateable=False),
    described("MasterRecordId", "reference", createable=False, updateable=False, referenceTo=["Contact"]),
]
CONTACT = [
    *SYSTEM,
    described("LastName", nillable=False),
    described("Title"),
    described("Email", "email"),
    described("HasOptedOutOfEmail", "boolean", nillable=False, defaultedOnCreate=True),
    described("AccountId", "reference", referenceTo=["Account"]),
    described("OwnerId", "reference", referenceTo=["User"], nillable=False, defaultedOnCreate=True),
]


def contact_id(number: int) -> str:
    """The id of the numbered contact."""
    return f"003000000{number:06d}AAA"


def row(number: int, stamp: str = "2026-04-01T10:00:00.000+0000", **values: Any) -> dict[str, Any]:
    """A contact as a query shows it."""
    system = {"IsDeleted": False, "SystemModstamp": stamp, "CreatedDate": stamp}
    return {"attributes": {"type": "Contact"}, "Id": contact_id(number), **system, **values}


def batch(rows: Iterable[Mapping[str, Any]], total: int | None = None, more: str | None = None) -> Answer:
    """The answer to a query."""
    shown = list(rows)
    body = {"totalSize": len(shown) if total is None else total, "done": more is None, "records": shown}
    return Answer(body={**body, "nextRecordsUrl": more} if more else body)


def refused(status: int, code: str, message: str = "no") -> Answer:
    """The answer to a call that is refused as a whole."""
    return Answer(status, body=[{"errorCode": code, "message": message}])


@dataclass
class ScriptedOrg:
    """Signs everybody in and describes contacts; `queries` and `writes` answer the rest, in turn.

    The last query's answer is given for ever. A write without an answer succeeds for each row.
    """

    server: ScriptedServer
    queries: list[Answer] = field(default_factory=list)
    writes: list[Answer] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=lambda: list(CONTACT))
    token: Mapping[str, Any] = field(default_factory=dict)
    living: dict[str, dict[str, Any]] = field(default_factory=dict)
    override: Respond = lambda _request: None

    def __post_init__(self) -> None:
        self.server.respond = self._respond

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests whose path begins like that, behind the version."""
        return [r for r in self.server.requests if r.method == method and r.path.startswith(DATA + path)]

    @property
    def soql(self) -> list[str]:
        """The queries so far, those for counts left out."""
        texts = [dict(request.query).get("q", "") for request in self.asked("GET", "/query")]
        return [text for text in texts if text and "COUNT()" not in text]

    def _respond(self, request: Request) -> Answer:
        return self.override(request) or self._answer(request)

    def _answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(DATA)
        if path.endswith("/oauth2/token"):
            return Answer(body={"access_token": "00D!token", "instance_url": self.server.url, **self.token})
        if path.endswith("/describe"):
            return Answer(body={"fields": self.fields})
        if path.startswith("/query"):
            return self._queried(dict(request.query).get("q", ""))
        if path == "/composite/sobjects":
            return self.writes.pop(0) if self.writes else self._written(request)
        if path.startswith("/composite/sobjects/"):
            return Answer(body=[self.living.get(each) for each in request.json["ids"]])
        return Answer(404, body=[{"errorCode": "NOT_FOUND", "message": "no such resource"}])

    def _queried(self, query: str) -> Answer:
        if "COUNT()" in query:
            return batch([], total=7)
        if not self.queries:
            return batch([])
        return self.queries.pop(0) if len(self.queries) > 1 else self.queries[0]

    def _written(self, request: Request) -> Answer:
        if request.method == "DELETE":
            ids = dict(request.query)["ids"].split(",")
            return Answer(body=[{"id": each, "success": True, "errors": []} for each in ids])
        return Answer(
            body=[self._row_answer(number, each) for number, each in enumerate(request.json["records"])]
        )

    def _row_answer(self, number: int, sent: Mapping[str, Any]) -> dict[str, Any]:
        id_ = sent.get("id") or contact_id(number)
        values = {name: value for name, value in sent.items() if name not in {"attributes", "id"}}
        self.living[id_] = {**row(0, **values), "Id": id_}
        return {"id": id_, "success": True, "errors": []}


@contextmanager
def scripted_org() -> Iterator[ScriptedOrg]:
    """An organisation on a free port of this machine."""
    with ScriptedServer() as server:
        yield ScriptedOrg(server)


@contextmanager
def connected(
    org: ScriptedOrg, clock: StillClock | None = None, **options: Any
) -> Iterator[SalesforceConnector]:
    """A connector of the organisation, signed in; `options` are those of `Settings`, `window` and `store`."""
    window = options.pop("window", 3)
    store = options.pop("store", None) or MemoryTokenStore(Token("00D!token"))
    connector = SalesforceConnector(
        Settings(org.server.url, **{"timeout": 5.0, "attempts": 2, **options}),
        ClientCredentials("client", SECRET),
        clock=clock or StillClock(),
        token_store=store,
        window=window,
    )
    try:
        yield connector
    finally:
        connector.close()
