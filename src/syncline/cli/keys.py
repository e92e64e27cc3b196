"""`syncline key`: the key that stored tokens are encrypted with."""

from __future__ import annotations

from syncline.cli.output import Output
from syncline.store.sealing import new_key


def new(*, json: bool) -> int:
    """Print a key nobody has seen before; it is kept nowhere."""
    key = new_key()
    if not Output(as_json=json).document({"key": key}):
        print(key)
    return 0
