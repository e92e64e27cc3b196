"""The settings document: what a settings file may say, in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

import phonenumbers
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from syncline.config.alerting import ErrorRate, ReceiverSettings
from syncline.config.budget import Budget
from syncline.config.part import Part
from syncline.config.schedule import ScheduleDocument, ScheduleSetting
from syncline.config.serve import Serve
from syncline.config.source import Source
from syncline.config.values import BaseUrl, Database, Duration, KindName, Name, Options, Reference
from syncline.core.criteria import Mark, Requirement
from syncline.core.guard import Brakes
from syncline.core.mapping import ObjectPair
from syncline.core.match import MatchPolicy
from syncline.core.model import Side
from syncline.core.scope import CreateRule

System = Literal["apollo", "customeros", "files", "salesforce", "memory"]
Mode = Literal["both", "to_left", "to_right", "off"]
"""Which side of a kind is written."""
SignIn = Literal["credentials", "oauth"]


def _sound_brakes(brakes: Brakes) -> Brakes:
    for name, value in vars(brakes).items():
        highest = 1 if name.endswith(("_share", "_fall")) else None
        if value is None or isinstance(value, bool):
            continue
        if not (value >= 0 and (highest is None or value <= highest)):
            allowed = "from 0 to 1" if highest else "0 or more"
            raise PydanticCustomError(
                "range", "{name} should be {allowed}", {"name": name, "allowed": allowed}
            )
    return brakes


def _known_region(region: str) -> str:
    if region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise PydanticCustomError("region", "should be a country's two letters, such as US or DE")
    return region.upper()


def read_mode(told: object) -> object:
    """A mode as it was written; YAML reads a bare `off` as no."""
    return "off" if told is False else told


class Nudges(Part):
    """How nudges of a connection's records are taken: that somebody says they changed."""

    settle: Duration = Field(
        default=timedelta(0),
        description="How long a nudged record waits for further nudges, so that several changes go over together. "
        "`syncline nudge` does not wait.",
    )
    at_most: Duration = Field(
        default=timedelta(minutes=5),
        description="How long a record that is nudged again and again waits at most.",
    )
    most: int = Field(
        default=10_000,
        ge=1,
        le=1_000_000,
        description="How many nudged records may wait; more are refused, and nothing of that call is noted.",
    )


class ConnectionSettings(Part):
    """One account of one system."""

    system: System = Field(description="Which system this is.")
    base_url: BaseUrl | None = Field(
        default=None, description="Where the system answers; the vendor's own address by default."
    )
    sign_in: SignIn = Field(
        default="credentials",
        description="credentials: Syncline signs in with the credentials alone. oauth: it acts for a person who "
        "consented in the browser (`syncline connection authorize`); the credentials are those of your app.",
    )
    credentials: dict[str, Reference] = Field(
        default_factory=dict,
        description="The secrets of the connection by name, each as env:NAME (a variable of the environment) or "
        "file:PATH (a file; relative paths start at the settings file). A secret itself is refused.",
    )
    options: Options = Field(
        default_factory=dict, description="What else the connector understands; see its page."
    )
    budget: Budget = Field(default_factory=Budget, description="How many calls the connection may make.")
    nudges: Nudges = Field(
        default_factory=Nudges, description="How it is taken when somebody says that records changed."
    )


