"""Opening the store: one database URL in, Django configured and migrated."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, OperationalError, connection, connections

from syncline.core.errors import StoreError
from syncline.store import settings as store_settings
from syncline.store.migrating import bring_up_to_date
from syncline.store.trouble import as_store_error

_BUSY_SECONDS = 30
_SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"


def open_store(url: str, *, migrate: bool = True) -> None:
    """Use the database of that URL from now on in this process, and bring its tables up to date.

    Raises `StoreError` where the URL is not one of sqlite:///FILE and postgresql://..., or the database
    cannot be used, one of its kinds where it is known why.
    """
    database = parse_url(url)
    prepare()
    if connections.databases["default"] != database:
        _use(database)
    if not migrate:
        return
    try:
        bring_up_to_date()
    except (Error, ImproperlyConfigured, OSError) as error:
        raise as_store_error(error) from error


def forget_thoroughly() -> None:
    """Have SQLite overwrite what is deleted from here on; other databases have no such thing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def compact() -> bool | None:
    """Write an SQLite file anew, without anything that was deleted; whether it could be done. None elsewhere.

    Other processes that read the file keep it from being written; what is committed stays committed.
    """
    if connection.vendor != "sqlite":
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone()
    except OperationalError:
        return False
    return not busy


def close_store() -> None:
    """Close this thread's connection."""
    connections.close_all()


def prepare() -> None:
    """Have Django know the models, so that they can be imported before a database is opened."""
    if not settings.configured:
        settings.configure(**_fixed())
    if not apps.ready:
        django.setup()


def _fixed() -> dict[str, Any]:
    return {name: getattr(store_settings, name) for name in dir(store_settings) if name.isupper()}


def _use(database: dict[str, Any]) -> None:
    connections["default"].close()
    del connections["default"]
    connections.databases["default"] = connections.configure_settings({"default": database})["default"]


def parse_url(url: str) -> dict[str, Any]:
    """Django's settings of a database from its URL; passwords in it are not repeated in errors."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return _sqlite(parts.path.removeprefix("/"), dict(parse_qsl(parts.query)))
    if parts.scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        return _postgres(url)
    raise StoreError(
        f"{parts.scheme or 'an empty value'} is not a database this version can use",
        hint="Set database to sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME.",
    )


def _sqlite(name: str, given: dict[str, str]) -> dict[str, Any]:
    path = Path(name)
    seconds = given.pop("timeout", str(_BUSY_SECONDS))
    if given or not seconds.isdecimal():
        raise StoreError(
            "the address of an SQLite database takes nothing after ? but timeout=SECONDS",
            hint="Write sqlite:///FILE, or sqlite:///FILE?timeout=60.",
        )
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} for the database file does not exist")
    options = {"timeout": int(seconds), "transaction_mode": "IMMEDIATE", "init_command": _SQLITE_PRAGMAS}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
