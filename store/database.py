"""One database behind one door: SQLite in a file, or PostgreSQL.

Promises: what `transaction` committed is on disk; a transaction that raises leaves nothing; on SQLite every transaction takes
the write lock at its start, so none fails half-way because another wrote first; when the database cannot be reached the caller
gets `DatabaseUnavailableError` within seconds, and the next transaction tries afresh. Passwords and bound values never appear
in a message. Knows no table and no question.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Result = TypeVar("Result")

Kind = Literal["sqlite", "postgresql"]
UrlFault = Literal["unreadable", "unknown-database", "unknown-driver", "no-file", "no-folder", "no-name", "options"]

SQLITE_WAIT = 2.5  # seconds for the write lock: under the three that Slack waits
POSTGRES_WAIT = 2  # seconds for a connection from the pool, for a new connection, and for a row's lock
POSTGRES_CONNECTIONS = 8
ALONE: Final = 0x616C6F6E65  # "alone" in hexadecimal: the advisory lock's number in this database
ALONE_WAIT = 120  # seconds for another process that is alone with it
MOST_TOGETHER = 16  # acts that share one commit on SQLite: the first of them waits for the last

# A statement that takes longer is a fault; an abandoned transaction must not keep a dialogue's row locked.
POSTGRES_OPTIONS: Final = {
    "statement_timeout": "15s",
    "lock_timeout": f"{POSTGRES_WAIT}s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}
POSTGRES_CONNECT: Final = {
    "connect_timeout": str(POSTGRES_WAIT),
    "application_name": "dialogbot",
    # A server that vanished without a word is noticed in seconds, not in the kernel's quarter of an hour.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
# The faults of the world, by SQLite's primary code; every other one is a fault in the program.
SQLITE_WORLD: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
}


class DatabaseUrlError(ValueError):
    """The address of the database cannot be used; `reason` is a key, and the address itself is never repeated."""

    def __init__(self, reason: UrlFault) -> None:
        super().__init__(reason)
        self.reason = reason


class DatabaseUnavailableError(Exception):
    """The database could not be reached or was busy too long; trying the whole transaction again is right.

    A connection lost during the commit itself leaves the outcome unknown, so whoever tries again must be idempotent.
    """


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an act gave, or what it raised."""

    result: Any = None
    fault: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An act that waits for the writer, and who waits for it."""

    act: Callable[[Connection], Any]
    done: asyncio.Future[Any]

    def tell(self, outcome: _Outcome) -> None:
        """Give the outcome to whoever waits, on their own thread; nobody may be left there to hear it."""
        with suppress(RuntimeError):  # their loop has ended
            self.done.get_loop().call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: _Outcome) -> None:
        if self.done.cancelled():
            return
        if outcome.fault is None:
            self.done.set_result(outcome.result)
        else:
            self.done.set_exception(outcome.fault)


class Database:
    """An open database: transactions here and now, or on the database's own threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kind: Kind = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        # SQLite has one writer at a time anyway: queueing here costs less than waiting for its lock.
        threads = 1 if self.kind == "sqlite" else POSTGRES_CONNECTIONS
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")
        self._waiting: deque[_Waiting] = deque()

    def __repr__(self) -> str:
        return f"Database({self.kind}, {self.engine.url.database!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection in a transaction: committed at the end, rolled back if the block raises."""
        with faults_typed(), self.engine.begin() as connection:
            yield connection

    async def run(self, act: Callable[[Connection], Result]) -> Result:
        """Do `act` in one transaction on a thread of the database's; when it returns, it is committed.

        Turns queue in the order they came. A caller that is cancelled meanwhile gets nothing, but what has begun is finished.
        """
        loop = asyncio.get_running_loop()
        if self.kind == "postgresql":
            return await loop.run_in_executor(self._threads, self._do, act)
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append(_Waiting(act, done))
        self._threads.submit(self._do_those_waiting)
        return await done

    def _do_those_waiting(self) -> None:
        """Do what is waiting, as many as have come meanwhile, in one transaction: one wait for the disk for all of them."""
        together = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        if not together:
            return  # done with those before
        try:
            with self.transaction() as connection:
                outcomes = [_apart(connection, one.act) for one in together]
        except BaseException as fault:  # noqa: BLE001 - whoever waits must hear of it; none of them was committed
            outcomes = [_Outcome(fault=fault) for _ in together]
        for one, outcome in zip(together, outcomes, strict=True):
            one.tell(outcome)

    def _do(self, act: Callable[[Connection], Result]) -> Result:
        with self.transaction() as connection:
            return act(connection)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold what only one process at a time can hold of this database; others wait, and transactions go on beside it."""
        hold = self._alone_on_sqlite if self.kind == "sqlite" else self._alone_on_postgresql
        with hold():
            yield

    @contextmanager
    def _alone_on_postgresql(self) -> Iterator[None]:
        with faults_typed(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # closed afterwards, and the lock with it; the pool's connections keep their settings
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(f"SET lock_timeout = '{ALONE_WAIT}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({ALONE})")
            yield

    @contextmanager
    def _alone_on_sqlite(self) -> Iterator[None]:
        """An empty file beside the database, locked: a lock on the database itself would keep our own transactions out."""
        beside = Path(f"{self.engine.url.database}-alone")  # it stays: whoever waits for it has it open
        with closing(sqlite3.connect(beside, timeout=ALONE_WAIT, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE").close()
            except sqlite3.OperationalError as fault:
                raise DatabaseUnavailableError(_in_short(fault)) from fault
            yield

    def close(self) -> None:
        """Take no more work, let what was queued finish, and close every connection. Blocks; twice is once."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Return the database at `url`; raise DatabaseUrlError if the address cannot be used. Does not connect yet.

    `sqlite:///relative.sqlite`, `sqlite:////absolute.sqlite`, `postgresql://user:password@host:port/name`.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError("unreadable") from None  # the cause repeats the password
    kind, _, driver = address.drivername.partition("+")
    match kind, driver:
        case "sqlite", "" | "pysqlite":
            return Database(_sqlite(address))
        case "postgresql" | "postgres", "" | "psycopg":
            return Database(_postgresql(address))
        case "sqlite" | "postgresql" | "postgres", _:
            raise DatabaseUrlError("unknown-driver")
        case _:
            raise DatabaseUrlError("unknown-database")


