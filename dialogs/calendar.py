"""The year of a model: when its rounds open and are due, its milestones, and when agreements begin, end and are renewed.

Promises: pure. Every day is a working day in Denmark and none of the municipality's days off, except those on which an agreement
begins and ends, and a school holiday's, which are what they are. What is due rolls back, never forward. A unit's own dates are
those of the closest unit, itself or above it, that has any: round by round, milestone by milestone. Knows nothing of the database:
the units' codes, and the agreements there really are, are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import cycle, islice

from dialogs.rounds import (
    NO_DAYS_OFF,
    days_off_around,
    rounds_between,
    working_day_on_or_after,
    working_day_on_or_before,
)
from dialogs.script import DaysOff, Milestone, Model, RoundRule, Terms, Wording, YearDay

_YEAR = 12  # months
_DAY = timedelta(days=1)
_OPEN_LONGEST = timedelta(days=400)  # a round of the next year may open in this one
_YEARS_BACK = timedelta(days=1500)  # further than from one agreement's beginning to its end


class What(StrEnum):
    """What happens on a day, in the order in which it is told of one day."""

    BEGINS = "begins"
    OPENS = "opens"
    MILESTONE = "milestone"
    HOLIDAY = "holiday"
    RENEWAL = "renewal"
    DUE = "due"
    ENDS = "ends"


_ORDER = {what: number for number, what in enumerate(What)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a calendar. `id` is the same every time: the round's or the milestone's, with its year; `to` the last day."""

    day: date
    what: What
    id: str
    label: Wording
    to: date | None = None

    @property
    def last(self) -> date:
        """The last day it takes."""
        return self.to or self.day


