"""Delivery as it is promised: several processes, killed at any time, a database restarted under them, a Slack with moods; each message once.

The carriers are real processes with the real courier and the real Slack channel (`carrying.py`); Slack is `tests/slackapi.py`, which
remembers all that it took, behind the moods that are described below.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import Connection, func, select, update

from bench.turns import fill
from bot.clock import morning
from store import tables as t
from store.database import Database, DatabaseUnavailableError, open_database
from store.work import Work
from tests.acceptance.carrying import DAY, Carriers, carriers
from tests.acceptance.serving import Server
from tests.databases import OwnServer, fresh_database, own_server
from tests.slackapi import Fault, Raw, SlackApi, failed

pytestmark = pytest.mark.acceptance

LEADERS = 250
FIRST_LEADER = 4  # whom bench.turns numbers after those above
ROOM = "ledelse"
PATIENCE = 300  # seconds for a whole run, on a machine with much else to do


@dataclass
class MoodySlack(SlackApi):
    """A Slack that refuses, breaks and falls silent, now before and now after it did what it was asked."""

    chance: random.Random = field(default_factory=lambda: random.Random(2027))  # noqa: S311 - no secret
    is_moody: bool = True
    rests_at: list[int] = field(default_factory=list)  # after so many posts it wants to be let be
    rests_until: float = 0
    moods: Counter[str] = field(default_factory=Counter)

    async def _take(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        mood = self._mood(method)
        if mood:
            self.moods[f"{mood} {'post' if method == 'chat.postMessage' else 'other'}"] += 1
        match mood:
            case "let be":
                return failed(Fault("ratelimited", 429, retry_after=4))
            case "429":
                return failed(Fault("ratelimited", 429, retry_after=1))
            case "503 before":
                return failed(Fault(status=503))
            case "dropped before":
                return _dropped(request)
        answer = await super()._take(request)
        match mood:
            case "502 after":
                return failed(Fault(status=502))
            case "dropped after":
                return _dropped(request)
        return answer

    def _conversations_history(self, given: Raw) -> Raw:
        """A page of a room, the newest first; whoever does not ask on finds only that."""
        whole = super()._conversations_history({**given, "limit": str(10_000)})["messages"]
        at, size = int(given.get("cursor") or 0), int(given["limit"])
        following = str(at + size) if at + size < len(whole) else ""
        return {"messages": whole[at : at + size], "response_metadata": {"next_cursor": following}}

    def _mood(self, method: str) -> str:
        if not self.is_moody:
            return ""
        is_post = method == "chat.postMessage"
        if is_post and self.rests_at and self.posts >= self.rests_at[0]:
            self.rests_at.pop(0)
            self.rests_until = time.monotonic() + 2
        if is_post and time.monotonic() < self.rests_until:
            return "let be"
        moods = ("429", "502 after", "dropped after", "503 before", "dropped before")
        return self.chance.choice(moods) if self.chance.random() < (0.05 if is_post else 0.01) else ""

    @property
    def posts(self) -> int:
        """How many messages stand."""
        return sum(map(len, self.messages.values()))

    def has_taken(self, posts: int) -> bool:
        """Whether so many messages stand."""
        return self.posts >= posts

    def arrived(self) -> Counter[str]:
        """How often each delivery stands."""
        posts = (message for place in self.messages.values() for message in place)
        return Counter(key_of(message) for message in posts if message.get("thread_ts") in {None, message["ts"]})

    def below(self) -> Counter[str]:
        """How many messages stand in the thread of each post that has one."""
        posts = (message for place in self.messages.values() for message in place)
        return Counter(str(one["thread_ts"]) for one in posts if one.get("thread_ts") not in {None, one["ts"]})


def _dropped(request: web.Request) -> web.Response:
    """Break the connection off without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def key_of(message: Raw) -> str:
    return str(message["metadata"]["event_payload"]["key"])


# --- a town with much to tell -------------------------------------------------------------------------------------------------------------


def plan(connection: Connection, each: int) -> int:
    """Many leaders who are to be invited so many times, and as many summaries for one channel; how many deliveries that is."""
    fill(connection, LEADERS)
    connection.execute(update(t.unit).where(t.unit.c.id == FIRST_LEADER - 1).values(slack_channel=ROOM))
    outbox, due_at = Work(connection).outbox, morning(DAY)
    for number in range(each):
        for leader in range(FIRST_LEADER, FIRST_LEADER + LEADERS):
            outbox.plan(f"invitation:{number}:{leader}", "invitation", due_at=due_at, person_id=leader)
    for dialogue in range(LEADERS + 1, 2 * LEADERS + 1):
        unit, key = FIRST_LEADER - 1, f"summary:{dialogue}"
        outbox.plan(key, "summary", due_at=due_at, unit_id=unit, dialogue_id=dialogue, content=1)
    return LEADERS * (each + 1)


