from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from syncline.connectors import registry
from syncline.connectors.base import Connector
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.salesforce.settings import connect
from syncline.core.errors import ConfigError, MissingSettingError, UnknownNameError
from tests.unit.scripted_org import ScriptedOrg, scripted_org
from tests.unit.scripted_server import StillClock

SECRET = {"client_id": "c", "client_secret": "s"}
KEY = {"client_id": "c", "private_key": "k", "username": "u"}


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with scripted_org() as running:
        yield running


def made(settings: Mapping[str, Any]) -> Connector:
    return registry.connect(settings, StillClock(), MemoryTokenStore())


def salesforce(**settings: Any) -> dict[str, Any]:
    return {"system": "salesforce", "base_url": "http://127.0.0.1:1", "credentials": SECRET, **settings}


@pytest.mark.parametrize("credentials", [SECRET, KEY])
def test_a_connector_is_made_from_settings(credentials: Mapping[str, str]) -> None:
    connector = made(salesforce(credentials=credentials))
    assert connector.system == "salesforce"
    connector.close()


def test_options_reach_the_connector(org: ScriptedOrg) -> None:
    options = {"auto_assign": True, "api_version": 60, "timeout": 5}
    connector = made(salesforce(base_url=org.server.url, options=options, budget={"share": 0.5}))
    connector.describe("Contact")
    connector.close()
    request = org.server.requests[-1]
    assert request.path == "/services/data/v60.0/sobjects/Contact/describe"
    assert request.headers["sforce-auto-assign"] == "TRUE"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ("client_id", "client_secret")),
        ({"client_id": "c"}, ("client_secret",)),
        ({"client_id": "c", "client_secret": ""}, ("client_secret",)),
        ({"client_id": "c", "private_key": "k"}, ("client_secret",)),
        ({"private_key": "k", "username": "u"}, ("client_id",)),
        (SECRET, ()),
        (KEY, ()),
    ],
)
def test_missing_credentials_are_named(given: Mapping[str, str], missing: tuple[str, ...]) -> None:
    assert registry.system("salesforce").missing(given) == missing
    if missing:
        with pytest.raises(MissingSettingError, match=missing[0]):
            made(salesforce(credentials=given))


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(UnknownNameError, match="dynamics"):
        made({"system": "dynamics"})


def test_each_system_says_which_credentials_it_knows() -> None:
    assert registry.SYSTEMS["salesforce"].credentials == {
        "client_id",
        "client_secret",
        "private_key",
        "username",
    }
    assert registry.SYSTEMS["apollo"].credentials == {
        "api_key",
        "access_token",
        "client_id",
        "client_secret",
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": None},
        {"base_url": "http://crm.example"},
        {"base_url": "https://user:pw@crm.example"},
        {"options": {"api_version": "v51.0"}},
        {"options": {"api_version": "newest"}},
        {"options": {"overlap": -1}},
        {"options": {"overlap": "long"}},
        {"options": {"timeout": 0}},
        {"options": {"auto_assign": "sometimes\r\nx: y"}},
    ],
)
def test_senseless_settings_are_refused_before_anything_is_sent(settings: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError):
        made(salesforce(**settings))


@pytest.mark.parametrize("credentials", [{}, {"client_id": "c"}, {"client_id": "c", "username": "u"}])
def test_the_connector_itself_asks_for_what_it_needs(credentials: Mapping[str, str]) -> None:
    with pytest.raises(MissingSettingError):
        connect(salesforce(credentials=credentials), StillClock(), MemoryTokenStore())
