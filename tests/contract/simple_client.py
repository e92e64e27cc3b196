"""simple-salesforce, a client the sandbox's makers did not write, on its way to a running sandbox."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce, SFType

from syncline.testing.sandboxes import RunningSandbox

MY_DOMAIN = "syncline.my"


class ToSandbox(HTTPAdapter):
    """Sends what the client addresses to https, whatever the host, to the sandbox instead."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **kwargs)


def sign_in(sandbox: RunningSandbox, session: requests.Session) -> Salesforce:
    """The client, signed in by client credentials over a session that leads to the sandbox."""
    return Salesforce(
        consumer_key=sandbox.credentials["client_id"],
        consumer_secret=sandbox.credentials["client_secret"],
        domain=MY_DOMAIN,
        version="60.0",
        session=session,
    )


def object_of(client: Salesforce, name: str) -> SFType:
    """The client's handle on one object."""
    made = getattr(client, name)
    assert isinstance(made, SFType)
    return made
