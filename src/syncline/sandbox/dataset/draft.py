"""The records of one kind in every system while the world is being made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Generic, Literal

from syncline.sandbox.dataset.names import COUNTRIES
from syncline.sandbox.dataset.places import Place
from syncline.sandbox.dataset.views import Shown, View

__all__ = ["SYSTEMS", "Draft", "System", "days", "per_country", "split", "weighted"]

System = Literal["apollo", "salesforce"]
SYSTEMS: tuple[System, ...] = ("apollo", "salesforce")


@dataclass(slots=True)
class Draft(Generic[View]):
    """The companies or the people of the world, still open to change.

    `tidy` keeps each one as it was before any mess, `marks` the keys that carry each kind of mess.
    """

    keys: list[str] = field(default_factory=list)
    tidy: dict[str, View] = field(default_factory=dict)
    place: dict[str, Place] = field(default_factory=dict)
    shown: dict[System, dict[str, View]] = field(default_factory=lambda: {system: {} for system in SYSTEMS})
    twins: dict[System, dict[str, View]] = field(default_factory=lambda: {system: {} for system in SYSTEMS})
    marks: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, place: Place, tidy: View, views: dict[System, View]) -> None:
        """Put one more company or person into the systems of `views`."""
        self.keys.append(key)
        self.place[key] = place
        self.tidy[key] = tidy
        for system, view in views.items():
            self.shown[system][key] = view

    def systems(self, key: str) -> tuple[System, ...]:
        """The systems that have it."""
        return tuple(system for system in SYSTEMS if key in self.shown[system])

    def change(self, system: System, key: str, **values: Any) -> None:
        """Let one system show other values; nothing happens where the system does not have it."""
        records = self.shown[system]
        if key in records:
            records[key] = replace(records[key], **values)

    def change_everywhere(self, key: str, **values: Any) -> None:
        """Let every system that has it show these values."""
        for system in self.systems(key):
            self.change(system, key, **values)

    def double(self, system: System, key: str, **values: Any) -> None:
        """Add a second record of it to one system, like the first but for `values`."""
        main = self.shown[system][key]
        self.twins[system][key] = replace(main, record_key=f"{key}-b", **values)

    def finished(self) -> list[Shown[View]]:
        """All of them, in the order they were added."""
        apollo, salesforce = self.shown["apollo"], self.shown["salesforce"]
        return [
            Shown(
                key,
                apollo.get(key),
                salesforce.get(key),
                self._twins("apollo", key),
                self._twins("salesforce", key),
            )
            for key in self.keys
        ]

    def _twins(self, system: System, key: str) -> tuple[View, ...]:
        twin = self.twins[system].get(key)
        return () if twin is None else (twin,)


def split(rng: Random, count: int) -> list[tuple[System, ...]]:
    """Which systems each of `count` things is in: a fifth in each alone, the others in both."""
    alone = count // 5
    systems: list[tuple[System, ...]] = [SYSTEMS] * (count - 2 * alone)
    systems += [("apollo",)] * alone
    systems += [("salesforce",)] * alone
    rng.shuffle(systems)
    return systems


def weighted(rng: Random, choices: dict[str, int], count: int) -> list[str]:
    """So many draws among weighted choices."""
    return rng.choices(tuple(choices), tuple(choices.values()), k=count)


def per_country(places: Iterable[Place]) -> dict[str, int]:
    """How many of the places lie in each country."""
    found = dict.fromkeys(COUNTRIES, 0)
    for place in places:
        found[place.country] += 1
    return found


def days(rng: Random) -> tuple[int, int]:
    """How long ago something was created, and last changed since."""
    created = rng.randint(30, 1400)
    return created, rng.randint(1, created)
