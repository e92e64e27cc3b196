"""Commands that prepare and look: settings, connections, fields, sandboxes."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from syncline.cli.lazy import done_by
from syncline.cli.options import SETTINGS, AsJson, SettingsFile, SyncName

connection = typer.Typer(
    help="The accounts that the settings name.", no_args_is_help=True, rich_markup_mode=None
)
config = typer.Typer(help="The settings file.", no_args_is_help=True, rich_markup_mode=None)

Connection = Annotated[str, typer.Argument(metavar="CONNECTION", help="The name of a connection.")]


@done_by("settings:write_first")
def init(
    settings: SettingsFile = SETTINGS,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    json: AsJson = False,
) -> None:
    """Write a settings file to start from, with every line explained."""


@done_by("stand_in:serve")
def sandbox(
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="apollo, customeros or salesforce.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 picks a free one.")] = 0,
    dataset: Annotated[
        str, typer.Option(metavar="DATASET", help="What it starts with: empty, demo, or a number of people.")
    ] = "demo",
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep its records there, and go on with them next time."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other people.")] = 1,
    edition: Annotated[
        str | None,
        typer.Option(metavar="EDITION", help="Of customeros: may-2025, which is the default, or early-2025."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Serve a stand-in of a system on this machine until Ctrl-C.

    When it is ready it prints one line of JSON with its address, the credentials it accepts and its control address.
    """


@connection.command("list")
@done_by("connections:show_all")
def connection_list(settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """List the connections of the settings. Nobody is called."""


@connection.command("test")
@done_by("connections:test")
def connection_test(name: Connection, settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Tell who we are there, what we may do, and which mapped fields cannot be read or written.

    Nothing is changed in the system. The exit code is 1 if something that is needed is missing.
    """


@config.command("check")
@done_by("settings:check")
def config_check(
    settings: SettingsFile = SETTINGS,
    offline: Annotated[
        bool, typer.Option("--offline", help="Call no system and look up no secret: check the file alone.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Look for mistakes in the settings, also against the fields the systems have.

    The exit code is 1 if there is an error; warnings alone leave it at 0.
    """


@config.command("export")
@done_by("settings:export")
def config_export(settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """Print the settings with everything that their presets say. Secrets stay references."""


@config.command("schema")
@done_by("settings:schema")
def config_schema(json: AsJson = False) -> None:
    """Print the JSON Schema of the settings, for editors."""


@done_by("fields:show")
def fields(
    name: Connection,
    kind: Annotated[
        Literal["account", "person", "user"], typer.Argument(metavar="KIND", help="account, person or user.")
    ],
    settings: SettingsFile = SETTINGS,
    sync: SyncName = None,
    json: AsJson = False,
) -> None:
    """List every field a system has for a kind of record, with its type, its limits and what it is mapped to."""
