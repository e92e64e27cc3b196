"""The gate every request of a sandbox passes: it is counted, met by faults, then answered by the system."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import format_datetime

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncline.sandbox.clock import Clock
from syncline.sandbox.exchange import Exchange, cut, read_body
from syncline.sandbox.faults import Fault, Faults
from syncline.sandbox.past import as_of
from syncline.sandbox.system import Answer, SystemApp

CONTROL = "/_sandbox"
_HTML = b"<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>\n"
_CARRIED_OUT = frozenset({"hang_after_commit", "truncate", "cut"})
"""The kinds that only spoil the answer."""


class RequestCounter:
    """How often each method and path template was asked for. Lives in memory: a restart starts at nought."""

    def __init__(self, routes: Sequence[Route], topic: Callable[[str], str] = lambda _query: "") -> None:
        self._routes = routes
        self._topic = topic
        self._counts: Counter[str] = Counter()
        self._topics: Counter[str] = Counter()

    def count(self, scope: Scope) -> None:
        """Count one request under its route's template, or under its own path when no route takes it."""
        name = f"{scope['method']} {self._template(scope)}"
        self._counts[name] += 1
        if topic := self._topic(scope.get("query_string", b"").decode("latin-1")):
            self._topics[f"{name} {topic}"] += 1

    def shown(self) -> dict[str, int]:
        """The counts by "METHOD /path/{template}", and their total."""
        return {**dict(sorted(self._counts.items())), "total": self._counts.total()}

    def topics(self) -> dict[str, int]:
        """The counts of requests that name an object type in their query, by "METHOD /path/{template} TYPE"."""
        return dict(sorted(self._topics.items()))

    def clear(self) -> None:
        """Start again at nought."""
        self._counts.clear()
        self._topics.clear()

    def _template(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL and not route.path.endswith(":path}"):
                return route.path
        return str(scope["path"])


class Gate:
    """ASGI middleware around one system. Requests are counted before any fault is applied."""

    def __init__(
        self, inner: ASGIApp, system: SystemApp, counter: RequestCounter, faults: Faults, clock: Clock
    ) -> None:
        self._inner = inner
        self._system = system
        self._counter = counter
        self._faults = faults
        self._clock = clock
        self.stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._inner(scope, receive, send)
            return
        self._counter.count(scope)
        exchange = Exchange(scope, receive, self._dated(send), await read_body(receive))
        met = self._met(exchange)
        await self._delay(met)
        behind = self._behind(met)
        shaping = next((fault for fault in met if fault.kind not in {"latency", "stale"}), None)
        with as_of(self._clock.now() - timedelta(seconds=behind) if behind else None):
            if shaping is None:
                await exchange.pass_to(self._inner)
            else:
                await self._act(shaping, exchange)

    def _dated(self, send: Send) -> Send:
        """Answers carry the time of the sandbox; the server would put the machine's there."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self._clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", now)]}
            await send(message)

        return dated

    def _met(self, exchange: Exchange) -> list[Fault]:
        request = exchange.page_request()

        def fits(fault: Fault) -> bool:
            if fault.kind == "stale":
                return self._system.is_listing(request)
            return fault.kind != "read_only" or self._system.is_write(request)

        return self._faults.met_by(request.method, self._system.place(request), fits)

    async def _delay(self, met: list[Fault]) -> None:
        for fault in met:
            if fault.kind == "latency":
                self._faults.spend(fault)
                await asyncio.sleep(fault.seconds)

    def _behind(self, met: list[Fault]) -> float:
        """How many seconds the listing that is asked for is behind: the most any rule says."""
        stale = [fault for fault in met if fault.kind == "stale"]
        for fault in stale:
            self._faults.spend(fault)
        return max((fault.seconds for fault in stale), default=0.0)

    async def _act(self, fault: Fault, exchange: Exchange) -> None:
        if fault.kind == "repeat_page":
            await self._repeat_page(fault, exchange)
            return
        self._faults.spend(fault)
        carried_out = fault.after_commit or fault.kind in _CARRIED_OUT
        answer = await exchange.carry_out(self._inner) if carried_out else None
        if fault.kind in {"hang", "hang_after_commit"}:
            await self._hang(exchange)
        elif fault.kind == "reset":
            cut(exchange.scope)
        elif answer is not None and fault.kind == "truncate":
            await exchange.answer(Answer(answer.status, answer.headers, _halved(answer.body)))
        elif answer is not None and fault.kind == "cut":
            await exchange.answer_half(answer)
        else:
            await exchange.answer(self._spoilt(fault))

    async def _repeat_page(self, fault: Fault, exchange: Exchange) -> None:
        remembered = fault.remembered.get("answer")
        if isinstance(remembered, Answer) and self._system.is_next_page(exchange.page_request()):
            self._faults.spend(fault)
            await exchange.answer(remembered)
            return
        answer = await exchange.carry_out(self._inner)
        fault.remembered["answer"] = answer
        await exchange.answer(answer)

    async def _hang(self, exchange: Exchange) -> None:
        """Say nothing until the client gives up or the sandbox stops."""
        waits = [asyncio.ensure_future(exchange.disconnected()), asyncio.ensure_future(self.stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        cut(exchange.scope)

    def _spoilt(self, fault: Fault) -> Answer:
        """What comes instead of the answer: the vendor's own words, unless the rule has others."""
        if fault.kind == "html":
            html = {"content-type": "text/html; charset=utf-8", **fault.headers}
            return Answer(fault.status or 200, html, _HTML)
        if fault.kind == "storm":
            return self._storm(fault)
        own = self._system.read_only if fault.kind == "read_only" else None
        status = fault.status or (own.status if own else 500)
        return _worded(fault, own or self._system.error_answer(status), status)

    def _storm(self, fault: Fault) -> Answer:
        """The refusal of a system that is asked too much. A 429 says how long that lasts; another need not."""
        own = self._system.storm
        status = fault.status or own.status
        answer = _worded(fault, own, status)
        if status != 429 or fault.ends_at is None:
            return answer
        left = math.ceil((fault.ends_at - self._clock.now()).total_seconds())
        return Answer(
            status, {"retry-after": str(max(1, left)), **answer.headers, **fault.headers}, answer.body
        )


def _worded(fault: Fault, own: Answer | None, status: int) -> Answer:
    """An answer of a status with the body the rule gives, or the system's own, or none."""
    if own is not None and fault.body is None:
        return Answer(status, {**own.headers, **fault.headers}, own.body)
    text = isinstance(fault.body, str) or fault.body is None
    body = (fault.body or "").encode() if text else json.dumps(fault.body).encode()
    kind = "text/plain; charset=utf-8" if text else "application/json"
    return Answer(status, {"content-type": kind, **fault.headers}, body)


def _halved(body: bytes) -> bytes:
    return body[: len(body) // 2]
