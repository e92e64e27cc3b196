"""The stages of opportunities, and what the server derives of the stage an opportunity is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncline.sandbox.salesforce.objects.picklists import DEAL_STAGES, FORECAST_NAMES, FORECASTS

Values = Mapping[str, Any]


def defaults() -> list[dict[str, Any]]:
    """The stages of a new org as records, in their order."""
    return [
        {
            **_named(stage.label, order),
            "IsClosed": stage.closed,
            "IsWon": stage.won,
            "ForecastCategory": stage.forecast,
            "ForecastCategoryName": _forecast_name(stage.forecast),
            "DefaultProbability": float(stage.probability),
        }
        for order, stage in enumerate(DEAL_STAGES, 1)
    ]


def added(label: str, order: int) -> dict[str, Any]:
    """A stage an administrator adds without saying more: an open one at the end."""
    forecast = {"ForecastCategory": "Pipeline", "ForecastCategoryName": "Pipeline"}
    return {
        **_named(label, order),
        "IsClosed": False,
        "IsWon": False,
        **forecast,
        "DefaultProbability": 10.0,
    }


def named(stages: Sequence[Values], label: Any) -> Values | None:
    """The stage with that label."""
    return next((each for each in stages if each["MasterLabel"] == label), None)


def following(stages: Sequence[Values], before: Values, values: Values) -> dict[str, Any]:
    """What a write of an opportunity changes besides: a new stage brings its probability and forecast along.

    What the write names itself goes before it; whether the opportunity is closed or won is the stage's alone.
    """
    whole = {**before, **values}
    changed = {}
    if "StageName" in values and values["StageName"] != before.get("StageName"):
        stage = named(stages, values["StageName"]) or {}
        brought = {
            "Probability": stage.get("DefaultProbability", 0.0),
            "ForecastCategoryName": stage.get("ForecastCategoryName", "Pipeline"),
        }
        changed = {name: value for name, value in brought.items() if values.get(name) is None}
        changed["IsClosed"], changed["IsWon"] = stage.get("IsClosed", False), stage.get("IsWon", False)
    whole = {**whole, **changed}
    changed["ForecastCategory"] = _forecast(whole.get("ForecastCategoryName"))
    changed["ExpectedRevenue"] = _expected(whole.get("Amount"), whole.get("Probability"))
    return changed


def _named(label: str, order: int) -> dict[str, Any]:
    return {"MasterLabel": label, "ApiName": label, "SortOrder": order, "IsActive": True}


def _forecast_name(forecast: str) -> str:
    return FORECAST_NAMES[FORECASTS.index(forecast)]


def _forecast(name: Any) -> str | None:
    return FORECASTS[FORECAST_NAMES.index(name)] if name in FORECAST_NAMES else None


def _expected(amount: float | None, probability: float | None) -> float | None:
    return None if amount is None else round(amount * (probability or 0) / 100, 2)
