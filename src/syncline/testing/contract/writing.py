"""Promises about writes that are answered: one outcome each, in order, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncline.connectors.base import Change, Connector, Draft
from syncline.core.model import ErrorClass, OutcomeStatus, Raw, is_empty
from syncline.core.schema import Field, FieldType
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import (
    Promises,
    applied,
    broken,
    email_of,
    needs,
    refused,
)
from syncline.testing.contract.values import same_values

ALONE: Mapping[FieldType, Raw] = {
    FieldType.TEXT: "on its own",
    FieldType.PHONE: "+14155550123",
    FieldType.NUMBER: 7,
}


class WritingPromises(Promises):
    """Creates, updates and deletes."""

    def test_creates_are_answered_in_order(self, bench: RemoteBench, connector: Connector) -> None:
        drafts = self.drafts(bench, 3)
        outcomes = connector.create(bench.object_type, drafts)
        assert [email_of(bench, applied(o).values) for o in outcomes] == [
            email_of(bench, draft.values) for draft in drafts
        ]

    def test_more_drafts_than_a_batch_takes_are_split(self, bench: RemoteBench, connector: Connector) -> None:
        size = self.able(bench, connector).create_batch
        drafts = self.drafts(bench, size + 1)
        connector.describe(bench.object_type)
        before = sum(connector.calls_made().values())
        outcomes = connector.create(bench.object_type, drafts)
        calls = sum(connector.calls_made().values()) - before
        assert [email_of(bench, applied(o).values) for o in outcomes] == [
            email_of(bench, draft.values) for draft in drafts
        ]
        assert size <= 2 or calls < len(drafts)

    def test_more_changes_than_a_batch_takes_are_split_and_cost_what_was_said(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        made = self.make(bench, connector, self.able(bench, connector).update_batch + 1)
        changes = [
            Change(r.ref.remote_id, {bench.text_field: f"number {n}"}) for n, r in enumerate(reversed(made))
        ]
        said = connector.calls_for_update(bench.object_type, [frozenset(c.values) for c in changes])
        before = sum(connector.calls_made().values())
        outcomes = connector.update(bench.object_type, changes)
        calls = sum(connector.calls_made().values()) - before
        assert [applied(o).ref.remote_id for o in outcomes] == [c.remote_id for c in changes]
        assert [applied(o).get(bench.text_field) for o in outcomes] == [
            f"number {n}" for n in range(len(made))
        ]
        assert calls == said

    def test_a_field_outside_the_batches_costs_what_was_said(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        alone = next(filter(writable_alone, connector.describe(bench.object_type).fields.values()), None)
        needs(alone, "a text, phone or number field that is not batched")
        assert alone is not None
        made = self.make(bench, connector, 3)
        values: list[dict[str, Raw]] = [{bench.text_field: f"mixed {n}"} for n in range(3)]
        values[1][alone.name] = ALONE[alone.type]
        said = connector.calls_for_update(bench.object_type, [frozenset(v) for v in values])
        before = sum(connector.calls_made().values())
        changes = [Change(r.ref.remote_id, v) for r, v in zip(made, values, strict=True)]
        outcomes = connector.update(bench.object_type, changes)
        assert sum(connector.calls_made().values()) - before == said
        assert [applied(o).get(bench.text_field) for o in outcomes] == ["mixed 0", "mixed 1", "mixed 2"]
        assert not is_empty(self.show(bench, connector, made[1].ref.remote_id).get(alone.name))

    def test_what_a_create_answers_is_what_is_there(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: "as answered"})
        shown = self.show(bench, connector, record.ref.remote_id)
        assert record.get(bench.text_field) == "as answered"
        assert same_values(record, shown)

    def test_what_an_update_answers_is_what_is_there(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        answered = applied(
            self.change(bench, connector, record.ref.remote_id, values={bench.text_field: "new text"})
        )
        assert answered.get(bench.text_field) == "new text"
        assert same_values(answered, self.show(bench, connector, record.ref.remote_id))

    def test_fields_that_are_not_named_stay(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: "before"})
        (draft,) = self.drafts(bench, 1)
        before = self.show(bench, connector, record.ref.remote_id)
        applied(self.change(bench, connector, record.ref.remote_id, values={bench.text_field: "after"}))
        after = self.show(bench, connector, record.ref.remote_id)
        for name in draft.values.keys() - {bench.text_field}:
            assert after.get(name) == before.get(name)

    @pytest.mark.parametrize("empty", [None, ""])
    def test_an_empty_value_clears(self, bench: RemoteBench, connector: Connector, empty: Raw) -> None:
        (record,) = self.make(bench, connector, values={bench.text_field: "to be cleared"})
        applied(self.change(bench, connector, record.ref.remote_id, values={bench.text_field: empty}))
        shown = self.show(bench, connector, record.ref.remote_id)
        cleared = is_empty(shown.get(bench.text_field))
        assert cleared or self.field(bench, connector, bench.text_field).absent_is_empty

    def test_a_create_never_changes_a_record_that_exists(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (draft,) = self.drafts(bench, 1, values={bench.text_field: "the first"})
        (first,) = connector.create(bench.object_type, [draft])
        before = self.show(bench, connector, applied(first).ref.remote_id)
        twin = Draft("twin", {**draft.values, bench.text_field: "the second"})
        (second,) = connector.create(bench.object_type, [twin])
        assert same_values(before, self.show(bench, connector, before.ref.remote_id))
        if second.status is OutcomeStatus.APPLIED:
            assert applied(second).ref != before.ref
        elif second.status is OutcomeStatus.EXISTING:
            assert second.record is not None
            assert second.record.ref == before.ref
        else:
            assert second.failure is not None
            assert second.failure.error_class is ErrorClass.DUPLICATE
            assert second.failure.existing in {None, before.ref}

    def test_an_unknown_option_is_refused_and_the_neighbours_go_on(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(bench.picklist_field, "a restricted picklist")
        values: dict[str, Raw] = {str(bench.picklist_field): "no such option"}
        before, after = self.drafts(bench, 2)
        (bad,) = self.drafts(bench, 1, values=values)
        first, middle, last = connector.create(bench.object_type, [before, bad, after])
        assert email_of(bench, applied(first).values) == email_of(bench, before.values)
        assert email_of(bench, applied(last).values) == email_of(bench, after.values)
        refused(middle, ErrorClass.VALIDATION)

    def test_a_half_failed_update_changes_the_other_half(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(bench.picklist_field, "a restricted picklist")
        made = self.make(bench, connector, 3)
        values: list[dict[str, Raw]] = [{bench.text_field: f"half {n}"} for n in range(3)]
        values[1] = {str(bench.picklist_field): "no such option"}
        changes = [Change(r.ref.remote_id, v) for r, v in zip(made, values, strict=True)]
        first, middle, last = connector.update(bench.object_type, changes)
        assert applied(first).get(bench.text_field) == "half 0"
        assert applied(last).get(bench.text_field) == "half 2"
        refused(middle, ErrorClass.VALIDATION)
        shown = self.show(bench, connector, made[1].ref.remote_id)
        assert shown.get(str(bench.picklist_field)) == made[1].get(str(bench.picklist_field))

    def test_text_that_is_too_long_is_refused_or_cut_as_told(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        length = self.field(bench, connector, bench.text_field).length
        needs(length, "a length of the text field")
        text = "y" * ((length or 0) + 1)
        (record,) = self.make(bench, connector)
        outcome = self.change(bench, connector, record.ref.remote_id, values={bench.text_field: text})
        if outcome.status is OutcomeStatus.APPLIED:
            expected = connector.stored_as(bench.object_type, bench.text_field, text)
            assert applied(outcome).get(bench.text_field) == expected
        else:
            refused(outcome, ErrorClass.VALIDATION)

    def test_a_change_of_a_record_that_never_was_is_gone_and_its_neighbour_goes_on(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        values = {bench.text_field: "neighbour of nobody"}
        changes = [Change(bench.missing_id, values), Change(record.ref.remote_id, values)]
        missing, present = connector.update(bench.object_type, changes)
        refused(missing, ErrorClass.GONE)
        assert applied(present).ref == record.ref

    def test_a_draft_without_a_required_field_is_refused_and_the_neighbours_go_on(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        first, odd, last = self.drafts(bench, 3)
        schema = connector.describe(bench.object_type).fields
        needed = next((name for name in odd.values if schema[name].required), None)
        needs(needed, "a required field in the draft")
        lacking = Draft(odd.key, {name: value for name, value in odd.values.items() if name != needed})
        before, middle, after = connector.create(bench.object_type, [first, lacking, last])
        applied(before)
        applied(after)
        refused(middle, ErrorClass.VALIDATION)

    def test_a_write_is_not_called_refused_because_the_look_after_it_failed(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        (record,) = self.make(bench, connector)
        broken(bench, "server_error", "fetch")
        outcome = self.change(bench, connector, record.ref.remote_id, {bench.text_field: "unseen"})
        bench.clear_faults()
        assert outcome.status in {OutcomeStatus.APPLIED, OutcomeStatus.UNKNOWN}
        shown = self.show(bench, connector, record.ref.remote_id)
        assert shown.get(bench.text_field) == "unseen"

    def test_a_change_of_a_deleted_record_is_gone(self, bench: RemoteBench, connector: Connector) -> None:
        (record,) = self.make(bench, connector)
        bench.remove(record.ref.remote_id)
        outcome = self.change(bench, connector, record.ref.remote_id, values={bench.text_field: "too late"})
        refused(outcome, ErrorClass.GONE)

    def test_a_delete_deletes_and_a_second_one_finds_nothing_left_to_do(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).deletes, "deletes")
        kept, gone = self.make(bench, connector, 2)
        first, missing = connector.delete(bench.object_type, [gone.ref.remote_id, bench.missing_id])
        assert first.status is OutcomeStatus.APPLIED
        refused(missing, ErrorClass.GONE)
        (second,) = connector.delete(bench.object_type, [gone.ref.remote_id])
        if second.status is not OutcomeStatus.APPLIED:
            refused(second, ErrorClass.GONE)
        wanted = [kept.ref.remote_id, gone.ref.remote_id]
        found = connector.fetch(bench.object_type, wanted, [bench.email_field])
        assert [r.ref for r in found if not r.deleted] == [kept.ref]

    def test_a_connector_that_cannot_delete_says_so(self, bench: RemoteBench, connector: Connector) -> None:
        needs(not self.able(bench, connector).deletes, "a system without deletes")
        (record,) = self.make(bench, connector)
        with pytest.raises(TypeError):
            connector.delete(bench.object_type, [record.ref.remote_id])

    def test_a_conditional_change_of_another_version_is_refused(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        needs(self.able(bench, connector).conditional_update, "conditional_update")
        (record,) = self.make(bench, connector)
        seen = self.show(bench, connector, record.ref.remote_id)
        bench.advance(5)
        bench.edit(record.ref.remote_id, {bench.text_field: "meanwhile"})
        change = Change(record.ref.remote_id, {bench.text_field: "on old grounds"}, seen.version)
        (outcome,) = connector.update(bench.object_type, [change])
        refused(outcome, ErrorClass.LOCK)
        assert self.show(bench, connector, record.ref.remote_id).get(bench.text_field) == "meanwhile"


class ReadOnlyPromises(Promises):
    """Connectors that only read."""

    def test_what_cannot_be_written_is_refused_and_left_as_it_is(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        able = self.able(bench, connector)
        needs(not (able.create_batch or able.update_batch), "a connector that only reads")
        (record,) = self.make(bench, connector)
        outcomes = connector.create(bench.object_type, self.drafts(bench, 2))
        outcomes.append(self.change(bench, connector, record.ref.remote_id, {bench.text_field: "no"}))
        assert len(outcomes) == 3
        for outcome in outcomes:
            refused(outcome, ErrorClass.PERMISSION)
        assert self.read(bench, self.other(bench)).last[record.ref.remote_id].values == record.values
        assert all(field.read_only for field in connector.describe(bench.object_type).fields.values())


def writable_alone(field: Field) -> bool:
    """Whether a field costs a call of its own and takes one of our values."""
    return field.updatable and not field.batched and field.type in ALONE
