"""Commands about alerts."""

from typing import Annotated

import typer

from syncline.cli.lazy import done_by
from syncline.cli.options import SETTINGS, AsJson, SettingsFile

alerts = typer.Typer(
    help="What needs a person, and who is told of it.", no_args_is_help=True, rich_markup_mode=None
)

Limit = Annotated[
    int, typer.Option("--limit", min=0, metavar="NUMBER", help="How many of the newest alerts.")
]


@alerts.command("list")
@done_by("alerts:show")
def alerts_list(settings: SettingsFile = SETTINGS, limit: Limit = 10, json: AsJson = False) -> None:
    """List what needs a person at the moment, the newest alerts, and how it stands with each receiver.

    No receiver is called. It shows what was noticed at the last tick; nothing is looked at anew.
    """


@alerts.command("test")
@done_by("alerts:test")
def alerts_test(settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Send a message that says that it is a test to every receiver of the settings, and tell what came of it.

    The exit code is 1 if one of them cannot be told, or if the settings name none.
    """
