"""Judges of a quiet system that share no comparing, matching or merging with the engine they judge."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from syncline.core.mapping import FieldMap
from syncline.core.model import Raw, Side
from syncline.core.schema import FieldType
from syncline.core.scope import KindSettings
from syncline.store.models import Action, Hold, Link, Standing, SyncError
from tests.property.world import World

Meaning = str | float | bool | frozenset[str] | None


def meaning(kind: FieldType, value: Raw) -> Meaning:
    """What a value says, whatever it looks like; written apart from `core.normalise` on purpose."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    if kind is FieldType.MULTIPICKLIST:
        return frozenset(
            part.strip().lower() for part in (value if isinstance(value, list) else [str(value)])
        )
    if kind in (FieldType.NUMBER, FieldType.MONEY):
        return float(str(value))
    if kind is FieldType.BOOLEAN:
        return bool(value)
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if kind is FieldType.PHONE:
        return re.sub("[^0-9]", "", text)[-10:]
    if kind is FieldType.DOMAIN:
        return re.sub(r"^(https?://)?(www\.)?", "", text.lower()).rstrip("/")
    return text.lower() if kind in (FieldType.EMAIL, FieldType.PICKLIST) else text


def differences(world: World) -> list[str]:
    """What is wrong in a system that ought to be quiet; nothing if every difference has its reason."""
    found = [*_unlinked(world), *_open(), *_doubled(world)]
    for kind in world.settings.kinds:
        for link in Link.objects.filter(kind=kind.kind.value, ended_at__isnull=True):
            found += _pair(world, kind, link)
    return found


def _open() -> Iterator[str]:
    for row in Action.objects.filter(status="open"):
        yield f"action {row.pk} is still open: {row.op} {row.kind} sent {row.sent}"


def _doubled(world: World) -> Iterator[str]:
    """No record has two counterparts made for it, and none is made for what we made ourselves.

    A record that somebody deleted before we ever heard of it is no counterpart.
    """
    sources: Counter[tuple[str, str]] = Counter()
    ours = {(side.value, made.id) for side, system in world.systems.items() for made in system.made}
    for side, system in world.systems.items():
        for made in system.made:
            row = Action.objects.get(pk=made.action)
            source = row.left_id if side is Side.RIGHT else row.right_id
            known = Link.objects.filter(**{f"{side}_id": made.id}).exists()
            sources[side.other.value, source] += known or system.values(made.object_type, made.id) is not None
            if (side.other.value, source) in ours:
                yield f"{side} {made.id} was made for {source}, which we made ourselves"
    for (side_name, source), number in sources.items():
        if number > 1:
            yield f"{number} counterparts were made for {side_name} {source}"


def _unlinked(world: World) -> Iterator[str]:
    for kind in world.settings.kinds:
        for side, system in world.systems.items():
            for object_type in kind.object_types(side):
                for id_ in system.all(object_type):
                    yield from _standing(side, kind, object_type, id_)


def _standing(side: Side, kind: KindSettings, object_type: str, id_: str) -> Iterator[str]:
    """Every living record is linked, or stands somewhere with a reason."""
    row = Standing.objects.filter(side=side.value, object_type=object_type, remote_id=id_).first()
    mine = {f"{side}_type": object_type, f"{side}_id": id_}
    linked = Link.objects.filter(kind=kind.kind.value, ended_at__isnull=True, **mine).exists()
    if row is None:
        yield f"{side} {id_} was never decided"
    elif row.state == "pending":
        yield f"{side} {id_} is still pending: {row.rule} {row.reason}"
    elif not linked and (row.state == "in sync" or not row.reason):
        yield f"{side} {id_} is not linked and stands {row.state} for no reason"


def _pair(world: World, kind: KindSettings, link: Link) -> Iterator[str]:
    left, right = (
        world.left.values(link.left_type, link.left_id),
        world.right.values(link.right_type, link.right_id),
    )
    if left is None or right is None:
        if all(s.quirks.sees_deletions for s in world.systems.values()):
            yield f"{link.left_id}={link.right_id} is linked, and one of them is deleted"
        return
    pair = kind.pair(link.left_type, link.right_type)
    for field_map in pair.active if pair else ():
        here, there = left.get(field_map.left), right.get(field_map.right)
        if not _same(world, link, field_map, here, there) and not _explained(
            world, link, field_map, here, there
        ):
            yield (
                f"{link.left_id}={link.right_id} {field_map.key}: {here!r} and {there!r}, "
                f"agreement {link.agreements.get(field_map.key)}"
            )


def _types(world: World, link: Link, field_map: FieldMap) -> tuple[FieldType, FieldType]:
    return (
        world.left.types[link.left_type].fields[field_map.left].type,
        world.right.types[link.right_type].fields[field_map.right].type,
    )


def _same(world: World, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    kind = _types(world, link, field_map)[0]
    one, other = meaning(kind, here), meaning(kind, there)
    if one is None or other is None:
        return one is other
    if kind is FieldType.REFERENCE:
        twins = Link.objects.filter(left_id=str(here), right_id=str(there), ended_at__isnull=True)
        return twins.exists()
    if kind is FieldType.OWNER:
        left, right = world.left.all("user").get(str(here)), world.right.all("user").get(str(there))
        return bool(
            left
            and right
            and meaning(FieldType.EMAIL, left["email"]) == meaning(FieldType.EMAIL, right["email"])
        )
    return one == other


def _explained(world: World, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    pair = {
        "left_type": link.left_type,
        "left_id": link.left_id,
        "right_type": link.right_type,
        "right_id": link.right_id,
    }
    hidden = world.left.hides(link.left_type, link.left_id, field_map.left) or world.right.hides(
        link.right_type, link.right_id, field_map.right
    )
    held = Hold.objects.filter(**pair, key=field_map.key, state="open").exists()
    refused = SyncError.objects.filter(**pair, key__in=(field_map.key, ""), resolved_at__isnull=True).exists()
    return (
        hidden
        or held
        or refused
        or _settled(world, link, field_map, here, there)
        or _waits(world, link, field_map, here, there)
    )


def _settled(world: World, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    """They differ on purpose, and the reason was given for the values that are there now."""
    agreement = link.agreements.get(field_map.key)
    if not agreement or not agreement.get("s"):
        return False
    left, right = _types(world, link, field_map)
    return meaning(left, agreement["l"]) == meaning(left, here) and meaning(right, agreement["r"]) == meaning(
        right, there
    )


def _waits(world: World, link: Link, field_map: FieldMap, here: Raw, there: Raw) -> bool:
    """A reference to somebody who has no counterpart."""
    if _types(world, link, field_map)[0] is not FieldType.REFERENCE:
        return False
    links = Link.objects.filter(ended_at__isnull=True)
    lone_left = here and not links.filter(left_id=str(here)).exists()
    lone_right = there and not links.filter(right_id=str(there)).exists()
    return bool(lone_left or lone_right)
