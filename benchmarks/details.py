"""Reads the accounts of Apollo, with or without asking for each by itself: `details FILE true|false`."""

from __future__ import annotations

import os
import sys

import msgspec

from benchmarks.usage import note
from syncline.connectors.apollo.connector import connect
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore

FIELDS = ("name", "domain", "phone", "industry", "estimated_num_employees", "annual_revenue")


def main() -> None:
    """Read them all; prints how many there are and how many calls that took."""
    notes, details = sys.argv[1:]
    settings = {
        "base_url": os.environ["APOLLO_URL"],
        "credentials": {"api_key": os.environ["APOLLO_API_KEY"]},
        "options": {"account_details": details},
    }
    apollo = connect(settings, SystemClock(), MemoryTokenStore())
    accounts = sum(len(page.records) for page in apollo.changes("account", None, FIELDS))
    print(msgspec.json.encode({"accounts": accounts, "calls": sum(apollo.calls_made().values())}).decode())
    apollo.close()
    note(notes)


if __name__ == "__main__":
    main()
