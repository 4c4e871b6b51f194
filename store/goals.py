"""Goals of an agreement and what their evidence showed: read for a dialogue that asks about them, written when it is sent.

Promises: a dialogue gives one reading of a goal; sending it again replaces that reading and no other. A reading belongs to the unit
that gave it, or to every agreement with the goal. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, func, insert, or_, select, update

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
    # These two are no part of what is signed, and what is signed is known by how a goal is written.
    is_common: bool = field(repr=False)  # one number for all who have it
    units: int = field(repr=False)  # how many units have it


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What the evidence of a goal showed on a day, or why there was nothing new and when there will be."""

    goal_id: int
    value: Decimal | None
    measured_on: date | None
    source: str
    no_data_because: str
    next_reading_on: date | None
    told_by: int | None = None  # the unit in whose dialogue it was given; None: a workbook


COMMON = "common"
"""How the readings of a goal are kept that has one number for all who have it."""

_sharing = t.agreement_goal.alias("sharing")
_UNITS = (
    select(func.count(t.agreement.c.unit_id.distinct()))
    .select_from(_sharing.join(t.agreement, t.agreement.c.id == _sharing.c.agreement_id))
    .where(_sharing.c.goal_id == t.goal.c.id)
    .correlate(t.goal)
    .scalar_subquery()
)
_ANY_GOAL: Select[Any] = (
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
        func.coalesce(t.goal.c.readings, "") == COMMON,
        _UNITS,
    )
    .select_from(t.goal.outerjoin(t.objective))
    .order_by(t.goal.c.id)
)
_GOALS = _ANY_GOAL.join(t.agreement_goal, t.agreement_goal.c.goal_id == t.goal.c.id).where(
    t.agreement_goal.c.agreement_id == bindparam("agreement_id")
)
_READINGS: Select[Any] = (
    select(
        t.reading.c.goal_id,
        t.reading.c.value,
        t.reading.c.measured_on,
        func.coalesce(t.reading.c.source, ""),
        func.coalesce(t.reading.c.no_data_because, ""),
        t.reading.c.next_reading_on,
        t.agreement.c.unit_id,
        t.reading.c.unit_id.label("reading_unit"),
        (func.coalesce(t.goal.c.readings, "") == COMMON).label("is_common"),
    )
    .select_from(
        t.reading.join(t.agreement_goal, t.agreement_goal.c.goal_id == t.reading.c.goal_id)
        .join(t.goal, t.goal.c.id == t.reading.c.goal_id)
        .outerjoin(t.dialogue, t.dialogue.c.id == t.reading.c.dialogue_id)
        .outerjoin(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
    )
    .where(
        t.agreement_goal.c.agreement_id == bindparam("agreement_id"),
        or_(t.reading.c.unit_id.is_(None), t.reading.c.unit_id == bindparam("unit_id")),
        or_(t.reading.c.dialogue_id.is_(None), t.reading.c.dialogue_id != bindparam("dialogue_id")),
    )
    .order_by(
        t.reading.c.measured_on.desc(),
        t.reading.c.unit_id.is_not(None),
        t.reading.c.dialogue_id.is_not(None),
        t.reading.c.id.desc(),
    )
)
_later = t.reading.alias("later")
_NEXT_IN_LINE = (
    update(t.reading)
    .where(
        t.reading.c.id
        == select(func.min(_later.c.id))
        .where(
            _later.c.goal_id == bindparam("of_goal"),
            _later.c.measured_on == bindparam("of_day"),
            _later.c.unit_id.is_not(None),
            _later.c.value.is_not(None),
        )
        .scalar_subquery()
    )
    .values(unit_id=None)
)
"""Somebody else's number for the same day is everybody's from now on, now that the first was taken back."""


class Goals:
    """The goals as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_agreement(self, agreement_id: int) -> tuple[GoalRow, ...]:
        """The agreement's goals, in the order they were made."""
        return tuple(GoalRow(*row) for row in self._connection.execute(_GOALS, {"agreement_id": agreement_id}))

    def by_ids(self, goal_ids: Iterable[int]) -> tuple[GoalRow, ...]:
        """Goals by their ids, whatever agreement they are in today."""
        wanted = sorted(set(goal_ids))
        rows = self._connection.execute(_ANY_GOAL.where(t.goal.c.id.in_(wanted))) if wanted else ()
        return tuple(GoalRow(*row) for row in rows)

    def readings(self, agreement_id: int, unit_id: int, dialogue_id: int) -> Mapping[int, tuple[ReadingRow, ...]]:
        """The latest readings by goal, oldest first, other than what is given in this dialogue itself."""
        asked = {"agreement_id": agreement_id, "unit_id": unit_id, "dialogue_id": dialogue_id}
        found: defaultdict[int, list[ReadingRow]] = defaultdict(list)
        for row in _shown(self._connection.execute(_READINGS, asked), unit_id):
            if len(found[row.goal_id]) < MOST_READINGS:
                found[row.goal_id].append(row)
        return {goal: tuple(reversed(rows)) for goal, rows in found.items()}

    def keep_readings(
        self, dialogue_id: int, unit_id: int, readings: Sequence[ReadingRow], person_id: int, now: datetime
    ) -> None:
        """Keep what a dialogue says of its goals, instead of what it said before.

        Of a goal that has one number for all, the first that is told of a day is everybody's; what others tell of that day is their
        own, and takes its place if the first is taken back.
        """
        before = self._taken_back(dialogue_id)
        self._hold([*(one.goal_id for one in readings), *(goal for goal, _ in before)])
        self._connection.execute(delete(t.reading).where(t.reading.c.dialogue_id == dialogue_id))
        for goal, day in before:
            self._connection.execute(_NEXT_IN_LINE, {"of_goal": goal, "of_day": day})
        common = self._common(one.goal_id for one in readings)
        rows = [
            {
                "goal_id": one.goal_id,
                "unit_id": None if _is_first(one, common) else unit_id,
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

    def _taken_back(self, dialogue_id: int) -> tuple[tuple[int, date], ...]:
        """The goals and days of which a dialogue told everybody's number until now."""
        told = select(t.reading.c.goal_id, t.reading.c.measured_on).where(
            t.reading.c.dialogue_id == dialogue_id, t.reading.c.unit_id.is_(None), t.reading.c.measured_on.is_not(None)
        )
        return tuple((row[0], row[1]) for row in self._connection.execute(told))

    def _hold(self, goal_ids: Iterable[int]) -> None:
        """Keep others from telling a number of the goals that have one for all, until this transaction ends."""
        shared = and_(t.goal.c.id.in_(sorted(set(goal_ids))), t.goal.c.readings == COMMON)
        self._connection.execute(select(t.goal.c.id).where(shared).order_by(t.goal.c.id).with_for_update())

    def _common(self, goal_ids: Iterable[int]) -> Mapping[int, frozenset[date]]:
        """Of the goals that have one number for all: the days there is one of."""
        wanted = sorted(set(goal_ids))
        asked = select(t.goal.c.id, t.reading.c.measured_on).outerjoin(
            t.reading, and_(t.reading.c.goal_id == t.goal.c.id, t.reading.c.unit_id.is_(None))
        )
        found: defaultdict[int, set[date]] = defaultdict(set)
        for row in self._connection.execute(asked.where(t.goal.c.id.in_(wanted), t.goal.c.readings == COMMON)):
            found[row.id] |= {row.measured_on} - {None}
        return {goal: frozenset(days) for goal, days in found.items()}

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

    def across(self, agreement_id: int, day: date) -> Mapping[int, Mapping[str, int]]:
        """How the initiatives go that others have for the same goals in agreements in force, by goal: status -> number.

        The status is as last sent; "" is none yet.
        """
        ours = t.agreement_goal.alias("ours")
        rows = self._connection.execute(
            select(t.initiative.c.goal_id, t.initiative.c.last_status, func.count())
            .select_from(
                t.initiative.join(ours, ours.c.goal_id == t.initiative.c.goal_id).join(
                    t.agreement, t.agreement.c.id == t.initiative.c.agreement_id
                )
            )
            .where(
                ours.c.agreement_id == agreement_id,
                t.initiative.c.agreement_id != agreement_id,
                t.agreement.c.from_day <= day,
                t.agreement.c.to_day >= day,
            )
            .group_by(t.initiative.c.goal_id, t.initiative.c.last_status)
        )
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for goal, status, number in rows:
            found[goal][status or ""] = int(number)
        return found


def _is_first(one: ReadingRow, common: Mapping[int, frozenset[date]]) -> bool:
    """Whether a number is everybody's: the goal has one for all, and nobody has told it for that day yet."""
    return one.value is not None and one.goal_id in common and one.measured_on not in common[one.goal_id]


def _shown(rows: Iterable[Row[Any]], unit_id: int) -> Iterator[ReadingRow]:
    """The readings a unit is shown, the latest first: a day's common number once, the workbook's before one that was told.

    A number that somebody else told for all is not shown of a goal that each measures for itself by now.
    """
    told: set[tuple[int, date | None, Decimal | None]] = set()
    days: set[tuple[int, date | None]] = set()
    for row in rows:
        is_for_all = row.reading_unit is None
        is_anothers = is_for_all and row.unit_id not in (None, unit_id) and not row.is_common
        is_second = is_for_all and row.value is not None and (row.goal_id, row.measured_on) in days
        is_said = row.value is not None and (row.goal_id, row.measured_on, row.value) in told
        if is_anothers or is_second or is_said:
            continue
        told.add((row.goal_id, row.measured_on, row.value))
        days |= {(row.goal_id, row.measured_on)} if is_for_all else set()
        yield ReadingRow(*tuple(row)[:7])
