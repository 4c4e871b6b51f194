"""Slack: what people press, type and open there, verified and translated; and cards, posted, corrected and found again.

Promises: Slack is told 200 only after what it brought is stored; what could not be stored is told to the person and answered 500,
so that Slack brings it again; one event, however often it comes, is one event of the service. A card for one person is never
shown in a channel. A post that may have arrived is never blindly sent again. Knows Block Kit only through `cards.slack`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.channels.slack_settings import SlackSettings
from bot.ports import (
    Ambiguous,
    Busy,
    Dead,
    Destination,
    Direct,
    Inbound,
    Intent,
    Opened,
    Outcome,
    Pressed,
    Reply,
    Room,
    Said,
    Sent,
)
from bot.running import Product
from bot.talk import command
from cards import slack as blocks
from cards.card import Card, Press
from cards.chrome import chrome
from store import addresses

NAME: Final = "slack"
PATH: Final = "/slack/events"
MARK: Final = "dialogbot_message"  # the event type of our messages' metadata

HTTP_SECONDS = 10  # for one call
DELIVERY_SECONDS = 45  # for all the calls of one delivery: under the courier's lease
SHOWN_WITHIN = 1.5  # seconds that Slack's request waits for its answer to be shown: under the three that Slack waits
MOST_WAITED = 3  # seconds of Retry-After that are waited out here; more is the caller's to plan
WAIT_UNTOLD = 30  # seconds, where Slack does not say
MENDED_WITHIN = timedelta(minutes=10)  # how soon an installation that was refused is tried again
PAGE, MOST_PAGES = 200, 5  # messages looked through for one of ours
HOME_BLOCKS = 100

RATE: Final = frozenset({"ratelimited", "rate_limited"})
UNSURE: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
GONE: Final = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})
INSTALLATION: Final = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_allowed_token_type", "not_authed", "org_login_required"}
    | {"ekm_access_denied", "team_access_not_granted", "token_expired", "token_revoked"}
)

log = logging.getLogger("dialogbot.slack")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{8,}")
_ANYTHING = re.compile("")


class UnreachableError(Exception):
    """Whoever or whatever a delivery is for cannot be reached; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotInstalledError(Exception):
    """Slack does not know the bot's token, or could not be asked."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Who we are in Slack."""

    user: str
    bot: str
    team: str
    enterprise: str


# --- Slack, as the courier sees it ----------------------------------------------------------------------------------------------------


