"""Asks the GraphQL service: an answer is taken only whole, and an error beside data is an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncline.connectors.base import Clock
from syncline.connectors.http import Budget, HttpClient, Ledger, Limits, Reply, server_time
from syncline.core.budget import Window
from syncline.core.errors import AccessError, ProtocolError

PATH = "/query"
HEADER = "X-CUSTOMER-OS-API-KEY"
LIMITS = Limits((Window("minute", timedelta(minutes=1), shared=True, limit=1_000),))
"""As documented; the service tells nothing of it in headers."""
ATTEMPTS = 3
_NO_ACCESS = frozenset({"FORBIDDEN", "UNAUTHENTICATED", "ACCESS_DENIED"})
Data = Mapping[str, Any]


class QueryRefusedError(ProtocolError):
    """The service does not understand a query: its schema lacks what is asked for."""


class CustomerOSClient:
    """The service of one tenant. `server_time` is what its clock said last, where it says so."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        clock: Clock,
        timeout: float,
        max_wait: float = 60.0,
        ledger: Ledger | None = None,
    ) -> None:
        self._clock = clock
        self.server_time: datetime | None = None
        self._http = HttpClient(
            base_url,
            clock=clock,
            budget=Budget(ledger, LIMITS, max_wait=max_wait),
            headers=lambda: {HEADER: api_key},
            timeout=timeout,
            max_wait=max_wait,
            secrets=(api_key,),
        )

    @property
    def calls(self) -> Mapping[str, int]:
        """Calls so far, by method and operation."""
        return self._http.calls

    def query(self, operation: str, text: str, variables: Mapping[str, Any] | None = None) -> Data:
        """What an operation answers, whole. An answer with errors is asked for again, then raised."""
        asked = {"operationName": operation, "query": text, "variables": dict(variables or {})}
        attempt = 1
        while True:
            reply = self._http.request(
                "POST", PATH, endpoint=f"{PATH} {operation}", repeatable=True, json=asked
            )
            errors = _errors(reply)
            if not errors and reply.status < 400:
                self.server_time = server_time(reply.headers)
                return self._data(operation, reply)
            if attempt >= ATTEMPTS or reply.status >= 400:
                raise self._refused(operation, reply, errors)
            self._clock.sleep(attempt)
            attempt += 1

    def close(self) -> None:
        """Let go of sockets."""
        self._http.close()

    def _data(self, operation: str, reply: Reply) -> Data:
        data = reply.data.get("data") if isinstance(reply.data, dict) else None
        if not isinstance(data, dict):
            raise ProtocolError(f"The answer of CustomerOS to {operation} brings no data.")
        return data

    def _refused(
        self, operation: str, reply: Reply, errors: list[Mapping[str, Any]]
    ) -> AccessError | ProtocolError:
        said = self._http.redact("; ".join(str(each.get("message", "")) for each in errors[:3]))
        codes = {str((each.get("extensions") or {}).get("code", "")) for each in errors if _is_plain(each)}
        told = f": {said}" if said else ""
        if reply.status == 403 or codes & _NO_ACCESS:
            return AccessError(f"CustomerOS does not allow {operation} with this key{told}.")
        if reply.status in {400, 422} or "GRAPHQL_VALIDATION_FAILED" in codes:
            return QueryRefusedError(
                f"CustomerOS does not understand {operation} (HTTP {reply.status}){told}."
            )
        beside = " beside data" if isinstance(reply.data, dict) and reply.data.get("data") else ""
        return ProtocolError(
            f"CustomerOS answers {operation} with errors{beside} (HTTP {reply.status}){told}.",
            hint="Nothing of this answer was used. Run again later; if it stays, tell the vendor what it says.",
        )


def _errors(reply: Reply) -> list[Mapping[str, Any]]:
    """The errors an answer brings; what has the wrong form is one too."""
    if not isinstance(reply.data, dict):
        return [{"message": "the answer is no object"}]
    errors = reply.data.get("errors")
    if errors is None or errors == []:
        return []
    return [e if isinstance(e, dict) else {} for e in errors] if isinstance(errors, list) else [{}]


def _is_plain(error: Mapping[str, Any]) -> bool:
    return isinstance(error.get("extensions") or {}, dict)
