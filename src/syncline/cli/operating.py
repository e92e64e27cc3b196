"""Commands that have Syncline work by itself, and look after its jobs and its database."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from syncline.cli.lazy import done_by
from syncline.cli.options import SETTINGS, AsJson, OfKind, SettingsFile, SyncName

jobs = typer.Typer(help="The jobs of workers.", no_args_is_help=True, rich_markup_mode=None)

schedule = typer.Typer(help="When runs begin by themselves.", no_args_is_help=True, rich_markup_mode=None)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The id of the job, as `jobs list` shows it.")]


@done_by("serving:serve")
def serve(
    settings: SettingsFile = SETTINGS,
    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where to listen; serve.listen in the settings by default."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Keep all syncs in agreement by itself until it is stopped, and answer over HTTP how it is.

    It prints one line when it is ready. Ctrl-C and SIGTERM end it within 10 seconds: pages that are being worked on are
    finished and committed. A second one ends it at once.
    """


@done_by("ticking:tick")
def tick(settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Do whatever is due now, one sync after the other, and end: for cron, where nothing serves.

    The exit code is 0 when nothing failed, 1 otherwise, 130 when it was stopped. What has to wait, for a system that
    does not answer or for another process, is due again at the next tick.
    """


@done_by("worker:work")
def worker(
    settings: SettingsFile = SETTINGS,
    workers: Annotated[
        int, typer.Option(min=1, max=64, metavar="NUMBER", help="How many syncs to work on at once.")
    ] = 4,
) -> None:
    """Carry out what is due until it is stopped. Any number of workers share one PostgreSQL database.

    Ctrl-C and SIGTERM end it within 10 seconds: pages that are being worked on are finished and committed. A second
    one ends it at once. With SQLite use `syncline serve`.
    """


@done_by("nudging:nudge")
def nudge(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection of the records.")],
    records: Annotated[
        list[str],
        typer.Argument(
            metavar="RECORD...", help="TYPE/ID of each; - reads one a line from the standard input."
        ),
    ],
    now: Annotated[
        bool, typer.Option("--now", help="Sync them in this process, instead of leaving it to a worker.")
    ] = False,
    settings: SettingsFile = SETTINGS,
    json: AsJson = False,
) -> None:
    """Say that these records of a connection changed: they are read and synced before anything else.

    The rules of any run hold for them. With --now the exit code is 1 when not all could be synced, 2 when a brake makes
    a plan wait for approval.
    """


@jobs.command("list")
@done_by("jobs:show")
def jobs_list(
    settings: SettingsFile = SETTINGS,
    state: Annotated[
        Literal["waiting", "running", "done", "failed", "cancelled"] | None,
        typer.Option(metavar="STATE", help="Only waiting, running, done, failed or cancelled ones."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="NUMBER", help="How many.")] = 50,
    json: AsJson = False,
) -> None:
    """List the jobs, the newest first."""


@jobs.command("cancel")
@done_by("jobs:cancel")
def jobs_cancel(job: JobId, settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Cancel a job: one that waits never begins, one that runs stops after its page or batch. What it did stays."""


@jobs.command("retry")
@done_by("jobs:retry")
def jobs_retry(job: JobId, settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Queue a job again that failed or was cancelled."""


@schedule.command("show")
@done_by("scheduling:show")
def schedule_show(
    sync: SyncName = None, kind: OfKind = None, settings: SettingsFile = SETTINGS, json: AsJson = False
) -> None:
    """Show when each side of each kind is read next, what is paused and by whom, and what a sync waits for.

    Where the budget of calls makes the left side be read less often than the settings say, it says why.
    """


@schedule.command("pause")
@done_by("scheduling:pause")
def schedule_pause(
    sync: SyncName = None, kind: OfKind = None, settings: SettingsFile = SETTINGS, json: AsJson = False
) -> None:
    """Have nothing of a sync, or of one kind of it, begin by itself until it is resumed; who paused is noted.

    A run that goes on ends as usual. What people and nudges ask for is done all the same.
    """


@schedule.command("resume")
@done_by("scheduling:resume")
def schedule_resume(
    sync: SyncName = None, kind: OfKind = None, settings: SettingsFile = SETTINGS, json: AsJson = False
) -> None:
    """Let a sync, or one kind of it, begin by itself again. Without a kind, pauses of single kinds end too.

    All that became due meanwhile is one run.
    """


@done_by("backups:make")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make; it must not exist yet.")],
    settings: SettingsFile = SETTINGS,
    json: AsJson = False,
) -> None:
    """Copy an SQLite database into one file, whole and checked, while runs go on. Nobody is called."""
