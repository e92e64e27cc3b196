import base64
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from urllib.parse import parse_qs

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from syncline.connectors.base import Token
from syncline.connectors.oauth import ClientCredentials, Grant, JwtBearer, MemoryTokenStore, TokenSource
from syncline.core.errors import AuthError, ProtocolError, UnavailableError
from tests.unit.scripted_server import HTML, Answer, ScriptedServer, StillClock

SECRET = "s3cret-never-shown"
PATH = "/oauth/token"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    form = serialization.PrivateFormat.PKCS8
    guard = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, guard).decode()


def public_pem() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return rsa_key().public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def bearer(key: str) -> JwtBearer:
    return JwtBearer("client", "sync@example.org", "https://login.example", key)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.respond = lambda _request: Answer(body={"access_token": "tok-1"})
        yield running


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def source(server: ScriptedServer, clock: StillClock, store: MemoryTokenStore) -> Iterator[TokenSource]:
    made = make(server, clock, store, ClientCredentials("client", SECRET))
    yield made
    made.close()


def make(server: ScriptedServer, clock: StillClock, store: MemoryTokenStore, grant: Grant) -> TokenSource:
    return TokenSource(
        server.url, PATH, grant, clock=clock, store=store, accept=lambda _token: None, timeout=5.0, attempts=2
    )


def unpacked(part: str) -> dict[str, object]:
    loaded: dict[str, object] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=="))
    return loaded


def test_client_credentials_are_sent_as_a_form_and_the_token_is_kept(
    server: ScriptedServer, source: TokenSource, store: MemoryTokenStore
) -> None:
    assert source.current().access_token == "tok-1"
    assert source.current() == store.load()
    (request,) = server.requests
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["client_credentials"], "client_id": ["client"], "client_secret": [SECRET],
    }  # fmt: skip
    assert source.calls == {f"POST {PATH}": 1}


def test_a_stored_token_costs_no_call(
    server: ScriptedServer, source: TokenSource, store: MemoryTokenStore
) -> None:
    store.save(Token("kept"))
    assert source.current() == Token("kept")
    assert server.requests == []
    assert source.calls == {}


@pytest.mark.parametrize("lifetime", [7200, "7200", 7200.0])
def test_a_token_whose_end_is_known_is_renewed_ahead_of_it(
    server: ScriptedServer, source: TokenSource, clock: StillClock, lifetime: object
) -> None:
    server.answers(
        Answer(body={"access_token": "tok-1", "expires_in": lifetime}), Answer(body={"access_token": "tok-2"})
    )
    assert source.current().expires_at == clock.now() + timedelta(seconds=7200)
    clock.time += timedelta(seconds=7130)
    assert source.current().access_token == "tok-1"
    clock.time += timedelta(seconds=20)
    assert source.current().access_token == "tok-2"


@pytest.mark.parametrize("lifetime", [None, True, -5, 0, "soon", 10**12, [1]])
def test_a_senseless_lifetime_is_not_believed(
    server: ScriptedServer, source: TokenSource, lifetime: object
) -> None:
    server.answers(Answer(body={"access_token": "tok-1", "expires_in": lifetime}))
    assert source.current().expires_at is None


def test_an_assertion_says_who_for_whom_and_for_how_long(clock: StillClock) -> None:
    form = bearer(pem(rsa_key())).form(clock.now())
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, body, signature = form["assertion"].split(".")
    assert unpacked(head) == {"alg": "RS256", "typ": "JWT"}
    claims = unpacked(body)
    issued = int(clock.now().timestamp())
    assert (claims["iss"], claims["sub"], claims["aud"]) == (
        "client",
        "sync@example.org",
        "https://login.example",
    )
    assert (claims["iat"], claims["exp"]) == (issued, issued + 180)
    signed = base64.urlsafe_b64decode(signature + "==")
    rsa_key().public_key().verify(signed, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(minutes=-10)], ids=str)
