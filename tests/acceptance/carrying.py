"""Processes that carry deliveries, for the acceptance runs: as many as are asked for, each up at once, to be killed at any time.

As a program it loads the product once and forks a carrier for every line that it reads, so that a killed one is followed by another
in milliseconds. A carrier is the real courier with the real Slack channel on a database that it opens itself; only its lease and its
waits are shorter than a municipality's.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.channels.slack_settings import SlackSettings
from bot.channels.slack_workspace import SlackChannel
from bot.clock import RehearsalClock, morning
from bot.courier import Courier, Pace
from bot.gathering import House
from bot.ports import Ambiguous, Channel, Destination, Outcome, Unasked
from cards.card import Card
from dialogs.library import Library, load
from store.database import DatabaseUnavailableError, open_database

ROOT = Path(__file__).parents[2]
TOKEN, SECRET = "xoxb-bot", "a-signing-secret"
DAY = date(2027, 3, 10)
PACE = Pace(width=4, lease=timedelta(seconds=6), retry=timedelta(seconds=1))
LOOKED_EVERY = 0.1


@dataclass(frozen=True)
class Asked:
    """What a carrier is to do: which database, which Slack, whether it can be asked what arrived, and when the run began."""

    database: str
    slack: str
    is_blind: bool
    began: float


class Blind(SlackChannel):
    """A platform that can never be asked what arrived, as Teams; for the rest it is Slack."""

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        outcome = await super().post(destination, card, key, now)
        return replace(outcome, is_findable=False) if isinstance(outcome, Ambiguous) else outcome

    async def find(self, destination: Destination, key: str) -> Unasked:  # noqa: ARG002
        return Unasked("possibly-delivered", is_findable=False)


# --- a carrier ------------------------------------------------------------------------------------------------------------------------


async def carry(house: House, asked: Asked) -> None:
    """Carry what is due until SIGTERM; what is under way then is finished."""
    settings = SlackSettings(TOKEN, SECRET, api_url=asked.slack)
    channel = Blind(settings) if asked.is_blind else SlackChannel(settings)
    channels: Mapping[str, Channel] = {"slack": channel}
    clock = RehearsalClock(morning(DAY) + timedelta(seconds=time.time() - asked.began))
    ended = asyncio.Event()
    with open_database(asked.database) as database:
        courier = Courier(house, database, channels, PACE)

        def end() -> None:
            courier.stop()
            ended.set()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
        while not ended.is_set():
            with suppress(DatabaseUnavailableError):
                await courier.run_by(clock)
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOKED_EVERY)
    await channel.close()


def main() -> None:
    """Fork a carrier for every line, and tell its number; kill those that are left when there are no more lines."""
    found = load()
    assert isinstance(found, Library), found
    house = House(found, "Fjordby Kommune")
    carriers = []
    for line in sys.stdin:
        carrier = os.fork()
        if carrier == 0:
            status = 1
            try:
                asyncio.run(carry(house, Asked(**json.loads(line))))
                status = 0
            finally:
                os._exit(status)
        carriers.append(carrier)
        sys.stdout.write(f"{carrier}\n")
        sys.stdout.flush()
    for carrier in carriers:
        with suppress(ProcessLookupError):
            os.kill(carrier, signal.SIGKILL)


# --- those who start it -----------------------------------------------------------------------------------------------------------------


@dataclass
class Carriers:
    """The carriers of a run, by their process numbers; those that were killed or ended are no longer among them."""

    process: asyncio.subprocess.Process
    asked: Asked
    running: list[int] = field(default_factory=list)
    kills: int = 0

    async def start(self) -> int:
        """Start another."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(self.asked.__dict__).encode() + b"\n")
        self.running.append(int(await asyncio.wait_for(self.process.stdout.readline(), 60)))
        return self.running[-1]

    def kill(self, carrier: int) -> None:
        """End one as a power cut would."""
        self.running.remove(carrier)
        os.kill(carrier, signal.SIGKILL)
        self.kills += 1

    async def stop(self, carrier: int) -> None:
        """Ask one to end, and wait until it has."""
        self.running.remove(carrier)
        os.kill(carrier, signal.SIGTERM)
        while is_running(carrier):  # noqa: ASYNC110 - it is not our child, and nobody tells us
            await asyncio.sleep(0.05)


def is_running(number: int) -> bool:
    """Whether a process is there and has not ended."""
    with suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@asynccontextmanager
async def carriers(database: str, slack: str, *, count: int = 3, is_blind: bool = False) -> AsyncIterator[Carriers]:
    """So many carriers; all of them are ended with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.carrying"),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        started = Carriers(process, Asked(database, slack, is_blind, time.time()))
        for _ in range(count):
            await started.start()
        yield started
    finally:
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    main()
