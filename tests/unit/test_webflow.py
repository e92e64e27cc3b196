"""Where people are sent, for each system, and what is done with what they bring back."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from syncline.connectors.base import Token
from syncline.connectors.oauth import ask, exchange, revoke
from syncline.connectors.registry import web_flow
from syncline.core.errors import AuthError, ConfigError, MissingSettingError, UnavailableError
from tests.unit.scripted_server import Answer, ScriptedServer, StillClock

APP = {"client_id": "app", "client_secret": "s3cret-of-app"}
BACK = "http://127.0.0.1:8765/oauth/callback"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def settings(system: str, **more: Any) -> dict[str, Any]:
    return {"system": system, "credentials": APP, "sign_in": "oauth", **more}


def test_apollo_asks_on_a_hash_route_of_its_site_and_knows_no_challenge() -> None:
    question = ask(web_flow(settings("apollo")), BACK)
    parts = urlsplit(question.url)
    assert (parts.netloc, parts.path, parts.query) == ("app.apollo.io", "/", "")
    route, _, query = parts.fragment.partition("?")
    assert route == "/oauth/authorize"
    assert parse_qs(query).keys() == {"response_type", "client_id", "redirect_uri", "state"}
    assert question.verifier is None
    assert web_flow(settings("apollo")).base_url == "https://app.apollo.io"


def test_salesforce_asks_at_the_organisation_with_a_challenge_of_its_own_each_time() -> None:
    flow = web_flow(settings("salesforce", base_url="https://crm.example.com"))
    first, second = ask(flow, BACK), ask(flow, BACK)
    assert first.url.startswith("https://crm.example.com/services/oauth2/authorize?")
    told = {name: values[0] for name, values in parse_qs(urlsplit(first.url).query).items()}
    assert first.verifier
    digest = hashlib.sha256(first.verifier.encode()).digest()
    assert told["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert told["code_challenge_method"] == "S256"
    assert told["scope"] == "api id refresh_token"
    assert len(first.verifier) >= 43
    assert (first.state, first.verifier) != (second.state, second.verifier)


def test_other_scopes_can_be_asked_for() -> None:
    flow = web_flow(settings("apollo", options={"scope": "contact_read account_read"}))
    assert "scope=contact_read+account_read" in ask(flow, BACK).url


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"credentials": {"client_id": "app"}}, MissingSettingError),
        ({"credentials": {"api_key": "k"}}, MissingSettingError),
        ({"system": "salesforce"}, MissingSettingError),
        ({"system": "customeros"}, ConfigError),
    ],
)
def test_what_is_missing_is_named_before_anybody_is_asked(
    wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        web_flow({**settings("apollo"), **wrong})


@pytest.mark.parametrize("how", ["reset", "cut"])
def test_a_code_is_sent_once_even_if_the_answer_is_lost(server: ScriptedServer, how: str) -> None:
    server.respond = lambda _request: Answer(body={"access_token": "token"}, how=how)
    flow = web_flow(settings("salesforce", base_url=server.url))
    with pytest.raises(UnavailableError):
        exchange(flow, ask(flow, BACK), "the-code", StillClock())
    assert len(server.requests) == 1


def test_what_a_system_repeats_of_a_request_is_hidden(server: ScriptedServer) -> None:
    server.respond = lambda request: Answer(
        400, {"error": "invalid_request", "error_description": request.body.decode().replace("&", " ")}
    )
    flow = web_flow(settings("salesforce", base_url=server.url))
    question = ask(flow, BACK)
    with pytest.raises(AuthError) as caught:
        exchange(flow, question, "the-code-itself", StillClock())
    told = f"{caught.value!r} {caught.value.context}"
    assert question.verifier
    assert not [each for each in ("the-code-itself", "s3cret-of-app", question.verifier) if each in told]


def test_a_revocation_names_the_token_the_others_came_from(server: ScriptedServer) -> None:
    flow = web_flow(settings("salesforce", base_url=server.url))
    assert revoke(flow, Token("access", refresh_token="refresh"), StillClock())
    (request,) = server.requests
    assert (request.path, request.body) == ("/services/oauth2/revoke", b"token=refresh")
    server.respond = lambda _request: Answer(400, {"error": "invalid_token"})
    assert not revoke(flow, Token("access"), StillClock())


def test_apollo_has_no_call_that_ends_a_token(server: ScriptedServer) -> None:
    assert not revoke(web_flow(settings("apollo", base_url=server.url)), Token("access"), StillClock())
    assert server.requests == []
