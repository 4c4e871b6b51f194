"""What a year came to: goals, initiatives and budgets of many units, from the summaries of the dialogues that were sent.

Promises: pure. It counts and orders, and never judges: how far a goal is reached, why, and what follows from it are the leaders' own
choices. A unit's goal is counted once, by the last dialogue that judged it; a goal that many units have, be it one goal or many worded
alike, is rolled up without being given a result of its own. Numbers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from dialogs.answers import as_number
from dialogs.engine import Figures, Reading, Subject
from dialogs.script import Attainment, Choice, Field, Kind, Role, Script
from dialogs.summary import Entry, GoalEntry, Summary

Tally = Mapping[Attainment | None, int]
"""How many judgements there are of each kind, none left out; None counts the goals that were not judged."""


@dataclass(frozen=True, slots=True)
class Told:
    """One dialogue that was sent: whose, and what it said. Of one unit they come in the order of their deadlines."""

    dialogue: int
    unit: int
    script: Script
    summary: Summary


# --- goals ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """One unit's goal: what was said when it was last judged, or else last spoken of, and the latest reading."""

    unit: int
    dialogue: int
    subject: Subject
    said: GoalEntry
    reading: Reading | None = None

    @property
    def counts_as(self) -> Attainment | None:
        """How far the leader says it is reached; None when the leader was not asked to judge it."""
        return self.said.counts_as

    @property
    def is_short(self) -> bool:
        """Whether the leader says that it is not wholly reached."""
        return self.counts_as in (Attainment.NOT_REACHED, Attainment.PARTLY)


@dataclass(frozen=True, slots=True)
class Rolled:
    """A goal with the outcomes of all the units that spoke of it, in their order, those of other goals worded alike among them."""

    subject: Subject
    outcomes: tuple[Outcome, ...]

    @property
    def is_shared(self) -> bool:
        """Whether more units than one have it."""
        return len(self.outcomes) > 1 or (self.subject.figures or Figures()).units > 1

    @property
    def counts(self) -> Tally:
        """How the units judged it."""
        return tally(self.outcomes)

    @property
    def is_common(self) -> bool:
        """Whether one number is for all the units."""
        is_one = len({one.subject.id for one in self.outcomes}) == 1
        return is_one and (self.subject.figures or Figures()).is_common

    @property
    def each(self) -> tuple[Figures, ...]:
        """The figures of each of the goals that are one here, in their order."""
        return tuple({one.subject.id: one.subject.figures or Figures() for one in self.outcomes}.values())

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The latest readings, lowest first; the newest alone where one number is for all."""
        found = sorted((one.reading for one in self.outcomes if one.reading), key=lambda one: (one.value, one.on))
        if found and self.is_common:
            return (max(found, key=lambda one: one.on),)
        return tuple(found)


def outcomes(told: Iterable[Told], until: date) -> tuple[Outcome, ...]:
    """The outcome of each unit's goals, in the order they were first spoken of; nothing measured after `until`."""
    found: dict[tuple[int, str], list[tuple[Told, GoalEntry]]] = {}
    for one in told:
        for goal in one.summary.goals:
            earlier = found.pop((one.unit, goal.subject.continues), []) if goal.subject.continues else []
            found.setdefault((one.unit, goal.subject.id), earlier).append((one, goal))
    return tuple(_outcome(unit, said, until) for (unit, _), said in found.items())


def _outcome(unit: int, said: Sequence[tuple[Told, GoalEntry]], until: date) -> Outcome:
    judged = [one for one in said if one[1].counts_as is not None]
    told, goal = (judged or said)[-1]
    latest = said[-1][1].subject
    return Outcome(unit, told.dialogue, latest, goal, _latest((entry for _, entry in said), until))


def _latest(said: Iterable[GoalEntry], until: date) -> Reading | None:
    """The newest reading; what was told in the dialogues goes before what was measured that same day."""
    found: list[Reading] = []
    for goal in said:
        found += (goal.subject.figures or Figures()).readings
        if goal.reading is not None and goal.reading_on is not None:
            found.append(Reading(goal.reading, goal.reading_on, goal.reading_source))
    newest: Reading | None = None
    for one in found:
        if one.on <= until and (newest is None or one.on >= newest.on):
            newest = one
    return newest


