"""Lists of contacts and accounts, which the API calls labels."""

from syncline.sandbox.apollo.jobs import Jobs
from syncline.sandbox.apollo.wire import ApiError, Call, refused
from syncline.sandbox.apollo.workspace import ACCOUNTS, CONTACTS, LABELS, Workspace
from syncline.sandbox.state import Document

MODALITIES = (CONTACTS, ACCOUNTS)
ADD, REMOVE = "add_entities_to_labels", "remove_entities_from_labels"


class Labels:
    """Lists, and which records are on them."""

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        self._workspace = workspace
        self._jobs = jobs
        jobs.register(ADD, self._add_later)
        jobs.register(REMOVE, self._remove_later)

    def index(self, _call: Call) -> list[Document]:
        """Every list, as a bare array."""
        return [self._indexed(dict(label)) for label in self._workspace.state.all(LABELS)]

    def create(self, call: Call) -> Document:
        name, modality = call.text("name"), call.text("modality")
        if name is None:
            raise refused("Please enter a non-empty name!")
        if modality is None:
            raise refused("Please enter a non-empty modality!")
        if modality not in MODALITIES:
            raise refused("Please enter a valid modality!")
        self._check_free(name, modality)
        label = self.make(name, modality, call.user_id)
        label["book_of_business"] = _is_book(call, modality)
        self._workspace.save(LABELS, label)
        return {"label": self._made(label)}

    def update(self, call: Call) -> Document:
        label = self._workspace.state.get(LABELS, str(call.params["id"]))
        if label is None:
            text = f"Could not find label with id {call.params['id']}"
            raise ApiError(404, {"message": text, "error": "Record not found."})
        name = call.text("name")
        if name is None:
            raise refused("Please enter a non-empty name!")
        if name != label["name"]:
            self._check_free(name, label["modality"])
        label["name"] = name
        if "book_of_business" in call.params:
            label["book_of_business"] = _is_book(call, label["modality"])
        label["updated_at"] = self._workspace.stamp()
        self._workspace.save(LABELS, label)
        return {"label": self._made(label)}

    def add_entities(self, call: Call) -> Document:
        return self._change(call, ADD)

    def remove_entities(self, call: Call) -> Document:
        return self._change(call, REMOVE)

    def ids_for(self, names: list[str], modality: str, user_id: str) -> list[str]:
        """The ids of the lists of these names; those that are missing are made."""
        return [self._named_or_made(name, modality, user_id)["id"] for name in names if name]

    def of_record(self, label_ids: list[str]) -> list[Document]:
        """The short form of the lists a record is on."""
        found = (self._workspace.state.get(LABELS, id_) for id_ in label_ids)
        return [self.short(label) for label in found if label is not None]

    def make(self, name: str, modality: str, user_id: str) -> Document:
        """A new list, stored."""
        stamp = self._workspace.stamp()
        label: Document = {
            "id": self._workspace.new_id(),
            "modality": modality,
            "name": name,
            "created_at": stamp,
            "updated_at": stamp,
            "user_id": user_id,
            "book_of_business": None,
        }
        self._workspace.save(LABELS, label)
        return label

    def short(self, label: Document) -> Document:
        """A list as it stands beside a record."""
        return {
            "id": label["id"],
            "modality": label["modality"],
            "cached_count": self._count(label),
            "name": label["name"],
            "created_at": label["created_at"],
            "updated_at": label["updated_at"],
            "user_id": label["user_id"],
        }

    def _made(self, label: Document) -> Document:
        """A list as the calls that make and fill it answer with it."""
        return self.short(label) | {"book_of_business": label["book_of_business"]}

    def _change(self, call: Call, job: str) -> Document:
        modality, ids, names = call.text("modality"), call.ids("entity_ids"), call.ids("label_names")
        if modality not in MODALITIES:
            raise refused(f"Invalid modality: {modality}.")
        if not ids or not names:
            return {"message": "No Models or Lists provided"}
        if call.flag("async"):
            params = {"modality": modality, "label_names": names, "user_id": call.user_id}
            return {"entity_progress_job": self._as_job(self._jobs.add(job, ids, params), call.user_id)}
        labels = self._apply(job, modality, ids, names, call.user_id)
        if not labels:
            return {"message": "No Models or Lists provided"}
        return {"labels": [self._made(label) for label in labels]}

    def _apply(self, job: str, modality: str, ids: list[str], names: list[str], user: str) -> list[Document]:
        if job == ADD:
            labels = [self._named_or_made(name, modality, user) for name in names]
        else:
            labels = [label for name in names if (label := self._named(name, modality)) is not None]
        for id_ in ids:
            record = self._workspace.alive(modality, id_)
            if record is not None and labels:
                self._move(record, modality, [label["id"] for label in labels], job)
        return labels

    def _move(self, record: Document, modality: str, label_ids: list[str], job: str) -> None:
        before = record["label_ids"]
        kept = [id_ for id_ in before if id_ not in label_ids]
        record["label_ids"] = kept if job == REMOVE else before + [i for i in label_ids if i not in before]
        if record["label_ids"] != before:
            record["updated_at" if modality == CONTACTS else "_updated_at"] = self._workspace.stamp()
            self._workspace.save(modality, record)

    def _add_later(self, ids: list[str], params: Document) -> None:
        self._apply(ADD, params["modality"], ids, params["label_names"], params["user_id"])

    def _remove_later(self, ids: list[str], params: Document) -> None:
        self._apply(REMOVE, params["modality"], ids, params["label_names"], params["user_id"])

    def _as_job(self, job: Document, user_id: str) -> Document:
        shown_params = {name: job["params"][name] for name in ("modality", "label_names")}
        return {
            "id": job["id"],
            "user_id": user_id,
            "job_type": job["job_type"],
            "entity_ids": job["entity_ids"],
            "params": shown_params,
            "progress": -1,
            "batch_size": None,
        }

    def _indexed(self, label: Document) -> Document:
        """A list as the index shows it, with the storage keys the vendor lets through."""
        return {
            "_id": label["id"],
            "cached_count": self._count(label),
            "concurrency_locks": {},
            "created_at": label["created_at"],
            "modality": label["modality"],
            "name": label["name"],
            "need_cached_count_update": False,
            "needs_count_update_at": label["updated_at"].replace("Z", "+00:00"),
            "rule_config_template_id": None,
            "team_id": self._workspace.team_id,
            "updated_at": label["updated_at"],
            "user_id": label["user_id"],
            "id": label["id"],
            "key": label["id"],
        }

    def _count(self, label: Document) -> int:
        found = self._workspace.state.find(label["modality"], "label", label["id"])
        return sum(1 for record in found if not record.get("_deleted"))

    def _named(self, name: str, modality: str) -> Document | None:
        found = (one for one in self._workspace.state.all(LABELS) if one["name"] == name)
        return next((dict(label) for label in found if label["modality"] == modality), None)

    def _named_or_made(self, name: str, modality: str, user_id: str) -> Document:
        return self._named(name, modality) or self.make(name, modality, user_id)

    def _check_free(self, name: str, modality: str) -> None:
        if self._named(name, modality) is not None:
            raise refused(f"{name} already exists", skip_alert_dialog=True)


def _is_book(call: Call, modality: str) -> bool | None:
    """Whether a list of accounts is somebody's book of business; lists of contacts are never asked."""
    return call.flag("book_of_business") if modality == ACCOUNTS else None
