"""People, two systems and the engine between them, in any order Hypothesis can think of."""

from __future__ import annotations

from datetime import timedelta

from syncline.core.backoff import HEALING
from syncline.engine.reconcile import VANISHED, reconcile
from syncline.store.error_log import SyncError
from tests.property.choices import Choices
from tests.property.oracle import differences
from tests.property.world import actions_of, ask_again

SETTLING = 12


class SyncMachine(Choices):
    """Everybody edits and everything fails; once that ends, both sides have to agree."""

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self._settle()
        self._judge()

    def _settle(self) -> None:
        """Faults end, everything late arrives, and runs go on until nothing is left to do."""
        for system in self.world.systems.values():
            system.faults.clear()
            system.racing.clear()
            quirks = system.quirks
            quirks.stale_reads, quirks.stale_for, quirks.late_commits = 0, timedelta(0), 0
            quirks.refusal_rate = 0.0
            system.settle()
        self.world.time.advance(600)
        ask_again(self.world.time)
        for number in range(SETTLING):
            self.world.time.advance(60)
            row = self.world.run(approved_by="somebody")
            self.ledger.check({})
            # A first read shows the living only: who was deleted before it is told by the second.
            if number and not actions_of(row):
                return
        told = [
            (a.op, a.kind, a.side, a.left_id, a.right_id, a.status, a.reason, a.fields)
            for a in actions_of(row)
        ]
        raise AssertionError(f"still busy after {SETTLING} runs: {told}")

    def _judge(self) -> None:
        found = [*differences(self.world), *self.ledger.lost()]
        found += [
            f"{e.code} is still open"
            for e in SyncError.objects.filter(resolved_at=None, error_class__in=HEALING)
        ]
        assert not found, found
        self.world.time.advance(90_000)
        row = self.world.run()
        assert not actions_of(row), [(a.op, a.left_id, a.right_id, a.fields) for a in actions_of(row)]
        assert not self.world.writes()
        reconciled = reconcile(self.world.context())
        unexplained = [s for s in reconciled.samples if self.world.tells or s["difference"] != VANISHED]
        assert not unexplained, unexplained
