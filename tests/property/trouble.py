"""What goes wrong: kills, lost answers, refusals, late and odd systems, and automations that rewrite values."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from syncline.connectors.memory import Automation, Crash
from syncline.core.errors import PlanError, ProtocolError, RemoteError
from syncline.core.model import ErrorClass, Failure, Raw, Side
from syncline.store.error_log import SyncError
from syncline.store.retries import release
from tests.property.people import SIDES, People
from tests.property.world import SYNC, actions_of

SKIPS = st.integers(0, 2)
WRITES = st.sampled_from(["create", "update", "delete"])
VERBS = st.sampled_from(["create", "update", "delete", "fetch", "read"])
NAMED: tuple[tuple[str, ...], ...] = ((), ("last",), ("title",), ("phone",), ("name",))


def capitals(values: Any) -> dict[str, Raw]:
    title = values.get("title")
    return {"title": title.upper()} if isinstance(title, str) else {}


def small_letters(values: Any) -> dict[str, Raw]:
    title = values.get("title")
    return {"title": title.lower()} if isinstance(title, str) else {}


def always_new(values: Any) -> dict[str, Raw]:
    return {"stage": "new"}


REWRITES = (capitals, small_letters, always_new)


class Trouble(People):
    """Runs, and everything that can happen to them."""

    lossy = False
    """An answer of a create was lost: listings may be late only as long as they say."""

    def _try(self, **how: Any) -> None:
        """A run that may fail or be killed; both leave it to the next one."""
        with suppress(Crash, RemoteError, ProtocolError, PlanError):
            row = self.world.run(**how)
            if row.status == "planned":
                assert not self.world.writes(), "it waits for approval, and it wrote"
                assert not [a for a in actions_of(row) if a.status != "planned"]
        self.world.clock.looks_left = None
        self.ledger.check(self.shown)

    @rule(side=SIDES, verb=VERBS, after=st.booleans(), skip=SKIPS, data=st.data())
    @precondition(lambda self: self.world.honest)
    def killed_at_a_call(self, side: Side, verb: str, after: bool, skip: int, data: st.DataObject) -> None:
        """The process ends at a call, before it arrives or before its answer does."""
        self.lossy = True
        self._busy_day(data)
        self.world.systems[side].fault("raise", verb=verb, after_commit=after, skip=skip)
        self._try(approved_by="somebody")

    @rule(looks=st.integers(0, 60), data=st.data())
    @precondition(lambda self: self.world.honest)
    def killed_anywhere(self, looks: int, data: st.DataObject) -> None:
        """The process ends somewhere between two calls, perhaps inside a transaction."""
        self.lossy = True
        self._busy_day(data)
        self.world.clock.looks_left = looks
        self._try(approved_by="somebody")

    @rule(side=SIDES, verb=WRITES, after=st.booleans(), skip=SKIPS, data=st.data())
    @precondition(lambda self: self.world.honest)
    def lost_answer(self, side: Side, verb: str, after: bool, skip: int, data: st.DataObject) -> None:
        self.lossy = True
        self._busy_day(data)
        self.world.systems[side].fault("hang", verb=verb, after_commit=after, skip=skip)
        self._try(approved_by="somebody")

    @rule(side=SIDES, verb=VERBS, status=st.sampled_from([429, 500]))
    @precondition(lambda self: self.world.honest)
    def outage(self, side: Side, verb: str, status: int) -> None:
        self.lossy = True
        self.world.systems[side].fault("status", verb=verb, status=status, retry_after=300.0, count=3)

    @rule(side=SIDES, verb=WRITES, kind=st.sampled_from(ErrorClass), names=st.sampled_from(NAMED), skip=SKIPS)
    def refusal(self, side: Side, verb: str, kind: ErrorClass, names: tuple[str, ...], skip: int) -> None:
        """A system refuses a record, and names the field or does not."""
        failure = Failure(kind, "NO", "no", names)
        self.world.systems[side].fault("refuse", verb=verb, failure=failure, skip=skip)

    @rule()
    def asked_again(self) -> None:
        """A person has everything that was refused sent again, whether it was mended or not."""
        release(SYNC, list(SyncError.objects.values_list("pk", flat=True)), self.world.time.now())

    @rule(side=SIDES, rate=st.sampled_from([0.0, 0.3]))
    def busy(self, side: Side, rate: float) -> None:
        self.world.systems[side].quirks.refusal_rate = rate

    @rule(side=SIDES)
    def over(self, side: Side) -> None:
        """The trouble of one side is over."""
        self.world.systems[side].faults.clear()

    # How the systems are.

    @rule(side=SIDES, seconds=st.sampled_from([0, 30, 300]))
    def late_listings(self, side: Side, seconds: int) -> None:
        self.world.systems[side].quirks.stale_for = timedelta(seconds=seconds)

    @rule(side=SIDES, reads=st.sampled_from([0, 2]))
    @precondition(lambda self: not self.lossy)
    def stale_listings(self, side: Side, reads: int) -> None:
        """Listings are late and do not say so."""
        self.world.honest = False
        self.world.systems[side].quirks.stale_reads = reads

    @rule(side=SIDES, reads=st.sampled_from([0, 1, 3]))
    def late_edits(self, side: Side, reads: int) -> None:
        """What people write appears later, with the time at which they began."""
        self.world.systems[side].quirks.late_commits = reads
        self.ledger.risky |= {side} if reads else set()

    @rule(side=SIDES, versions=st.sampled_from(["counter", "none", "restless"]), times=st.booleans())
    def stamps(self, side: Side, versions: str, times: bool) -> None:
        quirks = self.world.systems[side].quirks
        quirks.versions, quirks.times = versions, times

    @rule(side=SIDES, formats=st.booleans(), cuts=st.booleans(), explains=st.booleans())
    def shapes(self, side: Side, formats: bool, cuts: bool, explains: bool) -> None:
        quirks = self.world.systems[side].quirks
        quirks.formats, quirks.cuts, quirks.explains = formats, cuts, explains

    @rule(side=SIDES, duplicates=st.sampled_from(["allow", "existing", "refuse"]), conditional=st.booleans())
    def manners(self, side: Side, duplicates: str, conditional: bool) -> None:
        quirks = self.world.systems[side].quirks
        quirks.duplicates, quirks.conditional = duplicates, conditional

    @rule(side=SIDES, tells=st.booleans())
    def silent_deletions(self, side: Side, tells: bool) -> None:
        self.world.systems[side].quirks.sees_deletions = tells
        self.world.tells &= tells

    @rule(side=SIDES, rewrite=st.sampled_from(REWRITES), later=st.booleans())
    def automation(self, side: Side, rewrite: Any, later: bool) -> None:
        self.world.systems[side].automations.append(Automation("person", rewrite, later=later))
        self.ledger.distrust(side)

    @rule(side=SIDES)
    def no_automation(self, side: Side) -> None:
        self.world.systems[side].automations.clear()
