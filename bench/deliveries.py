"""How many deliveries a second one process carries: from the outbox through the courier and the Slack channel, and settled.

One delivery is one leader's invitation: claimed, checked and composed, begun on disk, who the leader is looked up and the card posted
by calls of Slack's Web API, and settled; three transactions and two or three calls. The floor is the same Slack called as often, and
as many at a time, with nothing of ours: what is left when the courier, the cards and the database cost nothing.

    python bench/deliveries.py [--leaders 1000] [--rounds 3]

The Slack that is called is a process of its own. Writes nothing but a temporary folder.
"""

# ruff: noqa: E402 - a script beside the packages, run as it is

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientSession

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.slack import TOKEN, started
from bench.turns import KINDS, NOW, Copies, copy_of, filled
from bot.channels.slack_settings import SlackSettings
from bot.channels.slack_workspace import SlackChannel
from bot.courier import PACE, Courier
from bot.gathering import House
from dialogs.library import Library, load
from store.database import open_database
from store.work import Work

FIRST_LEADER = 4  # bench.turns numbers the people above the leaders first
CALLS = ("users.lookupByEmail", "conversations.open", "chat.postMessage")


def carry(copies: Copies, house: House, leaders: int, api: str) -> float:
    """Let one process carry an invitation to every leader; how many a second."""
    with copy_of(copies) as url, open_database(url) as database:
        with database.transaction() as connection:
            outbox = Work(connection).outbox
            for leader in range(FIRST_LEADER, FIRST_LEADER + leaders):
                outbox.plan(f"invitation:{leader}", "invitation", due_at=NOW, person_id=leader)

        async def run() -> int:
            channel = SlackChannel(SlackSettings(TOKEN, "a-signing-secret", api_url=api))
            dealt_with = await Courier(house, database, {"slack": channel}).run(NOW)
            await channel.close()
            return dealt_with

        return timed(run, leaders)


def call_alone(leaders: int, api: str) -> float:
    """Call Slack as often for every leader, and do nothing else; how many leaders a second."""

    async def run() -> int:
        async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            waiting = iter(range(FIRST_LEADER, FIRST_LEADER + leaders))

            async def lane() -> None:
                for leader in waiting:
                    given = {"email": f"p{leader}@fjordby.example", "users": f"U{leader}", "channel": f"DU{leader}"}
                    for method in CALLS:
                        async with session.post(f"{api}{method}", data=given) as answer:
                            assert (await answer.json())["ok"], method

            await asyncio.gather(*(lane() for _ in range(PACE.width)))
        return leaders

    return timed(run, leaders)


def timed(run: Callable[[], Awaitable[int]], expected: int) -> float:
    """Run it; how many it dealt with a second."""

    async def whole() -> int:
        return await run()

    began = time.perf_counter()
    dealt_with = asyncio.run(whole())
    assert dealt_with == expected, dealt_with
    return dealt_with / (time.perf_counter() - began)


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaders", type=int, default=1000, help="how many are invited")
    parser.add_argument("--rounds", type=int, default=3, help="how often; the median counts")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    found = load()
    assert isinstance(found, Library), found
    house = House(found, "Fjordby Kommune")
    core = min(os.sched_getaffinity(0))
    for kind in KINDS:
        with (
            tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder,
            filled(kind, Path(folder), asked.leaders) as copies,
            started("slack", core) as slack,
        ):
            api = f"http://127.0.0.1:{slack.port}/api/"
            pairs = [
                (carry(copies, house, asked.leaders, api), call_alone(asked.leaders, api)) for _ in range(asked.rounds)
            ]
        ours, floor = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        ratio = statistics.median(mine / alone for mine, alone in pairs)
        print(f"{kind:12}{ours:7,.0f} deliveries/s, Slack's calls alone {floor:7,.0f}/s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
