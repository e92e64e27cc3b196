"""Alerts as mail, through a real mail server."""

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from syncline.config import parse
from syncline.config.alerting import EmailSettings
from syncline.service.alerts import mail
from syncline.service.alerts.message import Message, trial
from syncline.store.alerts import Subject

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 1, 12, 30, tzinfo=dt.UTC)
MESSAGE = Message(
    "a1b2", Subject("sync", "main"), "error-rate", True, "30 of 50 were refused.", "mend it", NOW
)
PASSWORD = "s3cret-of-mail"


class Mailbox:
    """Takes mail as the test wants it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Envelope, bool]] = []
        self.refuse = ""

    async def handle_RCPT(  # noqa: N802 - the server looks for this name
        self, _s: SMTP, _session: Session, envelope: Envelope, to: str, _o: Any
    ) -> str:
        if self.refuse and to.startswith(self.refuse):
            return "550 jane.doe@example.com is not known here"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - same
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.taken.append((envelope, session.ssl is not None))
        return "250 OK"

    def mails(self) -> list[EmailMessage]:
        contents = [envelope.content for envelope, _ in self.taken]
        return [
            message_from_bytes(each, policy=policy.default) for each in contents if isinstance(each, bytes)
        ]


class _OnFreePort(Controller):
    """A mail server on a port that was free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # untyped over there


@contextmanager
def serving(box: Mailbox, **how: Any) -> Iterator[int]:
    controller = _OnFreePort(box, hostname="127.0.0.1", port=0, server_hostname="mail.test", **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of this machine, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    began = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), began, NOW + 900 * DAY
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    return file


def receiver(port: int, **settings: Any) -> EmailSettings:
    told = {"host": "localhost", "port": port, "from": "syncline@example.com", "to": ["ops@example.com"]}
    document = parse({"version": 1, "alerts": [{"email": told | {"starttls": False} | settings}]})
    found = document.alerts[0].email
    assert found is not None
    return found


@pytest.mark.proves("E5")
def test_a_mail_server_gets_a_mail_that_is_the_same_each_time(box: Mailbox) -> None:
    with serving(box) as port:
        two = receiver(port, to=["ops@example.com", "night@example.com"])
        assert [mail.send(two, "", MESSAGE) for _ in range(2)] == [None, None]
    assert box.taken[0][0].rcpt_tos == ["ops@example.com", "night@example.com"]
    first, second = box.mails()
    assert first["Subject"] == "Syncline: sync main: error-rate"
    assert first["Message-ID"] == second["Message-ID"] == "<a1b2@example.com>"
    assert first.get_content().splitlines() == [
        "30 of 50 were refused.", "What to do: mend it", "(2026-11-01 12:30:00 UTC, alert a1b2)",
    ]  # fmt: skip


def test_with_starttls_the_password_goes_over_encrypted(
    box: Mailbox, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    seen: list[bytes] = []

    def signs_in(_server: Any, session: Session, _e: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        assert session.ssl is not None
        seen.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(box, tls_context=context, authenticator=signs_in, auth_required=True) as port:
        encrypted = receiver(port, starttls=True, user="syncline", password="env:P")
        assert mail.send(encrypted, PASSWORD, MESSAGE) is None
        assert mail.send(encrypted, "another", MESSAGE) == "It does not accept the user and password."
    assert seen[0] == PASSWORD.encode()
    assert [secure for _, secure in box.taken] == [True]


def test_a_certificate_nobody_vouches_for_is_refused(box: Mailbox, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(box, tls_context=context) as port:
        failure = mail.send(receiver(port, starttls=True), "", MESSAGE)
    assert failure == "Its certificate or encryption is not valid."
    assert box.taken == []


def test_a_server_without_encryption_gets_nothing_where_the_settings_ask_for_it(box: Mailbox) -> None:
    with serving(box) as port:
        failure = mail.send(receiver(port, starttls=True), "", MESSAGE)
    assert failure == "It offers no encryption or no sign-in, and the settings ask for it."
    assert box.taken == []


def test_addresses_that_are_refused_are_counted_and_not_repeated(box: Mailbox) -> None:
    box.refuse = "gone"
    with serving(box) as port:
        some = mail.send(receiver(port, to=["ops@example.com", "gone@example.com"]), "", MESSAGE)
        all_ = mail.send(receiver(port, to=["gone@example.com"]), "", MESSAGE)
    assert some == "It refused 1 of 2 addresses."
    assert all_ == "It refuses every address."


def test_a_server_that_is_not_there_is_told_in_words(box: Mailbox) -> None:
    with serving(box) as port:
        pass
    assert mail.send(receiver(port), "", MESSAGE) == "It cannot be reached."


def test_a_line_break_in_words_makes_no_header(box: Mailbox) -> None:
    odd = Message("x", Subject("sync", "main\r\nBcc: jane@example.com"), "error-rate", True, "text", "", NOW)
    with serving(box) as port:
        assert mail.send(receiver(port), "", odd) is not None
        assert mail.send(receiver(port), "", trial(NOW)) is None
    assert [each["Subject"] for each in box.mails()] == ["Syncline: a test, nothing is wrong"]


def test_a_server_that_drips_is_broken_off() -> None:
    with ScriptedGreeting() as port:
        assert (
            mail.send(receiver(port), "", MESSAGE, seconds=0.1) == "It does not greet as a mail server does."
        )


class ScriptedGreeting:
    """Greets letter by letter, and never comes to the end of the line."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip)

    def _drip(self) -> None:
        client, _ = self._listening.accept()
        with client, contextlib.suppress(ConnectionError):
            while not self._over.wait(0.02):
                client.sendall(b"2")

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._listening.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._listening.close()
