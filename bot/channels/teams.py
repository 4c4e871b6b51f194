"""Microsoft Teams through botbuilder-core: the endpoint, the token, and Microsoft's connector. Everything of that library is in here.

Promises: what comes in is read and believed only after `teams_guard` and `teams_tokens` have looked at it; a refusal has its status and
its reason in the log. No call blocks the event loop, and none waits for a token that was fetched in time. Botbuilder tries nothing
again and reads no error page: a refusal of Microsoft's becomes a TeamsError with its status, and `patiently` decides.

Its support has ended: docs/decisions/0011 says how to leave it. Of botbuilder's own parts only the Activity, the adapter's turn and the
connector are used; not its check of tokens, its state, its dialogs or its server.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, TypeVar

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, web
from botbuilder.core import CloudAdapterBase, TurnContext
from botbuilder.core.invoke_response import InvokeResponse
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
    ConversationResourceResponse,
)
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import AuthenticateRequestResult, ClaimsIdentity, ManagedIdentityAppCredentials
from botframework.connector.auth.bot_framework_authentication import BotFrameworkAuthentication
from botframework.connector.auth.connector_factory import ConnectorFactory
from botframework.connector.bot_framework_sdk_client_async import BotFrameworkConnectorConfiguration
from botframework.connector.teams import TeamsConnectorClient
from msrest.authentication import Authentication
from msrest.exceptions import ClientException, HttpOperationError
from msrest.pipeline import Request, Response
from msrest.pipeline.async_abc import AsyncHTTPPolicy, AsyncHTTPSender, AsyncPipeline
from msrest.pipeline.universal import RawDeserializer
from msrest.universal_http import ClientRequest
from msrest.universal_http.async_abc import AsyncClientResponse
from requests import Session
from yarl import URL

from bot.channels.teams_conversation import Answer, Conversation, Event
from bot.channels.teams_files import REFUSED as UPLOAD_REFUSED
from bot.channels.teams_files import UPLOAD_SECONDS, Attached, may_take, pieces
from bot.channels.teams_guard import peer_of, read_activity
from bot.channels.teams_settings import TeamsSettings, is_of_teams
from bot.channels.teams_tokens import Keys, Refused, TokenCheck
from bot.channels.teams_workspace import (
    HTTP_SECONDS,
    UNDER_WAY,
    LoginError,
    Member,
    NoAnswerError,
    Team,
    TeamsChannel,
    TeamsError,
    patiently,
)
from bot.clock import system_clock
from bot.running import Product
from cards import teams as blocks

PATH: Final = "/api/messages"
SCOPE: Final = "https://api.botframework.com"
RENEWED: Final = 300  # seconds before its end that a token is fetched anew
IDENTITY_KEPT: Final = 300  # seconds; a managed identity's own store knows when its token ends
LOGIN_PAUSE: Final = 30  # seconds between two tries to log in, while the token we have is good
EMPTY_PAUSE: Final = 10  # seconds between two, while we have none
LONGEST_WAIT: Final = 86400  # seconds that Teams can make us wait
_MEMBER: Final = ("id", "aadObjectId", "email", "userPrincipalName", "tenantId", "userRole")
_WORDS: Final = "text/html"  # Teams sends every message's words a second time like that
_CARD: Final = "application/vnd.microsoft.card.adaptive"
_LONGEST: Final = {"conversation": 300, "service_url": 300, "sender": 200, "reference": 200}  # what the database keeps

log = logging.getLogger("dialogbot.teams")
Result = TypeVar("Result")


# --- the token --------------------------------------------------------------------------------------------------------------------------


class Login:
    """The bot's token at Microsoft: one for all calls, fetched before the one before it ends; none in a rehearsal.

    Whoever needs a token while it is fetched waits for the same one, and is refused with the others.
    """

    def __init__(self, settings: TeamsSettings, session: Callable[[], ClientSession]) -> None:
        self._settings = settings
        self._session = session
        self._identity = (
            ManagedIdentityAppCredentials(settings.app_id, SCOPE) if settings.app_type == "UserAssignedMSI" else None
        )
        self._token = ""
        self._renew_at = self._ends_at = self._not_before = self._keep_until = 0.0
        self._fault: LoginError | NoAnswerError = NoAnswerError("login", may_be_done=False)
        self._asking: asyncio.Task[None] | None = None
        self._on_thread: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """A token that is good now; LoginError when Microsoft gives none, NoAnswerError when it does not answer."""
        if self._settings.is_local or time.monotonic() < self._renew_at:
            return self._token
        if self._asking is None and time.monotonic() >= self._not_before:
            self._asking = asyncio.create_task(self._renew())
        if self._asking is not None:
            await asyncio.shield(self._asking)
        if time.monotonic() >= self._ends_at:
            raise self._fault.with_traceback(None)
        return self._token

    async def signed(self, call: Callable[[str], Awaitable[Result]]) -> Result:
        """Do a call with a token; with a new one where Teams does not take the one there is."""
        token = await self.token()
        try:
            return await call(token)
        except TeamsError as fault:
            if fault.status != HTTPStatus.UNAUTHORIZED or not self._forget(token):
                raise
        return await call(await self.token())

    def _forget(self, token: str) -> bool:
        """Whether another token is worth asking for than one that was refused."""
        if self._settings.is_local:
            return False
        if token == self._token:
            if time.monotonic() < self._keep_until:
                return False
            log.warning("Teams does not take the token; another is asked for")
            self._renew_at = self._ends_at = 0.0
            self._keep_until = time.monotonic() + LOGIN_PAUSE
        return True

    async def _renew(self) -> None:
        now = time.monotonic()
        is_good = now < self._ends_at
        try:
            async with asyncio.timeout(HTTP_SECONDS):
                self._token, lasts = await (self._of_identity(self._identity) if self._identity else self._of_secret())
            self._renew_at, self._ends_at = now + max(lasts - RENEWED, lasts / 2), now + lasts
        except (LoginError, NoAnswerError, TimeoutError) as fault:
            self._fault = (
                NoAnswerError("login: no answer", may_be_done=False) if isinstance(fault, TimeoutError) else fault
            )
            self._not_before = time.monotonic() + (LOGIN_PAUSE if is_good else EMPTY_PAUSE)
            if is_good:
                log.warning("the token could not be fetched anew; the one we have is used: %s", self._fault)
        finally:
            self._asking = None

    async def close(self) -> None:
        """Ask for no token any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _of_secret(self) -> tuple[str, float]:
        url = f"{self._settings.login_url.rstrip('/')}/{self._settings.tenant_id}/oauth2/v2.0/token"
        asked = {
            "grant_type": "client_credentials",
            "client_id": self._settings.app_id,
            "client_secret": self._settings.app_password,
            "scope": f"{SCOPE}/.default",
        }
        try:
            async with self._session().post(url, data=asked) as answer:
                raw, status = await answer.read(), answer.status
        except (ClientError, TimeoutError) as fault:
            raise NoAnswerError(f"login: {type(fault).__name__}", may_be_done=False) from None
        said = _object_of(raw)
        token = said.get("access_token")
        if isinstance(token, str) and token:
            lasts = said.get("expires_in")
            return token, float(lasts) if isinstance(lasts, int | float) else float(RENEWED)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise NoAnswerError(f"login: http-{status}", may_be_done=False)
        raise LoginError(str(said.get("error") or f"http-{status}"))

    async def _of_identity(self, identity: ManagedIdentityAppCredentials) -> tuple[str, float]:
        """A managed identity's; Microsoft's library for it waits, so it waits on a thread, and on no second one meanwhile."""
        if self._on_thread is None or self._on_thread.done():
            self._on_thread = asyncio.create_task(asyncio.to_thread(identity.get_access_token))
            self._on_thread.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # nobody may wait any more
        try:
            return await asyncio.shield(self._on_thread), float(IDENTITY_KEPT)
        except Exception as fault:  # noqa: BLE001 - it raises whatever its transport raises, and KeyError for a refusal
            raise LoginError(f"managed-identity: {type(fault).__name__}") from None


