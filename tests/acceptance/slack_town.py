"""Fjordby in a local Slack: the example municipality imported, its spring round opened, and real `dialogbot run` processes beside it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from store import tables as t
from store.database import open_database
from tests.acceptance.serving import Server, running
from tests.acceptance.slack_peer import Channel, Person, SlackPeer, email_of, slack_peer
from tests.slackapi import SECRET, TOKEN
from tests.town import Town

PROJECT: Final = Path(__file__).parents[2]
NOW: Final = "2027-03-10T09:00"
ROOM: Final = "boern-og-skole-ledelse"
MEMBERS: Final = {ROOM: tuple(map(email_of, ("karen", "jens", "thomas.winther", "sofie")))}
PATIENCE: Final = 45  # seconds: more than a tick
UNINVITED: Final = "sundhed-og-omsorg-ledelse"  # the channel nobody invited the bot to


def fill(folder: Path) -> Path:
    """A database with all of Fjordby, imported as a municipality imports its workbook, on the day the spring round has opened.

    Its first tick would open it half a minute after the start, and invite eighty people; here they have been invited.
    """
    path = folder / "fjordby.sqlite"
    settings = {"DIALOGBOT_DATABASE_URL": f"sqlite:///{path}", "DIALOGBOT_NOW": NOW, "PYTHONPATH": str(PROJECT)}
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "bot.main", "import", str(PROJECT / "bot/fjordby/kommune.xlsx")]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
    with open_database(f"sqlite:///{path}") as database:
        town = Town(database)
        town.plan()
        town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
    return path


@dataclass
class SlackTown:
    """A workspace, the database behind the bot, and the bot's first process."""

    peer: SlackPeer
    town: Town
    server: Server
    folder: Path
    environment: dict[str, str]

    async def person(self, name: str, server: Server | None = None) -> Person:
        """Somebody in front of the first process, or of another one."""
        return await self.peer.person(name, server or self.server)


@asynccontextmanager
async def slack_town(filled: Path, folder: Path, now: str = NOW) -> AsyncIterator[SlackTown]:
    """A town of its own, a copy of the filled one; on another day with that day's rounds open."""
    path = Path(shutil.copyfile(filled, folder / "town.sqlite"))
    with open_database(f"sqlite:///{path}") as database:
        town = Town(database)
        if now != NOW:
            town.now = datetime.fromisoformat(now).replace(tzinfo=town.now.tzinfo)
            town.plan()
            town.do(lambda connection: connection.execute(t.delivery.update().values(state="skipped")))
        people = town.do(lambda connection: connection.execute(select(t.person.c.email, t.person.c.name)).all())
        rooms = town.do(lambda connection: connection.scalars(select(t.unit.c.slack_channel).distinct()).all())
        channels = [Channel(room, room != UNINVITED, MEMBERS.get(room)) for room in sorted(filter(None, rooms))]
        seeded = [(one.email, one.name) for one in people]
        async with slack_peer(seeded, channels) as peer:
            environment = {
                "DIALOGBOT_DATABASE_URL": f"sqlite:///{path}",
                "DIALOGBOT_NOW": now,
                "DIALOGBOT_PORT": "0",
                "SLACK_BOT_TOKEN": TOKEN,
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": peer.url,
            }
            with running(["run"], folder, **environment) as server:
                yield SlackTown(peer, town, server, folder, environment)


async def until(holds: Callable[[], object], said: str) -> None:
    """Wait for what is done without anybody waiting for it."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.02)
