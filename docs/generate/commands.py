"""The page of commands, from the command line itself."""

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

# Typer's commands and parameters; it keeps their classes private.
Command = Any
Parameter = Any

VALUES: dict[Any, str] = {int: "NUMBER", float: "NUMBER", Path: "PATH"}
INTRODUCTION = """# Commands

`syncline COMMAND --help` shows the same on the spot. In a checkout the program is `.venv/bin/syncline`.

What a command found goes to the standard output, progress and the log to the standard error. With `--json` the standard
output holds one JSON document and nothing else; an error is `{"error": {"code", "message", "cure"}}`, and its codes are
under [errors](errors.md).

| exit code | meaning |
|---|---|
| 0 | it is done |
| 1 | an error, a fault found by `config check`, `connection test` or `reconcile`, or a record that `push` refused |
| 2 | `run`, `push` or `pull` made a plan that waits for approval, or nobody confirmed an `erase`; nothing was written |
| 130 | it was stopped by Ctrl-C or SIGTERM between two batches; what was done is kept |

| variable | meaning |
|---|---|
| `SYNCLINE_SETTINGS` | the settings file to use where `--settings` names none |
| `SYNCLINE_KEY` | the key of stored tokens, unless `encryption_key` in the settings says otherwise |
| `SYNCLINE_LOG` | the level of the log (debug, info, warning, error), whatever the settings say |
| `SYNCLINE_CLOCK_URL` | for tests: the clock of a sandbox; refused unless `SYNCLINE_TESTING` is 1 |
"""


def commands(app: typer.Typer, program: str) -> Iterator[tuple[str, Command]]:
    """Every command below the program that can be run, by its full name."""
    yield from _below(program, typer.main.get_command(app))


def _below(name: str, command: Command) -> Iterator[tuple[str, Command]]:
    inner = getattr(command, "commands", {})
    if not inner or command.invoke_without_command:
        yield name, command
    for word, each in inner.items():
        if not each.hidden:
            yield from _below(f"{name} {word}", each)


def page(app: typer.Typer, program: str) -> str:
    """The page of commands."""
    root = typer.main.get_command(app)
    shared = _options(root)
    sections = [_section(name, each) for name, each in commands(app, program) if each is not root]
    common = ["## Options before the command", "", *shared, ""] if shared else []
    return "\n".join([INTRODUCTION, *common, *sections])


def _section(name: str, command: Command) -> str:
    arguments = [_argument(each) for each in _arguments(command)]
    usage = " ".join([name, *arguments, *(["[OPTIONS]"] if _named(command) else [])])
    lines = [f"## `{name}`", "", _prose(command), "", f"    {usage}", ""]
    explained = [f"- `{_metavar(each)}`: {_sentence(each.help)}" for each in _arguments(command) if each.help]
    blocks = [block for block in (explained, _options(command)) if block]
    return "\n".join([*lines, *(line for block in blocks for line in (*block, ""))])


def _prose(command: Command) -> str:
    return inspect.cleandoc(command.help or "").replace("\b", "").strip()


def _arguments(command: Command) -> list[Parameter]:
    return [each for each in command.params if each.param_type_name == "argument"]


def _named(command: Command) -> list[Parameter]:
    named = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    return [
        each for each in named if not {"--help", "--install-completion", "--show-completion"} & {*each.opts}
    ]


def _metavar(argument: Parameter) -> str:
    return str(argument.metavar or argument.name.upper())


def _argument(argument: Parameter) -> str:
    shown = _metavar(argument) + ("..." if argument.nargs == -1 else "")
    return shown if argument.required else f"[{shown}]"


def _options(command: Command) -> list[str]:
    rows = [_option(each) for each in _named(command)]
    return ["| option | meaning | default |", "|---|---|---|", *rows] if rows else []


def _option(option: Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" {_value(option)}"
    return f"| {names}{value} | {_sentence(option.help or '')} | {_default(option)} |"


def _value(option: Parameter) -> str:
    if option.metavar:
        return str(option.metavar)
    kind = option.type_descriptor.annotation
    if get_origin(kind) is Literal:
        return "\\|".join(map(str, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "\\|".join(str(each.value) for each in kind)
    return VALUES.get(kind, "TEXT")


def _default(option: Parameter) -> str:
    default = option.default
    if option.required:
        return "required"
    if default is None or default is False or default == [] or callable(default):
        return ""
    return f"`{getattr(default, 'value', default)}`"


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
