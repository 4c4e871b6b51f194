"""The local chat: a platform of its own in the browser, for trying, rehearsing and testing the whole without an account.

Promises: on this machine only; each view holds what that person may see; one event of a browser is one event of the service,
however often it is sent; what the service could not take is said so, and stays where it was typed. Nobody signs in: here one is
whoever one chooses to be.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import hdrs, web

from bot.channels import web_files, web_guard, web_news, web_page, web_picture, web_year
from bot.channels.web_guard import EVENT, RefusedError
from bot.channels.web_news import Bell, Window
from bot.channels.web_page import Channel, View
from bot.channels.web_year import Almanac, Year
from bot.picture import Picture, Refusal
from bot.ports import (
    Ambiguous,
    Clock,
    Dead,
    Destination,
    Direct,
    Inbound,
    Keep,
    Opened,
    Outcome,
    Pressed,
    Raw,
    Reply,
    Said,
    Sent,
)
from bot.ports import Room as ChannelRoom
from cards import web as html
from cards.card import Card, Input, Part, Press
from cards.chrome import chrome
from cards.reports.report import File
from dialogs.answers import looks_like_cpr
from store import rooms
from store.database import Database, DatabaseUnavailableError
from store.rooms import Draft, Message, Sight, Someone, Turn

NAME = "web"
LONGEST = 8000  # characters of a typed message, as the composer holds
PICKED = "__others"  # the line beside a list of colleagues: `involve` is a list because `involve__others` is there

log = logging.getLogger("dialogbot.web")
_MESSAGE_ID = re.compile(r"[0-9]{1,9}")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_YEAR = re.compile(r"20[2-4][0-9]")
_DAY = re.compile(r"20[2-4][0-9]-[0-9]{2}-[0-9]{2}")


class Chat(Protocol):
    """The service, as the local chat sees it."""

    async def handle(self, inbound: Inbound) -> Reply:
        """Take an event and return what the person sees next; raise only when it could not be kept."""

    async def today(self) -> date:
        """The day it is."""

    async def set_day(self, day: date) -> None:
        """Travel to a day, and let what is due then happen before this returns."""

    async def next_event(self) -> date | None:
        """The next day on which something will be sent, if there is one."""

    async def years(self, email: str, year: int) -> Sequence[Year]:
        """What happens in a year in each of the units the person has a post in today, the one they lead first."""

    async def picture(self, email: str, unit: str, round_id: str) -> Picture | Refusal:
        """The picture of a unit below the person, in a round; of where they begin, as it stands now, where neither is named."""

    async def has_picture(self, email: str) -> bool:
        """Whether the person has units below them today."""

    async def report(self, email: str, key: str) -> File | Card:
        """The report that a key says, made anew for the person who ordered it; else the card that says why not."""


class WebChannel:
    """The local chat as the courier sees it: posts into rooms, and finds them again."""

    name = NAME

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bell = Bell()

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        """Post a new message; the same key in the same room is the same message."""
        try:
            room = await self._room(destination)
            if room is None:
                return Dead("unknown-address")
            draft = drawn(room, card, key)
            posted = await self.database.run(lambda connection: rooms.post(connection, draft, now))
        except DatabaseUnavailableError:
            return Ambiguous("database-unavailable")
        self.bell.ring()
        return Sent(str(posted))

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:
        """Change a posted message in place."""
        try:
            room = await self._room(destination)
            if room is None or not _MESSAGE_ID.fullmatch(message_ref):
                return Dead("unknown-address")
            draft = drawn(room, card)
            changed = await self.database.run(lambda connection: rooms.edit(connection, int(message_ref), draft, now))
        except DatabaseUnavailableError:
            return Ambiguous("database-unavailable")
        self.bell.ring()
        return Sent(message_ref) if changed else Dead("message-not-found")

    async def find(self, destination: Destination, key: str) -> str | None:
        """The reference of the message posted under `key`, if it arrived."""
        room = await self._room(destination)
        if room is None:
            return None
        found = await self.database.run(lambda connection: rooms.find(connection, room, key))
        return str(found) if found is not None else None

    async def hand_over(
        self,
        destination: Destination,
        file: File,
        card: Card,
        key: str,
        now: datetime,
        *,
        stands: str | None = None,
        keep: Keep,  # noqa: ARG002 - a room knows its message by the key
    ) -> Outcome:
        """Offer a file in the person's own conversation: it is made anew for whoever follows the link, if it is still theirs."""
        if not isinstance(destination, Direct):
            return Dead("not-allowed")
        try:
            room = await self._room(destination)
            if room is None:
                return Dead("unknown-address")
            draft = drawn(room, card, key, web_files.link(destination.reference, key, file, card.language))
            there = int(stands) if stands and _MESSAGE_ID.fullmatch(stands) else None
            posted = await self.database.run(lambda connection: rooms.put(connection, draft, now, there))
        except DatabaseUnavailableError:
            return Ambiguous("database-unavailable")
        self.bell.ring()
        return Sent(str(posted))

    async def _room(self, destination: Destination) -> str | None:
        match destination:
            case Direct(email):
                person = await self.database.run(lambda connection: rooms.owner(connection, email))
                return rooms.direct(person) if person is not None else None
            case ChannelRoom(name):
                known = await self.database.run(lambda connection: rooms.is_channel(connection, name))
                return rooms.named(name) if known else None


