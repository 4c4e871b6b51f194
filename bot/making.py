"""The making of a report that was ordered, while its delivery is held: long ones with a card that says how far it has come.

Promises: the lease is renewed for as long as the making takes, and it is broken off when another has taken the delivery over or the
process ends: then it is made anew. The card that follows it stands under the delivery's own key, is posted once, looked up before it
is posted again, and becomes what comes of the report. It never holds the making up for good, whatever the platform does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import TypeVar

from bot import report_orders
from bot.gathering import House
from bot.ports import Channel, Clock, Destination, Keep, Sent, Unasked
from bot.report_orders import LONG, Make, Order
from cards import reporting as cards
from cards.card import Card
from cards.reporting import About
from cards.reports.report import File
from store.database import Database
from store.records import Delivery, Person
from store.work import Work, in_one_transaction

Result = TypeVar("Result")
HELD_FOR = 3  # so many times is a lease renewed before it would be over

log = logging.getLogger("dialogbot.reports")


class Broken(Enum):
    """Why a making came to no end."""

    LOST = "lost"  # another has taken the delivery over
    STOPPING = "stopping"  # this process ends


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made, and for whom."""

    order: Order
    person: Person
    about: About


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where the reports that the courier has claimed are made."""

    house: House
    database: Database
    channels: Mapping[str, Channel]
    lease: timedelta
    every: timedelta  # between two corrections of a card that follows a making
    stopping: asyncio.Event
    make: Make

    async def made(
        self, claimed: Delivery, wanted: Wanted, routes: Sequence[tuple[str, Destination]], clock: Clock
    ) -> File | str | Broken:
        """Make it; a str is the reason why there is none."""
        follower = Follower(self, claimed, wanted, routes, clock)
        making = asyncio.create_task(self._make(wanted, follower, clock))
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            while True:
                await asyncio.wait(
                    {making, stopped},
                    timeout=self.lease.total_seconds() / HELD_FOR,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if making.done():
                    return making.result()
                if stopped.done():
                    return Broken.STOPPING
                if not await in_one_transaction(self.database, lambda work: work.outbox.hold(claimed, self.lease)):
                    return Broken.LOST
        finally:
            for one in (making, stopped):
                one.cancel()
            await asyncio.gather(making, stopped, return_exceptions=True)

    async def _make(self, wanted: Wanted, follower: Follower, clock: Clock) -> File | str:
        return await report_orders.made(
            self.house, self.database, wanted.order, wanted.person, clock(), follower.tell, self.make
        )


class Follower:
    """The card that says how far a making has come: nothing of it where the making is short."""

    def __init__(
        self,
        shop: Workshop,
        claimed: Delivery,
        wanted: Wanted,
        routes: Sequence[tuple[str, Destination]],
        clock: Clock,
    ) -> None:
        self._shop = shop
        self._claimed = claimed
        self._about = wanted.about
        self._clock = clock
        self._way = next(iter(routes), None)
        stands = self._way is not None and claimed.platform == self._way[0]
        self._stands = claimed.message_ref if stands else None
        self._may_stand = claimed.may_stand
        self._next = 0.0

    async def tell(self, done: int, of: int) -> None:
        """Show it, unless it was shown a moment ago."""
        moment = asyncio.get_running_loop().time()
        if of <= LONG or self._way is None or moment < self._next:
            return
        try:
            is_shown = await self._show(*self._way, cards.progress(self._about, done, of))
        except Exception as fault:  # noqa: BLE001 - what says how it goes must not be what stops it
            log.warning("how far a report is could not be shown: %s", type(fault).__name__)
            is_shown = False
        if not is_shown:
            self._way = None
        self._next = asyncio.get_running_loop().time() + self._shop.every.total_seconds()

    async def _show(self, platform: str, where: Destination, card: Card) -> bool:
        """Post it once, and correct it where it stands; False when the platform would rather not."""
        channel, now = self._shop.channels[platform], self._clock()
        if self._stands is None and self._may_stand:
            found = await channel.find(where, self._claimed.key)
            if isinstance(found, Unasked):
                return False
            self._stands = found
        if self._stands is not None:
            return isinstance(await channel.correct(where, self._stands, card, now), Sent)
        if not await self._transaction(lambda work: work.outbox.begin(self._claimed, now, self._shop.lease)):
            return False
        self._may_stand = True
        outcome = await channel.post(where, card, self._claimed.key, now)
        stands = outcome.message_ref if isinstance(outcome, Sent) else getattr(outcome, "stands", None)
        if stands is not None:
            self._stands = stands
            await self._transaction(lambda work: work.outbox.stand(self._claimed, platform, stands, now))
        return isinstance(outcome, Sent)

    async def _transaction(self, act: Callable[[Work], Result]) -> Result:
        return await in_one_transaction(self._shop.database, act)


def as_it_stands(work: Work, claimed: Delivery) -> Delivery:
    """A claimed delivery with where it stands by now: the card that followed its making may have been posted since."""
    now = work.outbox.delivery(claimed.key)
    if now is None:
        return claimed
    return replace(claimed, platform=now.platform, message_ref=now.message_ref, posted_at=now.posted_at)


def keeping(database: Database, claimed: Delivery, platform: str, clock: Clock) -> Keep:
    """What a channel tells of something that stands, on disk at once."""
    return partial(_keep, database, claimed, platform, clock)


async def _keep(database: Database, claimed: Delivery, platform: str, clock: Clock, stands: str) -> None:
    await in_one_transaction(database, lambda work: work.outbox.stand(claimed, platform, stands, clock()))
