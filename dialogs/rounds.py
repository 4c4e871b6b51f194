"""From a model's årshjul to days: when a round opens, when it is due, and which days are working days in Denmark.

Promises: pure. A deadline on a weekend or a Danish public holiday rolls back to the working day before it (1 April 2029 is
Easter Sunday: the deadline is Wednesday 28 March). Optional days off (24 and 31 December, 1 May, 5 June) are the municipality's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from dialogs.script import DaysOff, Model, RoundRule

_SATURDAY = 5
_AHEAD = 500  # days: further than from one yearly round to the next
FIRST_HOUR, LAST_HOUR = time(8), time(16)
NO_DAYS_OFF = DaysOff()


@dataclass(frozen=True, slots=True)
class Round:
    """One date in the year with one script: `2027-spring`."""

    id: str
    script: str
    opens_on: date
    due_on: date


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Denmark's public holidays of a year (source: the `holidays` library, which knows that Store Bededag ended in 2023)."""
    return frozenset(holidays.country_holidays("DK", years=year).keys())


def is_working_day(day: date, days_off: frozenset[date] = frozenset()) -> bool:
    """Whether people are at work: no weekend, no public holiday, none of the municipality's own days off."""
    return day.weekday() < _SATURDAY and day not in public_holidays(day.year) and day not in days_off


def working_day_on_or_before(day: date, days_off: frozenset[date] = frozenset()) -> date:
    """The day itself, or the closest working day before it."""
    while not is_working_day(day, days_off):
        day -= timedelta(days=1)
    return day


def working_day_on_or_after(day: date, days_off: frozenset[date] = frozenset()) -> date:
    """The day itself, or the closest working day after it."""
    while not is_working_day(day, days_off):
        day += timedelta(days=1)
    return day


def within_working_hours(now: datetime, zone: ZoneInfo, off: DaysOff = NO_DAYS_OFF) -> datetime:
    """Now, if it is between 08:00 and 16:00 on a working day in the zone; else 08:00 on the next one.

    The municipality's days off count, but not its school holidays: people are at work then.
    """
    local = now.astimezone(zone)
    free = days_off_around(replace(off, school=()), local.year)
    day = working_day_on_or_after(local.date(), free)
    if day == local.date() and local.time() < FIRST_HOUR:
        return datetime.combine(day, FIRST_HOUR, zone)
    if day == local.date() and local.time() < LAST_HOUR:
        return now
    following = working_day_on_or_after(local.date() + timedelta(days=1), free)
    return datetime.combine(following, FIRST_HOUR, zone)


@lru_cache(maxsize=64)
def days_off_around(off: DaysOff, year: int) -> frozenset[date]:
    """The municipality's own days off in a year and the years beside it."""
    yearly = {day.in_(near) for day in off.yearly for near in range(year - 1, year + 2)}
    school = {one.first + timedelta(days=n) for one in off.school for n in range((one.last - one.first).days + 1)}
    return frozenset(yearly | school)


def round_in(rule: RoundRule, year: int, off: DaysOff = NO_DAYS_OFF) -> Round:
    """The round a rule makes in a year. It opens on a working day, so that the invitation can go out that day.

    It opens before it is due, also where nearly all the days between are days off.
    """
    free = days_off_around(off, year)
    nominal = date(year, rule.month, rule.day)
    due_on = working_day_on_or_before(nominal, free)
    opens_on = working_day_on_or_after(_opens(rule, nominal), free)
    if opens_on >= due_on:
        opens_on = working_day_on_or_before(min(_opens(rule, nominal), due_on - timedelta(days=1)), free)
    return Round(id=f"{year}-{rule.id}", script=rule.script, opens_on=opens_on, due_on=due_on)


def _opens(rule: RoundRule, nominal: date) -> date:
    """The nominal day on which a round opens; one that is due in January may open in December."""
    if rule.opens is None:
        return nominal - timedelta(days=rule.opens_days)
    opens = rule.opens.in_(nominal.year)
    return opens if opens < nominal else rule.opens.in_(nominal.year - 1)


def rounds_between(model: Model, first: date, last: date, off: DaysOff = NO_DAYS_OFF) -> Iterator[Round]:
    """The model's rounds due from `first` to `last`, both included, by date."""
    years = range(first.year, last.year + 2)  # a deadline on New Year's Day rolls back into the year before
    found = (round_in(rule, year, off) for rule in model.rounds for year in years)
    yield from sorted((one for one in found if first <= one.due_on <= last), key=lambda one: one.due_on)


def rounds_open(model: Model, today: date, off: DaysOff = NO_DAYS_OFF) -> Iterator[Round]:
    """The rounds that have opened and are not yet due: their dialogues are made today at the latest."""
    for one in rounds_between(model, today, today + timedelta(days=366), off):
        if one.opens_on <= today:
            yield one


def next_opening(
    models: Iterable[Model], periods: Sequence[tuple[date, date]], after: date, off: DaysOff = NO_DAYS_OFF
) -> date | None:
    """The next day on which a round opens, in any of the models, for an agreement that is in force that day.

    `periods` are the agreements' first and last days.
    """
    until = after + timedelta(days=_AHEAD)
    ahead = (one.opens_on for model in models for one in rounds_between(model, after, until, off))
    in_force = (day for day in ahead if day > after and any(first <= day <= last for first, last in periods))
    return min(in_force, default=None)
