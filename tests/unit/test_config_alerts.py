"""What the settings of alerts may say."""

from pathlib import Path
from typing import Any

import pytest

from syncline.config import check_secrets, export, parse
from syncline.core.errors import ConfigError, SecretError

MAIL = {"host": "mail.example.com", "from": "syncline@example.com", "to": ["ops@example.com"]}


def parsed(*receivers: dict[str, Any]) -> Any:
    return parse({"version": 1, "alerts": list(receivers)}, Path("syncline.yaml")).alerts


def test_each_way_to_tell_somebody_can_be_named() -> None:
    webhook, slack, mail = parsed(
        {"webhook": "https://hooks.example.com/a", "secret": "env:KEY", "only": ["error-rate"]},
        {"slack": "env:SLACK"},
        {"email": MAIL},
    )
    assert (webhook.webhook, webhook.only) == ("https://hooks.example.com/a", ("error-rate",))
    assert slack.slack == "env:SLACK"
    assert (mail.email.port, mail.email.starttls, mail.email.to) == (587, True, ("ops@example.com",))


@pytest.mark.parametrize(
    ("receiver", "words"),
    [
        ({}, "one of webhook, slack and email"),
        ({"webhook": "env:A", "slack": "env:B"}, "one of webhook, slack and email"),
        ({"slack": "env:B", "secret": "env:C"}, "only a webhook"),
        ({"webhook": "http://hooks.example.com"}, "https://"),
        ({"webhook": "https://hooks.example.com/?token=abcd"}, "before any ?"),
        ({"slack": "env:B", "only": ["everything"]}, "'error-rate'"),
        ({"email": MAIL | {"to": []}}, "at least one address"),
        ({"email": MAIL | {"to": ["Ops <ops@example.com>"]}}, "plain e-mail address"),
        ({"email": MAIL | {"from": "a@example.com\r\nBcc: b@example.com"}}, "plain e-mail address"),
        ({"email": MAIL | {"host": "mail.example.com:25"}}, "name of a mail server"),
        ({"email": MAIL | {"user": "syncline"}}, "user and password"),
        (
            {"email": MAIL | {"user": "syncline", "password": "env:P", "starttls": False}},
            "unencrypted",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(receiver: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parsed(receiver)
    assert words in refused.value.message


@pytest.mark.parametrize(
    "receiver",
    [
        {"slack": "https://hooks.example.com/services/s3cret"},
        {"webhook": "https://user:s3cret@hooks.example.com/"},
        {"webhook": "https://hooks.example.com", "secret": "s3cret"},
        {"email": MAIL | {"user": "syncline", "password": "s3cret"}},
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(receiver: dict[str, Any]) -> None:
    with pytest.raises(SecretError) as refused:
        parsed(receiver)
    assert "s3cret" not in str(refused.value)


def test_references_that_lead_nowhere_are_found() -> None:
    settings = {
        "version": 1,
        "alerts": [
            {"webhook": "env:HOOK", "secret": "env:KEY"},
            {"email": MAIL | {"user": "syncline", "password": "env:PASSWORD"}},
        ],
    }
    findings = check_secrets(parse(settings), {"KEY": "given"})
    assert [finding.place for finding in findings] == [
        "settings: alerts[0].webhook:",
        "settings: alerts[1].email.password:",
    ]


def test_an_exported_document_can_be_read_again() -> None:
    settings = {"version": 1, "alerts": [{"email": MAIL}], "error_rate": {"share": 0.5}}
    document = parse(settings)
    again = parse(export(document))
    assert (again.alerts, again.error_rate) == (document.alerts, document.error_rate)
