import json
from pathlib import Path

import pytest

from syncline.connectors.files.csvrows import MOST_LINES
from syncline.connectors.files.lines import LONGEST_LINE
from syncline.connectors.files.problems import MOST_NOTES
from syncline.core.errors import ConfigError, MissingSettingError
from tests.unit.lead_files import Read, over, written

HEAD = "name,domain,notes\n"
GOOD = "Before,before.example.com,x\n"
LAST = "After,after.example.com,y\n"
NEIGHBOURS = ["before.example.com", "after.example.com"]
EXPORT = (
    "Lead Name,Country Code,Country Name,Lead Domain,Industry,Stage,ICP Fit,Account Brief,Created,First Name,"
    "Last Name,Job Title,Phone Number,Email,Linkedin URL\n"
    'Acme,US,United States,acme.example.com,Tools,evaluation,strong,"One\ntwo, ""three""",2025-07-01,Ann,A,CEO,1,'
    "ann@acme.example.com,\n"
    "Beta,DE,Germany,beta.example.com,Tools,target,moderate,,2025-07-01,,,,,,\n"
    "Acme,US,United States,ACME.example.com,Tools,evaluation,strong,,2025-07-01,Bob,B,CFO,2,bob@acme.example.com,\n"
)


@pytest.mark.proves("Q7")
def test_the_export_of_customeros_needs_no_mapping_and_shows_a_company_once(tmp_path: Path) -> None:
    connector = over(written(tmp_path, EXPORT))
    fields = list(connector.describe("lead").fields)
    read = Read(connector, fields=fields)
    assert read.ids == ["acme.example.com", "beta.example.com"]
    assert read.notes == []
    assert read.pages[-1].complete
    acme = read.records[0].values
    assert (acme["name"], acme["stage"], acme["icp_fit"]) == ("Acme", "evaluation", "strong")
    assert (acme["country"], acme["country_code"]) == ("United States", "US")
    assert acme["account_brief"] == 'One\ntwo, "three"'
    assert (acme["contact_first_name"], acme["contact_email"]) == ("Ann", "ann@acme.example.com")
    assert acme["type"] == "company"
    assert acme.keys().isdisjoint({"owner_id", "owner_email", "website"})


def test_further_rows_of_a_company_are_listed_on_request(tmp_path: Path) -> None:
    read = Read(over(written(tmp_path, EXPORT), duplicates="list"))
    assert read.told == [("duplicate", "leads.csv, line 5")]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("\ufeffname,domain\nCafé Zürich,zuerich.example.com\n".encode(), "Café Zürich"),
        ("name,domain\nCafé Zürich,zuerich.example.com\n".encode("utf-16"), "Café Zürich"),
        (b"\xfe\xff" + "name,domain\nCafé Zürich,zuerich.example.com\n".encode("utf-16-be"), "Café Zürich"),
        ("name,domain\nCafé Zürich,zuerich.example.com\n".encode("utf-32"), "Café Zürich"),
        ("name\tdomain\r\n東京 商事\tzuerich.example.com\r\n".encode(), "東京 商事"),
        (b'name;domain\n"A; B";zuerich.example.com\n', "A; B"),
        (b'"name"|"domain"\nA|zuerich.example.com\n', "A"),
    ],
    ids=["BOM", "UTF-16 LE", "UTF-16 BE", "UTF-32", "tabs", "semicolons", "pipes"],
)
def test_marks_encodings_and_delimiters_are_recognised(tmp_path: Path, content: bytes, name: str) -> None:
    read = Read(over(written(tmp_path, content)))
    assert (read.ids, read.values("name"), read.notes) == (["zuerich.example.com"], [name], [])


def test_lines_that_are_not_utf_8_are_read_by_the_setting_and_told(tmp_path: Path) -> None:
    rows = [
        b"name,domain\n",
        "Żółć,one.example.com\n".encode(),
        "Müller,two.example.com\n".encode("cp1252"),
        "Größe,three.example.com\n".encode("cp1252"),
    ]
    read = Read(over(written(tmp_path, b"".join(rows))))
    assert read.values("name") == ["Żółć", "Müller", "Größe"]
    assert read.told == [("encoding", "leads.csv, line 3")]
    assert "cp1252" in read.notes[0].message
    other = "name,domain\nŁódź,four.example.com\n".encode("cp1250")
    assert Read(over(written(tmp_path, other), encoding="cp1250")).values("name") == ["Łódź"]
    wide = "name,domain\nŁódź,four.example.com\n".encode("utf-16-le")
    assert Read(over(written(tmp_path, wide), encoding="utf-16-le")).values("name") == ["Łódź"]


