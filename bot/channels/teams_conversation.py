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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import uuid4
from weakref import WeakValueDictionary

from bot.channels import teams_files as files
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
from bot.talk import Command, asking, command
from cards import reporting as cards
from cards import teams as blocks
from cards.card import Card
from cards.chrome import chrome
from store import addresses, places
from store.addresses import Contact, Home
from store.places import Place
from store.work import Work, in_one_transaction

SHOWN_WITHIN: Final = (
    5.0  # seconds that Teams' request waits for its answer to be shown: well under the fifteen that Teams waits
)
MOST_PATIENCE: Final = 180  # seconds that an answer waits when Teams says so
SHOWN_AGAIN: Final = 20  # seconds until what could not be shown is tried once more
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
        """One id of the event; two conversations' events are never the same.

        Words are known by when they were written: Teams may bring them again under another id.
        """
        if self.kind == "message" and self.at is not None and self.value is None:
            return _key("event", self.conversation, self.sender, self.at.isoformat(), self.text, str(self.has_files))
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


_NOT_SHOWN: Final = (TeamsError, NoAnswerError, LoginError, UnreachableError)


class _Showing:
    """What of an answer stands, and whether it is this process that shows it."""

    def __init__(self, conversation: str) -> None:
        self.stands = Standing(conversation)
        self.is_ours = False


class _Aside:
    """What can be said of an answer in somebody's own chat, as far as is known."""

    def __init__(self) -> None:
        self.line = "teams_soon"
        self.is_known = asyncio.Event()

    def tell(self, line: str) -> None:
        """Say how it went."""
        self.line = line
        self.is_known.set()


