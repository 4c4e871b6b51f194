"""From the outbox to the channels: claim, prepare, send, settle; a few deliveries at a time, so that a slow one holds up no other.

Promises: no transaction is open while a platform is waited for; whether a delivery is still right is checked just before it is
sent; that it may stand is on disk before it is sent, and whatever may stand is looked up before it is sent again; every delivery
ends as sent, skipped or dead with a reason, or stays planned; a platform that wants to be let be is let be by every process.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import (
    addressing,
    agreeing,
    delegating,
    gathering,
    making,
    mending,
    nudging,
    reminding,
    replying,
    report_orders,
    reporting,
    service,
    signing,
    urging,
)
from bot.clock import danish_day
from bot.gathering import House
from bot.making import Broken, Wanted, Workshop
from bot.ports import Ambiguous, Busy, Channel, Clock, Dead, Destination, Direct, Outcome, Room, Sent, Unasked
from bot.report_orders import Make
from bot.turn import Turn
from cards import reporting as cards
from cards import telling
from cards.card import Card
from cards.reports.report import File
from store.database import Database, DatabaseUnavailableError
from store.outbox import Settled
from store.records import Delivery, Person
from store.work import Work, in_one_transaction

log = logging.getLogger("dialogbot.courier")

MOST_ATTEMPTS = 8
UNFINDABLE_ATTEMPTS = 2  # of what may have arrived where nobody can look it up
MOST_CLAIMS = 20  # of a delivery that ends every process which takes it
MOST_MADE = 4  # times that a report is: making one takes more than showing a card, and is what may end a process
MOST_RETRY = timedelta(minutes=15)
MOST_THROTTLED = timedelta(minutes=10)  # however long a platform asks for: then one delivery tries
UNKNOWN_KIND = timedelta(minutes=5)  # until a newer process has had the time to take what this one does not know
SETTLED_AGAIN = (0.5, 1, 2, 4, 8)  # seconds: a database that restarts is back before the lease is over
AT_LEAST = timedelta(seconds=1)
COME_AGAIN = addressing.COME_AGAIN | {"trouble"}  # the next one says the same: better one too few than one too many
TELLS_OF_OTHERS = frozenset(addressing.TO_CONSULTANT)  # how those under way ended is to be in it
POSSIBLY = "possibly-delivered"


@dataclass(frozen=True, slots=True)
class Pace:
    """How many deliveries a process has under way at a time, how long it holds each, and how soon one is tried again."""

    width: int = 4
    lease: timedelta = timedelta(seconds=60)  # longer than any channel waits for its platform
    retry: timedelta = timedelta(seconds=30)  # twice as long after each try that failed
    made: int = 2  # reports claimed at a time, beside what is delivered
    progress: timedelta = timedelta(seconds=3)  # between two corrections of the card that follows a report's making

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many tries."""
        return min(self.retry * (1 << (attempts - 1)), max(MOST_RETRY, self.retry))


