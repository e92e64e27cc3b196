"""Endpoints that tell about the org: versions, resources, limits, objects."""

from __future__ import annotations

from typing import Any

from syncline.sandbox.salesforce import describe, stamps
from syncline.sandbox.salesforce.api import NEWEST, OLDEST, Call, Endpoint, Reply
from syncline.sandbox.salesforce.errors import not_found
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.schema import Schema

DATA = "/services/data/{version}"
MAX_BATCH = 200

# The three releases of a year, from version 31 (Summer '14) on.
_SEASONS = ("Summer", "Winter", "Spring")


def endpoints() -> list[Endpoint]:
    """The endpoints of this module."""
    return [
        Endpoint("/services/data", {"GET": versions}, open=True),
        Endpoint(DATA, {"GET": resources}),
        Endpoint(f"{DATA}/limits", {"GET": limits}),
        Endpoint(f"{DATA}/sobjects", {"GET": all_objects}),
        Endpoint(f"{DATA}/sobjects/{{object}}/describe", {"GET": describe_object}),
    ]


def object_of(call: Call) -> ObjectType:
    """The object an address names, as the caller sees it."""
    return _named(call, call.schema)


def written_object(call: Call) -> ObjectType:
    """The object an address names, with every field, for a write."""
    return _named(call, call.written_schema)


def _named(call: Call, schema: Schema) -> ObjectType:
    found = schema.named(call.params["object"])
    if found is None:
        raise not_found()
    return found


def versions(_call: Call) -> Reply:
    """The versions of the API; no token is asked for."""
    return Reply(200, [_version(number) for number in range(OLDEST, NEWEST + 1)])


def resources(call: Call) -> Reply:
    """The resources of one version."""
    root = f"/services/data/{call.version}"
    names = ("composite", "limits", "query", "queryAll", "sobjects", "ui-api")
    listed = {name: f"{root}/{name}" for name in names}
    return Reply(200, {**listed, "identity": f"{call.origin}/id/{call.org.id}/{call.user}"})


def limits(call: Call) -> Reply:
    """What is left of the allocations of the org."""
    usage = call.org.usage
    return Reply(
        200,
        {
            "DailyApiRequests": {"Max": usage.limit, "Remaining": max(0, usage.limit - usage.used)},
            "DailyBulkApiBatches": _unused(15_000),
            "DailyBulkV2QueryFileStorageMB": _unused(976_562),
            "DailyBulkV2QueryJobs": _unused(10_000),
            "DataStorageMB": _unused(1_024),
            "FileStorageMB": _unused(1_024),
            "HourlyPublishedPlatformEvents": _unused(50_000),
            "SingleEmail": _unused(5_000),
        },
    )


def all_objects(call: Call) -> Reply:
    """Every object in short."""
    listed = [describe.summary(each, call.version) for each in call.schema.objects.values()]
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": MAX_BATCH, "sobjects": listed})


def describe_object(call: Call) -> Reply:
    """Everything about one object, or 304 when the caller knows it already."""
    object_ = object_of(call)
    changed = stamps.parse_moment(call.org.settings["schema_changed"] or call.org.app["installed"])
    known = stamps.parse_http_date(call.headers.get("if-modified-since", ""))
    headers = {"last-modified": stamps.http_date(changed)} if changed else {}
    if changed and known and changed <= known:
        return Reply(304, None, headers)
    return Reply(200, describe.whole(call.org, object_, call.version), headers)


def _version(number: int) -> dict[str, Any]:
    turn = number - OLDEST
    season = _SEASONS[turn % 3]
    # A winter release carries the number of the year to come.
    year = 14 + turn // 3 + (0 if season == "Summer" else 1)
    return {
        "label": f"{season} '{year}",
        "url": f"/services/data/v{number}.0",
        "version": f"{number}.0",
    }


def _unused(count: int) -> dict[str, int]:
    return {"Max": count, "Remaining": count}
