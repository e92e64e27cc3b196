"""What is not known for certain of the vendor's manners: each doubt has a default and can be turned."""

from collections.abc import Mapping

from syncline.sandbox.state import State

# name -> whether it is so unless a test says otherwise
DEFAULTS: Mapping[str, bool] = {
    "crm_ids_on_create": True,  # POST /contacts takes ids of the CRM and of the person, which its page does not list
    "crm_ids_match_in_bulk": False,  # bulk_create of contacts without run_dedupe finds contacts by ids of the CRM
    "stage_in_bulk_update": False,  # bulk_update of contacts takes the stage its page speaks of but does not list
    "field_names_are_unique": False,  # a second custom field of the same name and modality is refused
    "searches_on_free_plan": False,  # the free plan may search records and users, as one recording suggests
    "deals_show_created_at": False,  # deals show created_at, as published; one recording has opportunity_created_at
    "deal_texts_are_taken": True,  # deals take description, next step and pipeline, which their pages do not list
    "deal_amounts_have_cents": False,  # amounts of deals take a decimal point; the page asks for digits alone
    "denial_keeps_state": True,  # who is denied consent goes back to the app with the state they came with
}


class Doubts:
    """The doubts of one workspace, as they are decided now."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __getitem__(self, name: str) -> bool:
        return bool(self.all()[name])

    def all(self) -> dict[str, bool]:
        """Every doubt and how it is decided."""
        return {**DEFAULTS, **(self._state.peek("_doubts", "doubts") or {})}

    def decide(self, change: Mapping[str, object]) -> dict[str, bool]:
        """Decide some of them; ValueError names one that does not exist or is no yes or no."""
        for name, decided in change.items():
            if name not in DEFAULTS or not isinstance(decided, bool):
                raise ValueError(f"{name}: give true or false for some of {', '.join(DEFAULTS)}")
        self._state.put("_doubts", "doubts", {**self.all(), **change})
        return self.all()
