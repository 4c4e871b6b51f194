"""A report that was ordered: what it is, told by the key of its delivery alone, and whether it may be had at this moment.

Promises: a key holds ids and nothing else; whoever reads one asks the posts of the day anew, and nobody has another person's report.
A fault is told in plain words, and logged without anything that people wrote.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from weakref import WeakValueDictionary

from bot import reportable, reporting
from bot.clock import danish_day
from bot.gathering import House
from bot.reportable import kinds_of
from bot.reporting import Request, Told
from bot.turn import Turn, refused
from cards import reporting as cards
from cards.card import Button, Card, Press
from cards.reporting import About
from cards.reports.report import File, Format, Kind
from store.database import Database, DatabaseUnavailableError
from store.records import Person
from store.work import Work, in_one_transaction

Make = Callable[[House, Database, Request, Person | None, datetime, Told | None], Awaitable[File | str]]
"""What makes a report: `reporting.make`."""
KIND = "report"
LOST = "report_lost"
"""The kinds of delivery: a report, and that one could not be handed over."""
NOT_THEIRS = "not-theirs-to-see"
FAULT = "fault"
UNREACHED = frozenset({"no-account", "user-disabled", "guest", "not-installed", "no-channel", "blocked", "bot"})
"""Why nothing at all can be said to somebody."""
ANEW = 2
"""So many reports are made anew at a time, beside those that the courier has."""
LONG = 40  # dialogues: the making of more is followed by a card

log = logging.getLogger("dialogbot.reports")
_KEY = re.compile(r"report:(\d{1,9}):([a-z]{1,20}):(\d{1,9}):(20\d\d):([a-z]{1,10}):([0-9a-f]{12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """Who ordered which report; `unit_id` None is the whole municipality, `token` tells two orders of the same apart."""

    person_id: int
    kind: Kind
    unit_id: int | None
    year: int
    format: Format
    token: str

    @property
    def what(self) -> str:
        """The beginning of its key: the same for every order of the same report."""
        return f"report:{self.person_id}:{self.kind.value}:{self.unit_id or 0}:{self.year}:{self.format.value}:"

    @property
    def key(self) -> str:
        """Its delivery's key."""
        return self.what + self.token

    @classmethod
    def parse(cls, key: str) -> Order | None:
        """The order behind a key; None when it was never one of ours."""
        found = _KEY.fullmatch(key)
        if found is None or found[2] not in set(Kind) or found[5] not in set(Format):
            return None
        return cls(int(found[1]), Kind(found[2]), int(found[3]) or None, int(found[4]), Format(found[5]), found[6])


def token_of(platform: str, event: str) -> str:
    """What tells the orders of two events apart."""
    return sha256(f"{platform}\n{event}".encode()).hexdigest()[:12]


def way(turn: Turn, unit_id: int | None) -> tuple[Button, ...]:
    """The button that asks for a report about a unit, where the person may have one."""
    return (asking(turn, unit_id),) if reporting.kinds_for(turn.work, turn.person.id, unit_id, turn.today) else ()


def way_about(turn: Turn, unit_id: int) -> tuple[Button, ...]:
    """The same, about a unit that the person was just found to reach."""
    return (asking(turn, unit_id),) if kinds_of(turn.work, unit_id) else ()


def asking(turn: Turn, unit_id: int | None) -> Button:
    """The button itself; whoever presses it is asked about anew."""
    return Button(turn.say("button.report"), Press(cards.OPEN, value=str(unit_id or 0)))


def is_theirs(work: Work, order: Order, day: date) -> bool:
    """Whether whoever ordered it may have it that day."""
    return order.kind in reporting.kinds_for(work, order.person_id, order.unit_id, day)


def about(house: House, work: Work, order: Order, language: str) -> About:
    """What it is, in words: for whoever was found to reach the unit, or `cards.refused`, which names none to those who do not."""
    node = work.overview.node(order.unit_id) if order.unit_id is not None else None
    said = house.texts(language)
    unit = node.name if node else reportable.municipality(house.municipality, work) or said.say("overview.all")
    return About(said, order.unit_id or 0, unit, order.kind, order.year, order.format)


def requested(order: Order, language: str) -> Request:
    """What is to be made."""
    return Request(order.kind, order.unit_id, order.year, order.format, language)


def told_lost(turn: Turn, delivery_id: int) -> Card | None:
    """That a report could not be handed over; None when it was all the same, or is tried again."""
    dead = turn.work.outbox.given_up(delivery_id)
    order = Order.parse(dead[0]) if dead else None
    if dead is None or order is None or order.person_id != turn.person.id:
        return None
    if not is_theirs(turn.work, order, turn.today):
        return None
    return cards.lost(about(turn.house, turn.work, order, turn.person.language), dead[1])


# --- made -------------------------------------------------------------------------------------------------------------------------


async def made(
    house: House,
    database: Database,
    order: Order,
    person: Person,
    now: datetime,
    told: Told | None = None,
    make: Make = reporting.make,
) -> File | str:
    """Make it, or give the reason why not. No transaction is open meanwhile but reporting's own short ones."""
    try:
        return await make(house, database, requested(order, person.language), person, now, told)
    except DatabaseUnavailableError:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever broke, the person is told
        where = "".join(traceback.format_tb(fault.__traceback__))  # the fault's own words may hold what people wrote
        log.error("a report could not be made: %s (%s)\n%s", type(fault).__name__, order.what, where)  # noqa: TRY400
        return FAULT


class Counter:
    """Where reports that were ordered are made anew for whoever comes for theirs: a few at a time, one at a time for a person."""

    def __init__(self, house: House, database: Database) -> None:
        self._house = house
        self._database = database
        self._room = asyncio.Semaphore(ANEW)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # by person, while anybody waits

    async def made_anew(self, platform: str, reference: str, key: str, now: datetime) -> File | Card:
        """Make what a key says for whoever asks for it, if they ordered it and may have it now; else the card that says why not."""
        house = self._house
        asked = await in_one_transaction(
            self._database, lambda work: _asked(house, work, platform, reference, key, now)
        )
        if isinstance(asked, Card):
            return asked
        order, person, what = asked
        turn = self._turns.setdefault(person.id, asyncio.Lock())
        async with turn, self._room:
            found = await made(house, self._database, order, person, now)
        return cards.refused(what, found) if isinstance(found, str) else found


def _asked(
    house: House, work: Work, platform: str, reference: str, key: str, now: datetime
) -> tuple[Order, Person, About] | Card:
    order, caller = Order.parse(key), work.caller(platform, reference)
    if caller is None or order is None or order.person_id != caller[0].id:
        refused(NOT_THEIRS, "report", caller[0].id if caller else None)
        return _nothing(house, caller[0].language if caller else house.language)
    if work.outbox.delivery(key) is None or not is_theirs(work, order, danish_day(now)):
        refused(NOT_THEIRS, order.what, caller[0].id)
        return _nothing(house, caller[0].language)
    return order, caller[0], about(house, work, order, caller[0].language)


def _nothing(house: House, language: str) -> Card:
    return cards.nothing(house.texts(language))


def offered(house: House, work: Work, platform: str, reference: str, key: str, now: datetime) -> About | None:
    """Which report a key is of, for whoever ordered it; None for anybody else."""
    found = _asked(house, work, platform, reference, key, now)
    return None if isinstance(found, Card) else found[2]