@contextmanager
def town(url: str, each: int) -> Iterator[tuple[Database, set[str]]]:
    """The database open, and the keys of all that is planned there."""
    with open_database(url) as database:
        with database.transaction() as connection:
            count = plan(connection, each)
        with database.transaction() as connection:
            keys = set(connection.execute(select(t.delivery.c.key)).scalars())
        assert len(keys) == count
        yield database, keys


@pytest.fixture
async def slack() -> AsyncIterator[MoodySlack]:
    api = MoodySlack()
    for leader in range(FIRST_LEADER, FIRST_LEADER + LEADERS):
        api.add_user(f"p{leader}")
    api.add_channel(ROOM)
    server = api.server()
    await server.start_server()
    api.link = str(server.make_url("/api/"))
    yield api
    await server.close()


async def states(database: Database) -> Counter[str]:
    """How many deliveries stand how; asked again while the database is away or busy."""
    count = select(t.delivery.c.state, func.count()).group_by(t.delivery.c.state)
    while True:
        with suppress(DatabaseUnavailableError):
            return Counter(dict(await database.run(lambda connection: list(map(tuple, connection.execute(count))))))
        await asyncio.sleep(0.2)


async def disturbed(
    running: Carriers, database: Database, slack: MoodySlack, total: int, restarted: OwnServer | None = None
) -> Counter[str]:
    """Kill a carrier every now and then and start another, and restart the database once, until everything is dealt with."""
    chance, until, last = random.Random(42), time.monotonic() + PATIENCE, Counter[str]()  # noqa: S311 - no secret
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(0.8, 2.0))
        if restarted is not None and slack.posts > total // 2:
            await asyncio.to_thread(restarted.restart)
            database.engine.dispose()
            restarted = None
        last = await states(database)
        if not last["planned"] + last["claimed"]:
            return last
        if last["planned"] > total // 20:
            running.kill(chance.choice(running.running))
            await running.start()
    raise AssertionError(f"not done in {PATIENCE} seconds: {last}, {slack.posts} posts, {slack.moods}")


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something to be so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - another process makes it so
            await asyncio.sleep(0.03)


def say(words: str) -> None:
    """Tell whoever watches; `pytest -rP` shows it."""
    sys.stdout.write(f"{words}\n")


def told(what: str, total: int, seconds: float, running: Carriers, slack: MoodySlack) -> None:
    """Say how it went."""
    arrived = slack.arrived()
    doubled = sum(count - 1 for count in arrived.values())
    say(
        f"{what}: {total} deliveries in {seconds:.0f} s by {len(running.running)} processes, {running.kills} killed; "
        f"{total - len(arrived)} not on Slack, {doubled} too many; moods {dict(slack.moods)}; "
        f"{len(slack.called('conversations.history'))} look-ups"
    )


# --- where what arrived can be looked up -----------------------------------------------------------------------------------------------


async def test_5000_deliveries_on_postgresql_arrive_once_each_whatever_is_killed_restarted_or_refused(
    slack: MoodySlack,
) -> None:
    slack.rests_at = [1000, 3500]
    with own_server() as server, town(server.url, 19) as (database, keys):
        assert len(keys) == 5000
        began = time.monotonic()
        async with carriers(server.url, slack.link) as running:
            ended = await disturbed(running, database, slack, len(keys), server)
        told("PostgreSQL", len(keys), time.monotonic() - began, running, slack)
    assert slack.arrived() == Counter(keys), "none lost, none doubled"
    assert set(slack.below().values()) == {1}, "nor anything below them"
    assert ended == Counter({"sent": len(keys)})
    assert running.kills >= 10
    assert {"let be post", "429 post", "502 after post", "dropped after post"} <= set(slack.moods)


async def test_deliveries_on_sqlite_arrive_once_each_whatever_is_killed_or_refused(
    slack: MoodySlack, tmp_path: Path
) -> None:
    slack.rests_at = [400]
    with fresh_database("sqlite", tmp_path) as url, town(url, 4) as (database, keys):
        began = time.monotonic()
        async with carriers(url, slack.link) as running:
            ended = await disturbed(running, database, slack, len(keys))
        told("SQLite", len(keys), time.monotonic() - began, running, slack)
    assert slack.arrived() == Counter(keys), "none lost, none doubled"
    assert set(slack.below().values()) == {1}, "nor anything below them"
    assert ended == Counter({"sent": len(keys)})
    assert running.kills >= 3


