"""What the stand-in of Salesforce covers, one row per operation; a house test holds the rows against the endpoints."""

from syncline.sandbox.salesforce.coverage.access import ACCESS
from syncline.sandbox.salesforce.coverage.external import EXTERNAL
from syncline.sandbox.salesforce.coverage.org import ORG
from syncline.sandbox.salesforce.coverage.queries import QUERIES
from syncline.sandbox.salesforce.coverage.records import RECORDS

COVERAGE = (*ACCESS, *ORG, *QUERIES, *RECORDS, *EXTERNAL)
