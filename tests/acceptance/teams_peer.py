"""A local Teams for the acceptance runs: Microsoft's Agents Playground, its page in a browser, and people who reach the bot by HTTP.

Promises: every call of the bot's to Teams goes to the emulator and is recorded, and a card that Teams would refuse fails the test;
what is on the page is what Microsoft's own renderer made of it. Neither the emulator nor its page reaches anything beyond this machine:
it reports to Microsoft even when asked not to, so whatever it tries to open outside is cut, and it listens on loopback alone.

What the emulator cannot do: take a message away, notice a manifest, refuse a card, or be more than one person in the browser.
Jens and the others are therefore people over HTTP, in the same conversations.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientConnectionError, ClientResponse, ClientSession, web
from playwright.async_api import Browser, Locator, Page, Route, expect

from cards.teams_limits import problems
from tests.acceptance.browser import Look
from tests.acceptance.slack_peer import PEERS, node
from tests.teamsapi import BOT, CARD, FILES, TENANT, Raw, TeamsApi, TeamsUser, aad, elements, home

CLI: Final = PEERS / "node_modules/@microsoft/m365agentsplayground/cli.js"
TEAM: Final = "19:boern@thread.tacv2"
CHANNEL: Final = "19:boern-ledelse@thread.tacv2"
ROOM: Final = "Børn og Skole ledelse"  # as the workbook calls it
PATIENCE: Final = 30  # seconds
PEOPLE: Final = {
    "Mette": ("Mette", "Søndergaard"),
    "Jens": ("Jens", "Østergaard"),
    "Karen": ("Karen", "Aagaard"),
    "Sofie": ("Sofie", "Bæk"),
    "Ali": ("Ali", "Demir"),
    "Fremmed": ("Per", "Fremmed"),
}  # the emulator wants exactly six; the last is nobody the workbook knows
AT_HOME: Final = """
import net from "node:net";
const near = host => !host || /^(localhost|127\\.|::1$|::ffff:127\\.)/.test(host);
const { listen } = net.Server.prototype, { connect } = net.Socket.prototype;
net.Server.prototype.listen = function (port, ...more) {
  if (port !== null && typeof port === "object") return listen.call(this, { ...port, host: "127.0.0.1" }, ...more);
  return listen.call(this, port, "127.0.0.1", ...more.filter(one => typeof one !== "string"));
};
net.Socket.prototype.connect = function (...asked) {
  const given = Array.isArray(asked[0]) ? asked[0][0] : asked[0];
  const host = given !== null && typeof given === "object" ? given.host : asked[1];
  if (near(host)) return connect.apply(this, asked);
  process.nextTick(() => this.destroy(new Error("only this machine")));
  return this;
};
"""


@dataclass
class TeamsPeer(TeamsApi):
    """The tenant that the emulator plays: what the bot was heard to do there, and how its people reach the bot."""

    page: str = ""  # the emulator's address
    endpoint: str = ""  # the bot's
    session: ClientSession = field(default_factory=ClientSession)
    homes: dict[str, str] = field(default_factory=lambda: {"29:mette": home("mette")})

    def own(self, name: str) -> list[Raw]:
        """The messages of somebody's own conversation, oldest first; none before there is one."""
        return self.messages[self.homes.get(f"29:{name.lower()}", "")]

    @property
    def post(self) -> tuple[str, Raw, list[Raw]]:
        """The one post in the channel: its conversation, itself, and what stands below it."""
        ((place, (first, *below)),) = self.posts()
        return place, first, below

    def person(self, name: str) -> Person:
        """Somebody who reaches the bot by HTTP."""
        return Person(self, self.session, name)

    async def met(self, name: str) -> Person:
        """Somebody who has a conversation of their own with the bot."""
        url = f"{self.page}/_connector/v3/conversations"
        asked = {"isGroup": False, "members": [{"id": f"29:{name.lower()}"}], "bot": {"id": BOT}}
        async with self.session.post(url, json=asked) as answer:
            self.homes[f"29:{name.lower()}"] = (await answer.json())["id"]
        return self.person(name)

    # --- the emulator's own door --------------------------------------------------------------------------------------------------

    async def template(self, conversation: str, kind: str) -> Raw:
        """An activity as the emulator would write it: install, botAdded, …"""
        url = f"{self.page}/_internal/v1/customActivities/template"
        async with self.session.get(url, params={"conversationId": conversation, "type": kind}) as answer:
            told: Raw = await answer.json()
        return told

    async def raw(self, activity: Raw) -> None:
        """Let the emulator bring the bot any activity."""
        async with self.session.post(f"{self.page}/_internal/v1/customActivities", json=activity) as answer:
            assert answer.status == 200, await answer.text()

    async def joins(self) -> None:
        """Mette gets the app, without a page, and the team gets it too."""
        await self.raw(await self.template(home("mette"), "install"))
        await until(lambda: self.own("Mette"), "Mette is greeted")
        await self.joins_team()

    async def joins_team(self) -> None:
        """The app is added to the team."""
        await self.raw(await self.template(CHANNEL, "botAdded"))

    # --- what the bot calls -------------------------------------------------------------------------------------------------------

    async def take(self, request: web.Request) -> web.Response:
        """Pass one call of the bot's on, and note what it did."""
        raw = await request.read()
        told: Raw = json.loads(raw) if raw else {}
        there = self.page + "/_connector" + request.raw_path.removeprefix("/smba")
        headers = {"Content-Type": "application/json"}
        try:
            async with self.session.request(request.method, there, data=raw or None, headers=headers) as answer:
                body = await answer.read()
        except ClientConnectionError:  # it has ended
            return web.Response(status=503)
        if answer.ok and raw:
            self._note(request.method, request.match_info, told, json.loads(body or b"{}"))
        return web.Response(body=body, status=answer.status, content_type="application/json")

    def _note(self, method: str, path: Any, told: Raw, said: Raw) -> None:  # noqa: ANN401 - aiohttp's own
        place, message_id = path.get("place", ""), path.get("id", "")
        self.calls.append((f"{method} {place}", told))
        if not place and told.get("members"):
            self.homes[told["members"][0]["id"]] = said["id"]
        elif not place:
            self.messages[said["id"]].append({**_kept(told["activity"]), "id": said["activityId"]})
        elif method == "PUT":
            message = next(one for one in self.messages[place] if one["id"] == message_id)
            message |= _kept(told)
        else:
            self.messages[place].append({**_kept(told), "id": said["id"]})


