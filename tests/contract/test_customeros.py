from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import pytest

from syncline.connectors.base import Connector
from syncline.connectors.customeros.connector import CustomerOSConnector, Options
from syncline.core.model import Raw
from syncline.testing.contract import ConnectorContract, RemoteBench, SandboxBench
from syncline.testing.contract.reading import ReadingPromises
from syncline.testing.sandboxes import RunningSandbox, start_sandbox

SMALL_PAGES = Options(page_size=5, timeout=0.5)


@pytest.fixture(scope="module")
def service() -> Iterator[RunningSandbox]:
    with start_sandbox("customeros") as sandbox:
        yield sandbox


class OrganizationBench(SandboxBench):
    """Organisations have no e-mail address; their domain tells them apart."""

    object_type, remote_type = "organization", "organizations"
    text_field, email_field = "industry", "primary_domain"
    page_size = SMALL_PAGES.page_size
    missing_id = "00000000-0000-5000-8000-000000000000"
    secrets = ("cos_wrong_key_of_nobody",)
    routes: ClassVar = {
        "check": ("POST", "^/query users$"),
        "read": ("POST", "^/query ui_organizations_search$"),
        "fetch": ("POST", "^/query ui_organizations$"),
    }

    @property
    def account(self) -> str:  # type: ignore[override]
        """None that lasts: each test finds the service empty, so no cursor is good for two of them."""
        return ""

    def connector(self) -> Connector:
        return self._made(str(self.sandbox.credentials["api_key"]))

    def bad_credentials_connector(self) -> Connector:
        return self._made(self.secrets[0])

    def draft(self, n: int) -> Mapping[str, Raw]:
        return {"name": f"Company {n}", "primary_domain": f"company{n}.example"}

    def put(self, values: Mapping[str, Raw]) -> str:
        return str(self.sandbox.control("POST", "/records/organizations", dict(values))["id"])

    def remove(self, id_: str) -> None:
        """CustomerOS deletes nothing: what goes for good is merged into another."""
        winner = self.put({"name": "Survivor"})
        self.sandbox.control("POST", "/merge", {"winner": winner, "losers": [id_]})

    def edit_late(self, id_: str, values: Mapping[str, Raw]) -> Callable[[], None]:
        began = self.clock.now().isoformat()
        return lambda: self.edit(id_, {**values, "updatedAt": began})

    def change_fields(self) -> Callable[[], None]:
        """The service takes a field away."""
        self.sandbox.control("POST", "/schema", {"without": ["description"]})
        return lambda: self.sandbox.control("POST", "/schema", {"without": []})

    def _made(self, key: str) -> Connector:
        return CustomerOSConnector(key, clock=self.clock, base_url=self.sandbox.base_url, options=SMALL_PAGES)


class TestCustomerOSOrganizations(ConnectorContract):
    @pytest.fixture
    def bench(self, service: RunningSandbox) -> RemoteBench:
        service.control("POST", "/reset")
        return OrganizationBench(service)


class TestReadsOfTheEarlierSchema(ReadingPromises):
    """Its fit is told by another query, so a page is put together from more answers."""

    @pytest.fixture
    def bench(self, service: RunningSandbox) -> RemoteBench:
        service.control("POST", "/reset")
        service.control("POST", "/edition", {"name": "early-2025"})
        return OrganizationBench(service)
