"""The days ahead as they are asked for: `dialogbot plan` in a terminal, and `plan` in the chat for the consultant.

Promises: every line begins with its date, written as 2027-03-18; nothing is changed. In the chat a consultant sees what is about the
units their post covers, and nobody else sees anything but their own reminders.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import foreseeing, nudging
from bot.clock import DENMARK, REHEARSAL_DAY, danish_day, morning, system_clock
from bot.foreseeing import Foreseen
from bot.gathering import House
from bot.opening import CannotOpenError, Words, day_from, library_from, opened, settings_from, told
from bot.reminding import KIND
from bot.settings import Settings
from bot.turn import Turn
from cards import asking
from cards.card import Card
from store.deliveries import Deliveries, Wanted
from store.reminders import UnitRow
from store.work import Work

DAYS_SHOWN = timedelta(days=14)
MOST_SHOWN = 25
LONGEST = timedelta(days=800)


# --- in a terminal ------------------------------------------------------------------------------------------------------------------


def show(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Print who would get what, when and why, between two days."""
    try:
        first, last = day_from(asked.first, said), day_from(asked.last, said)
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        with opened(settings, library, said) as house, house.database.transaction() as connection:
            work = Work(connection)
            now = right_now(settings, work)
            _check(first, last, danish_day(now), said)
            units = _units(work, asked.unit, said)
            texts = house.house.texts(asked.lang)
            ahead = _between(house.house, work, now, first, last, units)
            found = [(one.at, foreseeing.line(house.house, texts, one)) for one in ahead]
            found += _ready(Deliveries(connection), said, now, first, last, units)
            sys.stdout.write("".join(f"{line}\n" for _, line in sorted(found, key=lambda one: one[0])))
    except CannotOpenError as fault:
        return told(fault)
    sys.stderr.write(said["plan.count"].format(count=len(found)) + "\n")
    return 0


def right_now(settings: Settings, work: Work) -> datetime:
    """The time of the settings, else the rehearsal's where there is one, else the system's."""
    kept = None if settings.now else work.setting(REHEARSAL_DAY)
    return morning(date.fromisoformat(kept)) if kept else settings.now or system_clock()


def _check(first: date, last: date, today: date, said: Words) -> None:
    if last < first or last > today + LONGEST:
        raise CannotOpenError(said["plan.bad_days"].format(most=(today + LONGEST).isoformat()))
    if first < today:
        sys.stderr.write(said["plan.begins"].format(today=today.isoformat()) + "\n")


def _units(work: Work, name: str | None, said: Words) -> frozenset[int] | None:
    """The unit asked for and those below it; None where none was."""
    return work.reminders.below([_only(work.reminders.units_called(name), name, said).id]) if name else None


def _only(found: Collection[UnitRow], name: str, said: Words) -> UnitRow:
    if len(found) == 1:
        return next(iter(found))
    key = "calendar.several_units" if found else "calendar.no_unit"
    raise CannotOpenError(said[key].format(unit=name, codes=", ".join(one.code for one in found)))


def _between(
    house: House, work: Work, now: datetime, first: date, last: date, units: frozenset[int] | None
) -> Iterator[Foreseen]:
    """The messages from a day to another, as far as they are about some units."""
    for one in foreseeing.foresee(house, work, now, last):
        if danish_day(one.at) >= first and (kept := foreseeing.about(one, units)):
            yield kept


def _ready(
    deliveries: Deliveries, said: Words, now: datetime, first: date, last: date, units: frozenset[int] | None
) -> Iterator[tuple[datetime, str]]:
    """What is in the outbox already, besides the reminders, which are foreseen: answers, words, posts, what awaits a signature."""
    for one in deliveries.listed(Wanted(("planned", "failed"), units=units)):
        at = max(one.due_at, now)
        if one.kind != KIND and first <= danish_day(at) <= last:
            local = at.astimezone(ZoneInfo(one.timezone) if one.timezone else DENMARK)
            kind = said.get(f"delivery_kind.{one.kind}", one.kind)
            yield (
                at,
                "  ".join((f"{local:%Y-%m-%d %H:%M}", one.person or one.unit or "", kind, f"({said['plan.waits']})")),
            )


# --- in the chat ----------------------------------------------------------------------------------------------------------------------


def wanted(turn: Turn, text: str) -> str | None:
    """The unit that a consultant asks the plan of: »plan solsikken«; None when it is no such question."""
    word, _, name = text.strip().removeprefix("/").partition(" ")
    return name.strip() if word.casefold() == "plan" and name.strip() and _covers(turn) else None


def _covers(turn: Turn) -> list[int]:
    """The units at which the person is a consultant."""
    return [unit.id for role, unit in turn.work.posts_of(turn.person.id, turn.today) if role == "consultant"]


def told_in_chat(turn: Turn, name: str = "") -> Card:
    """The next fourteen days of the consultant's units, or of one of them; to anybody else how they are reminded themselves."""
    tops = _covers(turn)
    if not tops:
        return nudging.mine(turn, turn.say("plan.not_yours"))
    units = turn.work.reminders.below(tops)
    if name:
        named = [one for one in turn.work.reminders.units_called(name) if one.id in units]
        if not named:
            line = turn.say("plan.no_unit", name=name)
            return asking.plain("plan", "", (line,), turn.person.language)
        units &= turn.work.reminders.below([one.id for one in named])
    return _card(turn, name, units)


def _card(turn: Turn, name: str, units: frozenset[int]) -> Card:
    until = turn.today + DAYS_SHOWN
    found = list(_between(turn.house, turn.work, turn.now, turn.today, until, units))
    if not found:
        line = turn.say("plan.none", until=until, unit=name)
        return asking.plain("plan", "", (line,), turn.person.language)
    texts = turn.house.texts(turn.person.language)
    points = tuple(foreseeing.line(turn.house, texts, one) for one in found[:MOST_SHOWN])
    more = (turn.say("plan.more", count=len(found) - MOST_SHOWN),) if len(found) > MOST_SHOWN else ()
    lines = (turn.say("plan.assumed"), *more)
    return asking.plain("plan", turn.say("plan.title", until=until), lines, turn.person.language, points=points)
