"""A report in the local chat: from »rapport« to the file behind the link, which is made anew for whoever ordered it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import update

from bot.channels.web import WebChannel, create_app
from bot.clock import RehearsalClock
from bot.ports import Dead, Direct, Room, Sent
from bot.running import Product
from bot.serving import LocalChat
from cards.card import Card, Para, Run
from cards.reports.report import File
from store import rooms
from store import tables as t
from store.database import Database
from tests.test_overview import answers
from tests.town import Town, fjordby, mail

FILE = File("aarsrapport.docx", "application/octet-stream", b"PK" * 700, "Årsrapport", "da")
CARD = Card("report", (Para((Run("Rapporten er klar"),)),), "Rapporten er klar")


@dataclass
class Desk:
    """Fjordby in the local chat, with one browser that can be anybody."""

    town: Town
    channel: WebChannel
    product: Product
    browser: TestClient[web.Request, web.Application]
    events: int = 0

    async def says(self, who: str, text: str) -> None:
        self.events += 1
        asked = {"as": mail(who), "event": f"event-{self.events:04}"}
        answer = await self.browser.post(
            "/say", params=asked, data={"text": text}, headers={"Accept": "application/json"}
        )
        assert answer.status == 200, await answer.text()

    async def presses(self, who: str, press: str, event: str = "", **fields: str) -> ClientResponse:
        self.events += 1
        message = (await self.messages(who))[-1]
        asked = {"as": mail(who), "message": str(message.id), "event": event or f"event-{self.events:04}"}
        headers = {"Accept": "application/json"}
        return await self.browser.post("/press", params=asked, data={"press": press, **fields}, headers=headers)

    async def messages(self, who: str) -> tuple[rooms.Message, ...]:
        sight = await self.channel.database.run(
            lambda connection: rooms.sight(connection, mail(who), "", self.town.now.date())
        )
        assert sight is not None
        return sight.messages

    async def orders(self, who: str, kind: str = "unit", form: str = "docx") -> str:
        """Order a report about the first unit there is; where its link leads."""
        await self.says(who, "rapport")
        token = re.findall(r'name="press" value="(report_now[^"]+)"', (await self.messages(who))[-1].html)[0]
        assert (await self.presses(who, token, kind=kind, year="2027", format=form)).status == 200
        await self.product.settled()
        return html.unescape(re.findall(r'href="(/report\?[^"]+)"', (await self.messages(who))[-1].html)[0])


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    town = fjordby(database)
    answers(town, "mette", "Forsinket", "I gang", "I gang")
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    clock, channel = RehearsalClock(town.now), WebChannel(database)
    product = Product(town.house, database, clock, {channel.name: channel})
    app = create_app(LocalChat(product, clock), channel, clock, title="Fjordby Kommune (eksempel)")
    async with TestClient(TestServer(app, host="127.0.0.1")) as browser:
        yield Desk(town, channel, product, browser)
        await product.close()


one_database = pytest.mark.parametrize("kind", ["sqlite"])


async def test_a_leader_downloads_the_report_behind_the_link(desk: Desk) -> None:
    link = await desk.orders("mette")
    said = (await desk.messages("mette"))[-1].html
    assert "Rapporten er klar: Word" in said
    assert re.search(r'download="[a-z0-9-]+\.docx"', said)
    answer = await desk.browser.get(link)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert await answer.read()


@one_database
async def test_a_page_opens_beside_the_chat_in_a_sandbox(desk: Desk) -> None:
    link = await desk.orders("mette", form="html")
    assert 'target="_blank" rel="noopener"' in (await desk.messages("mette"))[-1].html
    answer = await desk.browser.get(link)
    assert answer.content_type == "text/html"
    assert answer.headers["Content-Disposition"].startswith("inline")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy


@one_database
async def test_the_link_is_worth_nothing_to_anybody_else(desk: Desk) -> None:
    link = await desk.orders("mette")
    for who in ("ali", "karen"):
        answer = await desk.browser.get(link.replace("mette%40", f"{who}%40"))
        assert answer.status == 403
        assert "Den rapport kan jeg ikke lave til dig" in await answer.text()
    assert (await desk.browser.get(link.replace("mette%40", "nobody%40"))).status == 404
    assert (await desk.browser.get(link.replace("%3Aunit%3A", "%3Ajoint%3A"))).status == 403
    assert (await desk.browser.get("/report", params={"as": mail("mette")})).status == 403
    assert (await desk.browser.get(link, headers={"Host": "dialogbot.example"})).status == 421


@one_database
async def test_an_old_link_gives_nothing_once_the_post_is_lost(desk: Desk) -> None:
    link = await desk.orders("mette")
    person = desk.town.id_of(t.person, email=mail("mette"))
    over = update(t.post).where(t.post.c.person_id == person).values(to_day=date(2027, 3, 1))
    desk.town.do(lambda connection: connection.execute(over))
    answer = await desk.browser.get(link)
    assert answer.status == 403
    assert b"PK" not in await answer.read()


@one_database
async def test_a_forged_press_about_another_unit_gives_nothing(desk: Desk) -> None:
    await desk.says("ali", "rapport")
    solsikken = desk.town.id_of(t.unit, code="solsikken")
    await desk.presses("ali", f"report_now.0...0.{solsikken}", kind="unit", year="2027", format="docx")
    await desk.product.settled()
    said = (await desk.messages("ali"))[-1].html
    assert "Den rapport kan jeg ikke lave til dig" in said
    assert "/report?" not in said


@one_database
async def test_a_press_that_is_sent_twice_makes_one_message_with_a_link(desk: Desk) -> None:
    await desk.says("mette", "rapport")
    token = re.findall(r'name="press" value="(report_now[^"]+)"', (await desk.messages("mette"))[-1].html)[0]
    for _ in range(2):
        await desk.presses("mette", token, "the-same-event", kind="unit", year="2027", format="docx")
    await desk.product.settled()
    assert sum("/report?" in one.html for one in await desk.messages("mette")) == 1


async def nothing(_: str) -> None:
    """Keep nothing: a room knows its message by the key."""


@one_database
async def test_a_file_handed_over_again_is_the_same_message(desk: Desk) -> None:
    where, now = Direct(mail("mette")), desk.town.now
    posted = await desk.channel.post(where, CARD, "report:k", now)
    assert isinstance(posted, Sent)
    for stands in (posted.message_ref, None):
        outcome = await desk.channel.hand_over(where, FILE, CARD, "report:k", now, stands=stands, keep=nothing)
        assert outcome == posted
    (message,) = await desk.messages("mette")
    assert "/report?" in message.html
    assert "1 kB" in message.html.replace("\u00a0", " ")


@one_database
async def test_a_file_is_never_handed_over_in_a_channel(desk: Desk) -> None:
    where = Room("boern-og-skole-ledelse")
    outcome = await desk.channel.hand_over(where, FILE, CARD, "k", desk.town.now, keep=nothing)
    assert outcome == Dead("not-allowed")
    gone = await desk.channel.hand_over(Direct("x@y.example"), FILE, CARD, "k", desk.town.now, keep=nothing)
    assert gone == Dead("unknown-address")