def test_an_assertion_is_made_again_for_the_clock_of_a_system_that_refused_it(
    server: ScriptedServer, clock: StillClock, store: MemoryTokenStore, ahead: timedelta
) -> None:
    theirs = clock.now() + ahead
    dated = {"date": format_datetime(theirs, usegmt=True)}
    server.answers(
        Answer(400, {"error": "invalid_grant"}, dated), Answer(body={"access_token": "tok-1"}, headers=dated)
    )
    source = make(server, clock, store, bearer(pem(rsa_key())))
    assert source.current().access_token == "tok-1"
    source.close()
    sent = [parse_qs(request.body.decode())["assertion"][0] for request in server.requests]
    ends = [unpacked(assertion.split(".")[1])["exp"] for assertion in sent]
    assert ends == [(at + timedelta(seconds=180)).timestamp() for at in (clock.now(), theirs)]


def test_a_secret_that_is_refused_is_not_sent_again_whatever_the_time(
    server: ScriptedServer, source: TokenSource
) -> None:
    server.answers(Answer(400, {"error": "invalid_client"}, {"date": "Fri, 01 May 2026 15:00:00 GMT"}))
    with pytest.raises(AuthError):
        source.renew()
    assert len(server.requests) == 1


def test_a_key_with_written_out_line_breaks_is_understood(clock: StillClock) -> None:
    assert bearer(pem(rsa_key()).replace("\n", "\\n")).form(clock.now())["assertion"]


def test_what_cannot_sign_is_an_auth_error_with_a_cure(clock: StillClock) -> None:
    cut = pem(rsa_key())[:200] + "\n-----END PRIVATE KEY-----"
    wrong = ["", "x", "\0", SECRET, cut, pem(ec.generate_private_key(ec.SECP256R1())), public_pem()]
    wrong.append(pem(rsa_key(), b"password"))
    for key in wrong:
        with pytest.raises(AuthError) as caught:
            bearer(key).form(clock.now())
        assert "private key" in caught.value.cure
        assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_key_the_system_does_not_know_is_an_auth_error(
    server: ScriptedServer, clock: StillClock, store: MemoryTokenStore
) -> None:
    dated = {"date": format_datetime(clock.now(), usegmt=True)}
    refused = {"error": "invalid_grant", "error_description": "invalid assertion"}
    server.answers(Answer(400, refused, dated))
    source = make(server, clock, store, bearer(pem(rsa_key())))
    with pytest.raises(AuthError, match="invalid_grant: invalid assertion") as caught:
        source.current()
    assert caught.value.context["reason"] == "invalid_grant"
    assert len(server.requests) == 1
    assert store.load() is None
    source.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(400, {"error": "invalid_client", "error_description": f"not {SECRET}\n"}), AuthError),
        (Answer(404, HTML), UnavailableError),
        (Answer(200, HTML), ProtocolError),
        (Answer(200, {"access_token": ""}), ProtocolError),
        (Answer(200, {"access_token": "a b"}), ProtocolError),
        (Answer(200, {"access_token": "ключ"}), ProtocolError),
        (Answer(500), UnavailableError),
    ],
)
def test_a_refused_token_tells_no_secret(
    server: ScriptedServer, source: TokenSource, answer: Answer, error: type[Exception]
) -> None:
    server.answers(answer)
    with pytest.raises(error) as caught:
        source.current()
    assert SECRET not in f"{caught.value!r} {vars(caught.value)}"


def test_a_token_that_is_not_accepted_is_not_kept(
    server: ScriptedServer, clock: StillClock, store: MemoryTokenStore
) -> None:
    def refuse(_token: Token) -> None:
        raise AuthError("not there")

    source = TokenSource(
        server.url, PATH, ClientCredentials("client", SECRET), clock=clock, store=store, accept=refuse
    )
    with pytest.raises(AuthError):
        source.renew()
    assert store.load() is None
    source.close()


def test_no_grant_shows_its_secret() -> None:
    shown = f"{ClientCredentials('client', SECRET)!r} {bearer(SECRET)!r}"
    assert SECRET not in shown
