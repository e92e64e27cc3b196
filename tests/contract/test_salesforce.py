from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

import pytest

from syncline.connectors.base import Connector, TokenStore
from syncline.connectors.oauth import ClientCredentials, Grant, JwtBearer, MemoryTokenStore
from syncline.connectors.salesforce.client import Settings
from syncline.connectors.salesforce.connector import SalesforceConnector
from syncline.connectors.salesforce.ids import to18
from syncline.core.model import Raw, Ref
from syncline.testing.contract import ConnectorContract, RemoteBench, SandboxBench
from syncline.testing.contract.endings import EndingPromises
from syncline.testing.contract.writing import WritingPromises
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

DATA = "/services/data/v62.0"
WRONG_KEY_SECRET = "not-the-secret-of-this-app"
FORBIDDEN = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "You don't have permission to see this."}]

EXPIRED = [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}]


class SalesforceBench(SandboxBench):
    email_field = "Email"
    text_field = "Title"
    picklist_field = "Apollo_Stage__c"
    page_size = 40
    renews_token = True
    bodies: ClassVar[Mapping[str, Any]] = {"forbidden": FORBIDDEN}
    routes: ClassVar[Mapping[str, tuple[str | None, str]]] = {
        "check": ("GET", f"{DATA}/sobjects$"),
        "read": ("GET", f"{DATA}/(queryAll$|query/01g)"),
        "fetch": ("POST", f"{DATA}/composite/sobjects/"),
        "find": ("GET", f"{DATA}/query$"),
        "create": ("POST", f"{DATA}/composite/sobjects$"),
        "update": ("PATCH", f"{DATA}/composite/sobjects$"),
        "delete": ("DELETE", f"{DATA}/composite/sobjects$"),
    }

    def __init__(self, sandbox: RunningSandbox, object_type: str, prefix: str) -> None:
        super().__init__(sandbox)
        self.tokens = MemoryTokenStore()
        self.open: list[Connector] = []
        self.object_type = self.remote_type = object_type
        self.missing_id = to18(f"{prefix}000000000001") or ""
        told = sandbox.credentials
        self.secrets = (told["client_secret"], told["private_key"], WRONG_KEY_SECRET)

    def grant(self) -> Grant:
        return ClientCredentials(
            self.sandbox.credentials["client_id"], self.sandbox.credentials["client_secret"]
        )

    def bad_grant(self) -> Grant:
        return ClientCredentials(self.sandbox.credentials["client_id"], WRONG_KEY_SECRET)

    def connector(self) -> Connector:
        return self._made(self.grant(), self.tokens)

    def bad_credentials_connector(self) -> Connector:
        return self._made(self.bad_grant(), MemoryTokenStore())

    def draft(self, n: int) -> Mapping[str, Raw]:
        company: dict[str, Raw] = {"Company": "Example"} if self.object_type == "Lead" else {}
        email = f"person{n}@{self.object_type.lower()}.example"
        return {"FirstName": "Per", "LastName": f"Son {n}", "Email": email, **company}

    def edit_late(self, id_: str, values: Mapping[str, Raw]) -> Callable[[], None]:
        """The stamp of two minutes ago; the server has whole seconds, and those of the read are past by then."""
        stamp = self.clock.now()
        self.advance(120)
        late = {**values, "SystemModstamp": f"{stamp:%Y-%m-%dT%H:%M:%S}.000+0000"}
        return lambda: self.edit(id_, late)

    def restore(self, id_: str) -> bool:
        self.sandbox.control("POST", "/undelete", {"object": self.object_type, "id": id_})
        return True

    def merge(self, survivor: str, loser: str) -> bool:
        wish = {"object": self.object_type, "master": survivor, "losers": [loser]}
        self.sandbox.control("POST", "/merge", wish)
        return True

    def convert(self, id_: str) -> Sequence[Ref]:
        if self.object_type != "Lead":
            return ()
        became = self.sandbox.control("POST", "/convert", {"lead": id_, "opportunity": "More of it"})
        kinds = ("Account", "Contact", "Opportunity")
        return [Ref(kind, became[f"Converted{kind}Id"]) for kind in kinds]

    def clear_faults(self) -> None:
        super().clear_faults()
        self.sandbox.control("POST", "/pages", {"size": None})

    def forget_reads(self) -> bool:
        """Further pages are handed out by a locator, which has expired whenever it is used."""
        self.sandbox.control("POST", "/pages", {"size": 10})
        rule = {"kind": "status", "status": 400, "body": EXPIRED, "path": f"{DATA}/query/01g"}
        self.sandbox.control("POST", "/faults", rule)
        return True

    def change_fields(self) -> Callable[[], None]:
        """The owner hides a field from our user; a query that names it is refused from then on."""
        shown = {"object": self.object_type, "field": "Department", "access": "full"}
        self.sandbox.control("POST", "/field_access", {**shown, "access": "hidden"})
        return lambda: self.sandbox.control("POST", "/field_access", shown)

    def expire_token(self) -> None:
        self.sandbox.control("POST", "/tokens", {"expire": True})

    def other_spellings(self, id_: str) -> Sequence[str]:
        return (id_[:15], id_.lower(), id_.upper())

    def _made(self, grant: Grant, tokens: TokenStore) -> Connector:
        settings = Settings(self.sandbox.base_url, timeout=1.5, attempts=2)
        connector = SalesforceConnector(
            settings, grant, clock=self.clock, token_store=tokens, window=self.page_size
        )
        self.open.append(connector)
        return connector

    def close(self) -> None:
        """Let go of every socket: the contract makes connectors it does not close."""
        for connector in self.open:
            connector.close()


