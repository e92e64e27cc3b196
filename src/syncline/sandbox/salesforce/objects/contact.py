"""The Contact object."""

from __future__ import annotations

from dataclasses import replace

from syncline.sandbox.salesforce.fields import ObjectType
from syncline.sandbox.salesforce.objects import builders as make
from syncline.sandbox.salesforce.objects import picklists

CONTACT = ObjectType(
    name="Contact",
    label="Contact",
    plural="Contacts",
    prefix="003",
    children=(
        ("Contact", "ReportsToId", "ReportsTo"),
        ("OpportunityContactRole", "ContactId", "OpportunityContactRoles"),
    ),
    fields=(
        make.key("Contact ID"),
        *make.deletion_fields("Contact"),
        make.reference("AccountId", "Account ID", "Account"),
        *make.person_names(),
        make.full_name("Full Name"),
        *make.address("Other", "Other"),
        *make.address("Mailing", "Mailing"),
        make.phone("Phone", "Business Phone"),
        make.phone("Fax", "Business Fax"),
        make.phone("MobilePhone", "Mobile Phone"),
        make.phone("HomePhone", "Home Phone"),
        make.phone("OtherPhone", "Other Phone"),
        make.phone("AssistantPhone", "Asst. Phone"),
        make.reference("ReportsToId", "Reports To ID", "Contact"),
        make.email("Email", "Email"),
        make.text("Title", "Title", 128),
        make.text("Department", "Department", 80),
        make.text("AssistantName", "Assistant's Name", 40),
        make.pick("LeadSource", "Lead Source", picklists.LEAD_SOURCES),
        make.day("Birthdate", "Birthdate"),
        make.area("Description", "Contact Description", 32_000),
        make.owner("User"),
        make.checkbox("HasOptedOutOfEmail", "Email Opt Out"),
        make.checkbox("HasOptedOutOfFax", "Fax Opt Out"),
        make.checkbox("DoNotCall", "Do Not Call"),
        *make.system_fields(),
        make.moment("LastCURequestDate", "Last Stay-in-Touch Request Date").read_only(),
        make.moment("LastCUUpdateDate", "Last Stay-in-Touch Save Date").read_only(),
        make.text("EmailBouncedReason", "Email Bounced Reason", 255),
        make.moment("EmailBouncedDate", "Email Bounced Date"),
        replace(make.checkbox("IsEmailBounced", "Is Email Bounced").read_only(), calculated=True),
        make.text("Jigsaw", "Data.com Key", 20),
        make.pick("CleanStatus", "Clean Status", picklists.CLEAN_STATUSES, restricted=True),
        make.pick("Apollo_Stage__c", "Apollo Stage", picklists.APOLLO_STAGES, restricted=True),
        make.text("Persona__c", "Persona", 40),
        make.external_key("Apollo_Id__c", "Apollo ID", 40),
    ),
)
