"""Teams as the courier sees it: cards posted into stored conversations and channels, corrected where they stand.

Promises: nothing is sent to whoever blocked or uninstalled the bot, until they are back; every way a call can end has its class. Teams
cannot be asked whether a post arrived, so none is found again: a post that may have arrived is said to be unfindable, and the courier
sends a summary once more and leaves a nudge to the next one; only what a gateway refused (502, 504) is tried again here. What follows
below a post is kept with its reference, so that a post in part is completed and a correction reaches all of it. Knows Teams only through
`Wire`, and Adaptive Cards only through `cards.teams`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Protocol, TypeVar

from bot.channels.teams_files import Attached, consent
from bot.channels.teams_settings import TeamsSettings
from bot.ports import Ambiguous, Busy, Dead, Destination, Direct, Keep, Outcome, Room, Sent, Unasked
from cards import teams as blocks
from cards.card import Card
from cards.chrome import chrome
from cards.reports.report import File
from cards.teams_limits import problems
from store import addresses, places
from store.addresses import Home
from store.database import Database
from store.places import Place

NAME: Final = "teams"
GENERAL: Final = "General"  # a team's first channel, which Teams gives no name

HTTP_SECONDS: Final = 10  # for one call
DELIVERY_SECONDS: Final = 45  # for all the calls of one delivery: under the courier's lease
MOST_WAITED: Final = 3  # seconds of Retry-After that are waited out here; more is the caller's to plan
MOST_WAITS: Final = 3
WAIT_UNTOLD: Final = 1  # seconds, where Teams does not say
LATER: Final = timedelta(seconds=30)
MENDED_WITHIN: Final = timedelta(minutes=10)  # how soon an installation that was refused is tried again
REF_MOST: Final = 300  # characters that the outbox keeps of where a message stands

_RATE: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.PRECONDITION_FAILED})
_GATEWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
_UNINSTALLED: Final = frozenset({"BotNotInConversationRoster", "BotNotInstalled"})
_BETWEEN: Final = "|"

log = logging.getLogger("dialogbot.teams")
Result = TypeVar("Result")


class TeamsError(Exception):
    """A call that Teams refused: its status and code, and how many seconds to wait where it says so."""

    def __init__(self, status: int, code: str = "", retry_after: int | None = None) -> None:
        super().__init__(f"{status} {code}".strip())
        self.status = status
        self.code = code or f"http-{status}"
        self.retry_after = retry_after


class NoAnswerError(Exception):
    """Teams did not answer. `may_be_done`: what was asked for may have been done all the same."""

    def __init__(self, reason: str, *, may_be_done: bool) -> None:
        super().__init__(reason)
        self.may_be_done = may_be_done


class LoginError(Exception):
    """Microsoft gives the bot no token; the message is a short code."""


class UnreachableError(Exception):
    """Whoever or whatever a delivery is for cannot be reached; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadCardError(Exception):
    """A card of ours breaks Teams' rules; the message says where, and nothing of what people wrote."""


# --- Teams, as far as we need it --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a conversation, as Teams describes them; "" where it does not say."""

    id: str
    aad: str
    email: str
    login: str  # the user principal name
    tenant: str
    role: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team: its name, how many people are in it, and its channels' ids with their names; the first has none of its own."""

    name: str
    members: int | None
    channels: tuple[tuple[str, str | None], ...]


@dataclass
class UnderWay:
    """Whether Teams was asked to do something and has not answered yet."""

    is_so: bool = False


UNDER_WAY: Final = ContextVar("UNDER_WAY", default=UnderWay())  # noqa: B039 - nobody looks at the first one
"""A delivery's own; whoever sends says there what is so."""


