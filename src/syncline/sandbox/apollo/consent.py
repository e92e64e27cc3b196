"""The consent of a user: the pages behind Apollo's hash route, the answer, and the way back to the app.

No one signs in to the stand-in, so the page asks who is there.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from syncline.sandbox.apollo import consent_pages as pages
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.oauth import OAuth
from syncline.sandbox.apollo.tokens import Tokens
from syncline.sandbox.apollo.workspace import USERS, Workspace
from syncline.sandbox.state import Document

HASH_PAGE, PLAIN_PAGE = "/", "/oauth/authorize"
_PENDING = "_oauth_pending"
_PENDING_SECONDS = 900
_LONGEST = 4_096
DENIED = "The user did not authorize the application."


class Consent:
    """Asks a user whether the app may act for them, and sends them back with the answer."""

    def __init__(self, workspace: Workspace, oauth: OAuth, tokens: Tokens, doubts: Doubts) -> None:
        self._workspace = workspace
        self._oauth = oauth
        self._tokens = tokens
        self._doubts = doubts

    async def hash_page(self, _request: Request) -> Response:
        """The page that every hash route of the vendor's site is on: a script reads which one is meant."""
        return pages.hash_page(PLAIN_PAGE)

    async def ask(self, request: Request) -> Response:
        """The question, or why it cannot be asked; then nobody is sent anywhere."""
        asked = dict(parse_qsl(request.url.query, keep_blank_values=True))
        try:
            wish = self._wish(asked)
        except ValueError as error:
            return pages.refusal(str(error))
        with self._workspace.state.transaction():
            ticket = self._keep(wish)
        return pages.question(PLAIN_PAGE, ticket, wish, self._users())

    async def answer(self, request: Request) -> Response:
        """Back to the app with a code, or with the refusal in the vendor's own words."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        try:
            with self._workspace.state.transaction():
                wish, told = self._answered(form)
        except ValueError as error:
            return pages.refusal(str(error))
        kept = wish["state"] is not None and ("code" in told or self._doubts["denial_keeps_state"])
        address = wish["redirect_uri"]
        parameters = urlencode({**told, **({"state": wish["state"]} if kept else {})})
        return RedirectResponse(
            f"{address}{'&' if '?' in address else '?'}{parameters}", 302, {"cache-control": "no-store"}
        )

    def _wish(self, asked: Mapping[str, str]) -> Document:
        if any(len(value) > _LONGEST for value in asked.values()):
            raise ValueError("a parameter is too long")
        if not self._oauth.is_client(asked.get("client_id", "")):
            raise ValueError("the client_id is not known")
        redirect_uri = self._oauth.redirect_uri(asked.get("redirect_uri", ""))
        if asked.get("response_type") != "code":
            raise ValueError("the response_type must be code")
        scopes = self._oauth.grant(None, asked.get("scope", "").split() or None).scopes
        return {"redirect_uri": redirect_uri, "scopes": list(scopes), "state": asked.get("state")}

    def _answered(self, form: Mapping[str, str]) -> tuple[Document, dict[str, str]]:
        """What was asked, and what the app is told; an answer counts once."""
        decision, ticket = form.get("decision"), form.get("ticket", "")
        wish = self._workspace.state.get(_PENDING, ticket)
        if wish is None or wish["ends"] <= self._now():
            raise ValueError("this page was answered before, or is too old")
        if decision not in {"allow", "deny"}:
            raise ValueError("answer with Allow or Deny")
        grant = self._oauth.grant(form.get("user"), wish["scopes"])
        self._workspace.state.delete(_PENDING, ticket)
        if decision == "deny":
            return wish, {"status_code": "403", "error_message": DENIED}
        return wish, {"code": self._tokens.new_code(grant, wish["redirect_uri"])}

    def _keep(self, wish: Document) -> str:
        ticket = secrets.token_urlsafe(32)
        self._workspace.state.put(_PENDING, ticket, {**wish, "ends": self._now() + _PENDING_SECONDS})
        return ticket

    def _users(self) -> list[Mapping[str, Any]]:
        return [user for user in self._workspace.state.all(USERS) if not user["deleted"]]

    def _now(self) -> float:
        return self._workspace.clock.now().timestamp()