class JwtBench(SalesforceBench):
    """The same organisation, reached by signed assertions."""

    def grant(self) -> Grant:
        told = self.sandbox.credentials
        return JwtBearer(told["client_id"], told["username"], self.sandbox.base_url, told["private_key"])

    def bad_grant(self) -> Grant:
        told = self.sandbox.credentials
        return JwtBearer(told["client_id"], "nobody@org.example", self.sandbox.base_url, told["private_key"])


class DealBench(SalesforceBench):
    """Opportunities have no e-mail address; their name stands for it."""

    email_field, text_field, picklist_field = "Name", "NextStep", "ForecastCategoryName"

    def draft(self, n: int) -> Mapping[str, Raw]:
        stage = {"StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return {"Name": f"Deal {n}", "Amount": n, **stage}

    def change_fields(self) -> Callable[[], None]:
        shown = {"object": self.object_type, "field": "LeadSource", "access": "full"}
        self.sandbox.control("POST", "/field_access", {**shown, "access": "hidden"})
        return lambda: self.sandbox.control("POST", "/field_access", shown)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox("salesforce") as running:
        for kind in ("url", "double", "currency", "date", "datetime", "textarea"):
            field = {"object": "Contact", "name": f"Any_{kind}__c", "type": kind}
            running.control("POST", "/fields", field)
        yield running


class TestContacts(ConnectorContract):
    @pytest.fixture
    def bench(self, sandbox: RunningSandbox) -> Iterator[RemoteBench]:
        with closing(SalesforceBench(sandbox, "Contact", "003")) as bench:
            yield bench


class TestLeads(EndingPromises, WritingPromises):
    @pytest.fixture
    def bench(self, sandbox: RunningSandbox) -> Iterator[RemoteBench]:
        with closing(JwtBench(sandbox, "Lead", "00Q")) as bench:
            yield bench


class TestOpportunities(ConnectorContract):
    @pytest.fixture
    def bench(self, sandbox: RunningSandbox) -> Iterator[RemoteBench]:
        with closing(DealBench(sandbox, "Opportunity", "006")) as bench:
            yield bench
