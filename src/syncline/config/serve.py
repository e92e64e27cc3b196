"""The settings of `syncline serve`: where it listens, who may ask, and how many syncs it works on at once."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from syncline.config.part import Part
from syncline.config.place import Path
from syncline.config.values import Reference, is_loopback
from syncline.core.errors import ConfigError

_LISTEN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})\Z")


def listen(value: object) -> str:
    """An address to listen on."""
    found = _LISTEN.match(value) if isinstance(value, str) else None
    if not found or int(found[3]) > 65_535:
        raise PydanticCustomError("listen", "should be HOST:PORT, such as 127.0.0.1:8400 or [::1]:8400")
    return found[0]


def host_and_port(address: str) -> tuple[str, int]:
    """The two parts of an address to listen on."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


Listen = Annotated[
    str, BeforeValidator(listen), WithJsonSchema({"type": "string", "pattern": r"^(\[.+\]|[^:]+):\d{1,5}$"})
]


class Serve(Part):
    """How `syncline serve` listens and works."""

    listen: Listen = Field(
        default="127.0.0.1:8400",
        description="Where it answers over HTTP, as HOST:PORT. Anything but this machine needs a token.",
    )
    workers: int = Field(default=4, ge=1, le=64, description="How many syncs are worked on at the same time.")
    token: Reference | None = Field(
        default=None,
        description="What other programs show to use the API, as env:NAME or file:PATH. Without one nothing below "
        "/api can be asked. It has at least 32 characters.",
    )

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not self.token and not is_loopback(host_and_port(self.listen)[0]):
            raise PydanticCustomError(
                "token",
                "needs a token, because it listens on {listen} and not on this machine alone",
                {"listen": self.listen},
            )
        return self

    def listening(self, address: str | None) -> Self:
        """The same on another address, if one is given; `ConfigError` where it may not listen there."""
        if not address:
            return self
        try:
            return self.model_validate({**self.model_dump(), "listen": address})
        except ValidationError as invalid:
            raise ConfigError(
                f"--listen {address}: {invalid.errors()[0]['msg']}",
                hint="See serve in the settings reference.",
            ) from None


def references(serve: Serve) -> dict[Path, str]:
    """Where secrets are referred to, by place."""
    return {("serve", "token"): serve.token} if serve.token else {}
