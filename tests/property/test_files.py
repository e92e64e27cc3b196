"""Whatever bytes are in a file of leads: good rows are shown, everything else is told, nothing else is raised."""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from syncline.connectors.files.rows import _PLAIN_DOMAIN
from syncline.core.errors import ConfigError
from syncline.core.normalise import normalise
from syncline.core.schema import FieldType
from tests.unit.lead_files import Read, over, written

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
JUNK = st.one_of(
    st.binary(max_size=200),
    st.text('a",;\n\r\t|{}[]:0\0', max_size=60).map(str.encode),
    st.text(max_size=60).map(lambda text: text.encode("utf-16", "surrogatepass")),
)


@given(junk=JUNK, form=st.sampled_from(["csv", "jsonl"]), headed=st.booleans())
def test_any_bytes_are_read_or_told(junk: bytes, form: str, headed: bool) -> None:
    with TemporaryDirectory() as folder:
        content = b"name,domain\n" + junk if headed else junk
        connector = over(written(Path(folder), content, f"leads.{form}"), settle=0)
        try:
            read = Read(connector)
        except ConfigError as error:
            refusal = error.message
        else:
            assert read.pages[-1].done
            half = {"changing", "unfinished"} & {code for code, _ in read.told}
            assert half or Read(connector, read.cursor).records == []
            shown = [dict(record.values) for record in read.records]
            assert json.dumps(shown, allow_nan=False, ensure_ascii=False).encode()
            return
        assert refusal.startswith("leads.")


@given(rows=st.lists(st.tuples(TEXT, TEXT), max_size=12))
def test_what_a_program_wrote_properly_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        table = [(name, f"c{number}.example.com", notes) for number, (name, notes) in enumerate(rows)]
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([("name", "domain", "notes"), *table])
        as_csv = Read(over(written(Path(folder), stream.getvalue())))
        lines = (json.dumps(dict(zip(("name", "domain", "notes"), row, strict=True))) + "\n" for row in table)
        as_json = Read(over(written(Path(folder), "".join(lines), "leads.jsonl")))
        for read in (as_csv, as_json):
            shown = [(r.values["name"], r.ref.remote_id, r.values["notes"]) for r in read.records]
            assert shown == table
            assert read.notes == []


@given(text=st.from_regex(_PLAIN_DOMAIN, fullmatch=True))
def test_a_plain_domain_is_in_its_one_form(text: str) -> None:
    assert normalise(FieldType.URL, text) == text
