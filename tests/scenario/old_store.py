"""Databases as an older version of Syncline left them, filled with what a newer one has stored."""

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from syncline.store.database import close_store, open_store

Rows = dict[str, list[dict[str, object]]]


def stored(database: str) -> Rows:
    """Every row of every table."""
    open_store(database, migrate=False)
    try:
        tables = apps.get_app_config("store").get_models()
        return {table.__name__: list(table._default_manager.values()) for table in tables}
    finally:
        close_store()


def as_of(migration: str, database: str, rows: Rows) -> None:
    """Make an empty database what it was after that migration, with as much of the rows as it had a place for."""
    open_store(database, migrate=False)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate([("store", migration)])
        then = executor.loader.project_state(("store", migration)).apps.get_app_config("store")
        tables = list(then.get_models())
        for table in tables:
            names = {field.attname for field in table._meta.concrete_fields}
            there = [{n: v for n, v in row.items() if n in names} for row in rows[table.__name__]]
            table._default_manager.bulk_create([table(**row) for row in there])
        _count_on(tables)
    finally:
        close_store()


def _count_on(tables: list[type]) -> None:
    """Have PostgreSQL give ids that no row has; SQLite does so by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def migrations(database: str) -> list[str]:
    """The migrations a database went through, in their order."""
    open_store(database, migrate=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM django_migrations WHERE app = 'store' ORDER BY id")
            return [name for (name,) in cursor.fetchall()]
    finally:
        close_store()


def known_migrations() -> list[str]:
    """Those of this version, by name."""
    return sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "store")
