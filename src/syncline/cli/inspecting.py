"""Commands that prepare and look: settings, connections, fields, sandboxes."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from syncline.cli.lazy import done_by
from syncline.cli.options import SETTINGS, AsJson, OfKind, SettingsFile, SyncName

connection = typer.Typer(
    help="The accounts that the settings name.", no_args_is_help=True, rich_markup_mode=None
)
key = typer.Typer(
    help="The key that stored tokens are encrypted with.", no_args_is_help=True, rich_markup_mode=None
)
stages = typer.Typer(
    help="Which stage or option of one side is which of the other.",
    no_args_is_help=True,
    rich_markup_mode=None,
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


Timeout = Annotated[
    int,
    typer.Option("--timeout", min=1, max=3600, metavar="SECONDS", help="How long to wait for the browser."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the address in this machine's browser.")]


@connection.command("authorize")
@done_by("consenting:authorize")
def connection_authorize(
    name: Connection,
    open_browser: Open = False,
    timeout: Timeout = 300,
    settings: SettingsFile = SETTINGS,
    json: AsJson = False,
) -> None:
    """Let a person consent in the browser, and store the token that comes of it, encrypted.

    It prints the address to open and waits for the browser to come back. Where the registered redirect address is
    not on this machine, it asks for the address that the browser ended at.
    """


@connection.command("reconnect")
@done_by("consenting:reconnect")
def connection_reconnect(
    name: Connection,
    open_browser: Open = False,
    timeout: Timeout = 300,
    settings: SettingsFile = SETTINGS,
    json: AsJson = False,
) -> None:
    """Ask for consent anew, and replace the stored token. Every setting, link and hold stays as it is."""


@connection.command("disconnect")
@done_by("consenting:disconnect")
def connection_disconnect(name: Connection, settings: SettingsFile = SETTINGS, json: AsJson = False) -> None:
    """End the token at the system where it takes such calls, delete it here, and tell what stays."""


@key.command("new")
@done_by("keys:new")
def key_new(json: AsJson = False) -> None:
    """Print a new key for stored tokens. Keep it where the setting encryption_key says, and keep a copy."""


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


Sync = Annotated[
    str | None,
    typer.Argument(metavar="SYNC", help="Which sync, where the settings have several.", show_default=False),
]


@stages.command("show")
@done_by("stages:show")
def stages_show(
    sync: Sync = None, kind: OfKind = None, settings: SettingsFile = SETTINGS, json: AsJson = False
) -> None:
    """List every stage and option of the mapped picklists with what it is on the other side, or why it is nothing.

    Nothing is changed in either system.
    """


@stages.command("automap")
@done_by("stages:automap")
def stages_automap(
    sync: Sync = None,
    kind: OfKind = None,
    pin: Annotated[
        bool, typer.Option("--yaml", help="Print the block of settings that fixes the pairs as they are now.")
    ] = False,
    settings: SettingsFile = SETTINGS,
    json: AsJson = False,
) -> None:
    """List the same as if each of those field maps had `automap: true`: equal names map, one to one.

    Nothing is changed, neither in the systems nor in the settings. What is missing on a side is created there by hand;
    the next run maps it.
    """
