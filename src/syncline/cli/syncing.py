"""Commands that plan, run and explain."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from syncline.cli.lazy import done_by
from syncline.cli.options import SETTINGS, All, AsJson, SettingsFile, SyncName

holds = typer.Typer(help="What waits for a person.", no_args_is_help=True, rich_markup_mode=None)

users = typer.Typer(help="Who is who on the two sides.", no_args_is_help=True, rich_markup_mode=None)

Offline = Annotated[
    bool, typer.Option("--offline", help="Call no system: rest on the users as they were read last.")
]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="NUMBER", help="Work on that many records of each kind at most, for a trial."
    ),
]
Op = Literal["create", "update", "link", "commit", "hold", "skip", "end"]


@done_by("plans:plan")
def plan(
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    limit: Limit = None,
    op: Annotated[
        Op | None,
        typer.Option(metavar="OP", help="Show only create, update, link, commit, hold, skip or end."),
    ] = None,
    show_all: All = False,
    json: AsJson = False,
) -> None:
    """Read both sides and store a plan of what a run would do. Nothing is written to either side."""


@done_by("runs:run")
def run(
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    plan: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Carry out this stored plan and nothing else.")
    ] = None,
    limit: Limit = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Approve the first run. With --plan, approve that plan, tripped brakes included."
        ),
    ] = False,
    no_follow: Annotated[
        bool,
        typer.Option("--no-follow", help="Where a worker is at the sync, leave it to the worker and end."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Carry out a stored plan, or make one and carry it out. While a worker is at the sync, it does that next.

    The exit code is 0 when it is done, 2 when the plan waits for approval, 130 when it was stopped by Ctrl-C, 1 on
    an error. Ctrl-C stops between two batches; what was done is kept.
    """


Records = Annotated[
    list[str],
    typer.Argument(
        metavar="RECORD...",
        help="E-mail addresses, domains, ids or TYPE/ID; - reads one a line from the standard input.",
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Replace differing values there this once, also where a map only fills."
    ),
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]


@done_by("handing:push")
def push(
    records: Records,
    to: Annotated[
        Literal["left", "right"],
        typer.Option(metavar="SIDE", help="The side that is written: left or right."),
    ] = "right",
    overwrite: Overwrite = False,
    dry_run: Dry = False,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Push just these records from the left to the right, now, whatever filters say of new ones.

    The exit code is 0 when none was refused, 1 otherwise, 2 when a brake makes the plan wait for approval.
    """


@done_by("handing:pull")
def pull(
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RECORD...]",
            help="What to carry over to the left, as in `push`; without any, both sides are only read.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Read every record of both sides anew, and do a run.")
    ] = False,
    overwrite: Overwrite = False,
    dry_run: Dry = False,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Read both sides now; or carry just these records from the right to the left, the mirror image of `push`."""


@done_by("starting:start")
def start(settings: SettingsFile = SETTINGS, sync: SyncName = None, json: AsJson = False) -> None:
    """Start a sync: from now on it may write. It ends the quiet period; nobody is called, nothing is run."""


@done_by("status:show")
def status(
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", help="Show how far the run is that goes on, until it ends. Ctrl-C leaves it alone."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Tell where every record stands, what waits, and when the sync ran last. Nobody is called."""


StateName = Literal["in sync", "pending", "failed", "held", "not eligible"]


@done_by("listing:show")
def records(
    state: Annotated[
        StateName | None,
        typer.Option(metavar="STATE", help="Only in sync, pending, failed, held or not eligible ones."),
    ] = None,
    side: Annotated[
        Literal["left", "right"] | None,
        typer.Option(metavar="SIDE", help="Only records of the left, or right."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only records of a kind, such as person.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="RULE", help="Only those that stand where they do by this rule.")
    ] = None,
    duplicates: Annotated[
        bool,
        typer.Option("--duplicates", help="Only those that share a match key with others of their side."),
    ] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="Also those that the settings hide.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="NUMBER", help="How many on a page.")] = 50,
    page: Annotated[int, typer.Option(min=1, max=10_000_000, metavar="NUMBER", help="Which page.")] = 1,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """List the records with where each stands, why and since which run. Nobody is called."""


@done_by("runs:show_all")
def runs(
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    limit: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="How many.")] = 20,
    json: AsJson = False,
) -> None:
    """List the plans and runs, the newest first."""


@holds.command("list")
@done_by("holds:show")
def holds_list(
    settings: SettingsFile = SETTINGS, sync: SyncName = None, show_all: All = False, json: AsJson = False
) -> None:
    """List what waits for a person, by cause."""


@holds.command("resolve")
@done_by("holds:resolve")
def holds_resolve(
    hold: Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the hold.")],
    ruling: Annotated[
        str,
        typer.Argument(
            metavar="ANSWER",
            help="For a field: left, right or keep. For a record: create, skip or link:TYPE/ID.",
        ),
    ],
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Answer a hold; the next run acts on it."""


@users.command("list")
@done_by("users:show")
def users_list(
    settings: SettingsFile = SETTINGS, sync: SyncName = None, offline: Offline = False, json: AsJson = False
) -> None:
    """List the users of both sides: who is paired with whom and by what, and who has no counterpart."""


@users.command("set")
@done_by("users:set_")
def users_set(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="A left user, by id or e-mail address.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="The same person on the right.")],
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    offline: Offline = False,
    json: AsJson = False,
) -> None:
    """Say that two users are the same person. It goes before the settings and before e-mail addresses."""


@users.command("unset")
@done_by("users:unset")
def users_unset(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="A left user, by id or e-mail address.")],
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Take back what `users set` was told. Nobody is called."""


@done_by("explanations:explain")
def explain(
    record: Annotated[
        str, typer.Argument(metavar="RECORD", help="An e-mail address, a domain, an id, or TYPE/ID.")
    ],
    field: Annotated[str | None, typer.Argument(metavar="FIELD", help="A field of either side.")] = None,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Tell why a record, or one of its fields, is as it is, and why something was not done."""


@done_by("explanations:reconcile")
def reconcile(settings: SettingsFile = SETTINGS, sync: SyncName = None, json: AsJson = False) -> None:
    """Compare both sides whole. The exit code is 1 if a difference cannot be explained."""


@done_by("erasures:command")
def erase(
    record: Annotated[
        str | None,
        typer.Argument(metavar="RECORD", help="An e-mail address, a domain, an id, or TYPE/ID."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking once more.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="List who was erased, and when.")] = False,
    lift_code: Annotated[
        str | None,
        typer.Option("--lift", metavar="CODE", help="Lift the erasure of that code instead; needs --reason."),
    ] = None,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it is lifted.")] = "",
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """Erase a person or company from everything that is stored here, and keep them from coming back.

    It shows first what would be erased. Nothing is changed in the systems. The exit code is 2 when nobody confirmed.
    """


@done_by("demo.stage:demo")
def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="End with the story, by one line of JSON; otherwise go on syncing."),
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Work in that folder and leave it; a temporary one by default."),
    ] = None,
    dataset: Annotated[
        str, typer.Option(metavar="DATASET", help="How many people: demo, or a number from 200.")
    ] = "demo",
    seed: Annotated[int, typer.Option(help="Another seed makes other people.")] = 1,
    sync: Annotated[
        str, typer.Option(metavar="PRESET", help="What to show: apollo-salesforce or customeros-apollo.")
    ] = "apollo-salesforce",
    json: AsJson = False,
) -> None:
    """Show all of it on two stand-ins with messy data: a plan, a run, edits on both sides, and what became of them."""
