"""The database's promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError

from store.database import Database, DatabaseUnavailableError, DatabaseUrlError, open_database
from store.migrations import DatabaseNewerError, migrate
from store.tables import Exact, Instant, metadata, person
from tests.databases import Kind

only_sqlite = pytest.mark.parametrize("kind", ["sqlite"])
only_postgresql = pytest.mark.parametrize("kind", ["postgresql"])

KITCHEN = Table(
    "kitchen", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant), Column("value", Exact)
)


def add_person(connection: Connection, email: str) -> None:
    row = {"email": email, "name": "Søren Ærø", "language": "da", "timezone": "Europe/Copenhagen"}
    connection.execute(person.insert().values(row))


def people(database: Database) -> list[str]:
    with database.transaction() as connection:
        return list(connection.scalars(select(person.c.email).order_by(person.c.id)))


def setting(database: Database, statement: str) -> str:
    with database.transaction() as connection:
        return str(connection.execute(text(statement)).scalar_one())


# --- the address ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "unreadable"),
        ("fjordby.sqlite", "unreadable"),
        ("postgresql://bot:hemmelig@db:nioghalvfems/dialogbot", "unreadable"),
        ("mysql://bot:hemmelig@db/dialogbot", "unknown-database"),
        ("postgresql+asyncpg://bot:hemmelig@db/dialogbot", "unknown-driver"),
        ("sqlite+aiosqlite:///fjordby.sqlite", "unknown-driver"),
        ("postgresql://bot:hemmelig@db", "no-name"),
        ("sqlite://", "no-file"),
        ("sqlite:///:memory:", "no-file"),
        ("sqlite://fjordby.sqlite", "no-file"),
        ("sqlite://data/fjordby.sqlite", "no-file"),
        ("sqlite:///fjordby.sqlite?mode=ro&uri=true", "options"),
        ("sqlite:////dev/null/fjordby.sqlite", "no-folder"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_a_reason_and_without_its_password(
    url: str, reason: str
) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        open_database(url)
    assert refused.value.reason == reason
    assert str(refused.value) == reason
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_usual_way_to_write_postgresql_is_understood(scheme: str) -> None:
    with open_database(f"{scheme}://bot:hemmelig@db.fjordby.dk/dialogbot") as database:
        assert database.kind == "postgresql"
        assert database.engine.url.drivername == "postgresql+psycopg"
        assert "hemmelig" not in repr(database)


def test_the_folder_of_a_new_sqlite_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/data/fjordby/dialogbot.sqlite") as database:
        migrate(database)
    assert (tmp_path / "data" / "fjordby").stat().st_mode & 0o777 == 0o700


# --- what is in force -------------------------------------------------------------------------------------------------------


@only_sqlite
def test_sqlite_writes_ahead_syncs_every_commit_keeps_references_and_waits_under_three_seconds(
    database: Database,
) -> None:
    assert setting(database, "PRAGMA journal_mode") == "wal"
    assert setting(database, "PRAGMA synchronous") == "2"  # FULL
    assert setting(database, "PRAGMA foreign_keys") == "1"
    assert setting(database, "PRAGMA busy_timeout") == "2500"


@only_postgresql
def test_postgresql_gives_up_on_a_lock_before_slack_gives_up_on_us(database: Database) -> None:
    assert setting(database, "SHOW lock_timeout") == "2s"
    assert setting(database, "SHOW statement_timeout") == "15s"
    assert setting(database, "SHOW idle_in_transaction_session_timeout") == "30s"
    assert setting(database, "SHOW timezone") == "UTC"


@only_postgresql
def test_a_municipality_can_set_its_own_options_in_the_address(database_url: str) -> None:
    joint = "&" if "?" in database_url else "?"
    with open_database(
        f"{database_url}{joint}options=-c%20statement_timeout%3D7s&application_name=fjordby"
    ) as database:
        assert setting(database, "SHOW statement_timeout") == "7s"
        assert setting(database, "SHOW lock_timeout") == "2s"
        assert setting(database, "SHOW application_name") == "fjordby"


# --- transactions -----------------------------------------------------------------------------------------------------------


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def half_a_turn() -> None:
        with database.transaction() as connection:
            add_person(connection, "mette@fjordby.dk")
            raise LookupError

    with pytest.raises(LookupError):
        half_a_turn()
    assert people(database) == []


@only_sqlite
def test_two_who_read_and_then_write_at_once_both_succeed(database: Database) -> None:
    meet = threading.Barrier(2)
    faults: list[BaseException] = []

    def turn(name: str) -> None:
        try:
            meet.wait(5)
            for number in range(25):
                with database.transaction() as connection:
                    connection.execute(select(func.count()).select_from(person)).scalar_one()
                    add_person(connection, f"{name}{number}@fjordby.dk")
        except BaseException as fault:  # noqa: BLE001  a thread's fault would be lost
            faults.append(fault)

    threads = [threading.Thread(target=turn, args=(name,)) for name in ("ali", "mette")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(people(database)) == 50


async def test_work_on_the_databases_threads_is_committed_when_it_returns(database: Database) -> None:
    def join(connection: Connection) -> str:
        add_person(connection, "mette@fjordby.dk")
        return threading.current_thread().name

    assert (await database.run(join)).startswith("database")
    assert people(database) == ["mette@fjordby.dk"]


async def test_work_that_raises_is_rolled_back_and_its_exception_reaches_the_caller(database: Database) -> None:
    def join_twice(connection: Connection) -> None:
        add_person(connection, "mette@fjordby.dk")
        add_person(connection, "mette@fjordby.dk")

    with pytest.raises(IntegrityError):
        await database.run(join_twice)
    assert people(database) == []


@only_sqlite
async def test_sqlite_takes_turns_in_the_order_they_came(database: Database) -> None:
    def join(email: str, connection: Connection) -> str:
        add_person(connection, email)
        return threading.current_thread().name

    emails = [f"{number}@fjordby.dk" for number in range(30)]
    threads = await asyncio.gather(*(database.run(partial(join, email)) for email in emails))
    assert len(set(threads)) == 1
    assert people(database) == emails


async def test_closing_lets_queued_work_finish(database: Database, database_url: str) -> None:
    def slow(connection: Connection) -> None:
        time.sleep(0.02)
        connection.execute(person.update().values(name=person.c.name))

    def join(connection: Connection) -> None:
        add_person(connection, "mette@fjordby.dk")

    waiting = [asyncio.ensure_future(database.run(act)) for act in (slow, slow, join)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    await asyncio.gather(*waiting)
    database.close()  # twice is once
    with open_database(database_url) as again:
        assert people(again) == ["mette@fjordby.dk"]


def test_an_error_never_repeats_what_people_wrote(database: Database) -> None:
    wrong = text("INSERT INTO nowhere VALUES (:words)")
    with pytest.raises((OperationalError, ProgrammingError)) as fault, database.transaction() as connection:
        connection.execute(wrong, {"words": "Jeg er sygemeldt"})
    assert "sygemeldt" not in str(fault.value)


# --- the shared column types ------------------------------------------------------------------------------------------------


@pytest.fixture
def kitchen(unmigrated_url: str) -> Iterator[Database]:
    with open_database(unmigrated_url) as database:
        with database.transaction() as connection:
            KITCHEN.create(connection)
        yield database


@pytest.mark.parametrize(
    "at",
    [
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # in the hour that does not exist in Denmark
        datetime(2027, 6, 1, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_an_instant_comes_back_as_the_same_instant_in_utc(kitchen: Database, at: datetime) -> None:
    with kitchen.transaction() as connection:
        connection.execute(KITCHEN.insert().values(at=at))
    with kitchen.transaction() as connection:
        kept = connection.execute(select(KITCHEN.c.at)).scalar_one()
    assert kept == at
    assert kept.tzinfo is UTC


def test_instants_are_compared_as_instants_whatever_their_zone(kitchen: Database) -> None:
    before_noon = datetime(2027, 6, 1, 11, 59, tzinfo=UTC)
    noon = datetime(2027, 6, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    with kitchen.transaction() as connection:
        connection.execute(KITCHEN.insert(), [{"at": before_noon}, {"at": noon}])
        found = connection.scalars(select(KITCHEN.c.at).where(KITCHEN.c.at < noon)).all()
    assert found == [before_noon]


def test_a_time_without_a_zone_is_refused(kitchen: Database) -> None:
    naive = datetime(2027, 4, 1, 8, 0)  # noqa: DTZ001  the fault under test
    with pytest.raises(StatementError, match="time zone"), kitchen.transaction() as connection:
        connection.execute(KITCHEN.insert().values(at=naive))


@pytest.mark.parametrize("value", ["0", "0.1", "12.50", "-3.000", "123456789012345678901.123456789", "1E+6"])
def test_a_decimal_comes_back_as_it_went_in(kitchen: Database, value: str) -> None:
    with kitchen.transaction() as connection:
        connection.execute(KITCHEN.insert().values(value=Decimal(value)))
        kept = connection.execute(select(KITCHEN.c.value)).scalar_one()
    assert isinstance(kept, Decimal)
    assert str(kept) == format(Decimal(value), "f")


# --- migrations -------------------------------------------------------------------------------------------------------------


def tables(database: Database) -> set[str]:
    with database.transaction() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_keeps_everything(database: Database) -> None:
    with database.transaction() as connection:
        add_person(connection, "mette@fjordby.dk")
    migrate(database)
    assert people(database) == ["mette@fjordby.dk"]


def test_sqlite_keeps_references_again_after_migrating(unmigrated_url: str) -> None:
    with open_database(unmigrated_url) as database:
        migrate(database)
        with pytest.raises(IntegrityError), database.transaction() as connection:
            connection.execute(text("INSERT INTO unit (code, name, kind, parent_id) VALUES ('a', 'A', 'enhed', 99)"))


MIGRATE = """
import sys
from store.database import open_database
from store.migrations import migrate
print("ready", flush=True)
sys.stdin.readline()
with open_database(sys.argv[1]) as database:
    migrate(database)
