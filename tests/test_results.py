"""What a year comes to: latest judgements, shared goals rolled up, budgets put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.reports.report import Kind
from cards.reports.year import Year as Seen
from dialogs.engine import Subject
from dialogs.results import Rolled, counted_together, judged, offered, roll_up, split, statuses, tally, totals
from dialogs.script import Attainment, Role
from tests.autumns import Year, economy, goal, initiative
from tests.autumns import judged as said

ABSENCE = goal(1, "Sygefraværet er højst 4,9 %", "direktion", units=3)
SAFE = goal(2, "Flere børn er trygge")
OWN = goal(3, "Alle er ude hver dag", "lokal")
MIDYEAR = {"model": "institutionsaftale", "round_id": "midyear", "due": date(2027, 6, 10)}


def seen(year: Year) -> Seen:
    return Seen(year.findings(Kind.JOINT))


def test_a_goal_counts_by_the_last_dialogue_that_judged_it() -> None:
    year = Year()
    year.told("Solsikken", {SAFE: said("partly", "5.5")})
    year.told("Solsikken", {SAFE: said("reached", "4.8")}, due=date(2027, 11, 5))
    (outcome,) = seen(year).outcomes
    assert outcome.counts_as is Attainment.REACHED
    assert outcome.reading
    assert outcome.reading.value == Decimal("4.8")


def test_a_dialogue_that_judges_nothing_takes_no_judgement_away() -> None:
    year = Year()
    year.told("Solsikken", {SAFE: said("partly", "5.5")}, due=date(2027, 4, 1))
    year.told("Solsikken", {SAFE: {"course": {"course": "on_course"}}}, model="institutionsaftale", round_id="midyear")
    (outcome,) = seen(year).outcomes
    assert outcome.counts_as is Attainment.PARTLY


def test_a_goal_that_is_only_followed_is_not_judged() -> None:
    year = Year()
    year.told("Solsikken", {SAFE: {"course": {"course": "off_course"}}}, model="institutionsaftale", round_id="midyear")
    assert tally(seen(year).outcomes)[None] == 1
    assert judged(tally(seen(year).outcomes)) == 0


def test_nothing_measured_after_the_year_is_its_reading() -> None:
    late = {**said("partly", "5.5"), "reading": {"value": "4.0", "measured_on": "2028-01-02", "source": "Løn"}}
    year = Year()
    year.told("Solsikken", {SAFE: late})
    assert seen(year).outcomes[0].reading is None


def test_a_shared_goal_is_one_and_keeps_what_each_unit_said() -> None:
    year = Year()
    for unit, attained, value in (("A", "reached", "4.7"), ("B", "partly", "5.5"), ("C", "not_reached", "6.1")):
        year.told(unit, {ABSENCE: said(attained, value)})
    (rolled,) = seen(year).goals
    assert [rolled.counts[one] for one in Attainment] == [1, 1, 1, 0]
    assert [one.value for one in rolled.readings] == [Decimal("4.7"), Decimal("5.5"), Decimal("6.1")]


def test_goals_of_the_same_words_source_policy_and_measure_are_one() -> None:
    other = replace(SAFE, id="goal-9", heading="Skolepolitikken")
    ours = replace(SAFE, id="goal-7", title="Flere børn  er trygge")
    year = Year()
    for unit, subject in (("A", SAFE), ("B", ours), ("C", other)):
        year.told(unit, {subject: said("partly", "5.5")})
    one, apart = seen(year).goals
    assert [outcome.subject.id for outcome in one.outcomes] == ["goal-2", "goal-7"]
    assert one.is_shared
    assert not one.is_common
    assert [outcome.subject.heading for outcome in apart.outcomes] == ["Skolepolitikken"]


def test_two_goals_of_the_same_words_that_one_unit_has_stay_two() -> None:
    year = Year()
    again = replace(SAFE, id="goal-7")
    year.told("A", {SAFE: said("partly", "5.5"), again: said("reached", "4.5")})
    year.told("B", {again: said("reached", "4.7")})
    assert [[one.unit for one in goal.outcomes] for goal in seen(year).goals] == [[1, 2], [1]]


def test_the_goals_and_initiatives_of_a_policy_stand_together_in_one_order() -> None:
    at_sea, school = (
        goal(7, "Alle kan svømme", policy="Åpolitikken", units=2),
        goal(8, "Flere læser", policy="Skolepolitikken"),
    )
    year = Year()
    year.told(
        "A",
        {school: said("reached", "4"), initiative(1, "Svøm", policy="Åpolitikken"): {"status": {"status": "delayed"}}},
    )
    year.told(
        "B",
        {
            at_sea: said("reached", "4"),
            initiative(2, "Læs", policy="Skolepolitikken"): {"status": {"status": "delayed"}},
        },
    )
    own = {goal(9, "Flere skriver", policy="Åpolitikken"): said("reached", "4"), at_sea: said("reached", "4")}
    year.told("C", own)
    found = seen(year)
    assert [one.subject.title for one in found.goals] == ["Flere læser", "Alle kan svømme", "Flere skriver"]
    assert [one.subject.title for one in found.standings] == ["Læs", "Svøm"]


def test_a_goal_with_one_number_for_all_has_the_newest_reading_alone() -> None:
    common = goal(4, "Halvdelen klares digitalt", "direktion", units=2, is_common=True)
    year = Year()
    year.told("A", {common: said("partly", "31")})
    newer = {**said("partly", "35"), "reading": {"value": "35", "measured_on": "2027-09-20", "source": "Statistik"}}
    year.told("B", {common: newer})
    (rolled,) = seen(year).goals
    assert [one.value for one in rolled.readings] == [Decimal(35)]


def test_goals_stand_by_source_then_shared_then_by_unit() -> None:
    second = goal(5, "Flere læser", units=1)
    year = Year()
    year.told("A", {OWN: said("reached", "4"), SAFE: said("reached", "4"), ABSENCE: said("reached", "4")})
    shared = goal(6, "Fælles læselyst", units=2)
    year.told("B", {second: said("reached", "4"), shared: said("reached", "4"), ABSENCE: said("reached", "4")})
    assert [one.subject.title for one in seen(year).goals] == [
        "Fælles læselyst",
        "Flere børn er trygge",
        "Flere læser",
        "Sygefraværet er højst 4,9 %",
        "Alle er ude hver dag",
    ]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6), st.integers(1, 5), st.sampled_from(["reached", "partly", "not_reached", "unknown"])
        )
    )
)
def test_however_the_units_judge_every_goal_is_there_once_and_the_counts_add_up(
    told: list[tuple[int, int, str]],
) -> None:
    year = Year()
    for unit, number, attained in told:
        year.told(f"Enhed {unit}", {goal(number, f"Mål {number}", ["politik", "lokal"][number % 2]): said(attained)})
    found = seen(year)
    last = {(unit, number): attained for unit, number, attained in told}
    assert len(found.goals) == len({number for _, number, _ in told})
    assert len(found.outcomes) == len(last)
    counts = counted_together(found.goals)
    assert {one: counts[one] for one in Attainment} == {one: list(last.values()).count(one.value) for one in Attainment}
    by_source = split(found.goals, lambda subject: subject.source).values()
    assert sum(judged(counted_together(goals)) for goals in by_source) == judged(counts)


def test_rolling_up_nothing_is_nothing() -> None:
    assert roll_up((), ("politik",)) == ()
    assert totals(()) is None
    assert Rolled(Subject("goal-1", "goal", "x"), ()).readings == ()


def test_an_initiative_counts_by_its_last_status_and_once_when_a_new_agreement_carries_it_on() -> None:
    first, second = initiative(1, "Overlevering"), initiative(2, "Overlevering")
    carried = Subject(second.id, second.kind, second.title, second.source, continues=first.id)
    year = Year()
    year.told("A", {first: {"status": {"status": "delayed"}}}, round_id="spring", due=date(2027, 4, 1))
    year.told("A", {carried: {"status": {"status": "completed"}}})
    found = seen(year)
    (standing,) = found.standings
    counted = statuses(found.standings, offered(found.told, Role.STATUS, "initiative"))
    assert standing.subject.id == "initiative-2"
    assert {choice.id: number for choice, number in counted if number} == {"completed": 1}


@pytest.mark.parametrize(
    ("expected", "difference"),
    [("950000", Decimal(-50000)), ("1000000", Decimal(0)), ("1000000.50", Decimal("0.50"))],
)
def test_a_difference_is_what_is_expected_less_the_budget_to_the_oere(expected: str, difference: Decimal) -> None:
    year = Year()
    year.told("A", {}, economy("1000000", expected), model="institutionsaftale", round_id="year")
    (budget,) = seen(year).budgets
    assert budget.difference == difference
    assert budget.holds
    assert budget.holds.id == "budget_holds"


def test_a_unit_that_is_asked_twice_has_the_budget_it_told_last() -> None:
    year = Year()
    year.told("A", {}, economy("1000000", "1100000", "budget_over", "100000"), **MIDYEAR)  # type: ignore[arg-type]
    year.told("A", {}, economy("1000000", "1000000"), model="institutionsaftale", round_id="year")
    (budget,) = seen(year).budgets
    assert (budget.expected, budget.deviation, budget.cause) == (Decimal(1000000), None, "")


def test_totals_are_of_those_that_told_both_numbers() -> None:
    year = Year()
    year.told("A", {}, economy("1000000", "900000"), model="institutionsaftale", round_id="year")
    year.told("B", {}, economy("500000", "700000.25"), model="institutionsaftale", round_id="year")
    year.told("C", {}, {"economy": {"budget": "5"}}, model="institutionsaftale", round_id="year")
    whole = totals(seen(year).budgets)
    assert whole
    assert (whole.units, whole.budget, whole.expected, whole.difference) == (
        2,
        Decimal(1500000),
        Decimal("1600000.25"),
        Decimal("100000.25"),
    )
