"""Connections that act for a person: settings over two stand-ins, and a browser without scripts for the consent."""

import os
import re
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml

from syncline.cli.main import call
from syncline.store.sealing import new_key
from syncline.testing.sandboxes import RunningSandbox
from tests.contract.salesforce_consent import ConsentPage
from tests.scenario.pair import EVERY, SECONDS, Ended, SyncProcess

URL = re.compile(r"^\s*(https?://\S+)\n", re.MULTILINE)
APP = ("client_id", "client_secret")


def visit(url: str) -> ConsentPage:
    """What a browser shows at the address of a consent; a hash route leads where the page's script goes."""
    parts = urlsplit(url)
    if parts.fragment.startswith("/oauth/authorize?"):
        page = httpx2.get(f"{parts.scheme}://{parts.netloc}/")
        (plain,) = re.findall(r'data-plain="([^"]+)"', page.text)
        url = f"{parts.scheme}://{parts.netloc}{plain}?{parts.fragment.partition('?')[2]}"
    return ConsentPage(httpx2.get(url))


def allow(url: str) -> httpx2.Response:
    """A person allows; the answer of the place they are sent back to."""
    return back(visit(url).press("allow"))


def deny(url: str) -> httpx2.Response:
    """A person refuses."""
    return back(visit(url).press("deny"))


def back(reply: httpx2.Response) -> httpx2.Response:
    """Follow the way back to the app."""
    assert reply.status_code == 302, reply.text
    return httpx2.get(reply.headers["location"])


class Browser(webbrowser.BaseBrowser):
    """What `--open` opens: a person at the address."""

    def __init__(self, person: Callable[[str], object]) -> None:
        super().__init__("person")
        self._person = person

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self._person(url)
        return True


@dataclass
class Consenting:
    """A settings file with connections that need a consent, and the commands that ask for it."""

    folder: Path
    database: str
    sandboxes: Mapping[str, RunningSandbox]
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        environ = {"DATABASE": self.database, "SYNCLINE_KEY": new_key(), "XDG_STATE_HOME": str(self.folder)}
        for system, sandbox in self.sandboxes.items():
            environ |= {f"{system}_{name}".upper(): str(sandbox.credentials[name]) for name in APP}
        for name, value in environ.items():
            self.patch.setenv(name, value)
        self.write_settings()

    @property
    def file(self) -> Path:
        return self.folder / "syncline.yaml"

    def write_settings(self, **more: Any) -> None:
        connections = {
            system: {
                "system": system,
                "base_url": sandbox.base_url,
                "sign_in": "oauth",
                "credentials": {name: "env:" + f"{system}_{name}".upper() for name in APP},
                "options": dict(self.options.get(system, {})),
            }
            for system, sandbox in self.sandboxes.items()
        }
        document = {"version": 1, "database": "env:DATABASE", "connections": connections, **more}
        self.file.write_text(yaml.safe_dump(document))

    def start(self, *arguments: str) -> SyncProcess:
        """Start a command in a process of its own."""
        folder = self.folder / f"process-{next(self._numbers)}"
        folder.mkdir()
        return SyncProcess([*arguments, *self._frame], os.environ, folder)

    def end(self, process: SyncProcess) -> Ended:
        """Wait for the end of a command, and remember all that it said."""
        return self._kept(process.end())

    def ask(self, *arguments: str) -> Ended:
        """A command, carried out in this process."""
        self.capsys.readouterr()
        code = call([*arguments, *self._frame])
        shown = self.capsys.readouterr()
        return self._kept(Ended(code, shown.out, shown.err))

    def consent(
        self,
        name: str,
        person: Callable[[str], object] = allow,
        verb: str = "authorize",
        timeout: float = 20,
    ) -> Ended:
        """Let a person meet the address that the command opens."""
        webbrowser.register("person", None, Browser(person), preferred=True)
        return self.ask("connection", verb, name, "--open", "--timeout", str(timeout))

    def pasted(self, name: str, person: Callable[[str], str], verb: str = "authorize") -> Ended:
        """Let a person meet the printed address in a browser elsewhere, and type what they bring back."""
        folder = self.folder / f"process-{next(self._numbers)}"
        folder.mkdir()
        command = [sys.executable, "-m", "syncline", "connection", verb, name, *self._frame]
        with (folder / "said.txt").open("w+") as said:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
            )
            deadline = time.monotonic() + SECONDS
            while "Then paste" not in (told := (folder / "said.txt").read_text()):
                assert process.poll() is None, told
                assert time.monotonic() < deadline
                threading.Event().wait(EVERY)
            output, _ = process.communicate(person(URL.findall(told)[0]) + "\n", timeout=SECONDS)
            said.seek(0)
            return self._kept(Ended(process.returncode, output, said.read()))

    @property
    def key(self) -> str:
        """The key of the stored tokens."""
        return os.environ["SYNCLINE_KEY"]

    @property
    def _frame(self) -> list[str]:
        return ["--json", "--settings", str(self.file)]

    def _kept(self, ended: Ended) -> Ended:
        self.said += [ended.output, ended.said]
        return ended

    def connect(self, name: str) -> dict[str, Any]:
        """A connection whose user has consented."""
        ended = self.consent(name)
        assert ended.code == 0, (ended.output, ended.said)
        found: dict[str, Any] = ended.document
        return found

    def state(self, name: str) -> dict[str, Any]:
        """What `connection list` tells of a token."""
        rows = self.ask("connection", "list").document["connections"]
        found: dict[str, Any] = next(row["token"] for row in rows if row["name"] == name)
        return found

    def asked(self, system: str) -> int:
        """How often a stand-in was asked for a token."""
        counts = self.sandboxes[system].control("GET", "/requests")
        return sum(number for route, number in counts.items() if route.endswith("/token"))
