"""Creates records by the bulk calls that never change one that exists, and fills in what these do not take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from syncline.connectors.apollo import refusal
from syncline.connectors.apollo.client import ApolloClient, Row, read_rows
from syncline.connectors.apollo.identity import Keys, batches, contradict, keys_of, pair, unique
from syncline.connectors.apollo.line import Line
from syncline.connectors.apollo.objects import BATCH, CONTACT, ObjectType
from syncline.connectors.apollo.route import OWNER
from syncline.connectors.apollo.rows import RowReader
from syncline.connectors.apollo.updates import Updater
from syncline.connectors.apollo.wire import refuse, to_wire
from syncline.connectors.base import Change, Draft
from syncline.connectors.held_back import held_back
from syncline.connectors.http import Reply
from syncline.connectors.http.sifting import sift
from syncline.core.errors import ProtocolError, RemoteError, UnavailableError
from syncline.core.model import Failure, Outcome, OutcomeStatus, Raw, Record, is_empty
from syncline.core.schema import ObjectSchema


@dataclass
class _Job:
    """One draft on its way: what the bulk call takes of it, what comes after, and what became of it."""

    values: dict[str, Raw]
    later: dict[str, Raw]
    keys: Keys
    failure: Failure | None = None
    row: Row = field(default_factory=dict)
    status: OutcomeStatus | None = None
    addition: Outcome | None = None


class Creator:
    """Creates records of one object type.

    A bulk create is sent once: when its answer does not come, nobody knows whether it was carried out. One that
    was refused is sent again in parts; should Apollo have created a record of it all the same, the part finds
    it as existing, since every call asks for that.
    """

    def __init__(
        self, client: ApolloClient, object_type: ObjectType, schema: ObjectSchema, rows: RowReader
    ) -> None:
        self._client = client
        self._type = object_type
        self._schema = schema
        self._rows = rows
        self._line = Line(client)
        self._jobs: list[_Job] = []

    def run(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """An outcome for each draft. Raises what stops the connection only if nothing was sent before."""
        self._jobs = [self._job(draft) for draft in drafts]
        for owner, positions in self._by_owner().items():
            keys = [self._jobs[position].keys for position in positions]
            for members in batches(keys, BATCH):
                batch = [positions[member] for member in members]
                for position in sift(batch, partial(self._send, owner)):
                    self._jobs[position].failure = refusal.HELD_BACK
        self._complete()
        self._add_later_fields()
        return [self._outcome(job) for job in self._jobs]

    def _job(self, draft: Draft) -> _Job:
        filled = {name: value for name, value in draft.values.items() if not is_empty(value)}
        now = {name: value for name, value in filled.items() if self._type.takes(self._type.create, name)}
        later = {name: value for name, value in filled.items() if name not in now}
        failure = refuse(self._type, self._schema, filled)
        return _Job(now, later, keys_of(self._type, now), failure)

    def _by_owner(self) -> dict[str | None, list[int]]:
        """The drafts to send; contacts by their owner, of whom a call has one."""
        groups: dict[str | None, list[int]] = defaultdict(list)
        for position, job in enumerate(self._jobs):
            if job.failure is None:
                owner = job.values.get(OWNER) if self._type is CONTACT else None
                groups[str(owner) if owner is not None else None].append(position)
        return groups

    def _send(self, owner: str | None, positions: Sequence[int]) -> Sequence[int]:
        """One call for these drafts; those that have to go again."""
        if self._line.broken is not None:
            self._hold_back(positions, self._line.broken)
            return []
        try:
            reply = self._call(owner, positions)
            if reply.status < 400:
                self._take(positions, reply)
        except (UnavailableError, ProtocolError) as error:
            if self._line.was_never_sent(error):
                self._hold_back(positions, error)
                return []
            for position in positions:
                self._jobs[position].status = OutcomeStatus.UNKNOWN
                self._jobs[position].failure = held_back(error)
        except RemoteError as error:
            self._line.stop(error)
            self._hold_back(positions, error)
        else:
            self._line.answered()
            if reply.status >= 400:
                return self._refused(owner, positions, reply)
        return []

    def _call(self, owner: str | None, positions: Sequence[int]) -> Reply:
        entries = []
        for position in positions:
            values = dict(self._jobs[position].values)
            if owner is not None:
                values.pop(OWNER, None)
            entries.append(to_wire(self._schema, values))
        body: dict[str, Any] = {self._type.plural: entries, "run_dedupe": True}
        if owner is not None:
            body[OWNER] = owner
        endpoint = f"/{self._type.plural}/bulk_create"
        return self._client.write("POST", endpoint, body=body, repeatable=False)

    def _take(self, positions: Sequence[int], reply: Reply) -> None:
        """Give each draft its row; one whose row cannot be told is left unknown, to be looked for."""
        plural = self._type.plural
        rows = read_rows(reply.data, f"created_{plural}", f"existing_{plural}")
        made = {str(row["id"]) for row in reply.data.get(f"created_{plural}") or []}
        created = unique(row for row in rows if row["id"] in made)
        existing = unique(row for row in rows if row["id"] not in made)
        found = pair(
            [self._jobs[position].keys for position in positions],
            [keys_of(self._type, row) for row in created],
            [keys_of(self._type, row) for row in existing],
        )
        for position, each in zip(positions, found, strict=True):
            job = self._jobs[position]
            if each is None:
                job.status, job.failure = OutcomeStatus.UNKNOWN, refusal.NO_SENSE
            else:
                job.row = dict((created if each.created else existing)[each.position])
                job.status = OutcomeStatus.APPLIED if each.created else OutcomeStatus.EXISTING

    def _refused(self, owner: str | None, positions: Sequence[int], reply: Reply) -> Sequence[int]:
        """Find the drafts for which all were refused; the others go again without them."""
        common = reply.status == 403 or (owner is not None and refusal.blames(reply, owner))
        blamed = [p for p in positions if refusal.quotes(reply, self._jobs[p].values)]
        alone = len(positions) == 1 or common
        for position in positions if alone else blamed:
            job = self._jobs[position]
            job.failure = refusal.failure(self._client, reply, None, job.values)
        return [] if alone else [position for position in positions if position not in blamed]

    def _hold_back(self, positions: Sequence[int], error: RemoteError | ProtocolError) -> None:
        for position in positions:
            self._jobs[position].failure = held_back(error)

    def _complete(self) -> None:
        """Read the records whose rows show only a part. Without an answer the part has to do."""
        for job in self._jobs:
            if not job.row or self._rows.is_whole(job.row):
                continue
            try:
                shown = self._client.show(self._type.plural, self._type.name, str(job.row["id"]))
            except (RemoteError, ProtocolError):
                return
            job.row |= shown.row or {}

    def _add_later_fields(self) -> None:
        jobs = [job for job in self._jobs if job.later and job.status is OutcomeStatus.APPLIED]
        if not jobs:
            return
        updater = Updater(self._client, self._type, self._schema, self._rows)
        try:
            additions = updater.run([Change(str(job.row["id"]), job.later) for job in jobs])
        except (RemoteError, ProtocolError) as error:
            failure = held_back(error)
            additions = [Outcome(OutcomeStatus.REJECTED, failure=failure)] * len(jobs)
        for job, addition in zip(jobs, additions, strict=True):
            job.addition = addition

    def _outcome(self, job: _Job) -> Outcome:
        if job.status is None or not job.row:
            lost = job.status is OutcomeStatus.UNKNOWN or job.failure is None
            return Outcome(OutcomeStatus.UNKNOWN if lost else OutcomeStatus.REJECTED, failure=job.failure)
        record = self._rows.written(job.row)
        if job.status is OutcomeStatus.EXISTING and contradict(job.keys, keys_of(self._type, job.row)):
            return Outcome(OutcomeStatus.REJECTED, record, refusal.namesake(self._type.name, record.ref))
        if job.status is OutcomeStatus.EXISTING:
            return Outcome(job.status, record)
        failure = refusal.custom_failure(job.row, job.values, self._client)
        if job.addition is None:
            return Outcome(job.status, record, failure)
        if job.addition.status is OutcomeStatus.UNKNOWN:
            record = _without(record, job.later)
        return Outcome(job.status, job.addition.record or record, failure or job.addition.failure)


def _without(record: Record, names: dict[str, Raw]) -> Record:
    """A record without the values of which it is not known whether they still hold."""
    values = {name: value for name, value in record.values.items() if name not in names}
    return replace(record, values=values, partial=True)
