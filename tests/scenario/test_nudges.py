"""Somebody edits a record and another program says so: the other side has it, and nothing else was read (U1)."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest

from tests.scenario.pair import Pair, writes
from tests.scenario.people import addresses
from tests.scenario.served import Served, serving

TOKEN = "let-me-in-" * 4
LISTINGS = ("/search", "/updated", "/deleted", "/query", "/queryAll")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair in agreement that nothing reads by itself."""
    folder = tmp_path_factory.mktemp("nudged")
    with Pair(folder, f"sqlite:///{folder}/store.sqlite3", dataset="30") as pair:
        pair.environ["SYNCLINE_TOKEN"] = TOKEN
        pair.write_settings({**pair.settings(), "serve": {"token": "env:SYNCLINE_TOKEN"}})
        pair.run_until_quiet()
        ordinary = listed(pair, {"apollo": {}, "salesforce": {}})
        assert {name.split()[0] for name in ordinary} == {"apollo", "salesforce"}, ordinary
        assert pair.ask("schedule", "pause").code == 0
        yield pair


@pytest.fixture(scope="module")
def served(pair: Pair) -> Iterator[Served]:
    with serving(pair.file, pair.environ) as process:
        yield process


def linked(pair: Pair, number: int) -> tuple[str, str]:
    """The ids of a person on both sides."""
    left, right = addresses(pair, "apollo", "contacts"), addresses(pair, "salesforce", "Contact")
    both = sorted(email for email in left.keys() & right.keys() if len(left[email]) == len(right[email]) == 1)
    return left[both[number]][0], right[both[number]][0]


def listed(pair: Pair, before: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The calls since that list records, by system and route."""
    after = pair.requests()
    return {
        f"{system} {route}": count - before[system].get(route, 0)
        for system in after
        for route, count in after[system].items()
        if count > before[system].get(route, 0) and route.endswith(LISTINGS)
    }


def title(pair: Pair, contact: str) -> Any:
    return next(r for r in pair.records("salesforce", "Contact") if r["Id"] == contact)["Title"]


def post(served: Served, body: Any, token: str | None = TOKEN) -> httpx2.Response:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(
        f"{served.url}/api/nudges", content=content, headers=headers, timeout=20, trust_env=False
    )


@pytest.mark.proves("U1")
def test_an_edit_that_a_person_nudges_is_on_the_other_side_and_nothing_is_listed(pair: Pair) -> None:
    left, right = linked(pair, 0)
    other_left, other_right = linked(pair, 1)
    pair.put("apollo", "contacts", left, title="Countess")
    pair.put("apollo", "contacts", other_left, title="Not nudged")
    before = pair.requests()
    ended = pair.ask("nudge", "apollo", f"contact/{left}", "contact/nobody", "--now")
    assert ended.code == 0, (ended.output, ended.said)
    assert (ended.document["noted"], ended.document["syncs"]) == (2, ["crm"])
    assert ended.document["done"]["crm"]["unknown"] == 1
    assert "contact/nobody" in ended.said
    assert (title(pair, right), title(pair, other_right) == "Not nudged") == ("Countess", False)
    assert not listed(pair, before)
    assert len(writes(before, pair.requests())) == 1
    again = pair.ask("nudge", "apollo", f"contact/{left}", "--now")
    assert again.document["done"]["crm"]["records"] == 1
    newest = pair.ask("runs").document["runs"]
    assert newest[0]["results"]["updated"] == 1


@pytest.mark.proves("U1")
def test_nudges_wait_for_somebody_to_see_to_them_and_come_from_the_standard_input_too(pair: Pair) -> None:
    _, right = linked(pair, 2)
    ended = subprocess.run(
        [sys.executable, "-m", "syncline", "nudge", "salesforce", "-", "--settings", str(pair.file)],
        input=f"Contact/{right}\n\n Contact/{right} \n",
        env=pair.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "1 records of salesforce are noted for crm; 0 waited already." in ended.stdout
    assert "they wait for `syncline serve`" in ended.stdout
    wrong = pair.ask("nudge", "apollo", "Contact/1")
    assert (wrong.code, wrong.error["code"]) == (1, "config-name")
    assert "No sync works on 'Contact'" in wrong.error["message"]


@pytest.mark.proves("U1")
def test_a_nudge_over_http_of_either_side_is_synced_by_the_process_that_serves(
    pair: Pair, served: Served
) -> None:
    left, right = linked(pair, 3)
    pair.put("salesforce", "Contact", right, Title="Of Salesforce")
    pair.put("apollo", "contacts", left, first_name="Nudgèd")
    before = pair.requests()
    answer = post(served, {"connection": "apollo", "records": [f"contact/{left}"]})
    assert (answer.status_code, answer.json()) == (202, {"noted": 1, "waited_already": 0, "syncs": ["crm"]})
    served.until(lambda: first_name(pair, right) == "Nudgèd")
    assert not listed(pair, before)
    short = right[:15]
    assert post(served, {"connection": "salesforce", "records": [f"Contact/{short}"]}).status_code == 202
    served.until(lambda: not waits(pair))
    said = (served.folder / "said.txt").read_text()
    assert said.count("nudged records synced") >= 2
    assert not listed(pair, before)


def first_name(pair: Pair, contact: str) -> Any:
    return next(r for r in pair.records("salesforce", "Contact") if r["Id"] == contact)["FirstName"]


def waits(pair: Pair) -> int:
    """How many nudged records wait, as status tells."""
    count: int = pair.ask("status").document["nudged"]
    return count


@pytest.mark.proves("U1")
def test_who_does_not_show_the_token_or_sends_nonsense_nudges_nothing(pair: Pair, served: Served) -> None:
    good = {"connection": "apollo", "records": ["contact/1"]}
    for token in (None, "", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "a" * 10_000):
        refused = post(served, good, token)
        assert (refused.status_code, "apollo" in refused.text) == (401, False), token
    for body, status in (
        (b"{", 400),
        (b"\x00" * 1_000, 400),
        (b"[" * 200_000, 400),
        (b'{"connection": "apollo", "records": ["contact/' + b"1" * 999_999 + b'"]}', 413),
        ({"connection": "apollo", "records": ["contact/1"] * 1_001}, 422),
        ({"connection": "apollo", "records": ["nonsense/1"]}, 422),
        ({"connection": "nobody", "records": ["contact/1"]}, 404),
    ):
        answer = post(served, body)
        assert answer.status_code == status, (answer.status_code, answer.text[:200])
        assert set(answer.json()["error"]) == {"code", "message", "cure"}
    assert waits(pair) == 0
    said = (served.folder / "said.txt").read_text()
    assert TOKEN not in said
    assert "Traceback" not in said
