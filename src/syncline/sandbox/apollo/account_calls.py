"""The operations on accounts."""

from contextlib import suppress

from syncline.sandbox.apollo import accounts as keys
from syncline.sandbox.apollo.accounts import Accounts
from syncline.sandbox.apollo.dedupe import find_account
from syncline.sandbox.apollo.jobs import Jobs, progress
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.wire import ApiError, Call, bad_id, missing, refused
from syncline.sandbox.apollo.workspace import ACCOUNTS, USERS, Workspace
from syncline.sandbox.state import Document

MOST_CREATED = 100
MOST_UPDATED = 1000
BULK_JOB = "account_bulk_update"


class AccountCalls:
    """Create, show, update and the bulk forms of accounts."""

    def __init__(self, workspace: Workspace, accounts: Accounts, labels: Labels, jobs: Jobs) -> None:
        self._workspace = workspace
        self._accounts = accounts
        self._labels = labels
        self._jobs = jobs
        jobs.register(BULK_JOB, self._update_later)

    def create(self, call: Call) -> Document:
        """Always a new account: a single create never looks for one that exists."""
        if call.text("name") is None and call.text("domain") is None:
            raise refused("Please specify at least a name or domain.")
        doc = self._accounts.create(call.params, keys.SINGLE, call.user_id)
        return {"account": self._accounts.created(doc)}

    def show(self, call: Call) -> Document:
        doc = self._existing(str(call.params["id"]))
        return {"account": self._accounts.full(doc), "salesforce_users": [], "hubspot_owners": []}

    def update(self, call: Call) -> Document:
        doc = self._accounts.change(self._existing(str(call.params["id"])), call.params, keys.SINGLE)
        labels = self._labels.of_record(doc["label_ids"])
        return {"account": self._accounts.created(doc), "labels": labels}

    def bulk_create(self, call: Call) -> Document:
        """Up to 100 at once; what exists, by CRM ids or everywhere with run_dedupe, is returned untouched."""
        sent = call.objects("accounts")
        if sent is None:
            raise refused('Please provide an array of account attributes in the "accounts" parameter.')
        if len(sent) > MOST_CREATED:
            raise refused(f"Please limit your array to {MOST_CREATED} accounts or fewer.")
        label_ids = self._labels.ids_for(call.ids("append_label_names"), ACCOUNTS, call.user_id)
        answer: dict[str, list[Document]] = {"created_accounts": [], "existing_accounts": []}
        for attributes in sent:
            found = find_account(self._workspace, attributes, everywhere=call.flag("run_dedupe"))
            if found is None:
                doc = self._create_labelled(attributes, call.user_id, label_ids)
                answer["created_accounts"].append(self._bulk_form(doc))
            else:
                answer["existing_accounts"].append(self._bulk_form(found[0]))
        return dict(answer)

    def bulk_update(self, call: Call) -> Document:
        """The same values for many accounts, or each its own; async only for the former."""
        attributes = call.objects("account_attributes")
        if attributes and call.flag("async"):
            raise refused("Async processing is not permitted.")
        changes = _with_ids(attributes) if attributes else self._common_changes(call)
        if len(changes) > MOST_UPDATED:
            raise refused("Please limit your array to fewer than 1000.")
        allowed = keys.BULK_SINGLE if attributes else keys.BULK_COMMON
        if call.flag("async"):
            ids = [str(change["id"]) for change in changes]
            return {"entity_progress_job": progress(self._jobs.add(BULK_JOB, ids, {"changes": changes}))}
        return {"accounts": self._changed(changes, allowed)}

    def update_owners(self, call: Call) -> Document:
        ids, owner = call.ids("account_ids"), call.text("owner_id")
        if not ids:
            raise missing("account_ids")
        if owner is None:
            raise missing("owner_id")
        self._workspace.check_id(USERS, owner)
        found = [doc for id_ in ids if (doc := self._workspace.alive(ACCOUNTS, id_)) is not None]
        changed = [self._accounts.change(doc, {"owner_id": owner}, frozenset({"owner_id"})) for doc in found]
        names = ("id", "owner_id", "crm_owner_id")
        return {"accounts": [{name: doc[name] for name in names} for doc in changed]}

    def _existing(self, id_: str) -> Document:
        doc = self._workspace.alive(ACCOUNTS, id_)
        if doc is None:
            raise bad_id(id_)
        return doc

    def _create_labelled(self, attributes: Document, user_id: str, label_ids: list[str]) -> Document:
        doc = self._accounts.create(attributes, keys.BULK_CREATE, user_id)
        if label_ids:
            doc["label_ids"] = label_ids
            self._workspace.save(ACCOUNTS, doc)
        return doc

    def _bulk_form(self, doc: Document) -> Document:
        """The one answer that shows when an account was last changed."""
        return {**self._accounts.created(doc), "updated_at": doc["_updated_at"]}

    def _common_changes(self, call: Call) -> list[Document]:
        ids = call.ids("account_ids")
        if not ids:
            raise refused("Please provide either account_ids or account_attributes")
        common = {key: value for key, value in call.params.items() if key in keys.BULK_COMMON}
        return [{"id": id_, **common} for id_ in ids]

    def _changed(self, changes: list[Document], allowed: frozenset[str]) -> list[Document]:
        """The ids and written values; an id that is nobody's is passed over."""
        shown: list[Document] = []
        for change in changes:
            doc = self._workspace.alive(ACCOUNTS, change["id"])
            if doc is not None:
                self._accounts.change(doc, change, allowed)
                written = [name for name in ("id", *sorted(allowed)) if name in change]
                shown.append({name: doc[name] for name in written})
        return shown

    def _update_later(self, _ids: list[str], params: Document) -> None:
        """Nobody waits for an answer any more: what would be refused stays as it is, the rest is done."""
        for change in params["changes"]:
            with suppress(ApiError):
                self._changed([change], keys.BULK_COMMON)


def _with_ids(attributes: list[Document]) -> list[Document]:
    for one in attributes:
        if not isinstance(one.get("id"), str):
            raise bad_id(one.get("id"))
    return attributes
