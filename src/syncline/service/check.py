"""Checks of the settings against what the program and the systems know."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.config import Document, Finding, SyncSettings, check
from syncline.connectors.base import Connector
from syncline.connectors.registry import SYSTEMS
from syncline.core.model import Kind, Side
from syncline.core.schema import ObjectSchema

Schemas = Mapping[str, Mapping[str, ObjectSchema]]


def check_document(document: Document, schemas: Schemas | None = None) -> list[Finding]:
    """All that is wrong or doubtful in a document; with the schemas of its connections in its maps too."""
    return check(document, schemas, SYSTEMS)


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
