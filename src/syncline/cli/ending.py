"""How a process ends that other threads are still at work in."""

import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with all it said written, and without taking the interpreter down.

    A thread of the HTTP server that asks for the interpreter while it goes down is ended by Python in the midst of
    Rust, which aborts the process (https://docs.python.org/3.11/c-api/init.html, "Caution: cautions regarding runtime
    finalization").
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
