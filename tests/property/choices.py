"""What the people in charge of the sync do: they change settings, answer holds, make plans and approve them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from syncline.connectors.memory import Crash
from syncline.core.criteria import Mark
from syncline.core.errors import PlanError, ProtocolError, RecordError, RemoteError
from syncline.core.model import Kind, Ref, Side
from syncline.core.policy import Direction, OnClear, OnConflict, OnDrift, OnFirstContact, WriteRule
from syncline.core.scope import CreateRule
from syncline.engine.answer import answer, answers
from syncline.store.models import Hold, Link
from tests.property.people import PICK, SIDES, TYPES
from tests.property.trouble import Trouble
from tests.property.world import COMPANY_MAPS, PERSON_MAPS, actions_of, with_kind, with_map

ENDS = ["remove", "remove", "merge", "convert", "restore", "restore"]
KINDS = st.sampled_from([Kind.ACCOUNT, Kind.PERSON])
OWNERS = st.sampled_from(["left", "right", None])
STAGES = st.lists(st.sampled_from(["New", "Lost", "Customer"]), max_size=2, unique=True)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """Some of a field map's words, as the checks of settings let them through."""
    changes: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "direction": st.sampled_from(Direction),
                "rule": st.sampled_from(WriteRule),
                "owner": OWNERS,
                "on_conflict": st.none() | st.sampled_from(OnConflict),
                "on_first_contact": st.none() | st.sampled_from(OnFirstContact),
                "clear": st.sampled_from(OnClear),
                "drift": st.sampled_from(OnDrift),
                "enabled": st.booleans(),
            },
        )
    )
    if changes.get("rule") is WriteRule.FILL:
        changes["direction"] = draw(st.sampled_from([Direction.TO_LEFT, Direction.TO_RIGHT]))
    elif changes.get("direction") is Direction.BOTH:
        changes["rule"] = WriteRule.OVERWRITE
    return changes


