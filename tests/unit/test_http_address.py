"""Which addresses a connector may be sent to."""

import pytest

from syncline.connectors.http import check_base_url
from syncline.core.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.example.com/api/v1/", "https://api.example.com/api/v1"),
        ("https://api.example.com:8443", "https://api.example.com:8443"),
        ("http://127.0.0.1:8000/api", "http://127.0.0.1:8000/api"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://93.184.216.34/x", "https://93.184.216.34/x"),
    ],
)
def test_addresses_that_are_good(url: str, kept: str) -> None:
    assert check_base_url(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "http://api.example.com",
        "ftp://api.example.com",
        "file:///etc/passwd",
        "https://user:pass@api.example.com",
        "https://@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com#x",
        "https://api.example.com:99999",
        "https://api.exa mple.com",
        "https://api.example.com\n",
        "https://api.example.com\\@127.0.0.1",
        "https://169.254.169.254/latest",
        "https://metadata.google.internal",
        "https://10.0.0.8",
        "https://192.168.1.1",
        "https://172.16.0.1",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://[fe80::1]",
        "https://[fd00::1]",
        "https://[ff02::1]",
        "https://[::ffff:10.0.0.1]",
        "https://2852039166",
        "https://0xa9fea9fe",
        "https://0251.0376.0251.0376",
        "https://10.8",
        "https://-bad-.example.com",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="base URL"):
        check_base_url(url)
