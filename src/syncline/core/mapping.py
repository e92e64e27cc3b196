"""Field maps: which left field goes with which right field, and by which policy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal

from syncline.core.model import Side
from syncline.core.policy import Direction, OnClear, OnConflict, OnDrift, OnFirstContact, WriteRule

FORBID_EXTRA = {"extra": "forbid"}


@dataclass(frozen=True)
class FieldMap:
    """One left field and one right field kept in agreement.

    `owner` is the side that owns the value; `on_conflict` defaults to it, or to a hold without one.
    `on_create` also sends the value when its record is made on a side the direction does not allow: a new
    record gets its owner once, and is left alone afterwards. `options` turns left options into right options,
    one to one; with `automap` the rest is mapped by name, see `core.automap`. `transform` names a conversion of
    `core.convert`. A map that is not `enabled` does not count. `rule_left` and `rule_right` are the rules of one
    target side where they differ (rule P6).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    left: str
    right: str
    direction: Direction = Direction.BOTH
    rule: WriteRule = WriteRule.OVERWRITE
    owner: Literal["left", "right"] | None = None
    on_conflict: OnConflict | None = None
    on_first_contact: OnFirstContact | None = None
    clear: OnClear = OnClear.KEEP
    drift: OnDrift = OnDrift.OVERWRITE
    on_create: bool = False
    transform: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    automap: bool = False
    enabled: bool = True
    rule_left: WriteRule | None = None
    rule_right: WriteRule | None = None

    def rule_on(self, target: Side) -> WriteRule:
        """Whether the field fills or overwrites when it is written on that side."""
        return (self.rule_left if target is Side.LEFT else self.rule_right) or self.rule

    def on(self, side: Side) -> str:
        """The name of the field on that side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def key(self) -> str:
        """What the map is called in links, plans and messages."""
        return f"{self.left}={self.right}"

    @property
    def conflict_policy(self) -> OnConflict:
        """The policy in force when both sides changed."""
        return self.on_conflict or (OnConflict(self.owner) if self.owner else OnConflict.HOLD)

    @property
    def first_contact_policy(self) -> OnFirstContact:
        """The policy in force when the sides never agreed."""
        return self.on_first_contact or (OnFirstContact.OWNER if self.owner else OnFirstContact.KEEP)

    def fingerprint(self, left_type: str, right_type: str) -> str:
        """Changes when anything changes that an agreement rested on (DESIGN: never agreed again)."""
        types = (left_type, right_type)
        if types not in self._fingerprints:
            self._fingerprints[types] = self._digest(*types)
        return self._fingerprints[types]

    @cached_property
    def _fingerprints(self) -> dict[tuple[str, str], str]:
        return {}

    def _digest(self, left_type: str, right_type: str) -> str:
        parts = (
            self.key,
            self.direction,
            self.rule,
            self.owner,
            self.conflict_policy,
            self.first_contact_policy,
            self.clear,
            self.drift,
            self.on_create,
            self.transform,
            # Which options are mapped by name changes with the systems: the merge asks it of each agreed value.
            "automap" if self.automap else sorted(self.options.items()),
            left_type,
            right_type,
            # Only where it is set: an agreement of before there was such a setting stands.
            *((self.rule_left, self.rule_right) if self.rule_left or self.rule_right else ()),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class ObjectPair:
    """A left and a right object type whose records may be linked, with their field maps.

    `infer_account` gives records of a type without an account field the account of their e-mail domain (rule P4).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID_EXTRA

    left: str
    right: str
    fields: tuple[FieldMap, ...] = ()
    infer_account: bool = False

    def on(self, side: Side) -> str:
        """The object type on that side."""
        return self.left if side is Side.LEFT else self.right

    @cached_property
    def active(self) -> tuple[FieldMap, ...]:
        """The field maps that are switched on."""
        return tuple(f for f in self.fields if f.enabled)
