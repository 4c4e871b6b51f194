"""What people do in Teams, translated for the service, and its answers shown.

Promises: Teams is told 200 only after what it brought is stored; what could not be stored is told to the person, and a message is
answered 500, so that Teams brings it again. One event, however often it comes, is one event of the service, and is answered once. A
card for one person is never shown in a channel. Whoever Teams does not vouch for as one of the tenant's own people gets nothing.

A press is answered with the next card. Teams forgets that answer when the chat is left, so the message itself is changed too.
Knows neither HTTP nor Microsoft's library: events come in as `Event`, and what goes out goes through `TeamsChannel`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary

from bot.channels.teams_workspace import (
    HTTP_SECONDS,
    NAME,
    LoginError,
    Member,
    NoAnswerError,
    Standing,
    TeamsChannel,
    TeamsError,
    UnreachableError,
    closed,
    patiently,
)
from bot.ports import Inbound, Intent, Opened, Pressed, Reply, Said
from bot.running import Product
from bot.talk import command
from cards import teams as blocks
from cards.card import Card
from cards.chrome import chrome
from store import addresses, places
from store.addresses import Contact, Home
from store.places import Place
from store.work import in_one_transaction

SHOWN_WITHIN: Final = (
    5.0  # seconds that Teams' request waits for its answer to be shown: well under the fifteen that Teams waits
)
REMEMBERED: Final = 1000  # events whose trouble was told, and cards with something below them

_CARD: Final = "application/vnd.microsoft.card.adaptive"
_LINE: Final = "application/vnd.microsoft.activity.message"
_ERROR: Final = "application/vnd.microsoft.error"

log = logging.getLogger("dialogbot.teams")


@dataclass(frozen=True, slots=True)
class Event:
    """One activity of Teams', as far as we read it. `is_personal`: it happened in somebody's own conversation with the bot."""

    kind: str
    conversation: str
    service_url: str
    id: str = ""
    name: str = ""  # what an invoke asks for
    action: str = ""  # what was done with the app
    is_personal: bool = False
    sender: str = ""
    aad: str = ""
    role: str = ""
    tenant: str = ""
    bot: str = ""
    timezone: str = ""
    text: str = ""
    entities: tuple[Mapping[str, object], ...] = ()
    value: object = None
    reply_to: str = ""
    data: Mapping[str, object] | None = None
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    at: datetime | None = None  # when it happened; Teams says the same when it brings it again
    has_files: bool = False  # a picture, a recording: something that is not words

    @property
    def reference(self) -> str:
        """Who did it: the same person in every conversation."""
        return f"{self.tenant}/{self.aad}".lower()

    @property
    def key(self) -> str:
        """One id of the event; two conversations' events are never the same."""
        return _key("event", self.conversation, self.id or uuid4().hex)

    def told(self, *path: str) -> str:
        """A text of Teams' own data; "" where there is none."""
        value: object = self.data
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invoke is answered with."""

    status: int
    body: Mapping[str, object]


class Conversation:
    """Teams' events, given to the service, and its answers shown."""

    def __init__(self, product: Product, channel: TeamsChannel) -> None:
        self._product = product
        self._channel = channel
        self._languages: dict[str, str] = {}  # whom we know, and in which language we last answered them
        self._below: dict[tuple[str, str], tuple[str, ...]] = {}  # what we posted below a card, by the card
        self._troubled: deque[str] = deque(maxlen=REMEMBERED)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._showing: set[asyncio.Task[None] | asyncio.Task[bool]] = set()

    async def take(self, event: Event) -> Answer | None:
        """Take one event; an invoke is answered. What is raised was not stored, and is to be brought again."""
        match event.kind, event.name:
            case "message", _:
                await self._said(event)
            case "invoke", "adaptiveCard/action":
                return await self._pressed(event)
            case "invoke", _:
                return Answer(HTTPStatus.NOT_IMPLEMENTED, {})
            case "conversationUpdate", _:
                await self._changed(event)
            case "installationUpdate", _:
                await self._installed(event)
        return None

    # --- what people do -----------------------------------------------------------------------------------------------------------

    async def _said(self, event: Event) -> None:
        """Typed words, or a card's fields sent as a message."""
        press = blocks.press_of(event.value)
        words = typed(event)
        if press is not None:
            await self._answer(event, Pressed(press, blocks.read_inputs(event.value)))
        elif not event.is_personal:
            # In a channel only commands are taken: what is said before others is nobody's answer.
            await self._answer(event, Said(words if command(words) is not None else "hjælp"))
        elif words:
            await self._answer(event, Said(words))

    async def _answer(self, event: Event, intent: Intent) -> None:
        key = event.key
        reply = await self._take(event, key, intent)
        if reply is None:
            return
        if event.is_personal:
            await self._soon(self._show(event, key, reply))
        else:
            await self._soon(self._show_beside(event, key, reply))

    async def _pressed(self, event: Event) -> Answer:
        """A button of a card: answered with the card that takes its place."""
        press = blocks.press_of(event.value)
        if press is None:
            return _failed(
                HTTPStatus.BAD_REQUEST, "BadRequest", self._said_to(event)["not_ours"], HTTPStatus.BAD_REQUEST
            )
        key = event.key
        try:
            reply = await self._take(event, key, Pressed(press, blocks.read_inputs(event.value)))
            if reply is None:
                return Answer(HTTPStatus.FORBIDDEN, {})
            if event.is_personal:
                first, *rest = self._channel.rendered(reply.card)
                if reply.where == "replace":
                    await self._soon(self._persist(event, first, rest), wait=0)
                return _shown(first)
            return _told(await self._aside(event, key, reply))
        except Exception:
            # Teams does not bring an invoke again: the person is told, and presses again.
            log.exception("a press could not be taken")
            return _failed(HTTPStatus.INTERNAL_SERVER_ERROR, "TryAgain", self._said_to(event)["trouble"], HTTPStatus.OK)

    # --- a turn ---------------------------------------------------------------------------------------------------------------------

    async def _take(self, event: Event, key: str, intent: Intent) -> Reply | None:
        """Let the service take it; None for those who get nothing. What could not be kept is told to the person, and raised."""
        try:
            if not await self._is_welcome(event):
                return None
            reply = await self._product.handle(Inbound(key, NAME, event.reference, intent))
        except Exception:
            if event.kind == "message" and event.is_personal and key not in self._troubled:
                self._troubled.append(key)  # Teams brings it several times; once said is enough
                await self._soon(self._tell_trouble(event))
            raise
        if event.reference in self._languages:
            self._languages[event.reference] = reply.card.language
        return reply

    async def _is_welcome(self, event: Event) -> bool:
        """Whether somebody is answered. At first contact they become the person they are; where their conversation is, is kept."""
        if reason := _why_not(event):
            log.warning("refused: %s (%s)", reason, event.reference)
            return False
        reference, database = event.reference, self._product.database
        home, is_linked = await database.run(
            lambda connection: (
                addresses.home(connection, NAME, reference),
                addresses.is_linked(connection, NAME, reference),
            )
        )
        found = _at_home(home or Home(reference), event)
        contacts: tuple[Contact, ...] = ()
        if not is_linked:
            member = await self._member(event)
            if reason := _why_not_member(member, event, self._channel.settings.tenant_id):
                log.warning("refused: %s (%s)", reason, event.reference)
                return False
            emails = [one.strip().lower() for one in (member.email, member.login) if one.strip()]
            contacts = tuple(Contact(one, event.timezone) for one in dict.fromkeys(emails))
            found = replace(found, email=emails[0] if emails else None)
        if found != home or not is_linked:
            is_linked = (
                await database.run(lambda connection: addresses.settle(connection, NAME, found, contacts)) or is_linked
            )
        if is_linked:
            self._languages.setdefault(reference, self._product.house.language)
        return True

    async def _member(self, event: Event) -> Member:
        conversation = event.conversation.partition(";")[0]
        wire = self._channel.wire
        return await patiently(lambda: wire.member(event.service_url, conversation, event.sender), is_safe=True)

    async def _show(self, event: Event, key: str, reply: Reply) -> None:
        """The answer in the place of the pressed card, or below what was said."""
        async with self._turn(event.reference):
            first, *rest = self._channel.rendered(reply.card)
            if reply.where == "replace" and await self._replaced(event, first, rest):
                return
            if await self._is_first_shown(key):
                await self._put(event.service_url, event.conversation, (first, *rest), event.sender)

    async def _put(self, where: str, conversation: str, messages: Sequence[blocks.Message], to: str) -> None:
        wire, stands = self._channel.wire, Standing(conversation)
        for message in messages:
            sent = patiently(lambda message=message: wire.send(where, conversation, message, to), is_safe=True)  # type: ignore[misc]
            stands.ids.append(await sent)
        self._remember(stands)

    async def _replaced(self, event: Event, first: blocks.Message, rest: Sequence[blocks.Message]) -> bool:
        """Let a pressed message show a card, with what belongs below it; False when it cannot be changed."""
        if not event.reply_to:
            return False
        wire, where, pressed = self._channel.wire, event.service_url, event.reply_to
        try:
            await patiently(lambda: wire.update(where, event.conversation, pressed, first), is_safe=True)
        except TeamsError as fault:
            if fault.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
                raise
            return False
        stands = Standing(event.conversation, [pressed, *self._below.pop((event.conversation, pressed), ())])
        try:
            await self._channel.follow(where, stands, rest, is_safe=True)
        finally:
            self._remember(stands)
        return True

    def _remember(self, stands: Standing) -> None:
        """Keep what stands below a card, so that it changes with the card; forgotten, it stays as it is."""
        first, *rest = stands.ids
        if rest:
            self._below[stands.conversation, first] = tuple(rest)
        if len(self._below) > REMEMBERED:
            self._below.pop(next(iter(self._below)))

    async def _persist(self, event: Event, first: blocks.Message, rest: Sequence[blocks.Message]) -> None:
        """Let the pressed message be what its answer showed."""
        async with self._turn(event.reference):
            await self._replaced(event, first, rest)

    async def _is_first_shown(self, key: str) -> bool:
        """Whether this process is the one to show an answer below: two that get the same event show it once."""
        now = self._product.clock()
        return await in_one_transaction(
            self._product.database, lambda work: work.is_first(NAME, key.replace("event", "shown", 1), now)
        )

    # --- beside a channel -----------------------------------------------------------------------------------------------------------

    async def _show_beside(self, event: Event, key: str, reply: Reply) -> None:
        """The answer in the person's own conversation, and a line in the channel that says so and no more."""
        line = await self._aside(event, key, reply)
        if not reply.is_again:
            wire = self._channel.wire
            await patiently(lambda: wire.say(event.service_url, event.conversation, line), is_safe=False)

    async def _aside(self, event: Event, key: str, reply: Reply) -> str:
        """Show an answer in the person's own conversation; the line that tells of it, or of why it could not be shown."""
        said = chrome(reply.card.language)
        sent = asyncio.create_task(self._send_aside(event, key, reply.card))
        self._showing.add(sent)
        sent.add_done_callback(self._showing.discard)
        await asyncio.wait({sent}, timeout=SHOWN_WITHIN)
        return said["teams_alone" if sent.done() and not sent.result() else "teams_aside"]

    async def _send_aside(self, event: Event, key: str, card: Card) -> bool:
        """Whether it could be shown, as far as is known."""
        try:
            async with self._turn(event.reference):
                home = await self._product.database.run(
                    lambda connection: addresses.home(connection, NAME, event.reference)
                )
                if home is None:
                    return False
                home = await self._channel.opened(home)
                if await self._is_first_shown(key):
                    where, conversation = home.service_url or "", home.conversation or ""
                    await self._put(where, conversation, self._channel.rendered(card), event.sender)
        except UnreachableError:
            return False
        except TeamsError as fault:
            log.warning("an answer could not be shown to whom it is for: %s", fault)
            if reason := closed(fault, is_direct=True):
                await self._channel.shut(event.reference, reason)
            return False
        except (NoAnswerError, LoginError) as fault:
            log.warning("an answer could not be shown to whom it is for: %s", fault)
            return False
        return True

    # --- coming and going -----------------------------------------------------------------------------------------------------------

    async def _changed(self, event: Event) -> None:
        """Somebody came or went, or a team or a channel changed; what is not about us is let be."""
        if event.is_personal:
            if event.bot in event.added:
                await self._arrived(event)
            if event.bot in event.removed:
                await self._left(event)
            return
        team = event.told("team", "id")
        if not team:
            return
        await self._look(event, team)

    async def _installed(self, event: Event) -> None:
        team = event.told("team", "id")
        match event.action, event.is_personal:
            case "add" | "add-upgrade", True:
                await self._arrived(event)
            case "remove", True:
                await self._left(event)
            case "add" | "add-upgrade" | "remove", False if team:
                await self._look(event, team)

    async def _arrived(self, event: Event) -> None:
        """Greet whoever gets the bot, once; one whom nobody knows is not written to before they write."""
        async with self._turn(event.reference):
            database, reference = self._product.database, event.reference
            before = await database.run(lambda connection: addresses.home(connection, NAME, reference))
            if not await self._is_welcome(event) or reference not in self._languages:
                return
            if before is not None and before.conversation == event.conversation and not before.unreachable:
                return
            is_back = before is not None and before.unreachable
            key = event.key if is_back else _key("event", event.conversation, "greeting")
            reply = await self._take(event, key, Opened())
            if reply is not None and await self._is_first_shown(key):
                messages = self._channel.rendered(reply.card)
                await self._soon(self._put(event.service_url, event.conversation, messages, event.sender))

    async def _left(self, event: Event) -> None:
        await self._channel.shut(event.reference, "not-installed")

    async def _look(self, event: Event, team_id: str) -> None:
        """Note a team's channels as they are now, whatever the event says of them; what waited for one of them is on its way.

        A team that has the name of another's releases nothing: a name that was posted to is that channel's, and two are nobody's.
        """
        seen = await self._channel.look(event.service_url, team_id, event.told("team", "name"))
        there = {one.reference for one in seen}
        noted, named = await self._product.database.run(
            lambda connection: (places.known(connection, NAME), places.named(connection, NAME))
        )
        waited_for = [
            name
            for name in named
            if isinstance(one := places.chosen(noted, name), Place) and one.reference in there and not one.unreachable
        ]
        if waited_for:
            await self._product.room_opened(NAME, waited_for)

    # --- one after the other --------------------------------------------------------------------------------------------------------

    def _said_to(self, event: Event) -> Mapping[str, str]:
        return chrome(self._languages.get(event.reference, self._product.house.language))

    async def _tell_trouble(self, event: Event) -> None:
        wire, line = self._channel.wire, self._said_to(event)["trouble"]
        await patiently(lambda: wire.say(event.service_url, event.conversation, line), is_safe=False)

    def _turn(self, reference: str) -> asyncio.Lock:
        """What is shown to one person is shown in the order it was answered."""
        return self._turns.setdefault(reference, asyncio.Lock())

    async def _soon(self, showing: Awaitable[None], *, wait: float = SHOWN_WITHIN) -> None:
        """Show something that is stored already; Teams' request waits a little for it, and whatever goes wrong is logged only."""
        task = asyncio.create_task(_quietly(showing))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        if wait:
            await asyncio.wait({task}, timeout=wait)

    async def close(self) -> None:
        """Finish what is being delivered and shown."""
        await self._product.close()
        if self._showing:
            await asyncio.wait(self._showing, timeout=HTTP_SECONDS)


