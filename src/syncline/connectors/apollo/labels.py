"""The names of a team's lists, which records carry by id."""

from __future__ import annotations

from collections.abc import Sequence

from syncline.connectors.apollo.client import ApolloClient


class ListNames:
    """Looks list ids up; asks Apollo at first use, and again when an id is new."""

    def __init__(self, client: ApolloClient) -> None:
        self._client = client
        self._names: dict[str, str] = {}

    def __call__(self, ids: Sequence[str]) -> list[str]:
        """The names of lists. A list that is gone has no name, and no record is on it any more."""
        if any(id_ not in self._names for id_ in ids):
            self._load(ids)
        return sorted(name for id_ in ids if (name := self._names[id_]))

    def _load(self, ids: Sequence[str]) -> None:
        data = self._client.get("/labels")
        for row in data if isinstance(data, list) else []:
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                self._names[row["id"]] = str(row.get("name") or "")
        for id_ in ids:
            self._names.setdefault(id_, "")