class KindDocument(Part):
    """How one kind of record is kept in agreement; what is not said is taken from the preset."""

    enabled: bool = Field(default=True, description="Whether records of this kind are synced at all.")
    mode: Annotated[Mode, BeforeValidator(read_mode)] = Field(
        default="both",
        description="Which side is written, in one word: both, only the left one (to_left), only the right one "
        "(to_right), none (off). It closes what create_left, create_right, update_left and update_right leave open. "
        "Turned off, everything stays as it is on both sides, and so do the links.",
    )
    pairs: tuple[ObjectPair, ...] = Field(
        default=(),
        description="Object types whose records may be linked, with their field maps. A pair with the two "
        "types of a preset's pair changes that pair; another is added.",
    )
    without: tuple[str, ...] = Field(
        default=(), description="Pairs of the preset to leave out, each as LEFT/RIGHT, such as contact/Lead."
    )
    create_left: CreateRule = Field(
        default_factory=CreateRule, description="Whether and how new records are made on the left."
    )
    create_right: CreateRule = Field(
        default_factory=CreateRule, description="Whether and how new records are made on the right."
    )
    match: MatchPolicy = Field(
        default_factory=MatchPolicy, description="How the counterpart of an unlinked record is found."
    )
    stage_left: str | None = Field(default=None, description="The left field that carries a record's stage.")
    stage_right: str | None = Field(
        default=None, description="The right field that carries a record's stage."
    )
    update_left: bool = Field(default=True, description="Whether linked records may be written on the left.")
    update_right: bool = Field(
        default=True, description="Whether linked records may be written on the right."
    )
    update_left_where: str = Field(
        default="",
        description="A filter over right records: only linked ones that pass it are written on the left. By default "
        "all are.",
    )
    update_right_where: str = Field(
        default="", description="The same over left records, for what is written on the right."
    )
    lists_left: str | None = Field(
        default=None,
        description="The left field that names the lists a record is in, where its system has lists.",
    )
    lists_right: str | None = Field(
        default=None, description="The right field that names the lists a record is in."
    )
    email_status_left: str | None = Field(
        default=None, description="The left field that tells whether a record's e-mail address is verified."
    )
    email_status_right: str | None = Field(
        default=None, description="The right field that tells whether a record's e-mail address is verified."
    )
    push_unverified_emails: bool = Field(
        default=True,
        description="Whether e-mail addresses go over that are not verified. With false the record goes without its "
        "address; an address that is there already stays.",
    )
    require_left: dict[str, Requirement] = Field(
        default_factory=dict,
        description="What a left record has to meet before it is linked with a right one or gets one made, by a "
        "name of your choice. A requirement with the name of a preset's changes that one.",
    )
    require_right: dict[str, Requirement] = Field(
        default_factory=dict, description="The same for right records and their left counterparts."
    )
    settle: Duration = Field(
        default=timedelta(0),
        description="How long a record has to be unchanged before it is linked, created or written to the other side.",
    )
    settle_at_most: Duration = Field(
        default=timedelta(hours=1),
        description="How long a record that is changed again and again waits at most.",
    )
    on_disqualified: Mark | None = Field(
        default=None,
        description="A field of the other side and what it gets while a linked record meets its requirements no more; "
        "it is emptied when the record meets them again. By default nothing is marked.",
    )
    hide_left: bool = Field(
        default=False,
        description="Whether lists leave out the left records of this kind. They are read and synced all the same.",
    )
    hide_right: bool = Field(default=False, description="The same for right records.")
    delete_left: bool = Field(
        default=False,
        description="Whether a left record is deleted when its right counterpart was. Where the left system cannot "
        "delete, the link ends and the record stays.",
    )
    delete_right: bool = Field(
        default=False, description="Whether a right record is deleted when its left counterpart was."
    )
    follow_merges: bool = Field(
        default=True,
        description="Whether the link of a record that was merged into another one moves to that one; otherwise it "
        "ends. The link of a converted lead always moves.",
    )
    on_ended: dict[Side, Mark] = Field(
        default_factory=dict,
        description="By side (left, right), a field and the value a record gets when its link ends because its "
        "counterpart is gone while it stays. To a field of several values, such as lists, the value is added.",
    )
    batch: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description="The most records sent at once; by default what the system takes.",
    )


def _sound_pool(pool: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip().casefold() for name in pool]
    if "" in names:
        raise PydanticCustomError("pool", "should name users by e-mail or id, and one name is blank")
    if len(set(names)) < len(names):
        raise PydanticCustomError("pool", "names a user twice; each takes one turn in a round")
    return pool


Pool = Annotated[tuple[str, ...], AfterValidator(_sound_pool)]


class Users(Part):
    """Who is who on the two sides; users with the same e-mail address need no entry."""

    default_left: str | None = Field(
        default=None, description="The left user, by e-mail or id, who owns what an unknown user owns."
    )
    default_right: str | None = Field(
        default=None, description="The right user, by e-mail or id, who owns what an unknown user owns."
    )
    map: dict[str, str] = Field(
        default_factory=dict,
        description="Left users (e-mail or id) and who they are on the right (e-mail or id). What "
        "`syncline users set` was told goes before it.",
    )
    pool_left: Pool = Field(
        default=(),
        description="Left users, by e-mail or id, who in turn own the records made on the left that nobody owns on "
        "the right. Nobody by default: such records are made without an owner.",
    )
    pool_right: Pool = Field(
        default=(),
        description="Right users, by e-mail or id, who in turn own the records made on the right that nobody owns "
        "on the left. Nobody by default.",
    )


class Locale(Part):
    """How values without a country are read."""

    region: Annotated[str, AfterValidator(_known_region)] = Field(
        default="US", description="The country of phone numbers that name none, as two letters."
    )