class Conversation:
    """Teams' events, given to the service, and its answers shown."""

    def __init__(self, product: Product, channel: TeamsChannel) -> None:
        self._product = product
        self._channel = channel
        self._languages: dict[str, str] = {}  # whom we know, and in which language we last answered them
        self._below: dict[tuple[str, str], tuple[str, ...]] = {}  # what we posted below a card, by the card
        self._troubled: deque[str] = deque(maxlen=REMEMBERED)
        self._newest: dict[str, str] = {}  # the event whose answer is being shown, by person
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._showing: set[asyncio.Task[None] | asyncio.Task[bool]] = set()

    async def take(self, event: Event) -> Answer | None:
        """Take one event; an invoke is answered. What is raised was not stored, and is to be brought again."""
        match event.kind, event.name:
            case "message", _:
                await self._said(event)
            case "invoke", "adaptiveCard/action":
                return await self._pressed(event)
            case "invoke", files.INVOKE:
                return await self._consented(event)
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
            await self._answer(event, Said(_in_channel(words)))
        elif words:
            await self._answer(event, Said(words))
        elif event.has_files and await self._is_welcome(event):
            await self._soon(self._say_once(event, "only_text"))

    async def _answer(self, event: Event, intent: Intent) -> None:
        key = event.key
        reply = await self._take(event, key, intent)
        if reply is None:
            return
        if event.is_personal:
            await self._soon(self._show_in_time(event, key, reply))
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
                await self._soon(self._say(event, "trouble"))
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
                if event.kind == "message" and event.key not in self._troubled:
                    self._troubled.append(event.key)
                    await self._soon(self._say(event, "teams_stranger"))
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

    async def _show_in_time(self, event: Event, key: str, reply: Reply) -> None:
        """Show the answer; where Teams wants it later, once more then, unless something newer is to be seen by that time."""
        showing = _Showing(event.conversation)
        await self._in_time(event, key, showing, lambda: self._show(event, key, reply, showing))

    async def _in_time(self, event: Event, key: str, showing: _Showing, show: Callable[[], Awaitable[None]]) -> None:
        if self._newest.get(event.reference) == key:
            return  # it is being shown
        self._newest[event.reference] = key
        try:
            try:
                await show()
            except _NOT_SHOWN as fault:
                wait = _wait_for(fault)
                if wait is None:
                    raise
                log.warning("an answer is shown later: %s", fault)
            else:
                return
            await asyncio.sleep(min(wait, MOST_PATIENCE))
            if self._newest.get(event.reference) == key:
                await show()
        except _NOT_SHOWN as fault:
            await self._give_back(key, showing, fault)
            raise
        finally:
            if self._newest.get(event.reference) == key:
                del self._newest[event.reference]

    async def _show(self, event: Event, key: str, reply: Reply, showing: _Showing) -> None:
        """The answer in the place of the pressed card, or below what was said."""
        async with self._turn(event.reference):
            first, *rest = self._channel.rendered(reply.card)
            if not showing.stands.ids and reply.where == "replace" and await self._replaced(event, first, rest):
                return
            if showing.is_ours or await self._is_first_shown(key):
                showing.is_ours = True
                await self._put(event.service_url, showing.stands, (first, *rest), event.sender)

    async def _put(self, where: str, stands: Standing, messages: Sequence[blocks.Message], to: str) -> None:
        """Send what does not stand yet."""
        wire, there = self._channel.wire, stands.conversation
        for message in messages[len(stands.ids) :]:
            sent = patiently(lambda message=message: wire.send(where, there, message, to), is_safe=True)  # type: ignore[misc]
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

    async def _give_back(self, key: str, showing: _Showing, fault: Exception) -> None:
        """Let an answer of which surely nothing was shown be shown when it is asked for again."""
        if showing.is_ours and not showing.stands.ids and not (isinstance(fault, NoAnswerError) and fault.may_be_done):
            await self._forget_shown(key)

    async def _forget_shown(self, key: str, *, before: datetime | None = None) -> None:
        event = key.replace("event", "shown", 1)
        await self._product.database.run(lambda connection: addresses.forget_event(connection, NAME, event, before))

    async def _say_once(self, event: Event, key: str) -> None:
        """Say a line to whoever wrote, once for what they wrote."""
        if await self._is_first_shown(event.key):
            await self._say(event, key)

    async def _is_first_shown(self, key: str) -> bool:
        """Whether this process is the one to show an answer below: two that get the same event show it once."""
        now = self._product.clock()
        return await in_one_transaction(
            self._product.database, lambda work: work.is_first(NAME, key.replace("event", "shown", 1), now)
        )

    # --- files ----------------------------------------------------------------------------------------------------------------------

    async def _consented(self, event: Event) -> Answer:
        """Somebody said whether a file may be put into their OneDrive: Teams is answered at once, the file takes its time."""
        said = files.answered(event.value)
        if said is None or not event.is_personal:
            log.warning("refused: not_a_consent (%s)", event.reference)
            return Answer(HTTPStatus.BAD_REQUEST, {})
        try:
            if not await self._is_welcome(event):
                return Answer(HTTPStatus.FORBIDDEN, {})
        except Exception:
            log.exception("an answer about a file could not be taken")
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {})
        await self._soon(self._see_to(event, said), wait=0)
        return Answer(HTTPStatus.OK, {})

    async def _see_to(self, event: Event, said: files.Consent) -> None:
        """Do what somebody answered, once for each time they were asked; what could not be done can be answered again."""
        taken = _key("event", event.conversation, event.reply_to or said.key, "file")
        await self._forget_shown(taken, before=self._product.clock() - files.SEEN_TO)  # its process has ended
        if not await self._is_first_shown(taken):
            await self._say(event, "teams_file_taken")
            return
        try:
            is_seen = await self._file(event, said)
        except BaseException:
            await self._forget_shown(taken)
            raise
        if event.reply_to and is_seen:
            await self._unask(event)

    async def _file(self, event: Event, said: files.Consent) -> bool:
        """Make the report anew and upload it; whether the person sees what became of it."""
        about = await self._product.report_ordered(NAME, event.reference, said.key)
        if about is not None and said.upload is None:
            await self._put_below(event, cards.declined(about))
            return True
        made = await self._product.report(NAME, event.reference, said.key)
        if isinstance(made, Card) or about is None or said.upload is None:
            if isinstance(made, Card):
                await self._put_below(event, made)
            return True
        wire, upload = self._channel.wire, said.upload
        try:
            await wire.upload(upload.url, made.content)
        except (TeamsError, NoAnswerError) as fault:
            log.warning("a file could not be uploaded: %s", fault)
            await self._put_below(event, cards.lost(about, files.REFUSED))
            return True
        return await self._opened(event, files.info(upload, cards.ready(about, len(made.content)).fallback))

    async def _opened(self, event: Event, shown: files.Attached) -> bool:
        """Show the card that opens a file; where it cannot be shown, say where the file is. It is there, so nothing is done anew."""
        wire = self._channel.wire
        try:  # twice is better than never
            await patiently(
                lambda: wire.attach(event.service_url, event.conversation, shown, event.sender), is_safe=True
            )
        except (TeamsError, NoAnswerError) as fault:
            log.warning("a file that was uploaded could not be shown: %s", fault)
        else:
            return True
        try:
            await self._say(event, "teams_file_there")
        except (TeamsError, NoAnswerError) as fault:
            log.warning("nor could it be said where it is: %s", fault)
            return False
        return True

    async def _put_below(self, event: Event, card: Card) -> None:
        async with self._turn(event.reference):
            await self._put(event.service_url, Standing(event.conversation), self._channel.rendered(card), event.sender)

    async def _unask(self, event: Event) -> None:
        """Take the question away: it is answered."""
        wire = self._channel.wire
        try:
            await patiently(lambda: wire.delete(event.service_url, event.conversation, event.reply_to), is_safe=True)
        except TeamsError as fault:
            log.warning("a question about a file stays: %s", fault)

    # --- beside a channel -----------------------------------------------------------------------------------------------------------

    async def _show_beside(self, event: Event, key: str, reply: Reply) -> None:
        """The answer in the person's own conversation, and a line in the channel that says so and no more."""
        line = await self._aside(event, key, reply)
        if not reply.is_again:
            wire = self._channel.wire
            await patiently(lambda: wire.say(event.service_url, event.conversation, line), is_safe=False)

    async def _aside(self, event: Event, key: str, reply: Reply) -> str:
        """Show an answer in the person's own conversation; the line that tells of it, or of why it could not be shown."""
        said, telling = chrome(reply.card.language), _Aside()
        sent = asyncio.create_task(_quietly(self._send_aside(event, key, reply.card, telling)))
        self._showing.add(sent)
        sent.add_done_callback(self._showing.discard)
        waited = asyncio.create_task(telling.is_known.wait())
        await asyncio.wait({sent, waited}, timeout=SHOWN_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        waited.cancel()
        return said[telling.line]

    async def _send_aside(self, event: Event, key: str, card: Card, telling: _Aside) -> None:
        """Show it, and say how that went. Whoever presses or asks is tried, whatever was so before."""
        showing = _Showing("")

        async def show() -> None:
            try:
                await self._show_aside(event, key, card, showing)
            except TeamsError as fault:
                if reason := closed(fault, is_direct=True):
                    await self._channel.shut(event.reference, reason)
                    raise UnreachableError(reason) from None
                telling.tell("teams_soon" if _wait_for(fault) is not None else "teams_later")
                raise
            except (NoAnswerError, LoginError) as fault:
                telling.tell("teams_soon" if _wait_for(fault) is not None else "teams_later")
                raise

        try:
            await self._in_time(event, key, showing, show)
            telling.tell("teams_aside")
        except UnreachableError as fault:
            log.warning("an answer could not be shown to whom it is for: %s", fault)
            telling.tell("teams_blocked" if fault.reason == "blocked" else "teams_alone")

    async def _show_aside(self, event: Event, key: str, card: Card, showing: _Showing) -> None:
        async with self._turn(event.reference):
            database, reference = self._product.database, event.reference
            before = await database.run(lambda connection: addresses.home(connection, NAME, reference))
            if before is None:
                raise UnreachableError("not-installed")
            home = await self._channel.opened(replace(before, unreachable=None))
            showing.stands.conversation = home.conversation or ""
            if showing.is_ours or await self._is_first_shown(key):
                showing.is_ours = True
                await self._put(home.service_url or "", showing.stands, self._channel.rendered(card), event.sender)
                if before.unreachable:
                    await database.run(lambda connection: addresses.keep_home(connection, NAME, home))

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
            greeting = await self._greeting(event)
        if greeting is not None:
            key, reply = greeting
            await self._soon(self._show_in_time(event, key, reply))

    async def _greeting(self, event: Event) -> tuple[str, Reply] | None:
        database, reference = self._product.database, event.reference
        before = await database.run(lambda connection: addresses.home(connection, NAME, reference))
        if before is not None and before.as_of is not None and event.at is not None and event.at < before.as_of:
            return None  # told late of what is over
        if not await self._is_welcome(event) or reference not in self._languages:
            return None
        if before is not None and before.conversation == event.conversation and not before.unreachable:
            return None
        is_back = before is not None and before.unreachable
        key = event.key if is_back else _key("event", event.conversation, "greeting")
        reply = await self._take(event, key, Opened())
        return (key, reply) if reply is not None else None

    async def _left(self, event: Event) -> None:
        """Send nothing more, unless it is told late, or again, of what is over."""
        reference, left = event.reference, event.key.replace("event", "left", 1)
        now, at = self._product.clock(), event.at

        def leave(work: Work) -> None:
            if work.is_first(NAME, left, now):
                work.close_home(NAME, reference, "not-installed", at)

        await in_one_transaction(self._product.database, leave)

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

    async def _say(self, event: Event, key: str) -> None:
        """Say a line where somebody wrote."""
        wire, line = self._channel.wire, self._said_to(event)[key]
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
        for late in self._showing:
            late.cancel()


async def _quietly(showing: Awaitable[None]) -> None:
    try:
        await showing
    except _NOT_SHOWN as fault:
        log.warning("an answer could not be shown; what it answers is stored: %s", fault)
    except Exception:
        log.exception("an answer could not be shown; what it answers is stored")


def _wait_for(fault: Exception) -> float | None:
    """How many seconds until it can be tried again; None where it cannot, or may have been done."""
    match fault:
        case NoAnswerError():
            return None if fault.may_be_done else SHOWN_AGAIN
        case TeamsError(status=HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.PRECONDITION_FAILED):
            return SHOWN_AGAIN if fault.retry_after is None else fault.retry_after
        case TeamsError(status=HTTPStatus.UNAUTHORIZED) | LoginError():
            return SHOWN_AGAIN
    return None


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
    if tenant and not (member.role and member.tenant and member.aad):
        return "untold"  # an emulator has no tenant, and says none of it
    if tenant and member.tenant.lower() != tenant:
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
            as_of=_as_of(home, event),
        )
    if home.conversation:
        return home
    return replace(home, service_url=event.service_url, member=event.sender)


