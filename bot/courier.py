"""From the outbox to the channels: claim, prepare, send, settle, one delivery at a time.

Promises: no transaction is open while a platform is waited for; whether a delivery is still right is checked just before it is
sent; every delivery ends as sent, skipped or dead with a reason, or stays planned. After a crash it is looked up before it is
sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import agreeing, gathering, mending, replying, service
from bot.clock import danish_day
from bot.gathering import House
from bot.ports import Ambiguous, Busy, Channel, Dead, Destination, Direct, Outcome, Room, Sent
from bot.turn import Turn
from cards import telling
from cards.card import Card
from store.database import Database
from store.outbox import Settled
from store.records import Delivery, Person
from store.work import Work, in_one_transaction

log = logging.getLogger("dialogbot.courier")

LEASE = timedelta(seconds=60)  # longer than any channel waits for its platform
RETRY = timedelta(seconds=30)
MOST_ATTEMPTS = 8
UNFINDABLE_ATTEMPTS = 2  # of what may have arrived where nobody can look it up
COME_AGAIN = frozenset({"invitation", "trouble"})  # the next one says the same: better one too few than one too many


@dataclass(frozen=True, slots=True)
class Ready:
    """What to send, and for whom: a channel by its name on each platform, or a person, first where they last spoke to the bot."""

    card: Card
    rooms: Mapping[str, str] | None = None
    email: str = ""
    prefers: str | None = None

    def routes(self, platforms: Iterable[str]) -> list[tuple[str, Destination]]:
        """The ways it can go through the platforms that are configured, the best first."""
        if self.rooms is not None:
            return [(one, Room(self.rooms[one])) for one in platforms if one in self.rooms]
        return [(one, Direct(self.email)) for one in sorted(platforms, key=lambda one: one != self.prefers)]


@dataclass(frozen=True, slots=True)
class Skip:
    """Why it is no longer right to send it."""

    reason: str


class Courier:
    """Carries what is due through the channels of this process, by platform."""

    def __init__(self, house: House, database: Database, channels: Mapping[str, Channel]) -> None:
        self._house = house
        self._database = database
        self._channels = channels
        self._is_stopping = False

    def stop(self) -> None:
        """Begin no other delivery; the one under way is finished."""
        self._is_stopping = True

    async def run(self, now: datetime) -> int:
        """Deliver everything that is due now; how many were dealt with."""
        dealt_with = 0
        while not self._is_stopping:
            claimed = await in_one_transaction(self._database, lambda work: work.outbox.claim(now, LEASE))
            if claimed is None:
                break
            await self._deliver(claimed, now)
            dealt_with += 1
        return dealt_with

    async def _deliver(self, claimed: Delivery, now: datetime) -> None:
        prepared = await in_one_transaction(self._database, lambda work: prepare(self._house, work, claimed, now))
        if isinstance(prepared, Skip):
            await self._settle(claimed, Settled("skipped", prepared.reason), now)
            return
        try:
            outcome, platform = await self._carry(claimed, prepared, now)
        except Exception:
            log.exception("delivery failed", extra={"delivery": claimed.id})
            outcome, platform = Ambiguous("fault"), None
        await self._note(claimed, platform, outcome, now)

    async def _carry(self, claimed: Delivery, ready: Ready, now: datetime) -> tuple[Outcome, str | None]:
        """Where it stands already, else the first way that is not closed; a person may have an account on one platform alone."""
        routes = ready.routes(self._channels)
        stands = [
            (platform, where) for platform, where in routes if claimed.message_ref and platform == claimed.platform
        ]
        outcome: Outcome = Dead("no-channel")
        for platform, where in stands or routes:
            outcome = await self._send(self._channels[platform], claimed, where, ready.card, now, stands=bool(stands))
            if not isinstance(outcome, Dead):
                return outcome, platform
        return outcome, None

    async def _send(
        self, channel: Channel, claimed: Delivery, where: Destination, card: Card, now: datetime, *, stands: bool
    ) -> Outcome:
        message_ref = claimed.message_ref if stands else None
        if message_ref is None and claimed.attempts > 1:
            message_ref = await channel.find(where, claimed.key)
        if message_ref is not None:
            outcome = await channel.correct(where, message_ref, card, now)
            if not (isinstance(outcome, Dead) and outcome.reason == "message-not-found"):
                return outcome
        return await channel.post(where, card, claimed.key, now)

    async def _note(self, claimed: Delivery, platform: str | None, outcome: Outcome, now: datetime) -> None:
        match outcome:
            case Sent(message_ref):
                how = Settled("sent", platform=platform, message_ref=message_ref)
            case Busy(until, stands):
                how = Settled("planned", "busy", platform, stands, due_at=until, is_attempt=False)
            case Dead(reason):
                how = Settled("dead", reason)
            case Ambiguous(reason, stands=stands) if claimed.attempts >= _most_attempts(claimed, outcome):
                how = Settled("dead", reason, platform, stands)
            case Ambiguous(reason, stands=stands):
                how = Settled("planned", reason, platform, stands, due_at=now + RETRY * claimed.attempts)
        await self._settle(claimed, how, now)

    async def _settle(self, claimed: Delivery, how: Settled, now: datetime) -> None:
        await in_one_transaction(self._database, lambda work: _settle(work, claimed, how, now))


def _most_attempts(claimed: Delivery, outcome: Ambiguous) -> int:
    """How often it is sent: what can neither be looked up nor corrected where it stands at most twice, and a nudge once."""
    if outcome.is_findable or outcome.stands is not None:
        return MOST_ATTEMPTS
    return 1 if claimed.kind in COME_AGAIN else UNFINDABLE_ATTEMPTS


def _settle(work: Work, claimed: Delivery, how: Settled, now: datetime) -> None:
    """Note how it ended; a post that cannot be made is told to whoever can mend it."""
    if work.outbox.settle(claimed, how, now) and how.state == "dead":
        log.error("delivery %s is dead: %s", claimed.id, how.reason)
        mending.plan_trouble(work, claimed, now)


def prepare(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    """What a delivery must show now, and where; or why it is no longer right to send it."""
    match delivery.kind:
        case "summary":
            return _summary(house, work, delivery, now)
        case "invitation":
            return _invitation(house, work, delivery, now)
        case "response":
            return _response(house, work, delivery, now)
        case "signature":
            return _signature(house, work, delivery, now)
        case "trouble":
            return _trouble(house, work, delivery, now)
        case "unreached":
            return _unreached(house, work, delivery, now)
        case _:
            return Skip("unknown-kind")


def _summary(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or not dialogue.is_sent:
        return Skip("not-sent")
    scene = gathering.gather_sent(house, work, dialogue, house.language, danish_day(now))
    card = telling.posted(scene)
    if delivery.unit_id is not None:
        owner = work.room_above(delivery.unit_id)
        return Ready(card, rooms=work.room_by_platform(owner[0])) if owner else Skip("no-destination")
    return _to(work.person_by_id(delivery.person_id), card) if delivery.person_id else Skip("no-destination")


def _to(person: Person, card: Card) -> Ready:
    return Ready(card, email=person.email, prefers=person.platform)


def _invitation(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = service.invitation(house, work, person, now)
    return _to(person, card) if card else Skip("nothing-to-answer")


def _response(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    turn = Turn(house, work, person, "", now)
    card = replying.told(turn, dialogue, delivery.content or 0)
    return _to(person, card) if card else Skip("withdrawn")


def _signature(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = agreeing.told(Turn(house, work, person, "", now), delivery.content or 0)
    return _to(person, card) if card else Skip("amended")


def _unreached(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = mending.told_unreached(Turn(house, work, person, "", now))
    return _to(person, card) if card else Skip("mended")


def _trouble(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    target = mending.target_of_trouble(delivery)
    if delivery.person_id is None or target is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = mending.told(Turn(house, work, person, "", now), target)
    return _to(person, card) if card else Skip("mended")