async def test_a_rolling_deploy_sends_each_once_without_having_to_look_anything_up(
    slack: MoodySlack, database_url: str
) -> None:
    slack.is_moody = False
    began = time.monotonic()
    with town(database_url, 2) as (database, keys):
        async with carriers(database_url, slack.link, count=2) as running:
            for share in (4, 2):
                await until(partial(slack.has_taken, len(keys) // share))
                old = running.running[0]
                await running.start()
                await running.stop(old)
            while (await states(database))["sent"] < len(keys):  # noqa: ASYNC110 - other processes make it so
                await asyncio.sleep(0.1)
            assert len(running.running) == 2
        told(database.kind, len(keys), time.monotonic() - began, running, slack)
    assert slack.arrived() == Counter(keys)
    # on SQLite so many processes may wait so long for each other that one takes over from another
    assert database.kind == "sqlite" or slack.called("conversations.history") == []


# --- where nothing can be looked up ----------------------------------------------------------------------------------------------------


async def test_where_nobody_can_be_asked_what_arrived_the_few_in_doubt_are_told_and_no_nudge_comes_twice(
    slack: MoodySlack, database_url: str
) -> None:
    with town(database_url, 3) as (database, keys):
        began = time.monotonic()
        async with carriers(database_url, slack.link, is_blind=True) as running:
            ended = await disturbed(running, database, slack, len(keys))
        told("blind", len(keys), time.monotonic() - began, running, slack)
        dead = select(t.delivery.c.key, t.delivery.c.reason).where(t.delivery.c.state == "dead")
        with database.transaction() as connection:
            left = {row.key: row.reason for row in connection.execute(dead)}
    arrived = slack.arrived()
    doubled = {key for key, count in arrived.items() if count > 1}
    lost = keys - set(arrived)
    say(f"blind: {len(lost)} not there, all of them told; {len(doubled)} doubled; {len(left)} in doubt; {ended}")
    assert lost <= set(left), "whatever did not arrive is listed with its reason"
    assert not {key for key in doubled if key.startswith("invitation")}, "one too few rather than one too many"
    in_doubt = 4 * running.kills + sum(count for mood, count in slack.moods.items() if mood.endswith("post"))
    assert len(doubled) + len(left) <= in_doubt
    assert max(arrived.values()) <= 2


# --- a server that is told to end ------------------------------------------------------------------------------------------------------


async def test_dialogbot_run_finishes_what_is_under_way_when_it_is_told_to_end_and_begins_nothing_new(
    slack: MoodySlack, database_url: str, tmp_path: Path
) -> None:
    slack.is_moody = False
    slack.faults["chat.postMessage"] = [Fault(wait=1.0) for _ in range(4)]
    environment = {
        "DIALOGBOT_DATABASE_URL": database_url,
        "DIALOGBOT_PORT": "0",
        "DIALOGBOT_NOW": datetime.isoformat(morning(DAY)),
        "SLACK_BOT_TOKEN": "xoxb-bot",
        "SLACK_SIGNING_SECRET": "a-signing-secret",
        "SLACK_API_URL": slack.link,
    }
    with town(database_url, 1) as (database, keys):
        server = Server(["run"], environment, tmp_path)
        await asyncio.to_thread(server.start)
        await until(lambda: len(slack.called("chat.postMessage")) == 4)
        assert await asyncio.to_thread(server.stop) == 0
        assert len(slack.called("chat.postMessage")) == 4, "those under way, and no other"
        stand = await states(database)
    assert (stand["sent"], stand["claimed"], sum(slack.arrived().values())) == (4, 0, 4)
    assert stand["planned"] >= len(keys) - 4


# --- beginning at the same time --------------------------------------------------------------------------------------------------------


async def test_two_fresh_demos_at_once_on_an_empty_database_both_come_up(unmigrated_url: str, tmp_path: Path) -> None:
    servers = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        servers.append(
            Server(["demo", "--no-browser"], {"DIALOGBOT_DATABASE_URL": unmigrated_url}, folder, patience=PATIENCE)
        )
    started = await asyncio.gather(*(asyncio.to_thread(one.start) for one in servers), return_exceptions=True)
    for one in servers:
        one.stop()
    assert started == servers, [one.told for one in servers]
