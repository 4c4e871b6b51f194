"""How many presses a second in Slack: signed requests through the whole bot, beside Bolt alone doing nothing.

One turn is one leader's press on "I gang, efter planen", as Slack sends it: HTTP, the signature, Bolt, the service's committed
transaction on a SQLite file, the next card rendered and shown by a call of Slack's Web API, and then 200. The floor is a Bolt app
with the same options that answers 200 and does nothing, in the same run, under the same requests, on the same core.

    python bench/slack.py [--rounds 3] [--leaders 128] [--profile]

The server has one core to itself; who presses, and the Slack that the bot calls, share another. Runs on Linux, where a process's
own time can be read and a core chosen. Writes nothing but a temporary folder.
"""

# ruff: noqa: E402 - a script beside the packages, run as it is

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import hashlib
import hmac
import json
import logging
import os
import platform
import pstats
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.turns import INITIATIVES, NOW, Copies, copy_of, filled
from bot import service
from bot.channels.slack import PATH, mount
from bot.channels.slack_settings import SlackSettings
from bot.gathering import House
from bot.ports import Channel, Inbound, Intent, Opened, Pressed
from bot.running import Product
from cards import slack as blocks
from cards.card import Card, Press
from dialogs.library import Library, load
from store import tables as t
from store.database import Database, open_database
from store.work import Work

TOKEN, SECRET, TEAM = "xoxb-bench", "a-signing-secret", "T1FJORDBY"
WIDE = 16
A_SECOND = 200
AGAIN = 4  # times that the closed loop goes through the presses on the floor, which is soon done with them
AIM_RATE, AIM_P99, AIM_CPU = 600, 50, 4
OURS, FLOOR = "bot", "floor"
FIRST_LEADER = 4  # bench.turns numbers the people above the leaders first

Raw = dict[str, Any]


# --- the servers ----------------------------------------------------------------------------------------------------------------