class Latest(Part):
    """When `latest` may decide which change wins."""

    clock_skew: Duration = Field(
        default=timedelta(seconds=5),
        description="Changes closer together than this count as simultaneous, because clocks differ.",
    )


class SyncDocument(Part):
    """Two connections kept in agreement."""

    left: str = Field(description="The name of the left connection.")
    right: str = Field(description="The name of the right connection.")
    preset: str | None = Field(
        default=None,
        description="Default field maps to start from; everything below changes or adds to them.",
    )
    kinds: dict[KindName, KindDocument] = Field(
        default_factory=dict, description="Settings of each kind of record; the preset's by default."
    )
    users: Users = Field(default_factory=Users, description="Which users are the same person.")
    brakes: Annotated[Brakes, AfterValidator(_sound_brakes)] = Field(
        default_factory=Brakes, description="Limits that hold a plan until a person approves it."
    )
    first_run_needs_approval: bool = Field(
        default=True, description="Whether the first plan waits until a person approves it."
    )
    quiet_period: Duration | None = Field(
        default=None,
        description="How long after the first command nothing is written; then runs may begin, and `syncline start` "
        "ends it sooner. By default there is no time: the first run that a person approves starts the sync.",
    )
    locale: Locale = Field(default_factory=Locale, description="How values without a country are read.")
    latest: Latest = Field(default_factory=Latest, description="When `latest` may decide.")
    schedule: ScheduleSetting = Field(
        default_factory=ScheduleDocument, description="When runs begin by themselves."
    )

    _raw_kinds: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Keep what was written: only that tells a setting that was left out from one set to its default."""
        made = handler(data)
        if isinstance(data, dict):
            made._raw_kinds = data.get("kinds") or {}  # noqa: SLF001 - its own class
        return made

    @property
    def written_kinds(self) -> dict[str, Any]:
        """The kinds as they stand in the file, before the preset is mixed in."""
        return self._raw_kinds


class Logging(Part):
    """What Syncline says about its work."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important message that is still written."
    )
    format: Literal["text", "json"] = Field(
        default="text", description="Lines for people, or one JSON object a line for machines."
    )


class Retention(Part):
    """How long history is kept."""

    runs: Duration = Field(
        default=timedelta(days=365), description="Finished runs with their plans and journals."
    )
    errors: Duration = Field(default=timedelta(days=90), description="Errors that are resolved.")
    jobs: Duration = Field(
        default=timedelta(days=14), description="Jobs that are over; the runs they did stay."
    )


class Document(Part):
    """A whole settings file."""

    version: Literal[1] = Field(description="The form of this document; 1 is the only one.")
    database: Database = Field(
        default="sqlite:///syncline.sqlite3",
        description="Where Syncline keeps what it knows: sqlite:///FILE (relative paths start at the settings "
        "file), postgresql://USER@HOST/DATABASE without a password, env:NAME or file:PATH.",
    )
    encryption_key: Reference = Field(
        default="env:SYNCLINE_KEY",
        description="The key stored tokens are encrypted with, as env:NAME or file:PATH; connections with "
        "sign_in oauth need one, and so does `syncline erase`. It may hold several keys, one a line: all are tried, "
        "the first one writes.",
    )
    connections: dict[Name, ConnectionSettings] = Field(
        default_factory=dict, description="The accounts Syncline may use, by a name of your choice."
    )
    syncs: dict[Name, SyncDocument] = Field(
        default_factory=dict, description="Which connections are kept in agreement, by a name of your choice."
    )
    logging: Logging = Field(default_factory=Logging, description="What is written to the log.")
    retention: Retention = Field(default_factory=Retention, description="How long history is kept.")
    serve: Serve = Field(default_factory=Serve, description="How `syncline serve` listens and works.")
    alerts: tuple[ReceiverSettings, ...] = Field(
        default=(), description="Who is told when something needs a person, and when it is over."
    )
    error_rate: ErrorRate = Field(
        default_factory=ErrorRate, description="How many refused writes are worth an alert."
    )

    _source: Source = PrivateAttr(default_factory=lambda: Source({}))

    @property
    def source(self) -> Source:
        """Where the document was read from, with the line of each place."""
        return self._source

    def syncs_over(self, connection: str) -> list[str]:
        """The syncs that a connection is part of."""
        return [name for name, each in self.syncs.items() if connection in (each.left, each.right)]

    def read_from(self, source: Source) -> Document:
        """The same document, knowing where it stands."""
        self._source = source
        return self
