"""A browser without scripts for the consent pages of the sandboxes, and an app that sends users to Salesforce's."""

import base64
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.contract.salesforce_org import SalesforceOrg

CALLBACK = "http://127.0.0.1:8717/back"
VERIFIER = "a-verifier-of-more-than-forty-three-signs-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class ConsentPage(HTMLParser):
    """The form on a page: where it goes, its hidden fields, its buttons, the users one can be."""

    def __init__(self, reply: httpx2.Response) -> None:
        super().__init__()
        self.reply = reply
        self.form: dict[str, str | None] = {}
        self.hidden: dict[str, str] = {}
        self.buttons: list[dict[str, str | None]] = []
        self.users: list[str] = []
        self.chosen: str | None = None
        self.tags: list[str] = []
        self.feed(reply.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "form":
            self.form = found
        elif tag == "input":
            self.hidden[str(found["name"])] = str(found["value"])
        elif tag == "button":
            self.buttons.append(found)
        elif tag == "option":
            self.users.append(str(found["value"]))
            if "selected" in found or self.chosen is None:
                self.chosen = str(found["value"])

    def press(self, value: str, **changed: str) -> httpx2.Response:
        """The answer to a press of a button, with some fields filled otherwise."""
        assert self.form["method"] == "post"
        assert value in [button["value"] for button in self.buttons]
        address = self.reply.url.join(str(self.form["action"]))
        return httpx2.post(address, data={**self.hidden, "user": self.chosen, "decision": value, **changed})


@dataclass
class WebApp:
    """An app that sends its users to the sandbox and takes them back."""

    org: SalesforceOrg
    held: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.held = self.held or {
            name: self.org.sandbox.credentials[name] for name in ("client_id", "client_secret")
        }

    @classmethod
    def another(cls, org: SalesforceOrg, **settings: Any) -> "WebApp":
        """An app of its own, so that what is set for it and granted to it concerns no other test."""
        made = org.control("/connected_app", create=True, **settings)
        return cls(org, {name: made[name] for name in ("client_id", "client_secret")})

    def set(self, **settings: Any) -> dict[str, Any]:
        """Change settings of the app."""
        shown: dict[str, Any] = self.org.control(
            "/connected_app", client_id=self.held["client_id"], **settings
        )
        return shown

    def send_user(self, **changed: str | None) -> httpx2.Response:
        """What the user's browser is shown; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.held["client_id"],
            "redirect_uri": CALLBACK,
            "state": "s&1",
        }
        params = {name: value for name, value in {**asked, **changed}.items() if value is not None}
        return self.org.http.get("/services/oauth2/authorize", params=params)

    def code(self, user: str | None = None, **changed: str | None) -> str:
        """The code that comes back when a user allows."""
        page = ConsentPage(self.send_user(**changed))
        told = parameters(page.press("allow", **({"user": user} if user else {})))
        return told["code"]

    def ask(self, **form: str | None) -> httpx2.Response:
        """A token request with the credentials of the app; None leaves a field out."""
        whole = {name: value for name, value in {**self.held, **form}.items() if value is not None}
        return httpx2.post(f"{self.org.sandbox.base_url}/services/oauth2/token", data=whole)

    def exchange(self, code: str, **changed: str | None) -> httpx2.Response:
        """The answer to a code."""
        return self.ask(
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changed}
        )

    def tokens(self, user: str | None = None, scope: str = "api refresh_token") -> dict[str, str]:
        """The tokens of a new grant."""
        reply = self.exchange(self.code(user, scope=scope))
        assert reply.status_code == 200, reply.text
        found: dict[str, str] = reply.json()
        return found

    def refresh(self, refresh_token: str, **changed: str | None) -> httpx2.Response:
        """The answer to a refresh token."""
        return self.ask(**{"grant_type": "refresh_token", "refresh_token": refresh_token, **changed})

    def works(self, access_token: str) -> bool:
        """Whether an access token opens the API."""
        reply = self.org.call("GET", "limits", headers={"Authorization": f"Bearer {access_token}"})
        assert reply.status_code in {200, 401}
        return reply.status_code == 200


def parameters(reply: httpx2.Response) -> dict[str, str]:
    """What a redirect carries back to the app."""
    assert reply.status_code == 302, reply.text
    address = reply.headers["location"]
    assert address.startswith(CALLBACK)
    return {
        name: values[0] for name, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()
    }


def error_of(reply: httpx2.Response) -> tuple[str, str]:
    """The error of a refused OAuth request, whose body is an object."""
    assert reply.status_code == 400
    assert reply.headers["content-type"].startswith("application/json")
    assert set(reply.json()) == {"error", "error_description"}
    return reply.json()["error"], reply.json()["error_description"]
