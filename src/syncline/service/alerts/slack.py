"""Alerts to an incoming webhook of Slack, or of another service that takes the same."""

from __future__ import annotations

import msgspec

from syncline.service.alerts.message import Message
from syncline.service.alerts.post import post


def send(url: str, message: Message) -> str | None:
    """Post a message; why that failed, if it did."""
    text = f"*{_escaped(message.title)}*\n{_escaped(message.body)}"
    return post(url, msgspec.json.encode({"text": text}), {"Content-Type": "application/json"})


def _escaped(text: str) -> str:
    """Text in which Slack finds no link and nobody to call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
