"""The operations on contacts."""

from syncline.sandbox.apollo import contacts as keys
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.dedupe import find_contact
from syncline.sandbox.apollo.jobs import Jobs, progress
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.wire import Call, bad_id, missing, refused
from syncline.sandbox.apollo.workspace import CONTACT_STAGES, CONTACTS, USERS, Workspace
from syncline.sandbox.state import Document

MOST_CREATED = 100
MOST_AT_ONCE = 100
MOST_UPDATED = 1000
BULK_JOB = "contact_bulk_update"
PLACEHOLDER = "email_import"


class ContactCalls:
    """Create, show, update and the bulk forms of contacts."""

    def __init__(self, workspace: Workspace, contacts: Contacts, labels: Labels, jobs: Jobs) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._labels = labels
        self._jobs = jobs
        jobs.register(BULK_JOB, self._update_later)

    def create(self, call: Call) -> Document:
        """Always a new contact, unless run_dedupe asks to overwrite the one that matches."""
        dedupe = call.flag("run_dedupe")
        found = find_contact(self._workspace, call.params) if dedupe else None
        if found is None:
            doc = self._contacts.create(call.params, keys.SINGLE_CREATE, call.user_id)
            result: Document = {"found_existing": False}
        else:
            doc = self._contacts.change(found[0], call.params, keys.SINGLE_CREATE)
            existing = {"match_reason": found[1], "existing_contact_id": doc["id"]}
            result = {"found_existing": True, **existing}
        answer = self._answer(doc)
        return {**answer, "dedupe_result": result} if dedupe else answer

    def show(self, call: Call) -> Document:
        return self._answer(self._existing(str(call.params["contact_id"])))

    def update(self, call: Call) -> Document:
        id_ = str(call.params["contact_id"])
        self._refuse_deleted([id_])
        return self._answer(self._contacts.change(self._existing(id_), call.params, keys.SINGLE))

    def bulk_create(self, call: Call) -> Document:
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
            found = self._placeholder_or_match(attributes, everywhere=call.flag("run_dedupe"))
            if found is None:
                created.append(self._create_labelled(attributes, owner, label_ids))
            else:
                existing.append(found)
        return {
            "created_contacts": [self._bulk_form(doc) for doc in created],
            "existing_contacts": [self._bulk_form(doc) for doc in existing],
        }

    def bulk_update(self, call: Call) -> Document:
        """The same values for many contacts, or each its own; over 100 the work is done after the answer."""
        changes = self._changes(call)
        if len(changes) > MOST_UPDATED:
            raise refused("Please limit your array to fewer than 1000.")
        ids = [str(change["id"]) for change in changes]
        self._refuse_deleted(ids)
        if len(changes) > MOST_AT_ONCE or call.flag("async"):
            return {"entity_progress_job": progress(self._jobs.add(BULK_JOB, ids, {"changes": changes}))}
        updated = [doc for change in changes if (doc := self._update_one(change)) is not None]
        visible = call.ids("visible_entity_ids")
        shown = [doc for doc in updated if not visible or doc["id"] in visible]
        return {"contacts": [self._contacts.detailed(doc) for doc in shown]}

    def update_stages(self, call: Call) -> Document:
        ids, stage = call.ids("contact_ids"), call.text("contact_stage_id")
        if not ids:
            raise missing("contact_ids")
        if stage is None:
            raise missing("contact_stage_id")
        self._workspace.check_id(CONTACT_STAGES, stage)
        self._refuse_deleted(ids)
        changes = [{"id": id_, "contact_stage_id": stage} for id_ in ids]
        docs = [self._change(change, frozenset({"contact_stage_id"})) for change in changes]
        return {"contacts": [self._contacts.listed(doc, None) for doc in docs if doc is not None]}

    def update_owners(self, call: Call) -> Document:
        ids, owner = call.ids("contact_ids"), call.text("owner_id")
        if not ids:
            raise missing("contact_ids")
        if owner is None:
            raise missing("owner_id")
        self._workspace.check_id(USERS, owner)
        self._refuse_deleted(ids)
        changed = [self._change({"id": id_, "owner_id": owner}, frozenset({"owner_id"})) for id_ in ids]
        names = ("id", "owner_id", "crm_owner_id")
        return {"contacts": [{name: doc[name] for name in names} for doc in changed if doc is not None]}

    def _answer(self, doc: Document) -> Document:
        return {"contact": self._contacts.detailed(doc), "labels": self._labels.of_record(doc["label_ids"])}

    def _existing(self, id_: str) -> Document:
        doc = self._workspace.state.get(CONTACTS, id_)
        if doc is None:
            raise refused("Oops! This contact does not exist in Apollo.")
        if doc.get("_deleted"):
            raise refused("This contact has been deleted.")
        return doc

    def _refuse_deleted(self, ids: list[str]) -> None:
        docs = (self._workspace.state.peek(CONTACTS, id_) for id_ in ids)
        deleted = [str(doc["id"]) for doc in docs if doc is not None and doc.get("_deleted")]
        if deleted:
            raise refused("Cannot update contact as it is deleted.", deleted_contact_ids=deleted)

    def _placeholder_or_match(self, attributes: Document, *, everywhere: bool) -> Document | None:
        found = find_contact(self._workspace, attributes)
        if found is None:
            return None
        doc = found[0]
        if doc["source"] == PLACEHOLDER:
            return self._contacts.change(self._existing(doc["id"]), attributes, keys.BULK_CREATE)
        return doc if everywhere else None

    def _create_labelled(self, attributes: Document, owner: str, label_ids: list[str]) -> Document:
        doc = self._contacts.create(attributes, keys.BULK_CREATE, owner)
        if label_ids:
            doc["label_ids"] = label_ids
            self._workspace.save(CONTACTS, doc)
        return doc

    def _bulk_form(self, doc: Document) -> Document:
        return {**self._contacts.detailed(doc), "team_id": self._workspace.team_id}

    def _changes(self, call: Call) -> list[Document]:
        attributes = call.objects("contact_attributes")
        if attributes:
            if any(not isinstance(one.get("id"), str) for one in attributes):
                raise bad_id(next(one.get("id") for one in attributes if not isinstance(one.get("id"), str)))
            return attributes
        ids = call.ids("contact_ids")
        if not ids:
            raise refused("Please provide either contact_ids or contact_attributes")
        common = {key: value for key, value in call.params.items() if key in keys.BULK_UPDATE}
        return [{"id": id_, **common} for id_ in ids]

    def _update_one(self, change: Document) -> Document | None:
        return self._change(change, keys.BULK_UPDATE)

    def _change(self, change: Document, allowed: frozenset[str]) -> Document | None:
        """The changed contact, or None when the id is nobody's, which bulk forms pass over."""
        doc = self._workspace.alive(CONTACTS, str(change["id"]))
        return None if doc is None else self._contacts.change(doc, change, allowed)

    def _update_later(self, _ids: list[str], params: Document) -> None:
        for change in params["changes"]:
            self._update_one(change)
