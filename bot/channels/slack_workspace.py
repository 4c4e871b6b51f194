"""A Slack workspace as the courier sees it: cards posted, corrected and found again; people by their e-mail, channels by their name.

Promises: a post that may have arrived is never blindly sent again, and every way a call can end has its class: refused for a
while, refused for good, or unknown. Nobody gets anything that our own workspace does not vouch for. Knows Block Kit only through
`cards.slack`, and of what people do nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout, web
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

from bot.channels.slack_files import MISSING_SCOPE, UPLOAD_SECONDS, Standing, Ticket, UploadError, with_what_stands
from bot.channels.slack_settings import SlackSettings
from bot.ports import Ambiguous, Busy, Dead, Destination, Direct, Keep, Outcome, Room, Sent, Unasked
from bot.settings import is_safe
from cards import slack as blocks
from cards.card import Card
from cards.reports.report import File
from cards.slack_limits import Block, Surface, problems
from store.addresses import Contact
from store.places import Place, is_reference, plain

NAME: Final = "slack"
MARK: Final = "dialogbot_message"  # the event type of our messages' metadata

HTTP_SECONDS = 10  # for one call
DELIVERY_SECONDS = 45  # for all the calls of one delivery: under the courier's lease
MOST_WAITED = 3  # seconds of Retry-After that are waited out here; more is the caller's to plan
WAIT_UNTOLD = 30  # seconds, where Slack does not say
MENDED_WITHIN = timedelta(minutes=10)  # how soon an installation that was refused is tried again
PAGE, MOST_PAGES = 200, 5  # messages looked through for one of ours
LISTED = 500  # accounts or channels asked for at a time, where all of them are wanted
HOME_BLOCKS = 100

RATE: Final = frozenset({"ratelimited", "rate_limited"})
UNSURE: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
GONE: Final = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})
INSTALLATION: Final = frozenset(
    {"account_inactive", "invalid_auth", "missing_scope", "not_allowed_token_type", "not_authed", "org_login_required"}
    | {"ekm_access_denied", "team_access_not_granted", "token_expired", "token_revoked"}
)

Result = TypeVar("Result")
log = logging.getLogger("dialogbot.slack")


class UnreachableError(Exception):
    """Whoever or whatever a delivery is for cannot be reached; `reason` is a short code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadCardError(Exception):
    """A card of ours breaks Slack's rules; the message says where, and nothing of what people wrote."""


class NotInstalledError(Exception):
    """Slack does not know the bot's token, or could not be asked."""


