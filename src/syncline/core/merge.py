"""The merge of one field of one link: base, two seen values and two observed values in, one decision out.

A side has *changed* when its value differs from what it showed at the last commit, both in its own comparable
form. Clocks and versions never tell whether something changed; times only break a tie under `latest`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Literal

from syncline.core.agreement import Agreement
from syncline.core.committed import FIGHT_WINDOW, base_after
from syncline.core.convert import Translator
from syncline.core.frozen import frozen
from syncline.core.model import Absent, ChangeTime, Norm, Raw, Side, Value
from syncline.core.policy import OnClear, OnConflict, OnDrift, OnFirstContact, WriteRule
from syncline.core.references import Awaited, joined
from syncline.core.written import Problem

FIGHT_WRITES = 3
_NOBODYS = frozenset({"as stored", "as written", "created so"})
"""Reasons to be settled under which the target shows what we or its system made of a value, not what somebody wrote."""


UNKNOWN_OUTCOME = "unknown outcome"
KEPT_BY_A_PERSON = "kept by a person"


class Verdict(StrEnum):
    """What is to be done about one field."""

    QUIET = "quiet"
    BLIND = "blind"
    """One side is not known: no merge of this field."""
    AGREE = "agree"
    WRITE = "write"
    SETTLE = "settle"
    """The sides differ on purpose; what both show is noted, nothing is written."""
    HOLD = "hold"
    WAIT = "wait"
    """It refers to a record that has no counterpart yet."""


@frozen()
class Observed:
    """What a side shows of the field now, and when that value came about."""

    value: Value
    time: ChangeTime | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's answer to a hold, or "hold" while there is none; it counts only for these two values."""

    choice: Literal["left", "right", "keep", "hold"]
    left: Raw
    right: Raw


@frozen()
class Decision:
    """What the merge decided, by which rule, and why."""

    verdict: Verdict
    rule: str
    reason: str = ""
    target: Side | None = None
    value: Raw | Awaited = None
    losing: Raw = None
    allowed: tuple[str, ...] = ()


