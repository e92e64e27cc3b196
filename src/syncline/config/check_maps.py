"""Checks that need no system: what field maps, matching and stages say among themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from syncline.config.check_modes import mode_findings
from syncline.config.finding import Finding
from syncline.config.preset import preset_kinds
from syncline.config.subject import Subject
from syncline.config.wording import choices, shown
from syncline.core.convert import TRANSFORMS
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.policy import Direction, WriteRule
from syncline.core.scope import KindSettings

BY_TYPE = frozenset({"email", "domain"})
CRMS = frozenset({"salesforce"})
STAGES = frozenset({"contact_stage_id", "account_stage_id", "status", "lifecyclestage"})


def map_findings(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the maps of one sync."""
    if not subject.settings.kinds:
        yield Finding(
            "nothing-to-sync",
            subject.where(),
            "there is nothing to sync: no kind has a pair of object types.",
            "Name a preset, or add pairs under kinds.",
        )
    yield from _written(subject)
    yield from mode_findings(subject)
    for kind in subject.settings.kinds:
        yield from _kind(subject, kind)
        for pair in kind.pairs:
            yield from _two_writers(subject, kind, pair)
    for kind, pair, mapped in subject.maps():
        yield from _map(subject, kind, pair, mapped)


def _written(subject: Subject) -> Iterator[Finding]:
    """What mixing with the preset would hide."""
    for name, kind in subject.sync.written_kinds.items():
        known = [f"{p['left']}/{p['right']}" for p in _preset_pairs(subject, name)]
        for number, label in enumerate(kind.get("without") or ()):
            if label not in known:
                yield Finding(
                    "unknown-pair",
                    subject.where("kinds", name, "without", number),
                    f"the preset has no pair {shown(label)}.",
                    choices(label, known),
                )
        for number, pair in enumerate(kind.get("pairs") or ()):
            yield from _double(subject, ("kinds", name, "pairs", number, "fields"), pair.get("fields") or ())


def _preset_pairs(subject: Subject, kind: str) -> list[dict[str, Any]]:
    found = preset_kinds(subject.sync.preset).get(kind) or {}
    return list(found.get("pairs") or ())


