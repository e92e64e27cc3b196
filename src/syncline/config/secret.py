"""Looking up what a document refers to: secrets and the database, from the environment or from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from syncline.config.document import ConnectionSettings, Document
from syncline.config.place import Path
from syncline.config.values import is_reference
from syncline.config.wording import choices, shown
from syncline.core.errors import ConfigError, SecretError, TokenKeyError, UnknownNameError

MAX_BYTES = 64_000
SHORTEST_TOKEN = 32
"""Characters: what is shorter may be guessed by trying."""


@dataclass(frozen=True)
class ResolvedConnection:
    """A connection ready to be opened; its secrets stay out of every printed form."""

    name: str
    system: str
    base_url: str | None
    credentials: Mapping[str, str] = field(repr=False)
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    sign_in: str = "credentials"


def resolve_connection(document: Document, name: str, environ: Mapping[str, str]) -> ResolvedConnection:
    """One connection with its secrets looked up; raises `SecretError` or `UnknownNameError`."""
    if name not in document.connections:
        raise UnknownNameError(f"There is no connection {shown(name)}. {choices(name, document.connections)}")
    settings = document.connections[name]
    return ResolvedConnection(
        name=name,
        system=settings.system,
        base_url=settings.base_url,
        credentials=_credentials(document, name, settings, environ),
        options=dict(settings.options),
        sign_in=settings.sign_in,
    )


def _credentials(
    document: Document, name: str, settings: ConnectionSettings, environ: Mapping[str, str]
) -> dict[str, str]:
    return {
        key: look_up(document, ("connections", name, "credentials", key), reference, environ)
        for key, reference in settings.credentials.items()
    }


def resolve_key(document: Document, environ: Mapping[str, str]) -> str:
    """The keys of stored tokens as text; raises `TokenKeyError`."""
    try:
        return look_up(document, ("encryption_key",), document.encryption_key, environ)
    except SecretError as error:
        raise TokenKeyError(
            error.message,
            hint="Make a key with `syncline key new`, keep it where encryption_key says, and keep a copy of it.",
        ) from None


def resolve_serve_token(document: Document, environ: Mapping[str, str]) -> str:
    """What programs show to use the API, or nothing where none is set; raises `SecretError`."""
    reference = document.serve.token
    if not reference:
        return ""
    place = ("serve", "token")
    token = look_up(document, place, reference, environ)
    if len(token) < SHORTEST_TOKEN:
        raise SecretError(
            f"{document.source.where(place)} {reference} holds {len(token)} characters: too few to be safe.",
            hint=f"Use at least {SHORTEST_TOKEN}; `openssl rand -hex 32` makes 64.",
        )
    return token


def resolve_database(document: Document, environ: Mapping[str, str]) -> str:
    """The database URL, with the path of an SQLite file made absolute; raises `ConfigError`."""
    url = document.database
    if is_reference(url):
        url = look_up(document, ("database",), url, environ)
        _reject_odd(document, url)
    if url.startswith("sqlite:///"):
        return f"sqlite:///{_beside(document, url.removeprefix('sqlite:///'))}"
    return url


def _reject_odd(document: Document, url: str) -> None:
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ConfigError(
            f"{document.source.where(('database',))} {document.database} does not hold a database URL.",
            hint="It should begin with sqlite:/// or postgresql://.",
        )


def look_up(document: Document, place: Path, reference: str, environ: Mapping[str, str]) -> str:
    """What a reference at a place of the document leads to; raises `SecretError`."""
    kind, _, name = reference.partition(":")
    where = document.source.where(place)
    if kind == "env":
        return _from_environment(where, name, environ)
    return _from_file(where, _beside(document, name))


def _from_environment(where: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value.strip():
        state = "is empty" if name in environ else "is not set"
        raise SecretError(
            f"{where} the environment variable {name} {state}.",
            hint=f"Set {name} before you start Syncline, for example `export {name}=...`.",
        )
    return value


def _from_file(where: str, path: FilePath) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        text = content.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SecretError(
            f"{where} {path} cannot be read: {reason}.", hint="Create the file, or correct the path."
        ) from None
    except UnicodeDecodeError:
        raise SecretError(
            f"{where} {path} is not a text file.", hint="Name the file of the secret."
        ) from None
    if not text.strip() or len(content) > MAX_BYTES or "\0" in text:
        state = "is empty" if not text.strip() else "is too large or no text, so it is not a secret"
        raise SecretError(f"{where} {path} {state}.", hint="Name the file of the secret.")
    return text


def _beside(document: Document, path: str) -> FilePath:
    """A path as seen from the settings file."""
    folder = document.source.path.parent if document.source.path else FilePath()
    return (folder / FilePath(path).expanduser()).absolute()