# --- the connector ----------------------------------------------------------------------------------------------------------------------


class _Bearer(AsyncHTTPPolicy[Any, Any]):
    """Puts the token on a call, and never blocks."""

    def __init__(self, login: Login) -> None:
        super().__init__()
        self._login = login

    async def send(self, request: Request[Any], **more: object) -> Response[Any, Any]:
        assert self.next is not None, "a policy stands in a pipeline"  # noqa: S101
        following = self.next

        async def call(token: str) -> Response[Any, Any]:
            if token:
                request.http_request.headers["Authorization"] = f"Bearer {token}"
            return await following.send(request, **more)

        return await self._login.signed(call)


class _Sender(AsyncHTTPSender[Any, Any]):
    """Sends a call with our own connections; a refusal is raised here, before botbuilder tries to read its page."""

    def __init__(self, session: Callable[[], ClientSession]) -> None:
        self._session = session

    async def send(self, request: Request[Any], **_: object) -> Response[Any, Any]:
        asked = request.http_request
        url = URL(
            asked.url, encoded=True
        )  # as botbuilder wrote it: a conversation's id has marks that mean something in an address
        under_way = UNDER_WAY.get()
        under_way.is_so = asked.method != "GET"
        try:
            async with self._session().request(
                asked.method, url, data=asked.data, headers=dict(asked.headers)
            ) as answer:
                raw = await answer.read()
            under_way.is_so = False
        except ClientConnectorError as fault:
            under_way.is_so = False
            raise NoAnswerError(type(fault).__name__, may_be_done=False) from None
        except (ClientError, TimeoutError) as fault:
            raise NoAnswerError(type(fault).__name__, may_be_done=True) from None
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise _error(answer.status, raw, answer.headers.get("Retry-After", ""))
        return Response(request, _Read(asked, raw))

    async def __aexit__(self, *_: object) -> None:
        """Nothing: the connections are closed with the channel."""


