"""Calls of the list: through a recording proxy, with the status that each must get."""

from collections.abc import Mapping
from typing import Any

import httpx2

from tests.specs.proxy import LISTED, WRONG, RecordingProxy


class UnexpectedAnswerError(AssertionError):
    """A call of the list was not answered as it says; the message shows the call and the answer."""


class Caller:
    """Calls one system, signed in by `headers` unless a call says otherwise."""

    def __init__(self, proxy: RecordingProxy, headers: Mapping[str, str] | None = None) -> None:
        self.proxy = proxy
        self.headers = dict(headers or {})
        self._http = httpx2.Client(base_url=proxy.origin, timeout=60)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def control(self, path: str, **wish: Any) -> Any:
        """Turn a switch of the sandbox."""
        return self.proxy.sandbox.control("POST", path, wish)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        expect: int | None = 200,
        wrong: bool = False,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx2.Response:
        """The answer, of any form; `wrong` says that the request is wrong on purpose."""
        sent = {LISTED: "yes", **(self.headers if headers is None else headers)}
        if wrong:
            sent[WRONG] = "yes"
        more = {**more, "json": body} if body is not None else more
        reply = self._http.request(method, path, headers=sent, **more)
        if expect is not None and reply.status_code != expect:
            told = f"{reply.status_code} and not {expect}: {reply.text[:400]}"
            raise UnexpectedAnswerError(f"{self.proxy.sandbox.system} {method} {path} answered {told}")
        return reply

    def ask(self, method: str, path: str, body: object = None, **how: Any) -> Any:
        """The JSON of an answer, or None when it has none."""
        reply = self.send(method, path, body, **how)
        return reply.json() if "json" in reply.headers.get("content-type", "") and reply.content else None
