"""Checking a document: names that lead nowhere, maps that contradict one another or their systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from syncline.config.alerting import references as of_receivers
from syncline.config.check_fields import field_findings
from syncline.config.check_filters import filter_findings
from syncline.config.check_lifecycle import lifecycle_findings
from syncline.config.check_maps import across_findings, map_findings
from syncline.config.check_push import push_findings
from syncline.config.check_requirements import requirement_findings
from syncline.config.check_schedule import schedule_findings
from syncline.config.document import ConnectionSettings, Document, SyncDocument
from syncline.config.finding import Finding
from syncline.config.place import Path
from syncline.config.preset import preset, preset_names
from syncline.config.secret import look_up
from syncline.config.serve import references as of_serve
from syncline.config.subject import Schemas, Subject
from syncline.config.values import is_reference
from syncline.config.wording import choices, shown
from syncline.core.errors import SecretError


class Needs(Protocol):
    """What a connection to one system must have; `connectors.registry` says so of each."""

    @property
    def credentials(self) -> frozenset[str]: ...

    @property
    def options(self) -> Mapping[str, str]: ...

    @property
    def needs_base_url(self) -> bool: ...

    @property
    def app(self) -> frozenset[str]: ...

    @property
    def by_consent(self) -> bool: ...

    def missing(self, given: Mapping[str, object], *, by_consent: bool = False) -> tuple[str, ...]: ...


def check(
    document: Document, schemas: Schemas | None = None, needs: Mapping[str, Needs] | None = None
) -> list[Finding]:
    """All that is wrong or doubtful, errors first. Nothing is read from any system, and no secret is looked up.

    `schemas` holds, by connection and object type, what the systems say of their fields; without it only names
    and the maps themselves are checked. `needs` says by system what a connection must have.
    """
    findings: list[Finding] = []
    for name, connection in document.connections.items():
        if needed := (needs or {}).get(connection.system):
            findings += _connection(document, name, connection, needed)
    subjects: list[Subject] = []
    for name, sync in document.syncs.items():
        broken = [*_sync_names(document, name, sync)]
        findings += broken
        if not broken:
            subjects.append(Subject.of(document, name, schemas or {}))
    for subject in subjects:
        findings += map_findings(subject)
        findings += field_findings(subject)
        findings += requirement_findings(subject)
        findings += push_findings(subject)
        findings += filter_findings(subject)
        findings += lifecycle_findings(subject)
        findings += schedule_findings(subject)
    findings += across_findings(subjects)
    return sorted(dict.fromkeys(findings), key=lambda f: f.level != "error")


def check_secrets(document: Document, environ: Mapping[str, str]) -> list[Finding]:
    """The references of a document that lead nowhere."""
    references: dict[Path, str] = {
        ("connections", name, "credentials", key): reference
        for name, connection in document.connections.items()
        for key, reference in connection.credentials.items()
    }
    references |= of_receivers(document.alerts)
    references |= of_serve(document.serve)
    if is_reference(document.database):
        references["database",] = document.database
    if any(connection.sign_in == "oauth" for connection in document.connections.values()):
        references["encryption_key",] = document.encryption_key
    findings = []
    for place, reference in references.items():
        try:
            look_up(document, place, reference, environ)
        except SecretError as error:
            where = document.source.where(place)
            message = error.message.removeprefix(where).strip()
            findings.append(Finding("secret-not-found", where, message, error.cure))
    return findings


def _connection(
    document: Document, name: str, connection: ConnectionSettings, needs: Needs
) -> Iterator[Finding]:
    at = ("connections", name)
    groups = (
        ("credentials", connection.credentials, needs.credentials),
        ("options", connection.options, needs.options),
    )
    for group, given, known in groups:
        for wrong in (each for each in given if each not in known):
            yield Finding(
                f"unknown-{group.removesuffix('s')}-name",
                document.source.where((*at, group, wrong)),
                f"{connection.system} does not know {shown(wrong)}.",
                choices(wrong, known),
            )
    by_consent = connection.sign_in == "oauth"
    if by_consent and not needs.by_consent:
        yield Finding(
            "sign-in-not-offered",
            document.source.where((*at, "sign_in")),
            f"{connection.system} knows no sign-in by OAuth.",
            "Leave sign_in out, and give the credentials its page names.",
        )
        return
    yield from _idle_credentials(document, at, connection, needs)
    lacking = needs.missing(connection.credentials, by_consent=by_consent)
    missing = [("credentials", key, f"{key}: env:NAME") for key in lacking]
    if needs.needs_base_url and not connection.base_url:
        missing.append(("base_url", "base_url", "base_url: https://..."))
    for group, key, line in missing:
        yield Finding(
            "missing-connection-setting",
            document.source.where((*at, group)),
            f"{connection.system} needs {key}.",
            f"Add `{line}`.",
        )


def _idle_credentials(
    document: Document, at: tuple[str, str], connection: ConnectionSettings, needs: Needs
) -> Iterator[Finding]:
    """Credentials of another way to sign in than the chosen one."""
    given = connection.credentials.keys()
    if connection.sign_in == "oauth":
        for idle in sorted((given & needs.credentials) - needs.app):
            yield Finding(
                "idle-credential",
                document.source.where((*at, "credentials", idle)),
                f"{idle} is not used with sign_in oauth.",
                f"Remove {idle}, or leave sign_in out.",
            )
    elif needs.by_consent and given == needs.app and needs.missing(connection.credentials):
        yield Finding(
            "idle-credential",
            document.source.where((*at, "credentials")),
            f"{connection.system} takes {' and '.join(sorted(given))} only with sign_in oauth.",
            "Add `sign_in: oauth`.",
        )


def _sync_names(document: Document, name: str, sync: SyncDocument) -> Iterator[Finding]:
    at = ("syncs", name)
    where = document.source.where
    for side, connection in (("left", sync.left), ("right", sync.right)):
        if connection not in document.connections:
            yield Finding(
                "unknown-connection",
                where((*at, side)),
                f"there is no connection {shown(connection)}.",
                choices(connection, document.connections),
            )
    if sync.left == sync.right:
        yield Finding(
            "same-connection",
            where((*at, "right")),
            "both sides are the same connection.",
            "Name two different connections.",
        )
    if sync.preset is not None:
        yield from _preset_names(document, at, sync, sync.preset)


def _preset_names(
    document: Document, at: tuple[str, str], sync: SyncDocument, name: str
) -> Iterator[Finding]:
    where = document.source.where((*at, "preset"))
    if name not in preset_names():
        yield Finding(
            "unknown-preset", where, f"there is no preset {shown(name)}.", choices(name, preset_names())
        )
        return
    made_for = preset(name)
    for wanted, connection in ((made_for.left, sync.left), (made_for.right, sync.right)):
        settings = document.connections.get(connection)
        if settings and settings.system not in (wanted, "memory"):
            yield Finding(
                "preset-systems",
                where,
                f"the preset {name} is made for {made_for.left} on the left and {made_for.right} on the right,"
                f" and {connection} is {settings.system}.",
                "Swap left and right, or use another preset.",
            )
            return