@dataclass(frozen=True, slots=True)
class Bot:
    """Who we are in Slack."""

    user: str
    bot: str
    team: str
    enterprise: str


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack says of the token: the workspace's name, the bot's, and what it may do; None where Slack does not say."""

    team: str
    bot: str
    scopes: frozenset[str] | None


class SlackChannel:
    """One workspace: posts into conversations, corrects in place, and finds again what was posted."""

    name = NAME

    def __init__(self, settings: SlackSettings, *, checked: bool = False, charts: bool = False) -> None:
        self._checked = checked
        self._charts = charts  # until Slack refuses one
        waits = _ShortWaits()
        # What may be done twice is tried again; a post is only when Slack has said that it was not taken.
        self._again = _client(settings, [waits, AsyncServerErrorRetryHandler(), AsyncConnectionErrorRetryHandler()])
        self._once = _client(settings, [waits])
        self._session: ClientSession | None = None
        self._bot: Bot | None = None
        self._directs: dict[str, str] = {}
        self._rooms: dict[str, str] = {}
        self._resolving = asyncio.Lock()

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        """Post a new message under the delivery's key, and what belongs in its thread below it."""
        stood: list[str] = []

        async def act() -> str:
            place = await self._place(destination)
            stamp = await self.put(place, card, key, stood=lambda stamp: stood.append(f"{place}:{stamp}"))
            return f"{place}:{stamp}"

        outcome = await _ended(act, now)
        if isinstance(outcome, Dead):
            self.forget_rooms()  # it may have been renamed, or another made in its place
        return _partly(outcome, stood[0]) if stood else outcome

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:  # noqa: ARG002
        """Change a posted message in place, where it stands."""

        async def act() -> str:
            stands = Standing.read(message_ref)
            if not stands.stamp:  # of a report that was handed over without a card there is nothing to change
                raise UnreachableError("message-not-found")
            await self.change(stands.place, stands.stamp, card, threaded=True)
            return message_ref

        return await _ended(act, now)

    async def hand_over(
        self,
        destination: Destination,
        file: File,
        card: Card,
        key: str,  # noqa: ARG002 - a shared file carries none: it is known by its own id
        now: datetime,
        *,
        stands: str | None = None,
        keep: Keep,
    ) -> Outcome:
        """Share a file in somebody's own conversation, the card's text beside it, or in the card that followed its making."""
        if not isinstance(destination, Direct):
            return Dead("not-allowed")
        known = stands or ""

        async def act() -> str:
            nonlocal known
            place = await self._place(destination)
            standing = Standing.read(known) if known else Standing(place)
            if not (standing.file and await self._is_shared(standing)):
                uploaded = await self._uploaded(file)
                standing = replace(standing, file=uploaded)
                known = standing.reference
                await keep(known)
                await self._share(standing, file, card)
            if standing.stamp:
                await self._show_ready(standing, card)
            return known

        try:
            outcome = await _ended(act, now, is_file=True)
        except UploadError as fault:
            outcome = fault.outcome(now)
        return with_what_stands(outcome, known)

    async def _uploaded(self, file: File) -> str:
        """Hand the bytes to Slack; the file's id. Nobody sees it before it is shared."""
        said = await self._asking.files_getUploadURLExternal(
            filename=file.name, length=len(file.content), alt_txt=file.title
        )
        ticket = Ticket(str(said["upload_url"]), str(said["file_id"]))
        if not is_safe(ticket.url):
            raise UploadError(web.HTTPBadRequest.status_code, WAIT_UNTOLD)
        timeout = ClientTimeout(total=UPLOAD_SECONDS)
        headers = {"Content-Type": "application/octet-stream"}
        session = self._asking.session
        assert session is not None, "a client is connected before it is given out"  # noqa: S101
        put = session.post(
            ticket.url, data=file.content, headers=headers, timeout=timeout, allow_redirects=False
        )  # what is safe to follow is not known before it is followed
        async with put as answer:
            if answer.status != web.HTTPOk.status_code:
                raise UploadError(answer.status, _retry_after(answer.headers))
        return ticket.file

    async def _share(self, standing: Standing, file: File, card: Card) -> None:
        """Let the person see it; what the card says stands beside it where no card of its own does."""
        said = blocks.render(replace(card, fallback=""))[
            0
        ].text  # without the line that a notification alone would need
        comment = {} if standing.stamp else {"initial_comment": said}
        files = [{"id": standing.file, "title": file.title}]
        await self._telling.files_completeUploadExternal(files=files, channel_id=standing.place, **comment)  # type: ignore[arg-type]

    async def _show_ready(self, standing: Standing, card: Card) -> None:
        """Let the card that followed the making say that it is there; one that was taken away is not missed."""
        try:
            await self.change(standing.place, standing.stamp, card, threaded=False)
        except SlackApiError as fault:
            if error_of(fault) not in GONE:
                raise

    async def _is_shared(self, standing: Standing) -> bool:
        """Whether a file stands among a conversation's latest messages."""
        number = 0
        async for page in self._pages(self._asking.conversations_history, channel=standing.place, limit=PAGE):
            for message in page["messages"]:
                if any(one.get("id") == standing.file for one in message.get("files") or ()):
                    return True
            number += 1
            if number == MOST_PAGES:
                break
        return False

    async def find(self, destination: Destination, key: str) -> str | Unasked | None:
        """The reference of the message posted under `key`, if it arrived; or that Slack could not be asked."""
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                place = await self._place(destination)
                stamp = await self.stamp_of(place, key)
        except UnreachableError:
            return None
        except SlackApiError as fault:
            return _unasked(fault)
        except (ClientError, TimeoutError, NotInstalledError) as fault:
            return Unasked(error_of(fault))
        return f"{place}:{stamp}" if stamp else None

    # --- messages ---------------------------------------------------------------------------------------------------------------

    async def put(self, place: str, card: Card, key: str, *, stood: Callable[[str], None] = lambda _: None) -> str:
        """Post a card, its thread below it; the stamp of the first message, also told to `stood` as soon as it stands."""
        first, *rest = self._rendered(card)
        stamp = await self._send(place, first, key)
        stood(stamp)
        for number, message in enumerate(rest):
            await self._send(place, message, f"{stamp}/{number}", stamp)
        return stamp

    async def change(self, place: str, stamp: str, card: Card, *, threaded: bool) -> None:
        """Let a message show a card; `threaded` when it may have a thread of ours from before."""
        first, *rest = self._rendered(card)
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
        return await self._with_or_without_charts(message, lambda one: self._sent(place, one, key, thread))

    async def _sent(self, place: str, message: blocks.Message, key: str, thread: str | None) -> str:
        told = {
            "channel": place,
            "text": message.text,
            "blocks": message.blocks,
            "metadata": {"event_type": MARK, "event_payload": {"key": key}},
            "mrkdwn": False,  # the line for notifications is plain text too
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
            **({"thread_ts": thread} if thread else {}),
        }
        return str((await self._telling.api_call("chat.postMessage", json=told))["ts"])

    async def _edit(self, place: str, stamp: str, message: blocks.Message) -> None:
        """Let a message show other blocks; its metadata stays."""
        await self._with_or_without_charts(message, lambda one: self._edited(place, stamp, one))

    async def _with_or_without_charts(
        self, message: blocks.Message, act: Callable[[blocks.Message], Awaitable[Result]]
    ) -> Result:
        """Show a message, without its charts where Slack refuses it with them; then none are drawn any more."""
        try:
            return await act(message)
        except SlackApiError as fault:
            plainer = blocks.without_charts(message) if error_of(fault) == "invalid_blocks" else None
            if plainer is None:
                raise
        result = await act(plainer)
        log.warning("Slack refused a chart: charts are text alone from now on")
        self._charts = False
        return result

    async def _edited(self, place: str, stamp: str, message: blocks.Message) -> None:
        told = {"channel": place, "ts": stamp, "text": message.text, "blocks": message.blocks, "parse": "none"}
        await self._asking.api_call("chat.update", json=told)

    async def whisper(self, place: str, user: str, text: str) -> None:
        """Tell one person something that nobody else sees, and that does not stay."""
        await self._telling.chat_postEphemeral(channel=place, user=user, text=text)

    async def publish(self, user: str, card: Card) -> None:
        """Show a card on somebody's App Home."""
        shown = [block for message in blocks.render(card) for block in message.blocks][:HOME_BLOCKS]
        self._check(shown, "home")
        await self._asking.views_publish(user_id=user, view={"type": "home", "blocks": shown})

    def _rendered(self, card: Card) -> tuple[blocks.Message, ...]:
        messages = blocks.render(card, charts=self._charts)
        for message in messages:
            self._check(message.blocks, "message")
        return messages

    def _check(self, shown: list[Block], surface: Surface) -> None:
        found = problems(shown, surface) if self._checked else ()
        if found:
            raise BadCardError("; ".join(found))

    # --- people and places --------------------------------------------------------------------------------------------------------

    async def bot(self) -> Bot:
        """Who we are here; NotInstalledError when Slack does not say."""
        if self._bot is None:
            try:
                said = await self._asking.auth_test()
            except (SlackApiError, ClientError, TimeoutError) as fault:
                raise NotInstalledError(error_of(fault)) from None
            kept = [str(said.get(name) or "") for name in ("user_id", "bot_id", "team_id", "enterprise_id")]
            self._bot = Bot(*kept)
        return self._bot

    async def contact_of(self, user: str) -> Contact | None:
        """Who somebody is that may use the bot; None for those who may not: bots, guests, other workspaces' people."""
        profile = (await self._asking.users_info(user=user))["user"]
        reason = _why_not(profile, await self.bot())
        if reason:
            log.warning("refused: %s (user %s)", reason, user)
            return None
        return Contact(str(profile.get("profile", {}).get("email") or ""), str(profile.get("tz") or ""))

    async def direct(self, user: str) -> str:
        """The conversation that only this person and the bot are in."""
        if user not in self._directs:
            opened = await self._asking.conversations_open(users=user)
            self._directs[user] = str(opened["channel"]["id"])
        return self._directs[user]

    def known_direct(self, user: str) -> str:
        """That conversation, if it was opened before; "" while nobody knows."""
        return self._directs.get(user, "")

    async def is_empty(self, place: str) -> bool:
        """Whether nothing was ever said in a conversation."""
        return not (await self._asking.conversations_history(channel=place, limit=1))["messages"]

    async def seen(self, place: str) -> Place:
        """A channel as Slack describes it; the bot is not counted among its readers."""
        channel = (await self._asking.conversations_info(channel=place, include_num_members=True))["channel"]
        reason, members = _why_not_there(channel), channel.get("num_members")
        return Place(
            NAME,
            place,
            str(channel["name"]),
            readers=None if members is None else max(int(members) - (not reason), 0),
            is_open=not channel.get("is_private"),
            is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
            unreachable=reason or None,
        )

    async def find_room(self, reference: str) -> Place | None:
        """The channel that a workbook means, as Slack describes it, whether the bot is in it or not; None when it sees none."""
        name = plain(reference)
        try:
            async with self._resolving:
                listed = await self._listed(name)
                if listed and listed.get("is_member"):
                    self._rooms[name.lower()] = str(listed["id"])
            return await self.seen(str(listed["id"])) if listed else None
        except SlackApiError as fault:
            if error_of(fault) == "channel_not_found":
                return None
            raise

    def forget_rooms(self) -> None:
        """Look every channel up anew from now on: what they are called, or who is let in, may have changed."""
        self._rooms.clear()

    async def _place(self, destination: Destination) -> str:
        match destination:
            case Direct(email):
                return await self.direct(await self._user(email))
            case Room(reference):
                return await self._room(reference)

    async def _user(self, email: str) -> str:
        try:
            user = (await self._asking.users_lookupByEmail(email=email))["user"]
        except SlackApiError as fault:
            if error_of(fault) == "users_not_found":
                raise UnreachableError("no-account") from None
            raise
        reason = _why_not(user, await self.bot())
        if reason:
            raise UnreachableError(reason)
        return str(user["id"])

    async def _room(self, reference: str) -> str:
        """A channel's id, by its name if need be; one the bot is not in is asked for anew each time, until it is invited."""
        name = plain(reference)
        if is_reference(name):
            return name
        async with self._resolving:
            if name.lower() not in self._rooms:
                listed = await self._listed(name)
                if listed is None:
                    raise UnreachableError("channel-not-found")
                self._rooms[name.lower()] = _joined(listed)
            return self._rooms[name.lower()]

    async def _listed(self, name: str) -> Mapping[str, Any] | None:
        """The channel of a name among those the bot can see; an id needs no list."""
        if is_reference(name):
            return {"id": name}
        kinds = "public_channel,private_channel"
        async for page in self._pages(self._asking.conversations_list, types=kinds, limit=PAGE):
            for channel in page["channels"]:
                if channel["name"] == name.lower():
                    return dict(channel)
        return None

    async def _pages(
        self, ask: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: object
    ) -> AsyncIterator[AsyncSlackResponse]:
        cursor: str | None = None
        while cursor != "":
            page = await ask(**arguments, cursor=cursor)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""

    # --- looked over --------------------------------------------------------------------------------------------------------------

    async def installation(self) -> Installation:
        """Whom the token is for; NotInstalledError when Slack refuses it or does not answer."""
        with _as_not_installed():
            said = await self._asking.auth_test()
        scopes = next((told for name, told in said.headers.items() if name.lower() == "x-oauth-scopes"), None)
        granted = None if scopes is None else frozenset(one.strip() for one in str(scopes).split(","))
        return Installation(str(said.get("team") or ""), str(said.get("user") or ""), granted)

    async def accounts(self) -> dict[str, str]:
        """Every e-mail address in the workspace, with why its owner may not use the bot; "" when they may."""
        found: dict[str, str] = {}
        with _as_not_installed():
            ours = await self.bot()
            async for page in self._pages(self._asking.users_list, limit=LISTED):
                for user in page["members"]:
                    email = str((user.get("profile") or {}).get("email") or "").lower()
                    if email and found.get(email) != "":
                        found[email] = _why_not(user, ours)
        return found

    async def rooms(self) -> dict[str, str]:
        """Every channel the bot can see, by name and by id, with why nothing can be posted there; "" when it can."""
        found: dict[str, str] = {}
        kinds = "public_channel,private_channel"
        with _as_not_installed():
            async for page in self._pages(self._asking.conversations_list, types=kinds, limit=LISTED):
                for channel in page["channels"]:
                    for name in (channel["name"], channel["id"]):
                        found.setdefault(name, _why_not_there(channel))
        return found

    async def try_socket(self, app_token: str) -> None:
        """Ask for a Socket Mode connection and leave it; NotInstalledError when the app-level token is refused."""
        with _as_not_installed():
            await self._asking.apps_connections_open(app_token=app_token)

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


