import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from syncline.connectors.files.connector import connect
from syncline.connectors.oauth import MemoryTokenStore
from syncline.core.errors import AccessError, ConfigError, MissingSettingError, UnavailableError
from syncline.testing.clock import ManualClock
from tests.unit.lead_files import Read, over, written

ROOT = Path(__file__).parents[2]
NEW, OLD = 2_000_000_000, 1_000_000_000


def dated(path: Path, seconds: int) -> Path:
    os.utime(path, (seconds, seconds))
    return path


def leads(*domains: str, name: str = "A") -> str:
    return "name,domain\n" + "".join(f"{name},{domain}\n" for domain in domains)


@pytest.mark.proves("Q7")
def test_of_a_company_in_several_files_the_one_written_last_counts(tmp_path: Path) -> None:
    dated(written(tmp_path, leads("a.example.com", "b.example.com", name="old"), "1.csv"), OLD)
    dated(written(tmp_path, leads("b.example.com", name="new"), "0.csv"), NEW)
    read = Read(over(tmp_path))
    assert dict(zip(read.ids, read.values("name"), strict=True)) == {
        "a.example.com": "old",
        "b.example.com": "new",
    }
    (tmp_path / "0.csv").unlink()
    after = Read(over(tmp_path), read.cursor)
    assert dict(zip(after.ids, after.values("name"), strict=True))["b.example.com"] == "old"
    assert not [record for record in after.records if record.deleted]


def test_a_newer_file_is_read_alone_and_a_changed_one_with_all_others(tmp_path: Path) -> None:
    dated(written(tmp_path, leads("a.example.com"), "1.csv"), OLD)
    first = Read(over(tmp_path))
    dated(written(tmp_path, leads("b.example.com"), "2.csv"), NEW)
    second = Read(over(tmp_path), first.cursor)
    assert second.ids == ["b.example.com"]
    assert Read(over(tmp_path), second.cursor).records == []
    dated(written(tmp_path, leads("c.example.com"), "0.csv"), OLD - 5)
    third = Read(over(tmp_path), second.cursor)
    assert sorted(third.ids) == ["a.example.com", "b.example.com", "c.example.com"]
    dated(tmp_path / "1.csv", NEW + 5)
    assert len(Read(over(tmp_path), third.cursor).ids) == 3, "what counts first has changed"


def test_a_file_that_was_only_touched_shows_nothing_again(tmp_path: Path) -> None:
    path = dated(written(tmp_path, leads("a.example.com")), OLD)
    first = Read(over(tmp_path))
    dated(path, OLD + 7)
    assert Read(over(tmp_path), first.cursor).records == []


def test_other_settings_show_everything_again(tmp_path: Path) -> None:
    written(tmp_path, leads("a.example.com"))
    first = Read(over(tmp_path))
    assert Read(over(tmp_path, constants="type = company"), first.cursor).ids == ["a.example.com"]
    assert Read(over(tmp_path, page_size=7), first.cursor).ids == []


def test_what_is_no_plain_file_is_named_and_never_opened(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    secret = written(tmp_path, leads("secret.example.com"), "secret.csv")
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    (folder / "sub.csv").mkdir()
    written(folder, leads("hidden.example.com"), ".hidden.csv")
    written(folder, "no table", "notes.txt")
    written(folder, leads("a.example.com"))
    read = Read(over(folder))
    assert read.ids == ["a.example.com"]
    assert read.told == [("link", "link.csv"), ("no-file", "pipe.csv")]
    with pytest.raises(ConfigError, match="neither a file nor a folder"):
        Read(over(folder / "pipe.csv"))


def test_a_folder_without_files_is_told_and_its_leads_stay(tmp_path: Path) -> None:
    path = written(tmp_path, leads("a.example.com"))
    first = Read(over(tmp_path))
    path.unlink()
    connector = over(tmp_path)
    assert {"name", "primary_domain", "stage"} <= connector.describe("lead").fields.keys()
    read = Read(connector, first.cursor)
    assert (read.records, read.told) == ([], [("no-files", str(tmp_path))])
    assert not Read(over(tmp_path)).pages[-1].complete


def test_a_file_that_cannot_be_used_stops_no_other_and_is_told_until_it_is_mended(tmp_path: Path) -> None:
    bad = dated(written(tmp_path, "name,phone\nA,1\n", "bad.csv"), OLD)
    dated(written(tmp_path, leads("a.example.com")), OLD)
    first = Read(over(tmp_path))
    assert (first.ids, first.told) == (["a.example.com"], [("key", "bad.csv")])
    again = Read(over(tmp_path), first.cursor)
    assert (again.ids, again.told) == ([], [("key", "bad.csv")])
    dated(written(tmp_path, leads("b.example.com"), bad.name), OLD + 60)
    mended = Read(over(tmp_path), again.cursor)
    assert "b.example.com" in mended.ids
    assert mended.told == []


def test_a_row_that_may_be_half_written_waits_for_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, "name,domain\nA,a.example.com\nB,b.example.co")
    first = Read(over(tmp_path))
    assert (first.ids, first.told) == (["a.example.com"], [("unfinished", "leads.csv, line 3")])
    with path.open("a") as stream:
        stream.write("m\n")
    second = Read(over(tmp_path), first.cursor)
    assert (second.ids, second.told) == (["a.example.com", "b.example.com"], [])