async def _quietly(showing: Awaitable[None]) -> None:
    try:
        await showing
    except Exception:
        log.exception("an answer could not be shown; what it answers is stored")


def _key(*parts: str) -> str:
    told = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{parts[0]}:{told[:40]}"


# --- who may, and where they are --------------------------------------------------------------------------------------------------------


def _why_not(event: Event) -> str:
    """Why somebody may not use the bot, as far as the event itself says; "" when it says nothing of the kind."""
    if event.role == "bot" or event.sender.startswith("28:"):
        return "bot"
    return "" if event.aad else "anonymous"


def _why_not_member(member: Member, event: Event, tenant: str) -> str:
    """Why somebody may not use the bot; "" when they may. An e-mail address means something only where our own tenant vouches for it."""
    if member.role.lower() in {"guest", "anonymous"} or "#ext#" in member.login.lower():
        return "guest"
    if tenant and member.tenant and member.tenant.lower() != tenant:
        return "other-tenant"
    if member.aad and member.aad.lower() != event.aad.lower():
        return "another-person"
    return ""


def _at_home(home: Home, event: Event) -> Home:
    """Where somebody's own conversation is, as far as an event tells; whoever writes in it can be reached."""
    if event.is_personal:
        return replace(
            home,
            conversation=event.conversation,
            service_url=event.service_url,
            member=event.sender,
            unreachable=None,
        )
    if home.conversation:
        return home
    return replace(home, service_url=event.service_url, member=event.sender)


