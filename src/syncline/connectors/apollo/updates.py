"""Changes records: sends the planned calls, splits what is refused, and tells what Apollo shows after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from syncline.connectors.apollo import refusal
from syncline.connectors.apollo.client import ApolloClient, Row, read_rows
from syncline.connectors.apollo.line import Line
from syncline.connectors.apollo.objects import ObjectType
from syncline.connectors.apollo.route import OWNER, Trip, Way, trips
from syncline.connectors.apollo.rows import RowReader
from syncline.connectors.apollo.wire import refuse, to_wire
from syncline.connectors.base import Change
from syncline.connectors.held_back import held_back
from syncline.connectors.http import Reply
from syncline.connectors.http.sifting import sift
from syncline.core.errors import ProtocolError, RemoteError, UnavailableError
from syncline.core.model import Failure, Outcome, OutcomeStatus, Raw
from syncline.core.schema import ObjectSchema


@dataclass
class _Job:
    """One change on its way: what its calls have shown of the record, and which of them went unanswered."""

    remote_id: str
    values: Mapping[str, Raw]
    row: Row = field(default_factory=dict)
    failure: Failure | None = None
    unanswered: dict[Way, Failure] = field(default_factory=dict)
    unseen: Failure | None = None

    def fail(self, failure: Failure) -> None:
        """The first failure is the one to tell."""
        self.failure = self.failure or failure


class Updater:
    """Carries out changes of one object type. Every call may be repeated: it sets values and adds nothing."""

    def __init__(
        self, client: ApolloClient, object_type: ObjectType, schema: ObjectSchema, rows: RowReader
    ) -> None:
        self._client = client
        self._type = object_type
        self._schema = schema
        self._rows = rows
        self._jobs: list[_Job] = []
        self._line = Line(client)

    def run(self, changes: Sequence[Change]) -> list[Outcome]:
        """An outcome for each change. Raises what stops the connection only if nothing was answered before."""
        self._jobs = [_Job(change.remote_id.strip(), change.values) for change in changes]
        for job in self._jobs:
            job.failure = refuse(self._type, self._schema, job.values)
        for positions in self._rounds():
            self._send_round(positions)
        return [self._outcome(job) for job in self._jobs]

    def _rounds(self) -> Iterable[list[int]]:
        """The changes to send, each record once a round, so that two changes of one keep their order."""
        rounds: list[list[int]] = []
        seen: dict[str, int] = {}
        for position, job in enumerate(self._jobs):
            if job.failure is None and job.values:
                number = seen[job.remote_id] = seen.get(job.remote_id, -1) + 1
                rounds.extend([[]] if number == len(rounds) else [])
                rounds[number].append(position)
        return rounds

    def _send_round(self, positions: list[int]) -> None:
        planned = trips(self._type, [self._jobs[position].values for position in positions])
        for trip in planned:
            jobs = [(positions[index], trip.names[index]) for index in trip.changes]
            for position, _ in sift(jobs, partial(self._send, trip)):
                self._jobs[position].fail(refusal.HELD_BACK)

    def _send(
        self, trip: Trip, jobs: Sequence[tuple[int, frozenset[str]]]
    ) -> list[tuple[int, frozenset[str]]]:
        """One call for the given jobs; those that have to go again."""
        names = dict(jobs)
        if self._line.broken is not None:
            self._hold_back(trip, names, self._line.broken)
            return []
        try:
            reply = self._call(trip.way, names)
            rows = self._shown(trip.way, reply) if reply.status < 400 else []
        except (UnavailableError, ProtocolError) as error:
            return self._unanswered(trip, names, error)
        except RemoteError as error:
            self._line.stop(error)
            self._hold_back(trip, names, error)
            return []
        else:
            self._line.answered()
            for position in names:
                self._jobs[position].unanswered.pop(trip.way, None)
            if reply.status >= 400:
                return self._refused(trip, names, reply)
            self._absorb(names, rows)
            return []

    def _call(self, way: Way, names: Mapping[int, frozenset[str]]) -> Reply:
        plural, first = self._type.plural, self._jobs[next(iter(names))]
        if way is Way.PATCH:
            body = to_wire(self._schema, {name: first.values[name] for name in next(iter(names.values()))})
            endpoint = f"/{plural}/{{id}}"
            return self._client.write("PATCH", endpoint, body=body, id_=first.remote_id, repeatable=True)
        if way is Way.BULK:
            entries = [self._entry(self._jobs[position], each) for position, each in names.items()]
            body = {f"{self._type.name}_attributes": entries}
            return self._client.write("POST", f"/{plural}/bulk_update", body=body, repeatable=True)
        name = OWNER if way is Way.OWNERS else str(self._type.stage)
        params = [(f"{self._type.name}_ids[]", self._jobs[position].remote_id) for position in names]
        params.append((name, str(first.values[name])))
        return self._client.write("POST", f"/{plural}/{way}", params=params, repeatable=True)

    def _entry(self, job: _Job, names: frozenset[str]) -> Row:
        body = to_wire(self._schema, {name: job.values[name] for name in names})
        return {"id": job.remote_id, **body}

    def _shown(self, way: Way, reply: Reply) -> list[Row]:
        if way is not Way.PATCH:
            return read_rows(reply.data, self._type.plural)
        found = reply.data.get(self._type.name) if isinstance(reply.data, dict) else None
        return read_rows({self._type.plural: [found]}, self._type.plural)

    def _absorb(self, names: Mapping[int, frozenset[str]], rows: Sequence[Row]) -> None:
        """Take over what the rows show. Bulk calls pass over ids that are nobody's without a word."""
        by_id = {str(row["id"]): row for row in rows}
        for position in names:
            job = self._jobs[position]
            if job.remote_id in by_id:
                job.row |= by_id[job.remote_id]
            else:
                self._look(job)

    def _look(self, job: _Job) -> None:
        """Read a record by itself, for what the answer to a write did not show."""
        try:
            shown = self._client.show(self._type.plural, self._type.name, job.remote_id)
        except (RemoteError, ProtocolError) as error:
            job.unseen = held_back(error)
            return
        if shown.row is None:
            job.fail(refusal.gone(self._type.name, job.remote_id))
        else:
            job.row |= shown.row

    def _refused(
        self, trip: Trip, names: Mapping[int, frozenset[str]], reply: Reply
    ) -> list[tuple[int, frozenset[str]]]:
        """One record in a batch is enough for Apollo to refuse all: those that are not to blame go again."""
        ids = {self._jobs[position].remote_id: position for position in names}
        named = {ids[id_] for id_ in refusal.named_ids(reply, ids)}
        named |= {p for p, each in names.items() if refusal.quotes(reply, self._sent(p, each))}
        alone = len(names) == 1 or reply.status == 403 or self._is_common(trip, names, reply)
        for position in names if alone else named:
            job = self._jobs[position]
            sent = self._sent(position, names[position])
            job.fail(refusal.failure(self._client, reply, job.remote_id, sent))
        return (
            [] if alone else [(position, each) for position, each in names.items() if position not in named]
        )

    def _sent(self, position: int, names: frozenset[str]) -> dict[str, Raw]:
        return {name: self._jobs[position].values[name] for name in names}

    def _is_common(self, trip: Trip, names: Mapping[int, frozenset[str]], reply: Reply) -> bool:
        """Whether what was refused is the one value that all of a group share."""
        if trip.way not in {Way.STAGES, Way.OWNERS}:
            return False
        position, (name,) = next((position, tuple(each)) for position, each in names.items())
        return refusal.blames(reply, self._jobs[position].values[name])

    def _unanswered(
        self, trip: Trip, names: Mapping[int, frozenset[str]], error: UnavailableError | ProtocolError
    ) -> list[tuple[int, frozenset[str]]]:
        """No answer to be read. A batch is tried in halves, in case one record is too much for the server."""
        if self._line.was_never_sent(error):
            self._hold_back(trip, names, error)
            return []
        for position in names:
            self._jobs[position].unanswered[trip.way] = held_back(error)
        return list(names.items()) if len(names) > 1 else []

    def _hold_back(self, trip: Trip, names: Iterable[int], error: RemoteError | ProtocolError) -> None:
        """Not sent, or not sent again: what went unanswered before stays unknown."""
        for position in names:
            if trip.way not in self._jobs[position].unanswered:
                self._jobs[position].fail(held_back(error))

    def _outcome(self, job: _Job) -> Outcome:
        if job.failure is None and not job.unanswered and self._shows_less(job):
            self._look(job)
        record = self._rows.written(job.row) if job.row else None
        if silence := next(iter(job.unanswered.values()), job.unseen):
            return Outcome(OutcomeStatus.UNKNOWN, record, silence)
        failure = job.failure or refusal.custom_failure(job.row, job.values, self._client)
        status = OutcomeStatus.REJECTED if failure else OutcomeStatus.APPLIED
        return Outcome(status, record, failure)

    def _shows_less(self, job: _Job) -> bool:
        """Whether the answers leave open what became of a value; a change of nothing asks what is there."""
        if not job.row:
            return True
        shown = self._rows.written(job.row)
        return any(name not in shown.values and name not in shown.withheld for name in job.values)