class _Read(AsyncClientResponse):
    """An answer that was read whole; whatever is no JSON is an empty object."""

    def __init__(self, request: ClientRequest, raw: bytes) -> None:
        super().__init__(request, None)
        self.status_code, self.reason = int(HTTPStatus.OK), ""  # a 204 is well too, but botbuilder knows no such thing
        self.headers = {"content-type": "application/json"}
        self._raw = raw if _is_json(raw) else b"{}"

    def body(self) -> bytes:
        return self._raw


class _Signed(Authentication):
    """A token for botbuilder's synchronous client of teams, which is used on a thread."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    def signed_session(self, session: Session | None = None) -> Session:
        signed = super().signed_session(session)
        if self.token:
            signed.headers["Authorization"] = f"Bearer {self.token}"
        return signed


class Connector(ConnectorFactory):  # type: ignore[misc]  # botbuilder has no types
    """Microsoft's connector, through botbuilder's clients: see `teams_workspace.Wire`."""

    def __init__(self, settings: TeamsSettings) -> None:
        self._settings = settings
        self._open: ClientSession | None = None
        self._clients: dict[str, ConnectorClient] = {}
        self._login = Login(settings, self._session)

    def _session(self) -> ClientSession:
        if self._open is None or self._open.closed:
            self._open = ClientSession(timeout=ClientTimeout(total=HTTP_SECONDS))
        return self._open

    async def create(self, service_url: str, audience: str = "") -> ConnectorClient:  # noqa: ARG002 - botbuilder's own name for it
        """A client of one part of Teams, for a turn of botbuilder's."""
        return self._client(service_url)

    def _client(self, service_url: str) -> ConnectorClient:
        if not is_of_teams(service_url, self._settings):
            raise TeamsError(HTTPStatus.BAD_REQUEST, "untrusted-service-url")
        if service_url not in self._clients:
            # Botbuilder makes a pipeline of its own beside ours: a policy that stood in both would lead into that one.
            none = Authentication()
            pipeline = partial(_pipeline, _Bearer(self._login), _Sender(self._session))
            configuration = BotFrameworkConnectorConfiguration(none, service_url, pipeline_type=pipeline)
            self._clients[service_url] = ConnectorClient(none, custom_configuration=configuration)
        return self._clients[service_url]

    async def log_in(self) -> None:
        """Get a token."""
        await self._login.token()

    async def send(self, service_url: str, conversation: str, message: blocks.Message, to: str = "") -> str:
        """Send a card to a conversation, to a person there; its id."""
        return await self._sent(service_url, conversation, self._card(conversation, message, to))

    async def say(self, service_url: str, conversation: str, text: str) -> str:
        """Send a line of plain words; its id."""
        line = Activity(type=ActivityTypes.message, text=text, text_format="plain")
        return await self._sent(service_url, conversation, self._addressed(line, conversation, ""))

    async def attach(self, service_url: str, conversation: str, attached: Attached, to: str = "") -> str:
        """Send what is about a file; its id."""
        told = Attachment(
            content_type=attached.content_type,
            content_url=attached.content_url or None,
            name=attached.name,
            content=dict(attached.content),
        )
        activity = Activity(type=ActivityTypes.message, summary=attached.text, attachments=[told])
        return await self._sent(service_url, conversation, self._addressed(activity, conversation, to))

    async def upload(self, url: str, content: bytes) -> None:
        """Put the bytes of a file where Microsoft wants them, without our token: the address itself is the permission."""
        if not may_take(url, self._settings):
            raise TeamsError(HTTPStatus.BAD_REQUEST, "untrusted-upload-url")
        for placed, piece in pieces(content):
            await patiently(partial(self._put, url, placed, piece), is_safe=True)

    async def _put(self, url: str, placed: str, piece: bytes) -> None:
        headers = {"Content-Range": placed, "Content-Type": "application/octet-stream"}
        address, timeout = URL(url, encoded=True), ClientTimeout(total=UPLOAD_SECONDS)
        put = self._session().put(address, data=piece, headers=headers, timeout=timeout, allow_redirects=False)
        try:
            async with put as answer:
                await answer.read()
        except (ClientError, TimeoutError) as fault:
            raise NoAnswerError(type(fault).__name__, may_be_done=True) from None
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise TeamsError(answer.status, UPLOAD_REFUSED, _seconds(answer.headers.get("Retry-After", "")))

    async def _sent(self, service_url: str, conversation: str, activity: Activity) -> str:
        asked = self._client(service_url).conversations.send_to_conversation(conversation, activity)
        return str((await asked).id or "")

    async def update(self, service_url: str, conversation: str, message_id: str, message: blocks.Message) -> None:
        """Let a message show another card."""
        card = self._card(conversation, message, "")
        card.id = message_id
        await self._client(service_url).conversations.update_activity(conversation, message_id, card)

    async def delete(self, service_url: str, conversation: str, message_id: str) -> None:
        """Take a message away."""
        await self._client(service_url).conversations.delete_activity(conversation, message_id)

    async def post(self, service_url: str, channel: str, message: blocks.Message) -> tuple[str, str]:
        """Begin a new post in a channel: the conversation of its replies, and its id."""
        made = await self._created(service_url, {"channel": {"id": channel}}, activity=self._plain(message))
        replies = str(made.id or "")
        return replies, str(made.activity_id or replies.rpartition("messageid=")[2])

    async def open(self, service_url: str, member: str) -> str:
        """Open somebody's own conversation with the bot."""
        return str((await self._created(service_url, {}, members=[ChannelAccount(id=member)])).id or "")

    async def _created(
        self, service_url: str, data: Mapping[str, object], **more: object
    ) -> ConversationResourceResponse:
        asked = ConversationParameters(
            is_group="members" not in more,
            bot=self._bot(),
            channel_data={**data, **self._tenant()},
            tenant_id=self._settings.tenant_id or None,
            **more,
        )
        return await self._client(service_url).conversations.create_conversation(asked)

    async def member(self, service_url: str, conversation: str, member: str) -> Member:
        """Who somebody in a conversation is; botbuilder's own reading forgets what only Teams says."""
        found = await self._client(service_url).conversations.get_conversation_member(conversation, member)
        said = {**found.serialize(), **(found.additional_properties or {})}
        named = zip(fields(Member), _MEMBER, strict=True)
        return Member(**{field.name: str(said.get(name) or "") for field, name in named})

    async def team(self, service_url: str, team: str) -> Team:
        """What there is to know of a team that the bot is in."""
        if not is_of_teams(service_url, self._settings):
            raise TeamsError(HTTPStatus.BAD_REQUEST, "untrusted-service-url")
        return await self._login.signed(lambda token: asyncio.to_thread(_team, _Signed(token), service_url, team))

    async def close(self) -> None:
        """Let the connections go."""
        await self._login.close()
        if self._open is not None:
            await self._open.close()

    # --- activities ---------------------------------------------------------------------------------------------------------------

    def _plain(self, message: blocks.Message) -> Activity:
        shown = Attachment(content_type=_CARD, content=message.card)
        return Activity(type=ActivityTypes.message, summary=message.text, attachments=[shown])

    def _card(self, conversation: str, message: blocks.Message, to: str) -> Activity:
        return self._addressed(self._plain(message), conversation, to)

    def _addressed(self, activity: Activity, conversation: str, to: str) -> Activity:
        """Say from whom, to whom and in which tenant: Teams refuses some of what does not."""
        activity.from_property = self._bot()
        activity.conversation = ConversationAccount(id=conversation, tenant_id=self._settings.tenant_id or None)
        activity.channel_data = self._tenant() or None
        if to:
            activity.recipient = ChannelAccount(id=to)
        return activity

    def _bot(self) -> ChannelAccount:
        return ChannelAccount(id=f"28:{self._settings.app_id}" if self._settings.app_id else "bot")

    def _tenant(self) -> dict[str, object]:
        return {"tenant": {"id": self._settings.tenant_id}} if self._settings.tenant_id else {}


