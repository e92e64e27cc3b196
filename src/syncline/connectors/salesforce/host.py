"""Decides to which host a token may be sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from syncline.connectors.http import check_base_url
from syncline.core.errors import AuthError, ConfigError

_DOMAINS = ("salesforce.com", "force.com", "cloudforce.com", "salesforce.mil", "sfcrmproducts.cn")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def trusted_base(base_url: str, instance_url: str | None) -> str:
    """The address to call: the token reply's, if the token may be sent there; the configured one without it.

    A reply that names a foreign host would hand every record to it, so it is refused.
    """
    if instance_url is None:
        return base_url
    try:
        checked = check_base_url(instance_url)
    except ConfigError as error:
        raise _foreign(instance_url, base_url) from error
    ours, theirs = urlsplit(base_url), urlsplit(checked)
    here, there = ours.hostname or "", theirs.hostname or ""
    same = here == there and theirs.scheme in {ours.scheme, "https"}
    both_local = {here, there} <= _LOOPBACK
    if same or both_local or (is_salesforce(here) and is_salesforce(there)):
        return checked
    raise _foreign(instance_url, base_url)


def is_salesforce(host: str) -> bool:
    """Whether a host name belongs to the vendor."""
    return any(host == domain or host.endswith(f".{domain}") for domain in _DOMAINS)


def _foreign(instance_url: str, base_url: str) -> AuthError:
    shown = (urlsplit(instance_url).hostname if "://" in instance_url else None) or "an unusable address"
    return AuthError(
        f"The token reply of {urlsplit(base_url).hostname} names {shown[:100]} as the place to send the token.",
        hint="Set base_url to the organisation's own My Domain address.",
    )
