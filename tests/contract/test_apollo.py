from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import ClassVar

import pytest

from syncline.connectors.apollo.connector import ApolloConnector, Options
from syncline.connectors.apollo.reading import ReadOptions
from syncline.connectors.base import Connector
from syncline.core.model import Raw
from syncline.testing.contract import ConnectorContract, RemoteBench, SandboxBench
from syncline.testing.contract.reading import ReadingPromises
from syncline.testing.contract.setbacks import SetbackPromises
from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.contract.apollo_http import answer, client_of

_NUMBERS = count(1)
SMALL_PAGES = ReadOptions(per_page=5, deals_every=timedelta(0), details=False)


@pytest.fixture(scope="module")
def apollo() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo") as sandbox, client_of(sandbox) as http:
        for kind in ("number", "date", "datetime", "boolean", "textarea"):
            field = {"label": f"Any {kind}", "modality": "contact", "type": kind}
            answer(http.post("/fields", json=field))
        yield sandbox


class ApolloBench(SandboxBench):
    page_size = SMALL_PAGES.per_page
    missing_id = "5f" * 12
    secrets = ("wrong-apollo-key",)

    def connector(self) -> Connector:
        return self._made(self.sandbox.credentials["api_key"])

    def bad_credentials_connector(self) -> Connector:
        return self._made("wrong-apollo-key")

    def _made(self, key: str) -> Connector:
        options = Options(SMALL_PAGES, timeout=0.5)
        return ApolloConnector(key, clock=self.clock, base_url=self.sandbox.base_url, options=options)


class ContactBench(ApolloBench):
    object_type, remote_type = "contact", "contacts"
    text_field, email_field, picklist_field = "title", "email", "contact_stage_id"
    routes: ClassVar = {
        "check": ("GET", "^/api/v1/auth/health$"),
        "read": ("POST", "^/api/v1/contacts/search$"),
        "fetch": ("GET", "^/api/v1/contacts/[0-9a-f]{24}$"),
        "find": ("POST", "^/api/v1/contacts/search$"),
        "create": ("POST", "^/api/v1/contacts/bulk_create$"),
        "update": (None, "^/api/v1/contacts/(bulk_update|update_stages|update_owners|[0-9a-f]{24})$"),
    }

    def draft(self, n: int) -> Mapping[str, Raw]:
        email = f"person{n}@company{n}.example"
        return {"first_name": "Per", "last_name": f"Son {n}", "email": email, "organization_name": f"C{n}"}

    def edit_late(self, id_: str, values: Mapping[str, Raw]) -> Callable[[], None]:
        began = self.clock.now().isoformat(timespec="milliseconds")
        return lambda: self.edit(id_, {**values, "updated_at": began})

    def change_fields(self) -> Callable[[], None]:
        """A field is added; Apollo's API takes none away."""
        with client_of(self.sandbox) as http:
            label = f"Field {next(_NUMBERS)}"
            answer(http.post("/fields", json={"label": label, "modality": "contact", "type": "string"}))
        return lambda: None

    def withhold(self, id_: str) -> str:
        self.edit(id_, {"email": "email_not_unlocked@domain.com"})
        return "email"


class AccountBench(ApolloBench):
    object_type, remote_type = "account", "accounts"
    text_field, email_field = "name", "domain"
    routes: ClassVar = {
        "read": ("POST", "^/api/v1/accounts/search$"),
        "fetch": ("GET", "^/api/v1/accounts/[0-9a-f]{24}$"),
    }

    def draft(self, n: int) -> Mapping[str, Raw]:
        return {"name": f"Company {n}", "domain": f"company{n}.example"}


class DealBench(ApolloBench):
    object_type, remote_type = "opportunity", "opportunities"
    text_field, email_field, picklist_field = "description", "name", "opportunity_stage_id"
    routes: ClassVar = {
        "check": ("GET", "^/api/v1/auth/health$"),
        "read": ("GET", "^/api/v1/opportunities/search$"),
        "fetch": ("GET", "^/api/v1/opportunities/[0-9a-f]{24}$"),
        "find": ("GET", "^/api/v1/opportunities/search$"),
        "create": ("POST", "^/api/v1/opportunities$"),
        "update": ("PATCH", "^/api/v1/opportunities/[0-9a-f]{24}$"),
    }

    def draft(self, n: int) -> Mapping[str, Raw]:
        return {"name": f"Deal {n}", "amount": n, "closed_date": "2026-12-31"}

    def change_fields(self) -> Callable[[], None]:
        with client_of(self.sandbox) as http:
            field = {"label": f"Field {next(_NUMBERS)}", "modality": "opportunity", "type": "string"}
            answer(http.post("/fields", json=field))
        return lambda: None


class TestApolloContacts(ConnectorContract):
    @pytest.fixture
    def bench(self, apollo: RunningSandbox) -> RemoteBench:
        return ContactBench(apollo)


class TestApolloAccountReads(SetbackPromises, ReadingPromises):
    """Accounts have no e-mail address, which the other promises go by; their reads differ most from contacts'."""

    @pytest.fixture
    def bench(self, apollo: RunningSandbox) -> RemoteBench:
        return AccountBench(apollo)


class TestApolloDeals(ConnectorContract):
    """Deals have no e-mail address; their name stands for it."""

    @pytest.fixture
    def bench(self, apollo: RunningSandbox) -> RemoteBench:
        return DealBench(apollo)