@pytest.mark.parametrize(
    ("bad", "code", "words"),
    [
        (b"Nul,nul\x00.example.com,z\n", "characters", "NUL"),
        (b"Lost \x81,lost.example.com,z\n", "characters", "no character"),
        (b"Short,short.example.com\n", "row", "2 values under 3 headings"),
        (b"Long,long.example.com,a,b\n", "row", "4 values under 3 headings"),
        (b'Open,"open.example.com,z\n', "row", "not closed"),
        (b'Behind,"behind.example.com"x,z\n', "row", "behind a closing quotation mark"),
        (b"Huge,huge.example.com," + b"h" * 200_000 + b"\n", "row", "longer than"),
        (b"Line,line.example.com," + b"h" * LONGEST_LINE + b"\n", "row", "longer than"),
        (b"None,,z\n", "no-key", "no usable primary_domain"),
        (b"Blank,  ,z\n", "no-key", "no usable primary_domain"),
        (b"Word,n/a,z\n", "no-key", "no usable primary_domain"),
        (b"Key," + b"k" * 300 + b".example.com,z\n", "no-key", "longer than 255"),
    ],
)
def test_a_bad_row_is_named_and_its_neighbours_are_read(
    tmp_path: Path, bad: bytes, code: str, words: str
) -> None:
    read = Read(over(written(tmp_path, HEAD.encode() + GOOD.encode() + bad + LAST.encode())))
    assert read.ids == NEIGHBOURS
    (note,) = [note for note in read.notes if note.code != "encoding"]
    assert (note.code, note.place) == (code, "leads.csv, line 3")
    assert words in note.message
    assert not read.pages[-1].complete


def test_an_open_quotation_mark_hides_no_row_however_far_the_end_is(tmp_path: Path) -> None:
    many = "".join(f"Company {n},c{n}.example.com,z\n" for n in range(MOST_LINES + 5))
    read = Read(over(written(tmp_path, HEAD + '"Open,open.example.com,z\n' + many)))
    assert len(read.ids) == MOST_LINES + 5
    assert read.told == [("row", "leads.csv, line 2")]


def test_a_value_of_several_lines_keeps_the_line_numbers_right(tmp_path: Path) -> None:
    read = Read(over(written(tmp_path, HEAD + 'A,a.example.com,"1\n2\n3"\n\nshort\n' + LAST)))
    assert read.values("notes") == ["1\n2\n3", "y"]
    assert read.told == [("row", "leads.csv, line 6")]


def test_many_bad_rows_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    read = Read(over(written(tmp_path, HEAD + "x\n" * 1000 + LAST)))
    assert len(read.notes) == MOST_NOTES + 1
    assert f"{1000 - MOST_NOTES} more" in read.notes[-1].message


@pytest.mark.parametrize(
    ("content", "words", "error"),
    [
        ("", "empty", ConfigError),
        ("\n\n", "empty", ConfigError),
        ("name,phone\nA,1\n", "no column holds primary_domain; the headings are 'name', 'phone'", MissingSettingError),
        ("domain,Domain,name\na.example.com,b.example.com,A\n", "'domain' and 'Domain' both stand for", ConfigError),
        ("lead domain,domain\na,b\n", "both stand for primary_domain", ConfigError),
        ('name,"domain\nA,a.example.com\n', "headings in line 1", ConfigError),
        (f"domain,{'h' * 200}\na.example.com,1\n", "longer than 80", ConfigError),
        ("domain" + ",x" * 400_000 + "\n", "400,001 columns", ConfigError),
        ("n\0a\0m\0e\0,\0d\0o\0m\0a\0i\0n\0\n\0", "utf-16", ConfigError),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_its_name(
    tmp_path: Path, content: str, words: str, error: type[ConfigError]
) -> None:
    connector = over(written(tmp_path, content))
    for use in (connector.check, lambda: connector.describe("lead"), lambda: Read(connector)):
        with pytest.raises(error) as caught:
            use()
        assert caught.value.message.startswith("leads.csv: ")
        assert words in caught.value.message
        assert caught.value.cure


def test_a_blank_heading_is_told_and_its_column_left_out(tmp_path: Path) -> None:
    read = Read(over(written(tmp_path, "name,domain,,\nA,a.example.com,1,2\n")), fields=["name", ""])
    assert read.records[0].values == {"name": "A"}
    assert read.told == [("heading", "leads.csv, line 1")]


def test_a_key_of_several_columns_and_a_mapping_of_columns(tmp_path: Path) -> None:
    text = "Firma,Stadt,Web\nMüller,Bonn,mueller.example.com\nMüller,Köln,\n,,x\n"
    options = {
        "columns": "Firma = name; Web=primary_domain",
        "key": "Firma; Stadt",
        "constants": "type = company",
    }
    read = Read(over(written(tmp_path, text), **options), fields=["name", "primary_domain", "type", "stadt"])
    assert read.ids == ["Müller | Bonn", "Müller | Köln"]
    assert read.records[0].values == {
        "name": "Müller",
        "primary_domain": "mueller.example.com",
        "type": "company",
        "stadt": "Bonn",
    }
    assert read.told == [("no-key", "leads.csv, line 4")]


def test_two_pages_of_a_social_network_are_two_companies(tmp_path: Path) -> None:
    text = "domain\nHTTPS://www.Example.com/\nexample.com\nsocial.example/a\nsocial.example/b\n203.0.113.7\nbücher.example\n"
    read = Read(over(written(tmp_path, text)))
    assert read.ids == [
        "example.com",
        "social.example/a",
        "social.example/b",
        "203.0.113.7",
        "xn--bcher-kva.example",
    ]
    assert read.values("primary_domain")[0] == "HTTPS://www.Example.com/"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "no JSON"),
        ("[1, 2]", "no JSON object"),
        ('"text"', "no JSON object"),
        ('{"domain": "n.example.com", "size": NaN}', "NaN is no number"),
        ('{"domain": "n.example.com", "size": -Infinity}', "-Infinity is no number"),
        ('{"domain": "n.example.com", "size": 1e999}', "too large"),
        ('{"domain": "n.example.com", "size": ' + "9" * 5000 + "}", "too long"),
        ('{"domain": "n.example.com", "size": ' + "[" * 100_000, "nested too deeply"),
        ('{"domain": "n.example.com", "notes": "\\u0000"}', "NUL"),
        ('{"domain": "n.example.com", "notes": "\\ud800"}', "no character"),
        ('{"domain": "n.example.com", "Domain": "m.example.com"}', "both stand for"),
        ('{"name": "no domain"}', "no usable primary_domain"),
        ('{"domain": null}', "no usable primary_domain"),
        ('{"domain": ["a.example.com"]}', "no usable primary_domain"),
        ('{"domain": "' + "x" * LONGEST_LINE, "longer than"),
    ],
    ids=lambda value: value[:40],
)
def test_a_bad_line_of_json_is_named_and_its_neighbours_are_read(
    tmp_path: Path, bad: str, words: str
) -> None:
    good = [json.dumps({"domain": domain}) for domain in NEIGHBOURS]
    read = Read(over(written(tmp_path, f"{good[0]}\n\n{bad}\n{good[1]}\n", "leads.jsonl")))
    assert read.ids == NEIGHBOURS
    (note,) = read.notes
    assert note.place == "leads.jsonl, line 3"
    assert words in note.message


