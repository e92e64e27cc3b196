"""Starts a sandbox from the command line: `python -m syncline.sandbox SYSTEM --port N`."""

import argparse
import sys

from syncline.sandbox.main import SYSTEMS, SandboxError, serve


def main() -> int:
    """Read the arguments and serve until stopped; 2 when the sandbox cannot start."""
    parser = argparse.ArgumentParser(
        prog="python -m syncline.sandbox", description="A stand-in server of one system."
    )
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument(
        "--dataset", default="demo", help="empty, demo, a number of people or bench:PEOPLE:COMPANIES"
    )
    parser.add_argument(
        "--state", default=None, help="SQLite file to keep the state in; temporary when omitted"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the dataset and of chances")
    parser.add_argument(
        "--edition", default=None, help="which published form of the system, where there are some"
    )
    given = parser.parse_args()
    try:
        serve(given.system, given.port, given.dataset, given.state, given.seed, given.edition)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
