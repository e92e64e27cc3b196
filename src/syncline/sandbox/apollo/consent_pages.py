"""The pages a user meets on the way to a consent, as plain HTML."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from syncline.sandbox.consent_page import REMEDY, framed, headers

_SCRIPT = """
const route = "#/oauth/authorize?";
if (location.hash.startsWith(route)) {
  location.replace(document.body.dataset.plain + "?" + location.hash.slice(route.length));
}
"""
_SCRIPT_DIGEST = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_HEADERS = headers(f"script-src 'sha256-{_SCRIPT_DIGEST}'")
_QUESTION = """<p>An app asks to act for you in this team. It will be told at <strong>{home}</strong>.</p>
<p>It asks for:</p>
<ul>
{scopes}
</ul>
<form method="post" action="{action}">
<input type="hidden" name="ticket" value="{ticket}">
<label for="user">Who is answering?</label>
<select id="user" name="user">
{users}
</select>
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
<p>This is a stand-in of Apollo with invented data: it asks for no password.</p>"""


def hash_page(plain: str) -> HTMLResponse:
    """The page whose script goes on to the plain one with what stands behind the hash."""
    content = (
        f"<p>This page reads the address behind the #.</p>\n<script>{_SCRIPT}</script>\n"
        "<noscript><p>It needs scripts, as the vendor's does.</p></noscript>"
    )
    return _page(200, "Apollo stand-in", content, attributes=f' data-plain="{escape(plain)}"')


def question(
    action: str, ticket: str, wish: Mapping[str, Any], users: Iterable[Mapping[str, Any]]
) -> HTMLResponse:
    """The question, with the active users to choose from."""
    content = _QUESTION.format(
        home=escape(urlsplit(wish["redirect_uri"]).netloc),
        scopes="\n".join(f"<li><code>{escape(scope)}</code></li>" for scope in wish["scopes"]),
        action=escape(action),
        ticket=escape(ticket),
        users="\n".join(_option(user) for user in users),
    )
    return _page(200, "Allow access?", content)


def refusal(why: str) -> HTMLResponse:
    """Why there is nothing to answer."""
    content = f"<p>{escape(why[:300])}</p>\n<p>{REMEDY}</p>"
    return _page(400, "This cannot be allowed", content)


def _page(status: int, title: str, content: str, *, attributes: str = "") -> HTMLResponse:
    return HTMLResponse(framed(title, content, attributes=attributes), status, _HEADERS)


def _option(user: Mapping[str, Any]) -> str:
    name = escape(f"{user.get('name') or user['email']} ({user['email']})")
    return f'<option value="{escape(str(user["id"]))}">{name}</option>'
