"""Routes: which view answers at which address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import AuthorizationError, HttpError, ValidationError

from syncline import __version__
from syncline.api.answers import refusal
from syncline.api.asking import Token
from syncline.api.metrics import metrics
from syncline.api.nudges import router as nudges
from syncline.api.probes import healthz, readyz

# Its page of documentation would be fetched from a foreign host.
api = NinjaAPI(title="Syncline", version=__version__, docs_url=None, urls_namespace="api", auth=Token())
api.add_router("", nudges)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001 - ninja's signature
    """What ninja itself refuses."""
    if isinstance(error, AuthorizationError):
        return refusal(error.status_code, error.message, "Set serve.token in the settings file.")
    return refusal(error.status_code)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001 - same
    """Values that are not as the API wants them, each by its place."""
    places = (".".join(str(part) for part in each["loc"]) + f": {each['msg']}" for each in error.errors)
    return refusal(422, "; ".join(places))


urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/", api.urls),
]