"""


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_several_processes_that_migrate_at_once_all_come_up(unmigrated_url: str) -> None:
    processes = [start(MIGRATE, unmigrated_url) for _ in range(3)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [(process.communicate(timeout=30), process.returncode) for process in processes]
    assert [(errors, code) for (_, errors), code in ends] == [("", 0)] * 3
    with open_database(unmigrated_url) as database:
        assert tables(database) == {"alembic_version", *metadata.tables}


def test_a_database_of_a_later_release_is_refused_and_left_alone(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewerError) as refused:
        migrate(database)
    assert refused.value.revision == "9999"
    assert setting(database, "SELECT version_num FROM alembic_version") == "9999"


def test_a_migration_that_fails_leaves_the_database_as_it_was(unmigrated_url: str) -> None:
    in_the_way = metadata.sorted_tables[-1].name
    with open_database(unmigrated_url) as database:
        with database.transaction() as connection:
            connection.execute(text(f'CREATE TABLE "{in_the_way}" (id INTEGER)'))
        with pytest.raises((OperationalError, ProgrammingError), match="exists"):
            migrate(database)
        assert tables(database) == {in_the_way}


# --- when the world fails ---------------------------------------------------------------------------------------------------


def cut_every_other_connection(database_url: str) -> None:
    with open_database(database_url) as other, other.transaction() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@only_postgresql
def test_a_server_gone_in_the_middle_of_a_turn_is_reported_and_the_next_turn_works(
    database: Database, database_url: str
) -> None:
    def turn() -> None:
        with database.transaction() as connection:
            add_person(connection, "mette@fjordby.dk")
            cut_every_other_connection(database_url)
            add_person(connection, "ali@fjordby.dk")

    with pytest.raises(DatabaseUnavailableError):
        turn()
    assert people(database) == []


@only_postgresql
async def test_a_server_restarted_between_two_turns_is_not_noticed(database: Database, database_url: str) -> None:
    def join(connection: Connection) -> None:
        add_person(connection, "mette@fjordby.dk")

    assert people(database) == []
    cut_every_other_connection(database_url)
    await database.run(join)
    assert people(database) == ["mette@fjordby.dk"]


def test_a_server_that_is_not_there_is_reported_at_once_and_without_the_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    began = time.monotonic()
    url = f"postgresql://bot:hemmelig@127.0.0.1:{port}/dialogbot"
    with open_database(url) as database, pytest.raises(DatabaseUnavailableError) as fault, database.transaction():
        pass
    assert time.monotonic() - began < 3
    assert "hemmelig" not in f"{fault.value} {fault.value.__cause__}"


@only_postgresql
def test_a_row_that_somebody_else_keeps_locked_is_reported_in_time(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        add_person(connection, "mette@fjordby.dk")
    began = time.monotonic()
    with open_database(database_url) as other, other.transaction() as theirs:
        theirs.execute(select(person).with_for_update())
        with pytest.raises(DatabaseUnavailableError), database.transaction() as ours:
            ours.execute(select(person).with_for_update())
    assert 1.5 < time.monotonic() - began < 3


@only_sqlite
def test_a_file_that_somebody_else_keeps_locked_is_reported_in_time_and_works_afterwards(
    database: Database, database_url: str
) -> None:
    began = time.monotonic()
    other = open_database(database_url)
    refused = pytest.raises(DatabaseUnavailableError, match="locked")
    with other, other.transaction(), refused, database.transaction():
        pass
    assert 2 < time.monotonic() - began < 3
    assert people(database) == []


WRITE = """
import sys
from store.database import open_database
from store.tables import person
with open_database(sys.argv[1]) as database:
    for number in range(100_000):
        with database.transaction() as connection:
            row = {"email": f"{number}@fjordby.dk", "name": "A", "language": "da", "timezone": "Europe/Copenhagen"}
            connection.execute(person.insert().values(row))
        print(number, flush=True)
