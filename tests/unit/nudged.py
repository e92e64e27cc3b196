"""Nudges of the records of a world, and the job that sees to them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from syncline.config import Document
from syncline.core.model import Ref, Side
from syncline.service.nudging import carry
from syncline.store import nudges
from syncline.store.nudge_tables import Nudge
from syncline.store.nudges import NewNudge, NudgeTiming
from tests.property.world import World

AT_ONCE = NudgeTiming(timedelta(0), timedelta(minutes=5), 100)


def nudge(
    world: World, side: Side, *ids: str, object_type: str = "person", timing: NudgeTiming = AT_ONCE
) -> None:
    """Somebody says that these records changed."""
    refs = [Ref(object_type, id_) for id_ in ids]
    asked = NewNudge(world.settings.name, side, world.settings.connection(side), refs, "a test")
    nudges.note([asked], timing, world.time.now())


def see_to(world: World) -> Mapping[str, Any]:
    """The job of nudges; a second passes before it."""
    world.time.advance(1)
    return carry(world.context(), {})


def called(world: World) -> set[str]:
    """What the last job asked of both systems to see records, by side."""
    made = {f"{side} {name}" for side, each in world.connectors.items() for name in each.calls_made()}
    return {name for name in made if name.split()[1] in ("read", "fetch", "find")}


def waiting() -> list[Nudge]:
    """The nudges that are not seen to."""
    return list(Nudge.objects.order_by("pk"))


def two_syncs(**of_apollo: Any) -> Document:
    """One Apollo workspace in two syncs; the second of accounts alone."""
    systems = {"apollo": "apollo", "first": "salesforce", "second": "salesforce"}
    connections: dict[str, Any] = {name: {"system": system} for name, system in systems.items()}
    connections["apollo"]["nudges"] = of_apollo
    preset = {"left": "apollo", "preset": "apollo-salesforce"}
    only_accounts = {"person": {"enabled": False}, "deal": {"enabled": False}}
    syncs = {
        "crm": {**preset, "right": "first"},
        "firms": {**preset, "right": "second", "kinds": only_accounts},
    }
    return Document.model_validate({"version": 1, "connections": connections, "syncs": syncs})
