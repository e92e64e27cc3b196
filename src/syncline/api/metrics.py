"""Metrics over HTTP, for Prometheus (rule O4)."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from syncline.api.answers import refusal
from syncline.api.asking import is_token, serving_of
from syncline.service.clock import choose_clock
from syncline.service.metrics import exposition


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every metric, to this machine and to whoever shows the token."""
    if not (_is_from_here(request) or _shows_token(request)):
        return refusal(401)
    serving = serving_of(request)
    text = exposition(serving.newest(), serving.engine(), choose_clock(serving.environ).now())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a process of this machine asks for itself; one that says that it asks for another does not."""
    if {"HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_VIA", "HTTP_X_REAL_IP"} & request.META.keys():
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _shows_token(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and is_token(request, token.strip())
