"""Keeps secrets and e-mail addresses out of everything that is logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "[hidden]"
ADDRESS = "[address]"
SHORTEST = 4
"""A shorter secret is part of too many words; no system gives such a one out."""

_EMAIL = re.compile(r"[\w.%+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/?#]+@")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=!-]{8,}")
_NAMED = re.compile(
    r"(?i)\b((?:access_|refresh_|id_)?token|client_secret|api_?key|x-api-key|password|assertion|private_key)"
    r"(['\"]?\s*[=:]\s*['\"]?)[^\s&'\",}]+"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|\Z)", re.DOTALL)
_SECRET_KEY = re.compile(r"(?i)(secret|token|password|api_?key|private_?key|authorization|assertion)")


class Redactor:
    """Hides what is known to be secret, and what looks like it."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hide(self, secrets: Iterable[str]) -> None:
        """Hide these texts from now on, and each of their lines."""
        for secret in secrets:
            parts = (secret, *secret.splitlines(), secret.replace("\n", "\\n"))
            self._secrets.update(part.strip() for part in parts if len(part.strip()) >= SHORTEST)

    def secrets(self, text: str) -> str:
        """The text without the secrets that are known: for the eyes of the person who asked."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _PEM.sub(HIDDEN, text)

    def text(self, text: str) -> str:
        """The text with everything hidden that must not be seen."""
        text = self.secrets(text)
        text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        text = _NAMED.sub(rf"\1\2{HIDDEN}", text)
        return _EMAIL.sub(ADDRESS, text)

    def value(self, value: Any, name: str = "") -> Any:
        """The same for a value of any shape; what stands under a name of secrets is hidden whole."""
        if name and _SECRET_KEY.search(name):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(each, str(key)) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each) for each in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


REDACTOR = Redactor()
"""The one of this process: secrets are told to it as soon as they are looked up."""
