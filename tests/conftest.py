"""What every test may ask for: a real, empty database of either kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database, open_database
from tests.databases import FOLDER, KINDS, Kind, Run, fresh_database

RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    if FOLDER not in os.environ:  # the run's first process; xdist's workers inherit its folder
        config.stash[RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].end()
        del os.environ[FOLDER]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which database; `@pytest.mark.parametrize("kind", ["sqlite"])` on a test takes one of them only."""
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def unmigrated_url(kind: Kind, tmp_path: Path) -> Iterator[str]:
    """The address of a database without a single table."""
    with fresh_database(kind, tmp_path, migrated=False) as url:
        yield url


@pytest.fixture
def database_url(kind: Kind, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables, and nothing in them."""
    with fresh_database(kind, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables, and nothing in them."""
    with open_database(database_url) as opened:
        yield opened
