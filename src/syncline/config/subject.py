"""What the checks of one sync look at: its settings, its places in the document, and its systems' schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncline.config.document import Document, SyncDocument
from syncline.config.overlay import Kinds
from syncline.config.place import Path
from syncline.config.sync import SyncSettings, mixed_kinds, resolved
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.schema import Field, ObjectSchema
from syncline.core.scope import KindSettings

Schemas = Mapping[str, Mapping[str, ObjectSchema]]
"""By connection name and object type."""


@dataclass(frozen=True)
class Subject:
    """One sync under check."""

    document: Document
    settings: SyncSettings
    kinds: Kinds
    schemas: Schemas

    @classmethod
    def of(cls, document: Document, name: str, schemas: Schemas) -> Subject:
        """The subject of a sync whose names all lead somewhere."""
        return cls(document, resolved(document, name), mixed_kinds(document, name), schemas)

    @property
    def sync(self) -> SyncDocument:
        return self.document.syncs[self.settings.name]

    @property
    def at(self) -> Path:
        """Where the sync stands."""
        return ("syncs", self.settings.name)

    def where(self, *rest: str | int) -> str:
        """A place below the sync as a message begins."""
        return self.document.source.where((*self.at, *rest))

    def written(self, kind: KindSettings, pair: ObjectPair, mapped: FieldMap) -> Path | None:
        """Where a field map was written in the document; nowhere if the preset has it."""
        return self.kinds.places.get((kind.kind.value, pair.left, pair.right, mapped.left, mapped.right))

    def where_map(self, kind: KindSettings, pair: ObjectPair, mapped: FieldMap, name: str = "") -> str:
        """The place of a field map, or of one setting in it."""
        if place := self.written(kind, pair, mapped):
            return self.document.source.where((*place, name) if name else place)
        return f"preset {self.sync.preset}: {kind.kind}, {pair.left}/{pair.right}, {mapped.key}:"

    def system(self, side: Side) -> str:
        """The system on that side."""
        return self.document.connections[self.settings.connection(side)].system

    def schemas_of(self, side: Side) -> Mapping[str, ObjectSchema] | None:
        """The schemas of that side by object type, if they are known."""
        return self.schemas.get(self.settings.connection(side))

    def schema(self, side: Side, object_type: str) -> ObjectSchema | None:
        return (self.schemas_of(side) or {}).get(object_type)

    def maps(self) -> Iterator[tuple[KindSettings, ObjectPair, FieldMap]]:
        """Every field map that is switched on."""
        for kind in self.settings.kinds:
            for pair in kind.pairs:
                for mapped in pair.active:
                    yield kind, pair, mapped

    def field(self, side: Side, pair: ObjectPair, mapped: FieldMap) -> Field | None:
        """The field of a map as its system describes it."""
        schema = self.schema(side, pair.on(side))
        return schema.fields.get(mapped.on(side)) if schema else None
