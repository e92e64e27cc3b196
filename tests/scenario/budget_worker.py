"""A worker of its own process: makes calls under the shared budget, and goes on when a window opens."""

import os
import sys

from syncline.config.budget import Budget
from syncline.connectors.apollo.client import ApolloClient
from syncline.core.errors import QuotaError
from syncline.service.clock import choose_clock
from syncline.service.ledger import StoredLedger
from syncline.store.database import close_store, open_store


def main() -> None:
    """Arguments: the database, the address of Apollo, how many calls, and the share."""
    database, address, calls, share = sys.argv[1:]
    open_store(database, migrate=False)
    clock = choose_clock(os.environ)
    ledger = StoredLedger("apollo", Budget(share=float(share), reserve=0))
    client = ApolloClient(address, os.environ["APOLLO_API_KEY"], clock=clock, ledger=ledger)
    left = int(calls)
    while left:
        try:
            client.get("/labels")
            left -= 1
        except QuotaError as error:
            opens = error.until or clock.now()
            clock.sleep((opens - clock.now()).total_seconds())
    client.close()
    close_store()


if __name__ == "__main__":
    main()
