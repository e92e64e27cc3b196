"""Inferring the account of somebody whose system gives them none, such as a lead, by their e-mail domain (rule P4)."""

from __future__ import annotations

from collections.abc import Collection

from syncline.core.frozen import frozen
from syncline.core.mapping import FieldMap, ObjectPair
from syncline.core.model import Side
from syncline.core.normalise import domain, email, is_public_suffix
from syncline.core.policy import Direction, WriteRule
from syncline.core.schema import Field, FieldType, ObjectSchema
from syncline.core.written import is_domain, valid_email

INFERRED = "account of the e-mail domain"
"""The field that a record has besides its system's: the account that its address speaks for."""
SEVERAL = "several accounts"
"""The problem of a domain that several accounts have."""

_FAMILIES = frozenset(
    {"aol", "gmail", "gmx", "googlemail", "hotmail", "rocketmail", "yahoo", "yandex", "ymail", "zoho"}
)
"""Mail providers that have a domain in many countries."""
_FREE = frozenset(
    {
        *(
            "126.com",
            "163.com",
            "att.net",
            "btinternet.com",
            "comcast.net",
            "fastmail.com",
            "free.fr",
            "hey.com",
        ),
        *("icloud.com", "inbox.ru", "laposte.net", "libero.it", "live.com", "mac.com", "mail.com", "mail.ru"),
        *("me.com", "msn.com", "orange.fr", "outlook.com", "outlook.de", "outlook.fr", "pm.me", "proton.me"),
        *(
            "protonmail.com",
            "qq.com",
            "rediffmail.com",
            "sina.com",
            "t-online.de",
            "tuta.com",
            "tutanota.com",
        ),
        *("verizon.net", "wanadoo.fr", "web.de"),
    }
)


def company_domain(address: str) -> str | None:
    """The registrable domain of an address, unless anybody may have an address there."""
    whole = email(address)
    name = domain(whole.rpartition("@")[2])
    if not valid_email(whole) or not is_domain(name) or is_public_suffix(name):
        return None
    return None if name in _FREE or name.partition(".")[0] in _FAMILIES else name


@frozen()
class InferredField:
    """Where an inferred account goes, to which side and field, and the field of the address it is inferred from."""

    target: Side
    account_field: str
    email_field: str


def inferred_field(
    pair: ObjectPair, left: ObjectSchema, right: ObjectSchema, accounts: Collection[str]
) -> InferredField | None:
    """What a pair infers: nothing where it maps an account itself, or where no one field refers to accounts."""
    if not pair.infer_account:
        return None
    schemas = {Side.LEFT: left, Side.RIGHT: right}
    found = {side: _account_fields(schemas[side], accounts) for side in Side}
    for target in Side:
        source = target.other
        addresses = [m.on(source) for m in pair.active if _is_email(schemas[source], m.on(source))]
        mapped = {m.on(target) for m in pair.active}
        if len(found[target]) == 1 and not mapped & {*found[target]} and not found[source] and addresses:
            return InferredField(target, found[target][0], addresses[0])
    return None


def _account_fields(schema: ObjectSchema, accounts: Collection[str]) -> list[str]:
    """The fields by which somebody is given to an account."""
    refers = (
        f for f in schema.fields.values() if f.type is FieldType.REFERENCE and {*f.refers_to} & {*accounts}
    )
    return [f.name for f in refers if f.creatable or f.updatable]


def _is_email(schema: ObjectSchema, name: str) -> bool:
    return name in schema.fields and schema.fields[name].type is FieldType.EMAIL


def inferring_map(found: InferredField) -> FieldMap:
    """The field map that fills the account in; what somebody chose stays."""
    source = found.target.other
    names = {found.target: found.account_field, source: INFERRED}
    return FieldMap(
        left=names[Side.LEFT],
        right=names[Side.RIGHT],
        direction=Direction(f"to_{found.target}"),
        rule=WriteRule.FILL,
        owner=source.value,
    )


def described(accounts: Collection[str]) -> Field:
    """The field of the source side as its system might describe it."""
    return Field(
        INFERRED,
        "Account of the e-mail domain",
        FieldType.REFERENCE,
        creatable=False,
        updatable=False,
        refers_to=tuple(accounts),
    )