def _pipeline(
    bearer: _Bearer, sender: _Sender, configuration: BotFrameworkConnectorConfiguration
) -> AsyncPipeline[Any, Any]:
    return AsyncPipeline([configuration.user_agent_policy, bearer, RawDeserializer()], sender)


def _team(signed: _Signed, service_url: str, team: str) -> Team:
    """Ask for a team on a thread: botbuilder has only a synchronous client for it."""
    client = TeamsConnectorClient(signed, service_url)
    client.config.connection.timeout = HTTP_SECONDS
    client.config.retry_policy.policy.total = 0
    try:
        details = client.teams.get_team_details(team)
        listed = client.teams.get_teams_channels(team).conversations or []
    except HttpOperationError as fault:
        answer = fault.response
        raise _error(answer.status_code, answer.content or b"", answer.headers.get("Retry-After", "")) from None
    except (ClientException, ValueError) as fault:
        raise NoAnswerError(type(fault).__name__, may_be_done=False) from None
    finally:
        client.close()
    return Team(details.name or "", details.member_count, tuple((str(one.id), one.name) for one in listed))


def _error(status: int, raw: bytes, retry_after: str) -> TeamsError:
    said = _object_of(raw).get("error")
    code = said.get("code") if isinstance(said, dict) else None
    return TeamsError(status, str(code or "")[:60], _seconds(retry_after))


