"""The pipelines and stages of deals. A workspace that a CRM is connected to has the CRM's stages."""

from collections.abc import Mapping
from typing import Any

from syncline.sandbox.apollo.wire import Call
from syncline.sandbox.apollo.workspace import OPPORTUNITY_STAGES, PIPELINES, Workspace, shown
from syncline.sandbox.state import Document

PIPELINE = "Sales Pipeline"
# name, probability, forecast category
_STAGES = (
    ("Prospecting", 10, "Pipeline"),
    ("Qualification", 10, "Pipeline"),
    ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"),
    ("Id. Decision Makers", 60, "Pipeline"),
    ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"),
    ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)
_TYPES = {"Closed Won": "Closed/Won", "Closed Lost": "Closed/Lost"}


class DealStages:
    """Lists pipelines and stages of deals and finds stages by name; the API can make neither."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def create_defaults(self) -> None:
        """Make the pipeline of a new workspace with its stages."""
        pipeline: Document = {
            "id": self._workspace.new_id(),
            "team_id": self._workspace.team_id,
            "title": PIPELINE,
            "default_pipeline": True,
            "source": "salesforce",
            "sync_enabled": True,
        }
        self._workspace.save(PIPELINES, pipeline)
        for order, (name, probability, forecast) in enumerate(_STAGES):
            type_ = _TYPES.get(name, "Open")
            self._workspace.save(
                OPPORTUNITY_STAGES,
                {
                    "id": self._workspace.new_id(),
                    "team_id": self._workspace.team_id,
                    "name": name,
                    "display_order": order,
                    "forecast_category_cd": forecast,
                    "is_won": type_ == "Closed/Won",
                    "is_closed": type_ != "Open",
                    "probability": probability,
                    "description": None,
                    "salesforce_id": None,
                    "is_meeting_set": None,
                    "opportunity_pipeline_id": pipeline["id"],
                    "is_editable": None,
                    "type": type_,
                },
            )

    def default_pipeline(self) -> str | None:
        """The pipeline of deals for which none is named."""
        default = (one["id"] for one in self._living(PIPELINES) if one.get("default_pipeline"))
        return next(default, None)

    def named(self, name: str) -> str | None:
        """The id of the stage of that name."""
        return next((str(one["id"]) for one in self._living(OPPORTUNITY_STAGES) if one["name"] == name), None)

    def list_stages(self, _call: Call) -> Document:
        """Every stage of every pipeline, in order."""
        found = sorted(self._living(OPPORTUNITY_STAGES), key=lambda one: one["display_order"] or 0)
        return {"opportunity_stages": [shown(stage) for stage in found]}

    def list_pipelines(self, _call: Call) -> Document:
        """Every pipeline."""
        return {"opportunity_pipelines": [shown(one) for one in self._living(PIPELINES)]}

    def _living(self, type_: str) -> list[Mapping[str, Any]]:
        return [one for one in self._workspace.state.all(type_) if not one.get("_deleted")]