def test_values_of_json_keep_their_types_and_nested_ones_become_text(tmp_path: Path) -> None:
    row = {
        "domain": "a.example.com",
        "size": 12,
        "stage": True,
        "notes": {"a": ["ü"]},
        "name": None,
        "icp_fit": 10**30,
    }
    read = Read(over(written(tmp_path, json.dumps(row) + "\n", "leads.jsonl")))
    values = read.records[0].values
    assert (values["size"], values["stage"], values["name"]) == (12, True, None)
    assert values["notes"] == '{"a": ["ü"]}'
    assert values["icp_fit"] == str(10**30)


def test_lines_of_json_may_spell_a_name_differently(tmp_path: Path) -> None:
    rows = [{"Domain": "a.example.com", "notes": 1}, {"domain": "b.example.com", "Hobby": 2}]
    both = {"domain": "c.example.com", "Domain": "d.example.com", "never": 3}
    path = written(tmp_path, "".join(json.dumps(row) + "\n" for row in [*rows, both]), "leads.jsonl")
    connector = over(path)
    assert {"notes", "hobby"} <= connector.describe("lead").fields.keys()
    assert "never" not in connector.describe("lead").fields
    assert Read(connector).ids == ["a.example.com", "b.example.com"]


def test_owners_are_users_by_their_address(tmp_path: Path) -> None:
    owners = {"a": "Ada@Example.com", "b": "ada@example.com", "c": "", "d": "Bo"}
    text = "domain,Owner\n" + "".join(f"{name}.example.com,{owner}\n" for name, owner in owners.items())
    connector = over(written(tmp_path, text))
    assert Read(connector).values("owner_id") == ["ada@example.com", "ada@example.com", None, "bo"]
    users = Read(connector, fields=["email", "name", "active"], object_type="user")
    assert [(u.ref.remote_id, u.values["email"]) for u in users.records] == [
        ("ada@example.com", "ada@example.com"),
        ("bo", None),
    ]
    (found,) = connector.fetch("user", ["bo", "nobody"], ["name"])
    assert (found.ref, found.values) == (users.records[1].ref, {"name": "bo"})


@pytest.mark.filterwarnings("error")
def test_a_wide_file_can_be_left_in_the_middle(tmp_path: Path) -> None:
    path = written(tmp_path, ("name,domain\n" + "A,a.example.com\n" * 9).encode("utf-16"))
    connector = over(path, page_size=1)
    assert connector.describe("lead").fields["name"].label == "Name"
    pages = connector.changes("lead", None, ["name"])
    assert next(pages).records
    pages.close()  # type: ignore[attr-defined]
    assert connector.fetch("lead", ["a.example.com"], ["name"])[0].values == {"name": "A"}


def test_an_open_quotation_mark_that_another_one_closes_hides_no_row(tmp_path: Path) -> None:
    text = HEAD + 'Open,"open.example.com,z\n' + GOOD + 'Close",close.example.com,z,w\n' + LAST
    read = Read(over(written(tmp_path, text)))
    assert read.ids == NEIGHBOURS
    assert [place for _, place in read.told] == ["leads.csv, line 2", "leads.csv, line 4"]
