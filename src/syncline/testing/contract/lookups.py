"""Promises about looking records up, by id and by match key, and about the count of calls."""

from __future__ import annotations

import pytest

from syncline.connectors.base import Change, Connector
from syncline.core.model import ErrorClass
from syncline.testing.bench import RemoteBench
from syncline.testing.contract.promises import Promises, applied, email_of, ids, needs

MALFORMED = ("", " ", "../users", "a/b?c=d&e", "' OR '1'='1", "x" * 300, "id\nid", "ünï")


class LookupPromises(Promises):
    """Reads of records somebody names."""

    @pytest.mark.parametrize("id_", MALFORMED)
    def test_an_id_of_no_form_is_refused_or_not_found(
        self, bench: RemoteBench, connector: Connector, id_: str
    ) -> None:
        (record,) = self.make(bench, connector)
        wanted = [id_, record.ref.remote_id]
        found = connector.fetch(bench.object_type, wanted, self.names(bench, connector))
        assert [r.ref for r in found if not r.deleted] == [record.ref]
        if not self.able(bench, connector).update_batch:
            return
        values = {bench.text_field: "beside no form"}
        odd, good = connector.update(bench.object_type, [Change(each, values) for each in wanted])
        assert applied(good).ref == record.ref
        assert odd.failure is not None
        assert odd.failure.error_class in {ErrorClass.GONE, ErrorClass.VALIDATION}

    def test_fetch_leaves_out_or_marks_what_is_not_there(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        kept, gone = self.make(bench, connector, 2)
        bench.remove(gone.ref.remote_id)
        wanted = [gone.ref.remote_id, bench.missing_id, kept.ref.remote_id]
        found = connector.fetch(bench.object_type, wanted, self.names(bench, connector))
        assert [r.ref for r in found if not r.deleted] == [kept.ref]
        assert ids([r for r in found if r.deleted]) <= {gone.ref.remote_id, bench.missing_id}

    def test_fetch_takes_more_ids_than_a_call(self, bench: RemoteBench, connector: Connector) -> None:
        size = self.able(bench, connector).batch_fetch
        made = self.make(bench, connector, min(size, 100) + 1)
        wanted = [record.ref.remote_id for record in made]
        found = connector.fetch(bench.object_type, wanted, [bench.email_field])
        assert ids(found) == set(wanted)
        assert len(found) == len(wanted)

    def test_nothing_to_do_costs_no_call(self, bench: RemoteBench, connector: Connector) -> None:
        connector.describe(bench.object_type)
        before = dict(connector.calls_made())
        assert connector.create(bench.object_type, []) == []
        assert connector.update(bench.object_type, []) == []
        assert connector.fetch(bench.object_type, [], [bench.email_field]) == []
        assert connector.calls_for_update(bench.object_type, []) == 0
        assert dict(connector.calls_made()) == before

    def test_find_finds_by_match_key(self, bench: RemoteBench, connector: Connector) -> None:
        keys = self.able(bench, connector).finds & {bench.email_field}
        needs(keys, f"finds {bench.email_field}")
        made = self.make(bench, connector, 3)
        self.wait_for_listings(bench, connector)
        emails = [email_of(bench, record.values) for record in made[:2]]
        wanted = [emails[0].upper(), emails[1], "nobody@nowhere.example"]
        names = self.names(bench, connector)
        found = connector.find(bench.object_type, bench.email_field, wanted, names)
        assert ids(found) == ids(made[:2])
        assert all(email_of(bench, record.values) in emails for record in found)
        assert connector.find(bench.object_type, bench.email_field, [], names) == []

    def test_find_takes_quotes_and_wildcards_literally(
        self, bench: RemoteBench, connector: Connector
    ) -> None:
        keys = self.able(bench, connector).finds & {bench.email_field}
        needs(keys, f"finds {bench.email_field}")
        self.make(bench, connector)
        self.wait_for_listings(bench, connector)
        for text in ("' OR Name != '", "%", "_", "*", "\\", '"', "a@b.example' --"):
            assert connector.find(bench.object_type, bench.email_field, [text], [bench.email_field]) == []

    def test_calls_are_counted(self, bench: RemoteBench, connector: Connector) -> None:
        before = sum(connector.calls_made().values())
        (record,) = self.make(bench, connector)
        after_create = sum(connector.calls_made().values())
        self.show(bench, connector, record.ref.remote_id)
        assert before < after_create < sum(connector.calls_made().values())
        assert all(" " in name for name in connector.calls_made())
