"""The query endpoints and the pages after the first."""

from __future__ import annotations

import re
from typing import Any

from syncline.sandbox.salesforce.api import Call, Endpoint, Reply
from syncline.sandbox.salesforce.cursors import Page
from syncline.sandbox.salesforce.errors import refuse
from syncline.sandbox.salesforce.resources import DATA
from syncline.sandbox.salesforce.soql.run import Source, run

SMALLEST, LARGEST = 200, 2000


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    return [
        Endpoint(f"{DATA}/query", {"GET": query}),
        Endpoint(f"{DATA}/queryAll", {"GET": query_all}),
        Endpoint(f"{DATA}/query/{{locator}}", {"GET": more}),
        Endpoint(f"{DATA}/queryAll/{{locator}}", {"GET": more}),
    ]


def query(call: Call) -> Reply:
    """Answer a query over the living records."""
    return _answer(call, deleted=False)


def query_all(call: Call) -> Reply:
    """Answer a query over all records, the recycle bin included."""
    return _answer(call, deleted=True)


def more(call: Call) -> Reply:
    """The page a locator stands for."""
    page = call.org.cursors.page(call.params["locator"])
    return _shown(call, page, page.total)


def _answer(call: Call, *, deleted: bool) -> Reply:
    text = call.query.get("q", "")
    if not text:
        raise refuse("MALFORMED_QUERY", "SOQL query is required: parameter q is missing")
    org = call.org
    source = Source(call.scan, call.fetch, org.clock.now().date(), call.schema)
    result = run(text, source, call.version, deleted=deleted)
    return _shown(call, org.cursors.first(result.rows, _page_size(call)), result.total)


def _page_size(call: Call) -> int:
    wish = re.search(r"batchSize\s*=\s*(\d+)", call.headers.get("sforce-query-options", ""), re.IGNORECASE)
    size = min(max(int(wish[1]), SMALLEST), LARGEST) if wish else LARGEST
    short = call.org.settings["page_size"]
    return min(size, int(short)) if short else size


def _shown(call: Call, page: Page, total: int) -> Reply:
    body: dict[str, Any] = {"totalSize": total, "done": page.next is None}
    if page.next is not None:
        # The address says query/ even for the pages of queryAll.
        body["nextRecordsUrl"] = f"/services/data/{call.version}/query/{page.next}"
    return Reply(200, {**body, "records": page.rows})
