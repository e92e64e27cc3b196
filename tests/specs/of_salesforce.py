"""Checks by what Salesforce publishes besides paths: fields of records, enumerations, recorded refusals."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.specs.exchange import Exchange, parsed
from tests.specs.published import Departure, Published, of_schema


class RecordCheck:
    """Every record in a request or an answer, wherever it stands, has the published fields and types only."""

    def __init__(self, published: Published) -> None:
        self._schemas: Mapping[str, Any] = published.document["components"]["schemas"]

    def __call__(self, exchange: Exchange, operation: str) -> Iterator[Departure]:
        if exchange.system != "salesforce" or exchange.has_inner:
            return
        bodies = [("answer", exchange.answer), *([] if exchange.wrong else [("request", exchange.body)])]
        for part, body in bodies:
            whole = parsed(body)
            for record in _records(whole):
                # A body that is one record has its types judged by the published operation.
                for where, what in self._of_record(record, types=record is not whole):
                    yield Departure("salesforce", operation, part, exchange.status, where, what)

    def _of_record(self, record: Mapping[str, Any], *, types: bool) -> Iterator[tuple[str, str]]:
        name = record["attributes"]["type"]
        schema = self._schemas.get(f"{name}SObject")
        if schema is None:
            return
        known = schema["properties"]
        for field, value in record.items():
            if field in {"attributes", "id"} or isinstance(value, dict):
                continue
            if field not in known:
                yield f"{name}.{field}", "is no published field"
            elif types:
                for error in OAS30Validator(known[field]).iter_errors(value):
                    for _, what in of_schema(error):
                        yield f"{name}.{field}", what


class WordCheck:
    """Codes of refusals and types of fields are words of the published enumerations."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._codes = {*words["StatusCode"], *words["ExceptionCode"]}
        self._types = {"type": set(words["fieldType"]), "soapType": set(words["soapType"])}

    def __call__(self, exchange: Exchange, operation: str) -> Iterator[Departure]:
        if exchange.system != "salesforce" or exchange.has_inner:
            return
        for where, word in self._unknown(parsed(exchange.answer)):
            what = f"{word!r} is no published word"
            yield Departure("salesforce", operation, "answer", exchange.status, where, what)

    def _unknown(self, node: Any) -> Iterator[tuple[str, str]]:
        if isinstance(node, list):
            for each in node:
                yield from self._unknown(each)
        elif isinstance(node, dict):
            for key in ("errorCode", "statusCode"):
                if isinstance(node.get(key), str) and node[key] not in self._codes:
                    yield f"$..{key}", node[key]
            if "soapType" in node:
                for key, words in self._types.items():
                    if node[key].rpartition(":")[2] not in {word.rpartition(":")[2] for word in words}:
                        yield f"$..{key}", node[key]
            for key in ("fields", "errors"):
                yield from self._unknown(node.get(key))


class RefusalCheck:
    """A refused duplicate has exactly the keys of the recorded one of its version."""

    def __init__(self, older: Mapping[str, Any], newer: Mapping[str, Any]) -> None:
        self._older, self._newer = (frozenset(_keys(each["body"])) for each in (older, newer))

    def __call__(self, exchange: Exchange, operation: str) -> Iterator[Departure]:
        if exchange.status != 400 or b'"DUPLICATES_DETECTED"' not in exchange.answer:
            return  # no recording shows whether rows of a collection name their matches
        version = int(exchange.path.split("/")[3][1:3])
        recorded = self._newer if version >= 60 else self._older if version <= 56 else None
        if recorded is not None:
            for key in recorded ^ set(_keys(parsed(exchange.answer))):
                what = "lacks a recorded key" if key in recorded else "is no recorded key"
                yield Departure("salesforce", operation, "answer", exchange.status, key, what)


def _records(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, list):
        for each in node:
            yield from _records(each)
    elif isinstance(node, dict):
        if isinstance(node.get("attributes"), dict) and "type" in node["attributes"]:
            yield node
        for inner in node.values():
            yield from _records(inner)


def _keys(node: Any, path: str = "$") -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _keys(each, f"{path}[*]")
    elif isinstance(node, dict):
        for key, inner in node.items():
            yield f"{path}.{key}"
            yield from _keys(inner, f"{path}.{key}")