@dataclass(frozen=True, slots=True)
class Period:
    """An agreement's first and last day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Renewal:
    """The agreement that follows another, and from when the two sides talk about it."""

    period: Period
    due_from: date

    def is_due(self, today: date) -> bool:
        """Whether it is time to talk about the next agreement."""
        return today >= self.due_from


def calendar(
    model: Model,
    year: int,
    *,
    codes: Sequence[str] = (),
    off: DaysOff = NO_DAYS_OFF,
    agreements: Iterable[Period] | None = None,
) -> tuple[Entry, ...]:
    """Everything that happens in a year, by day, for the unit whose code comes first in `codes`, with those above it after it.

    `agreements` are the unit's own, where they are known; else the model's periods are shown.
    """
    own = of_unit(model, codes)
    first, last = date(year, 1, 1), date(year, 12, 31)
    entries = [*_rounds(own, first, last, off), *_milestones(own, year, off), *_holidays(off)]
    periods = periods_between(own.terms, first, last) if agreements is None else agreements
    entries += _agreements(own, periods, off)
    within = (one for one in entries if one.day <= last and one.last >= first)
    return tuple(sorted(within, key=lambda one: (one.day, _ORDER[one.what], one.id)))


# --- a unit's own dates -----------------------------------------------------------------------------------------------------------


def of_unit(model: Model, codes: Sequence[str]) -> Model:
    """The model with the dates of the unit whose code comes first: the closest of the units wins, round by round."""
    rounds: dict[str, tuple[YearDay | None, YearDay | None] | None] = {}
    milestones: dict[str, tuple[YearDay, YearDay | None] | None] = {}
    for code in reversed(codes):
        if dates := model.calendar.get(code):
            rounds |= dates.rounds
            milestones |= dates.milestones
    if not rounds and not milestones:
        return model
    return replace(
        model,
        rounds=tuple(_round(rule, rounds) for rule in model.rounds if rounds.get(rule.id, True)),
        milestones=tuple(_milestone(one, milestones) for one in model.milestones if milestones.get(one.id, True)),
    )


def _round(rule: RoundRule, own: Mapping[str, tuple[YearDay | None, YearDay | None] | None]) -> RoundRule:
    opens, due = own.get(rule.id) or (None, None)
    due = due or YearDay(rule.month, rule.day)
    return replace(rule, month=due.month, day=due.day, opens=opens or rule.opens)


def _milestone(one: Milestone, own: Mapping[str, tuple[YearDay, YearDay | None] | None]) -> Milestone:
    dates = own.get(one.id)
    return replace(one, on=dates[0], to=dates[1]) if dates else one


def with_own_dates(models: Iterable[Model]) -> Iterator[Model]:
    """Every model as it is, and as each unit with own dates has it."""
    for model in models:
        yield model
        yield from (of_unit(model, [code]) for code in model.calendar)


# --- what happens -------------------------------------------------------------------------------------------------------------------


def _rounds(model: Model, first: date, last: date, off: DaysOff) -> Iterator[Entry]:
    for one in rounds_between(model, first, last + _OPEN_LONGEST, off):
        script = model.scripts.get(one.script)
        label = script.title if script else Wording(one.script, one.script)
        yield Entry(one.opens_on, What.OPENS, one.id, label)
        yield Entry(one.due_on, What.DUE, one.id, label)


def _milestones(model: Model, year: int, off: DaysOff) -> Iterator[Entry]:
    """The milestones: a single day rolls back as a deadline does, a period begins and ends on working days."""
    for one in model.milestones:
        for near in (year, year + 1):  # a day right after New Year may roll back into the year before
            free = days_off_around(off, near)
            last = working_day_on_or_before((one.to or one.on).in_(near), free)
            day = working_day_on_or_after(one.on.in_(near), free) if one.to else last
            to = last if one.to and day < last else None
            yield Entry(min(day, last), What.MILESTONE, f"{near}-{one.id}", one.label, to)


def _holidays(off: DaysOff) -> Iterator[Entry]:
    for number, one in enumerate(off.school, 1):
        yield Entry(one.first, What.HOLIDAY, f"{one.first.year}-holiday-{number}", one.label, one.last)


def _agreements(model: Model, periods: Iterable[Period], off: DaysOff) -> Iterator[Entry]:
    label = model.title
    for one in periods:
        name = f"{one.first.year}-agreement"
        yield Entry(one.first, What.BEGINS, name, label)
        yield Entry(one.last, What.ENDS, name, label)
        if following := next_agreement(model, one, off):
            yield Entry(following.due_from, What.RENEWAL, name, label)


# --- agreements ---------------------------------------------------------------------------------------------------------------------


def periods_between(terms: Terms | None, first: date, last: date) -> tuple[Period, ...]:
    """The periods that share a day with those from `first` to `last`, in order; none where agreements have no fixed length."""
    if terms is None:
        return ()
    whole = sum(terms.months)
    begins = terms.first
    while begins > first:  # the cycle runs backwards as it does forwards
        begins = _months_after(begins, -whole)
    while _months_after(begins, whole) <= first:
        begins = _months_after(begins, whole)
    found = []
    for months in cycle(terms.months):
        if begins > last:
            break
        following = _months_after(begins, months)
        found.append(Period(begins, following - _DAY))
        begins = following
    return tuple(one for one in found if one.last >= first)


def next_agreement(model: Model, ending: Period, off: DaysOff = NO_DAYS_OFF) -> Renewal | None:
    """What follows an agreement, and from when it is talked about; None where agreements have no fixed length.

    An agreement of one of the model's lengths is followed by the next of them, whenever it began; any other by what is left of
    the model's own period. It is talked about from the opening of the renewal round, the last one due before the agreement ends.
    """
    terms = model.terms
    if terms is None:
        return None
    begins = ending.last + _DAY
    period = Period(begins, _last_day(terms, ending, begins))
    rounds = [rule for rule in model.rounds if terms.renewal in {None, rule.id}] or list(model.rounds)
    ahead = rounds_between(replace(model, rounds=tuple(rounds)), begins - _YEARS_BACK, ending.last, off)
    opened = [one.opens_on for one in ahead if one.opens_on >= ending.first]
    return Renewal(period, opened[-1] if opened else max(ending.first, _months_after(begins, -_YEAR // 4)))


def _last_day(terms: Terms, ending: Period, begins: date) -> date:
    """The last day of an agreement that begins where another ended."""
    following = dict(zip(terms.months, islice(cycle(terms.months), 1, None), strict=False))
    months = next((months for months in following if _months_after(ending.first, months) == begins), None)
    if months is None:
        return periods_between(terms, begins, begins)[0].last
    return _months_after(begins, following[months]) - _DAY


def _months_after(day: date, months: int) -> date:
    """The same day of a month, so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    following = date(year + (month + 1) // _YEAR, (month + 1) % _YEAR + 1, 1)
    return date(year, month + 1, min(day.day, (following - _DAY).day))
