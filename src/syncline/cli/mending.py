"""Commands about writes that a system refused."""

from typing import Annotated, Literal

import typer

from syncline.cli.lazy import done_by, done_unless_below
from syncline.cli.options import SETTINGS, All, AsJson, SettingsFile, SyncName

errors = typer.Typer(
    help="The writes that a system refused: what they mean, who can mend them, and trying them again.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Class = Annotated[
    Literal["transient", "quota", "lock", "validation", "permission", "duplicate", "gone"] | None,
    typer.Option("--class", help="Only errors of this class."),
]
Record = Annotated[
    str | None,
    typer.Option(
        "--record",
        metavar="RECORD",
        help="Only of this record: its e-mail address or name, its id, or TYPE/ID.",
    ),
]
Resolved = Annotated[bool, typer.Option("--resolved", help="Also those that are over, with when and why.")]
Numbers = Annotated[
    list[int] | None,
    typer.Argument(metavar="NUMBER", help="The numbers of errors; none means all that are open."),
]


@errors.callback()
@done_unless_below("errors:show")
def errors_list(
    context: typer.Context,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    error_class: Class = None,
    record: Record = None,
    resolved: Resolved = False,
    show_all: All = False,
    json: AsJson = False,
) -> None:
    """List the writes that a system refused, what they mean and who can mend them."""


@errors.command("retry")
@done_by("errors:retry")
def errors_retry(
    ids: Numbers = None,
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    error_class: Class = None,
    json: AsJson = False,
) -> None:
    """Have the next run send again what was refused, once what was wrong is mended.

    What would only be refused again, such as an option that is not there, is left alone unless its number is given.
    """
