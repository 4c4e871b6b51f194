"""A real browser for the acceptance tests: windows of phone and desk size, light and dark, their pictures, and axe-core's view.

Needs an installed Chromium: DIALOGBOT_TEST_CHROMIUM names it, or it is looked for where it usually is. Nothing is downloaded,
and nothing outside this machine is reached.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

GIVEN: Final = "DIALOGBOT_TEST_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIETLY: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a window looks at the page: its size in pixels, and whether it is dark."""

    width: int
    height: int
    scheme: Scheme

    @property
    def name(self) -> str:
        """As files are named: 390-dark."""
        return f"{self.width}-{self.scheme}"

    @property
    def is_phone(self) -> bool:
        """Whether the page's sides become tabs."""
        return self.width < 992


LOOKS: Final = (
    Look(1280, 860, "light"),
    Look(1280, 860, "dark"),
    Look(390, 844, "light"),
    Look(390, 844, "dark"),
)


def chromium() -> str:
    """Return the installed Chromium; raise FileNotFoundError saying how to name one."""
    named = (os.environ.get(GIVEN), *map(shutil.which, NAMES))
    for path in named:
        if path and Path(path).exists():
            return path
    raise FileNotFoundError(f"no Chromium found: install one, or let {GIVEN} name it")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium, and stop it afterwards."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=list(QUIETLY))
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def window(opened: Browser, address: str, look: Look = LOOKS[0]) -> AsyncIterator[Page]:
    """Open a page in a window of its own, which remembers nothing; any fault in its script or console fails the test."""
    context = await opened.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        has_touch=look.is_phone,
        locale="da-DK",
        timezone_id="Europe/Copenhagen",
        reduced_motion="reduce",
    )
    faults: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    # A refused request is said on the page; what it forbade itself, or a script that broke, is not.
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said.type, said.text) else None)
    try:
        await page.goto(address)
        yield page
    finally:
        await context.close()
    assert not faults, faults


def _is_fault(kind: str, text: str) -> bool:
    return kind == "error" and not text.startswith("Failed to load resource")


async def picture(page: Page, folder: Path, name: str) -> Path:
    """Save what the window shows as a PNG and return where."""
    path = folder / f"{name}.png"
    await page.screenshot(path=path)
    return path


async def violations(page: Page, rules: Iterable[str] = RULES) -> list[str]:
    """Return what axe-core finds against WCAG 2.1 AA, one line each: the rule, and where."""
    found = await Axe().run(page, options={"runOnly": {"type": "tag", "values": list(rules)}})
    return [
        f"{rule['id']}: {rule['help']} – {node['target']} {node.get('failureSummary', '')}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
