from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from syncline.connectors.base import Connector
from syncline.connectors.clock import SystemClock
from syncline.connectors.oauth import MemoryTokenStore
from syncline.connectors.registry import connect
from syncline.core.errors import ConfigError, MissingSettingError

GOOD = {"base_url": "https://leads.example.com", "credentials": {"api_key": "cos_" + "k" * 20}}


def made(**settings: Any) -> Connector:
    given: Mapping[str, Any] = {"system": "customeros", **GOOD, **settings}
    return connect(given, SystemClock(), MemoryTokenStore())


def test_options_are_taken_as_numbers() -> None:
    connector = made(options={"overlap": "60", "page_size": 10})
    assert connector.capabilities("organization").overlap == timedelta(seconds=60)
    connector.close()


@pytest.mark.parametrize(
    "options",
    [{"page_size": 501}, {"page_size": 0}, {"overlap": -1}, {"timeout": "soon"}, {"timeout": "nan"}],
)
def test_an_option_out_of_bounds_is_named(options: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        made(options=options)


@pytest.mark.parametrize("lacking", [{"base_url": None}, {"credentials": {}}])
def test_what_is_missing_is_named(lacking: Mapping[str, Any]) -> None:
    with pytest.raises(MissingSettingError):
        made(**lacking)


def test_an_address_inside_a_network_is_refused() -> None:
    with pytest.raises(ConfigError):
        made(base_url="https://10.0.0.5")
