"""Leads that somebody puts into a folder become accounts in Apollo."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    made.write(settings(tmp_path, apollo))
    return made


def settings(folder: Path, apollo: RunningSandbox) -> dict[str, Any]:
    """A sync of a folder's leads with maps of its own."""
    return {
        "version": 1,
        "database": f"sqlite:///{folder}/syncline.sqlite3",
        "connections": {
            "leads": {"system": "files", "options": {"path": str(folder / "leads")}},
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


@pytest.mark.proves("Q7", "Q1")
def test_leads_from_files_have_to_qualify_like_all_others(program: Program, apollo: RunningSandbox) -> None:
    document = settings(program.folder, apollo)
    owner = next(u for u in apollo.control("GET", "/records/users")["records"] if not u.get("deleted"))
    document["syncs"]["leads"] = {
        "left": "leads", "right": "apollo", "preset": "files-apollo", "first_run_needs_approval": False,
        "kinds": {"account": {"settle": "0s"}},
    }  # fmt: skip
    program.write(document)
    good = f"Gamma,gamma.example,Tools,evaluation,strong,Ann,{owner['email']}"
    bad = {
        "stage": good.replace("evaluation", "education"),
        "icp fit": good.replace("strong", "not_a_fit"),
        "domain": good.replace("gamma.example", "linkedin.com"),
        "name": good.replace("Gamma", ""),
        "owner": good.removesuffix(owner["email"]) + "nobody@leads.example",
    }
    rows = [row.replace("gamma.example", f"gamma{n}.example") for n, row in enumerate(bad.values())]
    (program.folder / "leads" / "leads.csv").write_text(EXPORT + "\n".join([good, *rows, ""]))
    ran = program.ask("run")
    assert ran.json["results"]["created"] == 1, program.ask("explain", "gamma.example").out
    for number, rule in enumerate(bad):
        if rule != "domain":
            assert rule in program.ask("explain", f"gamma{number}.example").out
    names = {row["name"] for row in apollo.control("GET", "/records/accounts")["records"]}
    assert "Gamma" in names
