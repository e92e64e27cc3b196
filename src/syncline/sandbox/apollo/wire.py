"""What goes over the wire: parameters as the vendor's framework reads them, errors and answers."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from syncline.sandbox.state import Document

UNAUTHORISED = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."
_OBJECT_ID = re.compile("[0-9a-f]{24}", re.IGNORECASE)
DEEPEST = 100  # lists and objects inside one another, as the vendor's framework counts them
_CALLS = "{name} is {limit} times per {window}."
_PLANS = "https://app.apollo.io/#/settings/plans/upgrade."
# The text of a 429, and the one that calls on fields have instead.
TOO_MANY = f"The maximum number of api calls allowed for {_CALLS} Please upgrade your plan from {_PLANS}"
TOO_MANY_FIELDS = (
    f"The maximum number of API calls allowed for {_CALLS} "
    f"To change your rate limit, upgrade your Apollo plan at {_PLANS}"
)


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


def is_object_id(value: str) -> bool:
    """Whether an id has the form the vendor's have: 24 hexadecimal digits."""
    return _OBJECT_ID.fullmatch(value) is not None


def missing(name: str) -> ApiError:
    """The 422 for a required parameter that was not sent."""
    return refused(f"Required parameter '{name}' missing")


@dataclass(frozen=True)
class Call:
    """One authorised request: path, query and body parameters in one mapping, and who is acting."""

    params: Document
    user_id: str

    def text(self, name: str) -> str | None:
        """A parameter as text, or None when it is absent, empty or structured."""
        value = self.params.get(name)
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
            return None
        return str(value)

    def flag(self, name: str) -> bool:
        """A parameter as yes or no; the text "true" counts."""
        return str(self.params.get(name)).lower() in {"true", "1"}

    def number(self, name: str, default: int) -> int:
        """A parameter as a whole number, or the default when it is none."""
        try:
            return int(self.params.get(name, default))
        except (TypeError, ValueError, OverflowError):
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

    `scope` is its internal name, which keys are given; `token_scope` is the scope of OAuth, None where no
    token is let through; `too_many` is the text of its 429, where it is called `named`; `paid` operations answer
    403 on the free plan, `master` ones to every key but a master key; `open` ones need neither a key nor a limit.
    """

    method: str
    path: str
    scope: str
    token_scope: str | None
    handler: Handler = field(repr=False)
    named: str = ""
    too_many: str = TOO_MANY
    paid: bool = False
    master: bool = False
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
        if not name.endswith("[]"):
            params[name] = value
        elif isinstance(listed := params.setdefault(name[:-2], []), list):
            listed.append(value)
        else:  # the same name was a single value before
            raise _bad_request()
    return params


def _json_object(body: bytes) -> Document:
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _bad_request() from error
    if _depth_exceeds(parsed, DEEPEST):
        raise _bad_request()
    return parsed if isinstance(parsed, dict) else {}


def _depth_exceeds(value: object, most: int) -> bool:
    """Whether lists and objects lie in one another more than that many times."""
    level: list[object] = [value]
    for _ in range(most + 1):
        level = [inner for one in level if isinstance(one, (dict, list)) for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def _bad_request() -> ApiError:
    return ApiError(400, {"status": 400, "error": "Bad Request"})