class Choices(Trouble):
    """Runs as people start them, and everything they may decide in between."""

    @rule()
    def run(self) -> None:
        self._try()

    @rule(data=st.data())
    def work_and_run(self, data: st.DataObject) -> None:
        self._busy_day(data)
        self._try(approved_by="somebody")

    @rule(side=SIDES, object_type=TYPES, pick=PICK, what=st.sampled_from(ENDS), edited=st.booleans())
    def something_ends_and_a_run(
        self, side: Side, object_type: str, pick: int, what: str, edited: bool
    ) -> None:
        """A linked record is deleted, merged into one nobody knows, or comes back; perhaps its twin is edited first."""
        rows = list(Link.objects.filter(left_type=object_type).order_by("pk"))
        if not rows:
            return
        row = rows[pick % len(rows)]
        own, twin = getattr(row, f"{side}_id"), getattr(row, f"{side.other}_id")
        if edited and self.world.systems[side.other].values(object_type, twin) is not None:
            self._edit(side.other, object_type, twin, {"phone": "+14155550111"})
        self._end(side, object_type, own, what)
        self._try(approved_by="somebody")

    def _end(self, side: Side, object_type: str, id_: str, what: str) -> None:
        system = self.world.systems[side]
        if (system.values(object_type, id_) is None) is not (what == "restore"):
            return
        if what == "restore":
            system.restore(object_type, id_)
        elif what == "remove":
            system.remove(object_type, id_)
        else:
            name = {"company": "name", "person": "last"}[object_type]
            heir = self._put(side, object_type, {name: "Heir"})
            if what == "merge":
                system.merge(object_type, heir, [id_])
            else:
                system.convert(object_type, id_, [Ref(object_type, heir)])

    @rule(limit=st.integers(0, 3))
    def run_a_little(self, limit: int) -> None:
        self._try(limit=limit, approved_by="somebody")

    @rule(parts=st.frozensets(st.tuples(SIDES, KINDS), max_size=3))
    def run_what_is_due(self, parts: frozenset[tuple[Side, Kind]]) -> None:
        """A run that reads only some parts, as schedules start them."""
        self._try(parts=parts, approved_by="somebody")

    @rule(side=SIDES, object_type=TYPES, picks=st.lists(PICK, min_size=1, max_size=3), data=st.data())
    def nudge(self, side: Side, object_type: str, picks: list[int], data: st.DataObject) -> None:
        """Somebody says of a few records that they changed, which may be so, or that they are gone."""
        self._busy_day(data)
        refs = [Ref(object_type, id_) for pick in picks if (id_ := self._one_of(side, object_type, pick))]
        refs += [
            Ref(object_type, m.id) for m in self.world.systems[side].made if m.object_type == object_type
        ][:1]
        if self.world.honest:
            self.world.clock.looks_left = data.draw(st.none() | st.integers(0, 60))
            self.lossy = self.lossy or self.world.clock.looks_left is not None
        with suppress(Crash, RemoteError, ProtocolError, PlanError):
            self.world.nudge({side: refs})
        self.world.clock.looks_left = None
        self.ledger.check(self.shown)

    @rule()
    def plan(self) -> None:
        """A plan is stored; whatever is edited then, it is carried out by a later step, or replaced."""
        with suppress(Crash, RemoteError, ProtocolError, PlanError):
            self.stored = self.world.plan()
            assert not self.world.writes(), "it only plans, and it wrote"
            self.shown = {a.pk: (a.op, a.fields) for a in actions_of(self.stored)}

    @rule(approved_by=st.sampled_from(["", "somebody"]))
    def run_the_plan(self, approved_by: str) -> None:
        if self.stored:
            self._try(run_id=self.stored.pk, approved_by=approved_by)

    @rule(seconds=st.sampled_from([1, 60, 3600, 90_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.time.advance(seconds)

    @rule(
        maps=st.sampled_from(
            [(Kind.ACCOUNT, m.key) for m in COMPANY_MAPS] + [(Kind.PERSON, m.key) for m in PERSON_MAPS]
        ),
        changes=policies(),
    )
    def change_a_map(self, maps: tuple[Kind, str], changes: dict[str, Any]) -> None:
        self.world.settings = with_map(self.world.settings, *maps, **changes)

    @rule(
        which=KINDS,
        side=SIDES,
        enabled=st.booleans(),
        when=st.sampled_from(["all", "stages"]),
        stages=STAGES,
        no_stage=st.booleans(),
    )
    def change_creates(
        self, which: Kind, side: Side, enabled: bool, when: Any, stages: list[str], no_stage: bool
    ) -> None:
        made = CreateRule(enabled, None, when, tuple(stages), no_stage)
        stage = {"stage_left": "stage", "stage_right": "stage"} if which is Kind.PERSON else {}
        self.world.settings = with_kind(self.world.settings, which, **{f"create_{side}": made}, **stage)

    @rule(which=KINDS, side=SIDES, allowed=st.booleans())
    def change_updates(self, which: Kind, side: Side, allowed: bool) -> None:
        self.world.settings = with_kind(self.world.settings, which, **{f"update_{side}": allowed})

    @rule(which=KINDS, left=st.booleans(), right=st.booleans(), merges=st.booleans(), mark=st.booleans())
    def change_what_is_carried_over(
        self, which: Kind, left: bool, right: bool, merges: bool, mark: bool
    ) -> None:
        """Deletions go over or not, merges are followed or not, and what stays behind is marked or not."""
        marks = {Side.LEFT: Mark("tags", "gone"), Side.RIGHT: Mark("title", "Gone")}
        self.world.settings = with_kind(
            self.world.settings,
            which,
            delete_left=left,
            delete_right=right,
            follow_merges=merges,
            on_ended=marks if mark and which is Kind.PERSON else {},
        )

    @rule(keys=st.sampled_from([("email",), ("email", "phone"), ("phone",), ()]))
    def change_match_keys(self, keys: tuple[str, ...]) -> None:
        match = next(k.match for k in self.world.settings.kinds if k.kind is Kind.PERSON)
        self.world.settings = with_kind(self.world.settings, Kind.PERSON, match=replace(match, keys=keys))

    @rule(pick=PICK, data=st.data())
    def answer_a_hold(self, pick: int, data: st.DataObject) -> None:
        waiting = list(Hold.objects.filter(state="open").order_by("pk"))
        if not waiting:
            return
        hold = waiting[pick % len(waiting)]
        fitting = [a for a in answers(hold) if not a.startswith("link:")]
        fitting += [] if "keep" in fitting else self._links(hold)
        with suppress(RecordError):
            answer(self.world.context(), hold.pk, data.draw(st.sampled_from(fitting)), "somebody")

    def _links(self, hold: Hold) -> list[str]:
        """Everybody on the other side it could be linked with by hand."""
        object_type = hold.left_type or hold.right_type
        others = self.world.systems[Side(hold.side).other].all(object_type)
        return [f"link:{object_type}/{id_}" for id_ in sorted(others)]