def _kept(activity: Raw) -> Raw:
    shown = [one["content"] for one in activity.get("attachments") or () if one["contentType"] == CARD]
    for card in shown:
        assert problems(card) == ()
    files = [one for one in activity.get("attachments") or () if one["contentType"] in FILES]
    told = {"text": activity.get("text", ""), "card": shown[0] if shown else {}, "summary": activity.get("summary", "")}
    return {**told, "file": files[0]} if files else told


# --- people by HTTP -----------------------------------------------------------------------------------------------------------------------


@dataclass
class Person(TeamsUser):
    """Somebody in the tenant whom the emulator has no window for; what they do is brought to the bot as Teams brings it."""

    api: TeamsPeer
    bot: Any

    def activity(self, kind: str, *, place: str = "", **more: Any) -> Raw:  # noqa: ANN401 - any part of an activity
        """An activity of theirs."""
        told = super().activity(kind, place=place, **more)
        if not place:
            told["conversation"]["id"] = self.api.homes.get(self.id, home(self.name))
        return told

    async def send(self, activity: object, **headers: object) -> ClientResponse:
        """Bring an activity, without a token: this is a rehearsal."""
        given = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        answer: ClientResponse = await self.bot.post(self.api.endpoint, json=activity, headers=given)
        return answer


# --- Mette in the browser -----------------------------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """Mette's Teams: she reads, presses and types what is on the page."""

    page: Page
    drawn: int = 0

    @property
    def card(self) -> Locator:
        """The newest card that can be used; what is only read may stand below it."""
        cards = self.page.locator(".ac-adaptiveCard")
        return cards.filter(has=self.page.get_by_role("button")).last

    async def sees(self, words: str) -> None:
        """Wait until a card says something."""
        told = self.page.locator(".ac-adaptiveCard").filter(has_text=words)
        await expect(told.last).to_be_visible(timeout=PATIENCE * 1000)

    async def press(self, name: str) -> None:
        """Press a button of the newest card, and wait until the message itself is changed and drawn."""
        before = self.drawn
        await self.card.get_by_role("button", name=name).first.click()
        await self.changed(before)

    async def press_beside(self, words: str) -> None:
        """Press the button on the line that says something."""
        before = self.drawn
        await self.card.locator(f"button[title*='{words}']").last.click()
        await self.changed(before)

    async def fill(self, label: str, words: str) -> None:
        """Fill in a field."""
        await self.card.get_by_label(label).first.fill(words)

    async def pick(self, label: str, name: str) -> None:
        """Pick one of several in a list that opens."""
        await self.card.get_by_label(label).first.click()
        await (
            self.page.get_by_role("menuitemcheckbox", name=name).or_(self.page.get_by_role("option", name=name)).click()
        )
        await self.page.keyboard.press("Escape")

    async def say(self, words: str) -> None:
        """Type to the bot."""
        before = self.drawn
        await self.page.locator("[role=textbox][contenteditable=true]").first.click()
        await self.page.keyboard.type(words)
        await self.page.get_by_role("button", name="Send Message").first.click()
        await self.changed(before)

    async def go(self, name: str) -> None:
        """Open a conversation of the list."""
        await self.page.get_by_role("treeitem", name=name).click()

    async def changed(self, before: int) -> None:
        """Wait until the page has been told of a message, and has drawn it."""
        await until(lambda: self.drawn > before, "the page is told")
        await self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def heard(self, frame: str | bytes) -> None:
        """Count what the page is told of messages."""
        told = json.loads(frame)
        self.drawn += told.get("action") in {"createMessage", "updateMessage"}


