"""Checks of the settings against what the program and the systems know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncline.config import Document, Finding, SyncSettings, check
from syncline.connectors.base import Connector
from syncline.connectors.registry import SYSTEMS
from syncline.core.model import Kind, Side
from syncline.core.schema import ObjectSchema
from syncline.engine.read import USER_FIELDS
from syncline.engine.who import User, UserList, user_of

Schemas = Mapping[str, Mapping[str, ObjectSchema]]


def check_document(document: Document, schemas: Schemas | None = None) -> list[Finding]:
    """All that is wrong or doubtful in a document; with the schemas of its connections in its maps too."""
    return check(document, schemas, SYSTEMS)


def check_pools(document: Document, connectors: Mapping[str, Connector]) -> Iterator[Finding]:
    """Pools of owners nobody of whom can take a record, by what these connections show of their users."""
    for name, sync in document.syncs.items():
        for connection, pool, setting in (
            (sync.left, sync.users.pool_left, "pool_left"),
            (sync.right, sync.users.pool_right, "pool_right"),
        ):
            if pool and not UserList(_users(connectors[connection])).active_of(pool):
                yield Finding(
                    "empty-pool",
                    document.source.where(("syncs", name, "users", setting)),
                    f"none of {', '.join(pool)} is an active user of {connection}.",
                    "Name an active user, or take the pool out; `syncline users list` shows all of them.",
                )


def _users(connector: Connector) -> Iterator[User]:
    for object_type, kind in connector.object_types().items():
        for page in connector.changes(object_type, None, USER_FIELDS) if kind is Kind.USER else ():
            yield from (user_of(record) for record in page.records if not record.deleted)


def describe(connector: Connector, object_types: frozenset[str] | None = None) -> dict[str, ObjectSchema]:
    """What a connection shows of its object types; of all but users where none are named."""
    known = connector.object_types()
    wanted = object_types if object_types is not None else known.keys()
    if not wanted <= known.keys():
        wanted = known.keys()  # a name is wrong: all are described, so that the right one can be told
    return {name: connector.describe(name) for name in sorted(wanted) if known[name] is not Kind.USER}


def mapped_types(settings: SyncSettings, side: Side) -> frozenset[str]:
    """The object types of a side that a sync works on."""
    return frozenset(name for kind in settings.kinds for name in kind.object_types(side))