def _double(
    subject: Subject, at: tuple[str | int, ...], fields: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for index, mapped in enumerate(fields):
        key = (mapped["left"], mapped["right"])
        if key in seen:
            yield Finding(
                "double-map",
                subject.where(*at, index),
                f"{key[0]}={key[1]} is in this list already.",
                "Keep one of the two entries.",
            )
        seen.add(key)


def _two_writers(subject: Subject, kind: KindSettings, pair: ObjectPair) -> Iterator[Finding]:
    for side in Side:
        writers: dict[str, list[FieldMap]] = defaultdict(list)
        for mapped in pair.active:
            if mapped.direction.allows(side):
                writers[mapped.on(side)].append(mapped)
        for name, maps in writers.items():
            if len(maps) > 1:
                others = ", ".join(m.key for m in maps[:-1])
                yield Finding(
                    "two-writers",
                    subject.where_map(kind, pair, maps[-1]),
                    f"the field {name} of {pair.on(side)} is written by {others} too.",
                    f"Turn one of them off, or give one the direction to_{side.other}.",
                )


def across_findings(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Fields that several syncs of one connection write."""
    writers: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for subject in subjects:
        for kind, pair, mapped in subject.maps():
            for side in Side:
                if mapped.direction.allows(side):
                    field = (subject.settings.connection(side), pair.on(side), mapped.on(side))
                    writers[field].setdefault(subject.settings.name, subject.where_map(kind, pair, mapped))
    for (connection, object_type, name), places in writers.items():
        if len(places) > 1:
            syncs = ", ".join(sorted(places))
            yield Finding(
                "two-writers-across",
                list(places.values())[-1],
                f"the field {name} of {object_type} in {connection} is written by several syncs: {syncs}.",
                "Let one sync write the field and the others only read it.",
            )


def _kind(subject: Subject, kind: KindSettings) -> Iterator[Finding]:
    at = ("kinds", kind.kind.value)
    keys = BY_TYPE | {mapped.left for pair in kind.pairs for mapped in pair.active}
    asked = [("keys", key, keys) for key in kind.match.keys]
    asked += [("same", name, keys - BY_TYPE) for name in kind.match.same]
    for place, wrong, known in asked:
        if wrong not in known:
            yield Finding(
                "unknown-match-key",
                subject.where(*at, "match", place),
                f"no field map of {kind.kind} has the left field {shown(wrong)}.",
                f"Map the field, or match by another. {choices(wrong, known)}",
            )
    for side in Side:
        yield from _side(subject, kind, side)


def _side(subject: Subject, kind: KindSettings, side: Side) -> Iterator[Finding]:
    at = ("kinds", kind.kind.value)
    rule, types = kind.create_rule(side), kind.object_types(side)
    wanted = [((f"create_{side}", "as_type"), rule.as_type)] if rule.as_type else []
    preferred = [(("match", f"prefer_{side}"), name) for name in kind.match.preferred(side)]
    for place, name in (*wanted, *preferred):
        if name not in types:
            yield Finding(
                "unknown-type",
                subject.where(*at, *place),
                f"no pair of {kind.kind} has the object type {shown(name)} on the {side}.",
                choices(name, types),
            )
    if rule.enabled and rule.when == "stages":
        yield from _stages(subject, kind, side)


def _stages(subject: Subject, kind: KindSettings, side: Side) -> Iterator[Finding]:
    place = ("kinds", kind.kind.value, f"create_{side}")
    if not kind.create_rule(side).stages and not kind.create_rule(side).no_stage:
        yield Finding(
            "no-stages",
            subject.where(*place, "stages"),
            "no stage is chosen, so nothing would ever be created.",
            "List stages, or set `enabled: false`.",
        )
    if not kind.stage_field(side.other):
        yield Finding(
            "no-stage-field",
            subject.where(*place, "when"),
            f"stages are chosen, but no field carries the stage on the {side.other}.",
            f"Set stage_{side.other} to the field of the stage.",
        )


def _map(subject: Subject, kind: KindSettings, pair: ObjectPair, mapped: FieldMap) -> Iterator[Finding]:
    if mapped.transform and mapped.transform not in TRANSFORMS:
        yield Finding(
            "unknown-transform",
            subject.where_map(kind, pair, mapped, "transform"),
            f"there is no transform {shown(mapped.transform)}.",
            choices(mapped.transform, TRANSFORMS),
        )
    if mapped.direction is Direction.BOTH and all(mapped.rule_on(s) is WriteRule.FILL for s in Side):
        yield Finding(
            "fill-both",
            subject.where_map(kind, pair, mapped, "rule"),
            "`fill` in both directions never carries a later change over.",
            "Choose one direction, or the rule overwrite.",
        )
    if mapped.direction is not Direction.TO_RIGHT and len(set(mapped.options.values())) < len(mapped.options):
        yield Finding(
            "option-twice",
            subject.where_map(kind, pair, mapped, "options"),
            "two left options mean the same right option, so the way back is not clear.",
            "Let each option mean another, or set `direction: to_right`.",
        )
    for side in Side:
        if _outward(subject, mapped, side):
            yield Finding(
                "outward-process",
                subject.where_map(kind, pair, mapped, "direction"),
                f"{mapped.on(side)} is a stage or status of the CRM, and this map writes it there.",
                f"Let the CRM own it: `direction: to_{side.other}`.",
            )


def _outward(subject: Subject, mapped: FieldMap, side: Side) -> bool:
    crm = subject.system(side) in CRMS and mapped.direction.allows(side)
    return crm and bool(STAGES & {mapped.left.casefold(), mapped.right.casefold()})
