"""Commands whose work is imported when they are called, so that `syncline --help` answers at once."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

Command = TypeVar("Command", bound=Callable[..., Any])

WORK: dict[str, str] = {}
"""Which function does the work of each command, as "module:function", by the command's own name."""


def done_by(work: str) -> Callable[[Command], Command]:
    """Leave the work of a command to a function with the same parameters, named "module:function"."""

    def decorate(command: Command) -> Command:
        WORK[command.__name__] = work

        @wraps(command)
        def call(*args: Any, **kwargs: Any) -> Any:
            return _do(work, *args, **kwargs)

        return call  # type: ignore[return-value]  # it takes and returns what the command does

    return decorate


def done_unless_below(work: str) -> Callable[[Command], Command]:
    """The same for what a group of commands does when none of them is called; its first parameter is the context."""

    def decorate(command: Command) -> Command:
        WORK[command.__name__] = work

        @wraps(command)
        def call(context: Any, **kwargs: Any) -> Any:
            return None if context.invoked_subcommand else _do(work, **kwargs)

        return call  # type: ignore[return-value]  # it takes and returns what the command does

    return decorate


def _do(work: str, *args: Any, **kwargs: Any) -> Any:
    module, _, function = work.partition(":")
    return getattr(import_module(f"syncline.cli.{module}"), function)(*args, **kwargs)