class Wire(Protocol):
    """Microsoft's connector. Raises TeamsError, NoAnswerError and LoginError, and nothing else."""

    async def send(self, service_url: str, conversation: str, message: blocks.Message, to: str = "") -> str:
        """Send a card to a conversation, to a person there; its id."""

    async def say(self, service_url: str, conversation: str, text: str) -> str:
        """Send a line of plain words; its id."""

    async def attach(self, service_url: str, conversation: str, attached: Attached, to: str = "") -> str:
        """Send what is about a file to a person's own conversation; its id."""

    async def upload(self, url: str, content: bytes) -> None:
        """Put the bytes of a file where Microsoft wants them; an address that is not Microsoft's is refused."""

    async def update(self, service_url: str, conversation: str, message_id: str, message: blocks.Message) -> None:
        """Let a message show another card."""

    async def delete(self, service_url: str, conversation: str, message_id: str) -> None:
        """Take a message away."""

    async def post(self, service_url: str, channel: str, message: blocks.Message) -> tuple[str, str]:
        """Begin a new post in a channel: the conversation of its replies, and its id."""

    async def open(self, service_url: str, member: str) -> str:
        """Open somebody's own conversation with the bot."""

    async def member(self, service_url: str, conversation: str, member: str) -> Member:
        """Who somebody in a conversation is."""

    async def team(self, service_url: str, team: str) -> Team:
        """What there is to know of a team that the bot is in."""

    async def log_in(self) -> None:
        """Get a token, as every call needs one; LoginError when Microsoft gives none."""

    async def close(self) -> None:
        """Let the connections go."""


async def patiently(call: Callable[[], Awaitable[Result]], *, is_safe: bool) -> Result:
    """Do a call, waiting out what Teams asks to be waited for; what may be done twice is tried once more when nobody answers."""
    waits, again = 0, True
    while True:
        try:
            return await call()
        except TeamsError as fault:
            wait = fault.retry_after if fault.retry_after is not None else WAIT_UNTOLD * 2**waits
            if fault.status in _RATE and waits < MOST_WAITS and wait <= MOST_WAITED:
                waits += 1
                await asyncio.sleep(wait)
            elif again and (fault.status in _GATEWAY or (is_safe and _is_unsure(fault))):
                again = False
            else:
                raise
        except NoAnswerError as fault:
            if not again or (fault.may_be_done and not is_safe):
                raise
            again = False


def _is_unsure(fault: TeamsError) -> bool:
    """Whether the call may have been done all the same."""
    is_theirs = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR and fault.status != HTTPStatus.NOT_IMPLEMENTED
    return is_theirs or fault.status == HTTPStatus.REQUEST_TIMEOUT


# --- the channel ------------------------------------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """Where a post stands, as far as it has come: its conversation, and the ids of its messages, the first one first.

    `is_shown` tells whether the first message shows what it must.
    """

    conversation: str = ""
    ids: list[str] = field(default_factory=list)
    is_shown: bool = False

    @classmethod
    def read(cls, reference: str) -> Standing:
        """The one behind a reference."""
        conversation, *ids = reference.split(_BETWEEN)
        return cls(conversation, ids)

    @property
    def reference(self) -> str:
        """As many of them as the outbox can keep; Teams' own are short enough for more than a dozen."""
        told = _BETWEEN.join((self.conversation, *self.ids[:1]))
        for one in self.ids[1:]:
            if len(told) + len(_BETWEEN) + len(one) > REF_MOST:
                log.warning("a post has more below it than its reference can hold; the rest cannot be corrected")
                break
            told += _BETWEEN + one
        return told


