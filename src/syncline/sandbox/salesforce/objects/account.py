"""The Account object."""

from __future__ import annotations

from dataclasses import replace

from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.objects import builders as make
from syncline.sandbox.salesforce.objects import picklists

ACCOUNT = ObjectType(
    name="Account",
    label="Account",
    plural="Accounts",
    prefix="001",
    record_types=True,
    children=(
        ("Contact", "AccountId", "Contacts"),
        ("Account", "ParentId", "ChildAccounts"),
        ("Opportunity", "AccountId", "Opportunities"),
    ),
    fields=(
        make.key("Account ID"),
        *make.deletion_fields("Account"),
        replace(make.text("Name", "Account Name", 255).obligatory(), name_field=True),
        make.pick("Type", "Account Type", picklists.ACCOUNT_TYPES),
        make.reference("RecordTypeId", "Record Type ID", "RecordType"),
        make.reference("ParentId", "Parent Account ID", "Account"),
        *make.address("Billing", "Billing"),
        *make.address("Shipping", "Shipping"),
        make.phone("Phone", "Account Phone"),
        make.phone("Fax", "Account Fax"),
        make.text("AccountNumber", "Account Number", 40),
        make.url("Website", "Website"),
        make.text("Sic", "SIC Code", 20),
        make.pick("Industry", "Industry", picklists.INDUSTRIES, restricted=True),
        make.money("AnnualRevenue", "Annual Revenue", 18, 0),
        make.integer("NumberOfEmployees", "Employees"),
        make.pick("Ownership", "Ownership", picklists.OWNERSHIPS),
        make.text("TickerSymbol", "Ticker Symbol", 20),
        make.area("Description", "Account Description", 32_000),
        make.pick("Rating", "Account Rating", picklists.RATINGS),
        make.text("Site", "Account Site", 80),
        make.owner("User"),
        *make.system_fields(),
        make.text("Jigsaw", "Data.com Key", 20),
        make.pick("CleanStatus", "Clean Status", picklists.CLEAN_STATUSES, restricted=True),
        make.pick("AccountSource", "Account Source", picklists.LEAD_SOURCES),
        make.text("DunsNumber", "D-U-N-S Number", 9),
        make.text("Tradestyle", "Tradestyle", 255),
        make.text("NaicsCode", "NAICS Code", 8),
        make.text("NaicsDesc", "NAICS Description", 120),
        make.text("YearStarted", "Year Started", 4),
        make.text("SicDesc", "SIC Description", 80),
        make.pick("Segment__c", "Segment", picklists.SEGMENTS, restricted=True),
        make.external_key("Apollo_Id__c", "Apollo ID", 40),
    ),
)
