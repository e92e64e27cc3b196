"""The two pages a user meets: the question whether an app may act for them, and why it cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from syncline.sandbox.consent_page import REMEDY, framed, headers
from syncline.sandbox.salesforce.api import Reply
from syncline.sandbox.salesforce.consents import Pending
from syncline.sandbox.salesforce.oauth.forms import UNCACHED, OAuthError
from syncline.sandbox.salesforce.tables import Document

_HEADERS = {"content-type": "text/html;charset=UTF-8", **headers(), **UNCACHED}

_QUESTION = """<p>The app <code>{client}</code> asks for access to this organisation.
It will be told at <strong>{home}</strong>.</p>
<p>It asks for:</p>
<ul>
{scopes}
</ul>
<form method="post" action="/services/oauth2/authorize">
<input type="hidden" name="request" value="{request}">
<input type="hidden" name="token" value="{token}">
<label for="user">Who is answering?</label>
<select id="user" name="user">
{users}
</select>
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
<p>This is a stand-in of Salesforce with invented data: it asks for no password.</p>"""


def consent(pending: Pending, users: Iterable[Document]) -> Reply:
    """The question, with the active users to choose from."""
    wish = pending.wish
    content = _QUESTION.format(
        client=escape(wish.client),
        home=escape(urlsplit(wish.redirect_uri).netloc),
        scopes="\n".join(f"<li><code>{escape(scope)}</code></li>" for scope in wish.scope.split()),
        request=escape(pending.id),
        token=escape(pending.token),
        users="\n".join(_option(user, wish.login_hint) for user in users),
    )
    return Reply(200, framed("Allow access?", content), _HEADERS)


def refusal(error: OAuthError) -> Reply:
    """Why there is nothing to answer; nobody is sent anywhere."""
    content = f"<p><code>{escape(error.error)}</code>: {escape(error.description)}</p>\n<p>{REMEDY}</p>"
    return Reply(400, framed("This cannot be allowed", content), _HEADERS)


def _option(user: Document, hint: str | None) -> str:
    name = str(user.get("Username", ""))
    chosen = " selected" if hint is not None and name.lower() == hint.lower() else ""
    shown = escape(f"{user.get('Name', '')} ({name})")
    return f'<option value="{escape(str(user["Id"]))}"{chosen}>{shown}</option>'
