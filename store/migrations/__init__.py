"""Brings a database's tables up to this code's, in code: nobody needs an alembic.ini.

Promises: any number of processes may migrate at once and all come up; a step that fails leaves the database as it was; a
database that a later release has migrated is refused, untouched. A new step is written from the difference to store/tables.py:

    python -m store.migrations "what the step does"

Until the first release there is one step. To write it anew, remove versions/0001_*.py and run:

    python -m store.migrations tables
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store.database import Database, faults_typed

LOCK: Final = 0x6469616C6F67  # "dialog" in hexadecimal: the advisory lock's number, ours alone in this database
PATIENCE: Final = 60  # seconds to wait for another process that migrates

_alembic: Final = threading.Lock()  # Alembic's `context` is one for the whole process


class DatabaseNewerError(Exception):
    """The database has been migrated by a later release than this one; `revision` is a step unknown here."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


def migrate(database: Database) -> None:
    """Bring the database up to this code's tables, alone among all processes; raise DatabaseNewerError if it is past them."""
    alone = _alone_on_sqlite if database.kind == "sqlite" else _alone_on_postgresql
    with _alembic, alone(database) as connection:
        config = alembic_config(connection)
        _refuse_a_newer_database(connection, ScriptDirectory.from_config(config))
        command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's settings for this folder's steps, to be run in the connection's own transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _refuse_a_newer_database(connection: Connection, steps: ScriptDirectory) -> None:
    known = {step.revision for step in steps.walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise DatabaseNewerError(revision)


@contextmanager
def _alone_on_postgresql(database: Database) -> Iterator[Connection]:
    with database.transaction() as connection:
        # Waiting for the other process is right; waiting for a table behind a running turn is not.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        yield connection


@contextmanager
def _alone_on_sqlite(database: Database) -> Iterator[Connection]:
    """Hold the write lock with foreign keys off, as SQLite asks for when tables are rebuilt, and check them before the end."""
    with faults_typed(), database.engine.connect() as connection:
        connection.detach()  # closed afterwards: the pool's connections keep their settings
        for pragma in (f"busy_timeout={PATIENCE * 1000}", "foreign_keys=OFF"):
            _before_the_transaction(connection, f"PRAGMA {pragma}")
        with connection.begin():
            yield connection
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise RuntimeError(f"a migration broke {len(broken)} references, first in {broken[0][0]}")


def _before_the_transaction(connection: Connection, statement: str) -> None:
    cursor = (
        connection.connection.cursor()
    )  # the driver's own: the first statement of SQLAlchemy's begins a transaction
    cursor.execute(statement)
    cursor.close()
