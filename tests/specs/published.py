"""The published descriptions of the systems' APIs, and how an exchange departs from them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from jsonschema.exceptions import ValidationError
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import ImmutableMultiDict

from tests.specs.documents import (
    Node,
    closed,
    completed,
    dangling,
    nulls_of_examples,
    operations,
    with_nulls_of_examples,
    with_schemas_of_examples,
)
from tests.specs.exchange import VERSION, Exchange
from tests.specs.routes import Templates

# These stand where the described paths have the id of a record.
NO_RECORD = ("/describe", "/updated", "/deleted")
FILES = {"apollo": "apollo/openapi.json", "salesforce": "salesforce/standard-objects-v59.subset.json"}


@dataclass(frozen=True)
class Departure:
    """One way in which an exchange is not as published; list positions in `where` are told as [*]."""

    system: str
    operation: str
    part: str
    status: int
    where: str
    what: str

    def __str__(self) -> str:
        told = f"answer {self.status}" if self.part == "answer" else "request"
        return f"{self.system} {self.operation}, {told}: {self.where} {self.what}"


class Published:
    """What one system publishes of its API as an OpenAPI document."""

    def __init__(self, system: str, document: dict[str, Any]) -> None:
        self.system = system
        self.document = document
        base = urlsplit(document.get("servers", [{"url": ""}])[0]["url"]).path
        self._host = "https://published.example"
        self._base = base
        self._templates = Templates((method, base + path) for method, path, _ in operations(document))
        self._parameters = {
            f"{method} {path}": {each["name"] for each in one.get("parameters", ()) if each["in"] == "query"}
            for method, path, one in operations(document)
        }
        ready = closed(with_nulls_of_examples(with_schemas_of_examples(completed(document))))
        ready["servers"] = [{"url": self._host + base}]
        self._api = OpenAPI.from_dict(ready)

    def notes(self) -> Iterator[str]:
        """What had to be added to the document before exchanges could be judged by it."""
        if missing := dangling(self.document):
            yield f"{self.system}: taken as anything, since the description lacks them: {', '.join(missing)}"
        if nulls := nulls_of_examples(self.document):
            yield f"{self.system}: {len(nulls)} keys may be null because a published example shows them so"

    def operation(self, exchange: Exchange) -> str | None:
        """The published operation an exchange belongs to, as "METHOD /path/{template}"."""
        path = self._path(exchange)
        found = None if path.endswith(NO_RECORD) else self._templates.find(exchange.method, path)
        return found and found.replace(f" {self._base}/", " /", 1)

    def departures(self, exchange: Exchange, operation: str) -> Iterator[Departure]:
        """Everything about an exchange that is not as published."""
        found = [("answer", *each) for each in self._in_answer(exchange)]
        if not exchange.wrong:
            found += [("request", *each) for each in self._in_request(exchange, operation)]
        for part, where, what in found:
            yield Departure(self.system, operation, part, exchange.status, where, what)

    def _in_request(self, exchange: Exchange, operation: str) -> Iterator[tuple[str, str]]:
        for error in self._api.iter_request_errors(self._request(exchange)):
            yield from explained(error)
        for name, _ in parse_qsl(exchange.query, keep_blank_values=True):
            if name not in self._parameters[operation]:
                yield f"?{name}", "is no published parameter"

    def _in_answer(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        answer = MockResponse(
            exchange.answer, exchange.status, dict(exchange.answer_headers), exchange.answer_type
        )
        for error in self._api.iter_response_errors(self._request(exchange), answer):
            yield from explained(error)

    def _request(self, exchange: Exchange) -> MockRequest:
        request = MockRequest(
            self._host,
            exchange.method,
            self._path(exchange),
            headers=dict(exchange.headers),
            data=exchange.body or None,
            content_type=exchange.request_type,
        )
        request.parameters.query = ImmutableMultiDict(parse_qsl(exchange.query, keep_blank_values=True))
        return request

    def _path(self, exchange: Exchange) -> str:
        """The path as the document has it: those of an org begin below its version, with no slash at the end."""
        return VERSION.sub("", exchange.path).rstrip("/")


def explained(error: BaseException) -> Iterator[tuple[str, str]]:
    """Where an error is and what is wrong there, in words that do not change with the data."""
    cause = error.__cause__ or error
    if isinstance(cause, InvalidSchemaValue):
        for each in cause.schema_errors:
            yield from of_schema(each)  # type: ignore[arg-type]
    elif inner := getattr(error, "errors", None):
        for each in inner:
            yield from explained(each)
    else:
        yield "$", f"{type(cause).__name__}: {cause}".partition(" Valid mimetypes")[0]


def of_schema(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Where a value departs from its schema and how; of several schemas to choose from, from the nearest one."""
    where = re.sub(r"\[\d+\]", "[*]", error.json_path)
    if error.validator == "required":
        yield where, re.sub(r"^'(.*)' is a required property$", r"lacks \1", error.message)
    elif error.validator == "additionalProperties":
        instance, schema = cast(Node, error.instance), cast(Node, error.schema)
        for name in sorted(set(instance) - set(schema["properties"])):
            yield f"{where}.{name}", "is no published parameter"
    elif error.validator in {"anyOf", "oneOf"} and error.context:
        for each in _nearest(error.context):
            yield from of_schema(each)
    elif error.validator == "oneOf":
        yield where, "fits several alternatives of which it may fit only one"
    elif error.validator == "type":
        yield where, f"is {_type(error.instance)}, not {error.validator_value}"
    else:
        yield where, f"does not keep {error.validator} {error.validator_value!r:.60}"


def _nearest(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors of the alternative that has the fewest."""
    by_alternative: dict[Any, list[ValidationError]] = {}
    for each in errors:
        by_alternative.setdefault(each.relative_schema_path[0], []).append(each)
    return min(by_alternative.values(), key=len)


def _type(value: Any) -> str:
    names = {type(None): "null", bool: "boolean", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "number")
