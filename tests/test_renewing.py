"""The next period: what `dialogbot renew` carries over, under which codes, and that importing it amends nothing that was signed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select, update

from bot.main import main
from store import tables as t
from store.database import Database, open_database
from store.workbook.exporting import NEXT_PERIOD, write_workbook
from store.workbook.importing import Report, import_workbook
from store.workbook.municipality import Agreement, Goal, Initiative, Municipality, Person, Post, Unit
from store.workbook.renewing import Finished, Renewal, renew, renewed
from tests.town import library

MODELS: Final = library().models
NOW: Final = datetime(2027, 3, 10, 8, tzinfo=UTC)
STARTS, ENDS = date(2027, 7, 1), date(2028, 12, 31)
OLD: Final = (date(2026, 1, 1), date(2027, 6, 30))
TOWN: Final = Municipality(
    units=(
        Unit("BY", "Byen", "forvaltning", model="dialogaftale"),
        Unit("SOL", "Solen", "enhed", "BY"),
        Unit("HAV", "Havgården", "selvejende", "BY"),
        Unit("MUS", "Museet", "enhed", "BY"),
    ),
    people=(Person("mette@by.example", "Mette Sø"),),
    posts=(Post("mette@by.example", "SOL", "leader", date(2024, 1, 1)),),
    agreements=(
        Agreement("SOL-2026", "SOL", *OLD),
        Agreement("HAV-26", "HAV", *OLD),
        Agreement("MUS-A", "MUS", date(2026, 1, 1), date(2027, 12, 31)),
    ),
    goals=(
        Goal("M1", "Fraværet falder", "direktion", ("HAV-26", "SOL-2026")),
        Goal("M2", "Fælles årsplan", "lokal", ("SOL-2026",)),
        Goal("M3", "Museets mål", "lokal", ("MUS-A",)),
    ),
    initiatives=(
        Initiative("I1", "M1", "SOL-2026", "Samtaler", "mette@by.example", date(2028, 5, 1)),
        Initiative("I2", "M1", "HAV-26", "Samtaler", due_on=date(2027, 5, 1)),
        Initiative("I3-2026", "M2", "SOL-2026", "Møder"),
        Initiative("I4", "M3", "MUS-A", "Udstilling"),
    ),
)


def next_period(town: Municipality = TOWN, finished: Finished | None = None) -> Renewal:
    return renewed(town, finished or Finished(), STARTS, ENDS)


def imported(database: Database, path: Path) -> Report:
    with database.transaction() as connection:
        return import_workbook(connection, path, MODELS, NOW)


def test_agreements_that_end_the_day_before_get_a_next_one_with_the_year_in_its_code() -> None:
    made = next_period()
    assert made.municipality.agreements[:3] == TOWN.agreements
    assert made.municipality.agreements[3:] == (
        Agreement("SOL-2027", "SOL", STARTS, ENDS),
        Agreement("HAV-27", "HAV", STARTS, ENDS),
    )
    assert (made.agreements, made.goals, made.initiatives) == (2, 2, 3)


def test_goals_keep_their_codes_and_are_in_both_agreements() -> None:
    goals = {goal.code: goal.agreements for goal in next_period().municipality.goals}
    assert goals == {
        "M1": ("HAV-26", "HAV-27", "SOL-2026", "SOL-2027"),
        "M2": ("SOL-2026", "SOL-2027"),
        "M3": ("MUS-A",),
    }


def test_initiatives_get_rows_of_their_own_that_go_on_from_the_old_without_deadlines_that_have_passed() -> None:
    assert next_period().municipality.initiatives[4:] == (
        Initiative("I1-2027", "M1", "SOL-2027", "Samtaler", "mette@by.example", date(2028, 5, 1), "I1"),
        Initiative("I2-2027", "M1", "HAV-27", "Samtaler", continues="I2"),
        Initiative("I3-2027", "M2", "SOL-2027", "Møder", continues="I3-2026"),
    )


def test_what_is_finished_stays_behind() -> None:
    made = next_period(finished=Finished(frozenset({("M1", "SOL-2026")}), frozenset({"I3-2026"})))
    goals = {goal.code: goal.agreements for goal in made.municipality.goals}
    assert goals["M1"] == ("HAV-26", "HAV-27", "SOL-2026")
    assert [one.code for one in made.municipality.initiatives[4:]] == ["I2-2027"]


def test_renewing_what_is_renewed_makes_nothing() -> None:
    again = next_period(next_period().municipality)
    assert (again.agreements, again.goals, again.initiatives) == (0, 0, 0)


def test_a_code_that_is_taken_gets_a_number() -> None:
    taken = Agreement("SOL-2027", "MUS", date(2020, 1, 1), date(2020, 12, 31))
    town = Municipality(TOWN.units, agreements=(*TOWN.agreements, taken))
    assert [one.code for one in next_period(town).municipality.agreements[4:]] == ["SOL-2027-2", "HAV-27"]


def test_importing_the_next_period_stores_it_and_amends_nothing_that_was_signed(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "kommune.xlsx"
    write_workbook(TOWN, path, MODELS)
    assert imported(database, path).stored
    with database.transaction() as connection:
        connection.execute(update(t.agreement).values(version=2))
        connection.execute(update(t.initiative).where(t.initiative.c.code == "I2").values(last_status="completed"))
        goal = select(t.goal.c.id).where(t.goal.c.code == "M2").scalar_subquery()
        connection.execute(
            update(t.agreement_goal).where(t.agreement_goal.c.goal_id == goal).values(last_attainment="reached")
        )
        made = renew(connection, STARTS, ENDS)
    write_workbook(made.municipality, path, MODELS, NEXT_PERIOD)
    report = imported(database, path)
    assert report.stored
    assert {sheet.sheet: len(sheet.new) for sheet in report.sheets if sheet.new} == {"Aftaler": 2, "Indsatser": 1}
    with database.transaction() as connection:
        assert connection.execute(select(t.amendment)).all() == []
        rows = connection.execute(select(t.agreement.c.code, t.agreement.c.version)).all()
        versions = {row.code: row.version for row in rows}
    assert versions == {"SOL-2026": 2, "HAV-26": 2, "MUS-A": 2, "SOL-2027": 1, "HAV-27": 1}


@pytest.fixture
def desk(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write in, beside a database with the town in it."""
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    path = tmp_path / "kommune.xlsx"
    write_workbook(TOWN, path, MODELS)
    with open_database(database_url) as database:
        assert imported(database, path).stored
    return tmp_path


