"""Signed assertions are believed only when every part of them is good."""

import base64
import json

import jwt
import pytest

from syncline.sandbox.salesforce.signatures import KeyPair, UntrustedError, claims_of, make_keys


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return make_keys()


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_the_claims_of_a_good_assertion_are_read(keys: KeyPair) -> None:
    claims = {"iss": "app", "sub": "user", "exp": "1893456000"}
    assert claims_of(jwt.encode(claims, keys.private, algorithm="RS256"), keys.public) == claims


def test_changed_claims_do_not_fit_the_signature(keys: KeyPair) -> None:
    header, _, signature = jwt.encode({"sub": "user"}, keys.private, algorithm="RS256").split(".")
    with pytest.raises(UntrustedError, match="signature"):
        claims_of(f"{header}.{part({'sub': 'admin'})}.{signature}", keys.public)


def test_a_key_of_another_app_is_not_believed(keys: KeyPair) -> None:
    with pytest.raises(UntrustedError, match="signature"):
        claims_of(jwt.encode({}, make_keys().private, algorithm="RS256"), keys.public)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
def test_only_rs256_is_believed(keys: KeyPair, algorithm: str) -> None:
    with pytest.raises(UntrustedError, match="RS256"):
        claims_of(f"{part({'alg': algorithm})}.{part({})}.", keys.public)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "é.b.c", "AAAA.AAAA.AAAA", f"{part([])}.{part({})}.x"]
)
def test_what_is_no_assertion_is_refused(keys: KeyPair, text: str) -> None:
    with pytest.raises(UntrustedError):
        claims_of(text, keys.public)
