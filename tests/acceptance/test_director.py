"""A director's `status` on its way down to one initiative, and a report: in the browser, in local Slack and in local Teams.

Fjordby with its earlier rounds answered, on 10 March 2027, by what is really posted and handed over. Every card is drawn as on a phone and as on a desk, and pictures are kept
for whoever wants to look at them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import docx
import pytest
from playwright.async_api import Page

from bot import rehearsal
from bot.channels.web import WebChannel
from bot.courier import Courier
from bot.gathering import House
from store import tables as t
from store.database import open_database
from store.migrations import migrate
from store.workbook.importing import import_workbook
from tests.acceptance.browser import LOOKS, Look, browser, picture, violations, window
from tests.acceptance.serving import Server, running
from tests.acceptance.slack_peer import Person
from tests.acceptance.slack_pictures import DESK, PHONE, draw, drawing
from tests.acceptance.slack_town import SlackTown, slack_town
from tests.acceptance.slack_town import until as slack_until
from tests.acceptance.teams_peer import until
from tests.acceptance.teams_pictures import PAGE
from tests.acceptance.test_teams import SPRING, teams_town
from tests.acceptance.walk import Walk
from tests.slackapi import Raw
from tests.town import Town, library

pytestmark = pytest.mark.acceptance

PICTURES: Final = "DIALOGBOT_PICTURES"
ALL: Final = ("Børn og Skole", "4 af 20 enheder har svaret", "▲ 18 forsinket", "Værd at se på først")
UNIT: Final = ("Børnehuset Solsikken", "Efterårsdialog 2026: sendt 23. september 2026")
HISTORY: Final = ("Overleveringsmøder med alle modtagende skoler", "»Tre af fem skoler er med.")
NOT_THEIRS: Final = "Byskolen"
REPORT: Final = "aarsrapport-boernehuset-solsikken-2026.docx"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fjordby's database with its history, its spring round open, and nothing waiting to be sent."""
    path = tmp_path_factory.mktemp("played") / "fjordby.sqlite"
    with open_database(f"sqlite:///{path}") as database:
        migrate(database)
        town = Town(database, House(library(), rehearsal.TITLE))
        assert town.do(lambda to: import_workbook(to, rehearsal.WORKBOOK, library().models, town.now)).stored
        courier = Courier(town.house, database, {WebChannel.name: WebChannel(database)})
        asyncio.run(rehearsal.play(town.house, rehearsal.read_story(), database, courier))
        town.do(lambda to: to.execute(t.delivery.update().values(state="skipped")))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures are put."""
    folder = Path(os.environ.get(PICTURES, tmp_path)) / "director"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def holds(seen: str, words: tuple[str, ...]) -> None:
    """Everything that is to be seen is."""
    assert [one for one in words if one not in seen] == []


# --- in Slack -----------------------------------------------------------------------------------------------------------------------------


async def test_a_director_goes_down_to_one_initiative_in_slack(played: Path, tmp_path: Path, folder: Path) -> None:
    shown: dict[str, Raw] = {}
    async with slack_town(played, tmp_path) as slack:
        karen, mette = await slack.person("Karen"), await slack.person("Mette")
        for one in (karen, mette):
            await one.opens("messages")

        def keep(name: str) -> None:
            blocks = [{"blocks": karen.message["blocks"], "time": "09.00", "replies": ()}]
            shown[name] = {"place": "Dialogbot", "posts": blocks}

        await karen.says("status")
        holds(karen.sees, ALL)
        keep("slack-status")
        await karen.presses("Åbn", 1)
        holds(karen.sees, UNIT)
        keep("slack-unit")
        await karen.presses("Åbn", 1)
        holds(karen.sees, HISTORY)
        keep("slack-history")
        await karen.says("søg aftale på chefniveau")
        keep("slack-search")
        assert (await karen.commands("/dialog", f"status {NOT_THEIRS}")).status == 200
        await mette.says(f"status {NOT_THEIRS}")
        assert "Efterårsdialog 2026" not in mette.sees

        await karen.says(f"rapport {UNIT[0]} 2026")
        keep("slack-report")
        await karen.presses("Lav rapporten", kind="unit")
        await slack_until(lambda: files_of(slack, karen), "the report is in Karen's own conversation")
        (file,) = files_of(slack, karen)
        assert file["name"] == REPORT
        assert not any(files_of(slack, one) for one in (mette,))
        assert not [line for line in slack.server.told if "Traceback" in line]
    with drawing() as address:
        async with browser() as opened:
            for look in (PHONE, DESK):
                async with window(opened, address, look) as page:
                    for name, card in shown.items():
                        await draw(page, folder / f"{name}-{look.width}.png", card)
                        await fits(page, name)


def files_of(slack: SlackTown, person: Person) -> list[Raw]:
    """What was shared in somebody's own conversation."""
    shared = slack.peer.called("files.completeUploadExternal")
    assert {one["channel_id"] for one in shared} <= set(slack.peer.directs.values()), "never in a channel"
    tickets = slack.peer.called("files.getUploadURLExternal")
    return [
        {"name": one["filename"]} for one, to in zip(tickets, shared, strict=False) if to["channel_id"] == person.place
    ]


