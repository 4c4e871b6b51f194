"""A municipality as its workbook holds it: units, people, posts, agreements, goals, initiatives, absences and readings.

Promises: frozen rows that point to each other by the codes and addresses people write, never by ids, so that a row read from a
workbook equals the same row read from the database. Knows nothing of Excel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, case, select

from store import tables

Key = tuple[str | date, ...]  # what makes two rows the same row, whatever else differs


@dataclass(frozen=True, slots=True)
class Unit:
    """One node of the organisation. `model` and `evaluation` None are inherited from the unit above."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    model: str | None = None
    slack_channel: str | None = None
    teams_channel: str | None = None
    evaluation: str | None = None

    @property
    def key(self) -> Key:
        """The unit's code."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold a post; the e-mail address is in lower case.

    How often they are reminded (`cadence`: light, off) and whether they get the weekly overview (`digest`: yes, no) they may choose
    themselves in the chat; None is what everybody has.
    """

    email: str
    name: str
    language: str = "da"
    cadence: str | None = None
    digest: str | None = None

    @property
    def key(self) -> Key:
        """The person's e-mail address."""
        return (self.email,)


@dataclass(frozen=True, slots=True)
class Post:
    """A person's role in a unit, from a day to and including another; None is until further notice."""

    email: str
    unit: str
    role: str
    from_day: date
    to_day: date | None = None

    @property
    def key(self) -> Key:
        """Person, unit, role and first day."""
        return (self.email, self.unit, self.role, self.from_day)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days a person is away, both included, and who stands in."""

    email: str
    from_day: date
    to_day: date
    stand_in: str | None = None

    @property
    def key(self) -> Key:
        """Person and first day."""
        return (self.email, self.from_day)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A unit's agreement over a period, both days included. `model` and `evaluation` None are the unit's own."""

    code: str
    unit: str
    from_day: date
    to_day: date
    model: str | None = None
    counterpart: str | None = None  # an e-mail address; None is the nearest leader of the day
    evaluation: str | None = None

    @property
    def key(self) -> Key:
        """The agreement's code."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in one or several agreements; `agreements` is sorted and without repeats.

    `readings` is "common" where one number is measured for all who have the goal; None is each unit its own.
    """

    code: str
    title: str
    source: str
    agreements: tuple[str, ...] = ()
    objective: str | None = None
    policy: str | None = None
    measure: str | None = None
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    due_on: date | None = None
    evidence: str | None = None
    next_reading_on: date | None = None
    readings: str | None = None

    @property
    def key(self) -> Key:
        """The goal's code."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Initiative:
    """A concrete action under one goal in one agreement; `owner` is an e-mail address.

    `continues` is the code of the initiative of an earlier agreement that goes on in this one.
    """

    code: str
    goal: str
    agreement: str
    title: str
    owner: str | None = None
    due_on: date | None = None
    continues: str | None = None

    @property
    def key(self) -> Key:
        """The initiative's code."""
        return (self.code,)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a goal's evidence showed on a day, of one unit, or of all that have the goal where `unit` is None."""

    goal: str
    measured_on: date
    value: Decimal
    unit: str | None = None
    source: str | None = None

    @property
    def key(self) -> Key:
        """Goal, unit and day."""
        return (self.goal, self.unit or "", self.measured_on)


Row = Unit | Person | Post | Absence | Agreement | Goal | Initiative | Measured


