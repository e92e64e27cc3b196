"""How fast the core decides about linked records, in memory and on one processor core.

It does not measure reading, writing or the database: those depend on vendors and disks.
"""

import argparse
import os
import platform
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from syncline.core.convert import Terms
from syncline.core.decide import LinkView, PairContext, decide_link, noted_agreements
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.merge import Verdict
from syncline.core.model import Kind, Raw, Record, Ref
from syncline.core.policy import OnConflict
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.scope import KindSettings

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TYPES = {
    "first_name": FieldType.TEXT,
    "last_name": FieldType.TEXT,
    "title": FieldType.TEXT,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "city": FieldType.TEXT,
    "website": FieldType.URL,
    "employees": FieldType.NUMBER,
}
CHANGED_EVERY = 20


def context() -> PairContext:
    """Two object types of eight fields, every field both ways."""
    fields = {name: Field(name=name, label=name, type=kind) for name, kind in TYPES.items()}
    maps = tuple(FieldMap(left=name, right=name, on_conflict=OnConflict.LEFT) for name in TYPES)
    pair = ObjectPair(left="person", right="person", fields=maps)
    schema = ObjectSchema(object_type="person", kind=Kind.PERSON, fields=fields)
    settings = KindSettings(kind=Kind.PERSON, pairs=(pair,))
    return PairContext(settings=settings, pair=pair, left=schema, right=schema, terms=Terms(), now=NOW)


def person(number: int) -> Record:
    """One person with a value in every field."""
    values: dict[str, Raw] = {
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "title": "Head of Revenue Operations",
        "email": f"Person.{number}@Example.com",
        "phone": f"+1 (212) 555-{number % 10_000:04d}",
        "city": "Springfield",
        "website": f"https://www.company{number}.example.com/",
        "employees": number,
    }
    return Record(ref=Ref("person", str(number)), values=values)


def fresh_links(count: int) -> list[LinkView]:
    """Links whose sides show the same and have never been compared."""
    shared = context()
    records = [person(number) for number in range(count)]
    return [
        LinkView(id=record.ref.remote_id, context=shared, agreements={}, left=record, right=record)
        for record in records
    ]


def agreed(link: LinkView) -> LinkView:
    """The same link with a base in every field."""
    return replace(link, agreements=noted_agreements(decide_link(link)))


def edited(link: LinkView) -> LinkView:
    """The same link after somebody changed the title on the left."""
    values = {**link.left.values, "title": "Chief Revenue Officer"}
    return replace(link, left=replace(link.left, values=values))


def timed(name: str, links: list[LinkView]) -> Counter[Verdict]:
    """Decide about every link, print how long it took, and return what was decided."""
    started = time.perf_counter()
    verdicts = Counter(one.decision.verdict for link in links for one in decide_link(link).values())
    seconds = time.perf_counter() - started
    print(f"{name:44} {seconds:7.2f} s  {len(links) / seconds:10,.0f} links/s  {_words(verdicts)}")
    return verdicts


def _words(verdicts: Counter[Verdict]) -> str:
    return ", ".join(f"{verdict} {number:,}" for verdict, number in verdicts.items())


def main() -> None:
    """Time first contact, a quiet pass and a pass with some edits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=10_000, help="how many links to decide about")
    count = parser.parse_args().links
    print(f"Python {platform.python_version()}, {os.cpu_count()} processor cores, one used")
    print(f"{count:,} links of {len(TYPES)} fields each")
    links = fresh_links(count)
    timed("first contact, both sides equal", links)
    links = [agreed(link) for link in links]
    quiet = timed("nothing changed", links)
    changed = [edited(link) if number % CHANGED_EVERY == 0 else link for number, link in enumerate(links)]
    busy = timed(f"every {CHANGED_EVERY}th title changed on the left", changed)
    print("Not measured: store, engine and stand-in systems.")
    if quiet[Verdict.WRITE] or busy[Verdict.WRITE] != len(changed[::CHANGED_EVERY]):
        sys.exit("The decisions are wrong, so the times mean nothing.")


if __name__ == "__main__":
    main()
