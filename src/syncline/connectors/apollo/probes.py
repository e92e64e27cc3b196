"""Finds out who a key is and what it may do, by calls that cannot change anything (rule C3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.connectors.apollo.client import ApolloClient
from syncline.connectors.base import CheckReport
from syncline.core.errors import AuthError

NOBODY = "0" * 24
"""An id that belongs to no record: a call for it is refused, by its scope or for the id."""
_ALL = ("account", "contact", "opportunity", "user")
_PROFILE = "users/api_profile"


@dataclass(frozen=True, slots=True)
class _Probe:
    """A call, the scope it needs as Apollo names it, and what one cannot do without it."""

    scope: str
    method: str
    endpoint: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The scope in full; those of deals have a prefix of their own."""
        return f"{'deals/' if self.scope.startswith('opportunit') else ''}api/v1/{self.scope}"


def _probes() -> list[_Probe]:
    one: Mapping[str, Any] = {"page": 1, "per_page": 1}
    found = [_Probe(_PROFILE, "GET", "/users/api_profile")]
    found.append(_Probe("users/search", "GET", "/users/search", reads=("user",)))
    found.append(_Probe("typed_custom_fields/index", "GET", "/typed_custom_fields"))
    for name in ("account", "contact"):
        plural, me = f"{name}s", (name,)
        found += [
            _Probe(f"{plural}/search", "POST", f"/{plural}/search", reads=me, body=one),
            _Probe(f"{plural}/show", "GET", f"/{plural}/{{id}}", reads=me),
            _Probe(f"{name}_stages/index", "GET", f"/{name}_stages", reads=me),
            _Probe(f"{plural}/bulk_create", "POST", f"/{plural}/bulk_create", writes=me, body={plural: []}),
            _Probe(f"{plural}/bulk_update", "POST", f"/{plural}/bulk_update", writes=me),
            _Probe(f"{plural}/update", "PATCH", f"/{plural}/{{id}}", writes=me),
            _Probe(f"{plural}/update_owners", "POST", f"/{plural}/update_owners", writes=me),
        ]
    deals, me = "opportunities", ("opportunity",)
    found += [
        _Probe(f"{deals}/search", "GET", f"/{deals}/search", reads=me),
        _Probe(f"{deals}/show", "GET", f"/{deals}/{{id}}", reads=me),
        _Probe("opportunity_stages/index", "GET", "/opportunity_stages", reads=me),
        _Probe(f"{deals}/create", "POST", f"/{deals}", writes=me),
        _Probe(f"{deals}/update", "PATCH", f"/{deals}/{{id}}", writes=me),
    ]
    found.append(_Probe("contacts/update_stages", "POST", "/contacts/update_stages", writes=("contact",)))
    return found


def check(client: ApolloClient) -> CheckReport:
    """Who the key acts as, and which scopes it has; a probe that is refused with 403 lacks its scope."""
    if not client.is_logged_in():
        raise AuthError("Apollo does not accept the API key or access token.")
    profile: Mapping[str, Any] = {}
    granted: list[str] = []
    missing: list[str] = []
    unreadable: set[str] = set()
    unwritable: set[str] = set()
    for probe in _probes():
        reply = client.probe(probe.method, probe.endpoint, probe.body, NOBODY)
        if reply.status == 403:
            missing.append(probe.named)
            unreadable.update(probe.reads)
            unwritable.update(probe.writes)
        else:
            granted.append(probe.named)
            if probe.scope == _PROFILE and isinstance(reply.data, dict):
                profile = reply.data
    return CheckReport(
        account=f"Apollo team {profile.get('team_id') or 'unknown'}",
        user=_who(profile),
        granted=tuple(granted),
        missing=tuple(missing),
        readable=tuple(name for name in _ALL if name not in unreadable),
        writable=tuple(name for name in _ALL[:3] if name not in unwritable | unreadable),
    )


def _who(profile: Mapping[str, Any]) -> str:
    names = [profile.get("first_name"), profile.get("last_name")]
    name = " ".join(part for part in names if isinstance(part, str) and part)
    email = profile.get("email")
    return f"{name} <{email}>".strip() if isinstance(email, str) and email else name