async def fits(page: Page, name: str) -> None:
    """Nothing is wider than the window."""
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} pixels too wide"


# --- in Teams -----------------------------------------------------------------------------------------------------------------------------


async def test_a_director_goes_down_to_one_initiative_in_teams(played: Path, tmp_path: Path, folder: Path) -> None:
    shown: dict[str, Raw] = {}
    async with teams_town(played, tmp_path, SPRING) as teams:
        karen = await teams.peer.met("Karen")
        await karen.installs()
        await teams.peer.joins()

        async def after(*words: str) -> None:
            await until(lambda: all(one in karen.sees for one in words), f"Karen sees {words}: {karen.sees}")

        await karen.says("status")
        await after(*ALL)
        shown["teams-status"] = karen.message["card"]
        await karen.presses("Åbn", 1)
        await after(*UNIT)
        shown["teams-unit"] = karen.message["card"]
        await karen.presses("Åbn", 1)
        await after(*HISTORY)
        shown["teams-history"] = karen.message["card"]
        mette = teams.peer.person("Mette")
        await mette.says(f"status {NOT_THEIRS}")
        await until(lambda: NOT_THEIRS in mette.sees or "enhed" in mette.sees, "Mette has an answer")
        assert "Efterårsdialog 2026" not in mette.sees

        await karen.says(f"rapport {UNIT[0]} 2026")
        await after("Rapport om Børnehuset Solsikken")
        shown["teams-report"] = karen.message["card"]
        await karen.presses("Lav rapporten", kind="unit")
        await until(lambda: any("file" in one for one in teams.peer.own("Karen")), "Karen is asked where to put it")
        assert karen.asked["file"]["name"] == REPORT
        assert not [line for line in teams.server.told if "Traceback" in line]
    async with browser() as opened:
        for look in LOOKS[1:3]:
            async with window(opened, PAGE.as_uri(), look) as page:
                for name, card in shown.items():
                    assert (
                        await page.evaluate("([one, dark]) => draw([one], dark)", [card, look.scheme == "dark"]) == []
                    )
                    await fits(page, name)
                    await page.screenshot(path=folder / f"{name}-{look.name}.png", full_page=True)


# --- in the browser -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo on its first day."""
    with running(["demo", "--no-browser", "--port", "0"], tmp_path_factory.mktemp("director")) as server:
        yield server


@pytest.mark.parametrize("look", LOOKS[1:3], ids=lambda look: look.name)
async def test_a_director_goes_down_to_one_initiative_in_the_browser(server: Server, folder: Path, look: Look) -> None:
    async with browser() as opened, window(opened, server.url, look) as page:
        karen = await Walk(page, server.url).become("karen")

        async def arrived(name: str, words: tuple[str, ...]) -> None:
            for one in words:
                await karen.sees(one)
            await picture(page, folder, f"web-{name}-{look.name}")
            assert await violations(page) == []
            await fits(page, name)

        await karen.say("status")
        await arrived("status", ALL)
        await karen.press("Åbn", 1)
        await arrived("unit", UNIT)
        await karen.press("Åbn", 1)
        await arrived("history", HISTORY)
        await karen.say("søg aftale på chefniveau")
        await arrived("search", ("Overleveringsmøder",))
        await karen.say(f"rapport {UNIT[0]} 2026")
        await arrived("report", ("Rapport om Børnehuset Solsikken",))
        await karen.card.get_by_label("Årsrapport", exact=False).first.check()
        await karen.press("Lav rapporten")
        await karen.sees("Rapporten er klar: Word")
        await arrived("ready", ("Rapporten er klar",))
        async with page.expect_download() as download:
            await karen.card.get_by_role("link").click()
        file = await download.value
        assert file.suggested_filename == REPORT
        await file.save_as(folder / REPORT)
        written = "\n".join(one.text for one in docx.Document(str(folder / REPORT)).paragraphs)
        holds(written, ("Årsrapport 2026", UNIT[0]))
