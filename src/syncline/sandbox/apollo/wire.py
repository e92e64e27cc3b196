"""What goes over the wire: parameters as the vendor's framework reads them, errors and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from syncline.sandbox.state import Document

UNAUTHORISED = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."
UPGRADE = "Please upgrade your plan from https://app.apollo.io/#/settings/plans/upgrade."


class ApiError(Exception):
    """An answer other than 200. A text body is sent as text/plain, any other as JSON."""

    def __init__(self, status: int, body: str | Document, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def refused(text: str, **more: object) -> ApiError:
    """A 422 with the vendor's plain error text."""
    return ApiError(422, {"error": text, **more})


def bad_id(value: object) -> ApiError:
    """The 422 for an id that is malformed or belongs to nothing."""
    return refused(f"Parameters misconfigured. {value} is not a valid ID")


def missing(name: str) -> ApiError:
    """The 422 for a required parameter that was not sent."""
    return refused(f"Required parameter '{name}' missing")


@dataclass(frozen=True)
class Call:
    """One authorised request: path, query and body parameters in one mapping, and who is acting."""

    params: Document
    user_id: str

    def text(self, name: str) -> str | None:
        """A parameter as text, or None when it is absent or empty."""
        value = self.params.get(name)
        return str(value) if isinstance(value, (str, int)) and value != "" else None

    def flag(self, name: str) -> bool:
        """A parameter as yes or no; the text "true" counts."""
        return str(self.params.get(name)).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """A parameter as a whole number, or the default when it is none."""
        try:
            return int(self.params.get(name, default))
        except (TypeError, ValueError):
            return default

    def ids(self, name: str) -> list[str]:
        """A list parameter; a single value counts as a list of one."""
        value = self.params.get(name)
        if value is None or value == "":
            return []
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    def objects(self, name: str) -> list[Document] | None:
        """A parameter that must be a list of objects, or None when it is not."""
        sent = self.params.get(name)
        if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
            return None
        return sent


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Operation:
    """One operation of the API.

    `scope` is its internal name, which keys are given; `named` is how the 429 text calls it;
    `paid` operations answer 403 on the free plan; `open` ones need neither a key nor a limit.
    """

    method: str
    path: str
    scope: str
    handler: Handler = field(repr=False)
    named: str = ""
    paid: bool = False
    open: bool = False

    @property
    def shown_name(self) -> str:
        return self.named or f"api/v1{self.path}"


def read_params(path: Mapping[str, Any], query: str, content_type: str, body: bytes) -> Document:
    """Query, body and path parameters together; the later of these wins."""
    params = _pairs(query)
    if "application/x-www-form-urlencoded" in content_type:
        params.update(_pairs(body.decode("utf-8", "replace")))
    elif body.strip():
        params.update(_json_object(body))
    params.update(path)
    return params


def json_response(status: int, body: object, headers: Mapping[str, str]) -> Response:
    """A JSON answer."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        headers=dict(headers),
        media_type="application/json; charset=utf-8",
    )


def error_response(error: ApiError) -> Response:
    """The answer an error stands for."""
    if isinstance(error.body, str):
        return Response(error.body, error.status, error.headers, "text/plain; charset=utf-8")
    return json_response(error.status, error.body, error.headers)


def _pairs(text: str) -> Document:
    params: Document = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.endswith("[]"):
            params.setdefault(name[:-2], []).append(value)
        else:
            params[name] = value
    return params


def _json_object(body: bytes) -> Document:
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, {"status": 400, "error": "Bad Request"}) from error
    return parsed if isinstance(parsed, dict) else {}
