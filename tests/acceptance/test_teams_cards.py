"""Teams cards in Microsoft's own renderer: what a phone checks before it sends, what it sends, and what it reads as markup."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from cards.bidi import contained
from cards.card import Card, Para, Press, Run
from cards.teams import press_of, read_inputs, render
from cards.teams_limits import is_plain
from tests import samples
from tests.acceptance.browser import LOOKS, browser, violations, window
from tests.acceptance.teams_pictures import PAGE, take
from tests.test_cards_slack import review_of
from tests.test_cards_teams import GOLDEN

STEERING = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)  # marks of direction, which markdown does not read

pytestmark = pytest.mark.acceptance


@asynccontextmanager
async def drawn(card: Card) -> AsyncIterator[Page]:
    """The card on a phone."""
    async with browser() as opened, window(opened, PAGE.as_uri(), LOOKS[2]) as page:
        cards = [message.card for message in render(card)]
        assert await page.evaluate("cards => draw(cards, false)", cards) == []
        yield page


async def press(page: Page, title: str) -> None:
    await page.get_by_role("button", name=title).click()


async def sent(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("sent")
    return found


async def test_every_card_is_drawn_without_a_fault_in_every_look(tmp_path: Path) -> None:
    faults, taken = await take(tmp_path)
    assert faults == []
    drawn_cards = {f"{name}-{look.name}.png" for name in GOLDEN for look in LOOKS}
    assert {path.name for path in taken} == drawn_cards


async def test_going_back_from_empty_fields_is_not_held_back_and_brings_them_along() -> None:
    async with drawn(samples.challenge()) as page:
        await press(page, "‹ Tilbage")
        (back,) = await sent(page)
    assert press_of(back) == Press("back", 1, samples.SUBJECT, "challenge", 3)
    assert read_inputs(back) == {"cause": "", "remedy": "", "involve": (), "involve__others": ""}


async def test_what_is_typed_and_picked_comes_back_also_from_the_colleagues_that_were_opened() -> None:
    async with drawn(samples.challenge()) as page:
        await page.get_by_label("Hvori består udfordringen").fill("To skoler\nhar ikke svaret, <at>Jens</at>")
        await page.get_by_label("Jens Østergaard").check()
        assert not await page.get_by_label("Torben Ravn").is_visible()
        await press(page, "Flere kolleger")
        await page.get_by_label("Torben Ravn").check()
        await page.get_by_label("Andre, fx eksterne").fill("PPR")
        await press(page, "Næste")
        (onward,) = await sent(page)
    assert read_inputs(onward) == {
        "cause": "To skoler\nhar ikke svaret, <at>Jens</at>",
        "remedy": "",
        "involve": ("jens", "torben"),
        "involve__others": "PPR",
    }


async def test_a_cpr_number_never_leaves_the_phone() -> None:
    async with drawn(samples.challenge()) as page:
        field = page.get_by_label("Hvori består udfordringen")
        await field.fill("To skoler.\nFamilien 010190-1234 venter.")
        await press(page, "Næste")
        assert await page.get_by_text("Der står noget, der ligner et CPR-nummer.").is_visible()
        assert await sent(page) == []
        await field.fill("To skoler.\nFamilien venter.")
        await press(page, "Næste")
        assert [press_of(one) for one in await sent(page)] == [Press("next", 1, samples.SUBJECT, "challenge", 3)]


async def test_an_empty_reply_is_held_back_and_leaving_it_is_not() -> None:
    async with drawn(GOLDEN["reply"]()) as page:
        await press(page, "Send")
        assert await page.get_by_text("Skriv et svar. Det må ikke indeholde et CPR-nummer.").is_visible()
        assert await sent(page) == []
        await press(page, "Ikke nu")
        assert [press_of(one) for one in await sent(page)] == [Press("leave", 1)]


async def test_a_row_is_picked_in_the_menu_of_sixty() -> None:
    async with drawn(review_of(60)) as page:
        await press(page, "Ret")
        assert await page.get_by_text("Vælg en linje i listen først.").is_visible()
        await page.get_by_role("combobox").select_option(index=24)
        await press(page, "Ret")
        await press(page, "Se opsummeringen")
        pressed = [press_of(one) for one in await sent(page)]
    assert pressed == [Press("goto", 1, "initiative-23", "status", 9), Press("preview", 1, revision=9)]


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE)
async def test_nothing_people_write_is_read_as_markup(text: str) -> None:
    dated = text + "{{DATE(2027-04-01T12:00:00Z,SHORT)}}"
    async with drawn(samples.with_text(dated)) as page:
        assert await page.locator(".message :is(a, b, em, at, script, img)").count() == 0
        read: list[str] = await page.evaluate("read")
        assert [one for one in read if not is_plain(one.translate(STEERING).strip())] == []
        alone = render(Card("x", (Para((Run(dated),)),), "…"))[0].card
        assert await page.evaluate("cards => draw(cards, false)", [alone]) == []
        said = await page.locator(".ac-textRun").all_inner_texts()
    assert "".join("".join(said).split()) == "".join(contained(dated).split())


@pytest.mark.parametrize("name", ["step", "challenge", "challenge-with-faults", "review", "summary", "reply"])
async def test_a_card_keeps_the_rules_of_wcag(name: str) -> None:
    async with drawn(GOLDEN[name]()) as page:
        assert await violations(page) == []
