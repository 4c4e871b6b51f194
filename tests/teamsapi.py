"""A small Teams for tests: a connector on loopback that remembers, Microsoft's keys and tokens, and people who press what they were shown."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from cards.teams_limits import problems

APP: Final = "01234567-89ab-cdef-0123-456789abcdef"
TENANT: Final = "fedcba98-7654-3210-fedc-ba9876543210"
BOT: Final = f"28:{APP}"
SECRET, TOKEN = "hemmelig", "our-token"
OURS, STRANGE = (generate_private_key(65537, 2048) for _ in range(2))
CARD: Final = "application/vnd.microsoft.card.adaptive"
FILES: Final = tuple(f"application/vnd.microsoft.teams.card.file.{kind}" for kind in ("consent", "info"))
LINE: Final = "application/vnd.microsoft.activity.message"

Raw = dict[str, Any]
_count = itertools.count(1_800_000_000_000)


@dataclass(frozen=True)
class Fault:
    """What a call answers instead. `done`: only after it was done. With a `wait` alone it is only late; `drop` says nothing at all."""

    status: int = 0
    code: str = ""
    retry_after: str = ""
    done: bool = False
    wait: float = 0
    drop: bool = False


class RefusedError(Exception):
    """An error of Teams'."""


@dataclass
class TeamsApi:
    """One tenant's Teams: its people, teams and messages, and every call that was made."""

    url: str = ""
    members: dict[str, Raw] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)  # a conversation, and the code it is refused with
    teams: dict[str, Raw] = field(default_factory=dict)
    messages: defaultdict[str, list[Raw]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, Raw]] = field(default_factory=list)
    faults: defaultdict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    drive: dict[str, bytes] = field(default_factory=dict)  # what was put into people's OneDrive
    expires_in: int = 3600
    token: str = TOKEN  # another is given out, and alone taken, when this changes

    @property
    def service_url(self) -> str:
        return f"{self.url}/smba"

    def add_user(self, name: str, **more: object) -> str:
        user, email = f"29:{name.lower()}", f"{name.lower()}@fjordby.example"
        told = {"id": user, "aadObjectId": aad(name), "email": email, "userPrincipalName": email}
        self.members[user] = {**told, "tenantId": TENANT, "userRole": "user", "name": name, **more}
        return user

    def add_team(self, name: str, *channels: str, people: int = 6) -> str:
        """A team with its first channel, which has no name, and others."""
        team = f"19:{name.lower()}@thread.tacv2"
        listed = [
            {"id": team},
            *({"id": f"19:{name.lower()}-{one.lower()}@thread.tacv2", "name": one} for one in channels),
        ]
        self.teams[team] = {"id": team, "name": name, "memberCount": people, "channels": listed}
        return team

    def called(self, method: str) -> list[Raw]:
        return [told for name, told in self.calls if name == method]

    def own(self, name: str) -> list[Raw]:
        """The messages of somebody's own conversation, oldest first."""
        return self.messages[home(name)]

    def posts(self) -> list[tuple[str, list[Raw]]]:
        """The posts in channels, each with its conversation and with its replies after it."""
        return [(place, told) for place, told in self.messages.items() if ";messageid=" in place and told]

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/openid", self._metadata)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/login/{tenant}/oauth2/v2.0/token", self._login)
        base = "/smba/v3/conversations"
        app.router.add_post(base, self._taker("create", self._create))
        app.router.add_post(base + "/{place}/activities", self._taker("send", self._send))
        app.router.add_put(base + "/{place}/activities/{id}", self._taker("update", self._update))
        app.router.add_delete(base + "/{place}/activities/{id}", self._taker("delete", self._delete))
        app.router.add_get(base + "/{place}/members/{id}", self._taker("member", self._member))
        app.router.add_get("/smba/v3/teams/{id}", self._taker("team", self._team))
        app.router.add_get("/smba/v3/teams/{id}/conversations", self._taker("channels", self._channels))
        app.router.add_put("/drive/{name}", self._upload)
        return TestServer(app, host="127.0.0.1")

    # --- Microsoft ----------------------------------------------------------------------------------------------------------------

    async def _metadata(self, request: web.Request) -> web.Response:
        return web.json_response({"jwks_uri": str(request.url.with_path("/keys"))})

    async def _keys(self, _: web.Request) -> web.Response:
        key = RSAAlgorithm.to_jwk(OURS.public_key(), as_dict=True)
        return web.json_response({"keys": [{**key, "use": "sig", "kid": "k1", "endorsements": ["msteams"]}]})

    async def _login(self, request: web.Request) -> web.Response:
        told = dict(await request.post())
        self.calls.append(("login", told))
        if self.faults["login"]:
            fault = self.faults["login"].pop(0)
            await asyncio.sleep(fault.wait)
            return _failed(fault)
        assert request.match_info["tenant"] == TENANT
        assert told["scope"] == "https://api.botframework.com/.default"
        if (told["client_id"], told["client_secret"]) != (APP, SECRET):
            return web.json_response({"error": "invalid_client", "error_description": "hemmeligt"}, status=401)
        return web.json_response({"access_token": self.token, "expires_in": self.expires_in, "token_type": "Bearer"})

    # --- somebody's OneDrive ------------------------------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file, each piece where it says; nobody's token belongs here."""
        assert "Authorization" not in request.headers
        raw, placed = await request.read(), request.headers["Content-Range"]
        self.calls.append(("upload", {"range": placed, "name": request.match_info["name"]}))
        if self.faults["upload"]:
            return _failed(self.faults["upload"].pop(0))
        first, _, rest = placed.removeprefix("bytes ").partition("-")
        last, _, whole = rest.partition("/")
        assert int(last) - int(first) + 1 == len(raw)
        kept = self.drive.get(request.match_info["name"], b"")
        assert len(kept) == int(first), "pieces come one after the other"
        self.drive[request.match_info["name"]] = kept + raw
        return web.json_response({}, status=201 if int(last) + 1 == int(whole) else 202)

    # --- the connector ------------------------------------------------------------------------------------------------------------

    def _taker(self, method: str, act: Any) -> Any:  # noqa: ANN401 - a handler of any of them
        async def take(request: web.Request) -> web.Response:
            raw = await request.read()
            told: Raw = {**request.match_info, **(json.loads(raw) if raw else {})}
            told["place"] = request.match_info.get("place", "")
            self.calls.append((method, told))
            fault = self.faults[method].pop(0) if self.faults[method] else None
            if fault is not None:
                await asyncio.sleep(fault.wait)
                if fault.drop and not fault.done:
                    raise asyncio.CancelledError
                if not fault.done and not fault.wait:
                    return _failed(fault)
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return _failed(Fault(401, "Unauthorized"))
            try:
                answer = act(told)
            except RefusedError as refused:
                return _failed(Fault(*refused.args))
            if fault is not None and fault.drop:
                raise asyncio.CancelledError
            return _failed(fault) if fault is not None and fault.done else web.json_response(answer)

        return take

    def _create(self, told: Raw) -> Raw:
        assert told["bot"]["id"] == BOT
        assert told["channelData"]["tenant"]["id"] == TENANT
        if told.get("members"):
            user = told["members"][0]["id"]
            place = f"a:{user.removeprefix('29:')}"
            self._open(place)
            return {"id": place}
        channel = told["channelData"]["channel"]["id"]
        self._in_team(channel)
        message = _kept(told["activity"])
        place = f"{channel};messageid={message['id']}"
        self.messages[place].append(message)
        return {"id": place, "activityId": message["id"]}

    def _send(self, told: Raw) -> Raw:
        place = told["place"]
        assert told["from"]["id"] == BOT
        assert told["conversation"] == {"id": place, "tenantID": TENANT}, "as botbuilder spells it; Teams reads either"
        assert told["channelData"]["tenant"]["id"] == TENANT
        self._open(place)
        message = _kept(told)
        self.messages[place].append(message)
        return {"id": message["id"]}

    def _update(self, told: Raw) -> Raw:
        self._open(told["place"])
        message = self._message(told)
        message["card"] = _kept(told)["card"]
        return {"id": message["id"]}

    def _delete(self, told: Raw) -> Raw:
        self.messages[told["place"]].remove(self._message(told))
        return {}

    def _member(self, told: Raw) -> Raw:
        if told["id"] not in self.members:
            raise RefusedError(404, "MemberNotFoundInConversation")
        return self.members[told["id"]]

    def _team(self, told: Raw) -> Raw:
        if told["id"] not in self.teams:
            raise RefusedError(403, "BotNotInConversationRoster")
        return {name: value for name, value in self.teams[told["id"]].items() if name != "channels"}

    def _channels(self, told: Raw) -> Raw:
        return {"conversations": self.teams[told["id"]]["channels"]}

    def _message(self, told: Raw) -> Raw:
        found = [one for one in self.messages[told["place"]] if one["id"] == told["id"]]
        if not found:
            raise RefusedError(404, "ActivityNotFoundInConversation")
        return found[0]

    def _open(self, place: str) -> None:
        if place in self.blocked:
            raise RefusedError(403, self.blocked[place])
        if place.startswith("19:"):
            self._in_team(place.partition(";")[0])

    def _in_team(self, channel: str) -> None:
        if channel not in {one["id"] for team in self.teams.values() for one in team["channels"]}:
            raise RefusedError(404, "ConversationNotFound")
        if channel in self.blocked:
            raise RefusedError(403, self.blocked[channel])


