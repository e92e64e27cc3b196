"""The HTTP application asked in this process, without a port."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2

from syncline.api.app import make_app
from syncline.config import load
from syncline.service.serving import Serving

TOKEN = "let-me-in-" * 4


def serving(folder: Path, **changes: Any) -> Serving:
    """A process that serves, without one."""
    settings = folder / "asked.yaml"
    settings.write_text("version: 1\n")
    return replace(Serving(load(settings), {}, TOKEN), **changes)


def ask(asked: Serving, method: str, path: str, **more: Any) -> httpx2.Response:
    """One request, and its answer."""

    async def once() -> httpx2.Response:
        transport = httpx2.ASGITransport(make_app(asked))
        async with httpx2.AsyncClient(transport=transport, base_url="http://syncline.test") as client:
            return await client.request(method, path, **more)

    return asyncio.run(once())
