"""From the outbox to the channels: claim, prepare, send, settle, one delivery at a time.

Promises: no transaction is open while a platform is waited for; whether a delivery is still right is checked just before it is
sent; every delivery ends as sent, skipped or dead with a reason, or stays planned. After a crash it is looked up before it is
sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import gathering, replying, service
from bot.clock import danish_day
from bot.gathering import House
from bot.ports import Ambiguous, Busy, Channel, Dead, Destination, Direct, Room, Sent
from bot.turn import Turn
from cards import telling
from cards.card import Card
from store.database import Database
from store.outbox import Settled
from store.records import Delivery
from store.work import Work, in_one_transaction

log = logging.getLogger("dialogbot.courier")

LEASE = timedelta(seconds=60)  # longer than any channel waits for its platform
RETRY = timedelta(seconds=30)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Ready:
    """What to send, and where."""

    destination: Destination
    card: Card


@dataclass(frozen=True, slots=True)
class Skip:
    """Why it is no longer right to send it."""

    reason: str


class Courier:
    """Carries what is due; `channels` by platform, of which the first carries what has no platform yet."""

    def __init__(self, house: House, database: Database, channels: Mapping[str, Channel]) -> None:
        self._house = house
        self._database = database
        self._channels = channels

    async def run(self, now: datetime) -> int:
        """Deliver everything that is due now; how many were dealt with."""
        dealt_with = 0
        while (
            claimed := await in_one_transaction(self._database, lambda work: work.outbox.claim(now, LEASE))
        ) is not None:
            await self._deliver(claimed, now)
            dealt_with += 1
        return dealt_with

    async def _deliver(self, claimed: Delivery, now: datetime) -> None:
        prepared = await in_one_transaction(self._database, lambda work: prepare(self._house, work, claimed, now))
        if isinstance(prepared, Skip):
            await self._settle(claimed, Settled("skipped", prepared.reason), now)
            return
        channel = self._channels.get(claimed.platform or "") or next(iter(self._channels.values()))
        try:
            outcome = await self._send(channel, claimed, prepared, now)
        except Exception:
            log.exception("delivery failed", extra={"delivery": claimed.id})
            outcome = Ambiguous("fault")
        await self._note(claimed, channel, outcome, now)

    async def _send(
        self, channel: Channel, claimed: Delivery, ready: Ready, now: datetime
    ) -> Sent | Busy | Dead | Ambiguous:
        stands = claimed.message_ref
        if stands is None and claimed.attempts > 1:
            stands = await channel.find(ready.destination, claimed.key)
        if stands is not None:
            outcome = await channel.correct(ready.destination, stands, ready.card, now)
            if not (isinstance(outcome, Dead) and outcome.reason == "message-not-found"):
                return outcome
        return await channel.post(ready.destination, ready.card, claimed.key, now)

    async def _note(
        self, claimed: Delivery, channel: Channel, outcome: Sent | Busy | Dead | Ambiguous, now: datetime
    ) -> None:
        match outcome:
            case Sent(message_ref):
                how = Settled("sent", platform=channel.name, message_ref=message_ref)
            case Busy(until):
                how = Settled("planned", "busy", due_at=until, is_attempt=False)
            case Dead(reason):
                how = Settled("dead", reason)
            case Ambiguous(reason) if claimed.attempts >= MOST_ATTEMPTS:
                how = Settled("dead", reason)
            case Ambiguous(reason):
                how = Settled("planned", reason, due_at=now + RETRY * claimed.attempts)
        await self._settle(claimed, how, now)

    async def _settle(self, claimed: Delivery, how: Settled, now: datetime) -> None:
        await in_one_transaction(self._database, lambda work: work.outbox.settle(claimed, how, now))


def prepare(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    """What a delivery must show now, and where; or why it is no longer right to send it."""
    match delivery.kind:
        case "summary":
            return _summary(house, work, delivery, now)
        case "invitation":
            return _invitation(house, work, delivery, now)
        case "response":
            return _response(house, work, delivery, now)
        case _:
            return Skip("unknown-kind")


def _summary(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or not dialogue.is_sent:
        return Skip("not-sent")
    scene = gathering.gather_sent(house, work, dialogue, house.language, danish_day(now))
    destination = _destination(work, delivery)
    return Ready(destination, telling.posted(scene)) if destination else Skip("no-destination")


def _destination(work: Work, delivery: Delivery) -> Destination | None:
    if delivery.unit_id is not None:
        room = work.room_above(delivery.unit_id)
        return Room(room[1]) if room else None
    return Direct(work.person_by_id(delivery.person_id).email) if delivery.person_id else None


def _invitation(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = service.invitation(house, work, person, now)
    return Ready(Direct(person.email), card) if card else Skip("nothing-to-answer")


def _response(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    turn = Turn(house, work, person, "", now)
    card = replying.told(turn, dialogue, delivery.content or 0)
    return Ready(Direct(person.email), card) if card else Skip("withdrawn")
