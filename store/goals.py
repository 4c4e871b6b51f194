"""Goals of an agreement and what their evidence showed: read for a dialogue that asks about them, written when it is sent.

Promises: a dialogue gives one reading of a goal; sending it again replaces that reading and no other. A reading belongs to the unit
that gave it, or to every agreement with the goal. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, or_, select, update

from store import tables as t

MOST_READINGS = 8
"""The latest readings of a goal that are shown beside it."""


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal as an agreement has it."""

    id: int
    title: str
    source: str
    policy: str
    objective: str
    measure: str
    baseline: Decimal | None
    baseline_on: date | None
    target: Decimal | None
    due_on: date | None
    evidence: str
    next_reading_on: date | None


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What the evidence of a goal showed on a day, or why there was nothing new and when there will be."""

    goal_id: int
    value: Decimal | None
    measured_on: date | None
    source: str
    no_data_because: str
    next_reading_on: date | None


_GOALS: Select[Any] = (
    select(  # every field of a GoalRow, in its order
        t.goal.c.id,
        t.goal.c.title,
        t.goal.c.source,
        func.coalesce(t.goal.c.policy, ""),
        func.coalesce(t.objective.c.title, ""),
        func.coalesce(t.goal.c.measure, ""),
        t.goal.c.baseline,
        t.goal.c.baseline_on,
        t.goal.c.target,
        t.goal.c.due_on,
        func.coalesce(t.goal.c.evidence, ""),
        t.goal.c.next_reading_on,
    )
    .select_from(t.agreement_goal.join(t.goal).outerjoin(t.objective))
    .where(t.agreement_goal.c.agreement_id == bindparam("agreement_id"))
    .order_by(t.goal.c.id)
)
_READINGS: Select[Any] = (
    select(
        t.reading.c.goal_id,
        t.reading.c.value,
        t.reading.c.measured_on,
        func.coalesce(t.reading.c.source, ""),
        func.coalesce(t.reading.c.no_data_because, ""),
        t.reading.c.next_reading_on,
    )
    .select_from(t.reading.join(t.agreement_goal, t.agreement_goal.c.goal_id == t.reading.c.goal_id))
    .where(
        t.agreement_goal.c.agreement_id == bindparam("agreement_id"),
        or_(t.reading.c.unit_id.is_(None), t.reading.c.unit_id == bindparam("unit_id")),
        or_(t.reading.c.dialogue_id.is_(None), t.reading.c.dialogue_id != bindparam("dialogue_id")),
    )
    .order_by(t.reading.c.measured_on.desc(), t.reading.c.id.desc())
)


class Goals:
    """The goals as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_agreement(self, agreement_id: int) -> tuple[GoalRow, ...]:
        """The agreement's goals, in the order they were made."""
        return tuple(GoalRow(*row) for row in self._connection.execute(_GOALS, {"agreement_id": agreement_id}))

    def readings(self, agreement_id: int, unit_id: int, dialogue_id: int) -> Mapping[int, tuple[ReadingRow, ...]]:
        """The latest readings by goal, oldest first, other than what is given in this dialogue itself."""
        asked = {"agreement_id": agreement_id, "unit_id": unit_id, "dialogue_id": dialogue_id}
        found: defaultdict[int, list[ReadingRow]] = defaultdict(list)
        for row in self._connection.execute(_READINGS, asked):
            if len(found[row.goal_id]) < MOST_READINGS:
                found[row.goal_id].append(ReadingRow(*row))
        return {goal: tuple(reversed(rows)) for goal, rows in found.items()}

    def keep_readings(
        self, dialogue_id: int, unit_id: int, readings: Sequence[ReadingRow], person_id: int, now: datetime
    ) -> None:
        """Keep what a dialogue says of its goals, instead of what it said before."""
        self._connection.execute(delete(t.reading).where(t.reading.c.dialogue_id == dialogue_id))
        rows = [
            {
                "goal_id": one.goal_id,
                "unit_id": unit_id,
                "dialogue_id": dialogue_id,
                "value": one.value,
                "measured_on": one.measured_on,
                "source": one.source or None,
                "no_data_because": one.no_data_because or None,
                "next_reading_on": one.next_reading_on,
                "person_id": person_id,
                "at": now,
            }
            for one in readings
        ]
        if rows:
            self._connection.execute(insert(t.reading), rows)

    def keep_attainments(self, agreement_id: int, dialogue_id: int, attained: Mapping[int, str]) -> None:
        """Note how far each goal is reached in an agreement, as it was last sent."""
        rows = [{"of_goal": goal, "attained": how} for goal, how in attained.items()]
        if rows:
            self._connection.execute(
                update(t.agreement_goal)
                .where(
                    t.agreement_goal.c.agreement_id == agreement_id, t.agreement_goal.c.goal_id == bindparam("of_goal")
                )
                .values(last_attainment=bindparam("attained"), last_dialogue_id=dialogue_id),
                rows,
            )

    def shared_with(self, goal_ids: Iterable[int]) -> Mapping[int, int]:
        """In how many agreements each goal is."""
        rows = self._connection.execute(
            select(t.agreement_goal.c.goal_id, func.count())
            .where(t.agreement_goal.c.goal_id.in_(sorted(set(goal_ids))))
            .group_by(t.agreement_goal.c.goal_id)
        )
        return {row[0]: int(row[1]) for row in rows}