@asynccontextmanager
async def desk(opened: Browser, peer: TeamsPeer, look: Look) -> AsyncIterator[Desk]:
    """The emulator's page in a window; when it opens, Mette gets the app."""
    context = await opened.new_context(
        viewport={"width": look.width, "height": look.height}, locale="da-DK", reduced_motion="reduce"
    )
    await context.route("**/*", _at_home)
    try:
        page = await context.new_page()
        seat = Desk(page)
        page.on("websocket", lambda line: line.on("framereceived", seat.heard))
        await page.goto(peer.page, wait_until="domcontentloaded")
        yield seat
    finally:
        await context.close()


async def _at_home(route: Route) -> None:
    """Let the page fetch what is on this machine, and nothing else."""
    if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
        await route.continue_()
    else:
        await route.abort()


# --- started ------------------------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def teams_peer(endpoint: str, folder: Path, port: int) -> AsyncIterator[TeamsPeer]:
    """The emulator in front of a bot, with the people it plays."""
    configuration = folder / "tenant.json"
    configuration.write_text(json.dumps(_tenant()), encoding="utf-8")
    async with ClientSession() as session:
        peer = TeamsPeer(page=f"http://127.0.0.1:{port}", endpoint=endpoint, session=session)
        peer.add_team("boern", "ledelse")
        async with _recorded(peer):
            where = ("-e", endpoint, "-c", "msteams", "-p", str(port), "--service-url", peer.service_url)
            process = await asyncio.create_subprocess_exec(
                *(node(), "--import", f"data:text/javascript,{AT_HOME}", str(CLI), "start", *where),
                "--disable-telemetry",
                cwd=folder,
                env={
                    **os.environ,
                    "TEAMSAPPTESTER_BROWSER": "none",
                    "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(configuration),
                    "M365_AGENTS_PLAYGROUND_LOGFILE": str(folder / "playground.log"),
                },
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                await _answers(session, f"{peer.page}/_debug/ping")
                yield peer
            finally:
                os.killpg(process.pid, signal.SIGKILL)  # the wrapper and the Node that it started
                await process.wait()


async def _answers(session: ClientSession, url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            async with session.get(url) as answer:
                if answer.ok:
                    return
        except ClientConnectionError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError("the playground did not start")


def _tenant() -> Raw:
    me, *others = (_person(*names, key) for key, names in PEOPLE.items())
    channel = {"id": CHANNEL, "name": ROOM}
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": BOT, "name": "Dialogbot"},
        "currentUser": me,
        "users": others,
        "personalChat": {"id": home("mette")},
        "groupChat": {"id": "19:gruppe@thread.v2", "name": "Ledergruppen"},
        "team": {"id": TEAM, "name": "Børn og Skole", "aadGroupId": aad("team"), "channels": [channel]},
    }


def _person(given: str, surname: str, key: str) -> Raw:
    email = f"{key.lower()}@fjordby.example"
    return {
        "id": f"29:{key.lower()}",
        "name": f"{given} {surname}",
        "userPrincipleName": email,  # as the emulator spells it
        "aadObjectId": aad(key),
        "givenName": given,
        "surname": surname,
        "email": email,
    }


@asynccontextmanager
async def _recorded(peer: TeamsPeer) -> AsyncIterator[None]:
    """A door in front of the emulator's connector."""
    app = web.Application()
    app.router.add_route("*", "/smba/v3/conversations", peer.take)
    app.router.add_route("*", "/smba/v3/conversations/{place}/activities", peer.take)
    app.router.add_route("*", "/smba/v3/conversations/{place}/activities/{id}", peer.take)
    app.router.add_route("*", "/smba/{rest:.*}", peer.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], object], said: str) -> None:
    """Wait for what is done without anybody waiting for it."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.02)


def buttons(message: Raw) -> list[str]:
    """The titles of the buttons on a message."""
    return [one["title"] for one in elements(message["card"], "Action.Execute")]
