"""The operations on single contacts, and on the stages and owners of several."""

from syncline.sandbox.apollo import contacts as keys
from syncline.sandbox.apollo.contacts import Contacts
from syncline.sandbox.apollo.dedupe import find_contact
from syncline.sandbox.apollo.doubts import Doubts
from syncline.sandbox.apollo.labels import Labels
from syncline.sandbox.apollo.values import text
from syncline.sandbox.apollo.wire import Call, missing
from syncline.sandbox.apollo.workspace import CONTACT_STAGES, CONTACTS, USERS, Workspace
from syncline.sandbox.state import Document


class ContactCalls:
    """Create, show and update contacts."""

    def __init__(self, workspace: Workspace, contacts: Contacts, labels: Labels, doubts: Doubts) -> None:
        self._workspace = workspace
        self._contacts = contacts
        self._labels = labels
        self._doubts = doubts

    def create(self, call: Call) -> Document:
        """Always a new contact, unless run_dedupe asks to overwrite the one that matches."""
        dedupe, sent = call.flag("run_dedupe"), self._sent(call)
        taken = keys.SINGLE | (keys.FOREIGN if self._doubts["crm_ids_on_create"] else frozenset())
        found = find_contact(self._workspace, sent) if dedupe else None
        if found is None:
            doc = self._contacts.create(sent, taken, call.user_id)
            result: Document = {"found_existing": False}
        else:
            doc = self._contacts.change(found[0], sent, taken)
            existing = {"match_reason": found[1], "existing_contact_id": doc["id"]}
            result = {"found_existing": True, **existing}
        answer = self._answer(doc)
        return {**answer, "dedupe_result": result} if dedupe else answer

    def show(self, call: Call) -> Document:
        return self._answer(self._contacts.existing(str(call.params["contact_id"])))

    def update(self, call: Call) -> Document:
        id_ = str(call.params["contact_id"])
        self._contacts.refuse_deleted([id_])
        doc = self._contacts.existing(id_)
        return self._answer(self._contacts.change(doc, self._sent(call), keys.SINGLE))

    def update_stages(self, call: Call) -> Document:
        ids, stage = call.ids("contact_ids"), call.text("contact_stage_id")
        if not ids:
            raise missing("contact_ids")
        if stage is None:
            raise missing("contact_stage_id")
        self._workspace.check_id(CONTACT_STAGES, stage)
        changed = self._changed(ids, {"contact_stage_id": stage})
        return {"contacts": [self._contacts.listed(doc, None) for doc in changed]}

    def update_owners(self, call: Call) -> Document:
        ids, owner = call.ids("contact_ids"), call.text("owner_id")
        if not ids:
            raise missing("contact_ids")
        if owner is None:
            raise missing("owner_id")
        self._workspace.check_id(USERS, owner)
        changed, names = self._changed(ids, {"owner_id": owner}), ("id", "owner_id", "crm_owner_id")
        return {"contacts": [{name: doc[name] for name in names} for doc in changed]}

    def _answer(self, doc: Document) -> Document:
        return {"contact": self._contacts.detailed(doc), "labels": self._labels.of_record(doc["label_ids"])}

    def _sent(self, call: Call) -> Document:
        """What was sent, its names of lists as their ids; lists that are missing are made by the acting user."""
        sent = {key: value for key, value in call.params.items() if key != "label_ids"}
        if "label_names" in sent:
            given = sent["label_names"]
            names = [name for one in (given if isinstance(given, list) else [given]) if (name := text(one))]
            sent["label_ids"] = self._labels.ids_for(names, CONTACTS, call.user_id)
        return sent

    def _changed(self, ids: list[str], values: Document) -> list[Document]:
        """The contacts after the change; ids that are nobody's are passed over."""
        self._contacts.refuse_deleted(ids)
        changed = (self._contacts.change_by_id({"id": id_, **values}, frozenset(values)) for id_ in ids)
        return [doc for doc in changed if doc is not None]