class TeamsChannel:
    """One tenant's Teams: posts into conversations and channels, and corrects in place."""

    name = NAME

    def __init__(
        self,
        wire: Wire,
        database: Callable[[], Database],
        settings: TeamsSettings,
        *,
        checked: bool,
        charts: bool = False,
    ) -> None:
        self.wire = wire
        self.settings = settings
        self._database = database
        self._checked = checked
        self._charts = charts

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:  # noqa: ARG002 - Teams keeps no key
        """Post a new message, and what belongs below it."""
        stands = Standing()

        async def act() -> None:
            first, *rest = self.rendered(card)
            match destination:
                case Room(name):
                    place = await self._place(name)
                    where, stands.conversation = place.service_url or "", place.reference
                    made = await patiently(lambda: self.wire.post(where, place.reference, first), is_safe=False)
                    stands.conversation, stands.ids = made[0], [made[1]]
                case Direct(email):
                    home = await self._home(email)
                    where, stands.conversation = home.service_url or "", home.conversation or ""
                    to = home.member or ""
                    sent = patiently(lambda: self.wire.send(where, stands.conversation, first, to), is_safe=False)
                    stands.ids = [await sent]
            stands.is_shown = True
            await self.follow(where, stands, rest, is_safe=False)

        return await self._ended(act, destination, stands, now)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:
        """Change a posted message in place, with what stands below it; what is missing there is added."""
        stands = Standing.read(message_ref)

        async def act() -> None:
            first, *rest = self.rendered(card)
            where = await self._service_url(destination, stands)
            there, message_id = stands.conversation, stands.ids[0]
            if not await self._updated(where, there, message_id, first):
                raise UnreachableError("message-not-found")
            stands.is_shown = True
            await self.follow(where, stands, rest, is_safe=True)

        outcome = await self._ended(act, destination, stands, now)
        # What cannot be corrected where it stood is posted anew, and whether that can be done is found out then.
        return Dead("message-not-found") if outcome in _LOST else outcome

    async def hand_over(
        self,
        destination: Destination,
        file: File,
        card: Card,
        key: str,
        now: datetime,
        *,
        stands: str | None = None,
        keep: Keep,  # noqa: ARG002 - a consent card that may stand cannot be looked for
    ) -> Outcome:
        """Ask whether a file may be put into somebody's OneDrive; once they say yes it is made anew and put there."""
        if not isinstance(destination, Direct):
            return Dead("not-allowed")
        standing = Standing.read(stands) if stands else Standing()

        async def act() -> None:
            home = await self._home(destination.reference)
            where, there = home.service_url or "", home.conversation or ""
            if standing.ids:
                await self._updated(where, standing.conversation, standing.ids[0], self.rendered(card)[0])
            else:
                standing.conversation = there
            about = chrome(card.language)["teams_consent"].replace("{title}", card.fallback)
            asked, to = consent(file, key, about), home.member or ""
            sent = await patiently(lambda: self.wire.attach(where, there, asked, to), is_safe=False)
            standing.ids[1:] = [sent] if standing.ids else []
            standing.ids = standing.ids or [sent]

        outcome = await self._ended(act, destination, standing, now)
        # What stands is the card that followed the making, not the question: that is asked twice at most.
        return replace(outcome, stands=None) if isinstance(outcome, Ambiguous) else outcome

    async def find(self, destination: Destination, key: str) -> Unasked:  # noqa: ARG002 - nobody can be asked
        """Teams can never be asked whether a message arrived."""
        return Unasked("possibly-delivered", is_findable=False)

    async def follow(self, where: str, stands: Standing, rest: Sequence[blocks.Message], *, is_safe: bool) -> None:
        """Let what stands below a post be `rest`."""
        there = stands.conversation
        for number, message in enumerate(rest, 1):
            if number < len(stands.ids) and await self._updated(where, there, stands.ids[number], message):
                continue
            sent = await patiently(lambda message=message: self.wire.send(where, there, message), is_safe=is_safe)  # type: ignore[misc]
            stands.ids[number : number + 1] = [sent]
        while len(stands.ids) > len(rest) + 1:
            await self._take_away(where, there, stands.ids[-1])
            stands.ids.pop()

    async def _updated(self, where: str, there: str, message_id: str, message: blocks.Message) -> bool:
        try:
            await patiently(lambda: self.wire.update(where, there, message_id, message), is_safe=True)
        except TeamsError as fault:
            if fault.status != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    async def _take_away(self, where: str, there: str, message_id: str) -> None:
        try:
            await patiently(lambda: self.wire.delete(where, there, message_id), is_safe=True)
        except TeamsError as fault:
            if fault.status not in {
                HTTPStatus.NOT_FOUND,
                HTTPStatus.NOT_IMPLEMENTED,
            }:  # the emulator takes nothing away
                raise

    def rendered(self, card: Card) -> tuple[blocks.Message, ...]:
        """A card as Teams' messages."""
        messages = blocks.render(card, charts=self._charts)
        for message in messages:
            found = problems(message.card) if self._checked else ()
            if found:
                raise BadCardError("; ".join(found))
        return messages

    # --- people and places --------------------------------------------------------------------------------------------------------

    async def _home(self, email: str) -> Home:
        """Somebody's own conversation; opened, if they were met in a channel only."""
        home = await self._database().run(lambda connection: addresses.home_of(connection, NAME, email.lower()))
        if home is None or not home.service_url:
            raise UnreachableError("not-installed")
        return await self.opened(home)

    async def opened(self, home: Home) -> Home:
        """A conversation that can be sent to; UnreachableError with the reason when there is none."""
        if home.unreachable:
            raise UnreachableError(home.unreachable)
        where, member = home.service_url or "", home.member or ""
        if home.conversation:
            return home
        conversation = await patiently(lambda: self.wire.open(where, member), is_safe=True)
        whole = replace(home, conversation=conversation)
        await self._database().run(lambda connection: addresses.keep_home(connection, NAME, whole))
        return whole

    async def _place(self, name: str) -> Place:
        """The channel a workbook means, and no other from now on; one that was closed is looked at once more."""
        place = await self._chosen(name)
        if place.unreachable:
            await self.look(place.service_url or "", place.team_reference or place.reference)
            noted = await self._database().run(lambda connection: places.known(connection, NAME))
            if reason := places.why_not(noted, name):
                raise UnreachableError(reason)
            place = await self._chosen(name)
        if place.reference != places.plain(name):
            await self._database().run(lambda connection: places.bind(connection, place, name))
            return await self._chosen(name)  # another process may have been first
        return place

    async def _chosen(self, name: str) -> Place:
        noted = await self._database().run(lambda connection: places.known(connection, NAME))
        one = places.chosen(noted, name)
        if isinstance(one, str):
            raise UnreachableError(one)
        return one

    async def look(self, where: str, team_id: str, called: str = "") -> tuple[Place, ...]:
        """Note a team's channels as they are now; none when the bot is not in it."""
        database = self._database()
        try:
            team = await patiently(lambda: self.wire.team(where, team_id), is_safe=True)
        except TeamsError as fault:
            if fault.status not in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
                raise
            await database.run(lambda connection: places.close_team(connection, NAME, team_id, "not-installed"))
            return ()
        seen = tuple(
            Place(NAME, reference, name or GENERAL, team.name or called, where, team.members, team_reference=team_id)
            for reference, name in team.channels
        )
        await database.run(lambda connection: places.keep_team(connection, seen))
        return seen

    async def _service_url(self, destination: Destination, stands: Standing) -> str:
        """Where a post's conversation lives: with its channel, whatever the workbook says now, or with the person's own."""
        if isinstance(destination, Direct):
            return (await self._home(destination.reference)).service_url or ""
        channel = stands.conversation.partition(";")[0]
        noted = await self._database().run(lambda connection: places.known(connection, NAME))
        found = [one for one in noted if one.reference == channel]
        if not found:
            raise UnreachableError("channel-not-found")
        return found[0].service_url or ""

    async def shut(self, reference: str, reason: str) -> None:
        """Send nothing more to somebody until they are back."""
        log.warning("cannot be reached: %s (%s)", reason, reference)
        await self._database().run(lambda connection: addresses.close_home(connection, NAME, reference, reason))

    # --- how a call ended ---------------------------------------------------------------------------------------------------------

    async def _ended(
        self, act: Callable[[], Awaitable[None]], destination: Destination, stands: Standing, now: datetime
    ) -> Outcome:
        """Do it, and say how it ended. What stands already is never forgotten, or it would be posted twice."""
        reference: str | None = None
        under_way = UnderWay()
        UNDER_WAY.set(under_way)
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await act()
            return Sent(stands.reference)
        except UnreachableError as fault:
            return Dead(fault.reason)
        except BadCardError as fault:
            log.error("a card breaks Teams' rules: %s", fault)  # noqa: TRY400 - where it broke is all there is to say
            return Dead("bad-card")
        except LoginError as fault:
            log.error("Microsoft refuses the installation: %s", fault)  # noqa: TRY400 - the code is all there is to say
            return Busy(now + MENDED_WITHIN, _so_far(stands))
        except TeamsError as fault:
            reference = _so_far(stands)
            outcome = _refusal(fault, destination, reference, now)
        except NoAnswerError as fault:
            reference = _so_far(stands)
            if not fault.may_be_done:
                return Busy(now + LATER, reference)
            log.warning("possibly delivered: %s", fault)
            return Ambiguous("possibly-delivered", is_findable=False, stands=reference)
        except TimeoutError:
            if not under_way.is_so:
                return Busy(now + LATER, _so_far(stands))
            return Ambiguous("possibly-delivered", is_findable=False, stands=_so_far(stands))
        if isinstance(outcome, Dead):
            return await self._gone(destination, outcome, stands)
        return outcome

    async def _gone(self, destination: Destination, outcome: Dead, stands: Standing) -> Outcome:
        """Note who or what cannot be reached any more; a post whose first message stands is a post all the same."""
        if stands.is_shown and outcome.reason not in _CLOSED:
            log.error("what belongs below a post was refused: %s", outcome.reason)
            return Sent(stands.reference)
        if outcome.reason in _CLOSED:
            await self._close(destination, stands.conversation.partition(";")[0], outcome.reason)
        return outcome

    async def _close(self, destination: Destination, channel: str, reason: str) -> None:
        database = self._database()
        if isinstance(destination, Direct):
            email = destination.reference.lower()
            home = await database.run(lambda connection: addresses.home_of(connection, NAME, email))
            if home is not None:
                await self.shut(home.reference, reason)
            return
        noted = await database.run(lambda connection: places.known(connection, NAME))
        found = [one.reference for one in places.meant(noted, channel or destination.reference)]
        await database.run(lambda connection: places.close(connection, NAME, found, reason))


