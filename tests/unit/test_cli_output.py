"""What commands print: nothing a terminal obeys, and JSON alone where JSON is asked for."""

import io
import json
from datetime import UTC, datetime

import pytest

from syncline.cli.holds import causes
from syncline.cli.output import Output, cell, counted, more, printable, value
from syncline.cli.progress import Reporter
from syncline.store.models import Hold


@pytest.mark.parametrize("evil", ["\x1b[2J", "\u202e", "\x07", "\x00", "\u2066"])
def test_a_value_cannot_drive_the_terminal(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    out.say(f"a{evil}b")
    out.table(["x"], [[f"a{evil}b"]])
    shown = capsys.readouterr().out
    assert evil not in shown
    assert shown.count("\\u") == 2


def test_markup_in_a_value_is_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    out.say("[bold]x[/bold] :smile:")
    out.table(["[red]"], [["[/]"]])
    shown = capsys.readouterr().out
    assert "[bold]x[/bold] :smile:" in shown
    assert "[/]" in shown


def test_with_json_the_standard_output_holds_only_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=True)
    out.say("words")
    assert out.document({"at": datetime(2024, 3, 1, tzinfo=UTC), "name": "Zoë"})
    told = capsys.readouterr()
    assert json.loads(told.out) == {"at": "2024-03-01T00:00:00+00:00", "name": "Zoë"}
    assert told.err == "words\n"


def test_values_are_short_and_empty_ones_are_seen() -> None:
    assert value("") == value(None) == value([]) == "(empty)"
    assert value(0) == "0"
    assert value(["a", "b"]) == "a, b"
    assert len(cell("x" * 500)) == 100
    assert cell("two\nlines") == "two lines"
    assert printable("Zoë 北京") == "Zoë 北京"


def test_counts_leave_out_what_is_zero() -> None:
    assert counted({"created": 2, "updated": 0}) == "2 created"
    assert counted({"created": 0}) == "nothing"
    assert more(3, 5) == ["... and 2 more; --all shows them."]
    assert more(5, 5) == []


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    with Reporter(every=0.0) as reporter:
        reporter.report("reading apollo contact", 0, 400)
        reporter.report("reading apollo contact", 100, 400)
        reporter.report("planning persons", 0, None)
        reporter.report("planning persons", 500, None)
    first, second = shown.getvalue().splitlines()
    assert first.startswith("reading apollo contact: 100 of 400, about ")
    assert second == "planning persons: 500"


def test_quick_steps_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    with Reporter() as reporter:
        for done in range(100):
            reporter.report("reading", done, 100)
    assert shown.getvalue() == ""


def test_holds_of_one_code_with_many_causes_are_told_as_one() -> None:
    rows = [Hold(code="user", cause="no counterpart") for _ in range(3)]
    rows += [Hold(code="duplicate", cause=f"creating it found account/{n}") for n in range(9)]
    told = causes(rows)
    assert [(each["code"], each["holds"]) for each in told] == [("duplicate", 9), ("user", 3)]
    assert told[0]["cause"] == "creating it found account/0, and others like it"
