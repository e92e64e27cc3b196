"""Speaks HTTP and JSON for the connectors: bounded waits, safe retries, budgets, no secret in a message."""

from syncline.connectors.http.address import check_base_url
from syncline.connectors.http.budget import Budget, Ledger, Limits, MemoryLedger
from syncline.connectors.http.client import HttpClient
from syncline.connectors.http.reply import Reply, server_time

__all__ = [
    "Budget",
    "HttpClient",
    "Ledger",
    "Limits",
    "MemoryLedger",
    "Reply",
    "check_base_url",
    "server_time",
]