_CLOSED: Final = frozenset({"blocked", "not-installed", "channel-not-found"})
_LOST: Final = (Dead("not-installed"), Dead("channel-not-found"))


def _so_far(stands: Standing) -> str | None:
    return stands.reference if stands.ids else None


def _refusal(fault: TeamsError, destination: Destination, reference: str | None, now: datetime) -> Outcome:
    """What a refusal means for a delivery."""
    if fault.status in _RATE:
        seconds = fault.retry_after if fault.retry_after is not None else int(LATER.total_seconds())
        is_for_all = fault.status == HTTPStatus.TOO_MANY_REQUESTS  # the other is about this conversation alone
        return Busy(now + timedelta(seconds=seconds), reference, is_for_all=is_for_all)
    if _is_unsure(fault):
        log.warning("possibly delivered: %s", fault)
        return Ambiguous("possibly-delivered", is_findable=False, stands=reference)
    if fault.status == HTTPStatus.UNAUTHORIZED:
        log.error("Teams refuses the installation: %s", fault)
        return Busy(now + MENDED_WITHIN, reference)
    return Dead(closed(fault, is_direct=isinstance(destination, Direct)) or fault.code)


def closed(fault: TeamsError, *, is_direct: bool) -> str:
    """Why nothing can be sent to a person or a channel, if that is what a refusal says."""
    match fault.status:
        case HTTPStatus.FORBIDDEN if fault.code in _UNINSTALLED:
            return "not-installed"
        case HTTPStatus.FORBIDDEN:
            return "blocked" if is_direct else "not-allowed"
        case HTTPStatus.NOT_FOUND:
            return "not-installed" if is_direct else "channel-not-found"
    return ""