@frozen(slots=False)
class FieldMerge:
    """One field of one link, ready to be decided."""

    translator: Translator
    fingerprint: str
    agreement: Agreement | None
    left: Observed
    right: Observed
    now: datetime
    skew: timedelta = timedelta(seconds=5)
    ruling: Ruling | None = None
    overwriting: Side | None = None
    """The side whose values give way this once, because a person asked for it (rule P6)."""

    def decide(self) -> Decision:
        """Apply the rules of the merge in their order; what is settled already is not settled again."""
        decision = self._decided()
        if self.translator.is_several and decision.verdict is not Verdict.BLIND:
            decision = self._telling_who_waits(decision)
        if decision.verdict is Verdict.SETTLE and unwritten(self, decision) == self.agreement:
            return Decision(Verdict.QUIET, decision.rule, decision.reason)
        return decision

    def _telling_who_waits(self, decision: Decision) -> Decision:
        source = self.translator.map.direction.source
        if source is None or decision.verdict is Verdict.WAIT:
            return decision
        why = self.translator.references(source).left_out(self.value(source))
        return replace(decision, reason="; ".join(filter(None, (decision.reason, why))))

    def _decided(self) -> Decision:
        blind = self._blind()
        if blind:
            return blind
        if self._as_agreed():
            return _AGREED
        if self.commons[0] == self.commons[1]:
            return self._agree()
        if self.ruled():
            return self._by_ruling()
        if self.overwriting and self._gives_way(self.overwriting):
            return self._push(self.overwriting.other, "overwritten by hand")
        if self._never_agreed():
            return self._first_contact()
        if self.translator.map.direction.source:
            return self._one_way(self.translator.map.direction.source)
        return self._two_way()

    def _blind(self) -> Decision | None:
        for side, value in ((Side.LEFT, self.left.value), (Side.RIGHT, self.right.value)):
            if isinstance(value, Absent):
                return Decision(Verdict.BLIND, value.value, f"the {side} value is {value.value}")
        return None

    def _observed(self, side: Side) -> Observed:
        return self.left if side is Side.LEFT else self.right

    def value(self, side: Side) -> Raw:
        """The observed value of a side that is known to be there."""
        value = self._observed(side).value
        return None if isinstance(value, Absent) else value

    @cached_property
    def commons(self) -> tuple[Norm, Norm]:
        """Both observed values, left and right, in common form."""
        common = self.translator.common
        return common(Side.LEFT, self.value(Side.LEFT)), common(Side.RIGHT, self.value(Side.RIGHT))

    def _common(self, side: Side) -> Norm:
        return self.commons[0 if side is Side.LEFT else 1]

    def _empty(self, side: Side) -> bool:
        return self.translator.is_empty(side, self.value(side))

    def _never_agreed(self) -> bool:
        known = self.agreement
        return known is None or known.map != self.fingerprint or self._mapped_otherwise(known)

    def _mapped_otherwise(self, known: Agreement) -> bool:
        """Whether two options that were agreed on are no longer each other's counterparts."""
        if not self.translator.map.automap or not known.agreed or known.settled:
            return False
        common = self.translator.common
        return common(Side.LEFT, known.left) != common(Side.RIGHT, known.right)

    def changed(self, side: Side) -> bool:
        """Whether the side shows another value than at the last commit."""
        if self.agreement is None:
            return True
        if self._refers_anew(side):
            return True
        now, seen = self.value(side), self.agreement.seen(side)
        return now != seen and self.translator.own(side, now) != self.translator.own(side, seen)

    def _refers_anew(self, side: Side) -> bool:
        """Whether one of the several records that a side refers to was linked, or is linked no more."""
        if not self.translator.is_several or side is not self.translator.map.direction.source:
            return False
        return self.agreement is not None and self.agreement.base != self._common(side)

    def _as_agreed(self) -> bool:
        """Whether both sides show what they agreed on, to the letter; nothing has to be normalised then."""
        return self.translator.is_simple and self.left.value == self.right.value and self._shows_agreed()

    def _shows_agreed(self) -> bool:
        known = self.agreement
        return (
            known is not None
            and known.agreed
            and not known.settled
            and known.map == self.fingerprint
            and (known.left, known.right) == (self.left.value, self.right.value)
        )

    def _agree(self) -> Decision:
        return _AGREED if self._shows_agreed() else _AGREE

    def ruled(self) -> bool:
        """Whether a person decided about the values that both sides show."""
        if self.ruling is None:
            return False
        pairs = ((Side.LEFT, self.ruling.left), (Side.RIGHT, self.ruling.right))
        own = self.translator.own
        return all(own(side, self.value(side)) == own(side, ruled) for side, ruled in pairs)

    def _gives_way(self, target: Side) -> bool:
        """Whether that side's value is to be replaced by hand: not by nothing, nor where its system made it of ours."""
        if not self.translator.map.direction.allows(target) or self._empty(target.other):
            return False
        known = self.agreement
        ours = known is not None and known.settled in _NOBODYS and not self._never_agreed()
        return not ours or any(self.changed(side) for side in Side)

    def _by_ruling(self) -> Decision:
        choice = self.ruling.choice if self.ruling else "keep"
        if choice == "hold":
            return self._conflict(
                UNKNOWN_OUTCOME, "a write of ours got no answer, and the value may have been moved back"
            )
        if choice == "keep":
            return Decision(Verdict.SETTLE, KEPT_BY_A_PERSON, "a person decided to leave both as they are")
        return self._push(Side(choice), "decided by a person", forced=True)

    def _first_contact(self) -> Decision:
        for side in Side:
            if self._empty(side):
                return self._push(side.other, "first contact fills")
        field_map = self.translator.map
        policy = field_map.first_contact_policy
        if policy is OnFirstContact.HOLD:
            return self._conflict("first contact", "both sides are filled and never agreed")
        winner = field_map.owner if policy is OnFirstContact.OWNER else policy.value
        if winner not in ("left", "right"):
            return Decision(
                Verdict.SETTLE, "kept", "both were filled when they first met, and nobody owns the field"
            )
        return self._push(Side(winner), "first contact owner")

    def _one_way(self, source: Side) -> Decision:
        if self.changed(source):
            return self._push(source, f"{source} changed")
        if not self.changed(source.other):
            return _UNCHANGED
        if self.translator.map.drift is OnDrift.KEEP:
            return Decision(
                Verdict.SETTLE, "drift kept", f"somebody changed the {source.other} value, and it may stay"
            )
        return self._push(source, "drift")

    def _two_way(self) -> Decision:
        left, right = self.changed(Side.LEFT), self.changed(Side.RIGHT)
        if left and right:
            return self._both_changed()
        if left or right:
            source = Side.LEFT if left else Side.RIGHT
            return self._push(source, f"{source} changed")
        return _UNCHANGED

    def _both_changed(self) -> Decision:
        for side in Side:
            if self._empty(side):
                return self._push(side.other, "an edit beats a clear")
        policy = self.translator.map.conflict_policy
        if policy is OnConflict.LATEST:
            return self._latest()
        if policy is OnConflict.HOLD:
            return self._conflict("conflict", "both sides changed it since they last agreed")
        return self._push(Side(policy.value), f"conflict: {policy} wins")

    def _latest(self) -> Decision:
        for side in Side:
            if _after(self._observed(side).time, self._observed(side.other).time, self.skew):
                return self._push(side, "conflict: latest wins")
        owner = self.translator.map.owner
        if owner:
            return self._push(Side(owner), "conflict: owner wins a tie")
        return self._conflict("conflict", "both sides changed it and nobody can tell which change was later")

    def _conflict(self, rule: str, reason: str) -> Decision:
        return Decision(Verdict.HOLD, rule, reason)

    def _push(self, source: Side, rule: str, *, forced: bool = False) -> Decision:
        """Carry the value of `source` over, as far as direction, fill, clear and the brakes allow."""
        target = source.other
        refusal = self._refusal(source, forced)
        if refusal:
            return refusal
        sent = self.translator.to_send(target, self.value(source))
        if isinstance(sent, Problem):
            verdict = Verdict.WAIT if sent.code == "reference" else Verdict.HOLD
            return Decision(verdict, sent.code, sent.reason, target, allowed=sent.allowed)
        if self.translator.is_several:
            shown = self.value(target)
            sent = sent.behind(shown) if isinstance(sent, Awaited) else joined(shown, sent)
        own = self.translator.own
        if not isinstance(sent, Awaited) and own(target, sent) == own(target, self.value(target)):
            return Decision(
                Verdict.SETTLE, "as written", f"the {target} side shows what would be written already"
            )
        if not forced and self._fought_over(target, self._common(source)):
            reason = (
                "we wrote it again and again and it was moved back each time; somebody else writes it too"
            )
            return Decision(Verdict.HOLD, "fought over", reason, target)
        return Decision(Verdict.WRITE, rule, self._why(source, rule), target, sent, self._losing(target))

    def _refusal(self, source: Side, forced: bool) -> Decision | None:
        target, field_map = source.other, self.translator.map
        fills = field_map.rule_on(target) is WriteRule.FILL
        if not field_map.direction.allows(target):
            return Decision(Verdict.SETTLE, "one way", f"the field is not written to the {target}")
        if self._empty(source) and not forced:
            if field_map.clear is OnClear.KEEP or fills:
                return Decision(
                    Verdict.SETTLE, "not cleared", f"the {source} is empty, which does not erase a value"
                )
        elif fills and not (forced or self.overwriting is target or self._empty(target)):
            return Decision(
                Verdict.SETTLE, "fill", f"the {target} is filled, and the field only fills blanks"
            )
        return None

    def _losing(self, target: Side) -> Raw:
        """What somebody wrote on the target and what gives way; a value both agreed on is lost by nobody."""
        if self.translator.is_several:
            return None
        known = self.agreement
        ours = known is not None and (known.agreed or known.settled in _NOBODYS)
        nobodys = ours and not self._never_agreed() and not self.changed(target)
        return None if nobodys or self._empty(target) else self.value(target)

    def _why(self, source: Side, rule: str) -> str:
        return f"{rule}: the {source} value goes to the {source.other}"

    def _fought_over(self, target: Side, value: Norm) -> bool:
        """Whether our last writes came so close together that somebody must be writing against us.

        How long ago that was does not matter: the hold stays until a person decides or another value comes.
        """
        if self.agreement is None or not self.agreement.writes:
            return False
        last = self.agreement.writes[-1].at
        recent = [w for w in self.agreement.writes if last - w.at <= FIGHT_WINDOW]
        if sum(1 for w in recent if w.side is target and w.value == value) >= FIGHT_WRITES:
            return True
        if len(recent) < 3:
            return False
        first, second, third = (w.value for w in recent[-3:])
        return first == third and second == value and first != second


_AGREED = Decision(Verdict.QUIET, "agreed")
_AGREE = Decision(Verdict.AGREE, "agree", "both sides show the same")
_UNCHANGED = Decision(Verdict.QUIET, "unchanged")


def _after(one: ChangeTime | None, other: ChangeTime | None, skew: timedelta) -> bool:
    """Whether `one` certainly came after `other`: the intervals are apart by more than the skew."""
    return one is not None and other is not None and one.after is not None and one.after >= other.by + skew


def unwritten(merge: FieldMerge, decision: Decision) -> Agreement:
    """The agreement after a decision that writes nothing: AGREE or SETTLE."""
    known = merge.agreement
    agree = decision.verdict is Verdict.AGREE
    return Agreement(
        base=base_after(merge.translator, known, _told(merge), agreed=agree),
        left=merge.value(Side.LEFT),
        right=merge.value(Side.RIGHT),
        map=merge.fingerprint,
        agreed=agree,
        settled=None if agree else decision.rule,
        writes=known.writes if known else (),
    )


def _told(merge: FieldMerge) -> Norm:
    """The common form of the side that is carried over; of the left one where both are."""
    return merge.commons[1 if merge.translator.map.direction.source is Side.RIGHT else 0]
