"""The errors of Syncline, grouped by their consequence.

    SynclineError
      ConfigError            the run does not start
        MissingSettingError, UnknownFieldError, MappingError, SettingsFileError, SecretError, TokenKeyError,
        UnknownNameError, ServedError
      RemoteError            this connection stops
        AuthError (and below it ReconnectError), AccessError, RateLimitedError, QuotaError, UnavailableError
      ProtocolError          this object type stops: the answer does not fit the schema
      RecordError            this record only
        NotFoundError, AmbiguousRecordError
      StoreError             the process stops; nothing was committed
        NewerStoreError, LockedStoreError, FullStoreError, AwayStoreError
      PlanError              the plan cannot run: it is stale, unknown or waits for approval
        QuietPeriodError, FirstPullError, BusyError, JobError, NudgesFullError
      RunStopped             not an error: asked to stop

What a vendor says of one record inside a batch is a value (`core.model.Failure`), and so are conflicts and
tripped brakes (`core.plan`); neither is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar


class SynclineError(Exception):
    """Base of all errors; `code` is stable, `hint` says what a person can do."""

    code: ClassVar[str] = "syncline"
    hint: ClassVar[str] = "Look at the message; if it makes no sense, please report it."

    def __init__(self, message: str, *, hint: str | None = None, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.cure = hint or self.hint
        self.context = context


class ConfigError(SynclineError):
    """The settings cannot be used as they are; nothing was read or written."""

    code = "config"
    hint = "Correct the settings file and run `syncline config check`."


class SettingsFileError(ConfigError):
    """The settings file is missing, too large, or not a readable YAML document."""

    code = "config-file"
    hint = "Run `syncline init` for a file to start from, or mend the line that is named."


class MissingSettingError(ConfigError):
    """A setting that is needed has no value."""

    code = "config-missing"
    hint = "Add the setting that is named."


class SecretError(ConfigError):
    """A secret is written into the file, or its reference leads nowhere."""

    code = "config-secret"
    hint = "Refer to the secret as env:NAME or file:PATH, and see that it is there."


class TokenKeyError(ConfigError):
    """The key that stored tokens are encrypted with is missing, is no key, or is another one."""

    code = "config-key"
    hint = "Set encryption_key to the key the tokens were stored with; `syncline key new` makes a first one."


class UnknownNameError(ConfigError):
    """A connection, sync, kind or preset is named that does not exist."""

    code = "config-name"
    hint = "Use one of the names that are listed."


class ServedError(ConfigError):
    """Another process serves the same SQLite file already, and one is all it takes."""

    code = "serve-taken"
    hint = "Use the one that runs, or stop it first; several processes can serve one PostgreSQL database."


class UnknownFieldError(ConfigError):
    """A field map names a field that its system does not have, or does not show to this connection."""

    code = "config-field"
    hint = "List the fields with `syncline fields CONNECTION KIND` and use one of them."


class MappingError(ConfigError):
    """A field map, stage list or option map contradicts what its system allows."""

    code = "config-mapping"
    hint = "Change the direction, the options or the stage that is named."


class RemoteError(SynclineError):
    """A connection cannot go on; what was committed stays."""

    code = "remote"
    hint = "Look at the connection with `syncline connection test NAME`."


class AuthError(RemoteError):
    """The system does not accept the credentials."""

    code = "remote-auth"
    hint = "Correct the key or secret that the setting refers to, then run `syncline connection test NAME`."


class ReconnectError(AuthError):
    """A person has to give consent, for the first time or anew: nothing can be done without."""

    code = "remote-reconnect"
    hint = "Run `syncline connection reconnect NAME`; every setting stays as it is."


class AccessError(RemoteError):
    """The credentials are valid but may not do this."""

    code = "remote-access"
    hint = "Ask the system's administrator for the scope or permission that is named."


class RateLimitedError(RemoteError):
    """The system asked us to slow down for longer than a run should wait."""

    code = "remote-rate"
    hint = "Run again after the time that is named; nothing is lost."

    def __init__(
        self, message: str, *, retry_at: datetime | None = None, hint: str | None = None, **context: object
    ) -> None:
        super().__init__(message, hint=hint, **context)
        self.retry_at = retry_at


class QuotaError(RemoteError):
    """The budget of calls for this connection is used up."""

    code = "remote-quota"
    hint = "Run again after the time that is named, or raise the budget in the settings."

    def __init__(
        self, message: str, *, until: datetime | None = None, hint: str | None = None, **context: object
    ) -> None:
        super().__init__(message, hint=hint, **context)
        self.until = until


def resumes_at(error: BaseException) -> datetime | None:
    """When the system can be asked again, where the error tells."""
    if isinstance(error, QuotaError):
        return error.until
    return error.retry_at if isinstance(error, RateLimitedError) else None


class UnavailableError(RemoteError):
    """The system does not answer, or answers with a server error, however often it is asked."""

    code = "remote-unavailable"
    hint = "Check the base URL and the system's status page; run again later."

    def __init__(
        self, message: str, *, sent: bool = True, hint: str | None = None, **context: object
    ) -> None:
        super().__init__(message, hint=hint, **context)
        self.sent = sent
        """Whether the request may have reached the system: after a write its outcome is unknown."""


class ProtocolError(SynclineError):
    """An answer does not have the published form: HTML, cut JSON, the same page twice."""

    code = "protocol"
    hint = "Check that the base URL leads to the system itself; report the answer if it does."


class RecordError(SynclineError):
    """One record cannot be worked on; its neighbours go on."""

    code = "record"
    hint = "Look at the record with `syncline explain RECORD`."


class NotFoundError(RecordError):
    """No record of either side answers to that name."""

    code = "record-unknown"
    hint = "Give an e-mail address, a domain or a system's own id, and run `syncline run` first."


class AmbiguousRecordError(RecordError):
    """Several records answer to that name."""

    code = "record-ambiguous"
    hint = "Use one of the ids that are listed."


class StoreError(SynclineError):
    """The database cannot be used; nothing was committed."""

    code = "store"
    hint = "Check the database setting, free space and permissions."


class NewerStoreError(StoreError):
    """A newer version of the program has changed the tables in a way that this one does not know."""

    code = "store-newer"
    hint = "Install that version or a later one, or restore the backup that was made before the upgrade."


class LockedStoreError(StoreError):
    """Another process held the database for longer than this one waited."""

    code = "store-locked"
    hint = (
        "See what else has the database open, such as a backup or a shell; then run again, nothing is lost."
    )


class FullStoreError(StoreError):
    """There is no room left for the database."""

    code = "store-full"
    hint = "Make room on the disk of the database, then run again: what was committed stays, nothing is lost."


class AwayStoreError(StoreError):
    """The database server is not there, or went away in the middle of something."""

    code = "store-away"
    hint = "See that the server runs and can be reached, then run again: what was committed stays."


class PlanError(SynclineError):
    """A stored plan cannot run as it is."""

    code = "plan"
    hint = "Make a new plan with `syncline plan`."


class QuietPeriodError(PlanError):
    """The sync is connected and nobody has started it: nothing is written yet (rule C5)."""

    code = "plan-quiet"
    hint = (
        "Start it with `syncline start`. Meanwhile `syncline plan` reads and shows what would be done, and the "
        "settings can be changed."
    )


class FirstPullError(PlanError):
    """Not every record was read once, so nobody could tell who is there already."""

    code = "plan-first-pull"
    hint = "Let `syncline plan` read both sides to the end; it goes on where it stopped. Then ask again."


class BusyError(PlanError):
    """Another process is working on the sync."""

    code = "plan-busy"
    hint = "Wait for it to end. If it was killed, its claim runs out within two minutes."


class JobError(PlanError):
    """No job of that id is in a state in which this can be done with it."""

    code = "job"
    hint = "List the jobs with `syncline jobs list`."


class NudgesFullError(PlanError):
    """As many nudged records of a connection wait as may; none of the new ones was noted."""

    code = "plan-nudges"
    hint = (
        "See that `syncline serve` runs and that the connection is well, then nudge again; or raise nudges.most of the "
        "connection. The next run finds what changed in any case."
    )


class RunStopped(SynclineError):
    """The run was asked to stop; what was committed stays, the rest is planned anew."""

    code = "stopped"
    hint = "Run again when you like."


HELD_BACK = "held-back"
"""The code of a record that was not sent for the sake of others of its batch."""


def known_as(code: str) -> type[SynclineError]:
    """The error of a code, for one that another process told of."""

    def below(kind: type[SynclineError]) -> Iterator[type[SynclineError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    return next((kind for kind in below(SynclineError) if kind.code == code), SynclineError)


def of_connection(code: str) -> bool:
    """Whether a code tells why a record was held back, which says nothing of the record itself."""
    return code == HELD_BACK or any(_has_code(kind, code) for kind in (RemoteError, ProtocolError))


def _has_code(kind: type[SynclineError], code: str) -> bool:
    return kind.code == code or any(_has_code(below, code) for below in kind.__subclasses__())
