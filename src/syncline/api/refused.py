"""Refused: what every answer looks like that is no, as the description of the API shows it."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class RefusalWords(Schema):
    """Why not, and what to do."""

    code: str = Field(description="Stable; the reference of errors explains it.")
    message: str = Field(description="What happened.")
    cure: str = Field(description="What to do next.")


class Refused(Schema):
    """What was asked for was not done."""

    error: RefusalWords
