"""The object types tests use when they bring none of their own: user, company and person."""

from syncline.core.model import Kind
from syncline.core.schema import Field, FieldType, ObjectSchema, Option

INDUSTRIES = ("Software", "Manufacturing", "Retail", "Finance")
STAGES = ("New", "Contacted", "Qualified", "Customer", "Lost")


def memory_schema() -> tuple[ObjectSchema, ...]:
    """Users, companies and persons with at least one field of every type."""
    return (
        _object_type("user", Kind.USER, _user_fields()),
        _object_type("company", Kind.ACCOUNT, _company_fields()),
        _object_type("person", Kind.PERSON, _person_fields()),
    )


def _object_type(name: str, kind: Kind, fields: tuple[Field, ...]) -> ObjectSchema:
    return ObjectSchema(name, kind, {field.name: field for field in fields})


def _user_fields() -> tuple[Field, ...]:
    return (
        Field("name", "Name", FieldType.TEXT, required=True, length=120),
        Field("email", "E-mail", FieldType.EMAIL, required=True, length=200),
        Field("active", "Active", FieldType.BOOLEAN),
    )


def _company_fields() -> tuple[Field, ...]:
    return (
        Field("name", "Name", FieldType.TEXT, required=True, length=255),
        Field("domain", "Domain", FieldType.DOMAIN, length=255),
        Field("website", "Website", FieldType.URL, length=255),
        Field("phone", "Phone", FieldType.PHONE, length=40),
        _picklist("industry", "Industry", INDUSTRIES),
        Field("owner", "Owner", FieldType.OWNER, refers_to=("user",)),
        Field("employees", "Employees", FieldType.NUMBER, scale=0),
        Field("revenue", "Revenue", FieldType.MONEY, scale=2),
    )


def _person_fields() -> tuple[Field, ...]:
    return (
        Field("first", "First name", FieldType.TEXT, length=80),
        Field("last", "Last name", FieldType.TEXT, required=True, length=80),
        Field("email", "E-mail", FieldType.EMAIL, length=200),
        Field("phone", "Phone", FieldType.PHONE, length=40),
        Field("title", "Title", FieldType.TEXT, length=128),
        Field("company", "Company", FieldType.REFERENCE, refers_to=("company",)),
        _picklist("stage", "Stage", STAGES),
        Field("owner", "Owner", FieldType.OWNER, refers_to=("user",)),
        Field("score", "Score", FieldType.NUMBER, scale=2, batched=False),
        Field("birthday", "Birthday", FieldType.DATE),
        Field("met_at", "Met at", FieldType.DATETIME),
        Field("optin", "Opted in", FieldType.BOOLEAN),
        Field("tags", "Tags", FieldType.MULTIPICKLIST),
    )


def _picklist(name: str, label: str, options: tuple[str, ...]) -> Field:
    choices = tuple(Option(option.lower(), option) for option in options)
    return Field(name, label, FieldType.PICKLIST, restricted=True, options=choices)
