"""Which fields a query names: all that are wanted, unless they make it longer than a URL may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncline.connectors.salesforce import soql
from syncline.connectors.salesforce.objects import ALWAYS, ROLE_FIELDS, stored_names
from syncline.core.schema import ObjectSchema

_ROOM = 7_000
"""Encoded characters the fields of one query may take, so that a condition still fits behind them."""


@dataclass(frozen=True, slots=True)
class Columns:
    """`wanted` are all fields to read; `listed` those a query names. The rest is read by id, `roles` by their deal."""

    wanted: list[str]
    listed: list[str]
    roles: tuple[str, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether a query can name all that is wanted."""
        return len(self.listed) == len(self.wanted)


def columns_for(schema: ObjectSchema, fields: Sequence[str]) -> Columns:
    """The columns for the mapped fields of an object type."""
    wanted = stored_names(schema, fields)
    roles = tuple(name for name in ROLE_FIELDS if name in fields and name in schema.fields)
    if soql.encoded_length(",".join(wanted)) <= _ROOM:
        return Columns(wanted, wanted, roles)
    return Columns(wanted, [name for name in wanted if name in ALWAYS], roles)
