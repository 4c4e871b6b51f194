"""The local chat's page in a real browser, over the scripted service: every look, the keyboard, and what goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.channels.web import WebChannel, create_app
from bot.ports import Direct, Room
from cards.bidi import contained
from cards.card import Card, Para, Run, Title
from store.database import open_database
from tests import fakechat, samples
from tests.acceptance.browser import LOOKS, Look, browser, violations, window
from tests.databases import fresh_database
from tests.fakechat import CHANNEL, EMMA, JENS, METTE, FakeChat

pytestmark = pytest.mark.acceptance


class Town:
    """A running chat, and a browser to look at it with."""

    def __init__(self, address: str, chat: FakeChat, channel: WebChannel, opened: Browser) -> None:
        self.address = address
        self.chat = chat
        self.channel = channel
        self.browser = opened

    def at(self, who: str, room: str = "") -> str:
        return f"{self.address}/?as={who}" + (f"&room=channel-{room}" if room else "")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    with fresh_database("sqlite", tmp_path) as url, open_database(url) as database:
        await database.run(lambda connection: fakechat.settle_town(connection, more=50))
        chat, channel = FakeChat(), WebChannel(database)
        app = create_app(chat, channel, chat.now, title="Fjordby Kommune (eksempel)", first=fakechat.MAIN)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with browser() as opened:
                yield Town(f"http://127.0.0.1:{runner.addresses[0][1]}", chat, channel, opened)
        finally:
            await runner.cleanup()


async def press(page: Page, name: str) -> None:
    await page.locator(".message:last-child").get_by_role("button", name=name).first.click()


async def title(page: Page, text: str) -> None:
    await expect(page.locator(".message:last-child h3").first).to_contain_text(text)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_card_meets_wcag_in_every_look(town: Town, look: Look) -> None:
    for place, sample in enumerate(samples.EVERY):
        await town.channel.post(Direct(METTE), sample(), f"sample-{place}", town.chat.now())
    async with window(town.browser, town.at(METTE), look) as page:
        await expect(page.locator(".message")).to_have_count(len(samples.EVERY))
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            "nothing stands out to the side"
        )
        if look.is_phone:
            for tab in ("Person og dag", "Kanaler"):
                await page.get_by_role("button", name=tab).click()
                assert await violations(page) == []
            small = "[...document.querySelectorAll('button, summary, .room, .person')].filter(e => e.offsetHeight && e.offsetHeight < 44).length"
            for tab in ("Person og dag", "Samtale"):
                await page.get_by_role("button", name=tab, exact=True).click()
                assert await page.evaluate(small) == 0, "a thumb can hit everything"


@pytest.mark.parametrize("name", samples.HOSTILE)
async def test_hostile_text_is_shown_and_does_nothing(town: Town, name: str) -> None:
    await town.channel.post(Direct(METTE), samples.with_text(samples.HOSTILE[name]), "hostile", town.chat.now())
    async with window(town.browser, town.at(METTE), LOOKS[2]) as page:
        assert await page.locator(".message h3 bdi").first.evaluate("e => e.textContent") == contained(
            samples.HOSTILE[name]
        )
        assert await page.locator("textarea[name=a]").input_value() == samples.HOSTILE[name]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["right to left", "closing marks"])
async def test_text_from_right_to_left_leaves_its_surroundings_in_order(town: Town, name: str) -> None:
    runs = (Run("før"), Run(samples.HOSTILE[name]), Run("abc"), Run("def"))
    await town.channel.post(Direct(METTE), Card("step", (Title("T"), Para(runs)), "…"), "bidi", town.chat.now())
    async with window(town.browser, town.at(METTE)) as page:
        lefts = await page.locator(".message p:has(bdi) > bdi").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().left)"
        )
        assert lefts == sorted(lefts)


async def test_the_whole_way_by_keyboard(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Gå til samtalen")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Start", exact=True).focus()
        await page.keyboard.press("Enter")
        await title(page, "Overleveringsmøder")
        await expect(page.locator(".message h3").first).to_be_focused()
        for _ in range(3):
            await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Forsinket")).to_be_focused()
        await page.keyboard.press("Space")
        await title(page, "▲ Forsinket")
        await page.keyboard.press("Tab")
        await page.keyboard.type("To skoler har ikke svaret.")
        await expect(page.locator("textarea[name=cause]")).to_have_value("To skoler har ikke svaret.")


async def test_the_calendar_by_keyboard(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await page.locator('.calendar [aria-current="date"]').focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await expect(page.locator(".today")).to_have_text("torsdag den 18. marts 2027")
        await page.get_by_role("link", name="Næste måned").click()
        await expect(page.locator(".month h3")).to_have_text("april 2027")


async def test_what_was_typed_stays_when_it_could_not_be_kept(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await press(page, "Start")
        await press(page, "Forsinket")
        await page.locator("textarea[name=cause]").fill("To skoler har ikke svaret.")
        town.chat.broken = True
        await press(page, "Næste")
        await expect(page.locator(".message .trouble")).to_have_text(
            "Jeg kunne ikke gemme svaret lige nu. Det, du har svaret før, er gemt. Prøv igen om et øjeblik."
        )
        await expect(page.locator("textarea[name=cause]")).to_have_value("To skoler har ikke svaret.")
        town.chat.broken = False
        await press(page, "Næste")
        await title(page, "Dine svar")


async def test_a_fault_is_focused_and_what_was_typed_stands(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await press(page, "Start")
        await press(page, "Forsinket")
        await page.locator("textarea[name=cause]").fill("010190-1234")
        await press(page, "Næste")
        await expect(page.locator("textarea[name=cause]")).to_be_focused()
        await expect(page.locator("textarea[name=cause]")).to_have_value(
            "To skoler har ikke svaret.\nFamilien 010190-1234 venter stadig."
        )


async def test_the_counter_counts_before_the_limit_bites_and_cuts_nothing(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await press(page, "Start")
        await press(page, "Forsinket")
        field, limit = page.locator("textarea[name=cause]"), page.locator(".limit").first
        await expect(limit).to_be_hidden()
        await field.fill("😀" * 2_000)
        await expect(limit).to_have_text("2.000 af 3.000 tegn")
        await field.fill("x" * 3_012)
        await expect(limit).to_have_text("12 tegn for meget. Der er plads til 3.000.")
        assert len(await field.input_value()) == 3_012


async def test_colleagues_are_found_by_name_or_unit(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await press(page, "Start")
        await press(page, "Forsinket")
        await page.get_by_role("searchbox", name="Søg i listen").fill("hojg")
        await expect(page.locator(".option:visible")).to_have_count(1)
        await page.get_by_role("checkbox", name="Peter Højgaard").check()
        await expect(page.locator("fieldset.people .found")).to_have_text("1 valgt")


async def test_two_windows_see_the_post_at_once_and_the_channel_is_marked(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as mette, window(town.browser, town.at(JENS)) as jens:
        await expect(jens.locator(".room .new:visible")).to_have_count(0)
        await town.channel.post(Room(CHANNEL), samples.summary(), "k", town.chat.now())
        await expect(jens.locator(".room .new:visible")).to_have_count(1)
        await jens.get_by_role("link", name=CHANNEL).click()
        await title(jens, "Forårsdialog 2027")
        await expect(jens.locator(".room .new:visible")).to_have_count(0)
        assert await mette.locator(".room").count() == 1
        await town.channel.post(Direct(METTE), samples.sent(), "k", town.chat.now())
        await expect(mette.locator("#announce")).to_contain_text("Opsummeringen er sendt")


async def test_a_line_typed_stands_above_its_answer(town: Town) -> None:
    async with window(town.browser, town.at(EMMA)) as page:
        await page.get_by_label("Write to the dialogue bot").fill("<b>hvad</b> så?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine .said")).to_have_text("<b>hvad</b> så?")
        await expect(page.locator(".past fieldset button").first).to_be_disabled()
        await expect(page.locator("#say")).to_have_value("")


async def test_people_are_found_in_the_long_list(town: Town) -> None:
    async with window(town.browser, town.at(METTE)) as page:
        await page.get_by_text("Alle 57 personer").click()
        await page.get_by_role("searchbox", name="Find en person").fill("ali bysk")
        await expect(page.locator(".everyone .person:visible")).to_have_count(1)
        await page.locator(".everyone .person:visible").click()
        await expect(page.locator(".me .name")).to_have_text("Ali Demir")


async def test_it_works_without_scripts(town: Town) -> None:
    context = await town.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(town.at(METTE))
    await press(page, "Start")
    await title(page, "Overleveringsmøder")
    await press(page, "Forsinket")
    await page.locator("textarea[name=cause]").fill("To skoler\nhar ikke svaret.")
    await press(page, "Næste")
    await title(page, "Dine svar")
    assert getattr(town.chat.heard[-1].intent, "inputs")["cause"] == "To skoler\nhar ikke svaret."  # noqa: B009
    await context.close()
