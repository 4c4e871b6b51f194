"""Slack's events, verified and translated for the service, and its answers shown.

Promises: Slack is told 200 only after what it brought is stored; what could not be stored is told to the person and answered 500,
so that Slack brings it again; one event, however often it comes, is one event of the service. A card for one person is never
shown in a channel. Knows Block Kit only through `cards.slack`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from weakref import WeakValueDictionary

from aiohttp import ClientError, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.channels.slack_settings import SlackSettings
from bot.channels.slack_workspace import (
    GONE,
    HTTP_SECONDS,
    NAME,
    NotInstalledError,
    SlackChannel,
    error_of,
    is_unsure,
    wait_told,
)
from bot.ports import Inbound, Intent, Opened, Pressed, Reply, Said
from bot.running import Product
from bot.talk import asking, command
from cards import slack as blocks
from cards.card import Card, Note, Press
from cards.chrome import chrome
from store import addresses, places

PATH: Final = "/slack/events"
CHANNELS_CHANGED: Final = frozenset(
    f"{kind}_{change}" for kind in ("channel", "group") for change in ("rename", "archive", "unarchive")
)
CONTACT_SECONDS = 2  # for who somebody is: Slack waits three for the whole
LOOKED_EVERY = 3600  # seconds between two looks at the channels
MOST_PATIENCE = 60  # seconds that an answer waits when Slack says so
SHOWN_AGAIN = 20  # seconds until what could not be shown is tried once more
SHOWN_WITHIN = 1.5  # seconds that Slack's request waits for its answer to be shown: under the three that Slack waits

log = logging.getLogger("dialogbot.slack")
_ANYTHING = re.compile("")


# --- what people do ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody did: under which id, and the message it was done to, if there is one of their own to replace."""

    user: str
    event: str
    place: str = ""
    message: str = ""
    threaded: bool = False
    again: bool = field(default=False, compare=False)  # Slack says that it brought it before


