"""The objects of the org by name, by id prefix and by relationship."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncline.sandbox.salesforce.fields import Field, ObjectType
from syncline.sandbox.salesforce.objects.account import ACCOUNT
from syncline.sandbox.salesforce.objects.contact import CONTACT
from syncline.sandbox.salesforce.objects.lead import LEAD
from syncline.sandbox.salesforce.objects.opportunity import (
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    OPPORTUNITY_STAGE,
)
from syncline.sandbox.salesforce.objects.user import ORGANIZATION, RECORD_TYPE, USER


class Schema:
    """The objects as one reader sees them."""

    def __init__(self, objects: Iterable[ObjectType]) -> None:
        self.objects: Mapping[str, ObjectType] = {each.name: each for each in objects}
        self._by_lower_name = {name.lower(): each for name, each in self.objects.items()}
        self._by_prefix = {each.prefix: each for each in self.objects.values()}

    def named(self, name: str) -> ObjectType | None:
        """The object of that name in any case."""
        return self._by_lower_name.get(name.lower())

    def of_id(self, id_: str) -> ObjectType | None:
        """The object whose records have ids with this prefix."""
        return self._by_prefix.get(id_[:3])

    def parent(self, field: Field) -> ObjectType | None:
        """The object whose fields a path through this reference may name.

        A reference to users or queues offers the fields of users, which the shared Name object has as well.
        """
        target = "User" if field.polymorphic and "User" in field.targets else field.targets[0]
        return self.objects.get(target)


_DEALS = (OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE, OPPORTUNITY_STAGE)
STANDARD = Schema((ACCOUNT, CONTACT, LEAD, *_DEALS, ORGANIZATION, RECORD_TYPE, USER))
OBJECTS = STANDARD.objects
