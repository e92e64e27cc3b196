"""The objects of the org by name, by id prefix and by relationship."""

from __future__ import annotations

from collections.abc import Mapping

from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.objects.account import ACCOUNT
from syncline.sandbox.salesforce.objects.contact import CONTACT
from syncline.sandbox.salesforce.objects.lead import LEAD
from syncline.sandbox.salesforce.objects.user import ORGANIZATION, RECORD_TYPE, USER

_ALL = (ACCOUNT, CONTACT, LEAD, ORGANIZATION, RECORD_TYPE, USER)
OBJECTS: Mapping[str, ObjectType] = {each.name: each for each in _ALL}
_BY_LOWER_NAME = {name.lower(): each for name, each in OBJECTS.items()}
_BY_PREFIX = {each.prefix: each for each in OBJECTS.values()}


def object_named(name: str) -> ObjectType | None:
    """The object of that name in any case."""
    return _BY_LOWER_NAME.get(name.lower())


def object_of_id(id_: str) -> ObjectType | None:
    """The object whose records have ids with this prefix."""
    return _BY_PREFIX.get(id_[:3])


def parent_type(field: Field) -> ObjectType | None:
    """The object whose fields a path through this reference may name.

    A reference to users or queues offers the fields of users, which the shared Name object has as well.
    """
    target = "User" if field.polymorphic and "User" in field.targets else field.targets[0]
    return OBJECTS.get(target)
