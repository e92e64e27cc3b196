"""What commands print: nothing a terminal obeys, and JSON alone where JSON is asked for."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from syncline.cli.holds import causes
from syncline.cli.output import LONG, Output, cell, counted, more, printable, value
from syncline.cli.progress import Reporter


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


def test_rows_are_written_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    written = []

    def rows() -> Iterator[dict[str, int]]:
        for number in range(3):
            yield {"row": number}
            written.append(capsys.readouterr().out)

    assert Output(as_json=True).document({"open": 3, "none": iter(()), "rows": rows(), "last": None})
    assert written[0].endswith('"rows": [{"row": 0}')
    assert json.loads("".join(written) + capsys.readouterr().out) == {
        "open": 3,
        "none": [],
        "rows": [{"row": 0}, {"row": 1}, {"row": 2}],
        "last": None,
    }
    Output(as_json=True).document({})
    assert capsys.readouterr().out == "{}\n"


def test_a_long_table_is_shown_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    out.table(["number"], ([n] for n in range(2 * LONG + 1)))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines.count("number") == 3
    assert [int(line) for line in lines if line != "number"] == [*range(2 * LONG + 1)]
    out.table(["nothing"], [])
    assert capsys.readouterr().out.strip() == "nothing"


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
    numbers = [("user", "no counterpart", 3)]
    numbers += [("duplicate", f"creating it found account/{n}", 1) for n in range(9)]
    told = causes(numbers)
    assert [(each["code"], each["holds"]) for each in told] == [("duplicate", 9), ("user", 3)]
    assert told[0]["cause"] == "creating it found account/0, and others like it"
