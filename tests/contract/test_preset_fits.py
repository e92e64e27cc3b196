"""The preset is checked against what the connectors read from both systems."""

from collections.abc import Iterator, Mapping

import pytest

from syncline.config import ResolvedConnection, check, parse, resolve_connection
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import SYSTEMS, connect
from syncline.core.schema import ObjectSchema
from syncline.testing.sandboxes import start_sandbox

TEXT = """version: 1
connections:
  apollo: {{system: apollo, base_url: {apollo}, credentials: {{api_key: env:KEY}}}}
  crm: {{system: salesforce, base_url: {crm}, credentials: {{client_id: env:ID, client_secret: env:SECRET}}}}
syncs:
  main:
    left: apollo
    right: crm
    preset: apollo-salesforce
    kinds: {{person: {{create_right: {{as_type: {as_type}}}}}}}
"""


@pytest.fixture(scope="module")
def systems() -> Iterator[tuple[dict[str, str], dict[str, Mapping[str, ObjectSchema]]]]:
    """The addresses of both sandboxes and what their connectors describe."""
    with start_sandbox("apollo") as apollo, start_sandbox("salesforce") as crm:
        addresses = {"apollo": apollo.base_url, "crm": crm.base_url}
        environ = {
            "KEY": apollo.credentials["api_key"],
            "ID": crm.credentials["client_id"],
            "SECRET": crm.credentials["client_secret"],
        }
        document = parse(TEXT.format(**addresses, as_type="Contact"))
        found = {name: resolve_connection(document, name, environ) for name in document.connections}
        yield addresses, {name: _described(each) for name, each in found.items()}


def _described(connection: ResolvedConnection) -> Mapping[str, ObjectSchema]:
    settings = {
        "system": connection.system,
        "base_url": connection.base_url,
        "credentials": connection.credentials,
        "options": connection.options,
    }
    opened = connect(settings, SystemClock(), MemoryTokenStore())
    try:
        return {name: opened.describe(name) for name in opened.object_types()}
    finally:
        opened.close()


@pytest.mark.proves("M1")
@pytest.mark.parametrize("as_type", ["Contact", "Lead"])
def test_the_preset_fits_both_systems_without_a_finding(
    systems: tuple[dict[str, str], dict[str, Mapping[str, ObjectSchema]]], as_type: str
) -> None:
    addresses, schemas = systems
    assert check(parse(TEXT.format(**addresses, as_type=as_type)), schemas, SYSTEMS) == []