async def _serve(app: web.Application) -> None:
    """Serve as the product does, on a port that is told, until standard input ends."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    print(runner.addresses[0][1], flush=True)
    await ended.wait()
    await runner.cleanup()


def serve_bot(url: str, slack: str) -> None:
    """The product with its Slack channel, put together as `dialogbot run` does; time stands still, so nothing else becomes due."""
    with open_database(url) as database:
        channels: dict[str, Channel] = {}
        product = Product(_house(), database, lambda: NOW, channels)
        app = web.Application()
        channels["slack"] = mount(app, product, SlackSettings(TOKEN, SECRET, api_url=slack))
        app.router.add_post("/profile", _Profiled(database).turn)
        asyncio.run(_serve(app))


def serve_floor(_: str, slack: str) -> None:
    """Bolt alone, with the options that the bot gives it."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id="U0", bot_id="B0", bot_token=TOKEN)

    bolt = AsyncApp(
        name="floor",
        signing_secret=SECRET,
        client=AsyncWebClient(base_url=slack),
        authorize=authorize,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )

    async def pressed(ack: AsyncAck) -> None:
        await ack()

    async def take(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        asked = AsyncBoltRequest(body=body, query=request.query_string, headers=dict(request.headers))
        return await to_aiohttp_response(await bolt.async_dispatch(asked))

    bolt.action(re.compile(""))(pressed)
    app = web.Application()
    app.router.add_post(PATH, take)
    asyncio.run(_serve(app))


def serve_slack(_: str, __: str) -> None:
    """The Slack that the bot calls: it answers at once, and counts."""
    calls: Counter[str] = Counter()
    me = {"user_id": "U0", "bot_id": "B0", "team_id": TEAM}

    async def take(request: web.Request) -> web.Response:
        method, given = request.match_info["method"], await request.read()
        calls[method] += 1
        match method:
            case "auth.test":
                return web.json_response({"ok": True, **me})
            case "users.info":
                user = request.query.get("user") or (await request.post())["user"]
                profile = {"email": f"p{str(user).removeprefix('U')}@fjordby.example"}
                return web.json_response({"ok": True, "user": {"id": user, "team_id": TEAM, "profile": profile}})
            case "users.lookupByEmail":
                email = str(request.query.get("email") or (await request.post())["email"])
                found = {"id": f"U{email[1:].partition('@')[0]}", "team_id": TEAM, "profile": {"email": email}}
                return web.json_response({"ok": True, "user": found})
            case "conversations.open":
                users = str(request.query.get("users") or (await request.post())["users"])
                return web.json_response({"ok": True, "channel": {"id": f"D{users}"}})
            case "chat.update" | "chat.postMessage":
                assert given
                return web.json_response({"ok": True, "ts": "1800000000.000001", "channel": "D1"})
        return web.json_response({"ok": False, "error": "unknown_method"})

    async def tell(_: web.Request) -> web.Response:
        return web.json_response(calls)

    app = web.Application()
    app.router.add_route("*", "/api/{method}", take)
    app.router.add_get("/calls", tell)
    asyncio.run(_serve(app))


SERVERS: Final[Mapping[str, Callable[[str, str], None]]] = {OURS: serve_bot, FLOOR: serve_floor, "slack": serve_slack}


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves, and the core it keeps to."""

    pid: int
    port: int

    @property
    def cpu(self) -> float:
        """Seconds that the process has computed, in all its threads, in its own code and in the system's for it."""
        told = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def started(role: str, core: int, url: str = "", slack: str = "") -> Iterator[Server]:
    """A server in a process of its own; it ends with the block, and with us."""
    command = [sys.executable, __file__, "--serve", role, "--core", str(core), "--url", url, "--slack", slack]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(process.pid, int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(30)


class _Profiled:
    """Switches profiling on and off again, in the server's thread and in the database's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # By the thread's own time: what waits for the other thread, or for the disk, costs nothing.
        self._threads = {name: cProfile.Profile(time.thread_time) for name in ("server", "database")}
        self._is_on = False

    async def turn(self, _: web.Request) -> web.Response:
        self._is_on = not self._is_on
        here, there = self._threads.values()
        if self._is_on:
            await self._database.run(lambda _: there.enable())
            here.enable()
        else:
            here.disable()
            await self._database.run(lambda _: there.disable())
            self._tell()
        return web.Response()

    def _tell(self) -> None:
        for thread, profiler in self._threads.items():
            sys.stderr.write(f"\n=== the {thread} thread\n")
            told = pstats.Stats(profiler, stream=sys.stderr)
            told.sort_stats("tottime").print_stats(30).sort_stats("cumulative").print_stats(90)


# --- what is pressed ------------------------------------------------------------------------------------------------------------

Bodies = Sequence[Sequence[str]]
"""By leader, the bodies of what they send: the first opens the dialogue, each of the others answers the next question."""


def press_bodies(copies: Copies, house: House, leaders: int) -> Bodies:
    """Let everybody answer everything once, and keep what Slack would send of it; nothing of it is stored."""
    with copy_of(copies) as url, open_database(url) as database, database.engine.connect() as connection:
        work = Work(connection)
        bodies = [list(_presses(house, work, leader)) for leader in range(leaders)]
        connection.rollback()
    return bodies


def _presses(house: House, work: Work, leader: int) -> Iterator[str]:
    number = FIRST_LEADER + leader
    intent: Intent = Opened()
    for turn in range(1 + INITIATIVES):
        inbound = Inbound(f"e{leader}-{turn}", "web", f"p{number}@fjordby.example", intent)
        card = service.handle(house, inbound, work, NOW).card
        press = _wanted(card)
        yield _body(card, press, f"U{number}", turn)
        intent = Pressed(press)


def _wanted(card: Card) -> Press:
    presses = [button.press for button in card.buttons]
    return next(press for press in presses if press.value == "on_plan" or press.act == "open")


def _body(card: Card, press: Press, user: str, turn: int) -> str:
    """A press as Slack sends it, with the message that it was pressed on."""
    message = blocks.render(card)[0]
    (action,) = [one for one in _elements(message.blocks) if blocks.press_of(one) == press]
    stamp, place = "1800000000.000001", f"D{user}"
    sent = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "fjordby"},
        "user": {"id": user, "username": user.lower(), "team_id": TEAM},
        "api_app_id": "A1",
        "container": {"type": "message", "message_ts": stamp, "channel_id": place, "is_ephemeral": False},
        "channel": {"id": place, "name": "directmessage"},
        "message": {"ts": stamp, "user": "U0", "bot_id": "B0", "text": message.text, "blocks": message.blocks},
        "state": {"values": {}},
        "trigger_id": f"1.{user}.{turn}",
        "response_url": "https://hooks.slack.example/actions/1",
        "actions": [{**action, "action_ts": f"{turn}.{user[1:]}"}],
    }
    return urlencode({"payload": json.dumps(sent, separators=(",", ":"))})


def _elements(shown: Sequence[Raw]) -> Iterator[Raw]:
    for block in shown:
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            if element.get("type") == "button":
                yield element


def signed(body: str) -> bytes:
    """The whole request, signed now; it is good for five minutes."""
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    lines = (
        f"POST {PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept: */*",
        "Accept-Encoding: gzip,deflate",
        "Content-Type: application/x-www-form-urlencoded",
        f"X-Slack-Request-Timestamp: {stamp}",
        f"X-Slack-Signature: v0={signature}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", body)).encode()


# --- who presses ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One connection, kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> Line:
        """A new connection to a server here."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> None:
        """Send a request and wait for all of the answer; anything but 200 is a fault."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        answer = await self.reader.readexactly(length)
        if int(head.split()[1]) != HTTPStatus.OK:
            raise AssertionError(f"{head!r} {answer!r}")


@dataclass(frozen=True, slots=True)
class Run:
    """What so many turns took: each as its caller waited for it, all of them together, and the server's own time."""

    waits: tuple[float, ...]
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.waits) / self.wall

    @property
    def cpu_ms(self) -> float:
        """The server's own milliseconds a turn."""
        return 1000 * self.cpu / len(self.waits)

    def ms(self, per_cent: int) -> float:
        """Milliseconds that so many per cent of the turns took at most."""
        return 1000 * statistics.quantiles(self.waits, n=100)[per_cent - 1]

    @property
    def longest_ms(self) -> float:
        """The longest wait."""
        return 1000 * max(self.waits)


Requests = Sequence[Sequence[bytes]]
Load = Callable[[int, Requests], Awaitable[list[float]]]


async def closed_loop(port: int, requests: Requests) -> list[float]:
    """So many callers at a time, each with leaders of its own, each waiting for one answer before the next press."""

    async def caller(lane: Requests) -> list[float]:
        line, waits = await Line.to(port), []
        for leader in lane:
            for request in leader:
                since = time.perf_counter()
                await line.send(request)
                waits.append(time.perf_counter() - since)
        line.writer.close()
        return waits

    lanes = [requests[first::WIDE] for first in range(WIDE)]
    return [wait for waits in await asyncio.gather(*map(caller, lanes)) for wait in waits]


async def open_loop(port: int, requests: Requests) -> list[float]:
    """Presses that come when they come, whoever still waits; each is timed from when it was to come.

    They come at random, as independent people do, and the same in every round. Nobody presses on a card before it is there.
    """
    chance = random.Random(A_SECOND)  # noqa: S311 - arrivals, not secrets
    at_it = [asyncio.Lock() for _ in requests]
    free: list[Line] = [await Line.to(port) for _ in range(WIDE)]

    async def press(leader: int, request: bytes, due: float) -> float:
        async with at_it[leader]:
            line = free.pop() if free else await Line.to(port)
            await line.send(request)
            free.append(line)
        return time.perf_counter() - due

    pressing, due = [], time.perf_counter()
    for turn in range(len(requests[0])):
        for leader, own in enumerate(requests):
            due += chance.expovariate(A_SECOND)
            await asyncio.sleep(due - time.perf_counter())
            pressing.append(asyncio.create_task(press(leader, own[turn], due)))
    waits = await asyncio.gather(*pressing)
    for line in free:
        line.writer.close()
    return waits


async def timed(server: Server, load_of: Load, requests: Requests) -> Run:
    """One run, with what the server computed meanwhile."""
    gc.collect()
    wall, cpu = time.perf_counter(), server.cpu
    waits = await load_of(server.port, requests)
    return Run(tuple(waits), time.perf_counter() - wall, server.cpu - cpu)


# --- measuring ------------------------------------------------------------------------------------------------------------------

LOOPS: Final[Mapping[str, Load]] = {f"closed, {WIDE} wide": closed_loop, f"open, {A_SECOND} a second": open_loop}

Runs = dict[tuple[str, str], list[Run]]
"""Runs by loop and role, one a round."""


@dataclass(slots=True)
class Counts:
    """What the bot's presses left behind."""

    pressed: int = 0
    stored: int = 0
    shown: int = 0

    def told(self) -> str:
        """The counts as a sentence."""
        return f"{self.pressed:,} presses on the bot: {self.stored:,} answers stored, {self.shown:,} cards shown"


@dataclass(frozen=True, slots=True)
class Bench:
    """What every round needs: the filled database, what is pressed, the Slack that is called, and the server's core."""

    copies: Copies
    bodies: Bodies
    slack: Server
    core: int

    @property
    def api(self) -> str:
        """Where the bot is to find Slack."""
        return f"http://127.0.0.1:{self.slack.port}/api/"

    def shown(self) -> int:
        """How many cards Slack was given so far."""
        with urlopen(f"http://127.0.0.1:{self.slack.port}/calls") as answer:
            return int(json.load(answer).get("chat.update", 0))

    async def round(self, role: str, server: Server, runs: Runs) -> None:
        """Both loops against one server, each with half of the leaders, whose opening of the dialogue is the warm-up."""
        requests = [[signed(body) for body in leader] for leader in self.bodies]
        await closed_loop(server.port, [leader[:1] for leader in requests])
        for number, (loop, load_of) in enumerate(LOOPS.items()):
            half = [leader[1:] for leader in requests[number :: len(LOOPS)]]
            again = AGAIN if (role, load_of) == (FLOOR, closed_loop) else 1
            runs[loop, role].append(await timed(server, load_of, half * again))


def measure(bench: Bench, rounds: int) -> tuple[Runs, Counts]:
    """The bot and the floor in turns, so that what else the machine does falls on both; and that every press was stored."""
    runs: Runs = {(loop, role): [] for loop in LOOPS for role in (OURS, FLOOR)}
    counts = Counts()
    for _ in range(rounds):
        with copy_of(bench.copies) as url:
            before = bench.shown()
            with started(OURS, bench.core, url, bench.api) as server:
                asyncio.run(bench.round(OURS, server, runs))
            counts.shown += bench.shown() - before - len(bench.bodies)  # the warm-up's
            counts.pressed += len(bench.bodies) * INITIATIVES
            counts.stored += _stored(url)
        with started(FLOOR, bench.core, "", bench.api) as server:
            asyncio.run(bench.round(FLOOR, server, runs))
    if not counts.pressed == counts.stored == counts.shown:
        raise SystemExit(f"not every press was a turn: {counts.told()}")
    return runs, counts


def _stored(url: str) -> int:
    with open_database(url) as database, database.transaction() as connection:
        return connection.execute(select(func.count()).where(t.answer.c.platform == "slack")).scalar_one()


async def profiled(bench: Bench, server: Server) -> None:
    """The closed loop, with the server telling where its time went."""
    requests = [[signed(body) for body in leader] for leader in bench.bodies]
    toggle = b"POST /profile HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
    await closed_loop(server.port, [leader[:1] for leader in requests])
    line = await Line.to(server.port)
    await line.send(toggle)
    await closed_loop(server.port, [leader[1:] for leader in requests])
    await line.send(toggle)
    print(f"{len(requests) * INITIATIVES} turns")


# --- telling ------------------------------------------------------------------------------------------------------------------

HEAD = f"{'':26}{'cpu ms':>8}{'turns/s':>9}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'max ms':>8}"


def told(runs: Runs, counts: Counts) -> Iterator[str]:
    """First what we take of the floor, then the aims, then the figures. Each is the median of the rounds, max the longest of all."""
    closed, opened = LOOPS
    times = {loop: _of_floor(runs, loop, lambda run: run.cpu_ms) for loop in LOOPS}
    for loop in LOOPS:
        rate, p99 = _of_floor(runs, loop, lambda run: run.rate), _of_floor(runs, loop, lambda run: run.ms(99))
        yield f"{loop}: {times[loop]:.1f} times the floor's cpu, {rate:.2f} of its turns/s, {p99:.1f} times its p99"
    rate, p99 = _median(runs[closed, OURS], lambda run: run.rate), _median(runs[opened, OURS], lambda run: run.ms(99))
    yield (
        f"aims: {rate:,.0f} turns/s (at least {AIM_RATE}), p99 {p99:.1f} ms (under {AIM_P99}), "
        f"cpu {times[closed]:.1f} times (under {AIM_CPU})"
    )
    yield counts.told()
    yield HEAD
    for (loop, role), own in runs.items():
        cpu, rate = _median(own, lambda run: run.cpu_ms), _median(own, lambda run: run.rate)
        p50, p95, p99 = (statistics.median(run.ms(part) for run in own) for part in (50, 95, 99))
        longest = max(run.longest_ms for run in own)
        yield f"{f'{role}, {loop}':26}{cpu:8.2f}{rate:9,.0f}{p50:8.2f}{p95:8.2f}{p99:8.2f}{longest:8.2f}"


def _of_floor(runs: Runs, loop: str, figure: Callable[[Run], float]) -> float:
    """How many times the floor's figure ours is, round by round."""
    pairs = zip(runs[loop, OURS], runs[loop, FLOOR], strict=True)
    return statistics.median(figure(ours) / figure(floor) for ours, floor in pairs)


def _median(runs: Sequence[Run], figure: Callable[[Run], float]) -> float:
    return statistics.median(map(figure, runs))


def _house() -> House:
    found = load()
    assert isinstance(found, Library), found
    return House(found, "Fjordby Kommune")


def main() -> None:
    """Measure, and print the ratios and the figures; or be one of the servers."""
    asked = _arguments().parse_args()
    if asked.serve:
        os.sched_setaffinity(0, {asked.core})
        logging.basicConfig(level=logging.INFO)
        SERVERS[asked.serve](asked.url, asked.slack)
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    leaders = 2 * max(WIDE, asked.leaders)
    with (
        tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder,
        filled("sqlite", Path(folder), leaders) as copies,
        started("slack", min(cores)) as slack,
    ):
        bench = Bench(copies, press_bodies(copies, _house(), leaders), slack, max(cores))
        gc.freeze()  # what we prepared is not to be searched for garbage while we time
        if asked.profile:
            with copy_of(copies) as url, started(OURS, bench.core, url, bench.api) as server:
                asyncio.run(profiled(bench, server))
            return
        print(
            f"{platform.machine()}, {len(cores)} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        )
        print(f"{leaders * INITIATIVES // len(LOOPS)} turns a loop, {asked.rounds} rounds")
        print("", *told(*measure(bench, asked.rounds)), sep="\n")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run; the median counts")
    parser.add_argument("--leaders", type=int, default=128, help="who press in one loop, seven times each")
    parser.add_argument("--profile", action="store_true", help="say where the bot's time goes instead")
    for name, kind in {"--serve": str, "--core": int, "--url": str, "--slack": str}.items():
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)  # how it starts its own servers
    return parser


if __name__ == "__main__":
    main()
