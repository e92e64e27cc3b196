"""Answers in words: whatever goes wrong is told as the commands tell it, a code, a message and a cure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

from syncline.core.errors import (
    AccessError,
    AuthError,
    ConfigError,
    NotFoundError,
    NudgesFullError,
    PlanError,
    RecordError,
    SynclineError,
    UnknownNameError,
)
from syncline.service.redact import REDACTOR

WORDS: Mapping[int, tuple[str, str, str]] = {
    400: (
        "http-bad-request",
        "the request cannot be understood",
        "Send HTTP as the page of the API shows it.",
    ),
    401: (
        "http-unauthorised",
        "the token is missing or wrong",
        "Send the header `Authorization: Bearer TOKEN`.",
    ),
    403: ("http-forbidden", "this may not be asked here", "See the page of the API."),
    404: ("http-not-found", "there is nothing at this address", "See /api/openapi.json for what there is."),
    405: ("http-method", "this address does not take that method", "The header Allow names those it takes."),
    408: ("http-slow", "the request took too long to arrive", "Send it faster, or less at a time."),
    413: ("http-too-large", "the request is larger than is taken", "Send less at a time."),
    422: ("http-malformed", "a value is not as the API wants it", "Send what /api/openapi.json shows."),
    500: ("internal", "something went wrong that nobody foresaw", "Look at the log of `syncline serve`."),
}
"""Code, message and cure by status."""
_OTHERS = ("http-refused", "the request was refused", "See the page of the API.")
_STATUSES: Mapping[type[SynclineError], int] = {
    UnknownNameError: 404,
    NotFoundError: 404,
    ConfigError: 400,
    RecordError: 400,
    AuthError: 502,
    AccessError: 502,
    NudgesFullError: 429,
    PlanError: 409,
}


def told(code: str, message: str, cure: str) -> dict[str, dict[str, str]]:
    """An error as JSON tells it, without a secret."""
    words = {"code": code, "message": message, "cure": cure}
    return {"error": {name: REDACTOR.secrets(text) for name, text in words.items()}}


def body_of(status: int) -> bytes:
    """The body of an answer that says no more than its status."""
    return json.dumps(told(*WORDS.get(status, _OTHERS))).encode()


def refusal(status: int, message: str | None = None, cure: str | None = None) -> JsonResponse:
    """An answer with that status, in words of its own or the usual ones."""
    code, usual, usual_cure = WORDS.get(status, _OTHERS)
    return JsonResponse(told(code, message or usual, cure or usual_cure), status=status)


def failure(error: SynclineError) -> JsonResponse:
    """The answer where what was asked for failed; 503 where it may work later."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 503)
    return JsonResponse(told(error.code, error.message, error.cure), status=status)


class InWords:
    """Answers of Django itself, of which pages for people would be no use to a program."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._get_response(request)
        if answer.status_code < 400 or "json" in answer.headers.get("Content-Type", ""):
            return answer
        made = refusal(answer.status_code)
        if "Allow" in answer.headers:
            made.headers["Allow"] = answer.headers["Allow"]
        return made

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """What a view raised: our own errors in their words, all others by name only, and whole in the log."""
        if isinstance(error, SynclineError):
            return failure(error)
        structlog.get_logger().error("failed", path=request.path, exc_info=error)
        return refusal(500)
