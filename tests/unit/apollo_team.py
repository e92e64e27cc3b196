"""A small Apollo for tests of reading: rows that come, change and go between two pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from syncline.connectors.apollo.client import Listing
from tests.unit.scripted_server import Answer, Request

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Team:
    """The rows of one type, by id, and how a search shows them."""

    per_page: int = 5
    display_limit: int = 50_000
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    ticks: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)

    def add(self, *, stage: str | None = "s1", same_stamp: bool = False) -> str:
        """A new row; with `same_stamp` it has the stamp of the row before."""
        id_ = f"{len(self.rows) + 1:024x}"
        stamp = self._stamp(move=not same_stamp)
        self.rows[id_] = {
            "id": id_,
            "name": f"Row {id_[-4:]}",
            "created_at": stamp,
            "_updated_at": stamp,
            "contact_stage_id": stage,
        }
        return id_

    def edit(self, id_: str, name: str) -> None:
        self.rows[id_] |= {"name": name, "_updated_at": self._stamp(move=True)}

    def remove(self, id_: str) -> None:
        self.rows[id_]["gone"] = True

    def living(self) -> set[str]:
        return {id_ for id_, row in self.rows.items() if not row.get("gone")}

    def search(
        self, sort: str, page: int, *, oldest_first: bool = False, stage: str | None = None
    ) -> Listing:
        """A page; ties are ordered by id."""
        self.asked.append((sort, page))
        key = "created_at" if sort == "created_at" else "_updated_at"
        found = [row for row in self.rows.values() if not row.get("gone")]
        found = [row for row in found if stage is None or row["contact_stage_id"] == stage]
        ordered = sorted(found, key=lambda row: (row[key], row["id"]), reverse=not oldest_first)
        start = (page - 1) * self.per_page
        shown = [dict(row) for row in ordered[start : start + self.per_page]]
        return Listing(page, shown, len(found))

    def _stamp(self, *, move: bool) -> str:
        self.ticks += move
        return (START + timedelta(seconds=self.ticks)).isoformat()


def created(team: Team) -> Callable[[int], Listing]:
    """A walk's question: pages of the newest rows first."""
    return lambda page: team.search("created_at", page)


@dataclass
class TeamServer:
    """Answers for a team as Apollo does; `before` happens ahead of every page of a search."""

    team: Team
    before: Callable[[], None] = lambda: None

    def respond(self, request: Request) -> Answer:
        path = request.path
        if path.endswith("/search"):
            self.before()
            return Answer(body=self._searched(request))
        if path.endswith("_stages"):
            stages = [{"id": name, "name": name} for name in ("s1", "s2")]
            return Answer(body={path.removeprefix("/"): stages})
        if path == "/typed_custom_fields":
            return Answer(body={"typed_custom_fields": []})
        _, plural, id_ = path.split("/")
        row = self.team.rows.get(id_)
        if row is None or row.get("gone"):
            return Answer(422, {"error": "Oops! This contact does not exist in Apollo."})
        return Answer(body={plural.removesuffix("s"): {**shown(row, plural), "industry": f"of {id_[-2:]}"}})

    def _searched(self, request: Request) -> dict[str, Any]:
        plural = request.path.split("/")[1]
        asked = request.json if request.body else dict(request.query)
        page = int(asked["page"])
        assert int(asked["per_page"]) == self.team.per_page
        sort = str(asked.get("sort_by_field", "created_at"))
        listing = self.team.search(
            "created_at" if sort.endswith("created_at") else "updated_at",
            page,
            oldest_first=bool(asked.get("sort_ascending")),
            stage=(asked.get("contact_stage_ids") or [None])[0],
        )
        told: Callable[[int], str | int] = str if plural == "users" else int
        pagination = {
            "page": told(page),
            "per_page": told(self.team.per_page),
            "total_entries": listing.total,
        }
        return {plural: [shown(row, plural) for row in listing.rows], "pagination": pagination}


def shown(row: dict[str, Any], plural: str) -> dict[str, Any]:
    """A row as its kind of listing shows it: only contacts tell when they were changed."""
    plain = {key: value for key, value in row.items() if not key.startswith("_")}
    if plural == "contacts":
        plain |= {"title": row["name"], "updated_at": row["_updated_at"]}
    return plain