class SlackChannel:
    """One workspace: posts into conversations, corrects in place, and finds again what was posted."""

    name = NAME

    def __init__(self, settings: SlackSettings) -> None:
        self._token = settings.bot_token
        waits = _ShortWaits()
        # What may be done twice is tried again; a post is only when Slack has said that it was not taken.
        self._again = _client(settings, [waits, AsyncServerErrorRetryHandler(), AsyncConnectionErrorRetryHandler()])
        self._once = _client(settings, [waits])
        self._session: ClientSession | None = None
        self._bot: Bot | None = None
        self._directs: dict[str, str] = {}
        self._rooms: dict[str, str] = {}

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        """Post a new message under the delivery's key, and what belongs in its thread below it."""

        async def act() -> str:
            place = await self._place(destination)
            return f"{place}:{await self.put(place, card, key)}"

        return await _typed(act, now)

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        """Change a posted message in place, where it stands."""

        async def act() -> str:
            place, _, stamp = message_ref.partition(":")
            await self.change(place, stamp, card, threaded=True)
            return message_ref

        return await _typed(act, now)

    async def find(self, destination: Destination, key: str) -> str | None:
        """The reference of the message posted under `key`, if it arrived."""
        async with asyncio.timeout(DELIVERY_SECONDS):
            try:
                place = await self._place(destination)
            except UnreachableError:
                return None
            stamp = await self.stamp_of(place, key)
        return f"{place}:{stamp}" if stamp else None

    # --- messages ---------------------------------------------------------------------------------------------------------------

    async def put(self, place: str, card: Card, key: str) -> str:
        """Post a card, its thread below it; the stamp of the first message."""
        first, *rest = blocks.render(card)
        stamp = await self._send(place, first, key)
        for number, message in enumerate(rest):
            await self._send(place, message, f"{stamp}/{number}", stamp)
        return stamp

    async def change(self, place: str, stamp: str, card: Card, *, threaded: bool) -> None:
        """Let a message show a card; `threaded` when it may have a thread of ours from before."""
        first, *rest = blocks.render(card)
        await self._edit(place, stamp, first)
        if not rest and not threaded:
            return
        ours = (await self.bot()).bot
        stands = [one["ts"] async for one in self._thread(place, stamp) if one["ts"] != stamp and _key_of(one, ours)]
        for number, message in enumerate(rest):
            if number < len(stands):
                await self._edit(place, stands[number], message)
            else:
                await self._send(place, message, f"{stamp}/{number}", stamp)
        for left in stands[len(rest) :]:
            await self._asking.chat_delete(channel=place, ts=left)

    async def stamp_of(self, place: str, key: str) -> str | None:
        """The stamp of the message posted under a key, among a conversation's latest."""
        pages = self._pages(self._asking.conversations_history, channel=place, include_all_metadata=True, limit=PAGE)
        ours, number = (await self.bot()).bot, 0
        async for page in pages:
            for message in page["messages"]:
                if _key_of(message, ours) == key:
                    return str(message["ts"])
            number += 1
            if number == MOST_PAGES:
                break
        return None

    async def _thread(self, place: str, stamp: str) -> AsyncIterator[Mapping[str, Any]]:
        ask = self._asking.conversations_replies
        async for page in self._pages(ask, channel=place, ts=stamp, include_all_metadata=True, limit=PAGE):
            for message in page["messages"]:
                yield message

    async def _send(self, place: str, message: blocks.Message, key: str, thread: str | None = None) -> str:
        sent = await self._telling.chat_postMessage(
            channel=place,
            text=message.text,
            blocks=message.blocks,
            thread_ts=thread,
            metadata={"event_type": MARK, "event_payload": {"key": key}},
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(sent["ts"])

    async def _edit(self, place: str, stamp: str, message: blocks.Message) -> None:
        await self._asking.chat_update(
            channel=place, ts=stamp, text=message.text, blocks=message.blocks, parse="none"
        )  # its metadata stays

    async def whisper(self, place: str, user: str, text: str) -> None:
        """Tell one person something that nobody else sees, and that does not stay."""
        await self._telling.chat_postEphemeral(channel=place, user=user, text=text)

    async def publish(self, user: str, card: Card) -> None:
        """Show a card on somebody's App Home."""
        shown = [block for message in blocks.render(card) for block in message.blocks]
        await self._asking.views_publish(user_id=user, view={"type": "home", "blocks": shown[:HOME_BLOCKS]})

    # --- people and places --------------------------------------------------------------------------------------------------------

    async def bot(self) -> Bot:
        """Who we are here; NotInstalledError when Slack does not say."""
        if self._bot is None:
            try:
                said = await self._asking.auth_test()
            except (SlackApiError, ClientError, TimeoutError) as fault:
                raise NotInstalledError(_error(fault)) from None
            kept = [str(said.get(name) or "") for name in ("user_id", "bot_id", "team_id", "enterprise_id")]
            self._bot = Bot(*kept)
        return self._bot

    async def authorized(self) -> AuthorizeResult:
        """What Bolt wants to know of us."""
        bot = await self.bot()
        return AuthorizeResult(
            enterprise_id=bot.enterprise or None,
            team_id=bot.team,
            bot_user_id=bot.user,
            bot_id=bot.bot,
            bot_token=self._token,
        )

    async def email_of(self, user: str) -> str | None:
        """The e-mail address of somebody who may use the bot; None for those who may not: bots, guests, other workspaces' people."""
        profile = (await self._asking.users_info(user=user))["user"]
        reason = _why_not(profile, await self.bot())
        if reason:
            log.warning("refused: %s (user %s)", reason, user)
            return None
        return str(profile.get("profile", {}).get("email") or "")

    async def direct(self, user: str) -> str:
        """The conversation that only this person and the bot are in."""
        if user not in self._directs:
            opened = await self._asking.conversations_open(users=user)
            self._directs[user] = str(opened["channel"]["id"])
        return self._directs[user]

    async def is_empty(self, place: str) -> bool:
        """Whether nothing was ever said in a conversation."""
        return not (await self._asking.conversations_history(channel=place, limit=1))["messages"]

    async def _place(self, destination: Destination) -> str:
        match destination:
            case Direct(email):
                return await self.direct(await self._user(email))
            case Room(reference):
                return await self._room(reference.strip().removeprefix("#"))

    async def _user(self, email: str) -> str:
        try:
            user = (await self._asking.users_lookupByEmail(email=email))["user"]
        except SlackApiError as fault:
            if _error(fault) == "users_not_found":
                raise UnreachableError("no-account") from None
            raise
        reason = _why_not(user, await self.bot())
        if reason:
            raise UnreachableError(reason)
        return str(user["id"])

    async def _room(self, reference: str) -> str:
        """A channel's id, by its name if need be; one the bot is not in is asked for anew each time, until it is invited."""
        if _CHANNEL_ID.fullmatch(reference):
            return reference
        name = reference.lower()
        if name in self._rooms:
            return self._rooms[name]
        kinds = "public_channel,private_channel"
        async for page in self._pages(self._asking.conversations_list, types=kinds, limit=PAGE):
            for channel in page["channels"]:
                if channel["name"] == name:
                    self._rooms[name] = _joined(channel)
                    return self._rooms[name]
        raise UnreachableError("channel-not-found")

    async def _pages(
        self, ask: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: object
    ) -> AsyncIterator[AsyncSlackResponse]:
        cursor: str | None = None
        while cursor != "":
            page = await ask(**arguments, cursor=cursor)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""

    # --- the connection -----------------------------------------------------------------------------------------------------------

    @property
    def _asking(self) -> AsyncWebClient:
        return self._connected(self._again)

    @property
    def _telling(self) -> AsyncWebClient:
        return self._connected(self._once)

    def _connected(self, client: AsyncWebClient) -> AsyncWebClient:
        if self._session is None or self._session.closed:
            self._session = ClientSession(timeout=ClientTimeout(total=HTTP_SECONDS))
        client.session = self._session
        return client

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()


class _ShortWaits(AsyncRateLimitErrorRetryHandler):
    """Waits out a short Retry-After; a refused call was not done, so doing it again doubles nothing."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_refused = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return is_refused and response is not None and _retry_after(response.headers) <= MOST_WAITED


def _client(settings: SlackSettings, handlers: list[AsyncRetryHandler]) -> AsyncWebClient:
    return AsyncWebClient(settings.bot_token, base_url=settings.api_url, timeout=HTTP_SECONDS, retry_handlers=handlers)


def _joined(channel: Mapping[str, Any]) -> str:
    if channel.get("is_archived"):
        raise UnreachableError("is-archived")
    if not channel.get("is_member"):
        raise UnreachableError("not-in-channel")
    return str(channel["id"])


_FLAGS: Final = {
    "deleted": "user-disabled",
    "is_bot": "bot",
    "is_workflow_bot": "bot",
    "is_restricted": "guest",
    "is_ultra_restricted": "guest",
    "is_stranger": "other-workspace",
}


def _why_not(user: Mapping[str, Any], bot: Bot) -> str:
    """Why somebody may not use the bot; "" when they may. An e-mail address means something only where our own workspace vouches for it."""
    for flag, reason in _FLAGS.items():
        if user.get(flag):
            return reason
    if user.get("id") == "USLACKBOT":
        return "bot"
    organisation = user.get("enterprise_user") or {}
    theirs = {user.get("team_id"), organisation.get("enterprise_id"), *organisation.get("teams", ())}
    if not theirs & {bot.team, bot.enterprise} - {""}:
        return "other-workspace"
    return "unconfirmed-email" if user.get("is_email_confirmed") is False else ""


def _key_of(message: Mapping[str, Any], bot: str) -> str | None:
    """The key one of our messages was posted under; None when it is not ours, whatever it says."""
    if message.get("bot_id", bot) != bot:
        return None
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key", "")) if metadata.get("event_type") == MARK else None


# --- how a call ended -------------------------------------------------------------------------------------------------------------------


async def _typed(act: Callable[[], Awaitable[str]], now: datetime) -> Outcome:
    """Do it, and say how it ended: every refusal of Slack's by its class, and what nobody knows as ambiguous."""
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            return Sent(await act())
    except UnreachableError as fault:
        return Dead(fault.reason)
    except SlackApiError as fault:
        return _refusal(fault, now)
    except (ClientError, TimeoutError, NotInstalledError) as fault:
        return Ambiguous(_error(fault))


def _refusal(fault: SlackApiError, now: datetime) -> Outcome:
    error, status = _error(fault), int(getattr(fault.response, "status_code", 0))
    if status == web.HTTPTooManyRequests.status_code or error in RATE:
        return Busy(now + timedelta(seconds=_retry_after(getattr(fault.response, "headers", {}))))
    if _is_unsure(fault):
        return Ambiguous(error)
    if (
        error in INSTALLATION
    ):  # nobody's delivery is at fault: it waits until an administrator has mended the installation
        log.error("Slack refuses the installation: %s", error)
        return Busy(now + MENDED_WITHIN)
    return Dead("message-not-found" if error in GONE else error.replace("_", "-"))


def _is_unsure(fault: Exception) -> bool:
    """Whether the call may have been done all the same."""
    if not isinstance(fault, SlackApiError):
        return isinstance(fault, ClientError | TimeoutError)
    status = int(getattr(fault.response, "status_code", 0))
    is_refused = status in {web.HTTPOk.status_code, web.HTTPTooManyRequests.status_code}
    return not is_refused or _error(fault) in UNSURE


def _error(fault: Exception) -> str:
    """A short code of what went wrong."""
    data = getattr(getattr(fault, "response", None), "data", None)
    if isinstance(data, Mapping) and data.get("error"):
        return str(data["error"])
    status = getattr(getattr(fault, "response", None), "status_code", None)
    return f"http-{status}" if status else (str(fault) if isinstance(fault, NotInstalledError) else "no-answer")


def _retry_after(headers: Mapping[str, Any]) -> int:
    value = next((one for name, one in headers.items() if name.lower() == "retry-after"), None)
    text = str(value[0] if isinstance(value, Sequence) and not isinstance(value, str) and value else value)
    return int(text) if text.isdecimal() else WAIT_UNTOLD


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

    def __init__(self, product: Product, channel: SlackChannel) -> None:
        self._product = product
        self._channel = channel
        self._languages: dict[str, str] = {}  # whom we know, and in which language we last answered them
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._showing: set[asyncio.Task[None]] = set()

    async def pressed(self, ack: AsyncAck, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """A button of a message, or of the App Home, was pressed, with what the fields held."""
        press = blocks.press_of(body["actions"][0])
        if press is not None:
            act, held = _press_act(body, again=_is_again(request)), _held(body)
            await self._answer(act, Pressed(press, blocks.read_state(held)))
            if "view" in body:
                await self._show_home(act.user)
        await ack()

    async def commanded(self, ack: AsyncAck, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """A slash command, under whatever name the municipality gave it."""
        act = Act(body["user_id"], _event("command", body["trigger_id"]), again=_is_again(request))
        await self._answer(act, Said(_asked_for(body["command"], body.get("text") or "")))
        await ack()

    async def happened(self, body: dict[str, Any], request: AsyncBoltRequest) -> None:
        """Something that Slack tells of: text in the person's own conversation, or the bot opened."""
        act = Act("", body["event_id"], again=_is_again(request))
        match body["event"]:
            case {"type": "message", "channel_type": "im", "user": str(user), "text": str(text)} if _is_typed(body):
                if words := typed(text):
                    await self._answer(_by(act, user, body["event"]["channel"]), Said(words))
            case {"type": "app_home_opened", "tab": "home", "user": str(user)}:
                await self._show_home(user)
            case {"type": "app_home_opened", "tab": "messages", "user": str(user)}:
                await self._greet(_by(act, user, body["event"].get("channel", "")))

    # --- a turn ---------------------------------------------------------------------------------------------------------------------

    async def _answer(self, act: Act, intent: Intent) -> None:
        reply = await self._take(act, intent)
        if reply is not None:
            await self._soon(self._show(act, reply))

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
        database, language = self._product.database, self._product.house.language
        if not await database.run(lambda connection: addresses.is_linked(connection, NAME, user)):
            email = await self._channel.email_of(user)
            if email is None:
                return False
            if not await database.run(lambda connection: addresses.link(connection, NAME, user, email)):
                return True
        self._languages[user] = language
        return True

    async def _show(self, act: Act, reply: Reply) -> None:
        """The answer in the place of the pressed card, or below in the person's own conversation."""
        async with self._turn(act.user):
            replaces = reply.where == "replace" and act.message
            if replaces and await self._replaced(act, reply.card):
                return
            await self._put(act, reply.card)

    async def _replaced(self, act: Act, card: Card) -> bool:
        try:
            await self._channel.change(act.place, act.message, card, threaded=act.threaded)
        except SlackApiError as fault:
            if _error(fault) not in GONE:
                raise
            return False
        return True

    async def _put(self, act: Act, card: Card) -> None:
        """Post an answer; looked up first where it may stand already."""
        place, key = await self._channel.direct(act.user), f"reply:{act.event}"
        stands = await self._channel.stamp_of(place, key) if act.again else None
        if stands is None:
            try:
                await self._channel.put(place, card, key)
            except (SlackApiError, ClientError, TimeoutError) as fault:
                if not _is_unsure(fault):
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
                await self._put(act, reply.card)

    async def _show_home(self, user: str) -> None:
        """The person's own dialogues, on the App Home. Asking for them changes nothing, so every time is a first time."""
        moment = self._product.clock().isoformat()
        reply = await self._take(Act(user, _event("home", user, moment)), Pressed(Press("status")))
        if reply is not None:
            await self._soon(self._channel.publish(user, reply.card))

    async def _tell_trouble(self, act: Act) -> None:
        language = self._languages.get(act.user, self._product.house.language)
        place = act.place or await self._channel.direct(act.user)
        await self._channel.whisper(place, act.user, chrome(language)["trouble"])

    # --- one after the other --------------------------------------------------------------------------------------------------------

    def _turn(self, user: str) -> asyncio.Lock:
        """What is shown to one person is shown in the order it was answered."""
        return self._turns.setdefault(user, asyncio.Lock())

    async def _soon(self, showing: Awaitable[None]) -> None:
        """Show something that is stored already; Slack's request waits a little for it, and whatever goes wrong is logged only."""
        task = asyncio.create_task(_quietly(showing))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        await asyncio.wait({task}, timeout=SHOWN_WITHIN)

    async def close(self, _: web.Application) -> None:
        """Finish what is being delivered and shown, and let the connections go."""
        await self._product.close()
        if self._showing:
            await asyncio.wait(self._showing, timeout=HTTP_SECONDS)
        await self._channel.close()


async def _quietly(showing: Awaitable[None]) -> None:
    try:
        await showing
    except Exception:
        log.exception("an answer could not be shown; what it answers is stored")


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
    return "x-slack-retry-num" in request.headers


def _is_typed(body: Mapping[str, Any]) -> bool:
    """Whether a message is a person's own new words."""
    event = body["event"]
    return event.get("subtype") in {None, "file_share"} and not event.get("bot_id")


def _asked_for(name: str, text: str) -> str:
    """What a slash command asks for: the one named after status asks for that; the other has sub-commands, and else helps."""
    if name.endswith("status"):
        return "status"
    asked = text.strip() or "start"
    return asked if command(asked) is not None else "hjælp"


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


def mount(app: web.Application, product: Product, settings: SlackSettings) -> SlackChannel:
    """Let `app` take Slack's requests for the product; what comes back is to stand among the product's channels."""
    channel = SlackChannel(settings)
    conversation = Conversation(product, channel)
    bolt = _bolt(channel, conversation, settings)

    async def take(request: web.Request) -> web.Response:
        try:
            body = (await request.read()).decode()
        except UnicodeDecodeError:
            raise web.HTTPBadRequest from None
        asked = AsyncBoltRequest(body=body, query=request.query_string, headers=dict(request.headers))
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    app.router.add_post(PATH, take)
    app.on_cleanup.append(conversation.close)
    return channel


def _bolt(channel: SlackChannel, conversation: Conversation, settings: SlackSettings) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return await channel.authorized()  # Bolt would answer 200 to what it could not authorize; this raises

    bolt = AsyncApp(
        name="dialogbot",
        signing_secret=settings.signing_secret,
        client=AsyncWebClient(base_url=settings.api_url),
        authorize=authorize,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )
    bolt.action(_ANYTHING)(conversation.pressed)
    bolt.command(_ANYTHING)(conversation.commanded)
    bolt.event(_ANYTHING)(conversation.happened)
    return bolt