def tally(counted: Iterable[Outcome]) -> Tally:
    """How many outcomes there are of each kind."""
    numbers: dict[Attainment | None, int] = dict.fromkeys((*Attainment, None), 0)
    for one in counted:
        numbers[one.counts_as] += 1
    return numbers


def judged(counts: Tally) -> int:
    """How many were judged, also as what cannot be judged yet."""
    return sum(number for one, number in counts.items() if one is not None)


def wording(subject: Subject) -> tuple[str, ...]:
    """What is the same of goals that a reader takes for one: words, source, policy and what they are measured in."""
    measure = subject.figures.measure if subject.figures else ""
    return " ".join(subject.title.split()), subject.source, subject.heading, measure


def roll_up(counted: Iterable[Outcome], sources: Sequence[str]) -> tuple[Rolled, ...]:
    """Every goal once: by source in the order given, by policy, those that are shared first, then in the order of the units."""
    rolled = [
        Rolled(of_goal[0][-1].subject, tuple(one for those in of_goal for one in those)) for of_goal in _alike(counted)
    ]
    place = _placed(sources)
    return tuple(sorted(rolled, key=lambda one: (*place(one.subject), not one.is_shared)))


_DANISH: Final = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})


def _placed(sources: Sequence[str]) -> Callable[[Subject], tuple[int, str]]:
    """Where a goal or an initiative stands: by source in the order given, and by policy as a Danish list is ordered."""
    place = {source: number for number, source in enumerate(sources)}
    return lambda one: (place.get(one.source, len(place)), one.heading.casefold().translate(_DANISH))


def _alike(counted: Iterable[Outcome]) -> Iterator[Sequence[Sequence[Outcome]]]:
    """The outcomes of each goal, those of goals worded alike together; of two that one unit has, each stays what it is."""
    found: dict[str, list[Outcome]] = {}
    for one in counted:
        found.setdefault(one.subject.id, []).append(one)
    alike: dict[tuple[str, ...], list[list[list[Outcome]]]] = {}
    for of_goal in found.values():
        groups = alike.setdefault(wording(of_goal[-1].subject), [])
        units = {one.unit for one in of_goal}
        others = (group for group in groups if not any(one.unit in units for those in group for one in those))
        group = next(others, None)
        if group is None:
            groups.append([of_goal])
        else:
            group.append(of_goal)
    return (group for groups in alike.values() for group in groups)


def split(counted: Iterable[Rolled], by: Callable[[Subject], str]) -> Mapping[str, tuple[Rolled, ...]]:
    """The goals by source, policy or whatever else `by` says of them, in the order they come."""
    found: dict[str, list[Rolled]] = {}
    for one in counted:
        found.setdefault(by(one.subject), []).append(one)
    return {key: tuple(goals) for key, goals in found.items()}


def counted_together(goals: Iterable[Rolled]) -> Tally:
    """How all the outcomes of some goals were judged: a shared goal counts once for each unit."""
    return tally(one for goal in goals for one in goal.outcomes)


def chosen(
    counted: Iterable[Outcome], offered: Sequence[Choice], of: Callable[[GoalEntry], Choice | None]
) -> tuple[tuple[Choice, tuple[Outcome, ...]], ...]:
    """The outcomes by what the leaders chose as their cause or consequence, in the order it was offered."""
    found: dict[str, list[Outcome]] = {}
    for one in counted:
        choice = of(one.said)
        if choice is not None:
            found.setdefault(choice.id, []).append(one)
    return tuple((choice, tuple(found[choice.id])) for choice in offered if choice.id in found)


def offered(told: Iterable[Told], role: Role, each: str) -> tuple[Choice, ...]:
    """Every choice that the dialogues offered for a role of each goal or initiative, in the order offered, worded as it was last."""
    found: dict[str, Choice] = {}
    for script in dict.fromkeys(one.script for one in told):
        asking = (section for section in script.sections if section.each == each)
        for asked in (one for section in asking for step in section.steps for one in step.fields):
            if asked.role is role:
                found |= {choice.id: choice for choice in asked.choices}
    return tuple(found.values())


