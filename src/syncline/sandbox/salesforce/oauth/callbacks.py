"""Where an app may have its users sent back to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from syncline.sandbox.salesforce.apps import ConnectedApp

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_callback(app: ConnectedApp, address: str) -> bool:
    """Whether an address belongs to an app: one of those it has registered, to the letter.

    Addresses of this machine count as registered whatever their port and path: whoever tries the stand-in
    has a server on some free port, and the real service would want that port registered.
    """
    return _is_plain(address) and (address in app.callbacks or _is_loopback(address))


def with_parameters(address: str, parameters: Mapping[str, str]) -> str:
    """The address with parameters added to those it has."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _is_plain(address: str) -> bool:
    """Only signs that cannot end a header or be read in two ways."""
    visible = address.isascii() and address.isprintable()
    return visible and not any(sign in address for sign in ' "#<>\\^`{|}')


def _is_loopback(address: str) -> bool:
    try:
        parts = urlsplit(address)
        usable = parts.port != 0
    except ValueError:
        return False
    return usable and parts.scheme == "http" and parts.hostname in LOOPBACK and "@" not in parts.netloc
