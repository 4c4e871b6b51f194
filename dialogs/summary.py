"""The one-page summary: what was answered along the route, and the few points worth talking about.

Promises: pure, and complete: every answer on the route is in it exactly once, nothing off the route is. It orders and counts;
it never judges: what is a concern is said by the choices in the municipality's own scripts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dialogs.answers import People, as_day, as_people
from dialogs.engine import Answers, Stop, Subject, route
from dialogs.script import Choice, Field, Kind, Role, Script, Wording

MOST_POINTS = 5
FEWEST_POINTS = 3

Why = Literal["concern", "help", "changed", "none"]
_RANK: dict[Why, int] = {"concern": 0, "help": 1, "changed": 2, "none": 3}


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
class Summary:
    """A dialogue on one page: counts by status, three to five points, and all the rest by source."""

    counts: tuple[tuple[Choice, int], ...]
    points: tuple[Entry, ...]
    more_concerns: int  # concerns beyond the points that have room
    entries: tuple[Entry, ...]
    remark: str
    closing: tuple[tuple[Field, object], ...]  # answers of sections asked once, that no role speaks for

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
    asked = {stop.subject.id: stop.subject for stop in stops if stop.section.each is not None}
    entries = tuple(_entry(subject, _of(subject.id, stops), answers, before) for subject in asked.values())
    points = worth_talking_about(entries)
    once = [(field, value) for stop in stops if stop.section.each is None for field, value in _said(stop, answers)]
    return Summary(
        counts=_counts(script, entries),
        points=points,
        more_concerns=sum(entry.why == "concern" for entry in entries)
        - sum(entry.why == "concern" for entry in points),
        entries=entries,
        remark="\n".join(str(value) for field, value in once if field.role is Role.REMARK),
        closing=tuple((field, value) for field, value in once if field.role is not Role.REMARK),
    )


def worth_talking_about(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """At most five entries: concerns first, then those needing others; changes fill up to three. The order asked is kept."""
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
    said = [(field, value) for stop in stops for field, value in _said(stop, answers)]
    by_role: dict[Role, tuple[Field, object]] = {}
    other: list[tuple[Field, object]] = []
    for field, value in said:
        if (
            field.role is None
            or field.role is Role.REMARK
            or by_role.setdefault(field.role, (field, value))[0] is not field
        ):
            other.append((field, value))  # a role speaks for one field; what else was said is kept beside it
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
        other=tuple(other),
        skipped=tuple(stop.step.skip for stop in stops if stop.step.skip and not answers[stop.place]),
    )


_Said = Mapping[Role, tuple[Field, object]]


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
