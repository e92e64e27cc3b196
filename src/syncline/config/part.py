"""What every part of the settings document has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the document: unknown settings are refused, values never change once they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
