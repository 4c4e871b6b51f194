"""A small Slack for tests: a Web API on loopback that remembers, and people who sign what they do and press what they were shown."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self
from urllib.parse import urlencode

from aiohttp import ClientResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.slack_manifest import SCOPES
from cards.card import Press
from cards.slack import press_of, read_state
from cards.slack_limits import Surface, problems

TOKEN, SECRET, APP_TOKEN = "xoxb-bot", "a-signing-secret", "xapp-app"
TEAM, BOT_USER, BOT = "T1FJORDBY", "U0BOT", "B0BOT"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Raw = dict[str, Any]
_count = itertools.count(1)


@dataclass(frozen=True)
class Fault:
    """What a method answers instead: an error of Slack's, or a status of the server's. `done`: only after it was done.

    With a `wait` alone it is only late.
    """

    error: str = ""
    status: int = 200
    retry_after: int = 0
    done: bool = False
    wait: float = 0
    location: str = ""


@dataclass
class SlackApi:
    """One workspace: its people, channels and messages, and every call that was made."""

    users: dict[str, Raw] = field(default_factory=dict)
    channels: dict[str, Raw] = field(default_factory=dict)
    messages: defaultdict[str, list[Raw]] = field(default_factory=lambda: defaultdict(list))
    homes: dict[str, list[Raw]] = field(default_factory=dict)
    calls: list[tuple[str, Raw]] = field(default_factory=list)
    whispers: list[Raw] = field(default_factory=list)
    link: str = "wss://127.0.0.1/link"  # where Socket Mode connects to
    linked: asyncio.Event = field(default_factory=asyncio.Event)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    faults: defaultdict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    scopes: tuple[str, ...] = SCOPES
    origin: str = ""
    files: dict[str, Raw] = field(
        default_factory=dict
    )  # what was uploaded, by its id: its name, bytes and whether it is shared

    def add_user(self, name: str, **more: object) -> str:
        user = f"U{name.upper()}"
        email = f"{name.lower()}@fjordby.example"
        self.users[user] = {"id": user, "team_id": TEAM, "profile": {"email": email}, **more}
        return user

    def add_channel(self, name: str, **more: object) -> str:
        channel = f"C{name.upper().replace('-', '')}"
        self.channels[channel] = {"id": channel, "name": name, "is_member": True, "is_archived": False, **more}
        return channel

    def called(self, method: str) -> list[Raw]:
        return [arguments for name, arguments in self.calls if name == method]

    def own(self, user: str) -> list[Raw]:
        """The messages of somebody's own conversation, oldest first."""
        return self.messages[f"D{user}"]

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._take)
        app.router.add_get("/link", self._link)
        app.router.add_post("/upload/{id}", self._upload)
        return TestServer(app, host="127.0.0.1")

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        """A connection in Socket Mode: what is to be told goes out through it, and what is acknowledged is noted."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.linked.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(message.json()["envelope_id"])
        return socket

    async def tells(self, kind: str, body: Raw, *, retry: int = 0) -> str:
        """Send something through the newest connection; its envelope's id."""
        await asyncio.wait_for(self.linked.wait(), 10)
        envelope = f"envelope-{next(_count)}"
        more = {"retry_attempt": retry, "retry_reason": "timeout"} if kind == "events_api" else {}
        told = {"type": kind, "envelope_id": envelope, "payload": body, "accepts_response_payload": True, **more}
        await self.sockets[-1].send_json(told)
        return envelope

    async def _take(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        given: Raw = {**request.query}
        if request.content_type == JSON:
            given |= await request.json()
        else:
            given.update(await request.post())
        self.calls.append((method, given))
        self.origin = str(request.url.origin())
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if fault is not None:
            await asyncio.sleep(fault.wait)
            if not fault.done and not fault.wait:
                return failed(fault)
        expected = APP_TOKEN if method == "apps.connections.open" else TOKEN
        if request.headers.get("Authorization") != f"Bearer {expected}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        try:
            answer = getattr(self, f"_{method.replace('.', '_')}")(given)
        except RefusedError as refused:
            return web.json_response({"ok": False, "error": refused.args[0]})
        return failed(fault) if fault is not None and fault.done else self._answered(answer)

    async def _upload(self, request: web.Request) -> web.Response:
        """The bytes of a file: whoever has its address may put them there, and gets no token to see."""
        assert "Authorization" not in request.headers
        content = await request.read()
        self.calls.append(("upload", {"size": len(content)}))
        if self.faults["upload"]:
            fault = self.faults["upload"].pop(0)
            await asyncio.sleep(fault.wait)
            return failed(fault)
        file = self.files[request.match_info["id"]]
        assert len(content) == int(file["length"])
        file["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    def _answered(self, answer: Raw) -> web.Response:
        return web.json_response({"ok": True, **answer}, headers={"X-OAuth-Scopes": ",".join(self.scopes)})

    # --- methods ------------------------------------------------------------------------------------------------------------

    def _auth_test(self, _: Raw) -> Raw:
        return {"user_id": BOT_USER, "bot_id": BOT, "team_id": TEAM, "team": "Fjordby Kommune", "user": "dialogbot"}

    def _apps_connections_open(self, _: Raw) -> Raw:
        return {"url": self.link}

    def _users_list(self, given: Raw) -> Raw:
        """Two people a page: whoever does not ask on finds not everybody."""
        listed, at = list(self.users.values()), int(given.get("cursor") or 0)
        following = str(at + 2) if at + 2 < len(listed) else ""
        return {"members": listed[at : at + 2], "response_metadata": {"next_cursor": following}}

    def _users_info(self, given: Raw) -> Raw:
        return {"user": _found(self.users.get(given["user"]), "user_not_found")}

    def _users_lookupByEmail(self, given: Raw) -> Raw:  # noqa: N802
        by_email = {user["profile"].get("email"): user for user in self.users.values()}
        return {"user": _found(by_email.get(given["email"]), "users_not_found")}

    def _conversations_open(self, given: Raw) -> Raw:
        _found(self.users.get(given["users"]), "user_not_found")
        return {"channel": {"id": f"D{given['users']}"}}

    def _conversations_list(self, given: Raw) -> Raw:
        """One channel a page: whoever does not ask on finds nothing."""
        listed, at = list(self.channels.values()), int(given.get("cursor") or 0)
        following = str(at + 1) if at + 1 < len(listed) else ""
        return {"channels": listed[at : at + 1], "response_metadata": {"next_cursor": following}}

    def _conversations_info(self, given: Raw) -> Raw:
        channel = _found(self.channels.get(given["channel"]), "channel_not_found")
        return {"channel": {"num_members": 4, "is_private": True, **channel}}

    def _conversations_history(self, given: Raw) -> Raw:
        found = [one for one in self.messages[given["channel"]] if one.get("thread_ts") in {None, one["ts"]}]
        return {"messages": [_seen(one, given) for one in reversed(found)][: int(given["limit"])]}

    def _conversations_replies(self, given: Raw) -> Raw:
        found = [one for one in self.messages[given["channel"]] if given["ts"] in {one["ts"], one.get("thread_ts")}]
        return {"messages": [_seen(one, given) for one in found]}

    def _chat_postMessage(self, given: Raw) -> Raw:  # noqa: N802
        self._check_place(given["channel"])
        _check(given["blocks"])
        kept: Raw = {name: given[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in given}
        message: Raw = {"ts": f"1800000000.{next(_count):06}", "user": BOT_USER, "bot_id": BOT, **kept}
        root = next((one for one in self.messages[given["channel"]] if one["ts"] == given.get("thread_ts")), None)
        if root is not None:
            root["thread_ts"] = root["ts"]
        self.messages[given["channel"]].append(message)
        return {"ts": message["ts"], "channel": given["channel"]}

    def _chat_update(self, given: Raw) -> Raw:
        _check(given["blocks"])
        message = self._message(given)
        message |= {"text": given["text"], "blocks": given["blocks"]}
        return {"ts": message["ts"], "channel": given["channel"]}

    def _chat_delete(self, given: Raw) -> Raw:
        self.messages[given["channel"]].remove(self._message(given))
        return {}

    def _chat_postEphemeral(self, given: Raw) -> Raw:  # noqa: N802
        self._check_place(given["channel"])
        self.whispers.append(given)
        return {}

    def _files_getUploadURLExternal(self, given: Raw) -> Raw:  # noqa: N802
        self._may_upload()
        file = f"F{next(_count)}"
        self.files[file] = {
            "id": file,
            "name": given["filename"],
            "length": given["length"],
            "alt": given.get("alt_txt"),
        }
        return {"upload_url": f"{self.origin}/upload/{file}", "file_id": file}

    def _files_completeUploadExternal(self, given: Raw) -> Raw:  # noqa: N802
        self._may_upload()
        self._check_place(given["channel_id"])
        (told,) = json.loads(given["files"])
        file = _found(self.files.get(told["id"]), "file_not_found")
        assert "content" in file, "shared before its bytes were there"
        shown = {"id": file["id"], "name": file["name"], "title": told["title"], "alt_txt": file["alt"]}
        message = {"ts": f"1800000000.{next(_count):06}", "user": BOT_USER, "bot_id": BOT, "subtype": "file_share"}
        said = {"text": given.get("initial_comment", ""), "blocks": [], "files": [shown]}
        self.messages[given["channel_id"]].append({**message, **said})
        return {"files": [shown]}

    def _may_upload(self) -> None:
        if "files:write" not in self.scopes:
            raise RefusedError("missing_scope")

    def shared(self, user: str) -> list[Raw]:
        """The messages with a file in somebody's own conversation, oldest first."""
        return [one for one in self.own(user) if one.get("files")]

    def _views_publish(self, given: Raw) -> Raw:
        _check(given["view"]["blocks"], "home")
        self.homes[given["user_id"]] = given["view"]["blocks"]
        return {}

    def _message(self, given: Raw) -> Raw:
        found = [one for one in self.messages[given["channel"]] if one["ts"] == given["ts"]]
        return _found(found[0] if found else None, "message_not_found")

    def _check_place(self, place: str) -> None:
        if place.startswith("D"):
            if self.users[place[1:]].get("deleted"):
                raise RefusedError("user_disabled")
            return
        channel = _found(self.channels.get(place), "channel_not_found")
        if channel["is_archived"]:
            raise RefusedError("is_archived")
        if not channel["is_member"]:
            raise RefusedError("not_in_channel")


class RefusedError(Exception):
    """An error of Slack's."""


def _found(thing: Raw | None, error: str) -> Raw:
    if thing is None:
        raise RefusedError(error)
    return thing


def failed(fault: Fault) -> web.Response:
    """What a fault answers."""
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
    headers |= {"Location": fault.location} if fault.location else {}
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)
    return web.Response(text="<html>trouble</html>", content_type="text/html", status=fault.status, headers=headers)


def _seen(message: Raw, given: Raw) -> Raw:
    if str(given.get("include_all_metadata")).lower() in {"1", "true"}:
        return message
    return {name: value for name, value in message.items() if name != "metadata"}


def _check(blocks: list[Raw], surface: Surface = "message") -> None:
    found = problems(blocks, surface)
    assert found == (), found


# --- people -------------------------------------------------------------------------------------------------------------------------


def all_text(node: object) -> Iterator[str]:
    """Every text in some blocks, in reading order."""
    match node:
        case {"text": str(text)}:
            yield text
        case Mapping():
            for name, value in node.items():
                if name in {"initial_value", "initial_date"}:
                    yield str(value)
                yield from all_text(value)
        case list():
            for one in node:
                yield from all_text(one)


def actions_of(blocks: list[Raw]) -> Iterator[tuple[str, Raw]]:
    """Everything that can be pressed or picked, by what stands on it, as the action Slack would send."""
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("accessory")]:
            match element:
                case {"type": "button"}:
                    yield element["text"]["text"], {name: element[name] for name in ("type", "action_id", "value")}
                case {"type": "static_select", "options": list(options)}:
                    for option in options:
                        action = {"type": "static_select", "action_id": element["action_id"], "selected_option": option}
                        yield option["text"]["text"], action


def state_of(blocks: list[Raw], typed: Mapping[str, str | list[str]]) -> Raw:
    """What the inputs hold: what was typed, else what stood there."""
    values: Raw = {}
    left = dict(typed)
    for block in blocks:
        if block["type"] == "input":
            element, name = block["element"], block["block_id"].split("@")[0]
            values[block["block_id"]] = {element["action_id"]: _held(element, left.pop(name, None))}
    assert not left, f"no such field: {set(left)}"
    assert set(typed) <= set(read_state(values))
    return {"values": values}


def _held(element: Raw, typed: str | list[str] | None) -> Raw:
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": typed if typed is not None else element.get("initial_value")}
        case "datepicker":
            return {"type": kind, "selected_date": typed if typed is not None else element.get("initial_date")}
        case "multi_static_select":
            chosen = element.get("initial_options", [])
            if typed is not None:
                chosen = [one for one in element["options"] if one["value"] in typed]
            return {"type": kind, "selected_options": chosen}
        case "radio_buttons" | "static_select":
            picked = [one for one in element["options"] if one["value"] == typed]
            assert picked or typed is None, f"no »{typed}« among {element['options']}"
            return {"type": kind, "selected_option": picked[0] if picked else element.get("initial_option")}
        case _:
            raise AssertionError(kind)


class Workspace(Protocol):
    """What stands in somebody's Slack."""

    @property
    def homes(self) -> Mapping[str, list[Raw]]:
        """App Homes, by user."""

    def own(self, user: str) -> list[Raw]:
        """The messages of somebody's own conversation, oldest first."""


class Door(Protocol):
    """Where the bot takes requests."""

    async def post(self, path: str, *, data: bytes, headers: Mapping[str, str]) -> ClientResponse:
        """Send it a body."""


@dataclass
class SlackUser:
    """Somebody in Slack, in front of the bot. They press what really stands in their own conversation, or where they are told."""

    api: Workspace
    bot: TestClient[web.Request, web.Application] | Door
    name: str
    secret: str = SECRET
    team: str = TEAM

    @property
    def id(self) -> str:
        return f"U{self.name.upper()}"

    @property
    def place(self) -> str:
        return f"D{self.id}"

    @property
    def message(self) -> Raw:
        """The newest card in their own conversation."""
        found = [one for one in self.api.own(self.id) if one.get("thread_ts") in {None, one["ts"]}]
        assert found, f"nothing was said to {self.name}"
        return found[-1]

    @property
    def sees(self) -> str:
        return "\n".join(all_text(self.message["blocks"]))

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in actions_of(self.message["blocks"])]

    def action(self, label: str, nth: int = 0, message: Raw | None = None) -> Raw:
        blocks = (message or self.message)["blocks"]
        found = [
            action
            for name, action in actions_of(blocks)
            if name.split(maxsplit=1)[-1].startswith(label) or name.startswith(label)
        ]
        assert len(found) > nth, f"no »{label}« among {[name for name, _ in actions_of(blocks)]}"
        assert isinstance(press_of(found[nth]), Press)
        return {**found[nth], "action_ts": f"{next(_count)}.000001"}

    async def presses(self, label: str, nth: int = 0, **typed: str | list[str]) -> Self:
        response = await self.press(self.action(label, nth), typed=typed)
        assert response.status == 200, await response.text()
        return self

    async def presses_beside(self, words: str) -> Self:
        """Press the button at the end of the first row that holds some words."""
        rows = [block for block in self.message["blocks"] if "accessory" in block and words in block["text"]["text"]]
        (_, action), *_ = actions_of(rows)
        assert (await self.press({**action, "action_ts": f"{next(_count)}.000001"})).status == 200
        return self

    async def press(
        self,
        action: Raw,
        message: Raw | None = None,
        place: str = "",
        typed: Mapping[str, str | list[str]] | None = None,
    ) -> ClientResponse:
        shown, where = message or self.message, place or self.place
        return await self.send(payload(self.press_body(action, shown, where, typed or {})), FORM)

    def press_body(self, action: Raw, message: Raw, place: str, typed: Mapping[str, str | list[str]]) -> Raw:
        return {
            "type": "block_actions",
            "team": {"id": self.team},
            "user": {"id": self.id, "team_id": self.team},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": place, "is_ephemeral": False},
            "channel": {"id": place},
            "message": message,
            "state": state_of(message["blocks"], typed),
            "actions": [action],
            "trigger_id": f"t{next(_count)}",
        }

    async def press_home(self, label: str) -> ClientResponse:
        view = {"id": "V1", "type": "home", "blocks": self.api.homes[self.id], "state": {"values": {}}}
        action = self.action(label, message=view)
        body = {"type": "block_actions", "team": {"id": self.team}, "user": {"id": self.id, "team_id": self.team}}
        container = {"type": "view", "view_id": "V1"}
        return await self.send(payload({**body, "container": container, "view": view, "actions": [action]}), FORM)

    async def says(self, text: str, event: str = "", *, retry: int = 0, **more: object) -> ClientResponse:
        message = {"type": "message", "channel_type": "im", "user": self.id, "channel": self.place, "text": text}
        return await self.happens({**message, "ts": f"17.{next(_count)}", **more}, event, retry=retry)

    async def opens(self, tab: str, event: str = "") -> ClientResponse:
        opened = {"type": "app_home_opened", "user": self.id, "channel": self.place, "tab": tab}
        return await self.happens(opened, event)

    async def happens(self, event: Raw, event_id: str = "", *, retry: int = 0) -> ClientResponse:
        named = event_id or f"Ev{next(_count)}"
        body = {"type": "event_callback", "team_id": self.team, "event": event, "event_id": named}
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"} if retry else {}
        return await self.send(json.dumps(body), JSON, headers=headers)

    async def commands(self, name: str, text: str = "") -> ClientResponse:
        asked = {"command": name, "text": text, "user_id": self.id, "team_id": self.team, "channel_id": "CGENERAL"}
        return await self.send(urlencode({**asked, "trigger_id": f"t{next(_count)}"}), FORM)

    async def send(
        self, body: str, kind: str, *, at: float | None = None, headers: Mapping[str, str] | None = None
    ) -> ClientResponse:
        """Sign and send; another secret or time than the present makes it a forgery or a replay."""
        signs = self.signs(body.encode(), at)
        return await self.bot.post(
            "/slack/events", data=body.encode(), headers={**signs, "Content-Type": kind, **(headers or {})}
        )

    def signs(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """Return the headers that Slack would send with a body."""
        stamp = str(int(time.time() if at is None else at))
        signed = hmac.new(self.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}


def payload(body: Raw) -> str:
    """An interactive body as Slack sends it."""
    return urlencode({"payload": json.dumps(body)})
