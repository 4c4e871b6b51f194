"""The demo's other seasons in a real browser: travel to autumn and answer about goals, a year's report with its economy, the årshjul."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.browser import LOOKS, Look, browser, picture, violations, window
from tests.acceptance.serving import Server, running
from tests.acceptance.walk import PATIENCE, Walk

pytestmark = pytest.mark.acceptance

PHONE = Look(390, 844, "light")
AUTUMN, YEAR = "fredag den 3. september 2027", "fredag den 15. oktober 2027"
A_JOURNEY = 120_000  # milliseconds: all that is due on the way is sent
PICTURES = "DIALOGBOT_PICTURES"
# Leaders with institutionsaftaler who have not begun, one for each look.
LEADERS = {
    "1280-light": "katrine.beck",
    "1280-dark": "dennis.moeller",
    "390-light": "jan.poulsen",
    "390-dark": "helle.oesterby",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo on its first day."""
    with running(["demo", "--no-browser", "--port", "0"], tmp_path_factory.mktemp("seasons")) as server:
        yield server


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the folder asked for, or one that is thrown away."""
    folder = Path(os.environ.get(PICTURES, tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def travel(page: Page, day: str) -> None:
    """Turn the calendar's pages to a day's month, and press the day."""
    if await page.get_by_role("button", name="Person og dag").is_visible():
        await page.get_by_role("button", name="Person og dag").click()
    month = " ".join(day.split()[-2:])
    while (shown := await page.locator(".month h3").text_content() or "") != month:
        await page.get_by_label("Næste måned").click()
        await expect(page.locator(".month h3")).not_to_have_text(shown)
    # Pressed by the page itself: the calendar turns its pages on the way, and a pointer would look for the day on them again.
    async with page.expect_navigation(timeout=A_JOURNEY):
        await page.get_by_role("button", name=day, exact=True).evaluate("button => button.click()")
    await expect(page.locator(".today")).to_have_text(day, ignore_case=True)
    if await page.get_by_role("button", name="Samtale", exact=True).is_visible():
        await page.get_by_role("button", name="Samtale", exact=True).click()


async def answer(walk: Walk, *, until: str) -> None:
    """Answer whatever is asked, until the card says something: one initiative delayed, no new data for the first goal."""
    delayed = waiting = False
    for _ in range(80):
        asked = await walk.card.inner_text()
        if until in asked:
            return
        if "Hvordan går det?" in asked:
            await walk.press("I gang" if delayed else "Forsinket")
            delayed = True
        elif "Hvori består udfordringen" in asked:
            await walk.fill("Hvori består udfordringen", "To medarbejdere er rejst, og opgaven har ligget stille.")
            if "Hvad skal tilpasses?" in asked:
                await walk.fill("Hvad skal tilpasses?", "Vi deler opgaven mellem to.")
            await walk.press("Næste")
        elif "Det aftaler vi på mødet" in asked:
            await walk.press("Det aftaler vi på mødet")
        elif "Hvad viser dokumentationen nu?" in asked and not waiting:
            waiting = True
            await walk.press("Der er ingen nye data")
        elif "Hvad viser dokumentationen nu?" in asked:
            await walk.fill("Hvad viser dokumentationen nu?", "12,5")
            await walk.fill("Hvornår er det målt?", "2027-08-31")
            await walk.fill("Hvor kommer tallet fra?", "Egen optælling")
            await walk.press("Næste")
        elif "Hvorfor er der ingen nye data?" in asked:
            await walk.fill("Hvorfor er der ingen nye data?", "Undersøgelsen sendes først ud i november.")
            await walk.fill("Hvornår bliver der målt næste gang?", "2027-12-01")
            await walk.press("Næste")
        else:
            await other(walk, asked)
    raise AssertionError(f"»{until}« never came: {await walk.card.inner_text()}")


async def other(walk: Walk, asked: str) -> None:
    """The questions of which one answer is as good as another: judgement, cause, consequence, the plan, the end."""
    if "Er målet nået?" in asked and "vigtigste grund" not in asked and "konsekvensen" not in asked:
        await walk.press("Delvist nået")
    elif "Hvad er den vigtigste grund?" in asked:
        await walk.card.get_by_label("Det er for tidligt").check()
        await walk.press("Næste")
    elif "Hvad bliver konsekvensen?" in asked:
        await walk.card.get_by_label("Justér indsatsen").check()
        await walk.fill("Hvad skal der ske nu?", "Vi begynder med de yngste.")
        await walk.press("Næste")
    elif "reviderede handlingsplan" in asked:
        await walk.press("Aftalen passer")
    else:
        await walk.press("Spring over")


async def test_an_autumn_dialogue_on_a_phone_from_the_calendar_to_the_post(server: Server, pictures: Path) -> None:
    async with browser() as opened:
        async with window(opened, server.url, PHONE) as page:
            kim = await Walk(page, server.url).become("kim.andreasen")
            await travel(page, AUTUMN)
            await kim.sees("Efterårsdialog 2027 for Bofællesskabet Åvænget")
            await kim.press("Start")
            await answer(kim, until="1 af 4 mål")
            await looks_right(page, pictures, "goal-390-light")
            await answer(kim, until="Dine svar")
            await looks_right(page, pictures, "autumn-review-390-light")
            await kim.press("Se opsummeringen")
            await looks_right(page, pictures, "autumn-preview-390-light")
            await kim.press("Send til Vibeke")
            await kim.sees("Tak, Kim")
        async with window(opened, server.url) as page:
            vibeke = await Walk(page, server.url).become("vibeke.storm", room="sundhed-og-omsorg-ledelse")
            await vibeke.sees("Efterårsdialog 2027 · Bofællesskabet Åvænget")
            await vibeke.sees("4 mål: ◑ 4 delvist nået")
            await vibeke.sees("Undersøgelsen sendes først ud i november.")
            await vibeke.sees("Vi begynder med de yngste.")
            await looks_right(page, pictures, "autumn-post-1280-light")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_the_economy_of_an_institutionsaftale_is_asked_about_and_fits(
    server: Server, pictures: Path, look: Look
) -> None:
    async with browser() as opened, window(opened, server.url, look) as page:
        leader = await Walk(page, server.url).become(LEADERS[look.name])
        await travel(page, YEAR)
        await leader.sees("Årsopfølgning 2027")
        await leader.press("Start")
        await answer(leader, until="Økonomi og budget")
        await leader.press("Næste")
        await leader.sees("Skriv et svar")
        await looks_right(page, pictures, f"economy-{look.name}")
        await leader.fill("Hvor stor er enhedens budgetramme", "9.400.000")
        await leader.fill("Hvad bliver årets resultat", "9,65 mio.")
        await leader.card.get_by_label("Nej, vi bruger mere").check()
        await leader.press("Næste")
        await leader.fill("Hvor stor er afvigelsen?", "250.000")
        await leader.fill("Hvad skyldes afvigelsen?", "Varmen i svømmehallen.")
        await leader.fill("Hvad gør I ved den?", "Vi sænker temperaturen om natten.")
        await leader.press("Næste")
        await leader.sees("Hvilke temaer skal næste års institutionsaftale handle om?")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_the_aarshjul_is_one_press_from_the_day_and_can_be_read(
    server: Server, pictures: Path, look: Look
) -> None:
    async with browser() as opened, window(opened, server.url, look) as page:
        await Walk(page, server.url).become(LEADERS[look.name])
        if look.is_phone:
            await page.get_by_role("button", name="Person og dag").click()
        await page.get_by_role("link", name="Årshjul 2027").click()
        await expect(page.get_by_role("heading", name="Årshjul 2027")).to_be_visible(timeout=PATIENCE)
        drawn = page.get_by_role("img", name="tegnet som et hjul")
        assert await drawn.evaluate("image => image.complete && image.naturalWidth > 300"), "the drawing is shown"
        told = page.get_by_role("listitem")
        await expect(told.filter(has_text="Midtvejsopfølgning: åben")).to_contain_text("18. maj – 10. juni")
        await page.wait_for_timeout(200)
        await page.screenshot(path=pictures / f"year-{look.name}.png", full_page=True)
        assert await violations(page) == []
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0
        await page.get_by_role("link", name="2028").click()
        await expect(page.get_by_role("heading", name="Årshjul 2028")).to_be_visible(timeout=PATIENCE)
        await page.get_by_role("link", name="Tilbage til samtalen").click()
        await expect(page.locator("#messages")).to_be_attached()


async def looks_right(page: Page, pictures: Path, name: str) -> None:
    """Take a picture, let axe-core look, and measure the width."""
    await picture(page, pictures, name)
    assert await violations(page) == []
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} pixels too wide"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_the_directors_picture_is_one_press_from_the_day_and_goes_down_to_a_unit(
    server: Server, pictures: Path, look: Look
) -> None:
    async with browser() as opened, window(opened, server.url, look) as page:
        await Walk(page, server.url).become("karen")
        if look.is_phone:
            await page.get_by_role("button", name="Person og dag").click()
        await page.get_by_role("link", name="Overblik i billeder").click()
        await expect(page.get_by_role("heading", name="Børn og Skole")).to_be_visible(timeout=PATIENCE)
        for drawn in ("tegnet som et træ", "tegnet dag for dag", "Indsatser efter kilde og status, tegnet"):
            await expect(page.get_by_role("img", name=drawn)).to_be_visible()
        await page.wait_for_timeout(200)
        await page.screenshot(path=pictures / f"picture-{look.name}.png", full_page=True)
        assert await violations(page) == []
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0
        await page.locator("summary").first.click()
        await page.get_by_role("row").filter(has_text="Skoler").get_by_role("link").click()
        await expect(page.get_by_role("heading", name="Skoler")).to_be_visible(timeout=PATIENCE)
        await page.get_by_role("link", name="Efterårsdialog 2026").click()
        await expect(page.get_by_text("Billedet viser kun det, der er sendt i runden.")).to_be_visible(timeout=PATIENCE)
        await page.get_by_role("link", name="Tilbage til samtalen").click()
        await expect(page.locator("#messages")).to_be_attached()