def _as_of(home: Home, event: Event) -> datetime | None:
    """When they were last known to be there; words of somebody who can be reached already are not noted every time."""
    is_known = home.conversation == event.conversation and not home.unreachable
    if event.at is None or (is_known and event.kind in {"message", "invoke"}):
        return home.as_of
    return max(home.as_of, event.at) if home.as_of else event.at


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


def _in_channel(words: str) -> str:
    """What is asked for before others: a command, or a report, which comes in the person's own chat; else they are helped."""
    asked = asking(words)
    if asked is not None and asked[0] is Command.REPORT:
        return f"/{words.removeprefix('/')}"
    return words if command(words) is not None else "hjælp"


# --- answers to an invoke ---------------------------------------------------------------------------------------------------------------


def _shown(message: blocks.Message) -> Answer:
    return Answer(HTTPStatus.OK, {"statusCode": int(HTTPStatus.OK), "type": _CARD, "value": message.card})


def _told(line: str) -> Answer:
    return Answer(HTTPStatus.OK, {"statusCode": int(HTTPStatus.OK), "type": _LINE, "value": line})


def _failed(code: HTTPStatus, name: str, line: str, status: HTTPStatus) -> Answer:
    return Answer(status, {"statusCode": int(code), "type": _ERROR, "value": {"code": name, "message": line}})