# --- initiatives --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How an initiative goes, as it was last told."""

    unit: int
    dialogue: int
    subject: Subject
    said: Entry

    @property
    def is_concern(self) -> bool:
        """Whether the status is one that the municipality wants to talk about: delayed, stopped."""
        return self.said.status is not None and self.said.status.concern


def standings(told: Iterable[Told], sources: Sequence[str]) -> tuple[Standing, ...]:
    """Each unit's initiatives, by source in the order given and by policy; one that is carried on in a new agreement is counted once."""
    found: dict[tuple[int, str], Standing] = {}
    for one in told:
        for entry in one.summary.entries:
            if entry.subject.continues:
                found.pop((one.unit, entry.subject.continues), None)
            found[one.unit, entry.subject.id] = Standing(one.unit, one.dialogue, entry.subject, entry)
    place = _placed(sources)
    return tuple(sorted(found.values(), key=lambda one: place(one.subject)))


def statuses(counted: Iterable[Standing], choices: Sequence[Choice]) -> tuple[tuple[Choice, int], ...]:
    """How many initiatives have each status, in the order of the choices; those that none has are there with nought."""
    numbers = dict.fromkeys((choice.id for choice in choices), 0)
    for one in counted:
        if one.said.status is not None:
            numbers[one.said.status.id] = numbers.get(one.said.status.id, 0) + 1
    return tuple((choice, numbers[choice.id]) for choice in choices)


# --- budgets ------------------------------------------------------------------------------------------------------------------------

_ECONOMY = frozenset((Role.BUDGET, Role.EXPECTED, Role.DEVIATION, Role.DEVIATION_CAUSE, Role.DEVIATION_REMEDY))


@dataclass(frozen=True, slots=True)
class Budget:
    """What a unit last told of its budget, in kroner."""

    unit: int
    dialogue: int
    budget: Decimal | None = None
    expected: Decimal | None = None
    holds: Choice | None = None  # what the leader answered: does it hold
    deviation: Decimal | None = None  # as it was told, without a sign
    cause: str = ""
    remedy: str = ""

    @property
    def difference(self) -> Decimal | None:
        """How much more (or, below nought, less) is expected than budgeted."""
        return None if self.budget is None or self.expected is None else self.expected - self.budget


@dataclass(frozen=True, slots=True)
class Totals:
    """Budgets put together: of those units alone that told both what they have and what they expect."""

    units: int
    budget: Decimal
    expected: Decimal

    @property
    def difference(self) -> Decimal:
        """How much more (or, below nought, less) is expected than budgeted."""
        return self.expected - self.budget


def budgets(told: Iterable[Told]) -> tuple[Budget, ...]:
    """What each unit told last, in the order of the units; those that were not asked are not there."""
    found: dict[int, Budget] = {}
    for one in told:
        said = {field.role: value for field, value in one.summary.said_as(*_ECONOMY)}
        if said:
            found[one.unit] = Budget(
                one.unit,
                one.dialogue,
                as_number(said.get(Role.BUDGET)),
                as_number(said.get(Role.EXPECTED)),
                _holds(one),
                as_number(said.get(Role.DEVIATION)),
                str(said.get(Role.DEVIATION_CAUSE, "")),
                str(said.get(Role.DEVIATION_REMEDY, "")),
            )
    return tuple(found.values())


def is_about_money(script: Script, asked: Field) -> bool:
    """Whether a field stands in a section that asks about the budget."""
    sections = (section for section in script.sections if any(asked in step.fields for step in section.steps))
    return any(one.role in _ECONOMY for section in sections for step in section.steps for one in step.fields)


def _holds(one: Told) -> Choice | None:
    said = (
        (field, value)
        for field, value in one.summary.closing
        if field.kind is Kind.CHOICE and is_about_money(one.script, field)
    )
    field, value = next(said, (None, None))
    return field.choice(str(value)) if field else None


def totals(told: Iterable[Budget]) -> Totals | None:
    """All budgets put together; None where nobody told both numbers."""
    whole = [(one.budget, one.expected) for one in told if one.budget is not None and one.expected is not None]
    if not whole:
        return None
    return Totals(len(whole), sum((one for one, _ in whole), Decimal()), sum((one for _, one in whole), Decimal()))
