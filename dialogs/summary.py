"""The one-page summary: what was answered along the route, and the few points worth talking about.

Promises: pure, and complete: every answer on the route is in it exactly once, nothing off the route is. It orders and counts;
it never judges: what is a concern is said by the choices in the municipality's own scripts, and what a goal counts as by its
evaluation model. Goals are counted beside the initiatives and share the same three to five points with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from dialogs.answers import People, as_day, as_number, as_people
from dialogs.engine import GOAL, INITIATIVE, Answers, Stop, Subject, route
from dialogs.script import Attainment, Choice, Field, Kind, Role, Script, Wording

MOST_POINTS = 5
FEWEST_POINTS = 3

Why = Literal["concern", "help", "changed", "none"]
GoalWhy = Literal["not_reached", "concern", "partly", "changed", "none"]
_RANK: dict[Why | GoalWhy, int] = {"not_reached": 0, "concern": 1, "partly": 2, "help": 3, "changed": 4, "none": 5}

_ENTRY_ROLES = frozenset(
    (Role.STATUS, Role.CHALLENGE, Role.REMEDY, Role.INVOLVE, Role.NEXT, Role.RESPONSIBLE, Role.BY_WHEN, Role.DEADLINE)
)
_GOAL_ROLES = frozenset(
    (
        *(Role.STATUS, Role.CHALLENGE, Role.NEXT, Role.RESPONSIBLE, Role.BY_WHEN),
        *(Role.READING, Role.READING_ON, Role.READING_SOURCE, Role.NO_DATA, Role.NEXT_READING),
        *(Role.ATTAINMENT, Role.CAUSE, Role.BASIS, Role.CONSEQUENCE),
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said of one subject, by role; `other` holds the answers that no role speaks for."""

    subject: Subject
    status: Choice | None = None
    before: Choice | None = None  # last round's status
    again: bool = False  # the same concern as last round
    challenge: str = ""
    remedy: str = ""
    involve: People | None = None
    next: str = ""
    responsible: People | None = None
    by_when: date | None = None
    deadline: date | None = None
    other: tuple[tuple[Field, object], ...] = ()
    skipped: tuple[Wording, ...] = ()  # what was pressed instead of an answer: »Det aftaler vi på mødet«

    @property
    def why(self) -> Why:
        """Why it is worth talking about, most pressing first; `none` when it need not be."""
        if self.status and self.status.concern:
            return "concern"
        if self.involve and (self.involve["people"] or self.involve["others"]):
            return "help"
        return "changed" if self.status and self.before and self.status.id != self.before.id else "none"


@dataclass(frozen=True, slots=True)
class GoalEntry:
    """What was said of one goal, by role; `other` holds the answers that no role speaks for."""

    subject: Subject
    reading: Decimal | None = None
    reading_on: date | None = None
    reading_source: str = ""
    no_data: str = ""
    next_reading: date | None = None
    status: Choice | None = None  # where a round asks how the goal goes, and does not judge it
    attained: Choice | None = None
    score: Decimal | None = None  # where the evaluation model asks for a number
    counts_as: Attainment | None = None  # None when it was not judged in this round
    before: Attainment | None = None  # what it counted as last round
    cause: Choice | None = None
    basis: str = ""
    consequence: Choice | None = None
    challenge: str = ""
    next: str = ""
    responsible: People | None = None
    by_when: date | None = None
    other: tuple[tuple[Field, object], ...] = ()
    skipped: tuple[Wording, ...] = ()  # what was pressed instead of an answer: »Der er ingen nye data«

    @property
    def why(self) -> GoalWhy:
        """Why it is worth talking about, most pressing first; `none` when it need not be."""
        if self.counts_as is Attainment.NOT_REACHED:
            return "not_reached"
        if self.status and self.status.concern:
            return "concern"
        if self.counts_as is Attainment.PARTLY:
            return "partly"
        return "changed" if self.counts_as and self.before and self.counts_as is not self.before else "none"


_Talk = TypeVar("_Talk", Entry, GoalEntry, Entry | GoalEntry)


