"""An absence that somebody told in the chat, or ended there, is not undone by a workbook that was written before."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from cards.card import Press
from store import tables as t
from store.database import Database
from store.workbook.exporting import export_workbook
from store.workbook.importing import Report, import_workbook
from tests.test_importing import MODELS
from tests.test_nudging import march
from tests.town import DENMARK, Town, fjordby


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.do(with_models_of_the_workbook)
    return town


def with_models_of_the_workbook(connection: Connection) -> None:
    connection.execute(update(t.unit).values(model="dialogaftale"))
    connection.execute(t.initiative.delete())
    connection.execute(t.goal.delete())


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def export(town: Town, book: Path) -> None:
    town.do(lambda connection: export_workbook(connection, book, MODELS))


def read(town: Town, book: Path) -> Report:
    return town.do(lambda connection: import_workbook(connection, book, MODELS, town.now))


def on(town: Town, day: int) -> None:
    town.now = datetime.combine(march(day), time(9), DENMARK)


def away(town: Town) -> list[tuple[date, date]]:
    """The days somebody is away, from the first."""
    found = select(t.absence.c.from_day, t.absence.c.to_day).order_by(t.absence.c.from_day)
    return [(row.from_day, row.to_day) for row in town.do(lambda connection: connection.execute(found).all())]


def test_who_came_back_stays_back(town: Town, book: Path) -> None:
    town.away("mette", march(1), march(30), "dora")
    export(town, book)
    on(town, 10)
    town.user("mette").says("tilbage")
    report = read(town, book)
    assert (report.stored, report.changes) == (True, 0)
    assert away(town) == [(march(1), march(9))]
    (told,) = report.notes
    assert told.sheet == "Fravær"
    assert "mette@fjordby.example har selv meldt sig væk eller tilbage i chatten den 10-03-2027." in told.what.da


def test_who_came_back_on_the_first_day_stays_back(town: Town, book: Path) -> None:
    town.away("mette", march(10), march(30))
    export(town, book)
    on(town, 10)
    town.user("mette").says("tilbage")
    assert (read(town, book).changes, away(town)) == (0, [])


def test_who_said_in_the_chat_that_they_are_away_stays_away(town: Town, book: Path) -> None:
    absence = town.away("mette", march(12), march(30))
    export(town, book)
    town.do(lambda connection: connection.execute(t.absence.delete().where(t.absence.c.id == absence)))
    on(town, 10)
    town.user("mette").presses_old(Press("away_set"), last="15-3-2027")
    report = read(town, book)
    assert away(town) == [(march(10), march(15))]
    assert len(report.notes) == 1


def test_the_absences_of_others_and_of_other_days_are_read(town: Town, book: Path) -> None:
    town.away("ali", march(8), march(12))
    town.away("mette", march(1), march(30))
    later = town.away("mette", date(2027, 5, 3), date(2027, 5, 7))
    export(town, book)
    town.do(lambda connection: connection.execute(t.absence.delete().where(t.absence.c.id == later)))
    town.do(lambda connection: connection.execute(t.absence.update().values(to_day=march(9))))
    on(town, 9)
    town.user("mette").says("tilbage")
    report = read(town, book)
    assert report.changes == 2
    assert away(town) == [(march(1), march(8)), (march(8), march(12)), (date(2027, 5, 3), date(2027, 5, 7))]


def test_a_workbook_that_is_exported_afterwards_says_the_same(town: Town, book: Path) -> None:
    town.away("mette", march(1), march(30))
    on(town, 10)
    town.user("mette").says("tilbage")
    export(town, book)
    report = read(town, book)
    assert (report.changes, report.notes) == (0, ())
