"""Where a dialogue stands, derived from what was answered: the route, the next stop, the progress.

Promises: pure. Nothing is remembered between calls, so a changed answer, a new initiative or another leader needs no special
code: the first stop on the route without an answer is where the dialogue stands. There is no language for facts of the house: what
a section asks about is there or it is not, so a section for the next agreement is asked when the house provides one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dialogs.answers import as_number
from dialogs.script import SKIPPED, Condition, Field, Script, Section, Step

INITIATIVE = "initiative"
GOAL = "goal"
RENEWAL = "renewal"  # one subject, when the agreement runs out and a next one is due
BOARD = "board"  # one subject, when the unit has a board
SUBJECTS = (INITIATIVE, GOAL, RENEWAL, BOARD)
"""What a section can be asked for each of."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured, when, and where the number comes from."""

    value: Decimal
    on: date
    source: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is to be measured of a goal, and what has been: the earliest reading first."""

    measure: str = ""  # "%", "dage"
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    due_on: date | None = None
    evidence: str = ""  # how we will see it
    next_reading_on: date | None = None
    readings: tuple[Reading, ...] = ()
    fresh: Reading | None = None  # measured lately and told by somebody else: what most often is the answer
    units: int = 1  # how many have the goal
    is_common: bool = False  # whether one number is for all of them


@dataclass(frozen=True, slots=True)
class Across:
    """How the units' own initiatives for the same goal go, as last sent: how many have each status, and how many there are."""

    statuses: tuple[tuple[str, int], ...]  # choice id, number
    of: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What a section asks about, one at a time: an initiative under its goal and source, a goal with its figures."""

    id: str  # "initiative-33", "goal-7"
    kind: str
    title: str
    source: str = ""
    heading: str = ""  # the policy, where the source is one among several
    goal: str = ""
    due_on: date | None = None
    figures: Figures | None = None  # a goal's
    across: Across | None = None  # an initiative's that is answered for across the units
    continues: str = ""  # the subject of earlier dialogues that it carries on


WHOLE = Subject(id="dialogue", kind="", title="")
"""The subject of a section that is asked once."""


class Place(NamedTuple):
    """Where one answer belongs: a subject's step."""

    subject: str
    step: str


Values = Mapping[str, object]
"""Field id -> value, as dialogs.answers writes it. An empty mapping is an answer too: the step was skipped."""

Answers = Mapping[Place, Values]


class Stop(NamedTuple):
    """One step of one subject, as the route passes it."""

    section: Section
    subject: Subject
    step: Step

    @property
    def place(self) -> Place:
        """Where this stop's answer belongs."""
        return Place(self.subject.id, self.step.id)


@dataclass(frozen=True, slots=True)
class Progress:
    """The subject's number among those its section asks about (`of` is 0 for a section asked once)."""

    number: int
    of: int


def route(script: Script, subjects: Sequence[Subject], answers: Answers) -> Iterator[Stop]:
    """Every stop the dialogue passes, given what is answered so far, in the order they are asked."""
    for section in script.sections:
        for subject in _asked_about(section, subjects):
            yield from _steps(section, subject, answers)


def _asked_about(section: Section, subjects: Sequence[Subject]) -> Iterable[Subject]:
    if section.each is None:
        return (WHOLE,)
    asked = (subject for subject in subjects if subject.kind == section.each)
    return (subject for subject in asked if not section.only or subject.source in section.only)


def _steps(section: Section, subject: Subject, answers: Answers) -> Iterator[Stop]:
    given: dict[str, object] = {}  # only what stands on the route counts: a chain of conditions breaks where it breaks
    skipped: set[str] = set()
    for step in section.steps:
        if not step.when.all_of or holds(step.when, given, skipped):
            yield Stop(section, subject, step)
            values = answers.get(Place(subject.id, step.id))
            if values is not None and not values:
                skipped.add(step.id)
            given.update(values or {})
            given.update(
                {field.id: _on_scale(field, given[field.id]) for field in step.fields if _has_scale(field, given)}
            )


def _has_scale(field: Field, given: Mapping[str, object]) -> bool:
    return bool(field.scale) and field.id in given


def _on_scale(field: Field, value: object) -> object:
    number = as_number(value)
    return None if number is None else field.on_scale(number)


def holds(condition: Condition, given: Mapping[str, object], skipped: AbstractSet[str] = frozenset()) -> bool:
    """Whether every field the condition names was given one of its listed choices, and a step it names was skipped."""
    return all(
        not skipped.isdisjoint(listed) if name == SKIPPED else given.get(name) in listed
        for name, listed in condition.all_of
    )


def next_stop(script: Script, subjects: Sequence[Subject], answers: Answers) -> Stop | None:
    """The first stop on the route that still lacks an answer; None when only the review is left."""
    return next((stop for stop in route(script, subjects, answers) if stop.place not in answers), None)


def stop_at(script: Script, subjects: Sequence[Subject], answers: Answers, place: Place) -> Stop | None:
    """The stop at a place, if the route passes it."""
    return next((stop for stop in route(script, subjects, answers) if stop.place == place), None)


def stop_before(script: Script, subjects: Sequence[Subject], answers: Answers, place: Place | None) -> Stop | None:
    """The stop just before a place on the route; the last of all when `place` is None or off the route."""
    before = None
    for stop in route(script, subjects, answers):
        if stop.place == place:
            return before
        before = stop
    return before


def stop_after(script: Script, subjects: Sequence[Subject], answers: Answers, place: Place) -> Stop | None:
    """The first stop after a place that lacks an answer, else the first of all that does; None when nothing is left."""
    stops = list(route(script, subjects, answers))
    passed = next((number for number, stop in enumerate(stops) if stop.place == place), -1)
    waiting = [stop for stop in (*stops[passed + 1 :], *stops[: passed + 1]) if stop.place not in answers]
    return waiting[0] if waiting else None


def progress(section: Section, subject: Subject, subjects: Sequence[Subject]) -> Progress:
    """Which of the section's subjects this is: `2 of 7`."""
    if section.each is None:
        return Progress(0, 0)
    asked = [one.id for one in _asked_about(section, subjects)]
    return Progress(asked.index(subject.id) + 1, len(asked))


def parts_left(script: Script, subjects: Sequence[Subject], answers: Answers) -> tuple[int, int]:
    """How many subjects (a section asked once counts as one) still lack an answer, and how many there are."""
    waiting: dict[tuple[str, str], bool] = {}
    for stop in route(script, subjects, answers):
        key = (stop.section.id, stop.subject.id)
        waiting[key] = waiting.get(key, False) or stop.place not in answers
    return sum(waiting.values()), len(waiting)


SECONDS_A_PART = 48
"""What one part takes a leader who has thought about it; measured once real dialogues are held."""


def minutes(parts: int) -> int:
    """About how long so many parts take, in whole minutes, at least one."""
    return max(1, round(parts * SECONDS_A_PART / 60))