def drawn(room: str, card: Card, key: str | None = None, link: html.Link | None = None) -> Draft:
    """Return a card as a message that can be kept: without anything that looks like a CPR number in its fields."""
    shown = html.render(_without_cpr(card), anchor=f"c{uuid4().hex[:12]}", link=link)
    return Draft(room, "", shown, card.fallback, card.kind, key)


def _without_cpr(card: Card) -> Card:
    return replace(card, parts=tuple(map(_part_without_cpr, card.parts)))


def _part_without_cpr(part: Part) -> Part:
    return replace(part, value=_hidden(part.value)) if isinstance(part, Input) else part


def _hidden(text: str) -> str:
    return re.sub(r"\d", "•", text) if looks_like_cpr(text) else text


def create_app(
    chat: Chat,
    channel: WebChannel,
    clock: Clock,
    *,
    title: str,
    first: Sequence[str] = (),
    host: str = "127.0.0.1",
) -> web.Application:
    """Return the local chat as an application; raise ValueError unless `host`, where it will listen, is loopback.

    `title` stands on the page; `first` are the e-mail addresses of those one should begin with.
    """
    web_guard.require_loopback(host)
    site = Site(chat, channel, clock, title, tuple(first))
    app = web.Application(client_max_size=web_guard.BODY_LIMIT, middlewares=[web_guard.guarded(site.refuse)])
    app.add_routes(
        [
            web.get("/", site.page),
            web.post("/press", site.press),
            web.post("/say", site.say),
            web.post("/day", site.day),
            web.get("/events", site.events),
            web.get("/year", site.year),
            web.get("/year.svg", site.drawing),
            web.get("/picture", site.picture),
            web.get(web_files.PATH, site.report),
            web.get("/static/{name:style\\.css|chat\\.js}", site.static),
        ]
    )
    app.on_response_prepare.append(web_guard.add_headers)
    app.on_shutdown.append(site.close)
    return app


