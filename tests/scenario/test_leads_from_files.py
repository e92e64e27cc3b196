"""Leads that somebody puts into a folder become accounts in Apollo."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncline.testing.sandboxes import RunningSandbox, start_sandbox
from tests.scenario.program import Program

EXPORT = "Lead Name,Lead Domain,Industry,Stage,ICP Fit,First Name,Owner\n"
FIELDS = [
    {"left": "name", "right": "name", "direction": "to_right"},
    {"left": "primary_domain", "right": "domain", "direction": "to_right"},
    {"left": "owner_id", "right": "owner_id", "direction": "to_right"},
]


@pytest.fixture(scope="module")
def apollo() -> Iterator[RunningSandbox]:
    with start_sandbox("apollo", dataset="empty") as running:
        yield running


@pytest.fixture
def program(
    apollo: RunningSandbox,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Program:
    monkeypatch.setenv("APOLLO_API_KEY", str(apollo.credentials["api_key"]))
    (tmp_path / "leads").mkdir()
    made = Program(tmp_path, {"apollo": apollo}, capsys, monkeypatch)
    made.write(
        {
            "version": 1,
            "database": f"sqlite:///{tmp_path}/syncline.sqlite3",
            "connections": {
                "leads": {"system": "files", "options": {"path": str(tmp_path / "leads")}},
                "apollo": {
                    "system": "apollo",
                    "base_url": apollo.base_url,
                    "credentials": {"api_key": "env:APOLLO_API_KEY"},
                },
            },
            "syncs": {
                "leads": {
                    "left": "leads",
                    "right": "apollo",
                    "first_run_needs_approval": False,
                    "kinds": {
                        "account": {
                            "match": {"keys": ["domain"]},
                            "create_left": {"enabled": False},
                            "update_left": False,
                            "pairs": [{"left": "lead", "right": "account", "fields": FIELDS}],
                        }
                    },
                }
            },
        }
    )
    return made


@pytest.mark.proves("Q7")
def test_leads_of_a_watched_folder_become_accounts_once(program: Program) -> None:
    folder = program.folder / "leads"
    rows = [
        "Acme,acme.example,Tools,target,strong,Ann,",
        "Acme,acme.example,Tools,target,strong,Bob,",
    ]
    (folder / "1.csv").write_text(EXPORT + "\n".join([*rows, "No domain,,Tools,target,strong,,", ""]))
    assert program.type("connection", "test", "leads").code == 0
    assert "account_brief" not in program.type("fields", "leads", "account").out
    first = program.ask("run")
    assert first.code == 0, first
    assert first.json["results"]["created"] == 1
    assert "no-key" in first.err
    assert "1.csv, line 4" in first.err

    (folder / "2.csv").write_text(EXPORT + "Beta,beta.example,Tools,target,strong,,\n")
    second = program.ask("run")
    assert second.json["results"]["created"] == 1
    assert "1.csv, line 4" in second.err, "told until it is mended"
    third = program.ask("run")
    assert not any(third.json["results"].values())

    (folder / "1.csv").unlink()
    fourth = program.ask("run")
    assert not any(fourth.json["results"].values()), "a company that is gone from the files is no deletion"
