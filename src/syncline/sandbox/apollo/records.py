"""What the control does with the records of the workspace, as a person in the product would."""

from collections.abc import Mapping, Sequence
from typing import Any

from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.jobs import Jobs
from syncline.sandbox.apollo.merges import merge
from syncline.sandbox.apollo.opportunities import Opportunities
from syncline.sandbox.apollo.users import Users
from syncline.sandbox.apollo.wire import ApiError
from syncline.sandbox.apollo.workspace import (
    ACCOUNT_STAGES,
    ACCOUNTS,
    CONTACT_STAGES,
    CONTACTS,
    FIELDS,
    LABELS,
    OPPORTUNITIES,
    OPPORTUNITY_STAGES,
    PIPELINES,
    USERS,
    Workspace,
)
from syncline.sandbox.state import Document
from syncline.sandbox.system import UnknownRecordError

_TYPES = (
    ACCOUNTS,
    CONTACTS,
    OPPORTUNITIES,
    USERS,
    CONTACT_STAGES,
    ACCOUNT_STAGES,
    OPPORTUNITY_STAGES,
    PIPELINES,
    FIELDS,
    LABELS,
)
_CHANGED_AT = {
    CONTACTS: "updated_at",
    ACCOUNTS: "_updated_at",
    OPPORTUNITIES: "_updated_at",
    LABELS: "updated_at",
}


class PersonInApollo:
    """Edits records without the API's limits; times of change move as they do in the product."""

    def __init__(
        self,
        workspace: Workspace,
        contacts: Contacts,
        accounts: Accounts,
        deals: Opportunities,
        users: Users,
        jobs: Jobs,
    ) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._accounts = accounts
        self._deals = deals
        self._users = users
        self._jobs = jobs

    def types(self) -> Sequence[str]:
        return _TYPES

    def all(self, type_: str) -> Sequence[Mapping[str, Any]]:
        self._check(type_)
        return [doc for doc in self._workspace.state.all(type_) if not doc.get("_deleted")]

    def get(self, type_: str, id_: str) -> Mapping[str, Any]:
        self._check(type_)
        doc = self._workspace.alive(type_, id_)
        if doc is None:
            raise UnknownRecordError(f"there is no {type_} record {id_}")
        return doc

    def create(self, type_: str, values: Document) -> Mapping[str, Any]:
        self._check(type_)
        source = str(values.pop("source", "ui_form"))
        owner = self._workspace.acting_user()
        if type_ == CONTACTS:
            doc = self._contacts.create({}, frozenset(), owner, source=source)
        elif type_ == ACCOUNTS:
            doc = self._accounts.create({}, frozenset(), owner, source=source)
        elif type_ == OPPORTUNITIES:
            doc = self._deals.create({}, owner, source=source)
        elif type_ == USERS:
            return self._users.create(values, self._workspace.stamp())
        else:
            doc = self._like_the_others(type_)
        self._write(type_, doc, values)
        self._workspace.save(type_, doc)
        return doc

    def edit(self, type_: str, id_: str, values: Document) -> Mapping[str, Any]:
        doc = dict(self.get(type_, id_))
        if type_ == USERS:
            return self._users.change(doc, values)
        self._write(type_, doc, values)
        if type_ in _CHANGED_AT and _CHANGED_AT[type_] not in values:
            doc[_CHANGED_AT[type_]] = self._workspace.stamp()
        self._workspace.save(type_, doc)
        return doc

    def delete(self, type_: str, id_: str) -> None:
        doc = dict(self.get(type_, id_))
        if type_ == USERS:
            self._users.change(doc, {"deleted": True})
            return
        doc["_deleted"] = True
        self._workspace.save(type_, doc)
        if type_ == ACCOUNTS:
            self._leave_account(id_)

    def merge(self, type_: str, winner: str, loser: str) -> Mapping[str, Any]:
        """Merge two contacts or accounts and return the survivor."""
        self._check(type_)
        return merge(self._workspace, type_, winner, loser)

    def show_contacts(self, ids: Sequence[str] | None, marks: Mapping[str, bool]) -> int:
        """Mark contacts, some or all, as `_hidden` or `_email_locked`; how many. No time of change moves."""
        chosen = [str(doc["id"]) for doc in self.all(CONTACTS)] if ids is None else ids
        for id_ in chosen:
            self._workspace.save(CONTACTS, {**self.get(CONTACTS, id_), **marks})
        return len(chosen)

    def _leave_account(self, account_id: str) -> None:
        """Contacts and deals outlive their account."""
        for type_ in (CONTACTS, OPPORTUNITIES):
            for record in self._workspace.state.find(type_, "account", account_id):
                if not record.get("_deleted"):
                    self.edit(type_, str(record["id"]), {"account_id": None})

    def _write(self, type_: str, doc: Document, values: Document) -> None:
        try:
            if type_ == CONTACTS:
                self._contacts.write(doc, values, trusted=True)
            elif type_ == ACCOUNTS:
                self._accounts.write(doc, values, trusted=True)
            elif type_ == OPPORTUNITIES:
                self._deals.write(doc, values, trusted=True)
            else:
                doc.update(values)
        except ApiError as error:  # even a person can only choose stages, owners and accounts that exist
            raise ValueError(str(error.body)) from error

    def _like_the_others(self, type_: str) -> Document:
        """A new stage, field or list with the keys its kind has, to be filled."""
        pattern = self._workspace.state.all(type_)
        empty: Document = dict.fromkeys(pattern[0]) if pattern else {}
        return empty | {"id": self._workspace.new_id(), "team_id": self._workspace.team_id}

    def _check(self, type_: str) -> None:
        self._jobs.settle()
        if type_ not in _TYPES:
            raise UnknownRecordError(f"there is no record type {type_!r}: give one of {', '.join(_TYPES)}")
