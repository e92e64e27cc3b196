"""Who is who over two real servers: listed, set by hand, told in the journal, taken back (M7, Q5)."""

import getpass
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from syncline.testing.sandboxes import RunningSandbox
from tests.scenario.program import Program, Said, make_program, stand_ins


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, RunningSandbox]]:
    with stand_ins("60") as found:
        yield found


@pytest.fixture
def program(
    servers: Mapping[str, RunningSandbox],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Program:
    return make_program(tmp_path, servers, capsys, monkeypatch)


def listed(program: Program, *words: str) -> dict[str, Any]:
    said = program.ask("users", "list", *words)
    assert said.code == 0, said
    found: dict[str, Any] = said.json
    return found


def put(program: Program, system: str, object_type: str, **values: Any) -> str:
    """A person makes a record; its id."""
    done = program.stand_ins[system].control("POST", f"/records/{object_type}", values)
    return str(done.get("id") or done["Id"])


def company(program: Program, name: str, owner: str | None) -> None:
    put(program, "apollo", "accounts", name=name, domain=f"{name}.example", owner_id=owner)


def actions(said: Said, op: str) -> list[dict[str, Any]]:
    assert said.code == 0, said
    return [a for a in said.json["actions"] if a["op"] == op]


def owners(said: Said, names: list[str]) -> dict[str, dict[str, Any]]:
    """How the plan gives these new companies an owner."""
    found = {}
    for action in actions(said, "create"):
        fields = {f["field"]: f for f in action["fields"]}
        if "Name" in fields and fields["Name"]["after"] in names:
            found[fields["Name"]["after"]] = fields["OwnerId"]
    return found


@pytest.mark.proves("M7", "Q5")
def test_a_pair_set_by_hand_goes_before_e_mail_and_is_told_in_the_plan(program: Program) -> None:
    everybody = listed(program)
    assert {p["by"] for p in everybody["matched"]} == {"e-mail"}
    assert everybody["rests_on"]["left"]["read_now"]
    assert [u["active"] for u in everybody["inactive"]] == [False] * len(everybody["inactive"])
    both = [p for p in everybody["matched"] if p["left"]["active"] and p["right"]["active"]]
    left, other = both[0]["left"], both[1]["right"]

    done = program.ask("users", "set", left["email"].upper(), other["id"])
    assert (done.code, done.json["left"]["id"], done.json["new"]) == (0, left["id"], True)
    assert not program.ask("users", "set", left["id"], other["email"]).json["new"]
    calls = [s.control("GET", "/requests") for s in program.stand_ins.values()]
    (pair,) = [p for p in listed(program, "--offline")["matched"] if p["by"] == "hand"]
    assert (pair["right"]["id"], pair["set_by"]) == (other["id"], getpass.getuser())
    assert calls == [s.control("GET", "/requests") for s in program.stand_ins.values()]
    assert f"hand: {getpass.getuser()}" in program.type("users", "list").out

    company(program, "byhand", left["id"])
    owner = owners(program.ask("plan", "--all"), ["byhand"])["byhand"]
    assert owner["after"] == other["id"]
    assert owner["reason"] == f"{left['email']} is paired by hand by {getpass.getuser()}"

    assert program.ask("users", "unset", left["email"]).json == {"left": left["id"]}
    again = owners(program.ask("plan", "--all"), ["byhand"])["byhand"]
    assert (again["after"], again["reason"]) == (
        both[0]["right"]["id"],
        f"{left['email']} is matched by e-mail",
    )


@pytest.mark.proves("Q5")
def test_companies_that_nobody_owns_go_round(program: Program) -> None:
    pairs = listed(program)["matched"]
    pool = [p["right"] for p in pairs if p["right"]["active"]][:2]
    left = [p["right"] for p in pairs if not p["right"]["active"]][:1]
    names = [f"orphan{n}" for n in range(4)]
    program.write(program.settings(users={"pool_right": [u["email"] for u in (*left, *pool)]}))
    for name in names:
        company(program, name, None)
    shown = {u["id"] for u in listed(program)["pool"]["right"]}
    assert shown == {u["id"] for u in (*left, *pool)}
    planned = {name: owner["after"] for name, owner in owners(program.ask("plan", "--all"), names).items()}
    assert Counter(planned.values()) == {user["id"]: 2 for user in pool}
    assert program.ask("run", "--yes").code == 0
    rows = program.stand_ins["salesforce"].control("GET", "/records/Account")["records"]
    assert {r["Name"]: r["OwnerId"] for r in rows if r["Name"] in names} == planned
    (story,) = program.ask("explain", "orphan0.example", "OwnerId").json["stories"]
    (owner,) = story["fields"]
    assert (owner["state"], owner["last_rule"]) == ("settled: pool", "pool")
    who = next(u["email"] for u in pool if u["id"] == planned["orphan0"])
    assert owner["last_reason"] == f"nobody owns it; it is the turn of {who}"


@pytest.mark.proves("Q5")
@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("set", "nobody@example.com", "admin@org.example"), "record-unknown", "the left side"),
        (("set", "admin@org.example", "admin@org.example"), "record-unknown", "but of salesforce"),
        (("set", "twice@example.com", "admin@org.example"), "record-ambiguous", "several users of apollo"),
        (("unset", "nobody@example.com"), "record-unknown", "was set by hand"),
        (("set", "nobody@example.com"), "usage", "RIGHT"),
    ],
)
def test_a_name_that_is_nobodys_is_told(
    program: Program, words: tuple[str, ...], code: str, message: str
) -> None:
    for name in ("First", "Second"):
        put(program, "apollo", "users", name=name, email="twice@example.com")
    error = program.ask("users", *words).error
    assert error["code"] == code
    assert message in error["message"]
    groups = listed(program, "--offline")["ambiguous"]
    assert {g["email"] for g in groups} <= {"twice@example.com"}


@pytest.mark.proves("Q5")
@pytest.mark.parametrize(
    ("pool", "message"),
    [(["gone@example.com"], "names no active user of salesforce: gone@example.com"), (["a", "A "], "twice"),
     (["", "b"], "blank"), ("one@example.com", "should be a list")],
)  # fmt: skip
def test_a_pool_that_is_nobody_stops_the_run_before_it_writes(
    program: Program, pool: object, message: str
) -> None:
    program.write(program.settings(users={"pool_right": pool}))
    error = program.ask("run", "--yes").error
    assert error["code"].startswith("config")
    assert message in error["message"]


@pytest.mark.proves("Q5")
def test_a_pool_without_an_active_user_is_found_by_a_check(program: Program) -> None:
    left = next(u["id"] for u in listed(program)["inactive"] if u["side"] == "left")
    program.write(program.settings(users={"pool_left": [left], "pool_right": ["admin@org.example"]}))
    checked = program.ask("config", "check")
    (found,) = [f for f in checked.json["findings"] if f["level"] == "error"]
    assert (checked.code, found["code"]) == (1, "empty-pool")
    assert "pool_left" in found["place"]
    assert left in found["message"]
    assert program.ask("config", "check", "--offline").code == 0
