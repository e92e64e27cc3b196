"""Options of the standard picklists."""

from __future__ import annotations

from dataclasses import dataclass

INDUSTRIES = (
    "Agriculture",
    "Apparel",
    "Banking",
    "Biotechnology",
    "Chemicals",
    "Communications",
    "Construction",
    "Consulting",
    "Education",
    "Electronics",
    "Energy",
    "Engineering",
    "Entertainment",
    "Environmental",
    "Finance",
    "Food & Beverage",
    "Government",
    "Healthcare",
    "Hospitality",
    "Insurance",
    "Machinery",
    "Manufacturing",
    "Media",
    "Not For Profit",
    "Recreation",
    "Retail",
    "Shipping",
    "Technology",
    "Telecommunications",
    "Transportation",
    "Utilities",
    "Other",
)

# Record types may offer fewer options than describe lists; the server alone knows.
LEFT_OUT_BY_RECORD_TYPE = {
    "Account.Small_Business": {
        "Industry": ["Banking", "Chemicals", "Energy", "Government", "Insurance", "Utilities"],
        "Segment__c": ["Enterprise", "Strategic"],
        "Type": ["Channel Partner / Reseller", "Technology Partner"],
    },
}

LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", "Apollo")
LEAD_STATUSES = (
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
)
RATINGS = ("Hot", "Warm", "Cold")
ACCOUNT_TYPES = (
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
)
OWNERSHIPS = ("Public", "Private", "Subsidiary", "Other")
CLEAN_STATUSES = (
    "Matched",
    "Different",
    "Acknowledged",
    "NotFound",
    "Inactive",
    "Pending",
    "SelectMatch",
    "Skipped",
)
SEGMENTS = ("SMB", "Mid-Market", "Enterprise", "Strategic")
APOLLO_STAGES = (
    "Cold",
    "Approaching",
    "Replied",
    "Interested",
    "Not Interested",
    "Unresponsive",
    "Do Not Contact",
    "Bad Data",
    "Changed Job",
)
DEAL_TYPES = ("Existing Business", "New Business")
CONTACT_ROLES = (
    "Business User",
    "Decision Maker",
    "Economic Buyer",
    "Economic Decision Maker",
    "Evaluator",
    "Executive Sponsor",
    "Influencer",
    "Technical Buyer",
    "Other",
)
FORECASTS = ("Omitted", "Pipeline", "BestCase", "MostLikely", "Forecast", "Closed")
FORECAST_NAMES = ("Omitted", "Pipeline", "Best Case", "Most Likely", "Commit", "Closed")


@dataclass(frozen=True, slots=True)
class DealStage:
    """A stage of opportunities as a new org has it, and what the server derives of it."""

    label: str
    probability: int
    forecast: str
    closed: bool = False
    won: bool = False


DEAL_STAGES = (
    DealStage("Prospecting", 10, "Pipeline"),
    DealStage("Qualification", 10, "Pipeline"),
    DealStage("Needs Analysis", 20, "Pipeline"),
    DealStage("Value Proposition", 50, "Pipeline"),
    DealStage("Id. Decision Makers", 60, "Pipeline"),
    DealStage("Perception Analysis", 70, "Pipeline"),
    DealStage("Proposal/Price Quote", 75, "Pipeline"),
    DealStage("Negotiation/Review", 90, "Pipeline"),
    DealStage("Closed Won", 100, "Closed", closed=True, won=True),
    DealStage("Closed Lost", 0, "Omitted", closed=True),
)
