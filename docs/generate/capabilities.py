"""The page of what each system can do: the tables from the connectors, the rest by hand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from syncline.connectors.base import Capabilities
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import connect
from syncline.core.model import Kind

Types = dict[str, tuple[Kind, Capabilities]]
"""What a connector says of each of its object types."""

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "apollo": {"credentials": {"api_key": "k" * 20}},
    "salesforce": {
        "base_url": "https://your-company.my.salesforce.com",
        "credentials": {"client_id": "id", "client_secret": "s" * 20},
    },
    "customeros": {
        "base_url": "https://customeros.example.com",
        "credentials": {"api_key": "cos_" + "k" * 20},
    },
    "files": {"options": {"path": "leads.csv"}},
}
"""The systems of the page, in the order of its columns; nobody is called for them."""
NAMES = {"apollo": "Apollo", "salesforce": "Salesforce", "customeros": "CustomerOS", "files": "files"}
RULES = {
    "D2": "deals go over with currency and contact roles",
    "L1": "deletions are carried over",
    "L2": "merges are followed",
    "L4": "what was deleted can come back",
    "M4": "missing stages are created",
    "P0": "everything is read",
    "S1": "nothing else than the plan is written",
}
"""What the rules ask for of which a system falls short, in a few words."""

SOURCE = Path(__file__).with_suffix(".txt")
"""The page with what is written by hand; the tables go where it says so."""
PLACE = "{tables}"


def page() -> str:
    """The page of capabilities."""
    told = {system: _asked(system) for system in SETTINGS}
    return SOURCE.read_text().replace(PLACE, "\n".join([*_table(told), "", *_notes(told)]))


def _asked(system: str) -> Types:
    settings = {"system": system, **SETTINGS[system]}
    with closing(connect(settings, SystemClock(), MemoryTokenStore())) as connector:
        kinds = connector.object_types()
        return {name: (kind, connector.capabilities(name)) for name, kind in kinds.items()}


def _table(told: Mapping[str, Types]) -> Iterator[str]:
    yield f"| | {' | '.join(NAMES[system] for system in told)} |"
    yield "|---" * (len(told) + 1) + "|"
    yield f"| reads | {' | '.join(_reads(types) for types in told.values())} |"
    for title, say in ROWS.items():
        yield f"| {title} | {' | '.join(_cell(types, say) for types in told.values())} |"


def _reads(types: Types) -> str:
    return ", ".join(
        f"{name} ({kind})" if name.lower() != kind else name for name, (kind, _) in types.items()
    )


def _cell(types: Types, say: Callable[[Capabilities], str]) -> str:
    """What is said of all object types, or of each where it differs."""
    said: dict[str, list[str]] = {}
    for name, (_, able) in types.items():
        said.setdefault(say(able), []).append(name)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in said.items())


def _calls(size: int) -> str:
    return f"{size:,} a call" if size else "no"


def _sees_changes(able: Capabilities) -> str:
    way = "by the time of change" if able.time_of_change else "by comparing what is shown"
    back = able.overlap.total_seconds() / 60
    return f"{way}, going back {back:g} minutes for what was committed late" if back else way


def _sees_deletions(able: Capabilities) -> str:
    if able.sees_deletions:
        return "yes, with the changes"
    if able.deletions_by_id:
        hours = able.sweep_every.total_seconds() / 3600
        most = able.deletions_by_id
        return (
            f"by id only: after a listing of everything each {hours:g} hours, {most:,} that are missing a run"
        )
    return "no"


def _sees_merges(able: Capabilities) -> str:
    if able.tells_fates:
        return "yes"
    return f"where the survivor lists it in `{able.merged_ids}`" if able.merged_ids else "no"


def _finds(able: Capabilities) -> str:
    """The keys that are words of ours; a system's own field names are keys too."""
    keys = sorted(key for key in able.finds if key.islower())
    return ", ".join(keys) or "no"


def _lag(able: Capabilities) -> str:
    seconds = able.listing_lag.total_seconds()
    return f"{seconds:g} seconds" if seconds else "not known to"


def _named(fields: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in fields) or "none"


ROWS: Mapping[str, Callable[[Capabilities], str]] = {
    "creates records": lambda able: _calls(able.create_batch),
    "updates records": lambda able: _calls(able.update_batch),
    "fields that one update call sets to one value only": lambda able: _named(able.shared),
    "fields that one create call sets to one value only": lambda able: _named(able.create_shared),
    "deletes records": lambda able: "yes" if able.deletes else "no",
    "refuses a write if the record has changed meanwhile": lambda able: (
        "yes" if able.conditional_update else "no"
    ),
    "reads many records by id": lambda able: _calls(able.batch_fetch) if able.batch_fetch else "one by one",
    "is asked for a record by": _finds,
    "knows what changed": _sees_changes,
    "listings lag behind": _lag,
    "tells that a record was deleted": _sees_deletions,
    "tells into which record one went": _sees_merges,
}
"""The rows, each from one or two capabilities."""


def _notes(told: Mapping[str, Types]) -> Iterator[str]:
    """What a system cannot satisfy, by the number of the rule."""
    said: dict[str, dict[str, str]] = {}
    for system, types in told.items():
        for _, able in types.values():
            for rule, note in able.notes.items():
                said.setdefault(rule, {})[system] = note
    yield "## Rules that a system cannot fully satisfy"
    yield ""
    yield "| [rule](rules.md) | asks that | and why not everywhere |"
    yield "|---|---|---|"
    for rule in sorted(said):
        reasons = " ".join(f"{_sentence(NAMES[system], note)}" for system, note in said[rule].items())
        yield f"| {rule} | {RULES[rule]} | {reasons} |"


def _sentence(name: str, note: str) -> str:
    return f"**{name[0].upper()}{name[1:]}**: {note.rstrip('.')}."