def _seconds(retry_after: str) -> int | None:
    """How long Teams asks us to wait; None where it says nothing we can read."""
    if not (retry_after.isascii() and retry_after.isdecimal()):
        return None
    return LONGEST_WAIT if len(retry_after) > len(str(LONGEST_WAIT)) else min(int(retry_after), LONGEST_WAIT)


def _object_of(raw: bytes) -> Mapping[str, Any]:
    found = json.loads(raw) if _is_json(raw) else None
    return found if isinstance(found, dict) else {}


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


# --- what comes in ----------------------------------------------------------------------------------------------------------------------


class _Ours(BotFrameworkAuthentication):  # type: ignore[misc]  # botbuilder has no types
    """What botbuilder's adapter asks about trust: nothing is left to it, the activity was checked before."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:  # noqa: ARG002
        """Refuse: an activity that was not checked by us is never taken."""
        raise PermissionError

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> None:  # noqa: ARG002
        """Refuse: nothing is streamed to us."""
        raise PermissionError

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:  # noqa: ARG002
        """The connector there is."""
        return self._connector

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Nothing: nobody signs in through the bot."""


class Endpoint:
    """Takes Teams' requests: checks them, lets botbuilder read them, and answers."""

    def __init__(
        self, conversation: Conversation, connector: Connector, check: TokenCheck, settings: TeamsSettings
    ) -> None:
        self._conversation = conversation
        self._settings = settings
        self._connector = connector
        self._check = check
        self._adapter = _Adapter(_Ours(connector))

    async def take(self, request: web.Request) -> web.Response:
        """Answer one request of Teams'."""
        told = await read_activity(request)
        if isinstance(told, Refused):
            return _refused(told)
        authorization = request.headers.get("Authorization")
        checked = await self._check.check(authorization, told, system_clock(), peer_of(request))
        if isinstance(checked, Refused):
            return _refused(checked)
        try:
            activity = Activity.deserialize(told)
        except ValueError:  # as msrest says that it cannot be read
            return _refused(Refused(HTTPStatus.BAD_REQUEST, "not_an_activity"))
        event = _event(activity, told, self._settings)
        if isinstance(event, Refused):
            return _refused(event)
        try:
            answer = await self._adapter.process_activity(
                self._trusted(checked.claims), activity, partial(self._turn, event)
            )
        except Exception:
            log.exception("what Teams brought could not be taken; it is to be brought again")
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return web.Response() if answer is None else web.json_response(answer.body, status=answer.status)

    def _trusted(self, claims: Mapping[str, object]) -> AuthenticateRequestResult:
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(dict(claims), is_authenticated=True)
        result.connector_factory = self._connector
        return result

    async def _turn(self, event: Event, context: TurnContext) -> None:
        answer = await self._conversation.take(event)
        if isinstance(answer, Answer):
            body = InvokeResponse(status=int(answer.status), body=dict(answer.body))
            await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=body))


