"""What stands between the settings and the connectors."""

import inspect

import pytest

from syncline.connectors.base import Connector
from syncline.connectors.clock import SystemClock
from syncline.core.errors import AuthError, ConfigError, ProtocolError, RecordError
from syncline.service.clock import choose_clock
from syncline.service.named import NamedConnector, naming


def test_every_method_of_the_contract_is_passed_on() -> None:
    promised = {name for name, _ in inspect.getmembers(Connector, inspect.isfunction)}
    assert promised <= vars(NamedConnector).keys()


def test_an_error_of_a_system_names_its_connection_once() -> None:
    with pytest.raises(AuthError) as caught, naming("crm"), naming("crm"):
        raise AuthError("the credentials are not accepted")
    assert caught.value.message == str(caught.value) == "Connection crm: the credentials are not accepted"


def test_the_cure_names_the_connection_to_test() -> None:
    with pytest.raises(AuthError) as caught, naming("crm"):
        raise AuthError("no")
    assert "syncline connection test crm" in caught.value.cure


def test_an_answer_without_form_names_its_connection_and_a_record_error_stays() -> None:
    with pytest.raises(ProtocolError, match="Connection crm"), naming("crm"):
        raise ProtocolError("a page of HTML")
    with pytest.raises(RecordError, match=r"^one$"), naming("crm"):
        raise RecordError("one")


@pytest.mark.parametrize("testing", ["", "0", "yes"])
def test_a_clock_for_tests_is_refused_elsewhere(testing: str) -> None:
    with pytest.raises(ConfigError, match="tests only"):
        choose_clock({"SYNCLINE_CLOCK_URL": "http://127.0.0.1:1/clock", "SYNCLINE_TESTING": testing})
    assert isinstance(choose_clock({}), SystemClock)