def _apart(connection: Connection, act: Callable[[Connection], Any]) -> _Outcome:
    """Do one act among several: what it wrote before it raised is undone, and the acts beside it stand."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise AssertionError("a connection in a transaction has a driver's connection")
    driver.execute("SAVEPOINT act")
    try:
        with faults_typed():
            result = act(connection)
    except BaseException as fault:  # noqa: BLE001 - it is the caller's, and told to the caller
        driver.execute("ROLLBACK TO act")  # fails if SQLite gave the whole transaction up; then nobody's is committed
        return _Outcome(fault=fault)
    driver.execute("RELEASE act")
    return _Outcome(result)


@contextmanager
def faults_typed() -> Iterator[None]:
    """Turn the faults of the world, and only those, into DatabaseUnavailableError."""
    try:
        yield
    except (PoolTimeoutError, DatabaseError, InterfaceError) as fault:
        if not _is_of_the_world(fault):
            raise
        raise DatabaseUnavailableError(_in_short(fault)) from fault


def _sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:" or address.host:
        raise DatabaseUrlError(
            "no-file"
        )  # in memory it would be another database on every thread; a host is a forgotten /
    if address.query:
        raise DatabaseUrlError("options")
    try:
        # Answers are personal: a folder made here is the owner's alone.
        Path(address.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise DatabaseUrlError("no-folder") from None
    engine = create_engine(address.set(drivername="sqlite"), connect_args={"timeout": SQLITE_WAIT}, **_for_both())
    event.listen(engine, "connect", _prepare_sqlite)
    # A listener to the engine's own begin would do too, but any listener there slows down every statement.
    engine.dialect.do_begin = _begin_immediately  # type: ignore[method-assign, assignment]
    return engine


def _postgresql(address: URL) -> Engine:
    if not address.database:
        raise DatabaseUrlError("no-name")
    ours = " ".join(f"-c {name}={value}" for name, value in POSTGRES_OPTIONS.items())
    theirs = address.query.get("options", "")
    if not isinstance(theirs, str):
        raise DatabaseUrlError("options")
    query = {**POSTGRES_CONNECT, **address.query, "options": f"{ours} {theirs}".strip()}  # the later setting wins
    return create_engine(
        address.set(drivername="postgresql+psycopg", query=query),
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POSTGRES_WAIT,
        pool_pre_ping=True,
        **_for_both(),
    )


def _for_both() -> dict[str, Any]:
    # Æ is stored as Æ, so that a search in the database finds it; bound values hold people's answers.
    return {"hide_parameters": True, "json_serializer": partial(json.dumps, ensure_ascii=False)}


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """Leave BEGIN to us, as SQLAlchemy's SQLite dialect documents it, and set what SQLite forgets on every connection."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediately(connection: PoolProxiedConnection) -> None:
    connection.cursor().execute("BEGIN IMMEDIATE")


def _is_of_the_world(fault: Exception) -> bool:
    """Tell whether the database is away or busy, as opposed to wrong SQL, which SQLite calls operational too."""
    cause = fault.orig if isinstance(fault, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_WORLD
    return not isinstance(fault, DatabaseError) or isinstance(fault, OperationalError)


def _in_short(fault: Exception) -> str:
    """Return the driver's own words, without the statement."""
    cause = fault.orig if isinstance(fault, DBAPIError) and fault.orig else fault
    return f"{type(cause).__name__}: {cause}".strip()
