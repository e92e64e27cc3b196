"""Validation rules of the org: conditions that no record may be saved with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncline.sandbox.salesforce.errors import Problem
from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.settings import Settings

Compare = Callable[[Any, Any], bool]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


# What the record has, and what the rule names; empty values are neither below nor above anything.
COMPARISONS: Mapping[str, Compare] = {
    "=": lambda value, wanted: bool(value == wanted),
    "!=": lambda value, wanted: bool(value != wanted),
    "<": lambda value, wanted: value is not None and wanted is not None and value < wanted,
    ">": lambda value, wanted: value is not None and wanted is not None and value > wanted,
    "empty": lambda value, _: value is None,
    "filled": lambda value, _: value is not None,
    "contains": lambda value, wanted: _text(wanted) in _text(value),
    "longer": lambda value, wanted: len(_text(value)) > int(wanted),
}


class ValidationRules:
    """The active rules; each is a document with object, field, comparison, value, message and error_field."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def problems(self, object_: ObjectType, record: Mapping[str, Any]) -> list[Problem]:
        """One problem for each rule that the record would break once it is saved."""
        rules = [each for each in self._settings["validation_rules"] if each["object"] == object_.name]
        return [_problem(rule) for rule in rules if _broken(rule, record)]


def _broken(rule: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    return COMPARISONS[rule["comparison"]](record.get(rule["field"]), rule["value"])


def _problem(rule: Mapping[str, Any]) -> Problem:
    fields = (rule["error_field"],) if rule["error_field"] else ()
    return Problem("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], fields)
