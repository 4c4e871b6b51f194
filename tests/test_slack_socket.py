"""Socket Mode: the same conversation through a connection that we open, for a municipality that lets nothing in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.slack import PATH, mount
from bot.channels.slack_settings import SlackSettings
from bot.ports import Channel
from bot.running import Product
from store import tables as t
from store.database import Database, open_database
from tests.slackapi import APP_TOKEN, TEAM, TOKEN, Raw, SlackApi, SlackUser
from tests.town import Town, fjordby

PATIENCE = 10  # seconds


class Linked:
    """Fjordby in Slack, with the bot listening in Socket Mode."""

    def __init__(
        self, town: Town, api: SlackApi, product: Product, bot: TestClient[web.Request, web.Application]
    ) -> None:
        self.town, self.api, self.product, self.bot = town, api, product, bot
        self.mette = SlackUser(api, bot, "Mette")

    async def says(self, words: str, event: str = "", *, retry: int = 0) -> str:
        mette = self.mette
        said = {
            "type": "message",
            "channel_type": "im",
            "user": mette.id,
            "channel": mette.place,
            "text": words,
            "ts": "17.1",
        }
        body = {"type": "event_callback", "team_id": TEAM, "event": said, "event_id": event or f"Ev{words}"}
        return await self.api.tells("events_api", body, retry=retry)

    async def presses(self, label: str) -> str:
        mette = self.mette
        body: Raw = mette.press_body(mette.action(label), mette.message, mette.place, {})
        return await self.api.tells("interactive", body)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - what is waited for happens in many places
                await asyncio.sleep(0.01)

    async def acknowledged(self, envelope: str) -> None:
        await self.until(lambda: envelope in self.api.acknowledged)


@asynccontextmanager
async def listening(town: Town, api: SlackApi) -> AsyncIterator[Linked]:
    async with api.server() as server:
        api.link = str(server.make_url("/link")).replace("http", "ws", 1)
        channels: dict[str, Channel] = {}
        product = Product(town.house, town.database, lambda: town.now, channels)
        app = web.Application()
        settings = SlackSettings(TOKEN, app_token=APP_TOKEN, api_url=str(server.make_url("/api/")))
        channels["slack"] = mount(app, product, settings, checked=True)
        async with TestClient(TestServer(app, host="127.0.0.1")) as bot:
            yield Linked(town, api, product, bot)


@pytest.fixture
async def linked(database: Database) -> AsyncIterator[Linked]:
    town = fjordby(database)
    town.plan()
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    api = SlackApi()
    api.add_user("Mette")
    async with listening(town, api) as found:
        yield found


async def test_a_leader_answers_through_the_connection(linked: Linked) -> None:
    await linked.acknowledged(await linked.says("start"))
    await linked.acknowledged(await linked.presses("Start"))
    await linked.acknowledged(await linked.presses("I gang"))
    assert linked.town.count(t.answer) == 1
    assert "2 af 3" in linked.mette.sees


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_command_is_answered_in_ones_own_chat(linked: Linked) -> None:
    asked = {"command": "/dialogstatus", "text": "", "user_id": linked.mette.id, "team_id": TEAM, "trigger_id": "t1"}
    await linked.acknowledged(await linked.api.tells("slash_commands", asked))
    assert "Dine dialoger" in linked.mette.sees


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_nothing_is_served_to_slack_over_http(linked: Linked) -> None:
    assert (await linked.bot.post(PATH, data=b"{}")).status == 404


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_what_could_not_be_kept_is_not_acknowledged_and_its_retry_is(linked: Linked, tmp_path: Path) -> None:
    await linked.acknowledged(await linked.says("start"))
    up = linked.product.database
    gone = tmp_path / "gone"
    gone.mkdir()
    linked.product.database = open_database(f"sqlite:///{gone}/none.sqlite")
    gone.rmdir()
    lost = await linked.says("hjælp")
    await linked.until(lambda: bool(linked.api.whispers))
    linked.product.database.close()
    linked.product.database = up
    again = await linked.says("hjælp", retry=1)
    await linked.acknowledged(again)
    assert lost not in linked.api.acknowledged
    assert "Det kan jeg hjælpe med" in linked.mette.sees


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_a_connection_that_slack_ends_is_made_again(linked: Linked) -> None:
    await linked.acknowledged(await linked.says("start"))
    linked.api.linked.clear()
    await linked.api.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
    await linked.acknowledged(await linked.says("status"))
    assert len(linked.api.sockets) == 2
    assert "Dine dialoger" in linked.mette.sees
