"""An autumn dialogue through the house: goals asked about with their figures, what they showed kept, the next agreement when due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from bot.gathering import House, frozen_script, gather
from cards.scene import Scene
from dialogs.library import Library, load
from dialogs.script import Script
from store import tables as t
from store.database import Database
from store.work import Work
from tests.town import Town, User, at_nine, fjordby

SEPTEMBER = date(2026, 9, 10)
OWN = Path(__file__).parent / "models"


@pytest.fixture
def town(database: Database) -> Town:
    """Fjordby in September, with one goal about absence that Solsikken and Månen share."""
    town = fjordby(database)
    found = load(OWN)
    assert isinstance(found, Library), found
    town.house = House(found, "Fjordby Kommune")
    town.now = at_nine(SEPTEMBER)
    values = {"measure": "%", "baseline": Decimal("6.5"), "baseline_on": date(2025, 12, 31), "target": Decimal("4.9")}
    goal = town.add(
        t.goal,
        code="M-FRAVÆR",
        title="Sygefraværet er højst 4,9 %",
        source="direktion",
        due_on=date(2028, 12, 31),
        **values,
    )
    for unit in ("solsikken", "maanen"):
        agreement = town.id_of(t.agreement, code=f"{unit}-2026")
        link = insert(t.agreement_goal).values(agreement_id=agreement, goal_id=goal)
        town.do(lambda connection, link=link: connection.execute(link))  # type: ignore[misc]
    mette = town.id_of(t.person, email="mette@fjordby.example")
    town.add(
        t.reading,
        goal_id=goal,
        value=Decimal("5.8"),
        measured_on=date(2026, 3, 31),
        source="Løn",
        person_id=mette,
        at=town.now,
    )
    town.plan()
    return town


def to_the_goal(town: Town) -> User:
    """Mette has said that all goes well with the initiatives."""
    mette = town.user("mette").says("start").presses("Start")
    for _ in range(3):
        mette.presses("I gang")
    return mette


def kept(town: Town) -> list[tuple[object, ...]]:
    mine = select(
        t.reading.c.value,
        t.reading.c.measured_on,
        t.reading.c.source,
        t.reading.c.no_data_because,
        t.reading.c.next_reading_on,
    ).where(t.reading.c.dialogue_id.is_not(None))
    return [tuple(row) for row in town.do(lambda connection: connection.execute(mine).all())]


def attained(town: Town) -> str | None:
    asked = select(t.agreement_goal.c.last_attainment).where(
        t.agreement_goal.c.agreement_id == town.id_of(t.agreement, code="solsikken-2026")
    )
    found: str | None = town.do(lambda connection: connection.execute(asked).scalar_one())
    return found


def finish(mette: User) -> User:
    """Press on past whatever is left, and send."""
    for _ in range(20):
        wanted = (
            "Send til Jens",
            "Se opsummeringen",
            "Uændret",
            "Spring over",
            "Det aftaler vi på mødet",
            "Aftalen passer",
            "Næste",
        )
        label = next((one for one in wanted if any(have.startswith(one) for have in mette.labels)), None)
        if "Tak, Mette" in mette.sees:
            return mette
        mette.presses(label or mette.labels[0].split(" ", 1)[-1])
    raise AssertionError(mette.sees)


def test_a_goal_is_asked_about_with_its_figures_and_what_it_shows_is_kept_when_sent(town: Town) -> None:
    mette = to_the_goal(town)
    assert "Sygefraværet er højst 4,9 %" in mette.sees
    mette.presses("Næste", value="5,7 %", measured_on="1. september 2026", source="Lønsystemet")
    mette.presses("Delvist")
    mette.presses("Næste", cause="too_early", basis="Tallene for august")
    mette.presses("Næste", consequence="continue")
    assert kept(town) == [], "nothing is kept of a goal before it is sent"
    finish(mette)
    assert kept(town) == [(Decimal("5.7"), date(2026, 9, 1), "Lønsystemet", None, None)]
    assert attained(town) == "partly"


@pytest.mark.parametrize("readings", [None, "common"])
def test_a_number_that_is_known_already_stands_in_its_field(town: Town, readings: str | None) -> None:
    goal = town.id_of(t.goal, code="M-FRAVÆR")
    town.do(lambda connection: connection.execute(update(t.goal).where(t.goal.c.id == goal).values(readings=readings)))
    unit = None if readings else town.id_of(t.unit, code="solsikken")
    measured = {"value": Decimal("5.4"), "measured_on": date(2026, 8, 31), "source": "Lønsystemet"}
    town.add(t.reading, goal_id=goal, unit_id=unit, at=town.now, **measured)
    mette = to_the_goal(town)
    assert "Fælles mål for 2 enheder" in mette.sees
    assert ("Tallet er fælles for alle 2 enheder" in mette.sees) == (readings == "common")
    mette.presses("Næste")
    mette.presses("Delvist")
    mette.presses("Næste", cause="too_early", basis="Tallene for august")
    mette.presses("Næste", consequence="continue")
    finish(mette)
    said = next(values for (_, step), values in town.answers("solsikken").items() if step == "reading")
    assert said == {"value": "5.4", "measured_on": "2026-08-31", "source": "Lønsystemet"}
    assert kept(town) == [(Decimal("5.4"), date(2026, 8, 31), "Lønsystemet", None, None)]


@pytest.mark.parametrize(
    ("agreement", "unit", "expected"),
    [("smtte", None, "smtte"), (None, "percent", "percent"), ("logic", "percent", "logic"), (None, None, "attainment")],
)
def test_an_agreement_is_evaluated_as_it_says_else_as_the_closest_unit_above(
    town: Town, agreement: str | None, unit: str | None, expected: str
) -> None:
    def choose(connection: Connection) -> None:
        ours = t.agreement.c.code == "solsikken-2026"
        connection.execute(update(t.agreement).where(ours).values(evaluation=agreement))
        connection.execute(update(t.unit).where(t.unit.c.code == "dagtilbud").values(evaluation=unit))
        connection.execute(t.delivery.delete())
        connection.execute(t.dialogue.delete())

    town.do(choose)
    town.plan()
    assert frozen(town, "solsikken").evaluation == expected
    assert frozen(town, "maanen").evaluation == (unit or "attainment")


def frozen(town: Town, unit: str) -> Script:
    """The script the unit's latest dialogue was opened with."""
    number = town.dialogue(unit)

    def read(connection: Connection) -> Script:
        work = Work(connection)
        dialogue = work.dialogue(number)
        assert dialogue is not None
        return frozen_script(work, dialogue.script_digest)

    return town.do(read)