@dataclass(frozen=True, slots=True)
class Summary:
    """A dialogue on one page: counts by status, three to five points, and all the rest by source."""

    counts: tuple[tuple[Choice, int], ...]
    talk: tuple[Entry | GoalEntry, ...]  # the points, most pressing first
    more_concerns: int  # concerns beyond the points that have room
    entries: tuple[Entry, ...]
    remark: str
    closing: tuple[tuple[Field, object], ...]  # all other answers that are about no initiative and no goal, by field
    goals: tuple[GoalEntry, ...] = ()
    goal_counts: tuple[tuple[Attainment, int], ...] = ()
    more_goals: int = 0  # goals not reached, or only partly, beyond the points that have room

    @property
    def points(self) -> tuple[Entry, ...]:
        """The points that are about initiatives."""
        return tuple(one for one in self.talk if isinstance(one, Entry))

    @property
    def goal_points(self) -> tuple[GoalEntry, ...]:
        """The points that are about goals."""
        return tuple(one for one in self.talk if isinstance(one, GoalEntry))

    @property
    def goals_rest(self) -> tuple[GoalEntry, ...]:
        """The goals that are not among the points."""
        shown = {one.subject.id for one in self.goal_points}
        return tuple(one for one in self.goals if one.subject.id not in shown)

    def said_as(self, *roles: Role) -> tuple[tuple[Field, object], ...]:
        """The closing answers with one of those roles: the economy, next year's themes, the board."""
        return tuple((field, value) for field, value in self.closing if field.role in roles)

    @property
    def rest(self) -> tuple[Entry, ...]:
        """The entries that are not among the points."""
        shown = {entry.subject.id for entry in self.points}
        return tuple(entry for entry in self.entries if entry.subject.id not in shown)

    @property
    def steps_agreed(self) -> tuple[Entry, ...]:
        """The entries for which something was said about what happens now."""
        return tuple(entry for entry in self.entries if entry.next)


def summarise(script: Script, subjects: Sequence[Subject], answers: Answers, before: Answers) -> Summary:
    """Sum up the answers on the route, with last round's answers (`before`) to compare with."""
    stops = [stop for stop in route(script, subjects, answers) if stop.place in answers]
    entries = tuple(_entry(one, _of(one.id, stops), answers, before) for one in _asked(INITIATIVE, stops))
    goals = tuple(_goal(one, _of(one.id, stops), answers, before) for one in _asked(GOAL, stops))
    both: tuple[Entry | GoalEntry, ...] = (*goals, *entries)
    talk = worth_talking_about(both)
    once = [(field, value) for stop in stops if _is_closing(stop) for field, value in _said(stop, answers)]
    return Summary(
        counts=_counts(script, entries),
        talk=talk,
        more_concerns=_concerns(entries) - _concerns(talk),
        entries=entries,
        remark="\n".join(str(value) for field, value in once if field.role is Role.REMARK),
        closing=tuple((field, value) for field, value in once if field.role is not Role.REMARK),
        goals=goals,
        goal_counts=_goal_counts(goals),
        more_goals=_short_of(goals) - _short_of(talk),
    )


def _is_closing(stop: Stop) -> bool:
    """Whether a stop is about no initiative and no goal: the whole dialogue, the board, the next agreement."""
    return stop.section.each not in (INITIATIVE, GOAL)


def _asked(kind: str, stops: Iterable[Stop]) -> Iterable[Subject]:
    return {stop.subject.id: stop.subject for stop in stops if stop.section.each == kind}.values()


def _concerns(entries: Iterable[Entry | GoalEntry]) -> int:
    return sum(isinstance(entry, Entry) and entry.why == "concern" for entry in entries)


def _short_of(entries: Iterable[Entry | GoalEntry]) -> int:
    return sum(isinstance(entry, GoalEntry) and entry.why in ("not_reached", "concern", "partly") for entry in entries)


def worth_talking_about(entries: Sequence[_Talk]) -> tuple[_Talk, ...]:
    """At most five: goals not reached, concerns, goals reached in part, those needing others; changes fill up to three.

    Among equals the order asked is kept.
    """
    worth = sorted((entry for entry in entries if entry.why != "none"), key=lambda entry: _RANK[entry.why])
    pressing = [entry for entry in worth if entry.why != "changed"][:MOST_POINTS]
    changed = [entry for entry in worth if entry.why == "changed"]
    return tuple(pressing + changed[: max(0, FEWEST_POINTS - len(pressing))])


def _of(subject_id: str, stops: Iterable[Stop]) -> list[Stop]:
    return [stop for stop in stops if stop.subject.id == subject_id]


def _said(stop: Stop, answers: Answers) -> list[tuple[Field, object]]:
    values = answers[stop.place]
    return [(field, values[field.id]) for field in stop.step.fields if field.id in values]


def _entry(subject: Subject, stops: Sequence[Stop], answers: Answers, before: Answers) -> Entry:
    by_role, other = _by_role(stops, answers, _ENTRY_ROLES)
    status = _choice(by_role.get(Role.STATUS))
    earlier = _status_before(stops, before)
    return Entry(
        subject=subject,
        status=status,
        before=earlier,
        again=bool(status and earlier and status.id == earlier.id and status.concern),
        challenge=_text(by_role, Role.CHALLENGE),
        remedy=_text(by_role, Role.REMEDY),
        involve=_people(by_role, Role.INVOLVE),
        next=_text(by_role, Role.NEXT),
        responsible=_people(by_role, Role.RESPONSIBLE),
        by_when=_day(by_role, Role.BY_WHEN),
        deadline=_day(by_role, Role.DEADLINE),
        other=other,
        skipped=_skipped(stops, answers),
    )


