"""The fields of Apollo's objects, and by which call each can be written: the capability table of its API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from syncline.core.model import Kind
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

CUSTOM = "custom."
"""What the names of custom fields begin with; the field's id follows."""
BATCH = 100
"""Records of one bulk call: the most that Apollo handles before it answers."""

PHONES: Mapping[str, str] = {
    "direct_phone": "work_direct",
    "corporate_phone": "work_hq",
    "mobile_phone": "mobile",
    "home_phone": "home",
    "other_phone": "other",
}
"""Our names, which are the parameters of the update, by the types that Apollo's phone entries carry."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object type: where it lives in the API, and which call takes which field.

    `create` is taken by the bulk create, `bulk` by the bulk update, `patch` by the update of one record;
    `stage` is the field a call of its own sets for many records, where there is one. Custom fields are taken
    by all of these that there are: without a bulk update there is no bulk create either. `details` are shown only
    when a single record is read; `volatile` change without anybody changing the record; `whole` are the keys
    without which an answer shows only a part of the record. An `unsorted` type cannot be listed by its last change:
    each round reads it whole.
    """

    name: str
    plural: str
    kind: Kind
    fields: tuple[Field, ...]
    create: frozenset[str] = frozenset()
    bulk: frozenset[str] = frozenset()
    patch: frozenset[str] = frozenset()
    stage: str | None = None
    details: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    unsorted: bool = False

    def takes(self, names: frozenset[str], field: str) -> bool:
        """Whether one of the sets above takes a field, custom ones included."""
        return field in names or (bool(names) and field.startswith(CUSTOM))

    def described(self, custom: Iterable[Field], options: Mapping[str, Sequence[Option]]) -> ObjectSchema:
        """The schema: documented fields and custom ones, with the options the team has for some of them."""
        own = (
            replace(
                field,
                creatable=field.name in self.create | self.patch | self._grouped(),
                updatable=field.name in self.bulk | self.patch | self._grouped(),
                batched=field.name not in self.patch or field.name in self.bulk | self._grouped(),
                set_later=field.name not in self.create,
                options=tuple(options.get(field.name, ())),
            )
            for field in self.fields
        )
        return ObjectSchema(self.name, self.kind, {field.name: field for field in (*own, *custom)})

    def _grouped(self) -> frozenset[str]:
        return frozenset({self.stage} if self.stage else ())


def _fields(field_type: FieldType, names: str) -> tuple[Field, ...]:
    """Fields from "name Label" entries, one a line."""
    entries = [line.strip().partition(" ") for line in names.strip().splitlines()]
    return tuple(Field(name, label, field_type) for name, _, label in entries)


def _absent(*fields: Field) -> tuple[Field, ...]:
    """Fields whose keys Apollo leaves out where it has nothing."""
    return tuple(replace(field, absent_is_empty=True) for field in fields)


_PLACE = _absent(
    *_fields(
        FieldType.TEXT,
        """
        street_address Street
        city City
        state State
        postal_code Postal code
        country Country
        """,
    )
)
MERGED_IDS = "merged_crm_ids"
"""In which the survivor of a merge keeps the CRM's ids of the contacts that went into it."""
_STAMPS = _fields(FieldType.DATETIME, "created_at Created at\nlast_activity_date Last activity")
_ORIGIN = _fields(
    FieldType.TEXT,
    """
    source Source
    original_source Original source
    source_display_name Source shown
    existence_level Existence level
    salesforce_id Salesforce id
    """,
)
_PROFILES = _fields(FieldType.URL, "linkedin_url LinkedIn\ntwitter_url Twitter\nfacebook_url Facebook")
_OWNER = Field("owner_id", "Owner", FieldType.OWNER, refers_to=("user",))
_LISTS = Field("label_names", "Lists", FieldType.MULTIPICKLIST)

CONTACT = ObjectType(
    name="contact",
    plural="contacts",
    kind=Kind.PERSON,
    fields=(
        *_fields(
            FieldType.TEXT,
            """
            first_name First name
            last_name Last name
            name Full name
            title Title
            organization_name Company
            present_raw_address Address
            time_zone Time zone
            headline Headline
            email_status E-mail status
            person_id Person id
            salesforce_lead_id Salesforce lead id
            salesforce_contact_id Salesforce contact id
            salesforce_account_id Salesforce account id
            hubspot_vid HubSpot id
            """,
        ),
        Field("email", "E-mail", FieldType.EMAIL),
        Field("other_emails", "Other e-mails", FieldType.MULTIPICKLIST),
        *_fields(
            FieldType.PHONE,
            """
            direct_phone Work direct phone
            corporate_phone Corporate phone
            mobile_phone Mobile phone
            home_phone Home phone
            other_phone Other phone
            sanitized_phone Main phone
            """,
        ),
        Field(MERGED_IDS, "CRM ids of merged contacts", FieldType.MULTIPICKLIST),
        Field("account_id", "Account", FieldType.REFERENCE, refers_to=("account",)),
        Field("contact_stage_id", "Stage", FieldType.PICKLIST, restricted=True),
        Field("updated_at", "Updated at", FieldType.DATETIME),
        _OWNER,
        _LISTS,
        *_PLACE,
        *_STAMPS,
        *_ORIGIN,
        *_PROFILES,
    ),
    create=frozenset(
        {"first_name", "last_name", "email", "title", "organization_name", "present_raw_address"}
        | {"linkedin_url", "twitter_url", "facebook_url", "account_id", "contact_stage_id", "owner_id"}
        | {"salesforce_id", "salesforce_lead_id", "salesforce_contact_id", "salesforce_account_id"}
    ),
    bulk=frozenset(
        {"first_name", "last_name", "email", "title", "organization_name", "present_raw_address"}
        | {"linkedin_url", "account_id", "owner_id"}
    ),
    patch=frozenset(
        {"first_name", "last_name", "email", "title", "organization_name", "present_raw_address"}
        | {"account_id", "contact_stage_id", "label_names", *PHONES}
    ),
    stage="contact_stage_id",
    volatile=frozenset({"last_activity_date"}),
    whole=frozenset({"email", "contact_stage_id", "phone_numbers", "typed_custom_fields"}),
)

