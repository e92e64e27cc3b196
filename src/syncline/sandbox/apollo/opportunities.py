"""Deals: how they are made, changed and shown."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from syncline.sandbox.apollo import values
from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.deal_stages import DealStages
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.fields import Fields
from syncline.sandbox.apollo.shapes import blank_opportunity
from syncline.sandbox.apollo.workspace import (
    ACCOUNTS,
    OPPORTUNITIES,
    OPPORTUNITY_STAGES,
    PIPELINES,
    USERS,
    Workspace,
    shown,
)
from syncline.sandbox.state import Document

# What the published pages list; anything else in a body is ignored without a word.
LISTED = frozenset(
    {"name", "owner_id", "account_id", "amount", "opportunity_stage_id", "closed_date", "typed_custom_fields"}
)
# What the vendor's own tools send besides.
UNLISTED = frozenset({"description", "next_step", "next_step_date", "opportunity_pipeline_id"})
_TEXTS = ("name", "description", "next_step")


class Opportunities:
    """Writes and shows deals of one workspace."""

    def __init__(
        self, workspace: Workspace, stages: DealStages, fields: Fields, accounts: Accounts, doubts: Doubts
    ) -> None:
        self._workspace = workspace
        self._stages = stages
        self._fields = fields
        self._accounts = accounts
        self._doubts = doubts

    def create(self, sent: Mapping[str, Any], creator_id: str, *, source: str = "api") -> Document:
        """A new deal, stored: without a stage or an owner unless they are named."""
        stamp = self._workspace.stamp()
        doc = blank_opportunity(self._workspace.new_id(), self._workspace.team_id, creator_id, source, stamp)
        doc["opportunity_pipeline_id"] = self._stages.default_pipeline()
        self.write(doc, {key: value for key, value in sent.items() if key in self.taken()})
        self._workspace.save(OPPORTUNITIES, doc)
        return doc

    def change(self, doc: Document, sent: Mapping[str, Any]) -> Document:
        """Change a deal; nothing it shows tells when that was, but what its stage or activity brings along."""
        before = self._workspace.state.peek(OPPORTUNITIES, doc["id"])
        self.write(doc, {key: value for key, value in sent.items() if key in self.taken()})
        if doc != before:
            doc["_updated_at"] = self._workspace.stamp()
            self._workspace.save(OPPORTUNITIES, doc)
        return doc

    def taken(self) -> frozenset[str]:
        """The keys a create or an update takes."""
        return LISTED | UNLISTED if self._doubts["deal_texts_are_taken"] else LISTED

    def write(self, doc: Document, sent: Mapping[str, Any], *, trusted: bool = False) -> None:
        """Put sent values into a deal the way the vendor stores them; a trusted writer may set any key."""
        for key, value in sent.items():
            writer = self._writer(key)
            if writer is not None:
                writer(doc, value)
            elif trusted:
                doc[key] = value
        amount, probability = doc["amount"], doc["deal_probability"]
        doc["amount_in_team_currency"] = amount
        doc["forecasted_revenue"] = None if amount is None else amount * (probability or 0) / 100

    def own(self, doc: Mapping[str, Any]) -> Document:
        """A deal as create and update answer with it."""
        plain = shown(doc)
        if not self._doubts["deals_show_created_at"]:
            plain["opportunity_created_at"] = plain.pop("created_at")
        return plain

    def listed(self, doc: Mapping[str, Any]) -> Document:
        """A deal as searches and show have it: with its account inside."""
        account = self._workspace.state.peek(ACCOUNTS, str(doc["account_id"]))
        return {**self.own(doc), **({"account": self._accounts.listed(account)} if account else {})}

    def _writer(self, key: str) -> Callable[[Document, Any], None] | None:
        if key in _TEXTS:
            return lambda doc, value: doc.__setitem__(key, values.text(value))
        return {
            "account_id": lambda doc, value: self._set_reference(doc, "account_id", ACCOUNTS, value),
            "amount": lambda doc, value: doc.__setitem__("amount", self._amount(value)),
            "closed_date": lambda doc, value: doc.__setitem__("closed_date", _day(value)),
            "next_step_date": lambda doc, value: doc.__setitem__("next_step_date", _day(value)),
            "opportunity_pipeline_id": lambda doc, value: self._set_reference(
                doc, "opportunity_pipeline_id", PIPELINES, value
            ),
            "opportunity_stage_id": self._set_stage,
            "owner_id": lambda doc, value: self._set_reference(doc, "owner_id", USERS, value),
            "typed_custom_fields": lambda doc, value: self._fields.write(doc, "opportunity", value),
        }.get(key)

    def _set_reference(self, doc: Document, key: str, type_: str, value: Any) -> None:
        doc[key] = self._workspace.check_id(type_, value) if value else None

    def _set_stage(self, doc: Document, value: Any) -> None:
        if not value or value == doc["opportunity_stage_id"]:
            return
        stage = self._workspace.state.peek(
            OPPORTUNITY_STAGES, self._workspace.check_id(OPPORTUNITY_STAGES, value)
        )
        if stage is not None:
            stamp = self._workspace.stamp().replace("Z", "+00:00")
            doc.update(
                {
                    "opportunity_stage_id": stage["id"],
                    "opportunity_pipeline_id": stage["opportunity_pipeline_id"],
                    "is_closed": stage["is_closed"],
                    "is_won": stage["is_won"],
                    "deal_probability": stage["probability"],
                    "forecast_category": (stage["forecast_category_cd"] or "").lower() or None,
                    "stage_updated_at": stamp,
                }
            )

    def _amount(self, value: Any) -> float | int | None:
        """Digits are an amount; anything else leaves it blank, and so does a part of a unit unless that is doubted."""
        plain = values.text(value) or ""
        if plain.isascii() and plain.isdigit():
            return int(plain[: values.MOST_DIGITS])
        whole, point, part = plain.partition(".")
        if (
            self._doubts["deal_amounts_have_cents"]
            and point
            and f"{whole}{part}".isdigit()
            and plain.isascii()
        ):
            return float(plain[: values.MOST_DIGITS])
        return None


def _day(value: Any) -> str | None:
    """A day as a moment of midnight; what cannot be read as one is no day."""
    try:
        day = date.fromisoformat((values.text(value) or "")[:10])
    except ValueError:
        return None
    return f"{day.isoformat()}T00:00:00.000+00:00"
