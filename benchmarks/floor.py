"""The floor: downloads both sides, joins people by e-mail, compares ten fields, writes the links. Nothing else.

It reads the same pages over the same HTTP and JSON libraries as the program, and decides nothing. `each` also asks
Apollo for every account by itself, as the program does; `listed` leaves that out.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx2
import msgspec

from benchmarks.usage import note

Row = dict[str, Any]

SHOWN = 500
"""Pages of 100 that Apollo shows of one search; the rest is read from the other end."""
WINDOW = 2000
_ALWAYS = "Id,IsDeleted,SystemModstamp,CreatedDate,MasterRecordId,OwnerId"
_PERSON = "FirstName,LastName,Email,Title,Phone,MobilePhone"
COLUMNS = {
    "Account": f"{_ALWAYS},Name,Website,Phone,Industry,NumberOfEmployees,AnnualRevenue,"
    "BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry",
    "Contact": f"{_ALWAYS},{_PERSON},HomePhone,OtherPhone,MailingCity,MailingState,MailingCountry,AccountId",
    "Lead": f"{_ALWAYS.replace('MasterRecordId', 'MasterRecordId,IsConverted,ConvertedContactId')},"
    f"{_PERSON},Company,City,State,Country,Status",
}
COMPARED = (
    ("first_name", "FirstName", "FirstName"),
    ("last_name", "LastName", "LastName"),
    ("email", "Email", "Email"),
    ("title", "Title", "Title"),
    ("work_direct", "Phone", "Phone"),
    ("mobile", "MobilePhone", "MobilePhone"),
    ("city", "MailingCity", "City"),
    ("state", "MailingState", "State"),
    ("country", "MailingCountry", "Country"),
    ("owner_id", "OwnerId", "OwnerId"),
)
"""Ten fields by their names in Apollo, in a Contact and in a Lead; two of Apollo's are types of telephones."""


def apollo(http: httpx2.Client, plural: str) -> Iterator[Row]:
    """Every contact or account, newest first, and what lies too deep oldest first."""
    total = yield from _walk(http, plural, oldest_first=False, rows=SHOWN * 100)
    if total > SHOWN * 100:
        yield from _walk(http, plural, oldest_first=True, rows=total - SHOWN * 100)


def details(http: httpx2.Client, accounts: Iterable[Row]) -> Iterator[Row]:
    """Each account as Apollo shows it by itself, with its industry and size."""
    for row in accounts:
        yield _decoded(http.get(f"{os.environ['APOLLO_URL']}/accounts/{row['id']}"))["account"]


def _walk(http: httpx2.Client, plural: str, *, oldest_first: bool, rows: int) -> Generator[Row, None, int]:
    page = 0
    while True:
        page += 1
        body = {
            "sort_by_field": f"{plural.removesuffix('s')}_created_at",
            "sort_ascending": oldest_first,
            "page": page,
            "per_page": 100,
        }
        found = _decoded(http.post(f"{os.environ['APOLLO_URL']}/{plural}/search", json=body))
        yield from found[plural]
        total: int = found["pagination"]["total_entries"]
        if page * 100 >= min(rows, total):
            return total


def salesforce(http: httpx2.Client, object_type: str) -> Iterator[Row]:
    """Every record of an object type, window after window."""
    behind = ""
    while True:
        query = f"SELECT {COLUMNS[object_type]} FROM {object_type}{behind}"
        query += f" ORDER BY SystemModstamp ASC, Id ASC LIMIT {WINDOW}"
        address = f"{os.environ['SALESFORCE_URL']}/services/data/v62.0/queryAll"
        rows: list[Row] = _decoded(http.get(address, params={"q": query}))["records"]
        yield from rows
        if len(rows) < WINDOW:
            return
        stamp = rows[-1]["SystemModstamp"].replace("+0000", "Z")
        same = f"(SystemModstamp = {stamp} AND Id > '{rows[-1]['Id']}')"
        behind = f" WHERE (SystemModstamp > {stamp} OR {same})"


def _decoded(reply: httpx2.Response) -> Any:
    return msgspec.json.decode(reply.raise_for_status().content)


def _sign_in(http: httpx2.Client) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["SALESFORCE_CLIENT_ID"],
        "client_secret": os.environ["SALESFORCE_CLIENT_SECRET"],
    }
    reply = http.post(f"{os.environ['SALESFORCE_URL']}/services/oauth2/token", data=form)
    return str(_decoded(reply)["access_token"])


def differences(left: Row, right: Row, column: int) -> int:
    """In how many of the ten fields two records differ."""
    phones = {phone["type"]: phone["raw_number"] for phone in left["phone_numbers"]}
    return sum(
        1
        for names in COMPARED
        if (left.get(names[0]) or phones.get(names[0]) or None) != (right.get(names[column]) or None)
    )


def links(people: Iterable[Row], others: dict[str, tuple[str, Row]]) -> Iterator[tuple[str, str, str, int]]:
    """The links between people of one e-mail address."""
    for left in people:
        type_, right = others.get((left.get("email") or "").lower(), ("", {}))
        if right:
            column = 1 if type_ == "Contact" else 2
            yield left["id"], type_, right["Id"], differences(left, right, column)


def store(database: str, found: Iterable[tuple[str, str, str, int]]) -> int:
    """Write the links; how many there were."""
    with closing(sqlite3.connect(database)) as kept, kept:
        kept.execute(
            "CREATE TABLE links (apollo TEXT PRIMARY KEY, type TEXT, salesforce TEXT, differing INTEGER)"
        )
        return kept.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", found).rowcount


def main() -> None:
    """Download, join, compare and store; prints how many records and links there were."""
    notes, database, how = sys.argv[1:]
    records = 0

    def counted(rows: Iterable[Row]) -> Iterator[Row]:
        nonlocal records
        for row in rows:
            records += 1
            yield row

    with (
        httpx2.Client(headers={"x-api-key": os.environ["APOLLO_API_KEY"]}) as left_side,
        httpx2.Client() as right_side,
    ):
        right_side.headers["authorization"] = f"Bearer {_sign_in(right_side)}"
        accounts = apollo(left_side, "accounts")
        whole = details(left_side, accounts) if how == "each" else accounts
        for rows in (whole, salesforce(right_side, "Account")):
            deque(counted(rows), maxlen=0)  # they are downloaded, and nothing else
        others = {
            row["Email"].lower(): (type_, row)
            for type_ in ("Lead", "Contact")
            for row in counted(salesforce(right_side, type_))
            if row["Email"]
        }
        made = store(database, links(counted(apollo(left_side, "contacts")), others))
    print(msgspec.json.encode({"records": records, "links": made}).decode())
    note(notes)


if __name__ == "__main__":
    main()