"""


@contextmanager
def killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[list[str]]:
    """Give what the process had said when it was killed without warning."""
    assert process.stdout
    said = [process.stdout.readline()]
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read()  # communicate alone would pass over what readline had read ahead
    process.communicate(timeout=10)
    yield [line for line in (said[0] + rest).split("\n")[:-1] if line]


@only_sqlite
@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.3])
def test_a_process_killed_while_it_writes_loses_nothing_it_had_committed(database_url: str, seconds: float) -> None:
    with killed_after(start(WRITE, database_url), seconds) as said, open_database(database_url) as database:
        kept = people(database)
        assert len(said) > 0
        assert kept[: len(said)] == [f"{number}@fjordby.dk" for number in said]
        assert len(kept) - len(said) <= 1  # committed, and killed before it could say so
        assert setting(database, "PRAGMA integrity_check") == "ok"


def test_both_kinds_are_really_what_they_say(database: Database, kind: Kind) -> None:
    assert database.kind == kind
    version = setting(database, "SELECT sqlite_version()" if kind == "sqlite" else "SELECT version()")
    assert version.startswith("3." if kind == "sqlite" else "PostgreSQL")


async def test_acts_that_wait_together_are_each_done_or_undone_alone(database: Database) -> None:
    """Ten at once, of which two fail: eight are kept, and the two hear why."""

    def act(number: int, connection: Connection) -> int:
        add_person(connection, f"{number}@fjordby.example")
        if number % 5 == 0:
            raise LookupError(number)
        return number

    outcomes = await asyncio.gather(
        *(database.run(partial(act, number)) for number in range(10)), return_exceptions=True
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, int)] == [LookupError, LookupError]
    assert sorted(people(database)) == [f"{number}@fjordby.example" for number in (1, 2, 3, 4, 6, 7, 8, 9)]


async def test_a_fault_of_the_world_in_one_act_is_told_as_such(database: Database) -> None:
    def fails(_: Connection) -> None:
        raise OperationalError("SELECT 1", {}, sqlite_busy())

    with pytest.raises(DatabaseUnavailableError):
        await database.run(fails)


def sqlite_busy() -> sqlite3.OperationalError:
    fault = sqlite3.OperationalError("database is locked")
    fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return fault
