"""Who asks, and of which process: what every view may need to know."""

from __future__ import annotations

import hmac
from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthorizationError
from ninja.security import HttpBearer

from syncline.service.serving import Serving


def serving_of(request: HttpRequest) -> Serving:
    """The process that was asked."""
    found: Serving = request.scope["serving"]  # type: ignore[attr-defined]  # an ASGI request has one
    return found


class Token(HttpBearer):
    """Whoever shows the token of the settings may ask; without such a token nobody may."""

    def __call__(self, request: HttpRequest) -> Any:
        if not serving_of(request).token:
            raise AuthorizationError(message="no token is set, so nothing can be asked of this process")
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> bool:
        return is_token(request, token)


def is_token(request: HttpRequest, token: str) -> bool:
    """Whether that is the token of the settings; where they have none, nothing is."""
    known = serving_of(request).token
    return bool(known) and hmac.compare_digest(token.encode(), known.encode())
