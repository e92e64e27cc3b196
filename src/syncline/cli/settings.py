"""`syncline init` and `syncline config`: write, check and print the settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from syncline.cli.failure import ERROR
from syncline.cli.output import Output, counted
from syncline.config import Document, Finding, SyncSettings, all_resolved, check_secrets, json_schema, load
from syncline.config import export as exported
from syncline.core.errors import SettingsFileError
from syncline.core.schema import ObjectSchema
from syncline.service import stages
from syncline.service.check import check_document, check_pools, describe
from syncline.service.clock import choose_clock
from syncline.service.connect import connected


def first_settings() -> str:
    """The text of a settings file to start from."""
    return (files("syncline.cli") / "first_settings.yaml").read_text("utf-8")


def write_first(*, settings: Path, force: bool, json: bool) -> int:
    """Write a settings file where there is none."""
    out = Output(as_json=json)
    try:
        with settings.open("w" if force else "x") as stream:
            stream.write(first_settings())
    except FileExistsError:
        raise SettingsFileError(
            f"{settings} is there already.", hint="Name another file by --settings, or replace it by --force."
        ) from None
    except OSError as error:
        raise SettingsFileError(
            f"{settings} cannot be written: {error.strerror}.", hint="Name a folder that exists."
        ) from None
    if not out.document({"written": str(settings)}):
        out.say(f"{settings} is written. Put your address in it, set the variables it names, and then:")
        out.say("  syncline config check", "  syncline connection test apollo", "  syncline plan")
    return 0


def check(*, settings: Path, offline: bool, json: bool) -> int:
    """Check the settings, alone or against the systems."""
    out = Output(as_json=json)
    document = load(settings)
    findings, lines = check_document(document), list[str]()
    if not offline:
        findings += check_secrets(document, os.environ)
        if not _grave(findings):
            findings, lines = _against_systems(document)
    grave = _grave(findings)
    told = {"errors": grave, "warnings": len(findings) - grave}
    if not out.document({**told, "findings": [_document(f) for f in findings], "stages": lines}):
        for finding in findings:
            out.say(
                f"{finding.level}: {finding.place} {finding.message}", f"  {finding.code}: {finding.cure}"
            )
        out.say(*lines)
        out.say(f"{settings}: {counted(told)}." if findings else f"{settings}: no mistakes found.")
    return ERROR if grave else 0


def _grave(findings: list[Finding]) -> int:
    return sum(f.level == "error" for f in findings)


def _document(finding: Finding) -> dict[str, Any]:
    return {"level": finding.level, **asdict(finding)}


def _against_systems(document: Document) -> tuple[list[Finding], list[str]]:
    """What is wrong by the fields and users that the connections of the syncs show, and how stages are mapped."""
    used = {name for sync in document.syncs.values() for name in (sync.left, sync.right)}
    clock = choose_clock(os.environ)
    with ExitStack() as stack:
        connectors = {
            name: stack.enter_context(connected(document, name, clock, os.environ)) for name in sorted(used)
        }
        schemas = {name: describe(connector) for name, connector in connectors.items()}
        findings = [*check_document(document, schemas), *check_pools(document, connectors)]
        return findings, [line for sync in all_resolved(document).values() for line in _stages(sync, schemas)]


def _stages(settings: SyncSettings, schemas: Mapping[str, Mapping[str, ObjectSchema]]) -> list[str]:
    return stages.told(settings, lambda side, name: schemas[settings.connection(side)].get(name))


def export(*, settings: Path, json: bool) -> int:
    """Print the settings with their presets written out."""
    out = Output(as_json=json)
    text = exported(load(settings))
    if not out.document(yaml.safe_load(text)):
        print(text, end="")
    return 0


def schema(*, json: bool) -> int:  # noqa: ARG001 - it is JSON either way
    """Print the JSON Schema of the settings."""
    Output(as_json=True).document(json_schema())
    return 0