def _failed(fault: Fault) -> web.Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    if fault.code:
        return web.json_response({"error": {"code": fault.code, "message": "no"}}, status=fault.status, headers=headers)
    return web.Response(text="<html>trouble</html>", content_type="text/html", status=fault.status, headers=headers)


def _kept(activity: Raw) -> Raw:
    """A message as it stands; a card that breaks Teams' rules is a fault of the test's."""
    message: Raw = {"id": str(next(_count)), "text": activity.get("text", ""), "card": {}, "summary": ""}
    for attachment in activity.get("attachments") or ():
        assert activity["summary"].strip(), "what a notification and a screen reader say"
        if attachment["contentType"] in FILES:
            message |= {"file": attachment, "summary": activity["summary"]}
            continue
        assert attachment["contentType"] == CARD
        assert problems(attachment["content"]) == ()
        assert not activity.get("text"), "text and a card in one activity are split, and lose their id"
        message |= {"card": attachment["content"], "summary": activity["summary"]}
    return message


def stamp() -> str:
    """The next moment, as Teams writes it: no two activities have the same."""
    return datetime.fromtimestamp(next(_count) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def aad(name: str) -> str:
    return f"00000000-0000-0000-0000-{name.lower().encode().hex():0>12.12}"


def home(name: str) -> str:
    """Somebody's own conversation with the bot."""
    return f"a:{name.lower()}"


# --- people -------------------------------------------------------------------------------------------------------------------------


def all_text(node: object) -> Iterator[str]:
    """Every text in a card, in reading order."""
    match node:
        case Mapping():
            for name, value in node.items():
                if name in {"text", "title", "label", "value"} and isinstance(value, str):
                    yield value
                elif name not in {"data", "id", "fallbackText"}:
                    yield from all_text(value)
        case list():
            for one in node:
                yield from all_text(one)


def elements(node: object, kind: str) -> list[Raw]:
    """Everything in a card whose type begins so."""
    match node:
        case dict():
            mine = [node] if str(node.get("type", "")).startswith(kind) else []
            return [*mine, *(one for value in node.values() for one in elements(value, kind))]
        case list():
            return [one for value in node for one in elements(value, kind)]
    return []


@dataclass
class TeamsUser:
    """Somebody in Teams, as one person's client: they see the messages as they stand, and press what is on them."""

    api: TeamsApi
    bot: TestClient[web.Request, web.Application]
    name: str
    key: RSAPrivateKey = OURS

    @property
    def id(self) -> str:
        return f"29:{self.name.lower()}"

    @property
    def message(self) -> Raw:
        """The latest card in their own conversation."""
        return next(one for one in reversed(self.api.own(self.name)) if elements(one["card"], "Action"))

    @property
    def sees(self) -> str:
        """Everything in their own conversation's latest messages."""
        told = self.api.own(self.name)[-1]
        return told["text"] or "\n".join(all_text(told["card"]))

    def activity(self, kind: str, *, place: str = "", **more: Any) -> Raw:  # noqa: ANN401 - any part of an activity
        there = place or home(self.name)
        data: Raw = {"tenant": {"id": TENANT}}
        if place:
            team = place.partition(";")[0].partition("-")[0].partition("@")[0] + "@thread.tacv2"
            data |= {
                "team": {"id": team, "name": self.api.teams.get(team, {}).get("name")},
                "channel": {"id": place.partition(";")[0]},
            }
        told: Raw = {
            "type": kind,
            "id": f"f:{next(_count)}",
            "timestamp": stamp(),
            "localTimezone": "Europe/Copenhagen",
            "serviceUrl": self.api.service_url,
            "channelId": "msteams",
            "from": {"id": self.id, "name": self.name, "aadObjectId": aad(self.name)},
            "conversation": {
                "id": there,
                "conversationType": "channel" if place else "personal",
                "tenantId": TENANT,
                **({"isGroup": True} if place else {}),
            },
            "recipient": {"id": BOT, "name": "Dialogbot"},
            "locale": "da-DK",
        }
        told["channelData"] = {**data, **(more.pop("channelData", None) or {})}
        return {**told, **more}

    async def send(self, activity: object, **claims: object) -> ClientResponse:
        now = int(time.time())
        told = {
            "iss": "https://api.botframework.com",
            "aud": APP,
            "nbf": now - 60,
            "exp": now + 3600,
            "serviceurl": self.api.service_url,
            **claims,
        }
        token = jwt.encode(told, self.key, "RS256", {"kid": "k1"})
        return await self.bot.post("/api/messages", json=activity, headers={"Authorization": f"Bearer {token}"})

    async def installs(self) -> None:
        """Get the app: Teams tells of it twice."""
        added = [{"id": BOT}]
        for told in (
            self.activity("installationUpdate", action="add"),
            self.activity("conversationUpdate", membersAdded=added),
        ):
            assert (await self.send(told)).status == 200

    async def uninstalls(self) -> None:
        """Take the app away: nothing can be sent any more."""
        self.api.blocked[home(self.name)] = "BotNotInConversationRoster"
        assert (await self.send(self.activity("installationUpdate", action="remove"))).status == 200

    async def says(self, text: str, **more: Any) -> ClientResponse:  # noqa: ANN401 - any part of an activity
        return await self.send(self.activity("message", text=text, **more))

    async def mentions(self, text: str, place: str) -> ClientResponse:
        """Write to the bot in a channel."""
        mention = {"type": "mention", "mentioned": {"id": BOT, "name": "Dialogbot"}, "text": "<at>Dialogbot</at>"}
        words = f"<at>Dialogbot</at> {text}\n"
        return await self.send(self.activity("message", place=place, text=words, entities=[mention]))

    def press_activity(self, label: str, message: Raw, place: str = "", nth: int = 0, **typed: str) -> Raw:
        """The invoke that a button of a card sends, with what its inputs hold."""
        card = message["card"]
        found = [one for one in elements(card, "Action.Execute") if label in one["title"]]
        assert len(found) > nth, f"no »{label}« among {[one['title'] for one in elements(card, 'Action.Execute')]}"
        action = found[nth]
        data = dict(action["data"])
        if action.get("associatedInputs", "auto") == "auto":
            left = dict(typed)
            for one in elements(card, "Input."):
                value = left.pop(one["id"].partition("@")[0].removesuffix("[]"), one.get("value", ""))
                if value:  # Teams leaves out what is empty
                    data[one["id"]] = value
            assert not left, f"no such field: {set(left)}"
        told = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": data}, "trigger": "manual"}
        return self.activity("invoke", place=place, name="adaptiveCard/action", value=told, replyToId=message["id"])

    async def presses(self, label: str, nth: int = 0, message: Raw | None = None, **typed: str) -> Raw:
        """Press a button of their latest card; the card that came back, once everything it led to is shown."""
        pressed = message or self.message
        answer = await self.send(self.press_activity(label, pressed, nth=nth, **typed))
        assert answer.status == 200
        told: Raw = await answer.json()
        assert (told["statusCode"], told["type"]) == (200, CARD), told
        assert problems(told["value"]) == ()
        await shown()
        return told["value"]  # type: ignore[no-any-return]

    @property
    def asked(self) -> Raw:
        """The latest question whether a file may be put into their OneDrive."""
        return next(
            one for one in reversed(self.api.own(self.name)) if one.get("file", {}).get("contentType") == FILES[0]
        )

    @property
    def files(self) -> list[Raw]:
        """The files that they can open."""
        told = [one["file"] for one in self.api.own(self.name) if one.get("file")]
        return [one for one in told if one["contentType"] == FILES[1]]

    def consent_activity(self, action: str, message: Raw, url: str = "", key: str = "", **more: Any) -> Raw:  # noqa: ANN401
        """The invoke that answers such a question, with where Teams wants the bytes."""
        file = message["file"]
        context = {"report": key} if key else file["content"][f"{action}Context"]
        upload = {
            "contentUrl": f"{self.api.url}/personal/{self.name}/{file['name']}",
            "name": file["name"],
            "uploadUrl": url or f"{self.api.url}/drive/{file['name']}",
            "uniqueId": "1150D938-8870-4044-9F2C-5BBDEBA70C9D",
            "fileType": file["name"].rpartition(".")[2],
        }
        told = {"type": "fileUpload", "action": action, "context": context}
        value = {**told, "uploadInfo": upload} if action == "accept" else told
        return self.activity("invoke", name="fileConsent/invoke", value=value, replyToId=message["id"], **more)

    async def consents(self, action: str = "accept", **more: Any) -> ClientResponse:  # noqa: ANN401
        """Answer their latest question; everything it led to is done when this returns."""
        answer = await self.send(self.consent_activity(action, self.asked, **more))
        await shown()
        return answer

    @property
    def labels(self) -> list[str]:
        return [one["title"] for one in elements(self.message["card"], "Action.Execute")]


async def shown() -> None:
    """Wait until the bot has shown what it is showing: it runs in this very loop."""
    showing = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == "_quietly"]
    await asyncio.gather(*showing)
