"""The Salesforce sandbox in its own process, with a client that is signed in to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx2

from syncline.testing.sandboxes import RunningSandbox, start_sandbox

VERSION = "v60.0"


class SalesforceOrg:
    """Direct HTTP to a running sandbox; paths are relative to one version of the API."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx2.Client(base_url=sandbox.base_url, timeout=30)
        self._numbers = count(1)
        self.sign_in()

    def sign_in(self) -> None:
        """Take a new token by client credentials."""
        held = self.sandbox.credentials
        form = {"grant_type": "client_credentials"}
        form |= {"client_id": held["client_id"], "client_secret": held["client_secret"]}
        reply = self.http.post("/services/oauth2/token", data=form)
        self.http.headers["authorization"] = f"Bearer {reply.json()['access_token']}"

    def call(
        self,
        method: str,
        path: str,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
        version: str = VERSION,
        **params: str,
    ) -> httpx2.Response:
        """One call; the body goes as JSON."""
        url = f"/services/data/{version}/{path}"
        return self.http.request(method, url, json=body, headers=headers, params=params)

    def create(self, object_: str, **fields: Any) -> str:
        """The id of a new record that must be accepted."""
        reply = self.call("POST", f"sobjects/{object_}", fields)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def get(self, object_: str, id_: str) -> dict[str, Any]:
        """A whole record."""
        reply = self.call("GET", f"sobjects/{object_}/{id_}")
        assert reply.status_code == 200, reply.text
        record: dict[str, Any] = reply.json()
        return record

    def query(self, text: str, resource: str = "query", **headers: str) -> dict[str, Any]:
        """The reply to a query that must be accepted."""
        reply = self.call("GET", resource, headers=headers, q=text)
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    def control(self, route: str, /, **wish: Any) -> Any:
        """What a control route answers to a wish."""
        return self.sandbox.control("POST", route, wish)

    def email(self) -> str:
        """An address nobody has had."""
        return f"person{next(self._numbers)}@unique.test"


@contextmanager
def open_org(dataset: str = "empty", state: str | None = None) -> Iterator[SalesforceOrg]:
    """A sandbox for the time of a with block."""
    with start_sandbox("salesforce", dataset=dataset, state=state) as sandbox:
        org = SalesforceOrg(sandbox)
        try:
            yield org
        finally:
            org.http.close()


def refusal(reply: httpx2.Response) -> tuple[int, str, str, list[str] | None]:
    """Status, code, message and fields of the first problem of a refused call."""
    problem = reply.json()[0]
    return reply.status_code, problem["errorCode"], problem["message"], problem.get("fields")
