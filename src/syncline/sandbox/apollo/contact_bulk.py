"""The bulk operations on contacts: created in hundreds, updated at once or by a job."""

from contextlib import suppress

from syncline.sandbox.apollo import contacts as keys
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.dedupe import find_contact, find_contact_by_crm_id
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.jobs import Jobs, progress
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.wire import ApiError, Call, bad_id, refused
from syncline.sandbox.apollo.workspace import CONTACTS, USERS, Workspace
from syncline.sandbox.state import Document

MOST_CREATED = 100
MOST_AT_ONCE = 100
MOST_UPDATED = 1000
JOB = "contact_bulk_update"
PLACEHOLDER = "email_import"


class ContactBulk:
    """Create and update many contacts."""

    def __init__(
        self, workspace: Workspace, contacts: Contacts, labels: Labels, jobs: Jobs, doubts: Doubts
    ) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._labels = labels
        self._jobs = jobs
        self._doubts = doubts
        jobs.register(JOB, self._update_later)

    def create(self, call: Call) -> Document:
        """Up to 100 at once; what exists is returned untouched, but for placeholders of e-mail imports."""
        sent = call.objects("contacts")
        if sent is None:
            raise refused(
                'Please provide an array of contact attributes in the "contact_attributes" parameter.'
            )
        if len(sent) > MOST_CREATED:
            raise refused(f"Please limit your array to {MOST_CREATED} contacts or fewer.")
        owner = call.text("owner_id") or call.user_id
        self._workspace.check_id(USERS, owner)
        label_ids = self._labels.ids_for(call.ids("append_label_names"), CONTACTS, call.user_id)
        created: list[Document] = []
        existing: list[Document] = []
        for attributes in sent:
            found = self._existing(attributes, everywhere=call.flag("run_dedupe"))
            if found is None:
                created.append(self._create_labelled(attributes, owner, label_ids))
            else:
                existing.append(found)
        return {
            "created_contacts": [self._shown(doc) for doc in created],
            "existing_contacts": [self._shown(doc) for doc in existing],
        }

    def update(self, call: Call) -> Document:
        """The same values for many contacts, or each its own; over 100 the work is done after the answer."""
        changes = self._changes(call)
        if len(changes) > MOST_UPDATED:
            raise refused("Please limit your array to fewer than 1000.")
        ids = [str(change["id"]) for change in changes]
        self._contacts.refuse_deleted(ids)
        if len(changes) > MOST_AT_ONCE or call.flag("async"):
            return {"entity_progress_job": progress(self._jobs.add(JOB, ids, {"changes": changes}))}
        updated = [doc for change in changes if (doc := self._update_one(change)) is not None]
        visible = call.ids("visible_entity_ids")
        shown = [doc for doc in updated if not visible or doc["id"] in visible]
        return {"contacts": [self._contacts.detailed(doc) for doc in shown]}

    def _existing(self, attributes: Document, *, everywhere: bool) -> Document | None:
        """The contact that is already there: a placeholder is filled in, any other stays as it is."""
        if everywhere:
            found = find_contact(self._workspace, attributes)
        else:
            found = find_contact(self._workspace, attributes, lambda doc: doc["source"] == PLACEHOLDER)
            if found is None and self._doubts["crm_ids_match_in_bulk"]:
                found = find_contact_by_crm_id(self._workspace, attributes)
        if found is not None and found[0]["source"] == PLACEHOLDER:
            return self._contacts.change(found[0], attributes, keys.BULK_CREATE)
        return None if found is None else found[0]

    def _create_labelled(self, attributes: Document, owner: str, label_ids: list[str]) -> Document:
        doc = self._contacts.create(attributes, keys.BULK_CREATE, owner)
        if label_ids:
            doc["label_ids"] = label_ids
            self._workspace.save(CONTACTS, doc)
        return doc

    def _shown(self, doc: Document) -> Document:
        return {**self._contacts.detailed(doc), "team_id": self._workspace.team_id}

    def _changes(self, call: Call) -> list[Document]:
        """One change for each contact, with the keys this call takes."""
        attributes = call.objects("contact_attributes")
        if attributes:
            wrong = [one.get("id") for one in attributes if not isinstance(one.get("id"), str)]
            if wrong:
                raise bad_id(wrong[0])
            return [{"id": one["id"], **self._taken(one)} for one in attributes]
        ids = call.ids("contact_ids")
        if not ids:
            raise refused("Please provide either contact_ids or contact_attributes")
        return [{"id": id_, **self._taken(call.params)} for id_ in ids]

    def _taken(self, sent: Document) -> Document:
        return {key: value for key, value in sent.items() if key in self._keys()}

    def _keys(self) -> frozenset[str]:
        if self._doubts["stage_in_bulk_update"]:
            return keys.BULK_UPDATE | {"contact_stage_id"}
        return keys.BULK_UPDATE

    def _update_one(self, change: Document) -> Document | None:
        return self._contacts.change_by_id(change, self._keys())

    def _update_later(self, _ids: list[str], params: Document) -> None:
        """Nobody waits for an answer any more: what would be refused stays as it is, the rest is done."""
        for change in params["changes"]:
            with suppress(ApiError):
                self._update_one(change)
