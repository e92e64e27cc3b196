"""Decides which addresses a connector may be sent to."""

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from syncline.core.errors import ConfigError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_HINT = "Give the https address of the system itself, without user name, password, query or fragment."


def check_base_url(url: str) -> str:
    """The address without its last slash, or `ConfigError`.

    It must be https; http is for loopback hosts, where the sandboxes are. Addresses inside a network are
    refused when given as numbers, so that a settings file cannot point the product at a neighbour; names are
    not resolved.
    """
    parts = _split(url)
    host = (parts.hostname or "").rstrip(".").lower()
    address = _literal(host)
    _check_parts(parts, host)
    if is_loopback(host):
        return url.rstrip("/")
    if parts.scheme != "https":
        raise _refused("it must be https")
    if address is not None and not address.is_global:
        raise _refused(f"{host} is an address inside a network")
    if address is not None and address.is_multicast:
        raise _refused(f"{host} is a multicast address")
    if host in _METADATA_NAMES or host.endswith(".localhost"):
        raise _refused(f"{host} is no system's address")
    if address is None and not _HOST_NAME.fullmatch(host):
        raise _refused("its host name is not valid")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host, as a URL holds it, is this machine."""
    address = _literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _split(url: str) -> SplitResult:
    if url != url.strip() or not url.isprintable() or "\\" in url or " " in url:
        raise _refused("it holds spaces or characters that no address has")
    try:
        parts = urlsplit(url)
        _ = parts.port  # urlsplit reads the port only when it is asked for
    except ValueError:
        raise _refused("it is not an address") from None
    return parts


def _check_parts(parts: SplitResult, host: str) -> None:
    if parts.scheme not in {"http", "https"} or not host:
        raise _refused("it must begin with https:// and a host")
    if parts.username is not None or parts.password is not None:
        raise _refused("it holds a user name or password")
    if parts.query or parts.fragment:
        raise _refused("it holds a query or fragment")


def _literal(host: str) -> IpAddress | None:
    """The address a host is, also when spelt as one number, in octal or in hex, as resolvers take it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _odd_literal(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else address


def _odd_literal(host: str) -> IpAddress | None:
    if not re.fullmatch(r"[0-9a-fx.]+", host) or not host[:1].isdigit():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _refused(why: str) -> ConfigError:
    return ConfigError(f"The base URL cannot be used: {why}.", hint=_HINT)
