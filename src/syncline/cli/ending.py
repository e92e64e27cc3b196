"""How a process ends that other threads are still at work in."""

import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process with all it said written, and without taking the interpreter down.

    A thread that asks for the interpreter while it goes down is terminated by Python
    (https://docs.python.org/3.11/c-api/init.html#c.PyGILState_Ensure); the threads of the HTTP server are Rust, which
    cannot be left like that and aborts the process instead.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