def test_what_was_said_last_time_follows_an_initiative_into_the_next_agreement(town: Town) -> None:
    finish(
        to_the_goal(town)
        .presses("Der er ingen nye data")
        .presses("Næste", because="Måles i december.", next_reading_on="15. december 2026")
        .presses("Ikke nået")
        .presses("Næste", cause="too_early", basis="")
        .presses("Næste", consequence="continue")
    )
    old = town.id_of(t.initiative, title="Overleveringsmøder")
    town.do(lambda connection: connection.execute(update(t.agreement).values(to_day=date(2026, 12, 31))))
    unit = town.id_of(t.unit, code="solsikken")
    new = town.add(
        t.agreement, code="solsikken-2027", unit_id=unit, from_day=date(2027, 1, 1), to_day=date(2028, 6, 30)
    )
    goal = town.do(
        lambda connection: connection.execute(
            select(t.initiative.c.goal_id).where(t.initiative.c.id == old)
        ).scalar_one()
    )
    town.add(
        t.initiative,
        code="NY",
        goal_id=goal,
        agreement_id=new,
        title="Overleveringsmøder i hele distriktet",
        continues_id=old,
    )
    town.now = at_nine(date(2027, 3, 10))
    town.plan()
    mette = town.user("mette").opens().presses("Start")
    assert "Overleveringsmøder i hele distriktet" in mette.sees
    assert "Sidst, oktober 2026: ◐ I gang" in mette.sees
    assert "Uændret siden sidst" in mette.labels


def test_no_new_data_needs_a_reason_and_the_next_day(town: Town) -> None:
    mette = to_the_goal(town).presses("Der er ingen nye data")
    mette.presses("Næste", because="", next_reading_on="")
    assert "Skriv" in mette.sees
    mette.presses("Næste", because="Tallene kommer i december", next_reading_on="1. december 2026")
    mette.presses("Kan ikke vurderes")
    mette.presses("Næste", consequence="continue")
    finish(mette)
    assert kept(town) == [(None, None, None, "Tallene kommer i december", date(2026, 12, 1))]
    assert attained(town) == "unknown"


def scene_of(town: Town) -> Scene:
    """The dialogue as Mette sees it."""
    number, mette = town.dialogue("solsikken"), town.id_of(t.person, email="mette@fjordby.example")

    def gathered(connection: Connection) -> Scene:
        work = Work(connection)
        dialogue = work.dialogue(number)
        assert dialogue is not None
        return gather(town.house, work, dialogue, work.person_by_id(mette), SEPTEMBER).scene

    return town.do(gathered)


def test_the_figures_shown_are_the_goals_own_and_the_earlier_readings(town: Town) -> None:
    (goal,) = [one for one in scene_of(town).subjects if one.kind == "goal"]
    assert goal.figures is not None
    assert (goal.figures.baseline, goal.figures.target) == (Decimal("6.5"), Decimal("4.9"))
    assert [one.value for one in goal.figures.readings] == [Decimal("5.8")]


@pytest.mark.parametrize(("until", "asked"), [(date(2027, 6, 30), True), (date(2029, 6, 30), False)])
def test_the_next_agreement_is_asked_about_when_one_is_due(town: Town, until: date, *, asked: bool) -> None:
    town.do(lambda connection: connection.execute(t.agreement.update().values(to_day=until)))
    titles = [one.title for one in scene_of(town).subjects if one.kind == "renewal"]
    assert titles == (["Næste dialogaftale, 1. juli 2027 – 31. december 2029"] if asked else [])
