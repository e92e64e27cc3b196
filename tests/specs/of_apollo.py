"""A check by what is published of Apollo's rate limits: which answers carry which headers."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.specs.exchange import Exchange
from tests.specs.published import Departure

UNLIMITED = ("/auth/health", "/oauth/authorize", "/oauth/token")
"""How the paths of calls end that are made without a key, so that no limit is theirs."""


class LimitCheck:
    """Answers to calls that were let in carry the headers of all windows, 401 and 403 none, 429 also the wait."""

    def __init__(self, limits: Mapping[str, Any]) -> None:
        headers = limits["headers"]
        self._counted = {name for group in ("limit", "usage", "remaining") for name in headers[group]}
        self._wait = set(headers["backoff"])

    def __call__(self, exchange: Exchange, operation: str) -> Iterator[Departure]:
        if exchange.system != "apollo" or exchange.path == "/" or exchange.path.endswith(UNLIMITED):
            return
        wanted = set() if exchange.status in {401, 403} else self._counted
        wanted = wanted | self._wait if exchange.status == 429 else wanted
        for name in wanted ^ ((self._counted | self._wait) & set(exchange.answer_headers)):
            what = "is missing" if name in wanted else "should not be there"
            yield Departure("apollo", operation, "answer", exchange.status, f"header {name}", what)