@dataclass(frozen=True, slots=True)
class Municipality:
    """Everything a workbook can hold, in the order it is written."""

    units: tuple[Unit, ...] = ()
    people: tuple[Person, ...] = ()
    posts: tuple[Post, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    goals: tuple[Goal, ...] = ()
    initiatives: tuple[Initiative, ...] = ()
    absences: tuple[Absence, ...] = ()
    measured: tuple[Measured, ...] = ()

    @property
    def size(self) -> int:
        """How many rows there are altogether."""
        return sum(len(getattr(self, kind.name)) for kind in fields(self))


def read_municipality(connection: Connection) -> Municipality:
    """Everything the database holds of what a workbook can hold, each kind in the order it was first stored."""
    return Municipality(
        units=tuple(Unit(*row) for row in connection.execute(_units())),
        people=tuple(Person(*row) for row in connection.execute(_people())),
        posts=tuple(Post(*row) for row in connection.execute(_posts())),
        agreements=tuple(Agreement(*row) for row in connection.execute(_agreements())),
        goals=tuple(_goals(connection)),
        initiatives=tuple(Initiative(*row) for row in connection.execute(_initiatives())),
        absences=tuple(Absence(*row) for row in connection.execute(_absences())),
        measured=tuple(Measured(*row) for row in connection.execute(_measured())),
    )


def _units() -> Select[Any]:
    unit, parent = tables.unit, tables.unit.alias("parent")
    return (
        select(
            unit.c.code,
            unit.c.name,
            unit.c.kind,
            parent.c.code,
            unit.c.model,
            unit.c.slack_channel,
            unit.c.teams_channel,
            unit.c.evaluation,
        )
        .select_from(unit.outerjoin(parent, unit.c.parent_id == parent.c.id))
        .order_by(unit.c.id)
    )


def _people() -> Select[Any]:
    person = tables.person
    digest = case((person.c.digest.is_(True), "yes"), (person.c.digest.is_(False), "no"))
    return select(person.c.email, person.c.name, person.c.language, person.c.cadence, digest).order_by(person.c.id)


def _posts() -> Select[Any]:
    post, person, unit = tables.post, tables.person, tables.unit
    return (
        select(person.c.email, unit.c.code, post.c.role, post.c.from_day, post.c.to_day)
        .join_from(post, person, post.c.person_id == person.c.id)
        .join(unit, post.c.unit_id == unit.c.id)
        .order_by(post.c.id)
    )


def _absences() -> Select[Any]:
    absence, person, stand_in = tables.absence, tables.person, tables.person.alias("stand_in")
    return (
        select(person.c.email, absence.c.from_day, absence.c.to_day, stand_in.c.email)
        .join_from(absence, person, absence.c.person_id == person.c.id)
        .outerjoin(stand_in, absence.c.stand_in_id == stand_in.c.id)
        .order_by(absence.c.id)
    )


def _agreements() -> Select[Any]:
    agreement, unit, counterpart = tables.agreement, tables.unit, tables.person
    return (
        select(
            agreement.c.code,
            unit.c.code,
            agreement.c.from_day,
            agreement.c.to_day,
            agreement.c.model,
            counterpart.c.email,
            agreement.c.evaluation,
        )
        .join_from(agreement, unit, agreement.c.unit_id == unit.c.id)
        .outerjoin(counterpart, agreement.c.counterpart_id == counterpart.c.id)
        .order_by(agreement.c.id)
    )


def _goals(connection: Connection) -> Iterable[Goal]:
    goal, objective = tables.goal, tables.objective
    rows = connection.execute(
        select(
            goal.c.id,
            goal.c.code,
            goal.c.title,
            goal.c.source,
            objective.c.title,
            goal.c.policy,
            goal.c.measure,
            goal.c.baseline,
            goal.c.baseline_on,
            goal.c.target,
            goal.c.due_on,
            goal.c.evidence,
            goal.c.next_reading_on,
            goal.c.readings,
        )
        .select_from(goal.outerjoin(objective, goal.c.objective_id == objective.c.id))
        .order_by(goal.c.id)
    ).all()
    shared = _agreements_of_goals(connection)
    return (Goal(row[1], row[2], row[3], shared.get(row[0], ()), *row[4:]) for row in rows)


def _agreements_of_goals(connection: Connection) -> dict[int, tuple[str, ...]]:
    link, agreement = tables.agreement_goal, tables.agreement
    rows = connection.execute(
        select(link.c.goal_id, agreement.c.code)
        .join_from(link, agreement, link.c.agreement_id == agreement.c.id)
        .order_by(link.c.goal_id)
    ).all()
    return {goal: tuple(sorted(row[1] for row in pairs)) for goal, pairs in groupby(rows, key=lambda row: int(row[0]))}


def _initiatives() -> Select[Any]:
    initiative, goal, agreement, owner = tables.initiative, tables.goal, tables.agreement, tables.person
    earlier = tables.initiative.alias("earlier")
    return (
        select(
            initiative.c.code,
            goal.c.code,
            agreement.c.code,
            initiative.c.title,
            owner.c.email,
            initiative.c.due_on,
            earlier.c.code,
        )
        .join_from(initiative, goal, initiative.c.goal_id == goal.c.id)
        .join(agreement, initiative.c.agreement_id == agreement.c.id)
        .outerjoin(owner, initiative.c.owner_id == owner.c.id)
        .outerjoin(earlier, initiative.c.continues_id == earlier.c.id)
        .order_by(initiative.c.id)
    )


def _measured() -> Select[Any]:
    """The readings a workbook brought; those given in a dialogue are the dialogue's."""
    reading, goal, unit = tables.reading, tables.goal, tables.unit
    return (
        select(goal.c.code, reading.c.measured_on, reading.c.value, unit.c.code, reading.c.source)
        .join_from(reading, goal, reading.c.goal_id == goal.c.id)
        .outerjoin(unit, reading.c.unit_id == unit.c.id)
        .where(reading.c.dialogue_id.is_(None), reading.c.value.is_not(None), reading.c.measured_on.is_not(None))
        .order_by(reading.c.id)
    )
