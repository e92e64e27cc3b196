"""Posting a message over HTTP: no redirect is followed, and no receiver is waited for long."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from syncline.connectors.http.address import check_base_url, is_loopback
from syncline.core.errors import ConfigError

SECONDS = 10.0
"""How long one step of a call may take, and the whole of it twice that."""
_MOST_READ = 64_000


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> str | None:
    """Send it; why that failed, in words that hold neither the address nor what the receiver said."""
    base, _, query = url.strip().partition("?")
    try:
        check_base_url(base)
    except ConfigError as error:
        return error.message
    if "#" in query:
        return "The address holds a fragment."
    try:
        status = _status(url.strip(), body, headers, seconds)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return _cause(error)
    if 200 <= status < 300:
        return None
    return f"It answered HTTP {status}" + (
        ", and redirects are not followed." if 300 <= status < 400 else "."
    )


def _status(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
    """The status of the answer, once all of it came: only then is it certain that it was taken."""
    deadline, read = time.monotonic() + 2 * seconds, 0
    here = is_loopback(urlsplit(url).hostname or "")
    verify = not url.startswith("http:")
    with (
        # A proxy named in the environment is for the world outside, not for a receiver on this machine.
        httpx2.Client(timeout=seconds, follow_redirects=False, trust_env=not here, verify=verify) as client,
        client.stream("POST", url, content=body, headers=dict(headers)) as answer,
    ):
        for chunk in answer.iter_raw():
            read += len(chunk)
            if read > _MOST_READ:
                break
            if time.monotonic() > deadline:
                raise httpx2.ReadTimeout("the answer takes too long")
        return answer.status_code


def _cause(error: Exception) -> str:
    """Why a call failed; the library's own words may quote the address."""
    if "CERTIFICATE" in str(error):
        return "Its certificate is not valid."
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError | httpx2.ProxyError):
        return "It cannot be reached."
    if isinstance(error, httpx2.TimeoutException):
        return "It did not answer in time."
    if isinstance(error, httpx2.InvalidURL):
        return "Its address cannot be used."
    return "It broke the connection off."
