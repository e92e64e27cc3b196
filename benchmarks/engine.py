"""The program itself in a process that notes at its end what it has used: `engine FILE COMMAND...`."""

from __future__ import annotations

import cProfile
import os
import sys

from benchmarks.usage import note

PROFILE = "SYNCLINE_BENCH_PROFILE"
"""The variable that names the file to write a profile to."""


def main() -> int:
    """Carry out the command; the exit code is its own."""
    file, *words = sys.argv[1:]
    try:
        if target := os.environ.get(PROFILE):
            with cProfile.Profile() as profile:
                code = _call(words)
            profile.dump_stats(target)
            return code
        return _call(words)
    finally:
        note(file)


def _call(words: list[str]) -> int:
    from syncline.cli.main import call  # noqa: PLC0415 - loading the program is part of what is measured

    return call(words)


if __name__ == "__main__":
    sys.exit(main())
