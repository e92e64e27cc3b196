"""Names of people, companies and streets, drawn from Faker once and combined without repeats."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from random import Random

from faker import Faker

from syncline.sandbox.dataset.vocabulary import BRANCHES

__all__ = ["COUNTRIES", "Names", "plain"]

_LOCALES = {
    "United States": "en_US",
    "United Kingdom": "en_GB",
    "Germany": "de_DE",
    "France": "fr_FR",
    "Australia": "en_AU",
}
COUNTRIES = tuple(_LOCALES)
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "œ": "oe", "đ": "d"}
)


def plain(text: str) -> str:
    """The text in lower-case ASCII letters and digits, for e-mail addresses and host names."""
    letters = unicodedata.normalize("NFKD", text.translate(_SPELLED_OUT))
    return "".join(c for c in letters if c.isascii() and c.isalnum()).lower()


class Names:
    """Names of people and companies; no two of one kind and country are equal until all pairs are used up."""

    POOL = 900  # draws for each pool; Faker itself is too slow to be asked for every record
    STREETS = 300

    def __init__(self, rng: Random, seed: int) -> None:
        self._rng = rng
        self._seed = seed
        self._words: dict[str, tuple[list[str], list[str]]] = {}
        american = self._faker("United States")
        self.streets = _distinct(american.street_address() for _ in range(self.STREETS))

    def people(self, country: str, count: int) -> Iterator[tuple[str, str]]:
        """First and last names."""
        if count == 0:
            return
        first, last = self._pools(country)
        for pick in _picks(self._rng, len(first) * len(last), count):
            yield first[pick % len(first)], last[pick // len(first)]

    def companies(self, country: str, count: int) -> Iterator[str]:
        """Names without a legal suffix; numbered once every pair of words has been used."""
        if count == 0:
            return
        last = self._pools(country)[1]
        capacity = len(last) * len(BRANCHES)
        for turn, pick in enumerate(_picks(self._rng, capacity, count)):
            name = f"{last[pick % len(last)]} {BRANCHES[pick // len(last)]}"
            yield name if turn < capacity else f"{name} {turn // capacity + 1}"

    def _pools(self, country: str) -> tuple[list[str], list[str]]:
        """First and last names of a country; made at first use, for a small world needs few countries."""
        if country not in self._words:
            faker = self._faker(country)
            first = _distinct(faker.first_name() for _ in range(self.POOL))
            self._words[country] = first, _distinct(faker.last_name() for _ in range(self.POOL))
        return self._words[country]

    def _faker(self, country: str) -> Faker:
        faker = Faker(_LOCALES[country])
        faker.seed_instance(self._seed)
        return faker


def _distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _picks(rng: Random, capacity: int, count: int) -> Iterator[int]:
    while count > 0:
        yield from rng.sample(range(capacity), min(count, capacity))
        count -= capacity
