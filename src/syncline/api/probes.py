"""Probes: whether the process lives, and whether it can do its work (rule O4)."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from syncline.api.asking import serving_of
from syncline.core.errors import StoreError
from syncline.store.migrating import unapplied

OK = "ok"


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the same answer to everybody
    """The process lives; nothing else is looked at."""
    return JsonResponse({"status": OK})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that work needs is there; 503 says in words what is not."""
    found = {"database": _database(), "worker": serving_of(request).trouble() or OK}
    ready = set(found.values()) == {OK}
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


def _database() -> str:
    try:
        missing = unapplied()
    except StoreError as error:
        return error.message
    return f"the tables are not those of this version, missing: {', '.join(missing)}" if missing else OK