def test_the_command_writes_a_workbook_that_can_be_imported(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk / "næste.xlsx"
    asked = ["renew", str(path), "--starts", "2027-07-01", "--ends", "2028-12-31"]
    assert main(asked) == 0
    assert "Nye aftaler: 2. Mål, der følger med: 2. Indsatser, der følger med: 3." in capsys.readouterr().out
    assert main(asked) == 1, "a file that is there is not overwritten unasked"
    assert main([*asked, "--force"]) == 0
    assert main(["import", str(path)]) == 0
    assert main([*asked, "--force"]) == 1
    assert "Ingen aftaler slutter 2027-06-30 uden at have en efterfølger." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ("2027-07-01", "2027-06-30", "2027-06-30 is not after 2027-07-01."),
        ("1/7", "2028-12-31", "1/7"),
        ("2027-08-01", "2028-12-31", "No agreement ends on 2027-07-31"),
    ],
)
def test_what_cannot_be_renewed_is_said_and_nothing_is_written(
    desk: Path, capsys: pytest.CaptureFixture[str], starts: str, ends: str, said: str
) -> None:
    path = desk / "next.xlsx"
    assert main(["--lang", "en", "renew", str(path), "--starts", starts, "--ends", ends]) == 1
    assert said in capsys.readouterr().err
    assert not path.exists()
