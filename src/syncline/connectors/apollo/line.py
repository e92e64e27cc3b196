"""Whether it makes sense to go on writing after calls that went unanswered."""

from __future__ import annotations

from syncline.connectors.apollo.client import ApolloClient
from syncline.core.errors import ProtocolError, RemoteError, UnavailableError

PATIENCE = 2
"""Calls in a row without an answer, after which Apollo is asked whether it is there at all."""


class Line:
    """The connection as one batch of writes meets it.

    As long as nothing was done, what stops the connection is raised; afterwards the outcomes have to be told,
    and the rest is held back: `broken` is the reason. One record that the server chokes on is not enough.
    """

    def __init__(self, client: ApolloClient) -> None:
        self._client = client
        self._touched = False
        self._silent = 0
        self.broken: RemoteError | ProtocolError | None = None

    def answered(self) -> None:
        self._touched = True
        self._silent = 0

    def was_never_sent(self, error: UnavailableError | ProtocolError) -> bool:
        """Take note of a call without an answer; true when it never left, so that nothing came of it."""
        if isinstance(error, UnavailableError) and not error.sent:
            self.stop(error)
            return True
        self._touched = True
        self._silent += 1
        if self._silent >= PATIENCE and not self._is_there():
            self.broken = error
        return False

    def stop(self, error: RemoteError) -> None:
        """The connection cannot go on."""
        if not self._touched:
            raise error
        self.broken = error

    def _is_there(self) -> bool:
        try:
            self._client.get("/auth/health")
        except (RemoteError, ProtocolError):
            return False
        self._silent = 0
        return True
