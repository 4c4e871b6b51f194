"""A local Slack for the acceptance runs: npm `emulate`, which remembers, behind a proxy that makes it as strict and as moody as Slack.

Promises: the bot's calls end in the emulator or in the fault that was asked for, and every one is recorded; blocks that Slack would
refuse are refused; what people see is what the emulator gave back. Nothing beyond loopback is reached, and all of it ends with the
block that started it.

What the proxy adds, because emulate 0.12.2 lacks it: arguments in a query string, as slack_sdk sends them; the limits of Block Kit;
refusal of unknown tokens and of channels the bot is not in; time zone, language and the flags of a person; the bot's id on its
messages; metadata only for those who ask; a thread's root that says so.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, TypedDict

from aiohttp import ClientResponse, ClientSession, web

from cards.slack_limits import problems
from tests.acceptance.serving import Server
from tests.slackapi import BOT, BOT_USER, SECRET, TOKEN, Fault, Raw, SlackUser, failed

PEERS: Final = Path(__file__).parent / "peers"
ADMIN: Final = "xoxp-admin"
TEAM: Final = "T000000001"  # emulate's only one
SCOPES: Final = (
    *("chat:write", "im:write", "im:history", "im:read", "users:read", "users:read.email", "commands", "files:write"),
    *("channels:read", "groups:read", "channels:history", "groups:history"),
)
PERSON: Final = {
    "tz": "Europe/Copenhagen",
    "tz_label": "Central European Time",
    "tz_offset": 3600,
    "is_email_confirmed": True,
    "is_restricted": False,
    "is_ultra_restricted": False,
    "is_app_user": False,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel to begin with: open to all, or closed and for these e-mail addresses."""

    name: str
    joined: bool = True
    members: tuple[str, ...] | None = None


class Ready(TypedDict):
    """What the emulator says when it answers: its people by e-mail, and its channels by name."""

    users: dict[str, str]
    rooms: dict[str, str]


def node() -> str:
    """The project's Node, else the machine's; FileNotFoundError when there is neither."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if not found:
        raise FileNotFoundError("no node found: run `make acceptance`, which installs it")
    return found


@dataclass
class Hold:
    """A call that is stopped on its way, before or after the emulator did it, until it is let go; it then has no answer."""

    done: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> web.Response:
        """Say that the call is here, and keep it."""
        self.arrived.set()
        await self.over.wait()
        return web.Response(status=503)


@dataclass
class SlackPeer:
    """One workspace as the bot reaches it, and what stands in it."""

    session: ClientSession
    upstream: str
    users: dict[str, str]
    rooms: dict[str, str]
    calls: list[tuple[str, Raw]] = field(default_factory=list)
    messages: defaultdict[str, list[Raw]] = field(default_factory=lambda: defaultdict(list))
    homes: dict[str, list[Raw]] = field(default_factory=dict)
    whispers: list[Raw] = field(default_factory=list)
    faults: defaultdict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[str, Hold] = field(default_factory=dict)
    directs: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def called(self, method: str) -> list[Raw]:
        """The arguments of every call of a method."""
        return [given for name, given in self.calls if name == method]

    def own(self, user: str) -> list[Raw]:
        """The messages of somebody's own conversation, oldest first."""
        return self.messages[self.directs[user]]

    def room(self, name: str) -> list[Raw]:
        """The messages of a channel, those of its threads among them."""
        return self.messages[self.rooms[name]]

    async def person(self, name: str, server: Server) -> Person:
        """Somebody in front of the bot, with a conversation that is open."""
        user = self.users[email_of(name)]
        if user not in self.directs:
            opened = await self.ask("conversations.open", {"users": user})
            self.directs[user] = opened["channel"]["id"]
        return Person(self, Bot(self.session, server), name, SECRET, TEAM, user)

    async def archive(self, room: str) -> None:
        """Archive a channel, as its owner does."""
        await self.ask("conversations.archive", {"channel": self.rooms[room]}, ADMIN)

    async def stands(self, channel: str) -> list[Raw]:
        """What the emulator itself says that stands in a channel, oldest first; without threads."""
        found = await self.ask("conversations.history", {"channel": channel, "limit": 200})
        return list(reversed(found["messages"]))

    async def ask(self, method: str, given: Raw, token: str = TOKEN) -> Raw:
        """Ask the emulator; its refusals fail the test."""
        answer = await self._pass_on(method, given, token)
        assert answer["ok"], f"{method}: {answer}"
        return answer

    # --- what the bot calls -----------------------------------------------------------------------------------------------------------

    async def take(self, request: web.Request) -> web.Response:
        """Answer one call of the bot's."""
        method, given = request.match_info["method"], await _arguments(request)
        self.calls.append((method, given))
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refused("invalid_auth")
        hold = self.holds.pop(method, None)
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if hold and not hold.done:
            return await hold.wait()
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        elif fault and not fault.done:
            return failed(fault)
        answer = await self._done(method, given)
        if hold:
            return await hold.wait()
        return failed(fault) if fault and fault.done else web.json_response(answer)

    async def _done(self, method: str, given: Raw) -> Raw:
        view = given.get("view")
        blocks = view["blocks"] if view else given.get("blocks")
        faults = problems(blocks, "home" if view else "message") if blocks else ()
        if faults:
            return {
                "ok": False,
                "error": "invalid_blocks",
                "response_metadata": {"messages": [f"[ERROR] {one}" for one in faults]},
            }
        if method.startswith("chat.post") and not await self._is_in(given["channel"]):
            return {"ok": False, "error": "not_in_channel"}
        answer = await self._pass_on(method, given, TOKEN)
        if answer["ok"]:
            _complete(answer, given)
            self._remember(method, given, answer)
        return answer

    async def _is_in(self, place: str) -> bool:
        if place in self.directs.values():
            return True
        found = await self._pass_on("conversations.info", {"channel": place}, TOKEN)
        channel = found.get("channel") or {"is_im": True}
        return bool(channel.get("is_im") or channel["is_member"] or channel["is_archived"])

    async def _pass_on(self, method: str, given: Raw, token: str) -> Raw:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.post(f"{self.upstream}/api/{method}", json=given, headers=headers) as answer:
            if answer.status == web.HTTPNotFound.status_code:
                return {"ok": False, "error": "unknown_method"}
            said: Raw = await answer.json()
            return said

    def _remember(self, method: str, given: Raw, answer: Raw) -> None:
        match method:
            case "conversations.open":
                self.directs[given["users"]] = answer["channel"]["id"]
            case "chat.postMessage":
                self._post(self.messages[answer["channel"]], {**answer["message"], "bot_id": BOT})
            case "chat.update":
                message = next(one for one in self.messages[given["channel"]] if one["ts"] == given["ts"])
                message |= {name: answer["message"][name] for name in ("text", "blocks")}
            case "chat.delete":
                left = [one for one in self.messages[given["channel"]] if one["ts"] != given["ts"]]
                self.messages[given["channel"]] = left
            case "chat.postEphemeral":
                self.whispers.append(given)
            case "views.publish":
                self.homes[given["user_id"]] = given["view"]["blocks"]

    def _post(self, room: list[Raw], message: Raw) -> None:
        for root in room:
            if root["ts"] == message.get("thread_ts"):
                root |= {"thread_ts": root["ts"], "reply_count": root.get("reply_count", 0) + 1}
        room.append(message)


