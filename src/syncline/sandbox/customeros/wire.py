"""How the service speaks: errors as GraphQL has them, with the status that belongs to each."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

JSON = "application/json"


class Refusal(Exception):  # noqa: N818 - it is an answer of the vendor's, not a failure of ours
    """A request that is not carried out: the status and the sentence of its answer."""

    def __init__(self, status: int, message: str, code: str | None = None, key: str = "message") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.key = key

    def response(self) -> Response:
        """The answer."""
        error: dict[str, Any] = {self.key: str(self)}
        if self.code:
            error["extensions"] = {"code": self.code}
        body: dict[str, Any] = {"errors": [error]}
        if self.status not in {401, 429}:
            body["data"] = None
        return answer(self.status, body)


def answer(status: int, body: Mapping[str, Any]) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body).encode(), status_code=status, media_type=JSON)
