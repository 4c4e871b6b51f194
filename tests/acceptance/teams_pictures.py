"""Pictures of the Teams cards as agreed, drawn by Microsoft's own renderer: `python -m tests.acceptance.teams_pictures <folder>`.

Every card of tests/golden_teams on a phone and on a desk, light and dark. A card the renderer objects to is named, and fails the run.
With `--documents` instead the four that docs/teams.md shows, out of a dialogue with a real process, as on a phone.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.acceptance.browser import LOOKS, browser, window

GOLDEN: Final = Path(__file__).parent.parent / "golden_teams"
PAGE: Final = Path(__file__).parent / "peers" / "adaptive.html"
RUN: Final = Path(__file__).parent / "test_teams.py"
SHOWN: Final = ("question", "challenge", "preview", "summary")


async def take(folder: Path) -> tuple[list[str], list[Path]]:
    """Draw every card in every look; what the renderer objects to, by the card's name, and the pictures."""
    faults: list[str] = []
    taken: list[Path] = []
    async with browser() as opened:
        for look in LOOKS:
            async with window(opened, PAGE.as_uri(), look) as page:
                for path in sorted(GOLDEN.glob("*.json")):
                    cards = [message["card"] for message in json.loads(path.read_text(encoding="utf-8"))]
                    asked = [cards, look.scheme == "dark"]
                    found = await page.evaluate("([cards, isDark]) => draw(cards, isDark)", asked)
                    faults += [f"{path.stem}: {fault}" for fault in found]
                    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    faults += [f"{path.stem}: {wide} pixels wider than {look.name}"] if wide > 0 else []
                    taken.append(folder / f"{path.stem}-{look.name}.png")
                    await page.screenshot(path=taken[-1], full_page=True)
    return sorted(set(faults)), taken


def document(folder: Path) -> None:
    """Hold the dialogue of the acceptance run, and keep what docs/teams.md shows of it."""
    with TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pytest", "-q", "-m", "acceptance", "-k", "whole", str(RUN)]
        subprocess.run(command, check=True, env={**os.environ, "DIALOGBOT_PICTURES": name})
        for shown in SHOWN:
            shutil.copyfile(Path(name) / "teams" / f"{shown}-390-light.png", folder / f"teams-{shown}.png")


def main(folder: Path, *, documents: bool = False) -> int:
    """Take the pictures, and tell what was wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    if documents:
        document(folder)
        return 0
    faults, _ = asyncio.run(take(folder))
    sys.stderr.write("".join(f"{fault}\n" for fault in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[-1]), documents="--documents" in sys.argv))
