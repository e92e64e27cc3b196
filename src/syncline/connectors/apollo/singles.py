"""Creates records one by one, where Apollo has no bulk create."""

from __future__ import annotations

from collections.abc import Sequence

from syncline.connectors.apollo import refusal
from syncline.connectors.apollo.client import ApolloClient, Row, read_rows
from syncline.connectors.apollo.line import Line
from syncline.connectors.apollo.objects import ObjectType
from syncline.connectors.apollo.rows import RowReader
from syncline.connectors.apollo.updates import Updater
from syncline.connectors.apollo.wire import refuse, to_wire
from syncline.connectors.base import Change, Draft
from syncline.connectors.held_back import held_back
from syncline.connectors.http import Reply
from syncline.core.errors import ProtocolError, RemoteError, UnavailableError
from syncline.core.model import Failure, Outcome, OutcomeStatus, Raw, is_empty
from syncline.core.schema import ObjectSchema


class SingleCreator:
    """Creates records of one object type, a call each, and sets afterwards what the create does not take.

    Such a create looks for nothing that exists, so it changes nothing; and it is sent once: when its answer does
    not come, nobody knows whether it was carried out.
    """

    def __init__(
        self, client: ApolloClient, object_type: ObjectType, schema: ObjectSchema, rows: RowReader
    ) -> None:
        self._client = client
        self._type = object_type
        self._schema = schema
        self._rows = rows
        self._line = Line(client)

    def run(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """An outcome for each draft. Raises what stops the connection only if nothing was sent before."""
        return [self._create(draft) for draft in drafts]

    def _create(self, draft: Draft) -> Outcome:
        filled = {name: value for name, value in draft.values.items() if not is_empty(value)}
        if failure := refuse(self._type, self._schema, filled):
            return Outcome(OutcomeStatus.REJECTED, failure=failure)
        if self._line.broken is not None:
            return Outcome(OutcomeStatus.REJECTED, failure=held_back(self._line.broken))
        now = {name: value for name, value in filled.items() if self._type.takes(self._type.create, name)}
        made = self._sent(now)
        if not isinstance(made, dict):
            return made
        return self._completed(made, now, {name: filled[name] for name in filled.keys() - now.keys()})

    def _sent(self, values: dict[str, Raw]) -> Row | Outcome:
        """The row of the new record, or why there is none."""
        body = to_wire(self._schema, values)
        try:
            reply = self._client.write("POST", f"/{self._type.plural}", body=body, repeatable=False)
            if reply.status < 400:
                row = self._row(reply)
                self._line.answered()
                return row
        except (UnavailableError, ProtocolError) as error:
            lost = not self._line.was_never_sent(error)
            status = OutcomeStatus.UNKNOWN if lost else OutcomeStatus.REJECTED
            return Outcome(status, failure=held_back(error))
        except RemoteError as error:
            self._line.stop(error)
            return Outcome(OutcomeStatus.REJECTED, failure=held_back(error))
        self._line.answered()
        return Outcome(OutcomeStatus.REJECTED, failure=refusal.failure(self._client, reply, None, values))

    def _row(self, reply: Reply) -> Row:
        found = reply.data.get(self._type.name) if isinstance(reply.data, dict) else None
        return dict(read_rows({self._type.plural: [found]}, self._type.plural)[0])

    def _completed(self, row: Row, sent: dict[str, Raw], later: dict[str, Raw]) -> Outcome:
        failure: Failure | None = refusal.custom_failure(row, sent, self._client)
        record = self._rows.written(row)
        if not later:
            return Outcome(OutcomeStatus.APPLIED, record, failure)
        updater = Updater(self._client, self._type, self._schema, self._rows)
        try:
            (addition,) = updater.run([Change(str(row["id"]), later)])
        except (RemoteError, ProtocolError) as error:
            return Outcome(OutcomeStatus.APPLIED, record, failure or held_back(error))
        return Outcome(OutcomeStatus.APPLIED, addition.record or record, failure or addition.failure)