@dataclass(frozen=True, slots=True)
class Site:
    """The routes, and what they share."""

    chat: Chat
    channel: WebChannel
    clock: Clock
    title: str
    first: tuple[str, ...]

    @property
    def database(self) -> Database:
        """Where the rooms are kept."""
        return self.channel.database

    # --- the page -----------------------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """The page for a person, a room and a month of the calendar."""
        email, room = request.query.get("as", ""), request.query.get("room", "")
        day = await self.chat.today()
        view = await self._view(day, _month(request.query.get("month", ""), day))
        if not email:
            return _html(web_page.page(view))
        sight, trouble = await self._sight(email, room, day)
        if room and sight.room != room:
            raise RefusedError("refused_room", web.HTTPNotFound.status_code)
        seen = _seen(view, sight, trouble)
        return _html(web_page.page(replace(seen, has_picture=await self.chat.has_picture(email))))

    async def _view(self, day: date, month: date) -> View:
        people = await self.database.run(lambda connection: rooms.people(connection, day))
        return View(self.title, None, people, self.first, day, month, await self.chat.next_event())

    async def _sight(self, email: str, room: str, day: date) -> tuple[Sight, str]:
        """What a person sees; an empty conversation is opened first, and a key says when that went wrong."""
        trouble = ""
        sight = await self._look(email, room, day)
        if not sight.messages and sight.room == rooms.direct(sight.who.id):
            trouble = await self._open(sight.who)
            sight = await self._look(email, room, day)
        return sight, trouble

    async def _look(self, email: str, room: str, day: date) -> Sight:
        sight = await self.database.run(lambda connection: rooms.sight(connection, email, room, day))
        if sight is None:
            raise RefusedError("refused_person", web.HTTPNotFound.status_code)
        return sight

    async def _open(self, who: Someone) -> str:
        try:
            reply = await self.chat.handle(Inbound(f"{who.id}-{uuid4()}", NAME, who.email, Opened()))
        except Exception:
            log.exception("a conversation could not be opened")
            return "trouble_open"
        # Two windows may open at once: the key makes the greeting one.
        draft = drawn(rooms.direct(who.id), reply.card, "opened")
        now = self.clock()
        await self.database.run(lambda connection: rooms.post(connection, draft, now))
        self.channel.bell.ring()
        return ""

    # --- the årshjul --------------------------------------------------------------------------------------------------------

    async def year(self, request: web.Request) -> web.Response:
        """The year of one of the person's units."""
        return _html(web_year.page(await self._almanac(request)))

    async def drawing(self, request: web.Request) -> web.Response:
        """The drawing on that page."""
        drawn = web_year.drawing(await self._almanac(request), wide="wide" in request.query)
        headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"
        }  # its own style, nothing else
        return web.Response(text=drawn, content_type="image/svg+xml", headers=headers)

    async def _almanac(self, request: web.Request) -> Almanac:
        who, day = await self._who(request), await self.chat.today()
        asked = request.query.get("year", "")
        year = int(asked) if _YEAR.fullmatch(asked) else day.year
        years = await self.chat.years(who.email, year)
        wanted = request.query.get("unit", "")
        chosen = next((one for one in years if one.code == wanted), None) or next(iter(years), None)
        return Almanac(self.title, who, day, year, years, chosen)

    # --- the director's picture -----------------------------------------------------------------------------------------------

    async def picture(self, request: web.Request) -> web.Response:
        """The units below the person; a unit outside their reach is answered as one that does not exist."""
        who, day = await self._who(request), await self.chat.today()
        found = await self.chat.picture(who.email, request.query.get("unit", ""), request.query.get("round", ""))
        if found == "not-theirs":
            raise RefusedError("refused_unit", web.HTTPNotFound.status_code)
        shown = None if isinstance(found, str) else found
        return _html(web_picture.page(web_picture.Overview(self.title, who, day, shown)))

    # --- reports ------------------------------------------------------------------------------------------------------------

    async def report(self, request: web.Request) -> web.Response:
        """A report that the person ordered, made anew and only if it is still theirs."""
        who = await self._who(request)
        try:
            made = await self.chat.report(who.email, request.query.get("key", ""))
        except Exception:
            log.exception("a report could not be made")
            raise RefusedError("file_none", web.HTTPServiceUnavailable.status_code) from None
        if isinstance(made, File):
            return web_files.response(made)
        back = "/?" + urlencode({"as": who.email})
        refused = web_page.refused(self.title, web_files.words_of(made), back, who.language)
        return _html(refused, web.HTTPForbidden.status_code)

    # --- turns --------------------------------------------------------------------------------------------------------------

    async def press(self, request: web.Request) -> web.Response:
        """A button of a card was pressed, with what its fields held."""
        form = await web_guard.read_form(request)
        press = Press.parse(_only(form, "press"))
        if press is None:
            raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
        who, message = await self._pressed(request)
        event = _event(request, who)
        reply = await self._ask(request, Inbound(event, NAME, who.email, Pressed(press, _inputs(form))))
        own = rooms.direct(who.id)
        # A card for one person is never shown to a whole channel: there the answer comes in the person's own conversation.
        instead_of = message.id if message.room == own and reply.where == "replace" else None
        turn = Turn(own, drawn(own, reply.card, f"reply:{event}"), instead_of=instead_of)
        return await self._answer(request, who, turn, reply, moved=message.room != own)

    async def say(self, request: web.Request) -> web.Response:
        """Somebody wrote to the bot."""
        form = await web_guard.read_form(request)
        text = _only(form, "text").strip()
        if not text or len(text) > LONGEST:
            raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
        who = await self._who(request)
        event = _event(request, who)
        reply = await self._ask(request, Inbound(event, NAME, who.email, Said(text)))
        own = rooms.direct(who.id)
        words = _hidden(text)
        said = Draft(own, who.name, web_page.said(words), words, "said", f"said:{event}", live=False)
        turn = Turn(own, drawn(own, reply.card, f"reply:{event}"), said)
        return await self._answer(request, who, turn, reply)

    async def _ask(self, request: web.Request, inbound: Inbound) -> Reply:
        try:
            return await self.chat.handle(inbound)
        except Exception:
            log.exception("an event could not be handled", extra={"path": request.path})
            raise RefusedError("trouble", web.HTTPServiceUnavailable.status_code) from None

    async def _answer(
        self, request: web.Request, who: Someone, turn: Turn, reply: Reply, *, moved: bool = False
    ) -> web.Response:
        now = self.clock()
        messages = await self.database.run(lambda connection: rooms.settle(connection, turn, now))
        self.channel.bell.ring()
        answer = messages[-1]
        go = "/?" + urlencode({"as": who.email}) + f"#m{answer.id}"
        if not _wants_json(request):
            raise web.HTTPSeeOther(go)
        shown = [*messages[:-1], _as_typed(answer, reply.card)]
        listed = [web_news.as_json(message, who, who.language) for message in shown]
        # What was typed is shown as it was typed, but counts as what was kept.
        listed[-1] = {**listed[-1], "version": web_page.version(answer)}
        return web.json_response({"messages": listed, "focus": answer.id, "go": go if moved else None})

    async def day(self, request: web.Request) -> web.Response:
        """Somebody travels in time."""
        form = await web_guard.read_form(request)
        chosen = _day(_only(form, "day"))
        email, room = request.query.get("as", ""), request.query.get("room", "")
        try:
            await self.chat.set_day(chosen)
        except Exception:
            log.exception("the day could not be set")
            raise RefusedError("trouble", web.HTTPServiceUnavailable.status_code) from None
        self.channel.bell.ring()
        today = await self.chat.today()
        sight = await self.database.run(lambda connection: rooms.sight(connection, email, room, today))
        stays = {"as": email, "room": room} if sight is not None and room == sight.room else {"as": email}
        raise web.HTTPSeeOther("/?" + urlencode({key: value for key, value in stays.items() if value}))

    # --- news, and what lies still ------------------------------------------------------------------------------------------

    async def events(self, request: web.Request) -> web.StreamResponse:
        """News for an open window."""
        who = await self._who(request)
        since = request.headers.get("Last-Event-ID", request.query.get("since", "0"))
        if not _MESSAGE_ID.fullmatch(since):
            raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
        window = Window(who, who.language, int(since))
        return await web_news.stream(request, window, self.channel.bell, self.chat, self.database)

    async def static(self, request: web.Request) -> web.StreamResponse:
        """The page's style and script."""
        return web.FileResponse(web_page.FOLDER / request.match_info["name"], headers={hdrs.CACHE_CONTROL: "no-cache"})

    async def close(self, _: web.Application) -> None:
        """Let open windows go, so that the server can stop."""
        self.channel.bell.close()

    def refuse(self, request: web.Request, key: str, status: int) -> web.Response:
        """Say why not: to the page's script, or as a page of its own."""
        language = "en" if request.headers.get(hdrs.ACCEPT_LANGUAGE, "").startswith("en") else "da"
        text = chrome(language)[key]
        if _wants_json(request):
            return web.json_response({"error": text}, status=status)
        back = (
            "/?" + urlencode({"as": request.query["as"]}) if "as" in request.query and key != "refused_person" else "/"
        )
        return _html(web_page.refused(self.title, text, back, language), status)

    # --- who and what -------------------------------------------------------------------------------------------------------

    async def _who(self, request: web.Request) -> Someone:
        email, day = request.query.get("as", ""), await self.chat.today()
        who = await self.database.run(lambda connection: rooms.someone(connection, email, day))
        if who is None:
            raise RefusedError("refused_person", web.HTTPNotFound.status_code)
        return who

    async def _pressed(self, request: web.Request) -> tuple[Someone, Message]:
        email, asked, day = request.query.get("as", ""), request.query.get("message", ""), await self.chat.today()
        if not _MESSAGE_ID.fullmatch(asked):
            raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
        who, message = await self.database.run(lambda connection: rooms.seen(connection, email, int(asked), day))
        if who is None:
            raise RefusedError("refused_person", web.HTTPNotFound.status_code)
        if message is None:
            raise RefusedError("refused_message", web.HTTPNotFound.status_code)
        return who, message


