"""Writes a new step from the difference between the steps so far and store/tables.py: see the package's own words."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from store.database import open_database
from store.migrations import alembic_config, migrate


def write_step(what: str) -> None:
    """Write versions/<next number>_<what>.py; it wants `ruff format` and a reader before it is committed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(f"sqlite:///{Path(folder, 'empty.sqlite')}") as database,
    ):
        migrate(database)
        with database.transaction() as connection:
            config = alembic_config(connection)
            number = sum(1 for _ in ScriptDirectory.from_config(config).walk_revisions()) + 1
            command.revision(config, what, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    write_step(" ".join(sys.argv[1:]) or "tables")
