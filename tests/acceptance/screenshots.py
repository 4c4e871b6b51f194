"""The pictures in the documents, taken of the real demo: `python -m tests.acceptance.screenshots docs/pictures`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.acceptance.browser import Look, browser, picture, window
from tests.acceptance.serving import running
from tests.acceptance.walk import Walk

CHANNEL = "boern-og-skole-ledelse"


async def take(folder: Path, url: str) -> None:
    """Mette answers, looks at her summary and sends it; Jens finds it in his channel. Karen has her overview, and a report."""
    async with browser() as opened:
        async with window(opened, url, Look(1280, 860, "light")) as page:
            mette = await Walk(page, url).become("mette")
            await mette.press("Start")
            await mette.sees("Overleveringsmøder")
            await picture(page, folder, "chat")
        async with window(opened, url, Look(390, 844, "light")) as page:
            mette = await Walk(page, url).become("mette")
            await to_the_preview(mette)
            await page.wait_for_timeout(300)
            await picture(page, folder, "phone")
            await mette.press("Send til Jens")
        async with window(opened, url, Look(1280, 860, "light")) as page:
            await Walk(page, url).become("jens", room=CHANNEL)
            await page.wait_for_timeout(300)
            await picture(page, folder, "channel")
        async with window(opened, url, Look(390, 844, "light")) as page:
            karen = await Walk(page, url).become("karen")
            await karen.say("status")
            await karen.sees("Værd at se på først")
            await page.wait_for_timeout(300)
            await picture(page, folder, "status")
        async with window(opened, url, Look(1280, 860, "light")) as page:
            karen = await Walk(page, url).become("karen")
            await page.goto(f"{url}picture?as=karen@fjordby.example")
            await picture(page, folder, "overview")
            await karen.become("karen")
            await karen.say("rapport børn og skole 2026")
            await karen.card.get_by_label("Udskrift (HTML)").check()
            await karen.press("Lav rapporten")
            await karen.sees("Rapporten er klar")
            address = await karen.card.get_by_role("link").first.get_attribute("href")
            await page.goto(f"{url.rstrip('/')}/{(address or '').lstrip('./')}")
            await page.locator("figure").first.scroll_into_view_if_needed()
            await picture(page, folder, "report")


async def to_the_preview(walk: Walk) -> None:
    """Answer whatever is asked: the handing over to schools is delayed, the rest goes well."""
    for _ in range(30):
        asked = await walk.card.inner_text()
        if "Se opsummeringen" in asked:
            await walk.press("Se opsummeringen")
            return
        if "Hvori består udfordringen" in asked:
            await walk.fill(
                "Hvori består udfordringen", "To skoler har ikke svaret. Vi mangler en aftale på chefniveau."
            )
            await walk.fill("Andre, fx eksterne", "Byskolen")
            await walk.press("Næste")
        elif "Hvad skal der ske nu?" in asked:
            await walk.fill("Hvad skal der ske nu?", "Jens tager det op med skolechefen.")
            await walk.press("Næste")
        elif "Er der andet" in asked:
            await walk.fill("Er der andet", "Normeringen efter sommerferien")
            await walk.press("Næste")
        else:
            await walk.press("Forsinket" if "Overleveringsmøder" in asked else "I gang")


def main(folder: Path) -> None:
    """Start the demo on a machine of its own, and take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        running(["demo", "--no-browser", "--port", "0"], Path(place)) as server,
    ):
        asyncio.run(take(folder, server.url))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
