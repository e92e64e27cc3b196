"""The Lead object."""

from __future__ import annotations

from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.objects import builders as make
from syncline.sandbox.salesforce.objects import picklists

LEAD = ObjectType(
    name="Lead",
    label="Lead",
    plural="Leads",
    prefix="00Q",
    assignable=True,
    fields=(
        make.key("Lead ID"),
        *make.deletion_fields("Lead"),
        *make.person_names(),
        make.full_name("Full Name"),
        make.text("Title", "Title", 128),
        make.text("Company", "Company", 255).obligatory(),
        *make.address("", ""),
        make.phone("Phone", "Phone"),
        make.phone("MobilePhone", "Mobile Phone"),
        make.phone("Fax", "Fax"),
        make.email("Email", "Email"),
        make.url("Website", "Website"),
        make.area("Description", "Description", 32_000),
        make.pick("LeadSource", "Lead Source", picklists.LEAD_SOURCES),
        make.pick("Status", "Status", picklists.LEAD_STATUSES, default="Open - Not Contacted"),
        make.pick("Industry", "Industry", picklists.INDUSTRIES),
        make.pick("Rating", "Rating", picklists.RATINGS),
        make.money("AnnualRevenue", "Annual Revenue", 18, 0),
        make.integer("NumberOfEmployees", "Employees"),
        make.owner("Group", "User"),
        make.checkbox("HasOptedOutOfEmail", "Email Opt Out"),
        make.checkbox("HasOptedOutOfFax", "Fax Opt Out"),
        make.checkbox("DoNotCall", "Do Not Call"),
        make.checkbox("IsConverted", "Converted").read_only(),
        make.day("ConvertedDate", "Converted Date").read_only(),
        make.reference("ConvertedAccountId", "Converted Account ID", "Account").read_only(),
        make.reference("ConvertedContactId", "Converted Contact ID", "Contact").read_only(),
        make.reference("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity").read_only(),
        make.checkbox("IsUnreadByOwner", "Unread By Owner"),
        *make.system_fields(),
        make.text("EmailBouncedReason", "Email Bounced Reason", 255),
        make.moment("EmailBouncedDate", "Email Bounced Date"),
        make.text("Jigsaw", "Data.com Key", 20),
        make.pick("CleanStatus", "Clean Status", picklists.CLEAN_STATUSES, restricted=True),
        make.text("CompanyDunsNumber", "Company D-U-N-S Number", 9),
        make.pick("Apollo_Stage__c", "Apollo Stage", picklists.APOLLO_STAGES, restricted=True),
        make.text("Persona__c", "Persona", 40),
        make.external_key("Apollo_Id__c", "Apollo ID", 40),
    ),
)
