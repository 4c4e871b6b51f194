"""What the store keeps of goals: their figures, what the evidence showed, and how far each is reached."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, insert, select, update

from store import tables as t
from store.database import Database
from store.goals import MOST_READINGS, ReadingRow
from store.work import Work
from tests.town import Town, fjordby

OCTOBER = date(2027, 9, 15)


@pytest.fixture
def town(database: Database) -> Town:
    town = fjordby(database)
    town.plan()
    absence = town.add(
        t.goal,
        code="M-FRAVÆR",
        title="Sygefraværet er højst 4,9 %",
        source="direktion",
        measure="%",
        baseline=Decimal("6.5"),
        baseline_on=date(2026, 12, 31),
        target=Decimal("4.9"),
        due_on=date(2028, 12, 31),
        evidence="Sygefraværsstatistik fra løn",
    )
    for unit in ("solsikken", "maanen"):
        agreement = town.id_of(t.agreement, code=f"{unit}-2026")
        town.do(
            lambda connection, agreement=agreement: connection.execute(  # type: ignore[misc]
                insert(t.agreement_goal).values(agreement_id=agreement, goal_id=absence)
            )
        )
    return town


def ids(town: Town, unit: str) -> tuple[int, int, int, int]:
    """The agreement, the unit, the dialogue and the goal."""
    return (
        town.id_of(t.agreement, code=f"{unit}-2026"),
        town.id_of(t.unit, code=unit),
        town.dialogue(unit),
        town.id_of(t.goal, code="M-FRAVÆR"),
    )


def shown(town: Town, unit: str) -> list[Decimal | None]:
    agreement, unit_id, dialogue, goal = ids(town, unit)
    found = town.do(lambda connection: Work(connection).goals.readings(agreement, unit_id, dialogue))
    return [one.value for one in found.get(goal, ())]


def keep(town: Town, unit: str, *values: str, dialogue: int | None = None) -> None:
    _, unit_id, own, goal = ids(town, unit)
    mette = town.id_of(t.person, email="mette@fjordby.example")
    rows = [ReadingRow(goal, Decimal(value), OCTOBER, "Løn", "", None) for value in values]
    town.do(lambda connection: Work(connection).goals.keep_readings(dialogue or own, unit_id, rows, mette, town.now))


def test_a_goal_comes_with_its_figures_exactly_as_they_were_written(town: Town) -> None:
    agreement, _, _, goal = ids(town, "solsikken")
    (found,) = town.do(lambda connection: Work(connection).goals.of_agreement(agreement))
    assert (found.id, found.measure, found.baseline, found.target) == (goal, "%", Decimal("6.5"), Decimal("4.9"))
    assert (found.policy, found.objective, found.next_reading_on) == ("", "", None)


def test_a_dialogue_gives_one_reading_of_a_goal_and_sending_again_replaces_it(town: Town) -> None:
    for value in ("5.8", "5.7"):
        keep(town, "solsikken", value)
    assert town.count(t.reading) == 1
    kept = town.do(lambda connection: connection.execute(select(t.reading.c.value)).scalar_one())
    assert kept == Decimal("5.7")


def test_what_is_given_in_the_dialogue_itself_is_not_among_the_earlier_readings(town: Town) -> None:
    keep(town, "solsikken", "5.8")
    assert shown(town, "solsikken") == []


def test_a_units_reading_is_its_own_and_a_common_one_everybodys(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    mette = town.id_of(t.person, email="mette@fjordby.example")
    keep(town, "maanen", "7.1", dialogue=town.dialogue("solsikken"))  # another dialogue of Månen's, say last year's
    common = {"goal_id": goal, "value": Decimal("6.0"), "measured_on": date(2027, 3, 1), "person_id": mette}
    town.add(t.reading, **common, at=town.now)
    assert shown(town, "solsikken") == [Decimal("6.0")]
    assert shown(town, "maanen") == [Decimal("6.0"), Decimal("7.1")]


def common(town: Town, goal: int) -> None:
    town.do(lambda connection: connection.execute(update(t.goal).where(t.goal.c.id == goal).values(readings="common")))


def test_a_number_that_is_common_is_everybodys_and_shown_once(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    keep(town, "solsikken", "5.8")
    assert shown(town, "maanen") == [Decimal("5.8")]
    keep(town, "maanen", "6.3")  # another number for the same day is Månen's own
    assert readings_of(town, goal, unit=None) == [Decimal("5.8")]
    assert readings_of(town, goal, unit=town.id_of(t.unit, code="maanen")) == [Decimal("6.3")]
    assert shown(town, "maanen") == [Decimal("5.8")]


@pytest.mark.parametrize("instead", ["5.1", None])
def test_a_common_number_two_have_told_stays_when_the_first_takes_it_back(town: Town, instead: str | None) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    keep(town, "solsikken", "5.8")
    keep(town, "maanen", "5.8")
    keep(town, "solsikken", *([instead] if instead else []))
    assert readings_of(town, goal, unit=None) == [Decimal("5.8")]
    assert shown(town, "solsikken") == [Decimal("5.8")]


def test_the_workbooks_number_stands_before_one_that_was_told(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    keep(town, "solsikken", "5.8")
    town.add(t.reading, goal_id=goal, value=Decimal("5.9"), measured_on=OCTOBER, at=town.now)
    assert shown(town, "maanen") == [Decimal("5.9")]


def test_a_number_told_for_all_is_the_units_own_once_each_measures_for_itself(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    keep(town, "solsikken", "5.8")
    town.do(lambda connection: connection.execute(update(t.goal).where(t.goal.c.id == goal).values(readings=None)))
    assert shown(town, "maanen") == []


def test_two_who_tell_a_common_number_at_once_tell_one(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    told = {unit: (*ids(town, unit)[1:3], value) for unit, value in (("solsikken", "5.8"), ("maanen", "6.3"))}
    mette = town.id_of(t.person, email="mette@fjordby.example")

    def tell(unit: str) -> None:
        unit_id, dialogue, value = told[unit]
        row = ReadingRow(goal, Decimal(value), OCTOBER, "Løn", "", None)

        def act(connection: Connection) -> None:
            Work(connection).goals.keep_readings(dialogue, unit_id, [row], mette, town.now)
            time.sleep(0.2)  # the other one tells its number before this is committed

        town.do(act)

    with ThreadPoolExecutor() as both:
        list(both.map(tell, told))
    assert len(readings_of(town, goal, unit=None)) == 1


def readings_of(town: Town, goal: int, unit: int | None) -> list[Decimal]:
    kept = select(t.reading.c.value).where(t.reading.c.goal_id == goal, t.reading.c.unit_id.is_not_distinct_from(unit))
    return town.do(lambda connection: list(connection.execute(kept).scalars()))


def test_a_number_corrected_takes_the_place_of_the_common_one_it_gave(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    common(town, goal)
    keep(town, "solsikken", "5.8")
    keep(town, "solsikken", "5.6")
    assert readings_of(town, goal, unit=None) == [Decimal("5.6")]


def test_the_latest_readings_are_shown_oldest_first(town: Town) -> None:
    _, _, _, goal = ids(town, "solsikken")
    mette = town.id_of(t.person, email="mette@fjordby.example")
    for number in range(MOST_READINGS + 2):
        values = {"goal_id": goal, "value": Decimal(number), "measured_on": date(2010 + number, 1, 1)}
        town.add(t.reading, **values, person_id=mette, at=town.now)
    assert shown(town, "solsikken") == [Decimal(number) for number in range(2, MOST_READINGS + 2)]


def test_how_far_a_goal_is_reached_is_kept_for_each_agreement(town: Town) -> None:
    agreement, _, dialogue, goal = ids(town, "solsikken")
    town.do(lambda connection: Work(connection).goals.keep_attainments(agreement, dialogue, {goal: "partly"}))
    rows = town.do(
        lambda connection: connection.execute(
            select(t.agreement_goal.c.agreement_id, t.agreement_goal.c.last_attainment)
        ).all()
    )
    assert {row.agreement_id: row.last_attainment for row in rows} == {
        agreement: "partly",
        ids(town, "maanen")[0]: None,
    }
    (kept,) = town.do(lambda connection: Work(connection).goals.of_agreement(agreement))
    assert kept.units == 2
