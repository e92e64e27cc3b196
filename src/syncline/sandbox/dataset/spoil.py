"""Choosing which records get which mess, and what companies and people can both suffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from random import Random
from typing import Any, Generic, TypeVar

from syncline.sandbox.dataset.draft import Draft, System
from syncline.sandbox.dataset.places import PLACES, Directory, Place
from syncline.sandbox.dataset.views import User, View

__all__ = [
    "Hit",
    "Kind",
    "Scene",
    "anywhere",
    "in_apollo",
    "in_both",
    "in_salesforce",
    "missing_in_salesforce",
    "own_by_inactive",
    "own_by_salesforce_only",
    "own_differently",
    "spoil",
]

Choice = TypeVar("Choice")


@dataclass(slots=True)
class Scene(Generic[View]):
    """What mess may work with; `touched` keeps the keys by the value that a kind of mess has touched."""

    draft: Draft[View]
    rng: Random
    numbers: Directory
    users: list[User]
    touched: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hit(Generic[View]):
    """One company or person about to be spoiled; `turn` counts the hits of its kind from 0.

    `others` are the further keys of a kind that needs several at once.
    """

    scene: Scene[View]
    turn: int
    key: str
    others: tuple[str, ...]

    @property
    def tidy(self) -> View:
        """The company or person before any mess."""
        return self.scene.draft.tidy[self.key]

    @property
    def place(self) -> Place:
        """Where it lives."""
        return self.scene.draft.place[self.key]

    @property
    def elsewhere(self) -> Place:
        """Some place where it does not live."""
        return self.scene.rng.choice([place for place in PLACES if place.city != self.place.city])

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """The choices in rotation, so that each occurs."""
        return choices[self.turn % len(choices)]

    def show(self, system: System, **values: Any) -> None:
        """Let one system show these values, if it has the company or person at all."""
        self.scene.draft.change(system, self.key, **values)

    def show_everywhere(self, **values: Any) -> None:
        """Let every system that has it show these values."""
        self.scene.draft.change_everywhere(self.key, **values)

    def double(self, system: System, **values: Any) -> None:
        """Add a second record in one system, older than the first."""
        created = self.tidy.created_days_ago + 60
        self.scene.draft.double(system, self.key, created_days_ago=created, **values)


@dataclass(frozen=True, slots=True)
class Kind(Generic[View]):
    """A kind of mess: its share of all companies or people, what it touches, whom it fits, what it does.

    One act is given `size` keys at once.
    """

    name: str
    share: float
    touches: tuple[str, ...]
    fits: Callable[[Scene[View], str], bool]
    act: Callable[[Hit[View]], None]
    size: int = 1


def spoil(scene: Scene[View], kinds: tuple[Kind[View], ...]) -> None:
    """Apply each kind in turn, in its share as far as enough fit, and mark in the draft whom it hit."""
    order = scene.rng.sample(scene.draft.keys, len(scene.draft.keys))
    for kind in kinds:
        chosen = _choose(scene, kind, order)
        for start in range(0, len(chosen), kind.size):
            key, *others = chosen[start : start + kind.size]
            kind.act(Hit(scene, start // kind.size, key, tuple(others)))
        scene.draft.marks[kind.name] = chosen


def _choose(scene: Scene[View], kind: Kind[View], order: list[str]) -> list[str]:
    touched = [scene.touched.setdefault(value, set()) for value in kind.touches]
    free = (key for key in _from_anywhere(scene.rng, order) if not any(key in keys for keys in touched))
    fitting = (key for key in free if kind.fits(scene, key))
    chosen = list(islice(fitting, round(len(order) * kind.share)))
    del chosen[len(chosen) - len(chosen) % kind.size :]
    for keys in touched:
        keys.update(chosen)
    return chosen


def _from_anywhere(rng: Random, order: list[str]) -> Iterator[str]:
    start = rng.randrange(len(order)) if order else 0
    return chain(islice(order, start, None), islice(order, start))


def anywhere(scene: Scene[View], key: str) -> bool:
    """Fits every company and person."""
    return key in scene.draft.tidy


def in_apollo(scene: Scene[View], key: str) -> bool:
    """Fits what Apollo has, whether Salesforce has it or not."""
    return key in scene.draft.shown["apollo"]


def in_salesforce(scene: Scene[View], key: str) -> bool:
    """Fits what Salesforce has, whether Apollo has it or not."""
    return key in scene.draft.shown["salesforce"]


def in_both(scene: Scene[View], key: str) -> bool:
    """Fits what both systems have."""
    return in_apollo(scene, key) and in_salesforce(scene, key)


def missing_in_salesforce(*fields: str) -> Callable[[Hit[View]], None]:
    """Mess that empties these values in Salesforce."""

    def act(hit: Hit[View]) -> None:
        hit.show("salesforce", **dict.fromkeys(fields))

    return act


def own_by_inactive(hit: Hit[View]) -> None:
    """Give it to a user who has left; Apollo still knows that user."""
    gone = [user.key for user in hit.scene.users if not user.active_in_salesforce]
    hit.show_everywhere(owner=hit.pick(gone))


def own_by_salesforce_only(hit: Hit[View]) -> None:
    """Give it to a user whom Apollo does not have, so that Apollo shows no owner."""
    strangers = [user.key for user in hit.scene.users if not user.in_apollo]
    hit.show("apollo", owner=None)
    hit.show("salesforce", owner=hit.pick(strangers))


def own_differently(hit: Hit[View]) -> None:
    """Give it to another active colleague in Salesforce."""
    present = hit.tidy.owner
    colleagues = [user.key for user in hit.scene.users if user.in_apollo and user.active_in_salesforce]
    hit.show("salesforce", owner=hit.pick([key for key in colleagues if key != present]))
