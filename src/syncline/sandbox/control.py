"""The control routes of a sandbox: faults, request counts, clock and records; apart from the vendor's own."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncline.sandbox.clock import Clock
from syncline.sandbox.faults import FaultError, Faults
from syncline.sandbox.gate import CONTROL, RequestCounter
from syncline.sandbox.state import State
from syncline.sandbox.system import Records, UnknownRecordError

FURTHEST = 100 * 365 * 86_400
Handler = Callable[[Request], Awaitable[Response]]


class ControlError(ValueError):
    """A control request that cannot be understood; the message says why."""


class Control:
    """Handlers of the control routes over one sandbox."""

    def __init__(
        self, state: State, clock: Clock, faults: Faults, counter: RequestCounter, records: Records
    ) -> None:
        self._state = state
        self._clock = clock
        self._faults = faults
        self._counter = counter
        self._records = records

    def routes(self) -> list[Route]:
        """Every control route."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/faults", self._list_faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/requests", self._list_requests),
            ("DELETE", "/requests", self._clear_requests),
            ("GET", "/clock", self._show_clock),
            ("POST", "/clock", self._move_clock),
            ("GET", "/records", self._list_types),
            ("GET", "/records/{type}", self._list_records),
            ("POST", "/records/{type}", self._create_record),
            ("GET", "/records/{type}/{id}", self._show_record),
            ("POST", "/records/{type}/{id}", self._edit_record),
            ("POST", "/delete", self._delete_record),
            ("POST", "/reset", self._reset),
        ]
        return [Route(CONTROL + path, answered(handler), methods=[method]) for method, path, handler in table]

    async def _list_faults(self, _request: Request) -> Response:
        return JSONResponse({"faults": [fault.shown() for fault in self._faults.all()]})

    async def _add_fault(self, request: Request) -> Response:
        fault = self._faults.add(await body_object(request))
        if fault.kind == "stale":
            self._state.remember(self._records.types(), self._clock.now)
        return JSONResponse(fault.shown(), status_code=201)

    async def _clear_faults(self, _request: Request) -> Response:
        self._faults.clear()
        self._state.forget()
        return Response(status_code=204)

    async def _list_requests(self, request: Request) -> Response:
        by_topic = "topics" in request.query_params
        return JSONResponse(self._counter.topics() if by_topic else self._counter.shown())

    async def _clear_requests(self, _request: Request) -> Response:
        self._counter.clear()
        return Response(status_code=204)

    async def _show_clock(self, _request: Request) -> Response:
        clock = self._clock
        told = {"now": clock.told().isoformat(), "frozen": clock.is_frozen(), "skew": clock.skew()}
        return JSONResponse(told)

    async def _move_clock(self, request: Request) -> Response:
        change = _clock_change(await body_object(request))
        if "frozen" in change:  # first, so that a frozen clock stands at the very time it is given
            self._clock.freeze(change["frozen"])
        if "now" in change:
            self._clock.set(change["now"])
        if "advance" in change:
            self._clock.advance(change["advance"])
        if "skew" in change:
            self._clock.set_skew(change["skew"])
        return await self._show_clock(request)

    async def _list_types(self, _request: Request) -> Response:
        return JSONResponse({"types": list(self._records.types())})

    async def _list_records(self, request: Request) -> Response:
        offset, limit = _count(request, "offset", 0), _count(request, "limit", None)
        found = list(self._records.all(request.path_params["type"]))
        end = None if limit is None else (offset or 0) + limit
        return JSONResponse({"total": len(found), "records": found[offset or 0 : end]})

    async def _create_record(self, request: Request) -> Response:
        values = await body_object(request)
        with self._state.transaction():
            made = self._records.create(request.path_params["type"], values)
        return JSONResponse(_plain(made), status_code=201)

    async def _show_record(self, request: Request) -> Response:
        return JSONResponse(_plain(self._records.get(request.path_params["type"], request.path_params["id"])))

    async def _edit_record(self, request: Request) -> Response:
        values = await body_object(request)
        with self._state.transaction():
            edited = self._records.edit(request.path_params["type"], request.path_params["id"], values)
        return JSONResponse(_plain(edited))

    async def _delete_record(self, request: Request) -> Response:
        named = await body_object(request)
        with self._state.transaction():
            self._records.delete(str(named.get("type")), str(named.get("id")))
        return Response(status_code=204)

    async def _reset(self, _request: Request) -> Response:
        """Everything is as it was after the first start: records, switches, clock, counts, and no faults."""
        self._state.reset()
        self._state.forget()
        self._faults.clear()
        self._counter.clear()
        return Response(status_code=204)


def answered(handler: Handler) -> Handler:
    """A control handler whose misunderstandings become 400 and unknown records 404, with the reason."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except UnknownRecordError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except (ControlError, FaultError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


async def body_object(request: Request) -> dict[str, Any]:
    """The JSON object of a control request."""
    try:
        body = json.loads(await request.body() or b"{}")
    except json.JSONDecodeError as error:
        raise ControlError(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _clock_change(wish: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is to become of the clock, when all of it makes sense: half a change would be no change anybody meant."""
    if unknown := wish.keys() - {"frozen", "now", "advance", "skew"}:
        raise ControlError(f"unknown keys: {', '.join(sorted(unknown))}")
    if not isinstance(wish.get("frozen", False), bool):
        raise ControlError("frozen must be true or false")
    if "now" in wish:
        datetime.fromisoformat(wish["now"])
    for key in ("advance", "skew"):
        seconds = wish.get(key, 0)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) <= FURTHEST:
            raise ControlError(f"{key} must be a number of seconds, not more than a hundred years of them")
    return wish


def _count(request: Request, name: str, default: int | None) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not given.isdigit():
        raise ControlError(f"{name} must be a whole number")
    return int(given)


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return dict(record)