# --- what people type -------------------------------------------------------------------------------------------------------------------

_LETTERS: Final = (("&nbsp;", " "), ("\xa0", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"))


def typed(event: Event) -> str:
    """What somebody typed, as they typed it: the bot's own name is taken away where it was mentioned, others' names are words."""
    told, rest = "", event.text
    for entity in event.entities:
        mark, who = entity.get("text"), entity.get("mentioned")
        if entity.get("type") != "mention" or not isinstance(mark, str) or not mark or not isinstance(who, Mapping):
            continue
        before, found, after = rest.partition(mark)
        if found:
            name = who.get("name")
            told, rest = told + before + ("" if who.get("id") == event.bot else f"@{name}" if name else ""), after
    words = told + rest
    for mark, letter in _LETTERS:
        words = words.replace(mark, letter)
    return words.replace("&amp;", "&").strip()


# --- answers to an invoke ---------------------------------------------------------------------------------------------------------------


def _shown(message: blocks.Message) -> Answer:
    return Answer(HTTPStatus.OK, {"statusCode": int(HTTPStatus.OK), "type": _CARD, "value": message.card})


def _told(line: str) -> Answer:
    return Answer(HTTPStatus.OK, {"statusCode": int(HTTPStatus.OK), "type": _LINE, "value": line})


def _failed(code: HTTPStatus, name: str, line: str, status: HTTPStatus) -> Answer:
    return Answer(status, {"statusCode": int(code), "type": _ERROR, "value": {"code": name, "message": line}})
