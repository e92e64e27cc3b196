"""Promises about values: what is shown is what the system has, in one form, with nothing made up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from syncline.connectors.base import Change, Connector
from syncline.core.model import MISSING, WITHHELD, ErrorClass, Kind, OutcomeStatus, Raw, Record, is_empty
from syncline.core.schema import Field, FieldType
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, applied, needs, needs_writes

SCRIPTS = ("Łukasz Żółć", "東京 太郎", "नमस्ते", "שלום", "cafe\u0301", 'O\'Neil & "Sons" <b>\\', "🚀 👩‍💻")
NASTY = ("nul\0inside", "bidi \u202eevil\u202c text", "x" * 300_000, "lone \ud800 half", "tab\tand\nline")
SAMPLES: Mapping[FieldType, Sequence[Raw]] = {
    FieldType.TEXT: ("  Blanks \u00a0around\t", "Two\r\nlines", "0", "ﬁt and Ⅷ", 12),
    FieldType.PHONE: (" (415) 555-0123 ", "4155550123", "+44 20 7946 0018 ext. 9", "1-800-EXAMPLE"),
    FieldType.URL: ("HTTPS://WWW.Example.COM/Path/?q=1#top", "example.com", " http://example.com "),
    FieldType.DOMAIN: ("HTTPS://www.Example.com/path", "sub.Example.COM."),
    FieldType.NUMBER: (7, 12.3456, "8", -0.5, 0),
    FieldType.MONEY: (1000, 12.345, "99.995", 0),
    FieldType.BOOLEAN: (True, False, "true", None),
    FieldType.DATE: ("2024-02-29", "2024-02-29T23:30:00+00:00"),
    FieldType.DATETIME: ("2024-02-29T12:00:00.987654+02:00", "2024-02-29T12:00:00Z"),
}


class ValuePromises(Promises):
    """Values, ids, times and versions."""

    def test_describe_names_the_fields_and_asks_the_system_once(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        schema = connector.describe(bench.object_type)
        assert schema.object_type == bench.object_type
        assert all(name == described.name for name, described in schema.fields.items())
        naming = {FieldType.TEXT} if schema.kind is Kind.DEAL else {FieldType.EMAIL, FieldType.DOMAIN}
        assert schema.fields[bench.email_field].type in naming
        before = dict(connector.calls_made())
        assert connector.describe(bench.object_type).fingerprint == schema.fingerprint
        assert dict(connector.calls_made()) == before

    def test_record_types_leave_described_options_and_are_asked_about_once(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        schema = connector.describe(bench.object_type)
        left = connector.options_by_record_type(bench.object_type)
        assert not left or schema.record_types is not None
        for key, by_field in left.items():
            assert schema.record_types is not None
            assert key in schema.record_types.names
            for name, values in by_field.items():
                described = schema.fields.get(name)
                assert described is None or values <= {option.value for option in described.options}
        before = dict(connector.calls_made())
        connector.options_by_record_type(bench.object_type)
        assert dict(connector.calls_made()) == before

    def test_values_have_plain_types_and_described_names(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        for shown in (record, self.show(bench, connector, record.ref.remote_id)):
            assert shown.values.keys() <= connector.describe(bench.object_type).fields.keys()
            assert not shown.withheld & shown.values.keys()
            assert all(plain(value) for value in shown.values.values())
            json.dumps(dict(shown.values), allow_nan=False)

    def test_the_fields_that_are_asked_for_come(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        wanted = [bench.text_field, bench.email_field]
        (shown,) = connector.fetch(bench.object_type, [record.ref.remote_id], wanted)
        for name in wanted:
            described = self.field(bench, connector, name)
            assert name in shown.values or name in shown.withheld or described.absent_is_empty

    def test_an_empty_field_is_empty_and_not_missing(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: None})
        shown = self.show(bench, connector, record.ref.remote_id)
        if bench.text_field in shown.values:
            assert is_empty(shown.values[bench.text_field])
        else:
            assert self.field(bench, connector, bench.text_field).absent_is_empty
            assert shown.get(bench.text_field) is not WITHHELD

    def test_a_placeholder_is_withheld_and_no_value(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        name = bench.withhold(record.ref.remote_id)
        needs(name, "placeholders (RemoteBench.withhold)")
        shown = self.show(bench, connector, record.ref.remote_id)
        listed = self.read(bench, connector).last[record.ref.remote_id]
        for each in (shown, listed):
            assert each.get(str(name)) is WITHHELD
            assert name not in each.values

    @pytest.mark.parametrize("text", SCRIPTS)
    def test_text_of_every_script_arrives_as_it_is(
        self, bench: RemoteBench, connector: Connector, text: str
    ) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: text})
        shown = self.show(bench, connector, record.ref.remote_id)
        assert shown.get(bench.text_field) == connector.stored_as(bench.object_type, bench.text_field, text)

    @pytest.mark.parametrize("text", ["  blanks around  ", "UPPER and lower", "0", "null", "two\nlines"])
    def test_stored_as_tells_what_is_kept_of_a_text(
        self, bench: RemoteBench, connector: Connector, text: str
    ) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: text})
        expected = connector.stored_as(bench.object_type, bench.text_field, text)
        assert record.get(bench.text_field) == expected
        assert connector.stored_as(bench.object_type, bench.text_field, expected) == expected

    def test_stored_as_tells_what_is_kept_of_an_email(self, bench: RemoteBench, connector: Connector) -> None:
        (draft,) = self.drafts(bench, 1)
        mixed = str(draft.values[bench.email_field]).title()
        (record,) = self.make(bench, connector, values={bench.email_field: mixed})
        expected = connector.stored_as(bench.object_type, bench.email_field, mixed)
        assert record.get(bench.email_field) == expected

    def test_stored_as_tells_what_is_kept_in_fields_of_every_type(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        fields = connector.describe(bench.object_type).fields.values()
        tried = [(field, value) for field in fields if field.updatable for value in samples(field)]
        made = self.make(bench, connector, len(tried))
        changes = [Change(r.ref.remote_id, {f.name: v}) for r, (f, v) in zip(made, tried, strict=True)]
        for (field, value), outcome in zip(tried, connector.update(bench.object_type, changes), strict=True):
            what = f"{field.name} ({field.type}) as {value!r}"
            if outcome.status is OutcomeStatus.REJECTED:
                assert outcome.failure is not None
                assert outcome.failure.error_class in {ErrorClass.VALIDATION, ErrorClass.DUPLICATE}, what
                continue
            expected = connector.stored_as(bench.object_type, field.name, value)
            shown = applied(outcome).get(field.name)
            assert shown == expected or (is_empty(expected) and shown in {MISSING, None}), (
                what,
                shown,
                expected,
            )

    @pytest.mark.parametrize("text", NASTY, ids=["nul", "bidi", "300 kB", "surrogate", "control"])
    def test_nasty_text_is_refused_or_kept_and_the_neighbours_go_on(
        self, bench: RemoteBench, connector: Connector, text: str
    ) -> None:
        needs_writes(self.able(bench, connector))
        before, after = self.drafts(bench, 2)
        (nasty,) = self.drafts(bench, 1, values={bench.text_field: text})
        first, middle, last = connector.create(bench.object_type, [before, nasty, after])
        applied(first)
        applied(last)
        if middle.status is OutcomeStatus.APPLIED:
            expected = connector.stored_as(bench.object_type, bench.text_field, text)
            assert applied(middle).get(bench.text_field) == expected
        else:
            assert middle.status is OutcomeStatus.REJECTED
            assert middle.failure is not None
            assert middle.failure.error_class is ErrorClass.VALIDATION

    @pytest.mark.parametrize(
        "address",
        ["Ada Lovelace <ada@example.com>", "no address", "a@b", "two@example.com, three@example.com"],
    )
    def test_what_is_no_email_address_is_refused_or_kept_as_told(
        self, bench: RemoteBench, connector: Connector, address: str
    ) -> None:
        needs_writes(self.able(bench, connector))
        (good,) = self.drafts(bench, 1)
        (bad,) = self.drafts(bench, 1, {bench.email_field: address})
        first, second = connector.create(bench.object_type, [bad, good])
        applied(second)
        if first.status is OutcomeStatus.APPLIED:
            expected = connector.stored_as(bench.object_type, bench.email_field, address)
            assert applied(first).get(bench.email_field) == expected
        else:
            assert first.failure is not None
            assert first.failure.error_class in {ErrorClass.VALIDATION, ErrorClass.DUPLICATE}

    @pytest.mark.parametrize("value", [True, 12345, 0.5, ["a", "b"]], ids=repr)
    def test_a_value_of_another_type_stops_no_neighbour(
        self, bench: RemoteBench, connector: Connector, value: Raw
    ) -> None:
        needs_writes(self.able(bench, connector))
        first, last = self.drafts(bench, 2)
        (odd,) = self.drafts(bench, 1, {bench.text_field: value})
        before, middle, after = connector.create(bench.object_type, [first, odd, last])
        applied(before)
        applied(after)
        if middle.status is not OutcomeStatus.APPLIED:
            assert middle.failure is not None
            assert middle.failure.error_class is ErrorClass.VALIDATION

    def test_an_id_has_one_form_everywhere(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        id_ = record.ref.remote_id
        assert id_ in self.read(bench, connector).last
        for spelling in (id_, *bench.other_spellings(id_)):
            assert self.show(bench, connector, spelling).ref == record.ref
            if not self.able(bench, connector).update_batch:
                continue
            outcome = self.change(
                bench, connector, spelling, values={bench.text_field: "found by any spelling"}
            )
            assert applied(outcome).ref == record.ref

    def test_times_are_aware_and_in_utc(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        shown = self.show(bench, connector, record.ref.remote_id)
        listed = self.read(bench, connector).last[record.ref.remote_id]
        for each in (record, shown, listed):
            for moment in (each.created_at, each.changed_at):
                assert moment is None or moment.utcoffset() == timedelta(0)

    def test_the_time_of_change_moves_with_a_change(self, bench: RemoteBench, connector: Connector) -> None:
        needs(self.able(bench, connector).time_of_change, "time_of_change")
        (record,) = self.make(bench, connector)
        before = self.show(bench, connector, record.ref.remote_id)
        bench.advance(5)
        bench.edit(record.ref.remote_id, {bench.text_field: "later"})
        after = self.show(bench, connector, record.ref.remote_id)
        assert before.changed_at is not None
        assert after.changed_at is not None
        assert after.changed_at > before.changed_at

    def test_the_version_moves_with_a_change(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        before = self.show(bench, connector, record.ref.remote_id)
        needs(before.version, "versions of records")
        bench.advance(5)
        bench.edit(record.ref.remote_id, {bench.text_field: "another version"})
        assert self.show(bench, connector, record.ref.remote_id).version != before.version


def samples(field: Field) -> Sequence[Raw]:
    """Values for a field that a system may well store in another form."""
    if field.type in {FieldType.PICKLIST, FieldType.MULTIPICKLIST}:
        options = [option.value for option in field.options if option.active]
        several: list[Raw] = [options[1::-1], options[:1]]
        return several if field.type is FieldType.MULTIPICKLIST else options[:2]
    if field.type is FieldType.TEXT and field.length:
        return (*SAMPLES[FieldType.TEXT], "é" * field.length)
    return SAMPLES.get(field.type, ())


def plain(value: Raw) -> bool:
    """Whether a value is one that `Record` may hold."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, (str, int, float, bool))


def same_values(left: Record, right: Record) -> bool:
    """Whether two looks at a record agree where both looked."""
    common = left.values.keys() & right.values.keys()
    return all(left.values[name] == right.values[name] for name in common)
