"""The next period of every agreement that ends: the same workbook with new agreements and what is unfinished carried over.

Promises: nothing that is stored is changed. A goal keeps its code, and so its history, and is in both agreements; an initiative
belongs to one agreement, so what is not finished gets a new row of its own. Who has a next agreement already gets no other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, select

from store import tables
from store.workbook.municipality import Agreement, Goal, Initiative, Municipality, read_municipality

_FINISHED = ("completed", "stopped")


@dataclass(frozen=True, slots=True)
class Finished:
    """What needs no next period: goals reached, by goal and agreement, and initiatives completed or stopped."""

    goals: frozenset[tuple[str, str]] = frozenset()
    initiatives: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Renewal:
    """The municipality with the next period in it, and how much that is."""

    municipality: Municipality
    agreements: int
    goals: int
    initiatives: int


def renew(connection: Connection, starts: date, ends: date) -> Renewal:
    """Everything stored, with the next period of the agreements that end the day before it starts."""
    return renewed(read_municipality(connection), read_finished(connection), starts, ends)


def read_finished(connection: Connection) -> Finished:
    """What the last dialogues said is finished."""
    link, goal, agreement, initiative = tables.agreement_goal, tables.goal, tables.agreement, tables.initiative
    reached = connection.execute(
        select(goal.c.code, agreement.c.code)
        .join_from(link, goal, link.c.goal_id == goal.c.id)
        .join(agreement, link.c.agreement_id == agreement.c.id)
        .where(link.c.last_attainment == "reached")
    )
    done = connection.execute(select(initiative.c.code).where(initiative.c.last_status.in_(_FINISHED)))
    return Finished(frozenset((row[0], row[1]) for row in reached), frozenset(row[0] for row in done))


def renewed(town: Municipality, finished: Finished, starts: date, ends: date) -> Renewal:
    """The municipality with new agreements from one day to another, after those that end the day before."""
    following = dict(_following(town.agreements, starts, ends))  # the new agreement, by the code of the one it follows
    goals = tuple(_carried(goal, following, finished) for goal in town.goals)
    carried = {goal.code: frozenset(goal.agreements) for goal in goals}
    initiatives = tuple(_initiatives(town, following, carried, finished))
    after = replace(
        town,
        agreements=(*town.agreements, *following.values()),
        goals=goals,
        initiatives=(*town.initiatives, *initiatives),
    )
    return Renewal(
        after,
        agreements=len(following),
        goals=sum(now != before for now, before in zip(goals, town.goals, strict=True)),
        initiatives=len(initiatives),
    )


def _following(agreements: Collection[Agreement], starts: date, ends: date) -> Iterator[tuple[str, Agreement]]:
    taken = {one.code for one in agreements}
    for one in agreements:
        has_next = any(
            (other.unit, other.model) == (one.unit, one.model) and other.to_day >= starts for other in agreements
        )
        if one.to_day == starts - timedelta(days=1) and not has_next:
            code = _next_code(one.code, one.from_day, starts, taken)
            taken.add(code)
            yield one.code, replace(one, code=code, from_day=starts, to_day=ends)


def _next_code(code: str, began: date, starts: date, taken: Collection[str]) -> str:
    """The code with the new year in the place of the old, or after it: SOL-2026 → SOL-2027, SOL-26 → SOL-27, I12 → I12-2027."""
    match = re.fullmatch(rf"(.*[-_./ ])(?:{began.year}|{began.year % 100:02})", code)
    year = str(starts.year)
    stem = f"{match[1]}{year[-(len(code) - len(match[1])) :]}" if match else f"{code}-{year}"
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found


def _carried(goal: Goal, following: Mapping[str, Agreement], finished: Finished) -> Goal:
    """The goal in the next agreements too, where it is not reached."""
    came = {
        following[code].code
        for code in goal.agreements
        if code in following and (goal.code, code) not in finished.goals
    }
    return replace(goal, agreements=tuple(sorted({*goal.agreements, *came}))) if came else goal


def _initiatives(
    town: Municipality,
    following: Mapping[str, Agreement],
    carried: Mapping[str, frozenset[str]],
    finished: Finished,
) -> Iterator[Initiative]:
    """The unfinished initiatives under the goals that are carried over, each with a code and no deadline that has passed."""
    taken = {one.code for one in town.initiatives}
    begun = {one.code: one.from_day for one in town.agreements}
    for one in town.initiatives:
        into = following.get(one.agreement)
        if into is None or one.code in finished.initiatives or into.code not in carried.get(one.goal, frozenset()):
            continue
        code = _next_code(one.code, begun[one.agreement], into.from_day, taken)
        taken.add(code)
        due_on = one.due_on if one.due_on and one.due_on >= into.from_day else None
        yield replace(one, code=code, agreement=into.code, due_on=due_on, continues=one.code)
