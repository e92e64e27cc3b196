"""Kills a sync at chosen moments of its work, and finds out where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from syncline.core.plan import ActionStatus
from syncline.store.models import Action, Run
from syncline.store.runs import RunStatus
from tests.scenario.pair import Pair, SyncProcess, writes
from tests.scenario.people import People

Rule = Mapping[str, Any]


class When(StrEnum):
    """The moments at which a sync is killed."""

    COMMITTED = "between the system's commit and our store"
    UNWRITTEN = "between the plan and the first write"
    READING = "while it reads"
    PLANNING = "while it plans"


@dataclass(frozen=True)
class Moment:
    """When to kill, which misbehaviour of which system holds the sync there, and what people do to bring it there."""

    when: When
    system: str
    rules: tuple[Rule, ...]
    cause: Callable[[People], None] = People.anything
    where: str = ""


def _held(method: str, path: str, kind: str = "hang_after_commit", **more: Any) -> Rule:
    return {"kind": kind, "method": method, "path": path, "count": 1, **more}


COLLECTIONS = "/composite/sobjects$"
# Salesforce records are read again by it just before they, or their counterparts, are written.
RETRIEVE = "/composite/sobjects/[A-Za-z]+$"

COMMITS = (
    Moment(
        When.COMMITTED,
        "apollo",
        (_held("POST", "/contacts/bulk_create$"),),
        lambda people: people.hire("salesforce"),
        "new contacts in Apollo",
    ),
    Moment(
        When.COMMITTED,
        "apollo",
        (_held("POST", "/accounts/bulk_create$"),),
        lambda people: people.found("salesforce"),
        "new accounts in Apollo",
    ),
    Moment(
        When.COMMITTED,
        "apollo",
        (_held("POST", "/contacts/bulk_update$"),),
        lambda people: people.promote("salesforce"),
        "many contacts in Apollo",
    ),
    Moment(
        When.COMMITTED,
        "apollo",
        (_held("PATCH", "/contacts/[0-9a-f]+$", skip=1),),
        lambda people: people.move("salesforce"),
        "one contact after another in Apollo",
    ),
    Moment(
        When.COMMITTED,
        "salesforce",
        (_held("POST", COLLECTIONS),),
        lambda people: people.hire("apollo"),
        "new contacts in Salesforce",
    ),
    Moment(
        When.COMMITTED,
        "salesforce",
        (_held("POST", COLLECTIONS),),
        lambda people: people.found("apollo"),
        "new accounts in Salesforce",
    ),
    Moment(
        When.COMMITTED,
        "salesforce",
        (_held("PATCH", COLLECTIONS),),
        lambda people: people.promote("apollo"),
        "contacts in Salesforce",
    ),
)
READING = Moment(When.READING, "apollo", (_held("POST", "/accounts/search$", "hang"),))
OTHERS = (
    Moment(
        When.UNWRITTEN,
        "salesforce",
        ({"kind": "latency", "seconds": 2, "path": RETRIEVE},),
        lambda people: people.promote("apollo"),
        "records are read once more before they are written",
    ),
    Moment(When.READING, "apollo", (_held("POST", "/contacts/search$", "hang", skip=1),)),
    READING,
    Moment(When.READING, "salesforce", (_held("GET", "/queryAll", "hang", skip=2),)),
    Moment(When.PLANNING, "salesforce", ()),
)


@dataclass
class Killer:
    """Ends syncs of a pair by SIGKILL, and counts the kills by moment."""

    pair: Pair
    kills: dict[When, int] = field(default_factory=lambda: dict.fromkeys(When, 0))

    def strike(self, moment: Moment) -> bool:
        """Run a sync and kill it at that moment; whether it came there. The stand-in is healed afterwards."""
        for rule in moment.rules:
            self.pair.fault(moment.system, **rule)
        with self.pair.store():
            before, newest = self.pair.requests(), _newest_run()
            process = self.pair.command("run", "--yes")
            came = process.until(lambda: self._is_there(moment, newest))
            self._end(process, killed=came)
            if came:
                self._prove(moment, before)
                self.kills[moment.when] += 1
        self.pair.heal()
        return came

    def _is_there(self, moment: Moment, newest: int) -> bool:
        if moment.when in (When.COMMITTED, When.READING):
            return self.pair.hits(moment.system) > 0
        status = RunStatus.PLANNING if moment.when is When.PLANNING else RunStatus.RUNNING
        return _newest_run() > newest and _run_status() == status

    def _end(self, process: SyncProcess, *, killed: bool) -> None:
        if killed:
            process.kill()
        else:
            ended = process.end()
            assert ended.code == 0, (ended.output, ended.said)

    def _prove(self, moment: Moment, before: Mapping[str, Mapping[str, int]]) -> None:
        """That the kill came when it was meant to come."""
        if moment.when is When.COMMITTED:
            assert _actions(ActionStatus.OPEN), "nothing was on its way"
        else:
            written = writes(before, self.pair.requests())
            assert not written or moment.when is not When.UNWRITTEN, written
        if moment.when is When.UNWRITTEN:
            assert _actions(ActionStatus.PLANNED), "nothing was planned"


def _newest_run() -> int:
    row = Run.objects.order_by("-pk").first()
    return row.pk if row else 0


def _run_status() -> str:
    row = Run.objects.order_by("-pk").first()
    return row.status if row else ""


def _actions(status: ActionStatus) -> int:
    return Action.objects.filter(status=status).count()
