"""Short ways to write down fields of each type."""

from __future__ import annotations

from dataclasses import replace

from syncline.sandbox.salesforce.fields import Field, Option


def text(name: str, label: str, length: int) -> Field:
    """A line of text."""
    return Field(name, label, "string", length=length)


def area(name: str, label: str, length: int) -> Field:
    """Text of several lines; a long one can be neither filtered nor sorted by."""
    short = length <= 255
    return Field(name, label, "textarea", length=length, filterable=short, sortable=short)


def email(name: str, label: str) -> Field:
    """An e-mail address."""
    return Field(name, label, "email", length=80, id_lookup=name == "Email")


def phone(name: str, label: str) -> Field:
    """A telephone or fax number."""
    return Field(name, label, "phone", length=40)


def url(name: str, label: str) -> Field:
    """A web address."""
    return Field(name, label, "url", length=255)


def integer(name: str, label: str, digits: int = 8) -> Field:
    """A whole number."""
    return Field(name, label, "int", digits=digits)


def money(name: str, label: str, precision: int, scale: int) -> Field:
    """An amount in the currency of the org."""
    return Field(name, label, "currency", precision=precision, scale=scale)


def percent(name: str, label: str) -> Field:
    """A share of a hundred."""
    return Field(name, label, "percent", precision=3)


def decimal(name: str, label: str, precision: int, scale: int) -> Field:
    """A number with decimals."""
    return Field(name, label, "double", precision=precision, scale=scale)


def external_key(name: str, label: str, length: int) -> Field:
    """A text that another system knows the record by, and that no two records share."""
    return replace(text(name, label, length), external=True, unique=True, id_lookup=True)


def checkbox(name: str, label: str) -> Field:
    """True or false, never empty."""
    return Field(name, label, "boolean", nillable=False, defaulted=True)


def day(name: str, label: str) -> Field:
    """A calendar day."""
    return Field(name, label, "date")


def moment(name: str, label: str) -> Field:
    """A date with a time."""
    return Field(name, label, "datetime")


def pick(
    name: str, label: str, values: tuple[str, ...], restricted: bool = False, default: str = ""
) -> Field:
    """A picklist; a default makes it never empty on create."""
    options = tuple(Option(value, default=value == default) for value in values)
    made = Field(name, label, "picklist", length=255, options=options, restricted=restricted)
    return replace(made, nillable=False, defaulted=True) if default else made


def reference(name: str, label: str, *targets: str, relationship: str | None = None) -> Field:
    """A look-up to records of other objects."""
    parent = relationship if relationship is not None else name.removesuffix("Id")
    return Field(name, label, "reference", length=18, targets=targets, relationship=parent or None)


def address(prefix: str, label: str) -> tuple[Field, ...]:
    """The parts of an address, and the compound that shows them together."""
    whole = f"{prefix}Address"
    parts = (
        area(f"{prefix}Street", f"{label} Street".strip(), 255),
        text(f"{prefix}City", f"{label} City".strip(), 40),
        text(f"{prefix}State", f"{label} State/Province".strip(), 80),
        text(f"{prefix}PostalCode", f"{label} Zip/Postal Code".strip(), 20),
        text(f"{prefix}Country", f"{label} Country".strip(), 80),
        decimal(f"{prefix}Latitude", f"{label} Latitude".strip(), 18, 15),
        decimal(f"{prefix}Longitude", f"{label} Longitude".strip(), 18, 15),
    )
    compound = Field(whole, f"{label} Address".strip(), "address", filterable=False, sortable=False)
    return (*(replace(part, compound=whole) for part in parts), compound.read_only())


def full_name(label: str) -> Field:
    """The name of a person, which the server composes of its parts."""
    made = Field("Name", label, "string", length=121, nillable=False, name_field=True)
    return made.read_only()


def person_names(first: str = "First Name", last: str = "Last Name") -> tuple[Field, ...]:
    """The parts of the name of a person."""
    parts = (
        text("LastName", last, 80).obligatory(),
        text("FirstName", first, 40),
        pick("Salutation", "Salutation", ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx.")),
    )
    return tuple(replace(part, compound="Name") for part in parts)


def key(label: str) -> Field:
    """The id of the record itself."""
    made = Field("Id", label, "id", length=18, nillable=False, defaulted=True, id_lookup=True)
    return made.read_only()


def system_fields(owned: bool = True) -> tuple[Field, ...]:
    """What the server notes about each record."""
    stamps = (
        replace(moment("CreatedDate", "Created Date"), nillable=False, defaulted=True),
        replace(reference("CreatedById", "Created By ID", "User"), nillable=False, defaulted=True),
        replace(moment("LastModifiedDate", "Last Modified Date"), nillable=False, defaulted=True),
        replace(reference("LastModifiedById", "Last Modified By ID", "User"), nillable=False, defaulted=True),
        replace(moment("SystemModstamp", "System Modstamp"), nillable=False, defaulted=True),
    )
    seen = (
        day("LastActivityDate", "Last Activity"),
        moment("LastViewedDate", "Last Viewed Date"),
        moment("LastReferencedDate", "Last Referenced Date"),
    )
    return tuple(each.read_only() for each in (*stamps, *(seen if owned else ())))


def deletion_fields(target: str) -> tuple[Field, ...]:
    """Whether the record is in the recycle bin, and which one it was merged into."""
    return (
        checkbox("IsDeleted", "Deleted").read_only(),
        reference("MasterRecordId", "Master Record ID", target).read_only(),
    )


def owner(*targets: str) -> Field:
    """The user, or the queue, that the record belongs to."""
    return replace(reference("OwnerId", "Owner ID", *targets), nillable=False, defaulted=True)
