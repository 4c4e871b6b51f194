"""The whole demo in a real browser: a leader answers, sees the post, sends it; her nearest leader finds it and replies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.acceptance.browser import LOOKS, Look, browser, picture, violations, window
from tests.acceptance.serving import Server, running
from tests.acceptance.walk import Walk

pytestmark = pytest.mark.acceptance

# Four leaders who have not begun, one for each look.
LEADERS = {
    "1280-light": "henrik.juul",
    "1280-dark": "anita.krogh",
    "390-light": "susanne.riis",
    "390-dark": "michael.toft",
}
CHANNEL = "boern-og-skole-ledelse"
PICTURES = "DIALOGBOT_PICTURES"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo on its first day, filled as a newcomer's machine fills it."""
    with running(["demo", "--no-browser", "--port", "0"], tmp_path_factory.mktemp("demo")) as server:
        yield server


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the folder asked for, or one that is thrown away."""
    folder = Path(os.environ.get(PICTURES, tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def answer_to_the_end(walk: Walk) -> None:
    """Mette's seven indsatser: one delayed, the others healthy."""
    await walk.press("Forsinket")
    await walk.fill("Hvori består udfordringen", "To skoler har ikke svaret. Vi mangler en aftale på chefniveau.")
    await walk.fill("Andre, fx eksterne", "Byskolen")
    await walk.press("Næste")
    await walk.fill("Hvad skal der ske nu?", "Jens tager det op med skolechefen.")
    await walk.press("Næste")
    for name in ("I gang", "I gang", "Gennemført", "I gang", "I gang", "Ikke startet"):
        await walk.press(name)
    await walk.fill("Er der andet", "Normeringen efter sommerferien")
    await walk.press("Næste")


async def test_a_dialogue_from_the_greeting_to_the_reply(server: Server, pictures: Path) -> None:
    async with browser() as opened:
        async with window(opened, server.url, Look(390, 844, "light")) as page:
            mette = await Walk(page, server.url).become("mette")
            await mette.sees("Jeg spørger til jeres 7 indsatser.")
            await mette.press("Start")
            await mette.sees("1 af 7")
            await answer_to_the_end(mette)
            await mette.sees("Dine svar")
            await mette.press("Se opsummeringen")
            await mette.sees(f"Sådan kommer opsummeringen til at se ud i #{CHANNEL}.")
            await picture(page, pictures, "preview-390-light")
            await mette.press("Send til Jens")
            await mette.sees("Tak, Mette")
        async with window(opened, server.url) as page:
            jens = await Walk(page, server.url).become("jens", room=CHANNEL)
            await jens.sees("Forårsdialog 2027 · Børnehuset Solsikken")
            await jens.sees("»To skoler har ikke svaret. Vi mangler en aftale på chefniveau.«")
            await jens.card.get_by_role("button", name="Svar", exact=True).click()
            await page.get_by_label("Hvad vil du svare").fill("Jeg ringer til skolechefen på torsdag.")
            await jens.press("Send")
            await jens.sees("Mette Søndergaard får dit svar")
        async with window(opened, server.url) as page:
            mette = await Walk(page, server.url).become("mette")
            await mette.sees("»Jeg ringer til skolechefen på torsdag.«")


async def test_a_restart_in_the_middle_loses_nothing(server: Server) -> None:
    async with browser() as opened:
        async with window(opened, server.url) as page:
            ali = await Walk(page, server.url).become("ali")
            await ali.press("Start")
            await ali.press("I gang")
            await ali.sees("2 af")
        server.kill()
        server.start()
        async with window(opened, server.url) as page:
            ali = await Walk(page, server.url).become("ali")
            await ali.sees("2 af")


async def test_nobody_sees_a_channel_they_are_not_in(server: Server) -> None:
    async with browser() as opened, window(opened, server.url) as page:
        refused = await page.goto(f"{server.url}?as=mette@fjordby.example&room=channel-{CHANNEL}")
        assert refused is not None
        assert refused.status == 404


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_kind_of_card_is_accessible_and_fits(server: Server, pictures: Path, look: Look) -> None:
    """Greeting, status, challenge with a fault, review, channel: axe-core finds nothing, and nothing is wider than the window."""
    async with browser() as opened, window(opened, server.url, look) as page:
        await looks_right(page, pictures, f"start-{look.name}")
        walk = await Walk(page, server.url).become("karen")
        await looks_right(page, pictures, f"director-{look.name}")
        await walk.become(LEADERS[look.name])
        await looks_right(page, pictures, f"greeting-{look.name}")
        await walk.press("Start")
        await looks_right(page, pictures, f"status-{look.name}")
        await walk.press("Stoppet")
        await walk.press("Næste")
        await walk.sees("Skriv et svar")
        await looks_right(page, pictures, f"challenge-{look.name}")
        await walk.press("Fortsæt senere")
        await looks_right(page, pictures, f"paused-{look.name}")
        await walk.become("jens", room=CHANNEL)
        await looks_right(page, pictures, f"channel-{look.name}")


async def looks_right(page: Page, pictures: Path, name: str) -> None:
    """Take a picture, let axe-core look, and measure the width."""
    await picture(page, pictures, name)
    assert await violations(page) == []
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} pixels too wide"
