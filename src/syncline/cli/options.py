"""The options that many commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

SETTINGS_VARIABLE = "SYNCLINE_SETTINGS"

SettingsFile = Annotated[
    Path,
    typer.Option(
        "--settings",
        envvar=SETTINGS_VARIABLE,
        help="The settings file; the variable SYNCLINE_SETTINGS changes the default.",
        show_envvar=False,
    ),
]
SyncName = Annotated[
    str | None, typer.Option("--sync", metavar="NAME", help="Which sync, where the settings have several.")
]
OfKind = Annotated[
    Literal["account", "person", "deal"] | None,
    typer.Option("--kind", metavar="KIND", help="Only account, person or deal."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, to the standard output.")]
All = Annotated[bool, typer.Option("--all", help="Show every line, not only the first ones.")]

SETTINGS = Path("syncline.yaml")
