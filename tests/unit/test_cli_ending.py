"""How `serve` ends its process."""

import subprocess
import sys

ENDING = """
import atexit, os, sys
from syncline.cli.ending import leave

atexit.register(os.abort)
print("said")
print("told", file=sys.stderr)
leave(3)
"""


def test_what_was_said_is_written_and_the_interpreter_is_not_taken_down() -> None:
    ended = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "said\n", "told\n")
