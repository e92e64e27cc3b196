"""What the stand-in of Apollo covers, one row per operation; a house test holds the rows against the routes."""

from syncline.sandbox.apollo.coverage.access import ACCESS
from syncline.sandbox.apollo.coverage.accounts import ACCOUNTS
from syncline.sandbox.apollo.coverage.contacts import CONTACTS
from syncline.sandbox.apollo.coverage.deals import DEALS
from syncline.sandbox.apollo.coverage.team import TEAM

COVERAGE = (*ACCESS, *CONTACTS, *ACCOUNTS, *DEALS, *TEAM)
