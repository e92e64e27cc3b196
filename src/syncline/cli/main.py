"""The program `syncline`: its commands, and what it says when one of them fails."""

import gc
import sys
from collections.abc import Sequence

import typer

from syncline import __version__
from syncline.cli.failure import ended_by
from syncline.cli.inspecting import config, connection, fields, init, key, sandbox, stages
from syncline.cli.mending import errors
from syncline.cli.operating import backup, jobs, nudge, schedule, serve, tick, worker
from syncline.cli.syncing import (
    demo,
    erase,
    explain,
    holds,
    plan,
    pull,
    push,
    reconcile,
    records,
    run,
    runs,
    start,
    status,
    users,
)
from syncline.cli.telling import alerts

app = typer.Typer(
    name="syncline",
    help="Keeps Apollo, Salesforce and other sales systems in agreement.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def program(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Keeps Apollo, Salesforce and other sales systems in agreement.

    It shows a plan before it writes, runs exactly that plan, and can say for every field why it has its value.
    Try `syncline demo`.
    """


app.command()(init)
app.command()(sandbox)
app.add_typer(connection, name="connection")
app.add_typer(key, name="key")
app.add_typer(config, name="config")
app.command()(fields)
app.add_typer(stages, name="stages")
app.command()(plan)
app.command()(start)
app.command()(run)
app.command()(push)
app.command()(pull)
app.command()(nudge)
app.command()(status)
app.command()(records)
app.command()(runs)
app.add_typer(errors, name="errors")
app.add_typer(alerts, name="alerts")
app.add_typer(holds, name="holds")
app.add_typer(users, name="users")
app.command()(explain)
app.command()(reconcile)
app.command()(erase)
app.command()(serve)
app.command()(tick)
app.command()(worker)
app.add_typer(schedule, name="schedule")
app.add_typer(jobs, name="jobs")
app.command()(backup)
app.command()(demo)


def call(arguments: Sequence[str]) -> int:
    """Carry out one command line and return its exit code. Errors are told in words, never as a traceback."""
    try:
        return app(args=list(arguments), prog_name="syncline", standalone_mode=False) or 0
    except Exception as error:  # noqa: BLE001 - whatever happened is told in words
        return ended_by(error, as_json="--json" in arguments)


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    # A run makes millions of small values and hardly a circle among them: looking for circles less often saves a
    # sixth of its time.
    gc.set_threshold(100_000, 20, 50)
    sys.exit(call(sys.argv[1:]))