@contextmanager
def _as_not_installed() -> Iterator[None]:
    """Whatever Slack refuses, and its silence, as NotInstalledError with the reason."""
    try:
        yield
    except (SlackApiError, ClientError, TimeoutError) as fault:
        raise NotInstalledError(error_of(fault)) from None


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
    if reason := _why_not_there(channel):
        raise UnreachableError(reason)
    return str(channel["id"])


def _why_not_there(channel: Mapping[str, Any]) -> str:
    """Why nothing can be posted in a channel; "" when it can."""
    if channel.get("is_archived"):
        return "is-archived"
    return "" if channel.get("is_member") else "not-in-channel"


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


async def _ended(act: Callable[[], Awaitable[str]], now: datetime, *, is_file: bool = False) -> Outcome:
    """Do it, and say how it ended: every refusal of Slack's by its class, and what nobody knows as ambiguous."""
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            return Sent(await act())
    except UnreachableError as fault:
        return Dead(fault.reason)
    except BadCardError as fault:
        log.error("a card breaks Slack's rules: %s", fault)  # noqa: TRY400 - where it broke is all there is to say
        return Dead("bad-card")
    except SlackApiError as fault:
        if is_file and error_of(fault) == "missing_scope":
            log.error("Slack does not let us share files: the scope files:write is missing")  # noqa: TRY400
            return MISSING_SCOPE
        return _refusal(fault, now)
    except (ClientError, TimeoutError, NotInstalledError) as fault:
        return Ambiguous(error_of(fault))