async def _arguments(request: web.Request) -> Raw:
    """All that was sent, wherever slack_sdk put it."""
    given: Raw = {**request.query}
    if request.content_type == "application/json":
        given |= await request.json()
    else:
        given.update({name: str(value) for name, value in (await request.post()).items()})
    for name in ("blocks", "view", "metadata"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given


def _complete(answer: Raw, given: Raw) -> None:
    """Add what Slack says and the emulator does not; leave out what Slack says only to those who ask."""
    if isinstance(answer.get("user"), dict):
        answer["user"] = {**PERSON, **answer["user"], "locale": "da-DK"}
    asked = str(given.get("include_all_metadata", "")).lower() in {"1", "true"}
    for message in answer.get("messages", ()):
        if message["user"] == BOT_USER:
            message["bot_id"] = BOT
        if message.get("reply_count"):
            message["thread_ts"] = message["ts"]
        if not asked:
            message.pop("metadata", None)


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


# --- people -------------------------------------------------------------------------------------------------------------------------------


def email_of(name: str) -> str:
    """The address of somebody in Fjordby."""
    return f"{name.lower()}@fjordby.example"


@dataclass
class Bot:
    """A server process's door, wherever it listens since its last start."""

    session: ClientSession
    server: Server

    async def post(self, path: str, *, data: bytes, headers: Mapping[str, str]) -> ClientResponse:
        """Send the process a body."""
        return await self.session.post(f"{self.server.url.rstrip('/')}{path}", data=data, headers=headers)


@dataclass
class Person(SlackUser):
    """Somebody of Fjordby, who presses what the emulator really holds."""

    user: str = ""

    @property
    def id(self) -> str:
        """Their id in this workspace."""
        return self.user

    @property
    def place(self) -> str:
        """Their own conversation with the bot."""
        assert isinstance(self.api, SlackPeer)
        return self.api.directs[self.user]

    async def says(self, text: str, event: str = "", *, retry: int = 0, **more: object) -> ClientResponse:
        """Write in the conversation, where it then stands, and let Slack tell the bot."""
        assert isinstance(self.api, SlackPeer)
        said = {"ts": more.pop("ts", None)}
        if not said["ts"]:
            token = token_of(email_of(self.name))
            said = await self.api.ask("chat.postMessage", {"channel": self.place, "text": text}, token)
        return await super().says(text, event, retry=retry, ts=said["ts"], **more)


def token_of(email: str) -> str:
    """What somebody's own client calls Slack with."""
    return f"xoxp-{email}"


# --- started ------------------------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def slack_peer(people: Iterable[tuple[str, str]], rooms: Iterable[Channel]) -> AsyncIterator[SlackPeer]:
    """A workspace with these people (e-mail and name) and channels."""
    port = _free_port()
    town = {
        "port": port,
        "name": "Fjordby Kommune (eksempel)",
        "people": [_seed(email, name) for email, name in people],
        "channels": [asdict(room) for room in rooms],
        "admin": ADMIN,
        "bot": {"app": "A0BOT", "bot": BOT, "user": BOT_USER, "name": "Dialogbot", "token": TOKEN, "scopes": SCOPES},
    }
    process = await asyncio.create_subprocess_exec(
        node(), str(PEERS / "slack_api.mjs"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(town).encode() + b"\n")
        ready: Ready = json.loads(await process.stdout.readline())
        async with ClientSession() as session:
            peer = SlackPeer(session, f"http://127.0.0.1:{port}", ready["users"], ready["rooms"])
            async with _proxy(peer):
                yield peer
    finally:
        process.stdin.close()
        await process.wait()


def _seed(email: str, name: str) -> Raw:
    return {"handle": email.partition("@")[0], "name": name, "email": email, "token": token_of(email)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def _proxy(peer: SlackPeer) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/api/{method}", peer.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    try:
        yield
    finally:
        await runner.cleanup()
