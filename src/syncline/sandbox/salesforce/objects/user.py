"""The User, RecordType and Organization objects, which the integration user may only read."""

from __future__ import annotations

from dataclasses import replace

from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.objects import builders as make

USER_TYPES = ("Standard", "PowerPartner", "CspLitePortal", "AutomatedProcess", "Guest")
TIME_ZONES = ("GMT", "Europe/London", "America/New_York", "America/Los_Angeles")
LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR")
EDITIONS = ("Developer Edition", "Professional Edition", "Enterprise Edition", "Unlimited Edition")


def _read_only(*fields: Field) -> tuple[Field, ...]:
    return tuple(each.read_only() for each in fields)


USER = ObjectType(
    name="User",
    label="User",
    plural="People",
    prefix="005",
    writable=False,
    fields=_read_only(
        make.key("User ID"),
        make.text("Username", "Username", 80).obligatory(),
        make.text("LastName", "Last Name", 80).obligatory(),
        make.text("FirstName", "First Name", 40),
        make.full_name("Full Name"),
        make.text("CompanyName", "Company Name", 80),
        make.text("Division", "Division", 80),
        make.text("Department", "Department", 80),
        make.text("Title", "Title", 80),
        *make.address("", ""),
        make.email("Email", "Email").obligatory(),
        make.phone("Phone", "Phone"),
        make.phone("Fax", "Fax"),
        make.phone("MobilePhone", "Mobile"),
        make.text("Alias", "Alias", 8).obligatory(),
        make.text("CommunityNickname", "Nickname", 40).obligatory(),
        make.checkbox("IsActive", "Active"),
        make.pick("TimeZoneSidKey", "Time Zone", TIME_ZONES, restricted=True).obligatory(),
        make.pick("LocaleSidKey", "Locale", LOCALES, restricted=True).obligatory(),
        make.pick("LanguageLocaleKey", "Language", LOCALES, restricted=True).obligatory(),
        make.pick("UserType", "User Type", USER_TYPES, restricted=True),
        make.text("EmployeeNumber", "Employee Number", 20),
        make.reference("ManagerId", "Manager ID", "User"),
        make.moment("LastLoginDate", "Last Login"),
        make.text("FederationIdentifier", "SAML Federation ID", 512),
        *make.system_fields(owned=False),
    ),
)

RECORD_TYPE = ObjectType(
    name="RecordType",
    label="Record Type",
    plural="Record Types",
    prefix="012",
    writable=False,
    fields=_read_only(
        make.key("Record Type ID"),
        replace(make.text("Name", "Name", 80).obligatory(), name_field=True),
        make.text("DeveloperName", "Record Type Name", 80).obligatory(),
        make.text("NamespacePrefix", "Namespace Prefix", 15),
        make.text("Description", "Description", 255),
        make.pick(
            "SobjectType", "Sobject Type Name", ("Account", "Contact", "Lead", "Opportunity"), restricted=True
        ).obligatory(),
        make.checkbox("IsActive", "Active"),
        *make.system_fields(owned=False),
    ),
)

ORGANIZATION = ObjectType(
    name="Organization",
    label="Organization",
    plural="Organizations",
    prefix="00D",
    writable=False,
    fields=_read_only(
        make.key("Organization ID"),
        replace(make.text("Name", "Name", 80).obligatory(), name_field=True),
        make.text("InstanceName", "Instance Name", 5),
        make.checkbox("IsSandbox", "Is Sandbox"),
        make.pick("OrganizationType", "Edition", EDITIONS, restricted=True),
        make.text("NamespacePrefix", "Namespace Prefix", 15),
        make.text("TimeZoneSidKey", "Time Zone", 40),
        make.text("DefaultLocaleSidKey", "Locale", 40),
        *make.system_fields(owned=False),
    ),
)
