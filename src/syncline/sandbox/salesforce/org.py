"""The org: everything the endpoints share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from syncline.sandbox.clock import Clock
from syncline.sandbox.salesforce.apps import Apps
from syncline.sandbox.salesforce.automations import Automations
from syncline.sandbox.salesforce.catalogue import Catalogue
from syncline.sandbox.salesforce.consents import Consents
from syncline.sandbox.salesforce.cursors import Cursors
from syncline.sandbox.salesforce.grants import Grants
from syncline.sandbox.salesforce.late import LateChanges
from syncline.sandbox.salesforce.locks import Locks
from syncline.sandbox.salesforce.record_types import RecordTypes
from syncline.sandbox.salesforce.sessions import Sessions
from syncline.sandbox.salesforce.settings import TYPE, Settings
from syncline.sandbox.salesforce.tables import Tables
from syncline.sandbox.salesforce.usage import Usage
from syncline.sandbox.salesforce.writer import Writer
from syncline.sandbox.state import State


@dataclass(frozen=True, slots=True)
class Org:
    """One org over one state file."""

    state: State
    clock: Clock
    settings: Settings
    catalogue: Catalogue
    tables: Tables
    writer: Writer
    record_types: RecordTypes
    locks: Locks
    late: LateChanges
    automations: Automations
    sessions: Sessions
    apps: Apps
    consents: Consents
    grants: Grants
    usage: Usage
    cursors: Cursors

    @classmethod
    def open(cls, state: State, clock: Clock) -> Org:
        """The org that a state file holds."""
        settings = Settings(state)
        tables = Tables(state, clock)
        sessions = Sessions(state, clock, settings)
        late = LateChanges(state, clock, tables)
        record_types = RecordTypes(tables, settings)
        locks = Locks(settings, late)
        automations = Automations(state, clock, settings, tables)
        return cls(
            state=state,
            clock=clock,
            settings=settings,
            catalogue=Catalogue(settings),
            tables=tables,
            writer=Writer(tables, settings, record_types, locks, automations),
            record_types=record_types,
            locks=locks,
            late=late,
            automations=automations,
            sessions=sessions,
            apps=Apps(state),
            consents=Consents(state, clock),
            grants=Grants(state, clock, sessions),
            usage=Usage(state, clock, settings),
            cursors=Cursors(state, clock, settings),
        )

    def catch_up(self) -> None:
        """Let happen what is due by now: transactions commit, automations act."""
        schema = self.catalogue.whole
        for change in self.late.due():
            with self.state.transaction():
                self.late.commit(change, schema.objects[change["object"]])
        for note in self.automations.due():
            with self.state.transaction():
                self.automations.act_on(note, schema.objects[note["object"]])

    @property
    def app(self) -> dict[str, Any]:
        """The connected app: client_id, client_secret, private_key, public_key, user and org ids."""
        return self.state.get(TYPE, "app") or {}

    @property
    def id(self) -> str:
        """The id of the org itself."""
        return str(self.app["org"])

    @property
    def integration_user(self) -> str:
        """The user that client credentials run as."""
        return str(self.app["user"])

    @property
    def person(self) -> str:
        """The human user whom edits through the control are put down to."""
        return str(self.app["person"])
