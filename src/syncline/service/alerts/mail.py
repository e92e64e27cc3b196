"""Alerts as mail, handed to a mail server by SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from syncline.config.alerting import EmailSettings
from syncline.service.alerts.message import Message

SECONDS = 10.0
"""How long a step may take."""
SLOWEST = 3
"""The greeting, and all that follows it, may take that many steps: a server that drips never ends a single one."""
_ENCRYPTED_FROM_THE_START = 465


def send(settings: EmailSettings, password: str, message: Message, seconds: float = SECONDS) -> str | None:
    """Hand a message over; why that failed, in words that repeat nothing of what the server said."""
    try:
        with _server(settings, seconds) as server, _broken_off(server):
            if settings.starttls and settings.port != _ENCRYPTED_FROM_THE_START:
                server.starttls(context=ssl.create_default_context())
            if settings.user is not None:
                server.login(settings.user, password)
            refused = server.send_message(_mail(settings, message))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return _cause(error)
    return f"It refused {len(refused)} of {len(settings.to)} addresses." if refused else None


def _mail(settings: EmailSettings, message: Message) -> EmailMessage:
    """The mail; sent twice it has the same id, by which mail programs know it."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = message.title, settings.sender, ", ".join(settings.to)
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.token}@{settings.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


class _Plain(smtplib.SMTP):
    """A server that is not waited for long, the greeting included."""

    def connect(self, *given: Any, **more: Any) -> tuple[int, bytes]:
        with _broken_off(self):
            return super().connect(*given, **more)


class _Encrypted(smtplib.SMTP_SSL):
    """The same over a connection that is encrypted from the start."""

    def connect(self, *given: Any, **more: Any) -> tuple[int, bytes]:
        with _broken_off(self):
            return super().connect(*given, **more)


@contextmanager
def _server(settings: EmailSettings, seconds: float) -> Iterator[smtplib.SMTP]:
    where = (settings.host, settings.port)
    if settings.port == _ENCRYPTED_FROM_THE_START:
        server: smtplib.SMTP = _Encrypted(*where, timeout=seconds, context=ssl.create_default_context())
    else:
        server = _Plain(*where, timeout=seconds)
    try:
        yield server
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


@contextmanager
def _broken_off(server: smtplib.SMTP) -> Iterator[None]:
    """Break the connection off when what is done with it takes too long."""

    def break_off() -> None:
        with contextlib.suppress(OSError):
            if server.sock:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SLOWEST * server.timeout, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cause(error: Exception) -> str:
    reasons: list[tuple[type[Exception], str]] = [
        (smtplib.SMTPConnectError, "It does not greet as a mail server does."),
        (smtplib.SMTPAuthenticationError, "It does not accept the user and password."),
        (
            smtplib.SMTPNotSupportedError,
            "It offers no encryption or no sign-in, and the settings ask for it.",
        ),
        (smtplib.SMTPSenderRefused, "It refuses the sender."),
        (smtplib.SMTPRecipientsRefused, "It refuses every address."),
        (smtplib.SMTPServerDisconnected, "It broke the connection off."),
        (smtplib.SMTPException, "It refused the mail."),
        (ssl.SSLError, "Its certificate or encryption is not valid."),
        (TimeoutError, "It did not answer in time."),
        (ConnectionResetError, "It broke the connection off."),
    ]
    return next((words for kind, words in reasons if isinstance(error, kind)), "It cannot be reached.")
