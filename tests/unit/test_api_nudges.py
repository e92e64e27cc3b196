"""Nudges over HTTP, asked well and asked badly (U1)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.core import NotSet

from syncline.config import load
from syncline.config.secret import resolve_serve_token
from syncline.core.errors import SecretError
from syncline.service.serving import Serving
from syncline.store.database import close_store, open_store
from syncline.store.nudge_tables import Nudge
from tests.unit.asked import TOKEN, ask, serving
from tests.unit.nudged import two_syncs, waiting

GOOD = {"connection": "apollo", "records": ["contact/1", "account/2"]}
ASK = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A process that serves two syncs of one Apollo workspace."""
    folder = tmp_path_factory.mktemp("served")
    open_store(f"sqlite:///{folder}/store.sqlite3")
    yield serving(folder, document=two_syncs(most=5))
    close_store()


@pytest.fixture
def asked(served: Serving) -> Serving:
    """The same, and nothing waits."""
    Nudge.objects.all().delete()
    return served


def post(asked: Serving, body: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(asked, "POST", "/api/nudges", content=content, headers=ASK if headers is None else headers)


def refused(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "cure"}
    assert "Traceback" not in answer.text
    return answer.status_code, told["code"], told["message"]


@pytest.mark.proves("U1")
def test_records_are_noted_and_the_same_call_again_changes_nothing(asked: Serving) -> None:
    first = post(asked, GOOD)
    assert (first.status_code, first.json()) == (
        202,
        {"noted": 2, "waited_already": 0, "syncs": ["crm", "firms"]},
    )
    again = post(asked, GOOD)
    assert (again.status_code, again.json()["waited_already"]) == (202, 3)
    assert {(row.sync, row.object_type, row.remote_id, row.asked_by) for row in waiting()} == {
        ("crm", "contact", "1", "the API"),
        ("crm", "account", "2", "the API"),
        ("firms", "account", "2", "the API"),
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN} {TOKEN}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer \u00e9\u00fc"},
    ],
)
def test_without_the_token_nothing_is_told_of_what_there_is(headers: dict[str, str], asked: Serving) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    for body in (GOOD, {"connection": "nobody", "records": ["x/1"]}, b"{", b""):
        answer = post(asked, body, raw)  # type: ignore[arg-type]  # bytes carry what text of a header may not
        assert refused(answer)[:2] == (401, "http-unauthorised")
        assert "apollo" not in answer.text
    assert not waiting()


def test_where_no_token_is_set_nobody_may_ask(asked: Serving) -> None:
    closed = replace(asked, token="")
    for headers in ({}, ASK, {"Authorization": "Bearer "}):
        assert refused(post(closed, GOOD, headers))[:2] == (403, "http-forbidden")
    assert not waiting()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "body"),
        (b"{", 400, "understood"),
        (b"\xff\xfe", 400, "understood"),
        (b"[" * 100_000, 400, "understood"),
        ([], 422, ""),
        (None, 422, ""),
        ({}, 422, "connection"),
        ({**GOOD, "records": []}, 422, "records"),
        ({**GOOD, "records": "contact/1"}, 422, "records"),
        ({**GOOD, "records": [1]}, 422, "records"),
        ({**GOOD, "records": [None]}, 422, "records"),
        ({**GOOD, "records": ["contact/1"] * 1_001}, 422, "records"),
        ({**GOOD, "records": ["contact/" + "1" * 400]}, 422, "records"),
        ({**GOOD, "records": ["contact"]}, 422, "names no record"),
        ({**GOOD, "records": ["contact/1", "contact/\x00"]}, 422, "names no record"),
        ({**GOOD, "records": ["contact/\ud800"]}, 422, "records"),
        ({**GOOD, "records": ["contact/1", "user/1"]}, 422, "No sync works on 'user'"),
        ({**GOOD, "connection": "x" * 41}, 422, "connection"),
        ({**GOOD, "connection": 7}, 422, "connection"),
        ({**GOOD, "more": 1}, 422, "more"),
        ({**GOOD, "connection": "hubspot"}, 404, "There is no connection 'hubspot'"),
        ({**GOOD, "connection": "'; --"}, 404, "There is no connection"),
        ({**GOOD, "records": [f"contact/{n}" for n in range(6)]}, 429, "no more than 5 may"),
    ],
)
def test_what_cannot_be_noted_is_refused_whole(body: Any, status: int, words: str, asked: Serving) -> None:
    found = refused(post(asked, body))
    assert (found[0], words in found[2]) == (status, True), found
    assert not waiting()


def test_other_methods_are_not_taken(asked: Serving) -> None:
    assert refused(ask(asked, "GET", "/api/nudges", headers=ASK))[0] == 405


@pytest.mark.parametrize("token", ["x" * 31, " "])
def test_a_token_that_could_be_guessed_is_refused(token: str, tmp_path: Path) -> None:
    file = tmp_path / "serve.yaml"
    file.write_text("version: 1\nserve:\n  token: env:ASKING\n")
    with pytest.raises(SecretError, match="ASKING") as refusal:
        resolve_serve_token(load(file), {"ASKING": token})
    assert token.strip() == "" or token not in refusal.value.message
    assert resolve_serve_token(load(file), {"ASKING": "x" * 32}) == "x" * 32


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_invented_calls_are_answered_as_the_description_says(mode: GenerationMode, asked: Serving) -> None:
    described = ask(asked, "GET", "/api/openapi.json").json()
    operation = schemathesis.openapi.from_dict(described)["/api/nudges"]["POST"]
    statuses: set[int] = set()

    @seed(1)
    @settings(
        max_examples=25, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        answer = post(asked, b"" if isinstance(case.body, NotSet) else case.body)
        statuses.add(answer.status_code)
        assert answer.status_code < 500
        assert str(answer.status_code) in described["paths"]["/api/nudges"]["post"]["responses"]
        operation.validate_response(answer)

    call()
    assert statuses <= {202, 400, 404, 422}
    assert statuses