def _goal(subject: Subject, stops: Sequence[Stop], answers: Answers, before: Answers) -> GoalEntry:
    by_role, other = _by_role(stops, answers, _GOAL_ROLES)
    return GoalEntry(
        subject=subject,
        reading=_number(by_role, Role.READING),
        reading_on=_day(by_role, Role.READING_ON),
        reading_source=_text(by_role, Role.READING_SOURCE),
        no_data=_text(by_role, Role.NO_DATA),
        next_reading=_day(by_role, Role.NEXT_READING),
        status=_choice(by_role.get(Role.STATUS)),
        attained=_choice(by_role.get(Role.ATTAINMENT)),
        score=_number(by_role, Role.ATTAINMENT),
        counts_as=_counted(stops, answers),
        before=_counted(stops, before),
        cause=_choice(by_role.get(Role.CAUSE)),
        basis=_text(by_role, Role.BASIS),
        consequence=_choice(by_role.get(Role.CONSEQUENCE)),
        challenge=_text(by_role, Role.CHALLENGE),
        next=_text(by_role, Role.NEXT),
        responsible=_people(by_role, Role.RESPONSIBLE),
        by_when=_day(by_role, Role.BY_WHEN),
        other=other,
        skipped=_skipped(stops, answers),
    )


_Said = Mapping[Role, tuple[Field, object]]


def _by_role(
    stops: Sequence[Stop], answers: Answers, roles: frozenset[Role]
) -> tuple[_Said, tuple[tuple[Field, object], ...]]:
    """What was said by role, and what else was said: a role speaks for one field, and only for those it can be told by."""
    by_role: dict[Role, tuple[Field, object]] = {}
    other: list[tuple[Field, object]] = []
    for field, value in (said for stop in stops for said in _said(stop, answers)):
        if field.role not in roles or by_role.setdefault(field.role, (field, value))[0] is not field:
            other.append((field, value))
    return by_role, tuple(other)


def _skipped(stops: Iterable[Stop], answers: Answers) -> tuple[Wording, ...]:
    return tuple(stop.step.skip for stop in stops if stop.step.skip and not answers[stop.place])


def _counted(stops: Iterable[Stop], answers: Answers) -> Attainment | None:
    """What a goal counts as by the field that says whether it is reached; a judgement left out cannot be judged."""
    for stop in stops:
        for field in stop.step.fields:
            if field.role is Role.ATTAINMENT and stop.place in answers:
                return _counts_as(field, answers[stop.place].get(field.id)) or Attainment.UNKNOWN
    return None


def _counts_as(field: Field, value: object) -> Attainment | None:
    number = as_number(value)
    if number is not None and field.scale:
        return field.on_scale(number)
    choice = field.choice(str(value))
    return choice.counts_as if choice else None


def _goal_counts(goals: Sequence[GoalEntry]) -> tuple[tuple[Attainment, int], ...]:
    """Counts in the order reached, partly, not, unknown; those that no goal counts as are left out."""
    numbers = {one: sum(goal.counts_as is one for goal in goals) for one in Attainment}
    return tuple((one, number) for one, number in numbers.items() if number)


def _choice(said: tuple[Field, object] | None) -> Choice | None:
    return said[0].choice(str(said[1])) if said else None


def _status_before(stops: Sequence[Stop], before: Answers) -> Choice | None:
    for stop in stops:
        for field in stop.step.fields:
            if field.role is Role.STATUS and stop.place in before and field.id in before[stop.place]:
                return field.choice(str(before[stop.place][field.id]))
    return None


def _text(said: _Said, role: Role) -> str:
    return str(said[role][1]) if role in said else ""


def _people(said: _Said, role: Role) -> People | None:
    return as_people(said[role][1]) if role in said else None


def _number(said: _Said, role: Role) -> Decimal | None:
    field, value = said.get(role, (None, None))
    return as_number(value) if field is not None and field.kind in (Kind.NUMBER, Kind.AMOUNT) else None


def _day(said: _Said, role: Role) -> date | None:
    return as_day(said[role][1]) if role in said else None


def _counts(script: Script, entries: Sequence[Entry]) -> tuple[tuple[Choice, int], ...]:
    """Counts by status in the order the script offers the choices; those nobody chose are left out."""
    offered = [
        choice
        for section in script.sections
        for step in section.steps
        for field in step.fields
        if field.role is Role.STATUS and field.kind is Kind.CHOICE
        for choice in field.choices
    ]
    numbers = {choice.id: sum(entry.status == choice for entry in entries) for choice in offered}
    return tuple((choice, numbers[choice.id]) for choice in dict.fromkeys(offered) if numbers[choice.id])
