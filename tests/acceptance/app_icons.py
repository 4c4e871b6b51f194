"""The Teams app's icons, drawn from their SVG by an installed Chromium: `python -m tests.acceptance.app_icons`.

Writes the PNG beside each SVG in bot/channels/teams_package; both are committed, so that a package needs no browser to be made.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tests.acceptance.browser import browser
from tests.rooms import ROOT

FOLDER: Final = ROOT / "bot" / "channels" / "teams_package"
SIZES: Final = {"color": 192, "outline": 32}


async def draw(folder: Path = FOLDER) -> None:
    """Draw every icon at the size Teams wants it; what the SVG leaves open is transparent."""
    async with browser() as opened:
        for name, size in SIZES.items():
            page = await opened.new_page(viewport={"width": size, "height": size})
            svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
            await page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg}")
            await page.screenshot(path=folder / f"{name}.png", omit_background=True)


if __name__ == "__main__":
    asyncio.run(draw())
