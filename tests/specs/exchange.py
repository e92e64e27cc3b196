"""One request and its answer, as they went over the wire."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

VERSION = re.compile(r"/services/data/v\d+\.\d")
COMPOSITE = re.compile(rf"{VERSION.pattern}/composite/?")


@dataclass(frozen=True)
class Exchange:
    """What was asked of a system and what it answered; header names are in lower case.

    `by` says who asked: the connector, or the list of further calls. `wrong` requests are wrong on purpose, so only
    their answers are judged.
    """

    system: str
    method: str
    path: str
    status: int
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    by: str = "connector"
    wrong: bool = False

    @property
    def request_type(self) -> str:
        """The content type of the request, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def answer_type(self) -> str:
        """The content type of the answer, without parameters."""
        return self.answer_headers.get("content-type", "").partition(";")[0]

    @property
    def has_inner(self) -> bool:
        """Whether this is a Salesforce composite that was carried out; the calls inside it count by themselves."""
        known = COMPOSITE.fullmatch(self.path) and not self.wrong
        return bool(known) and isinstance(parsed(self.answer), dict)


def parsed(body: bytes) -> Any:
    """The JSON of a body, or None when it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def with_inner(exchange: Exchange) -> Iterator[Exchange]:
    """An exchange and, if it is a Salesforce composite, each call inside it as an exchange of its own."""
    yield exchange
    if not exchange.has_inner:
        return
    asked, told = parsed(exchange.body)["compositeRequest"], parsed(exchange.answer)["compositeResponse"]
    for call, reply in zip(asked, told, strict=True):
        path, _, query = call["url"].partition("?")
        sent, got = call.get("body"), reply["body"]
        yield replace(
            exchange,
            method=call["method"],
            path=path,
            query=query,
            headers={"content-type": "application/json", "authorization": "the outer one"},
            body=b"" if sent is None else json.dumps(sent).encode(),
            status=reply["httpStatusCode"],
            answer_headers={"content-type": "application/json"} if got is not None else {},
            answer=b"" if got is None else json.dumps(got).encode(),
        )
