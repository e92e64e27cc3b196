"""`syncline connection authorize`, `reconnect` and `disconnect`: a person's consent, from the terminal."""

from __future__ import annotations

import getpass
import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from syncline.cli.output import Output, cell
from syncline.config import Document, load
from syncline.connectors.oauth import Question
from syncline.core.errors import ConfigError
from syncline.service.callback import CallbackServer, Parameters, is_loopback, read_address
from syncline.service.clock import choose_clock
from syncline.service.connect import database_for, open_connection
from syncline.service.consent import GOOD, Consent, token_state
from syncline.service.retry import after_sign_in


def authorize(*, name: str, open_browser: bool, timeout: int, settings: Path, json: bool) -> int:
    """Ask for a first consent, or for another after one that has ended."""
    document = load(settings)
    with database_for(document, name, os.environ):
        consent = _consent(document, name)
        state = token_state(document, name, os.environ)
        if state.state == GOOD:
            raise ConfigError(
                f"Connection {name} is connected: {state.granted_by} obtained its token at {cell(state.granted_at)}.",
                hint=f"Run `syncline connection reconnect {name}` to replace it.",
            )
        return _obtain(document, name, consent, Output(as_json=json), timeout, open_browser=open_browser)


def reconnect(*, name: str, open_browser: bool, timeout: int, settings: Path, json: bool) -> int:
    """Ask for consent whatever is stored."""
    document = load(settings)
    with database_for(document, name, os.environ):
        consent = _consent(document, name)
        return _obtain(document, name, consent, Output(as_json=json), timeout, open_browser=open_browser)


def disconnect(*, name: str, settings: Path, json: bool) -> int:
    """Forget the token."""
    out = Output(as_json=json)
    document = load(settings)
    with database_for(document, name, os.environ):
        had, revoked = _consent(document, name).end()
    stopped = document.syncs_over(name)
    if out.document(
        {"connection": name, "deleted": had, "ended_at_system": revoked, "stopped_syncs": stopped}
    ):
        return 0
    if not had:
        out.say(f"{name}: there was no token.")
        return 0
    out.say(f"{name}: the token is deleted here.")
    if revoked:
        out.say("  The system has ended it too.")
    else:
        out.say("  The system was not told, or did not take it: remove the app's access in its own settings.")
    out.say(
        "  What stays: the settings, the copies of its records, links, history and holds. Nothing was deleted there.",
        f"  What stops: {', '.join(stopped) or 'no sync'}, until `syncline connection authorize {name}`.",
    )
    return 0


def _consent(document: Document, name: str) -> Consent:
    return Consent(document, name, choose_clock(os.environ), os.environ)


def _obtain(
    document: Document, name: str, consent: Consent, out: Output, timeout: int, *, open_browser: bool
) -> int:
    """Send a person to the system, store what comes of it, and tell who we are there."""
    server = _server(consent)
    with server or nullcontext():
        redirect_uri = server.redirect_uri if server else str(consent.redirect_uri)
        come_back = (lambda: server.wait(timeout)) if server else (lambda: _pasted(out))
        consent.obtain(redirect_uri, _sender(out, come_back, open_browser=open_browser), getpass.getuser())
    clock = choose_clock(os.environ)
    after_sign_in(document, name, clock.now())
    connector = open_connection(document, name, clock, os.environ)
    try:
        report = connector.check()
    finally:
        connector.close()
    told = {"account": report.account, "user": report.user, "missing": report.missing}
    state = token_state(document, name, os.environ)
    if not out.document({"connection": name, **told, "token": asdict(state)}):
        out.say(f"{name}: connected as {report.user} in {report.account}. The token is stored, encrypted.")
        if report.missing:
            out.say(f"  missing: {', '.join(report.missing)}")
    return 0


def _server(consent: Consent) -> CallbackServer | None:
    """Who listens for the answer: nobody where people are sent back to another machine."""
    registered = consent.redirect_uri
    return CallbackServer(registered) if registered is None or is_loopback(registered) else None


def _sender(
    out: Output, come_back: Callable[[], Parameters], *, open_browser: bool
) -> Callable[[Question], Parameters]:
    def send(question: Question) -> Parameters:
        out.say("Open this address in a browser, and allow the access:", "", f"  {question.url}", "")
        if open_browser and not webbrowser.open(question.url):
            out.say("No browser could be opened here: open it yourself.")
        return come_back()

    return send


def _pasted(out: Output) -> Parameters:
    """The address a person was sent back to, from the terminal."""
    out.say("Then paste the whole address that the browser ended at, and press Enter:")
    return read_address(sys.stdin.readline())
