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

    def __init__(self, rng: Random, seed: int) -> None:
        self._rng = rng
        fakers = {country: Faker(locale) for country, locale in _LOCALES.items()}
        for faker in fakers.values():
            faker.seed_instance(seed)
        self._first = {c: _distinct(f.first_name() for _ in range(self.POOL)) for c, f in fakers.items()}
        self._last = {c: _distinct(f.last_name() for _ in range(self.POOL)) for c, f in fakers.items()}
        american = fakers["United States"]
        self.streets = _distinct(american.street_address() for _ in range(self.POOL))

    def people(self, country: str, count: int) -> Iterator[tuple[str, str]]:
        """First and last names."""
        first, last = self._first[country], self._last[country]
        for pick in _picks(self._rng, len(first) * len(last), count):
            yield first[pick % len(first)], last[pick // len(first)]

    def companies(self, country: str, count: int) -> Iterator[str]:
        """Names without a legal suffix; numbered once every pair of words has been used."""
        last = self._last[country]
        capacity = len(last) * len(BRANCHES)
        for turn, pick in enumerate(_picks(self._rng, capacity, count)):
            name = f"{last[pick % len(last)]} {BRANCHES[pick // len(last)]}"
            yield name if turn < capacity else f"{name} {turn // capacity + 1}"


def _distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _picks(rng: Random, capacity: int, count: int) -> Iterator[int]:
    while count > 0:
        yield from rng.sample(range(capacity), min(count, capacity))
        count -= capacity
