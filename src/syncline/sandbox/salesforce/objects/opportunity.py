"""The Opportunity object with its stages and the contacts who play a role in it."""

from __future__ import annotations

from dataclasses import replace

from syncline.sandbox.salesforce.fields import Field, ObjectType, Option
from syncline.sandbox.salesforce.objects import builders as make
from syncline.sandbox.salesforce.objects import picklists

OPPORTUNITY = ObjectType(
    name="Opportunity",
    label="Opportunity",
    plural="Opportunities",
    prefix="006",
    children=(("OpportunityContactRole", "OpportunityId", "OpportunityContactRoles"),),
    fields=(
        make.key("Opportunity ID"),
        make.checkbox("IsDeleted", "Deleted").read_only(),
        make.reference("AccountId", "Account ID", "Account"),
        make.checkbox("IsPrivate", "Private"),
        replace(make.text("Name", "Name", 120).obligatory(), name_field=True),
        make.area("Description", "Description", 32_000),
        make.pick("StageName", "Stage", tuple(each.label for each in picklists.DEAL_STAGES)).obligatory(),
        make.money("Amount", "Amount", 18, 2),
        make.percent("Probability", "Probability (%)"),
        replace(make.money("ExpectedRevenue", "Expected Amount", 18, 2).read_only(), calculated=True),
        make.decimal("TotalOpportunityQuantity", "Quantity", 18, 2),
        make.day("CloseDate", "Close Date").obligatory(),
        make.pick("Type", "Opportunity Type", picklists.DEAL_TYPES),
        make.text("NextStep", "Next Step", 255),
        make.pick("LeadSource", "Lead Source", picklists.LEAD_SOURCES),
        make.checkbox("IsClosed", "Closed").read_only(),
        make.checkbox("IsWon", "Won").read_only(),
        make.pick("ForecastCategory", "Forecast Category", picklists.FORECASTS, restricted=True).read_only(),
        make.pick("ForecastCategoryName", "Forecast Category", picklists.FORECAST_NAMES, restricted=True),
        make.owner("User"),
        *make.system_fields(),
        make.external_key("Apollo_Id__c", "Apollo ID", 40),
    ),
)

CURRENCY = "CurrencyIsoCode"
"""The field with the currency of a record, which only an org with several currencies has."""


def currency(codes: tuple[str, ...]) -> Field:
    """The field of an org that keeps amounts in these currencies; records get the first one by default."""
    options = tuple(Option(code, default=code == codes[0]) for code in codes)
    made = Field(CURRENCY, "Currency ISO Code", "picklist", length=3, options=options, restricted=True)
    return replace(made, defaulted=True)


def _read_only(*fields: Field) -> tuple[Field, ...]:
    return tuple(each.read_only() for each in fields)


OPPORTUNITY_STAGE = ObjectType(
    name="OpportunityStage",
    label="Opportunity Stage",
    plural="Opportunity Stages",
    prefix="01J",
    writable=False,
    fields=_read_only(
        make.key("Opportunity Stage ID"),
        replace(make.text("MasterLabel", "Master Label", 255).obligatory(), name_field=True),
        make.text("ApiName", "API Name", 255).obligatory(),
        make.checkbox("IsActive", "Is Active"),
        make.integer("SortOrder", "Order"),
        make.checkbox("IsClosed", "Closed"),
        make.checkbox("IsWon", "Won"),
        make.pick("ForecastCategory", "Forecast Category", picklists.FORECASTS, restricted=True),
        make.pick("ForecastCategoryName", "Forecast Category Name", picklists.FORECAST_NAMES),
        make.percent("DefaultProbability", "Probability (%)"),
        make.text("Description", "Description", 1000),
        *make.system_fields(owned=False),
    ),
)

OPPORTUNITY_CONTACT_ROLE = ObjectType(
    name="OpportunityContactRole",
    label="Opportunity Contact Role",
    plural="Opportunity Contact Roles",
    prefix="00K",
    fields=(
        make.key("Contact Role ID"),
        make.checkbox("IsDeleted", "Deleted").read_only(),
        make.reference("OpportunityId", "Opportunity ID", "Opportunity").obligatory(),
        make.reference("ContactId", "Contact ID", "Contact").obligatory(),
        make.pick("Role", "Role", picklists.CONTACT_ROLES),
        make.checkbox("IsPrimary", "Primary"),
        *make.system_fields(owned=False),
    ),
)
