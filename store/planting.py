"""A whole municipality into an empty database at once: for tests, rehearsals and measurements, never for a real one.

Promises: every table whose rows are given is written in the driver's fastest way, in one transaction of the caller's; what has a
number of its own keeps it, and numbers given later follow. Checks nothing: whoever makes the rows answers for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, text

from store import tables as t

Rows = Iterable[Sequence[object]]
AT_ONCE = 20_000

PLANTED: Mapping[str, tuple[str, ...]] = {  # the tables that are written, in an order that keeps every reference
    "unit": ("id", "code", "name", "parent_id", "kind", "model", "slack_channel"),
    "unit_closure": ("ancestor_id", "descendant_id", "depth"),
    "person": ("id", "email", "name", "language", "timezone"),
    "post": ("id", "person_id", "unit_id", "role", "from_day"),
    "agreement": ("id", "code", "unit_id", "from_day", "to_day"),
    "objective": ("id", "title"),
    "goal": ("id", "code", "objective_id", "title", "source", "policy", "measure", "baseline", "target", "due_on"),
    "script": ("digest", "body"),
    "dialogue": (
        *("id", "agreement_id", "model", "round", "opens_on", "due_on", "script_digest"),
        *("revision", "sent_revision", "sent_at", "sent_by_id", "previous_id"),
        *("told_initiatives", "told_goals", "concerns", "told_change", "changed_since"),
    ),
    "agreement_goal": ("agreement_id", "goal_id", "last_attainment", "last_dialogue_id"),
    "initiative": (
        *("id", "code", "goal_id", "agreement_id", "title", "owner_id", "due_on"),
        *("last_status", "last_dialogue_id"),
    ),
    "answer": ("dialogue_id", "subject", "step", "values", "revision", "person_id", "platform", "at"),
}


def plant(connection: Connection, tables: Iterable[tuple[str, Rows]]) -> int:
    """Write the rows of each table, a value for every column that PLANTED names; how many there were."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    count = sum(_planted(connection, table, rows) for table, rows in tables)
    _settle(connection)
    return count


def _planted(connection: Connection, table: str, rows: Rows) -> int:
    columns = PLANTED[table]
    written = _bound(t.metadata.tables[table], columns, connection, rows)
    write = _copied if connection.dialect.name == "postgresql" else _inserted
    return write(connection, table, columns, written)


def _settle(connection: Connection) -> None:
    """Let numbers given from now on follow those that were planted; PostgreSQL also looks at how much there is, as it does by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in (name for name, columns in PLANTED.items() if "id" in columns):
        last = f"(SELECT coalesce(max(id), 1) FROM {table})"  # noqa: S608 - a name of ours
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))
    connection.execute(text("ANALYZE"))


def _bound(table: Table, columns: Sequence[str], connection: Connection, rows: Rows) -> Iterator[tuple[object, ...]]:
    """The values as the driver takes them."""
    dialect = connection.dialect
    binds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    needed: list[tuple[int, Callable[[Any], Any]]] = [(at, bind) for at, bind in enumerate(binds) if bind]
    for row in rows:
        if not needed:
            yield tuple(row)
            continue
        written = list(row)
        for at, bind in needed:
            written[at] = bind(written[at])
        yield tuple(written)


def _inserted(connection: Connection, table: str, columns: Sequence[str], rows: Iterator[tuple[object, ...]]) -> int:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(type(driver))
    named, places = ", ".join(f'"{one}"' for one in columns), ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{table}" ({named}) VALUES ({places})'  # noqa: S608 - names of ours
    count = 0
    while some := list(islice(rows, AT_ONCE)):
        driver.executemany(statement, some)
        count += len(some)
    return count


def _copied(connection: Connection, table: str, columns: Sequence[str], rows: Iterator[tuple[object, ...]]) -> int:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(type(driver))
    named = ", ".join(f'"{one}"' for one in columns)
    count = 0
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({named}) FROM STDIN'.encode()) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