PACE = Pace()
ONE_AT_A_TIME = Pace(width=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """What to send, and for whom: a channel by its name on each platform, or a person, first where they last spoke to the bot."""

    card: Card
    rooms: Mapping[str, str] | None = None
    email: str = ""
    prefers: str | None = None
    wanted: Wanted | None = None  # a report that is to be made and handed over with it

    def routes(self, platforms: Iterable[str]) -> list[tuple[str, Destination]]:
        """The ways it can go through the platforms that are configured, the best first."""
        if self.rooms is not None:
            return [(one, Room(self.rooms[one])) for one in platforms if one in self.rooms]
        return [(one, Direct(self.email)) for one in sorted(platforms, key=lambda one: one != self.prefers)]


@dataclass(frozen=True, slots=True)
class Skip:
    """Why it is no longer right to send it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Why this process is not the one to send it, or not now; that is no attempt."""

    reason: str
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Going:
    """What is on its way: the card, the ways it may go, and what is let be at the moment. That it may stand is on disk."""

    card: Card
    routes: tuple[tuple[str, Destination], ...]
    throttled: Mapping[str, datetime]
    stands: bool
    wanted: Wanted | None = None
    file: File | None = None

    def having(self, made: File | str) -> Going:
        """What is handed over once a report is made, or was not: then the card says why. It may be theirs no more by then."""
        if self.wanted is None:
            return self
        if isinstance(made, str):
            return replace(self, card=cards.refused(self.wanted.about, made))
        return replace(self, card=cards.ready(self.wanted.about, len(made.content)), file=made)

    def waits(self, now: datetime) -> Busy | None:
        """What the first way must wait for, if anything."""
        return self.busy(*self.routes[0], now) if self.routes else None

    def busy(self, platform: str, where: Destination, now: datetime) -> Busy | None:
        """Until when a platform or this conversation there is let be."""
        until = max((self.throttled.get(one, now) for one in (platform, bucket_of(platform, where))), default=now)
        return Busy(until) if until > now else None


def bucket_of(platform: str, where: Destination) -> str:
    """What the throttle calls one conversation: whose it is cannot be read from it."""
    return f"{platform}:{hashlib.sha256(where.reference.lower().encode()).hexdigest()[:32]}"


class Courier:
    """Carries what is due through the channels of this process, by platform."""

    def __init__(
        self,
        house: House,
        database: Database,
        channels: Mapping[str, Channel],
        pace: Pace = PACE,
        make: Make = reporting.make,
    ) -> None:
        self._house = house
        self._database = database
        self._channels = channels
        self._pace = pace
        self._throttled: Mapping[str, datetime] = {}  # as this process last saw it
        self._rung = asyncio.Event()
        self._stopping = asyncio.Event()
        self._shop = Workshop(house, database, channels, pace.lease, pace.progress, self._stopping, make)

    def stop(self) -> None:
        """Begin no other delivery; those under way are finished, and a report that is being made is left to another process."""
        self._stopping.set()

    def ring(self) -> None:
        """There may be more to deliver: whoever only waits for what is under way looks again."""
        self._rung.set()

    async def run(self, now: datetime) -> int:
        """Deliver everything that is due at one moment; how many were dealt with."""
        return await self.run_by(lambda: now)

    async def run_by(self, clock: Clock) -> int:
        """Deliver until nothing is due; how many were dealt with. A fault of the database ends it when what is under way has ended.

        A report takes its time, and takes none of the places of what is only to be sent.
        """
        sending: set[asyncio.Task[None]] = set()
        made: set[asyncio.Task[None]] = set()
        dealt_with = 0
        try:
            while True:
                self._rung.clear()
                has_room = len(made) < self._pace.made  # what it has no room to make, another process may
                claimed = await self._claim(clock(), has_room=has_room) if len(sending) < self._pace.width else None
                if claimed is not None:
                    if claimed.kind in TELLS_OF_OTHERS and sending:
                        await asyncio.wait(sending)
                    kept = made if claimed.kind == report_orders.KIND else sending
                    kept.add(asyncio.create_task(self._deliver(claimed, clock)))
                    dealt_with += 1
                elif sending or made:
                    for one in await self._ended(sending | made):
                        sending.discard(one)
                        made.discard(one)
                        one.result()
                else:
                    return dealt_with
        finally:
            await asyncio.gather(*sending, *made, return_exceptions=True)

    async def _ended(self, under_way: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """Those that have ended, as soon as one has; none when it is rung before that."""
        rung = asyncio.create_task(self._rung.wait())
        try:
            await asyncio.wait({*under_way, rung}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            rung.cancel()
        return {one for one in under_way if one.done()}

    async def _claim(self, now: datetime, *, has_room: bool) -> Delivery | None:
        """The next one, a report only where there is room to make it; none while every platform of this process is let be."""
        is_let_be = bool(self._channels) and all(self._throttled.get(one, now) > now for one in self._channels)
        if self._stopping.is_set() or is_let_be:
            return None
        but = "" if has_room else report_orders.KIND
        return await in_one_transaction(self._database, lambda work: work.outbox.claim(now, self._pace.lease, but=but))

    async def _deliver(self, claimed: Delivery, clock: Clock) -> None:
        now = clock()
        try:
            if claimed.kind == report_orders.KIND:
                claimed, going = await self._made(claimed, clock)
            else:
                going = await in_one_transaction(self._database, lambda work: self._begin(work, claimed, now))
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("delivery could not be prepared", extra={"delivery": claimed.id})
            await self._note(claimed, None, Ambiguous("fault"), now)
            return
        if going is not None:
            await self._send_off(claimed, going, clock)

    def _begin(self, work: Work, claimed: Delivery, now: datetime) -> Going | None:
        """Prepare it and note that it may stand from now on; None when it is not to be sent, which is then settled."""
        going = self._going_on(work, claimed, now)
        return going if going is not None and work.outbox.begin(claimed, now, self._pace.lease) else None

    def _going_on(self, work: Work, claimed: Delivery, now: datetime) -> Going | None:
        going = self._going(work, claimed, now)
        match going:
            case Skip(reason):
                _settle(self._house, work, claimed, Settled("skipped", reason), now)
                return None
            case Dead(reason):
                _settle(self._house, work, claimed, Settled("dead", reason), now)
                return None
            case Later(reason, wait):
                how = Settled("planned", reason, due_at=now + wait, is_attempt=False)
                _settle(self._house, work, claimed, how, now)
                return None
        return going

    async def _made(self, claimed: Delivery, clock: Clock) -> tuple[Delivery, Going | None]:
        """Make a report while it is held, and only then begin to send it: whoever may have it is asked before and after."""
        now = clock()
        going = await in_one_transaction(self._database, lambda work: self._going_on(work, claimed, now))
        if going is None:
            return claimed, None
        made: File | str | Broken = ""
        if going.wanted is not None:
            made = await self._shop.made(claimed, going.wanted, going.routes, clock)
        if isinstance(made, Broken):
            if made is Broken.STOPPING:
                await self._settle(claimed, Settled("planned", "stopping", due_at=now, is_attempt=False), clock(), {})
            return claimed, None
        return await in_one_transaction(self._database, lambda work: self._begin_with(work, claimed, made, clock()))

    def _begin_with(
        self, work: Work, claimed: Delivery, made: File | str, now: datetime
    ) -> tuple[Delivery, Going | None]:
        standing = making.as_it_stands(work, claimed)
        going = self._begin(work, standing, now)
        return standing, going and going.having(made)

    def _going(self, work: Work, claimed: Delivery, now: datetime) -> Going | Skip | Later | Dead:
        if claimed.attempts > (MOST_MADE if claimed.kind == report_orders.KIND else MOST_CLAIMS):
            log.error("delivery %s was taken %s times and never settled", claimed.id, claimed.attempts)
            return Dead("given-up")
        if claimed.expires_at is not None and now >= claimed.expires_at and claimed.message_ref is None:
            return Skip("too-late")
        prepared = prepare(self._house, work, claimed, now)
        if not isinstance(prepared, Ready):
            return prepared
        going = self._way(work, claimed, prepared, now)
        busy = going.waits(now)
        return Later("busy", busy.until - now) if busy else going

    def _way(self, work: Work, claimed: Delivery, ready: Ready, now: datetime) -> Going:
        """Where it stands already, else every way that it can go."""
        self._throttled = work.outbox.throttled(now)
        routes = ready.routes(self._channels)
        stands = [one for one in routes if claimed.message_ref and one[0] == claimed.platform]
        return Going(ready.card, tuple(stands or routes), self._throttled, stands=bool(stands), wanted=ready.wanted)

    async def _send_off(self, claimed: Delivery, going: Going, clock: Clock) -> None:
        began = clock()
        try:
            outcome, platform, where = await self._carry(claimed, going, clock)
        except Exception:
            log.exception("delivery failed", extra={"delivery": claimed.id})
            outcome, platform, where = Ambiguous("fault"), None, None
        now = clock()
        if isinstance(outcome, Busy):  # its wait begins when it is told, not when the call was made
            outcome = replace(outcome, until=max(outcome.until + (now - began), now + AT_LEAST))
        await self._note(claimed, platform, outcome, now, where)

    async def _carry(
        self, claimed: Delivery, going: Going, clock: Clock
    ) -> tuple[Outcome, str | None, Destination | None]:
        """The first way that is not closed; a person may have an account on one platform alone."""
        outcome: Outcome = Dead("no-channel")
        now = clock()
        for platform, where in going.routes:
            let_be = going.busy(platform, where, now)
            if let_be is not None:
                return let_be, None, None
            outcome = await self._send(platform, claimed, where, going, clock)
            if not isinstance(outcome, Dead):
                return outcome, platform, where
        return outcome, None, None

    async def _send(self, platform: str, claimed: Delivery, where: Destination, going: Going, clock: Clock) -> Outcome:
        channel, now = self._channels[platform], clock()
        message_ref = claimed.message_ref if going.stands else None
        if message_ref is None and claimed.may_stand:
            found = await channel.find(where, claimed.key)
            if isinstance(found, Unasked):
                if (instead := _unasked(claimed, found, now)) is not None:
                    return instead
            else:
                message_ref = found
        if going.file is not None:
            keep = making.keeping(self._database, claimed, platform, clock)
            return await channel.hand_over(
                where, going.file, going.card, claimed.key, now, stands=message_ref, keep=keep
            )
        if message_ref is not None:
            outcome = await channel.correct(where, message_ref, going.card, now)
            if not (isinstance(outcome, Dead) and outcome.reason == "message-not-found"):
                return outcome
        return await channel.post(where, going.card, claimed.key, now)

    async def _note(
        self,
        claimed: Delivery,
        platform: str | None,
        outcome: Outcome,
        now: datetime,
        where: Destination | None = None,
    ) -> None:
        match outcome:
            case Sent(message_ref):
                how = Settled("sent", platform=platform, message_ref=message_ref)
            case Busy(until, stands):
                how = Settled("planned", "busy", platform, stands, due_at=until, is_attempt=False, may_stand=False)
            case Dead(reason):
                how = Settled("dead", reason, may_stand=reason == POSSIBLY)
            case Ambiguous(reason, stands=stands) if claimed.attempts >= _most_attempts(claimed, outcome):
                how = Settled("dead", reason, platform, stands)
            case Ambiguous(reason, stands=stands):
                due_at = now + self._pace.after(claimed.attempts)
                how = Settled("planned", reason, platform, stands, due_at=due_at)
        throttles = _throttle(outcome, platform, where, now)
        self._throttled = {**self._throttled, **throttles}
        await self._settle(claimed, how, now, throttles)

    async def _settle(self, claimed: Delivery, how: Settled, now: datetime, throttles: Mapping[str, datetime]) -> None:
        """Note how it ended; a database that is away is waited for, or what arrived would have to be looked up."""
        for wait in (*SETTLED_AGAIN, None):
            try:
                await in_one_transaction(
                    self._database, lambda work: _settle(self._house, work, claimed, how, now, throttles)
                )
            except DatabaseUnavailableError:
                if wait is None:
                    raise
                await asyncio.sleep(wait)
            else:
                return


def _unasked(claimed: Delivery, found: Unasked, now: datetime) -> Outcome | None:
    """What becomes of it when nobody can say whether it arrived; None when it is sent again all the same."""
    if not found.is_findable:
        is_asked_for = claimed.attempts == 1  # somebody had it tried again, knowing that it may stand
        is_enough = claimed.kind in COME_AGAIN or claimed.attempts > UNFINDABLE_ATTEMPTS
        return Dead(POSSIBLY) if is_enough and not is_asked_for else None
    return Busy(now + found.wait) if found.wait is not None else Ambiguous(found.reason)


def _throttle(
    outcome: Outcome, platform: str | None, where: Destination | None, now: datetime
) -> Mapping[str, datetime]:
    """What is to be let be because of how a delivery ended, and until when."""
    if not isinstance(outcome, Busy) or platform is None or where is None:
        return {}
    bucket = platform if outcome.is_for_all else bucket_of(platform, where)
    return {bucket: min(outcome.until, now + MOST_THROTTLED)}


def _most_attempts(claimed: Delivery, outcome: Ambiguous) -> int:
    """How often it is sent: what can neither be looked up nor corrected where it stands at most twice, and a nudge once."""
    if outcome.is_findable or outcome.stands is not None:
        return MOST_MADE if claimed.kind == report_orders.KIND else MOST_ATTEMPTS
    return 1 if claimed.kind in COME_AGAIN else UNFINDABLE_ATTEMPTS


def _settle(
    house: House,
    work: Work,
    claimed: Delivery,
    how: Settled,
    now: datetime,
    throttles: Mapping[str, datetime] | None = None,
) -> None:
    """Note how it ended, and what is let be; a post that cannot be made is told to whoever can mend it."""
    for bucket, until in (throttles or {}).items():
        work.outbox.throttle(bucket, until, now)
    if work.outbox.settle(claimed, how, now) and how.state == "dead":
        log.error("delivery %s is dead: %s", claimed.id, how.reason)
        dead = work.outbox.delivery(claimed.key) or claimed  # whom it was for in the end
        mending.plan_trouble(work, dead, now, house.library.days_off, how.reason or "")


def prepare(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip | Later:
    """What a delivery must show now, and where; or why it is no longer right to send it, or not now, or not for this process."""
    if delivery.kind not in addressing.WAITS or delivery.person_id is None:
        return _prepared(house, work, delivery, now)
    person_id = addressing.addressee(work, delivery, danish_day(now))
    if person_id is None:
        return Skip("nobody")
    if person_id != delivery.person_id:
        work.outbox.hand_to(delivery, person_id)
    prepared = _prepared(house, work, replace(delivery, person_id=person_id), now)
    back = addressing.back_at(work, person_id, now, house.library.days_off) if isinstance(prepared, Ready) else None
    if back is None:
        return prepared
    if delivery.kind in addressing.TO_CONSULTANT:
        mending.plan_for_return(work, delivery, back)
        return Skip("away")
    return Later("away", back - now)


def _prepared(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip | Later:
    match delivery.kind:
        case "summary":
            return _summary(house, work, delivery, now)
        case "invitation":
            return _invitation(house, work, delivery, now)
        case reminding.KIND:
            return _nudge(house, work, delivery, now)
        case "response":
            return _response(house, work, delivery, now)
        case "delegated":
            return _delegated(house, work, delivery, now)
        case "word" | "moved":
            return _urged(house, work, delivery, now)
        case "to_sign":
            return _to_sign(house, work, delivery, now)
        case "signature":
            return _signature(house, work, delivery, now)
        case "trouble":
            return _trouble(house, work, delivery, now)
        case "unreached":
            return _unreached(house, work, delivery, now)
        case "report" | "report_lost":
            return _report(house, work, delivery, now)
        case _:
            return Later("unknown-kind", UNKNOWN_KIND)  # planned by a newer process, while an older one still runs


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


def _nudge(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if work.outbox.is_overtaken(delivery):
        return Skip("not-due")
    due = reminding.still_due(house, work, delivery, now)
    if isinstance(due, str):
        return Skip(due)
    person = work.person_by_id(due.message.person)
    return _to(person, nudging.composed(Turn(house, work, person, "", now), due))


def _response(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    turn = Turn(house, work, person, "", now)
    card = replying.told(turn, dialogue, delivery.content or 0)
    return _to(person, card) if card else Skip("withdrawn")


def _delegated(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = delegating.told(Turn(house, work, person, "", now), work.delegations.by_id(delivery.content or 0))
    return _to(person, card) if card else Skip("answered")


def _urged(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    tell = urging.told_word if delivery.kind == "word" else urging.told_moved
    card = tell(Turn(house, work, person, "", now), dialogue, delivery.content or 0)
    return _to(person, card) if card else Skip("submitted")


def _to_sign(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    card = signing.told(Turn(house, work, person, "", now), delivery.content or 0)
    return _to(person, card) if card else Skip("signed")


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


def _report(house: House, work: Work, delivery: Delivery, now: datetime) -> Ready | Skip:
    """A report is made before it is sent: here only whether it may be had, and what is said when it may not, or was lost."""
    if delivery.person_id is None:
        return Skip("nobody")
    person = work.person_by_id(delivery.person_id)
    if delivery.kind == report_orders.LOST:
        card = report_orders.told_lost(Turn(house, work, person, "", now), delivery.content or 0)
        return _to(person, card) if card else Skip("mended")
    order = report_orders.Order.parse(delivery.key)
    if order is None or order.person_id != person.id:
        return Skip("nobody")
    about = report_orders.about(house, work, order, person.language)
    if not report_orders.is_theirs(work, order, danish_day(now)):
        return _to(person, cards.refused(about, report_orders.NOT_THEIRS))
    return replace(_to(person, cards.ready(about, 0)), wanted=Wanted(order, person, about))