def _partly(outcome: Outcome, stands: str) -> Outcome:
    """How a post ended whose first message stands: it is never posted again, only made whole."""
    match outcome:
        case Busy(until):
            return Busy(until, stands)
        case Ambiguous(reason):
            return Ambiguous(reason, stands=stands)
        case Dead(reason):
            log.error("Slack refuses what belongs in the thread: %s", reason)
            return Sent(stands)
    return outcome


def _refusal(fault: SlackApiError, now: datetime) -> Outcome:
    error, wait = error_of(fault), wait_told(fault)
    if wait is not None:
        return Busy(now + timedelta(seconds=wait))
    if is_unsure(fault):
        return Ambiguous(error)
    if (
        error in INSTALLATION
    ):  # nobody's delivery is at fault: it waits until an administrator has mended the installation
        log.error("Slack refuses the installation: %s", error)
        return Busy(now + MENDED_WITHIN)
    return Dead("message-not-found" if error in GONE else error.replace("_", "-"))


def _unasked(fault: SlackApiError) -> Unasked | None:
    """What a refused look-up means; None where nothing of ours can stand, because the bot may not even look there."""
    error, wait = error_of(fault), wait_told(fault)
    if wait is not None:
        return Unasked(error, timedelta(seconds=wait))
    if error in INSTALLATION:
        log.error("Slack refuses the installation: %s", error)
        return Unasked(error, MENDED_WITHIN)
    return Unasked(error) if is_unsure(fault) else None


def wait_told(fault: SlackApiError) -> int | None:
    """How many seconds Slack wants us to wait before it is done; None when that is not why it was refused."""
    status = int(getattr(fault.response, "status_code", 0))
    if status == web.HTTPTooManyRequests.status_code or error_of(fault) in RATE:
        return _retry_after(getattr(fault.response, "headers", {}))
    return None


def is_unsure(fault: Exception) -> bool:
    """Whether the call may have been done all the same."""
    if not isinstance(fault, SlackApiError):
        return isinstance(fault, ClientError | TimeoutError)
    status = int(getattr(fault.response, "status_code", 0))
    is_refused = status in {web.HTTPOk.status_code, web.HTTPTooManyRequests.status_code}
    return not is_refused or error_of(fault) in UNSURE


def error_of(fault: Exception) -> str:
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
