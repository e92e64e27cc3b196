"""A caller of the CustomerOS sandbox that knows nothing of our connector."""

from collections.abc import Mapping
from typing import Any

import httpx2

from syncline.testing.sandboxes import RunningSandbox

SEARCH = """
query Ids($limit: Int, $where: Filter, $sort: SortBy) {
  ui_organizations_search(limit: $limit, where: $where, sort: $sort) { ids totalElements totalAvailable }
}
"""


class Caller:
    """Sends GraphQL with the key of a sandbox, unless told another."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx2.Client(base_url=sandbox.base_url, timeout=30)

    def post(self, body: object, key: str | None = None) -> httpx2.Response:
        sent = self.sandbox.credentials["api_key"] if key is None else key
        return self.http.post("/query", json=body, headers={"X-CUSTOMER-OS-API-KEY": sent})

    def ask(self, query: str, **variables: Any) -> Mapping[str, Any]:
        """The data of an answer that brings no errors."""
        response = self.post({"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        answer = response.json()
        assert "errors" not in answer, answer
        data: Mapping[str, Any] = answer["data"]
        return data

    def refused(self, query: str, **variables: Any) -> tuple[int, str]:
        """Status and first sentence of an answer that brings errors."""
        response = self.post({"query": query, "variables": variables})
        return response.status_code, str(response.json()["errors"][0]["message"])

    def ids(self, where: object = None, limit: int | None = None, sort: object = None) -> list[str]:
        """What a search shows."""
        found = self.ask(SEARCH, where=where, limit=limit, sort=sort)["ui_organizations_search"]
        assert found["totalElements"] == len(found["ids"])
        return list(found["ids"])

    def add(self, **values: Any) -> str:
        """An organisation a person made; its id."""
        return str(self.sandbox.control("POST", "/records/organizations", values)["id"])

    def close(self) -> None:
        self.http.close()


def having(name: str, operation: str, value: object = "", **how: object) -> dict[str, object]:
    """The filter of one condition."""
    return {"filter": {"property": name, "operation": operation, "value": value, **how}}
