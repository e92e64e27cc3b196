"""What the program says when a command fails: a code, what happened and the cure, and never a traceback."""

import json
import os
import secrets
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from syncline.core.errors import RunStopped, SynclineError, resumes_at
from syncline.service.redact import REDACTOR

ERROR, NEEDS_APPROVAL, STOPPED = 1, 2, 130


def ended_by(error: Exception, *, as_json: bool) -> int:
    """Tell of the error and return the exit code it ends the program with."""
    error = _of_store(error)
    if isinstance(error, SynclineError):
        told = {"code": error.code, "message": error.message, "cure": error.cure}
        if at := resumes_at(error):
            told["next_try"] = at.isoformat()
    elif hasattr(error, "format_message"):  # how the command line library calls what was typed wrongly
        told = {"code": "usage", "message": error.format_message(), "cure": "See `syncline COMMAND --help`."}
    elif type(error).__name__ == "Abort":
        told = {"code": "stopped", "message": "it was stopped", "cure": "Run again when you like."}
    else:
        told = _unforeseen(error)
    _tell({name: REDACTOR.secrets(text) for name, text in told.items()}, as_json=as_json)
    return STOPPED if told["code"] == RunStopped.code else ERROR


def _tell(told: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": told}))
    else:
        print(f"error: {told['message']}\n  code: {told['code']}\n  cure: {told['cure']}", file=sys.stderr)


def _of_store(error: Exception) -> Exception:
    """An error of the database as ours; Django is imported only where there is one."""
    if type(error).__module__ != "django.db.utils":
        return error
    from syncline.store.trouble import as_store_error  # noqa: PLC0415

    return as_store_error(error)


def _unforeseen(error: Exception) -> dict[str, str]:
    """An error nobody foresaw: its details go into a file, under a reference that can be quoted."""
    reference = secrets.token_hex(4)
    place = _write(reference, REDACTOR.text("".join(traceback.format_exception(error))))
    return {
        "code": "internal",
        "message": f"something went wrong that nobody foresaw ({type(error).__name__}, reference {reference})",
        "cure": f"What was committed stays. The details are in {place}; please report them.",
    }


def _write(reference: str, details: str) -> str:
    name = "internal-errors.log"
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "syncline"
    for folder in (home, Path(tempfile.gettempdir())):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (folder / name).open("a") as log:
                log.write(f"== {reference}\n{details}\n")
            return str(folder / name)
    return "no file, since none could be written"
