"""Whole reports of Fjordby as JSON: tests/golden_reports/<report>.<unit>.<language>.json.

When a report is meant to say something else:  DIALOGBOT_UPDATE_GOLDEN=1 python -m pytest tests/test_golden_reports.py
Then read what git says has changed, and commit it with the change that made it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot import rehearsal
from bot.gathering import House
from cards.reports.composing import compose
from cards.reports.data import as_json
from cards.reports.report import Kind
from dialogs.results import wording
from store import tables as t
from store.database import open_database
from store.work import Work
from tests.databases import fresh_database
from tests.test_fjordby import played
from tests.test_reports import said, table, texts_of
from tests.town import Town, at_nine, library
from tests.yearbook import findings

FOLDER = Path(__file__).parent / "golden_reports"
UPDATE = os.environ.get("DIALOGBOT_UPDATE_GOLDEN") == "1"
REPORTS = (
    (Kind.RECORD, "solsikken", "da"),
    (Kind.UNIT, "idraetscentret", "da"),
    (Kind.JOINT, "teknik-og-kultur", "da"),
    (Kind.COMMITTEE, "boern-og-skole", "da"),
    (Kind.COMMITTEE, "teknik-og-kultur", "en"),
    (Kind.COUNCIL, "fjordby", "da"),
)


@pytest.fixture(scope="module")
def fjordby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Fjordby with its history, and a reply to Solsikken's autumn; tests only look."""
    with fresh_database("sqlite", tmp_path_factory.mktemp("reports")) as url, open_database(url) as database:
        town = played(Town(database, House(library(), rehearsal.TITLE)))
        autumn = findings(town, Kind.RECORD, "solsikken").held[-1].scene.dialogue
        jens = town.id_of(t.person, email="jens@fjordby.example")
        for kind, text, day in (("question", "Hvornår kan I nå det?", 5), ("approval", "", 8)):
            reply = partial(
                respond, dialogue=autumn, person=jens, kind=kind, text=text, at=at_nine(date(2026, 10, day))
            )
            town.do(reply)
        yield town


def respond(connection: Connection, dialogue: int, person: int, kind: str, text: str, at: datetime) -> int:
    return Work(connection).respond(dialogue, person, kind, text, at)


@pytest.mark.parametrize(("kind", "unit", "language"), REPORTS)
def test_the_report_is_as_it_was_agreed_to_be(fjordby: Town, kind: Kind, unit: str, language: str) -> None:
    content = as_json(compose(findings(fjordby, kind, unit, language=language)))
    path = FOLDER / f"{kind.value}.{unit}.{language}.json"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == content, f"{path.name}: see the head of this file"


def test_every_file_is_of_a_report() -> None:
    names = {f"{kind.value}.{unit}.{language}.json" for kind, unit, language in REPORTS}
    assert {path.name for path in FOLDER.iterdir()} == names


@pytest.mark.parametrize("unit", ["boern-og-skole", "sundhed-og-omsorg", "teknik-og-kultur", "fjordby"])
def test_every_goal_of_a_real_year_stands_in_the_table_once(fjordby: Town, unit: str) -> None:
    for kind in (Kind.JOINT, Kind.COMMITTEE, Kind.COUNCIL):
        found = findings(fjordby, kind, unit)
        goals = [one for held in found.held for one in held.scene.subjects if one.kind == "goal"]
        meant = {wording(one) for one in goals if kind is Kind.JOINT or one.source in found.political}
        rows = table(compose(found), "goals").rows
        assert sorted(row[1].text for row in rows) == sorted(title for title, *_ in meant)


@pytest.mark.parametrize("unit", ["solsikken", "familiehuset", "jobcenter", "park-og-vej", "fjordby"])
def test_every_word_that_a_unit_sent_stands_in_its_record(fjordby: Town, unit: str) -> None:
    found = findings(fjordby, Kind.RECORD, unit)
    told = said(compose(found))
    words = {text for held in found.held for text in texts_of(held)}
    assert len(words) > 3
    assert {text for text in words if text not in told} == set()


def test_a_unit_that_sent_nothing_has_reports_that_say_so(fjordby: Town) -> None:
    for kind in Kind:
        found = findings(fjordby, kind, "solsikken", year=2024)
        assert found.held == ()
        assert len(said(compose(found))) > 100
