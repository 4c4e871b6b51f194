"""The running product: one house, one database, one clock, the channels that are configured; takes turns and keeps time.

Promises: a turn's reply is given only after its transaction is committed; what a turn planned is delivered at once, and what
time makes due within a tick; on closing, what is being delivered is finished.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Coroutine, Mapping
from functools import partial
from typing import Any

from bot import mending, planner, report_orders, service
from bot.courier import Courier
from bot.gathering import House
from bot.ports import Channel, Clock, Inbound, Reply
from cards.card import Card
from cards.reporting import About
from cards.reports.report import File
from store.database import Database
from store.work import Work, in_one_transaction

CLOSING_SECONDS = 50  # a delivery's own calls have at most 45

log = logging.getLogger("dialogbot.running")


class Product:
    """What every channel hands its events to, and what the scheduler ticks."""

    def __init__(self, house: House, database: Database, clock: Clock, channels: Mapping[str, Channel]) -> None:
        self.house = house
        self.database = database
        self.clock = clock
        self._courier = Courier(house, database, channels)
        self._counter = report_orders.Counter(house, database)
        self._at_it = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    async def handle(self, inbound: Inbound) -> Reply:
        """Take one event; what comes back is committed. What it planned is on its way, but not waited for."""
        reply, has_planned = await in_one_transaction(self.database, partial(self._turn, inbound))
        if has_planned:
            self._deliver_soon()
        return reply

    async def room_opened(self, platform: str, names: Collection[str]) -> None:
        """The bot was let into a channel: what could not be posted there is on its way."""
        if await in_one_transaction(
            self.database, lambda work: mending.room_opened(work, platform, names, self.clock())
        ):
            self._deliver_soon()

    async def report(self, platform: str, reference: str, key: str) -> File | Card:
        """Make a report anew for whoever ordered it; else the card that says why they cannot have it."""
        return await self._counter.made_anew(platform, reference, key, self.clock())

    async def report_ordered(self, platform: str, reference: str, key: str) -> About | None:
        """Which report a key is of, for whoever ordered it and may have it; None for anybody else."""
        house, now = self.house, self.clock()
        return await in_one_transaction(
            self.database, lambda work: report_orders.offered(house, work, platform, reference, key, now)
        )

    async def tick_soon(self) -> None:
        """Tick, held here: whoever asked for it may go away without breaking off what is being sent."""
        self._hold(self.tick())

    def _deliver_soon(self) -> None:
        self._hold(self._deliver_quietly())

    def _hold(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(act)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def _turn(self, inbound: Inbound, work: Work) -> tuple[Reply, bool]:
        return service.handle(self.house, inbound, work, self.clock()), work.outbox.has_planned

    async def tick(self) -> None:
        """Plan what is due and deliver what is planned, each whatever becomes of the other; the next tick tries again."""
        try:
            await self.plan()
        except Exception:
            log.exception("planning failed; the next tick tries again")
        await self._deliver_quietly()

    async def plan(self) -> int:
        """Open the rounds that open, and plan what is due, unless another process is at it; how many deliveries were planned."""
        return await in_one_transaction(self.database, self._plan)

    def _plan(self, work: Work) -> int:
        return planner.plan(self.house, work, self.clock()) if work.outbox.may_be_filled() else 0

    async def deliver(self) -> int:
        """Deliver what is due; how many were dealt with. Whoever is at it, and only waits for a report, looks again."""
        self._courier.ring()
        async with self._at_it:
            return await self._courier.run_by(self.clock)

    async def _deliver_quietly(self) -> None:
        try:
            await self.deliver()
        except Exception:
            log.exception("delivery failed; the next tick tries again")

    async def settled(self) -> None:
        """Wait until nothing is being delivered."""
        await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Finish the deliveries under way and begin no other; what is left stays planned for whoever runs next."""
        self._courier.stop()
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSING_SECONDS)