ACCOUNT = ObjectType(
    name="account",
    plural="accounts",
    kind=Kind.ACCOUNT,
    fields=(
        Field("name", "Name", FieldType.TEXT),
        Field("domain", "Domain", FieldType.DOMAIN),
        Field("website_url", "Website", FieldType.URL),
        Field("phone", "Phone", FieldType.PHONE),
        Field("sanitized_phone", "Phone as a number", FieldType.PHONE),
        Field("account_stage_id", "Stage", FieldType.PICKLIST, restricted=True),
        Field("parent_account_id", "Parent account", FieldType.REFERENCE, refers_to=("account",)),
        Field("industry", "Industry", FieldType.TEXT),
        Field("estimated_num_employees", "Employees", FieldType.NUMBER, scale=0),
        Field("annual_revenue", "Annual revenue", FieldType.MONEY),
        Field("founded_year", "Founded", FieldType.NUMBER, scale=0),
        Field("num_contacts", "Contacts", FieldType.NUMBER, scale=0),
        Field("hubspot_id", "HubSpot id", FieldType.TEXT),
        *_absent(Field("raw_address", "Address", FieldType.TEXT)),
        _OWNER,
        _LISTS,
        *_PLACE,
        *_STAMPS,
        *_ORIGIN,
        *_PROFILES,
    ),
    create=frozenset(
        {"name", "domain", "owner_id", "phone", "raw_address", "account_stage_id", "parent_account_id"}
        | {"linkedin_url", "twitter_url", "facebook_url", "salesforce_id", "hubspot_id"}
    ),
    bulk=frozenset({"name", "owner_id", "account_stage_id"}),
    patch=frozenset({"name", "domain", "owner_id", "account_stage_id", "phone", "raw_address"}),
    details=frozenset({"industry", "estimated_num_employees", "annual_revenue"}),
    volatile=frozenset({"last_activity_date", "num_contacts"}),
    whole=frozenset({"domain", "account_stage_id", "typed_custom_fields"}),
)

USER = ObjectType(
    name="user",
    plural="users",
    kind=Kind.USER,
    unsorted=True,
    fields=(
        *_fields(FieldType.TEXT, "name Name\nfirst_name First name\nlast_name Last name\ntitle Title"),
        Field("email", "E-mail", FieldType.EMAIL),
        Field("active", "Active", FieldType.BOOLEAN),
        Field("created_at", "Created at", FieldType.DATETIME),
    ),
)

OPPORTUNITY = ObjectType(
    name="opportunity",
    plural="opportunities",
    kind=Kind.DEAL,
    unsorted=True,
    fields=(
        Field("name", "Name", FieldType.TEXT, required=True),
        Field("amount", "Amount", FieldType.MONEY, scale=0),
        Field("closed_date", "Close date", FieldType.DATE),
        Field("opportunity_stage_id", "Stage", FieldType.PICKLIST, restricted=True),
        Field("account_id", "Account", FieldType.REFERENCE, refers_to=("account",)),
        Field(
            "contact_ids", "Contacts with a role", FieldType.REFERENCE, refers_to=("contact",), several=True
        ),
        Field("primary_contact_id", "Primary contact", FieldType.REFERENCE, refers_to=("contact",)),
        *_fields(
            FieldType.TEXT,
            """
            description Description
            next_step Next step
            opportunity_pipeline_id Pipeline
            currency_code Currency
            source Source
            salesforce_id Salesforce id
            """,
        ),
        Field("deal_probability", "Probability", FieldType.NUMBER, scale=0),
        Field("is_closed", "Closed", FieldType.BOOLEAN),
        Field("is_won", "Won", FieldType.BOOLEAN),
        _OWNER,
        *_STAMPS,
    ),
    create=frozenset(
        {"name", "amount", "closed_date", "opportunity_stage_id", "account_id", "owner_id", "description"}
    ),
    patch=frozenset(
        {
            "name",
            "amount",
            "closed_date",
            "opportunity_stage_id",
            "account_id",
            "owner_id",
            "description",
            "next_step",
        }
    ),
    volatile=frozenset({"last_activity_date"}),
    whole=frozenset({"name", "opportunity_stage_id", "typed_custom_fields"}),
)

OBJECT_TYPES: Mapping[str, ObjectType] = {each.name: each for each in (ACCOUNT, CONTACT, OPPORTUNITY, USER)}
