"""Composite: up to 25 calls in one, where a later one may use what an earlier one answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from syncline.sandbox.salesforce.api import Api, Call, Endpoint, Reply, query_of
from syncline.sandbox.salesforce.errors import Problem, refuse
from syncline.sandbox.salesforce.resources import DATA

MAX_CALLS = 25
MAX_READING = 5
_READING = re.compile(r"/services/data/[^/]+/(query|queryAll|composite/sobjects)([/?].*)?", re.DOTALL)
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")


def endpoints(api: Callable[[], Api]) -> list[Endpoint]:
    """The endpoint; it hands each inner call to the whole API, which exists only later."""
    return [Endpoint(f"{DATA}/composite", {"POST": lambda call: carry_out(call, api())})]


def carry_out(call: Call, api: Api) -> Reply:
    """Run the inner calls in order; the reply is 200 whatever they answer."""
    body = call.json_object()
    inner = body.get("compositeRequest")
    if not isinstance(inner, list) or not inner or not all(_readable(each) for each in inner):
        raise refuse("JSON_PARSER_ERROR", "compositeRequest must be a list of requests")
    _demand_few(inner)
    composite = _Composite(call, api)
    if body.get("allOrNone") is not True:
        return _reply([composite.run(each) for each in inner])
    try:
        with call.org.state.transaction():
            return _reply(_all_good(composite, inner))
    except _HaltedError as halted:
        names = [each["referenceId"] for each in inner]
        return _reply(
            [halted.answer if name == halted.answer["referenceId"] else _halted(name) for name in names]
        )


def _demand_few(inner: list[dict[str, Any]]) -> None:
    if len(inner) > MAX_CALLS:
        raise refuse("LIMIT_EXCEEDED", f"The limit of {MAX_CALLS} subrequests in a composite was exceeded")
    if sum(_READING.fullmatch(each["url"]) is not None for each in inner) > MAX_READING:
        message = f"The limit of {MAX_READING} queries and collections in a composite was exceeded"
        raise refuse("LIMIT_EXCEEDED", message)
    names = [each["referenceId"] for each in inner]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise refuse("INVALID_INPUT", f"The referenceId {twice} is there more than once")


def _readable(given: Any) -> bool:
    if not isinstance(given, dict) or not isinstance(given.get("httpHeaders") or {}, dict):
        return False
    return all(isinstance(given.get(key), str) for key in ("method", "url", "referenceId"))


def _reply(answers: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"compositeResponse": answers})


def _all_good(composite: _Composite, inner: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answers = []
    for each in inner:
        answers.append(composite.run(each))
        if _failed(answers[-1]):
            raise _HaltedError(answers[-1])
    return answers


def _failed(answer: dict[str, Any]) -> bool:
    """Whether an inner call failed; a collection that had to undo its own rows counts as failed too."""
    body = answer["body"]
    rows = body if isinstance(body, list) else []
    undone = any(isinstance(each, dict) and each.get("success") is False for each in rows)
    return answer["httpStatusCode"] >= 400 or undone


class _HaltedError(Exception):
    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__()
        self.answer = answer


def _halted(name: str) -> dict[str, Any]:
    message = "The transaction was rolled back since another operation in the same transaction failed."
    return _answer(name, 400, [Problem("PROCESSING_HALTED", message).shown()], {})


@dataclass(slots=True)
class _Composite:
    call: Call
    api: Api
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["referenceId"]
        try:
            filled = self._filled({key: given.get(key) for key in ("url", "body", "httpHeaders")})
        except LookupError as error:
            message = f"Invalid reference specified. No value for {error.args[0]} found"
            answer = _answer(name, 400, [Problem("PROCESSING_HALTED", message).shown()], {})
        else:
            answer = self._run(name, given["method"].upper(), filled)
        self.answers[name] = answer
        return answer

    def _run(self, name: str, method: str, given: dict[str, Any]) -> dict[str, Any]:
        path, _, query = given["url"].partition("?")
        if path.rstrip("/").endswith("/composite"):
            problem = Problem("INVALID_INPUT", "A composite cannot be a subrequest of a composite")
            return _answer(name, 400, [problem.shown()], {})
        headers = {str(key).lower(): str(value) for key, value in (given["httpHeaders"] or {}).items()}
        body = b"" if given["body"] is None else msgspec.json.encode(given["body"])
        inner = replace(
            self.call,
            method=method,
            path=path,
            query=query_of(query),
            headers=headers,
            body=body,
        )
        reply = self.api.inside(inner)
        shown = {name.title(): value for name, value in reply.headers.items()}
        return _answer(name, reply.status, reply.body, shown)

    def _filled(self, given: dict[str, Any]) -> dict[str, Any]:
        text = REFERENCE.sub(self._value, json.dumps(given))
        filled: dict[str, Any] = json.loads(text)
        return filled

    def _value(self, found: re.Match[str]) -> str:
        value: Any = self.answers.get(found[1])
        if value is None or value["httpStatusCode"] >= 400:
            raise LookupError(found[0])
        value = value["body"]
        for step in re.findall(r"\.(\w+)|\[(\d+)\]", found[2]):
            try:
                value = value[step[0]] if step[0] else value[int(step[1])]
            except (KeyError, IndexError, TypeError) as error:
                raise LookupError(found[0]) from error
        if value is None or isinstance(value, dict | list):
            raise LookupError(found[0])
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]


def _answer(name: str, status: int, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    return {"body": body, "httpHeaders": headers, "httpStatusCode": status, "referenceId": name}