def test_a_half_written_row_is_remembered_however_many_others_are_bad(tmp_path: Path) -> None:
    path = written(tmp_path, "name,domain\n" + "bad\n" * 40 + "B,b.example.com")
    first = Read(over(tmp_path))
    assert first.ids == []
    dated(path, 0)
    assert Read(over(tmp_path), first.cursor).ids == ["b.example.com"]


def test_a_file_at_rest_needs_no_line_break_at_its_end(tmp_path: Path) -> None:
    dated(written(tmp_path, "name,domain\nA,a.example.com\nB,b.example.com"), 0)
    assert Read(over(tmp_path)).ids == ["a.example.com", "b.example.com"]


def test_a_file_that_grows_while_it_is_read_is_told_and_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, leads(*(f"c{n}.example.com" for n in range(20))))
    connector = over(path, page_size=5)
    pages = connector.changes("lead", None, ["name"])
    shown = list(next(pages).records)
    with path.open("a") as stream:
        stream.write("Z,z.example.com\n")
    rest = list(pages)
    shown += [record for page in rest for record in page.records]
    assert len({record.ref for record in shown}) == len(shown) == 21
    assert [note.code for note in rest[-1].notes] == ["changing"]
    after = Read(over(path), rest[-1].cursor)
    assert len(after.ids) == 21
    assert after.told == []


def test_a_read_goes_on_in_another_process_and_shows_no_company_twice(tmp_path: Path) -> None:
    dated(written(tmp_path, leads("a.example.com", "b.example.com", "c.example.com"), "1.csv"), NEW)
    dated(written(tmp_path, leads("c.example.com", "d.example.com", "short"), "2.csv"), OLD)
    whole = Read(over(tmp_path, page_size=2))
    first = next(over(tmp_path, page_size=2).changes("lead", None, ["name"]))
    rest = Read(over(tmp_path, page_size=2), first.cursor)
    assert [*(r.ref.remote_id for r in first.records), *rest.ids] == whole.ids
    assert len(whole.ids) == 4
    assert rest.told == whole.told == [("no-key", "2.csv, line 4")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"path": " "}, "lacks the option path"),
        ({"format": "xlsx"}, "format"),
        ({"delimiter": "||"}, "one character"),
        ({"delimiter": '"'}, "one character"),
        ({"encoding": "klingon"}, "klingon"),
        ({"encoding": "hex"}, "hex"),
        ({"columns": "Firma"}, "columns"),
        ({"columns": "A = name; A = website"}, "columns"),
        ({"constants": "= company"}, "constants"),
        ({"duplicates": "merge"}, "duplicates"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"settle": -1}, "settle"),
    ],
)
def test_senseless_options_are_refused(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        over(**{"path": tmp_path, **options})


def test_a_connection_without_a_path_says_so() -> None:
    with pytest.raises(MissingSettingError, match="path"):
        connect({"system": "files"}, ManualClock(), MemoryTokenStore())


def test_a_path_that_leads_nowhere_is_told_apart_from_one_that_is_closed(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="missing"):
        over(tmp_path / "missing.csv").check()
    with pytest.raises(ConfigError, match="format"):
        over(written(tmp_path, leads(), "leads.txt")).check()


def test_a_file_that_may_not_be_read_stops_no_other(tmp_path: Path) -> None:
    closed = written(tmp_path, leads("a.example.com"))
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(AccessError, match="may not be read"):
        over(closed).check()
    written(tmp_path, leads("b.example.com"), "open.csv")
    read = Read(over(tmp_path))
    assert (read.ids, read.told) == (["b.example.com"], [("unreadable", "leads.csv")])


def test_long_rows_are_held_a_few_at_a_time(tmp_path: Path) -> None:
    rows = [json.dumps({"domain": f"c{n}.example.com", "notes": "n" * 900_000}) + "\n" for n in range(20)]
    read = Read(over(written(tmp_path, "".join(rows), "leads.jsonl")))
    assert len(read.ids) == 20
    assert max(len(page.records) for page in read.pages) <= 5


MEASURE = """
import resource, sys
from pathlib import Path
from tests.unit.lead_files import over
connector = over(Path(sys.argv[1]))
count = 0
for page in connector.changes("lead", None, ["name", "primary_domain"]):
    if not count:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count += len(page.records)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_file_is_streamed(tmp_path: Path) -> None:
    """Eighty megabytes in forty thousand rows: memory grows by a small part of that."""
    path = tmp_path / "large.csv"
    brief = "b" * 2_000
    with path.open("w") as stream:
        stream.write("name,domain,account brief\n")
        stream.writelines(f"Company {n},c{n}.example.com,{brief}\n" for n in range(40_000))
    shown = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    count, kilobytes = map(int, shown.stdout.split())
    assert count == 40_000
    assert kilobytes < 12_000