def _seen(view: View, sight: Sight, trouble: str) -> View:
    channels = [Channel(name, rooms.named(name), sight.newest.get(rooms.named(name), 0)) for name in sight.channels]
    return replace(
        view,
        who=sight.who,
        room=sight.room,
        channels=channels,
        messages=sight.messages,
        readers=sight.readers,
        newest=max(sight.newest.values(), default=0),
        newest_direct=sight.newest.get(rooms.direct(sight.who.id), 0),
        trouble=trouble,
    )


def _as_typed(message: Message, card: Card) -> Message:
    """The message with its fields as they were typed, for the one who typed them."""
    if _without_cpr(card) == card:
        return message
    return replace(message, html=html.render(card, anchor=f"c{uuid4().hex[:12]}"))


def _inputs(form: Mapping[str, tuple[str, ...]]) -> Mapping[str, Raw]:
    """What the fields held. Where a list had nobody picked, the browser sends nothing: the line beside it tells of it."""
    lists = {name.removesuffix(PICKED) for name in form if name.endswith(PICKED)}
    inputs: dict[str, Raw] = dict.fromkeys(lists, ())
    for name, values in form.items():
        if name != "press":
            inputs[name] = values if name in lists else values[-1]
    return inputs


def _only(form: Mapping[str, tuple[str, ...]], name: str) -> str:
    values = form.get(name, ())
    if len(values) != 1:
        raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
    return values[0]


def _event(request: web.Request, who: Someone) -> str:
    """The browser's own id of the event, made the person's: nobody else's event can be taken for it."""
    event = request.query.get("event", "")
    if not EVENT.fullmatch(event):
        raise RefusedError("refused_input", web.HTTPBadRequest.status_code)
    return f"{who.id}-{event}"


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RefusedError("refused_day", web.HTTPBadRequest.status_code)


def _month(text: str, day: date) -> date:
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else day.replace(day=1)


def _wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get(hdrs.ACCEPT, "")


def _html(text: str, status: int = web.HTTPOk.status_code) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