class Conversation:
    """Slack's events, given to the service, and its answers shown."""

    def __init__(self, product: Product, channel: SlackChannel, status_command: str) -> None:
        self._product = product
        self._channel = channel
        self._status_command = status_command
        self._languages: dict[str, str] = {}  # whom we know, and in which language we last answered them
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._showing: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        self._newest: dict[str, str] = {}  # the event whose answer is being shown, by person

    async def pressed(self, ack: AsyncAck, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """A button of a message, or of the App Home, was pressed, with what the fields held."""
        press = blocks.press_of(body["actions"][0])
        if press is not None:
            act, held = _press_act(body, again=_is_again(request)), _held(body)
            await self._answer(act, Pressed(press, blocks.read_state(held)))
            if "view" in body:
                await self._show_home(act.user, note=self._words(act.user)["answered_below"])
            elif act.place and not act.place.startswith("D") and not act.again:
                await self._soon(self._say_aside(act, "answered_aside"))
        await ack()

    async def commanded(self, ack: AsyncAck, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """A slash command, under whatever name the municipality gave it."""
        act = Act(body["user_id"], _event("command", body["trigger_id"]), again=_is_again(request))
        is_answered = await self._answer(act, Said(self._asked_for(body["command"], body.get("text") or "")))
        if is_answered and body.get("channel_id") != self._channel.known_direct(act.user):
            await ack(self._words(act.user)["answered_aside"])  # asked elsewhere; only the one who asked sees this
        else:
            await ack()

    def _asked_for(self, name: str, text: str) -> str:
        """What a slash command asks for: the status command asks for that; the other has sub-commands, and else helps."""
        if name == self._status_command:
            return f"/status {text}" if text.strip() else "status"
        asked = text.strip() or "start"
        if asking(asked) is not None:
            return f"/{asked.removeprefix('/')}"
        return asked if command(asked) is not None else "hjælp"

    async def happened(self, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """Something that Slack tells of: text in the person's own conversation, or the bot opened."""
        act = Act("", body["event_id"], again=_is_again(request))
        match body["event"]:
            case {"type": "message", "channel_type": "im", "user": str(user), "text": str(text)} if _is_typed(body):
                words = typed(text)
                if words:
                    await self._answer(_by(act, user, body["event"]["channel"]), Said(words))
                elif body["event"].get("files") and await self._is_welcome(user):
                    await self._soon(self._say_aside(_by(act, user, body["event"]["channel"]), "only_text"))
            case {"type": "app_home_opened", "tab": "home", "user": str(user)}:
                await self._show_home(user)
            case {"type": "app_home_opened", "tab": "messages", "user": str(user)}:
                await self._greet(_by(act, user, body["event"].get("channel", "")))
            case {"type": "member_joined_channel", "user": str(user), "channel": str(place)}:
                await self._changed(place, is_let_in=user == (await self._channel.bot()).user)
            case {"type": "member_left_channel", "channel": str(place)}:
                await self._changed(place)
            case {"type": str(kind)} if kind in CHANNELS_CHANGED:
                self._channel.forget_rooms()
                await self._soon(self.look_around())
            case {"type": "user_change", "user": {"id": str(user)}}:
                self._languages.pop(user, None)  # who they are is asked anew

    # --- a turn ---------------------------------------------------------------------------------------------------------------------

    async def _answer(self, act: Act, intent: Intent) -> bool:
        """Let the service take it and show what it answers; whether it did."""
        reply = await self._take(act, intent)
        if reply is not None:
            await self._soon(self._show_in_time(act, reply))
        return reply is not None

    async def _take(self, act: Act, intent: Intent) -> Reply | None:
        """Let the service take it; None for those who get nothing. What could not be kept is told to the person, and raised."""
        try:
            if not await self._is_welcome(act.user):
                return None
            reply = await self._product.handle(Inbound(act.event, NAME, act.user, intent))
        except Exception:
            if not act.again:  # Slack brings it up to three times more; once said is enough
                await self._soon(self._tell_trouble(act))
            raise
        if act.user in self._languages:
            self._languages[act.user] = reply.card.language
        return reply

    async def _is_welcome(self, user: str) -> bool:
        """Whether somebody is answered; at first contact they become, by e-mail, the person they are. Strangers are told whom to ask."""
        if user in self._languages:
            return True
        database = self._product.database
        try:
            async with asyncio.timeout(CONTACT_SECONDS):
                contact = await self._channel.contact_of(user)
        except (SlackApiError, ClientError, TimeoutError):
            # Whom we know goes on while Slack is slow; whom we do not know cannot be let in unseen.
            if await database.run(lambda connection: addresses.is_linked(connection, NAME, user)):
                return True
            raise
        if contact is None:
            return False
        if await database.run(lambda connection: addresses.link(connection, NAME, user, contact)):
            self._languages[user] = self._product.house.language
        return True

    async def _show_in_time(self, act: Act, reply: Reply) -> None:
        """Show the answer; where that fails, once more a little later, unless something newer is to be seen by then."""
        self._newest[act.user] = act.event
        try:
            await self._show(act, reply)
        except (SlackApiError, ClientError, TimeoutError) as fault:
            wait = wait_told(fault) if isinstance(fault, SlackApiError) else None
            seconds = min(wait if wait is not None else SHOWN_AGAIN, MOST_PATIENCE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), seconds)
            if self._closing.is_set() or self._newest.get(act.user) != act.event:
                raise
            await self._show(replace(act, again=True), reply)
        finally:
            if self._newest.get(act.user) == act.event:
                del self._newest[act.user]

    async def _show(self, act: Act, reply: Reply) -> None:
        """The answer in the place of the pressed card, or below in the person's own conversation."""
        async with self._turn(act.user):
            replaces = reply.where == "replace" and act.message
            if replaces and await self._replaced(act, reply.card):
                return
            await self._put(act, reply)

    async def _replaced(self, act: Act, card: Card) -> bool:
        try:
            await self._channel.change(act.place, act.message, card, threaded=act.threaded)
        except SlackApiError as fault:
            if error_of(fault) not in GONE:
                raise
            return False
        return True

    async def _put(self, act: Act, reply: Reply) -> None:
        """Post an answer; looked up first where it may stand already."""
        place, key, card = await self._channel.direct(act.user), f"reply:{act.event}", reply.card
        stands = await self._channel.stamp_of(place, key) if act.again or reply.is_again else None
        if stands is None:
            try:
                await self._channel.put(place, card, key)
            except (SlackApiError, ClientError, TimeoutError) as fault:
                if not is_unsure(fault):
                    raise
                stands = await self._channel.stamp_of(place, key)
                if stands is None:
                    await self._channel.put(place, card, key)
        if stands is not None:
            await self._channel.change(place, stands, card, threaded=True)

    async def _greet(self, act: Act) -> None:
        """Greet whoever opens an empty conversation."""
        async with self._turn(act.user):
            if act.place and not await self._channel.is_empty(act.place):
                return
            reply = await self._take(act, Opened())
            if reply is not None:
                await self._put(act, reply)

    async def _changed(self, place: str, *, is_let_in: bool = False) -> None:
        """Note who a channel of ours has now; when the bot was let in, what waited for that is on its way."""
        database = self._product.database
        try:
            seen = await self._channel.seen(place)
        except SlackApiError as fault:
            log.warning("a channel could not be looked at: %s", error_of(fault))  # the hourly look mends it
            await database.run(lambda connection: places.close(connection, NAME, [place], "channel-not-found"))
            return
        if is_let_in:
            await self._product.room_opened(NAME, (seen.reference, seen.name))
        if await database.run(lambda connection: places.is_ours(connection, seen)):
            await database.run(lambda connection: places.keep(connection, seen))

    async def say_whether_installed(self) -> None:
        """Say in the log at the start when Slack does not take the token: nothing else works then."""
        try:
            await self._channel.bot()
        except NotInstalledError as refused:
            log.error("Slack refuses the installation: %s. `dialogbot doctor` says what to do", refused)  # noqa: TRY400

    async def look_around(self) -> None:
        """Note of every channel the workbook names how many read there and whether it is open: a preview says so."""
        self._channel.forget_rooms()
        self._languages.clear()  # somebody may have become a guest, or left: who they are is asked anew
        for name in await self._product.database.run(lambda connection: places.named(connection, NAME)):
            seen = await self._channel.find_room(name)
            if seen is not None:
                await self._product.database.run(lambda connection, seen=seen: places.keep(connection, seen))  # type: ignore[misc]

    async def _show_home(self, user: str, note: str = "") -> None:
        """The person's own dialogues, on the App Home. Asking for them changes nothing, so every time is a first time."""
        moment = self._product.clock().isoformat()
        reply = await self._take(Act(user, _event("home", user, moment)), Pressed(Press("status")))
        if reply is not None:
            card = reply.card
            shown = replace(card, parts=(Note(note, "info"), *card.parts)) if note else card
            await self._soon(self._channel.publish(user, shown))

    async def _tell_trouble(self, act: Act) -> None:
        await self._say_aside(act, "trouble")

    async def _say_aside(self, act: Act, key: str) -> None:
        """Tell one person something that does not stay."""
        place = act.place or await self._channel.direct(act.user)
        await self._channel.whisper(place, act.user, self._words(act.user)[key])

    def _words(self, user: str) -> Mapping[str, str]:
        return chrome(self._languages.get(user, self._product.house.language))

    # --- one after the other --------------------------------------------------------------------------------------------------------

    def _turn(self, user: str) -> asyncio.Lock:
        """What is shown to one person is shown in the order it was answered."""
        return self._turns.setdefault(user, asyncio.Lock())

    async def _soon(self, showing: Awaitable[None]) -> None:
        """Show something that is stored already; Slack's request waits a little for it, and whatever goes wrong is logged only."""
        task = asyncio.create_task(_quietly(showing, "an answer could not be shown; what it answers is stored"))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        await asyncio.wait({task}, timeout=SHOWN_WITHIN)

    async def close(self, _: web.Application) -> None:
        """Finish what is being delivered and shown, and let the connections go."""
        self._closing.set()
        await self._product.close()
        if self._showing:
            await asyncio.wait(self._showing, timeout=HTTP_SECONDS)
        for late in self._showing:
            late.cancel()
        await self._channel.close()


async def _quietly(act: Awaitable[None], trouble: str) -> None:
    try:
        await act
    except NotInstalledError as refused:
        log.error("%s: Slack refuses the installation: %s", trouble, refused)  # noqa: TRY400 - there is no more to say
    except Exception:
        log.exception(trouble)


def _by(act: Act, user: str, place: str) -> Act:
    return Act(user, act.event, place, again=act.again)


def _press_act(body: Mapping[str, Any], *, again: bool) -> Act:
    """A press as an act; only a message in the presser's own conversation is there to be replaced."""
    user, action, container = body["user"]["id"], body["actions"][0], body["container"]
    stamp = str(container.get("message_ts") or container.get("view_id") or "")
    event = _event("press", user, stamp, action["action_ts"], action["action_id"])
    place = str(container.get("channel_id") or "")
    message = body.get("message") or {}
    root = str(message.get("thread_ts") or "")  # what is pressed in a card's thread is pressed for the card itself
    is_own = place.startswith("D") and not container.get("is_ephemeral")
    return Act(
        user,
        event,
        place,
        (root or stamp) if is_own else "",
        threaded=bool(root or message.get("reply_count")),
        again=again,
    )


def _event(*parts: str) -> str:
    """One id of an event that Slack names in several parts; two people's events are never the same."""
    told = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{parts[0]}:{told[:40]}"


def _held(body: Mapping[str, Any]) -> Mapping[str, Any]:
    state = body.get("state") or (body.get("view") or {}).get("state") or {}
    held: Mapping[str, Any] = state.get("values") or {}
    return held


def _is_again(request: AsyncBoltRequest) -> bool:
    return request.headers.get("x-slack-retry-num", ["0"])[0] != "0"  # in Socket Mode the first time is told as 0


def _is_typed(body: Mapping[str, Any]) -> bool:
    """Whether a message is a person's own new words."""
    event = body["event"]
    own = {None, "file_share", "thread_broadcast", "me_message"}
    return event.get("subtype") in own and not event.get("bot_id")


_TAGGED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def typed(text: str) -> str:
    """What somebody typed, as they typed it: Slack's marks for links and mentions become words again."""
    words = _TAGGED.sub(_words, text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _words(tag: re.Match[str]) -> str:
    target, label = tag[1], tag[2]
    sign = {"@": "@", "#": "#", "!": "@"}.get(target[:1], "")
    if label:
        return label if not sign or label.startswith(sign) or target.startswith("!date") else f"{sign}{label}"
    return f"{sign}{target[1:]}" if sign else target


# --- put together -----------------------------------------------------------------------------------------------------------------------


def mount(
    app: web.Application, product: Product, settings: SlackSettings, *, checked: bool = False, charts: bool = False
) -> SlackChannel:
    """Let `app` take Slack's events for the product; what comes back is to stand among the product's channels.

    In Socket Mode they come through a connection that we open, and `app` serves nothing to Slack. With `checked` a card that breaks
    Slack's rules is a fault of ours, told before Slack sees it.
    """
    channel = SlackChannel(settings, checked=checked, charts=charts)
    conversation = Conversation(product, channel, settings.status_command)
    bolt = _bolt(channel, conversation, settings)
    if settings.is_socket:
        app.cleanup_ctx.append(partial(_socket, bolt, settings))
    else:
        app.router.add_post(PATH, partial(_take, bolt))
    app.cleanup_ctx.append(partial(_looking, conversation))
    app.on_cleanup.append(conversation.close)
    return channel


async def _looking(conversation: Conversation, _: web.Application) -> AsyncIterator[None]:
    """Look around at the start and every hour; Slack's events tell of what changes between."""
    looking = asyncio.create_task(_look_often(conversation))
    yield
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


async def _look_often(conversation: Conversation) -> None:
    await conversation.say_whether_installed()
    while True:
        await _quietly(conversation.look_around(), "the channels could not be looked at; it is tried again in an hour")
        await asyncio.sleep(LOOKED_EVERY)


async def _take(bolt: AsyncApp, request: web.Request) -> web.Response:
    try:
        body = (await request.read()).decode()
        asked = AsyncBoltRequest(body=_parsed(body), headers=dict(request.headers), mode="socket_mode")
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest from None
    asked.raw_body, asked.mode = body, "http"  # so that Bolt checks the signature of the very bytes that came
    return await to_aiohttp_response(await bolt.async_dispatch(asked))


def _parsed(body: str) -> dict[str, Any]:
    """What Bolt would read from a request, twelve times as fast: a card that comes back is mostly percent signs."""
    if body.startswith("{"):
        found = json.loads(body)
    else:
        form = URL.build(query_string=body, encoded=True).query
        found = json.loads(form["payload"]) if "payload" in form else dict(form)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - it is the sender's fault, not the type of an argument
    return found


async def _socket(bolt: AsyncApp, settings: SlackSettings, _: web.Application) -> AsyncIterator[None]:
    """Listen in Socket Mode while the application runs; a connection that cannot be made or breaks is made again."""
    web_client = AsyncWebClient(base_url=settings.api_url)
    handler = AsyncSocketModeHandler(
        bolt, settings.app_token, logger=logging.getLogger("dialogbot.slack.socket"), web_client=web_client
    )
    connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]
    yield
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    await handler.close_async()  # type: ignore[no-untyped-call]


def _bolt(channel: SlackChannel, conversation: Conversation, settings: SlackSettings) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        """Who we are; raises where Bolt itself would answer 200 to what it could not authorize."""
        bot = await channel.bot()
        return AuthorizeResult(
            enterprise_id=bot.enterprise or None,
            team_id=bot.team,
            bot_user_id=bot.user,
            bot_id=bot.bot,
            bot_token=settings.bot_token,
        )

    logging.getLogger("slack_bolt.AsyncApp").setLevel(logging.ERROR)  # it warns of a token that it does not need
    bolt = AsyncApp(
        name="dialogbot",
        signing_secret=settings.signing_secret or "none: Socket Mode needs no signature",
        client=AsyncWebClient(base_url=settings.api_url),
        authorize=authorize,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )
    bolt.action(_ANYTHING)(conversation.pressed)
    bolt.command(_ANYTHING)(conversation.commanded)
    bolt.event(_ANYTHING)(conversation.happened)
    return bolt
