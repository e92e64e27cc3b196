"""What OAuth endpoints are sent, read strictly, and what they refuse it with."""

from __future__ import annotations

from urllib.parse import parse_qsl

from syncline.sandbox.salesforce.api import Call, Reply

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS, LONGEST_VALUE = 100, 16_384
UNCACHED = {"cache-control": "no-store", "pragma": "no-cache"}


class OAuthError(Exception):
    """A refused request; OAuth bodies are objects, unlike those of the REST API."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description

    @property
    def reply(self) -> Reply:
        """The refusal as the token endpoint words it."""
        return Reply(400, {"error": self.error, "error_description": self.description}, UNCACHED)


def read_form(call: Call) -> dict[str, str]:
    """The fields of a posted form."""
    kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != FORM:
        raise OAuthError("invalid_request", f"the content type must be {FORM}")
    try:
        return read_parameters(call.body.decode())
    except UnicodeDecodeError as error:
        raise _unreadable() from error


def read_parameters(text: str) -> dict[str, str]:
    """The parameters of a form or an address, each of which may stand there once."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise _unreadable() from error
    except ValueError as error:
        raise OAuthError("invalid_request", "there are too many parameters") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise OAuthError("invalid_request", "a parameter is given twice")
        if len(value) > LONGEST_VALUE:
            raise OAuthError("invalid_request", "a parameter is too long")
        found[name] = value
    return found


def demand(form: dict[str, str], name: str) -> str:
    """A parameter that must be there."""
    if not form.get(name):
        raise OAuthError("invalid_request", f"{name} is missing")
    return form[name]


def _unreadable() -> OAuthError:
    return OAuthError("invalid_request", "the parameters are not UTF-8")
