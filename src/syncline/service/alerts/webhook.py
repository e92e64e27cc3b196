"""Alerts as JSON to an address of your own, signed so that it can tell who sent them."""

from __future__ import annotations

import hashlib
import hmac
import time

import msgspec

from syncline.service.alerts.message import Message
from syncline.service.alerts.post import post

ID, TIMESTAMP, SIGNATURE = "Syncline-Alert", "Syncline-Timestamp", "Syncline-Signature"


def send(url: str, key: str, message: Message) -> str | None:
    """Post a message; why that failed, if it did."""
    body = msgspec.json.encode(message.document)
    # Receivers compare it with their own clock, so it is the time of this machine, whatever clock a test goes by.
    timestamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", ID: message.token, TIMESTAMP: timestamp}
    if key:
        headers[SIGNATURE] = f"sha256={signature(key, timestamp, body)}"
    return post(url, body, headers)


def signature(key: str, timestamp: str, body: bytes) -> str:
    """The HMAC-SHA256, in hex, of the timestamp, a full stop and the body."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
