"""Pictures of Slack's cards, drawn from real blocks: `python -m tests.acceptance.slack_pictures docs/pictures`.

Promises: what is drawn for the documents is what the bot posted in a conversation with a real process; every card there is can be
drawn too, at the widths of a phone and of a desk, with `--every <folder>`. Drawn by npm `slack-blocks-to-jsx`, bundled by esbuild
when it is asked for; Slack's own clients differ in details.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Page
from sqlalchemy import select

from cards.slack import render
from store import tables as t
from store.database import open_database
from store.migrations import migrate
from tests import samples
from tests.acceptance.browser import Look, browser, window
from tests.acceptance.slack_peer import PEERS, Person, node
from tests.acceptance.slack_town import ROOM, SlackTown, fill, slack_town, until
from tests.slackapi import Raw, all_text
from tests.test_golden import cards_in

PHONE, DESK, COLUMN = Look(390, 844, "light"), Look(1280, 860, "light"), Look(760, 860, "light")
PICTURES: Final = "DIALOGBOT_PICTURES"  # where whoever wants to look at them has them put
SIXTY: Final = Path(__file__).parents[1] / "golden_slack/review-of-sixty.json"
HOUR: Final = "09.00"
PAGE = """<!doctype html><html lang="da"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Slack</title><link rel="stylesheet" href="blocks.css"></head><body><main id="page"></main>
<script src="blocks.js"></script></body></html>"""


@contextmanager
def drawing() -> Iterator[str]:
    """The address of a page that draws blocks."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        command = [
            str(PEERS / "node_modules/.bin/esbuild"),
            str(PEERS / "blocks.jsx"),
            "--bundle",
            "--minify",
            "--jsx=automatic",
            "--log-level=warning",
            '--define:process.env.NODE_ENV="production"',
            f"--outfile={folder / 'blocks.js'}",
        ]
        path = f"{Path(node()).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        subprocess.run(command, check=True, env={**os.environ, "PATH": path})
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        yield (folder / "index.html").as_uri()


async def draw(page: Page, path: Path, shown: Raw) -> None:
    """Draw a conversation, whole, as a PNG."""
    await page.evaluate("shown => window.show(shown)", shown)
    await page.locator(".block").first.wait_for()
    await page.locator("#page").screenshot(path=path)


def _post(blocks: list[Raw], *thread: list[Raw]) -> Raw:
    return {"blocks": blocks, "time": HOUR, "replies": thread}


# --- every card ---------------------------------------------------------------------------------------------------------------------------


def every_card(folder: Path, language: str) -> dict[str, Raw]:
    """The samples, the longest of the golden ones, and two springs in a small town, each card as the bot's only message."""
    url = f"sqlite:///{folder / language}.sqlite"
    with open_database(url) as database:
        migrate(database)
    cards = {f"{language}-{name}": card for name, card in cards_in(language, url).items()}
    cards |= {f"sample-{sample.__name__}": sample() for sample in samples.EVERY}
    sixty = json.loads(SIXTY.read_text(encoding="utf-8"))
    posted = {name: [message.blocks for message in render(card)] for name, card in cards.items()}
    posted["review-of-sixty"] = [message["blocks"] for message in sixty]
    return {name: {"place": "Dialogbot", "posts": [_post(*messages)]} for name, messages in posted.items()}


async def draw_every(cards: dict[str, Raw], folder: Path) -> None:
    """Draw every card at both widths; one that is wider than its window is a fault, and so is a word that is not there."""
    with drawing() as address:
        async with browser() as opened:
            for look in (PHONE, DESK):
                async with window(opened, address, look) as page:
                    for name, card in cards.items():
                        await draw(page, folder / f"{name}-{look.width}.png", card)
                        wider = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                        assert wider <= 0, f"{name} is {wider} pixels too wide at {look.width}"
                        await _says_all(page, name, card)


async def _says_all(page: Page, name: str, card: Raw) -> None:
    said = "".join((await page.locator("#page").inner_text()).split())
    for post in card["posts"]:
        for block in (*post["blocks"], *(block for reply in post["replies"] for block in reply)):
            if block["type"] in {"header", "context", "rich_text"}:
                missing = [text for text in all_text(block) if "".join(text.split()) not in said]
                assert not missing, f"{name}: {missing}"


# --- for the documents --------------------------------------------------------------------------------------------------------------------


async def take(folder: Path, town: SlackTown) -> None:
    """Hold a conversation, and draw what was posted on the way."""
    shown = await _posted(town)
    with drawing() as address:
        async with browser() as opened:
            for name, what in shown.items():
                look = COLUMN if name == "summary" else PHONE
                async with window(opened, address, look) as page:
                    await draw(page, folder / f"slack-{name}.png", what)


async def _posted(town: SlackTown) -> dict[str, Raw]:
    """Mette answers, looks at her summary and sends it."""
    mette, shown = await town.person("Mette"), dict[str, Raw]()

    def keep(name: str) -> None:
        shown[name] = {"place": "Dialogbot", "posts": [_post(mette.message["blocks"])]}

    await mette.opens("messages")
    await mette.presses("Start")
    keep("question")
    await _the_delayed_one(mette, town)
    keep("challenge")
    await mette.presses("Næste")
    await mette.presses("Næste", next="Jens tager det op med skolechefen.", new_deadline="2027-09-01")
    await _the_rest(mette, "I gang", "I gang", "Gennemført")
    await mette.opens("home")
    shown["home"] = {"place": "Dialogbot", "home": town.peer.homes[mette.id]}
    await _the_rest(mette, "I gang", "I gang", "Ikke startet")
    await mette.presses("Næste", remark="Normeringen efter sommerferien")
    await mette.presses("Se opsummeringen")
    keep("preview")
    await mette.presses("Send til Jens")
    room = town.peer.room(ROOM)
    await until(lambda: any(one["ts"] != one.get("thread_ts", one["ts"]) for one in room), "the summary stands")
    post, *below = room
    shown["summary"] = {"place": f"# {ROOM}", "posts": [_post(post["blocks"], *(one["blocks"] for one in below))]}
    return shown


async def _the_delayed_one(mette: Person, town: SlackTown) -> None:
    """Answered, and looked at once more."""
    emails = [f"{name}@fjordby.example" for name in ("ali", "jens")]
    found = select(t.person.c.id).where(t.person.c.email.in_(emails))
    involved = [str(one) for one in town.town.do(lambda connection: connection.scalars(found).all())]
    await mette.presses("Forsinket")
    cause = "To skoler har ikke svaret. Vi mangler en aftale på chefniveau."
    await mette.presses("Næste", cause=cause, involve=involved)
    await mette.presses("‹ Tilbage")


async def _the_rest(mette: Person, *names: str) -> None:
    """How the next ones go."""
    for name in names:
        await mette.presses(name)


async def main(folder: Path, *, every: bool) -> None:
    """Draw for the documents, or everything to be looked at."""
    with TemporaryDirectory() as name:
        place = Path(name)
        if every:
            await draw_every(every_card(place, "da") | every_card(place, "en"), folder)
            return
        async with slack_town(fill(place), place) as town:
            await take(folder, town)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Draw Slack's cards.")
    parser.add_argument(
        "--every", action="store_true", help="every card at two widths, instead of those for the documents"
    )
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(asked.folder, every=asked.every))
