"""The systems Syncline can speak to: how each connector is made, and which credentials it needs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncline.connectors.base import Clock, Connector, TokenStore
from syncline.connectors.codes import OF_CONNECTION, UNKNOWN, CodeTable, VendorCode
from syncline.connectors.http import Ledger
from syncline.connectors.oauth import WebFlow
from syncline.core.errors import ConfigError, MissingSettingError, UnknownNameError


@dataclass(frozen=True, slots=True)
class System:
    """One kind of system.

    `factory` is "module:function" of (settings, clock, token store, ledger), imported at first use. `ways` are the
    sets of credentials of which one must be complete; `options` what else it understands, in plain words.
    `web_flow` is "module:function" of settings where a person may consent by OAuth, with the credentials `app`;
    `codes` "module:table" of what its codes mean.
    """

    name: str
    factory: str
    ways: tuple[frozenset[str], ...]
    options: Mapping[str, str] = field(default_factory=dict)
    needs_base_url: bool = False
    app: frozenset[str] = frozenset()
    web_flow: str = ""
    codes: str = ""

    @property
    def credentials(self) -> frozenset[str]:
        """Every credential it understands."""
        return frozenset().union(self.app, *self.ways)

    @property
    def by_consent(self) -> bool:
        """Whether a person may consent by OAuth."""
        return bool(self.web_flow)

    def missing(self, given: Mapping[str, object], *, by_consent: bool = False) -> tuple[str, ...]:
        """The credentials that are missing for the way that lacks the fewest; none when one is complete."""
        has = {name for name, value in given.items() if value}
        ways = (self.app,) if by_consent else self.ways
        lacking = sorted((tuple(sorted(way - has)) for way in ways), key=len)
        return lacking[0] if lacking else ()


APP = frozenset({"client_id", "client_secret"})
REDIRECT_URI = (
    "With sign_in oauth: where a person is sent back to, as registered; this machine's free port by default."
)

SYSTEMS: Mapping[str, System] = {
    "apollo": System(
        "apollo",
        "syncline.connectors.apollo.connector:connect",
        codes="syncline.connectors.apollo.codes:CODES",
        ways=(frozenset({"api_key"}), frozenset({"access_token"})),
        options={
            "account_details": "Whether new accounts are read by id for fields that listings lack; true by default.",
            "deal_hours": "How often all deals are read: Apollo does not tell which of them changed; 1 by default.",
            "deletion_lookups": "How many contacts that no listing shows any more are asked for by id in a run, to "
            "learn whether they were deleted; 100 by default, 0 for none.",
            "listing_lag": "How many seconds a record may take to appear in listings; 0 by default.",
            "overlap": "How many seconds each read goes back; 300 by default.",
            "page_size": "Rows of one page, up to 100, which is the default.",
            "redirect_uri": REDIRECT_URI,
            "scope": "With sign_in oauth: the scopes to ask for, with blanks between; those of the app by default.",
            "sweep_hours": "How often all is listed, for changes of accounts and deleted contacts; 24 by default.",
            "timeout": "How many seconds to wait for an answer; 30 by default.",
        },
        app=APP,
        web_flow="syncline.connectors.apollo.consent:web_flow",
    ),
    "customeros": System(
        "customeros",
        "syncline.connectors.customeros.connector:connect",
        codes="syncline.connectors.customeros.codes:CODES",
        ways=(frozenset({"api_key"}),),
        options={
            "overlap": "How many seconds each read goes back; 300 by default.",
            "page_size": "Organisations of one page, up to 500, which is the default.",
            "timeout": "How many seconds to wait for an answer; 30 by default.",
        },
        needs_base_url=True,
    ),
    "files": System(
        "files",
        "syncline.connectors.files.connector:connect",
        codes="syncline.connectors.files.codes:CODES",
        ways=(),
        options={
            "columns": "Which column is which field, as `Company = name; Web = primary_domain`.",
            "constants": "Values of fields that no column has, as `type = company`.",
            "delimiter": "What stands between the values of a CSV: one character or tab; the file shows it by default.",
            "duplicates": "What is said of further rows of one company: `fold` nothing (default), `list` each.",
            "encoding": "What lines are written in that are not UTF-8; cp1252 by default.",
            "format": "csv or jsonl; by the end of the file's name by default.",
            "key": "The columns or fields that identify a company, as `A; B`; primary_domain by default.",
            "page_size": "Rows of one page; 500 by default.",
            "path": "The file, or the folder of files; needed.",
            "settle": "How many seconds a file rests before a last row without a line break is read; 30 by default.",
        },
    ),
    "salesforce": System(
        "salesforce",
        "syncline.connectors.salesforce.settings:connect",
        codes="syncline.connectors.salesforce.codes:CODES",
        ways=(
            frozenset({"client_id", "client_secret"}),
            frozenset({"client_id", "private_key", "username"}),
        ),
        options={
            "api_version": "The version of the REST API, from v52.0.",
            "audience": "For the JWT flow: the sign-in host the assertion is addressed to.",
            "auto_assign": "Whether Salesforce may run assignment rules on what is written; false by default.",
            "overlap": "How many seconds each read goes back, for what was committed late; 600 by default.",
            "redirect_uri": REDIRECT_URI,
            "scope": "With sign_in oauth: the scopes to ask for; `api id refresh_token` by default.",
            "timeout": "How many seconds to wait for an answer; 30 by default.",
        },
        needs_base_url=True,
        app=APP,
        web_flow="syncline.connectors.salesforce.settings:web_flow",
    ),
}


def system(name: str) -> System:
    """The system of that name, or `UnknownNameError`."""
    if name not in SYSTEMS:
        raise UnknownNameError(f"There is no connector for {name[:60]}; there are {', '.join(SYSTEMS)}.")
    return SYSTEMS[name]


def connect(
    settings: Mapping[str, Any], clock: Clock, token_store: TokenStore, ledger: Ledger | None = None
) -> Connector:
    """The connector for the settings of a connection, whose secrets are resolved.

    `settings` has `system`, and may have `base_url`, `credentials`, `sign_in` and `options`. Without a ledger the
    calls are counted by the connector alone.
    """
    chosen = _complete(settings)
    made = _imported(chosen.factory)(settings, clock, token_store, ledger)
    if not isinstance(made, Connector):
        raise TypeError(f"{chosen.factory} made no connector")
    return made


def explained(name: str, code: str, message: str) -> VendorCode:
    """What a code that a system gave with these words means, how it is mended and who can."""
    return codes(name).find(code, message) or OF_CONNECTION.find(code, message) or UNKNOWN


def codes(name: str) -> CodeTable:
    """The codes that a system is known to give; none of a system that is not built in."""
    if name not in SYSTEMS:
        return CodeTable()
    place, _, table = SYSTEMS[name].codes.partition(":")
    found: CodeTable = getattr(importlib.import_module(place), table)
    return found


def web_flow(settings: Mapping[str, Any]) -> WebFlow:
    """Where a person consents to a connection with these settings, whose secrets are resolved."""
    chosen = _complete({**settings, "sign_in": "oauth"})
    made = _imported(chosen.web_flow)(settings)
    if not isinstance(made, WebFlow):
        raise TypeError(f"{chosen.web_flow} made no web flow")
    return made


def _complete(settings: Mapping[str, Any]) -> System:
    """The system of settings that have all it needs."""
    chosen = system(str(settings.get("system", "")))
    by_consent = settings.get("sign_in") == "oauth"
    if by_consent and not chosen.by_consent:
        raise ConfigError(f"{chosen.name} knows no sign-in by OAuth.", hint="Leave sign_in out.")
    if missing := chosen.missing(settings.get("credentials") or {}, by_consent=by_consent):
        raise MissingSettingError(
            f"A connection to {chosen.name} lacks the credential {' and '.join(missing)}.", system=chosen.name
        )
    if chosen.needs_base_url and not settings.get("base_url"):
        raise MissingSettingError(f"A connection to {chosen.name} needs base_url.", system=chosen.name)
    return chosen


def _imported(place: str) -> Callable[..., Any]:
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
