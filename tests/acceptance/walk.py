"""A person's way through the demo in a browser: presses what is on the page, by the names that are read there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

PATIENCE = 10_000  # milliseconds


@dataclass
class Walk:
    """One person in front of one window."""

    page: Page
    url: str

    async def become(self, name: str, *, room: str = "") -> Walk:
        """Choose who to be, and perhaps a channel to look at."""
        email = f"{name}@fjordby.example"
        await self.page.goto(f"{self.url}?as={email}" + (f"&room=channel-{room}" if room else ""))
        return self

    @property
    def card(self) -> Locator:
        """The newest message."""
        return self.page.locator("#messages > li.message").last

    async def sees(self, words: str) -> Walk:
        """Wait until the newest card says something."""
        await expect(self.card).to_contain_text(words, timeout=PATIENCE)
        return self

    async def press(self, name: str, nth: int = 0) -> Walk:
        """Press a button of the newest card by its name, and wait until the card has answered."""
        before = await self.card.get_attribute("data-version")
        number = await self.card.get_attribute("id")
        await self.card.get_by_role("button", name=name).nth(nth).click()
        await self.page.wait_for_function(
            "([id, version]) => { const all = document.querySelectorAll('#messages > li.message');"
            " const last = all[all.length - 1]; return last.id !== id || last.dataset.version !== version }",
            arg=[number, before],
            timeout=PATIENCE,
        )
        return self

    async def say(self, words: str) -> Walk:
        """Type to the bot, and wait until it has answered below."""
        number = await self.card.get_attribute("id")
        await self.page.locator("#say").fill(words)
        await self.page.locator("#say").press("Enter")
        await self.page.wait_for_function(
            "id => { const all = [...document.querySelectorAll('#messages > li.message')];"
            " const at = all.findIndex(one => one.id === id); return all.length > at + 2 }",
            arg=number,
            timeout=PATIENCE,
        )
        return self

    async def fill(self, label: str, words: str) -> Walk:
        """Fill a field of the newest card by its label."""
        await self.card.get_by_label(label).first.fill(words)
        return self