class _Adapter(CloudAdapterBase):  # type: ignore[misc]  # botbuilder has no types
    """Botbuilder's turn, and nothing more of it."""


def _refused(refused: Refused) -> web.Response:
    log.warning("refused: %s", refused.reason)
    return web.Response(status=refused.status)


def _event(activity: Activity, told: Mapping[str, Any], settings: TeamsSettings) -> Event | Refused:
    """An activity as we read it; botbuilder loses the tenant, and an entity's own parts, so those are read from what was sent."""
    sender, place = activity.from_property or ChannelAccount(), activity.conversation or ConversationAccount()
    data = told.get("channelData") or {}
    tenant = (data.get("tenant") or {}) if isinstance(data, dict) else {}
    raw_place = told.get("conversation") or {}
    event = Event(
        kind=activity.type,
        conversation=place.id or "",
        service_url=activity.service_url or "",
        id=activity.id or "",
        name=activity.name or "",
        action=activity.action or "",
        is_personal=_is_personal(place, settings),
        sender=sender.id or "",
        aad=sender.aad_object_id or "",
        role=sender.role or "",
        tenant=_text(tenant.get("id") if isinstance(tenant, dict) else None) or _text(raw_place.get("tenantId")),
        bot=(activity.recipient or ChannelAccount()).id or "",
        timezone=activity.local_timezone or "",
        text=activity.text or "",
        entities=tuple(told.get("entities") or ()),
        value=activity.value,
        reply_to=activity.reply_to_id or "",
        data=data,
        added=frozenset(one.id for one in activity.members_added or () if one.id),
        removed=frozenset(one.id for one in activity.members_removed or () if one.id),
        at=_moment(activity.timestamp),
        has_files=any(one.content_type != _WORDS for one in activity.attachments or ()),
    )
    if not event.conversation or not is_of_teams(event.service_url, settings):
        return Refused(HTTPStatus.BAD_REQUEST, "no_way_back")
    too_long = any(len(getattr(event, name)) > most for name, most in _LONGEST.items())
    return Refused(HTTPStatus.BAD_REQUEST, "too_long") if too_long else event


def _is_personal(place: ConversationAccount, settings: TeamsSettings) -> bool:
    """Whether it is somebody's own conversation with the bot: only what Teams says to be one, and never a channel's or a group's id."""
    if (place.id or "").startswith("19:"):
        return False
    is_untold = not place.conversation_type and not place.is_group
    return place.conversation_type == "personal" or (settings.is_local and is_untold)


def _moment(told: object) -> datetime | None:
    """When it happened; None where that is no time we can keep."""
    if not isinstance(told, datetime):
        return None
    try:
        return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


# --- put together -----------------------------------------------------------------------------------------------------------------------


def mount(
    app: web.Application, product: Product, settings: TeamsSettings, *, checked: bool = False, charts: bool = False
) -> TeamsChannel:
    """Let `app` take Teams' activities for the product; what comes back is to stand among the product's channels.

    With `checked` a card that breaks Teams' rules is a fault of ours, told before Teams sees it; with `charts` Teams draws them.
    """
    connector = Connector(settings)
    channel = TeamsChannel(connector, lambda: product.database, settings, checked=checked, charts=charts)
    conversation = Conversation(product, channel)
    endpoint = Endpoint(conversation, connector, TokenCheck(settings, Keys(settings.openid_metadata_url)), settings)
    app.router.add_post(PATH, endpoint.take)
    app.cleanup_ctx.append(partial(_open, connector, conversation))
    return channel


async def _open(connector: Connector, conversation: Conversation, _: web.Application) -> AsyncIterator[None]:
    """Get the first token while nobody waits for it; finish at the end what is under way."""
    warming = asyncio.create_task(_warm(connector))
    yield
    warming.cancel()
    await asyncio.gather(warming, return_exceptions=True)
    await conversation.close()
    await connector.close()


async def _warm(connector: Connector) -> None:
    try:
        await connector.log_in()
    except (LoginError, NoAnswerError) as fault:
        log.error("Microsoft gives the bot no token: %s", fault)  # noqa: TRY400 - the code is all there is to say
