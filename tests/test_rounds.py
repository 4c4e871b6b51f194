"""When rounds open and are due, as tables: Danish working days, Easter, summer and winter, and a municipality's own days off."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dialogs import rounds
from dialogs.rounds import Round
from dialogs.script import Model, RoundRule, Wording

APRIL = RoundRule("spring", "spring", 4, 1)
OCTOBER = RoundRule("autumn", "autumn", 10, 1)
NEW_YEAR = RoundRule("draft", "draft", 1, 19)
BOTH = Model("dialogaftale", Wording("Dialogaftale", "Dialogue agreement"), rounds=(OCTOBER, APRIL))
YEARLY = Model("institutionsaftale", Wording("Institutionsaftale", "Institution agreement"), rounds=(NEW_YEAR,))

DUE: dict[str, tuple[RoundRule, int, date]] = {
    "a Thursday": (APRIL, 2027, date(2027, 4, 1)),
    "a Saturday": (APRIL, 2028, date(2028, 3, 31)),
    "Easter Sunday, and Maundy Thursday before it": (APRIL, 2029, date(2029, 3, 28)),
    "a Monday": (APRIL, 2030, date(2030, 4, 1)),
    "a Tuesday": (APRIL, 2031, date(2031, 4, 1)),
    "Maundy Thursday is in late March": (APRIL, 2032, date(2032, 4, 1)),
    "a Friday": (APRIL, 2033, date(2033, 4, 1)),
    "Saturday before Easter week": (APRIL, 2034, date(2034, 3, 31)),
    "a Sunday": (APRIL, 2035, date(2035, 3, 30)),
    "a Friday in October": (OCTOBER, 2027, date(2027, 10, 1)),
    "a Sunday in October": (OCTOBER, 2028, date(2028, 9, 29)),
    "a Saturday in October": (OCTOBER, 2033, date(2033, 9, 30)),
    "a Sunday in January": (NEW_YEAR, 2031, date(2031, 1, 17)),
}


@pytest.mark.parametrize(("rule", "year", "due"), DUE.values(), ids=DUE)
def test_a_deadline_rolls_back_to_the_working_day_before(rule: RoundRule, year: int, due: date) -> None:
    assert rounds.round_in(rule, year).due_on == due


@pytest.mark.parametrize("year", range(2027, 2036))
@pytest.mark.parametrize("rule", [APRIL, OCTOBER, NEW_YEAR], ids=lambda rule: rule.id)
def test_every_round_opens_and_is_due_on_working_days_in_order(rule: RoundRule, year: int) -> None:
    one = rounds.round_in(rule, year)
    nominal = date(year, rule.month, rule.day)
    assert rounds.is_working_day(one.opens_on)
    assert rounds.is_working_day(one.due_on)
    assert one.opens_on < one.due_on <= nominal
    assert nominal - one.due_on <= timedelta(days=5), "the longest stretch without work is Easter"
    assert one.opens_on >= nominal - timedelta(days=rule.opens_days)


def test_a_round_knows_its_year_its_script_and_when_it_opens() -> None:
    assert rounds.round_in(APRIL, 2027) == Round("2027-spring", "spring", date(2027, 3, 4), date(2027, 4, 1))


def test_a_round_that_would_open_on_a_saturday_opens_on_monday() -> None:
    assert date(2028, 3, 4).weekday() == 5
    assert rounds.round_in(APRIL, 2028).opens_on == date(2028, 3, 6)


DAYS: dict[str, tuple[date, bool]] = {
    "an ordinary Wednesday": (date(2027, 3, 10), True),
    "a Saturday": (date(2027, 3, 13), False),
    "a Sunday": (date(2027, 3, 14), False),
    "Maundy Thursday": (date(2027, 3, 25), False),
    "Good Friday": (date(2027, 3, 26), False),
    "Easter Monday": (date(2027, 3, 29), False),
    "the Tuesday after Easter": (date(2027, 3, 30), True),
    "Store Bededag, abolished": (date(2027, 4, 23), True),
    "Store Bededag, when it was one": (date(2023, 5, 5), False),
    "Ascension Day": (date(2027, 5, 6), False),
    "the Friday after it": (date(2027, 5, 7), True),
    "Whit Monday": (date(2027, 5, 17), False),
    "Constitution Day is the municipality's own": (date(2029, 6, 5), True),
    "Christmas Eve is the municipality's own": (date(2027, 12, 24), True),
    "Boxing Day on a Monday": (date(2033, 12, 26), False),
    "New Year's Day": (date(2027, 1, 1), False),
    "the day summer time begins": (date(2027, 3, 28), False),
    "the day after summer time begins": (date(2028, 3, 27), True),
    "the day after winter time begins": (date(2027, 11, 1), True),
}


@pytest.mark.parametrize(("day", "expected"), DAYS.values(), ids=DAYS)
def test_working_days_in_denmark(day: date, *, expected: bool) -> None:
    assert rounds.is_working_day(day) is expected


def test_a_municipality_can_take_days_off_of_its_own() -> None:
    own = frozenset({date(2027, 12, 24), date(2027, 12, 31)})
    assert not rounds.is_working_day(date(2027, 12, 24), own)
    assert rounds.working_day_on_or_before(date(2027, 12, 26), own) == date(2027, 12, 23)
    assert rounds.working_day_on_or_after(date(2027, 12, 31), own) == date(2028, 1, 3)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2027, 3, 10), date(2027, 3, 10), date(2027, 3, 10)),
        (date(2027, 3, 14), date(2027, 3, 12), date(2027, 3, 15)),
        (date(2029, 4, 1), date(2029, 3, 28), date(2029, 4, 3)),
        (date(2027, 1, 1), date(2026, 12, 31), date(2027, 1, 4)),
        (date(2027, 12, 25), date(2027, 12, 24), date(2027, 12, 27)),
    ],
)
def test_the_closest_working_day_on_either_side(day: date, before: date, after: date) -> None:
    assert rounds.working_day_on_or_before(day) == before
    assert rounds.working_day_on_or_after(day) == after


BETWEEN: dict[str, tuple[date, date, list[str]]] = {
    "a whole year": (date(2027, 1, 1), date(2027, 12, 31), ["2027-spring", "2027-autumn"]),
    "over New Year": (date(2027, 9, 1), date(2028, 4, 30), ["2027-autumn", "2028-spring"]),
    "both ends count": (date(2027, 4, 1), date(2027, 10, 1), ["2027-spring", "2027-autumn"]),
    "the day that counts is the one it rolled back to": (date(2029, 3, 29), date(2029, 4, 1), []),
    "an empty stretch": (date(2027, 5, 1), date(2027, 6, 1), []),
}


@pytest.mark.parametrize(("first", "last", "expected"), BETWEEN.values(), ids=BETWEEN)
def test_the_rounds_of_a_period_come_by_date(first: date, last: date, expected: list[str]) -> None:
    assert [one.id for one in rounds.rounds_between(BOTH, first, last)] == expected


OPEN: dict[str, tuple[date, list[str]]] = {
    "the day before it opens": (date(2027, 3, 3), []),
    "the day it opens": (date(2027, 3, 4), ["2027-spring"]),
    "the day it is due": (date(2027, 4, 1), ["2027-spring"]),
    "the day after": (date(2027, 4, 2), []),
    "Easter 2029, the last day": (date(2029, 3, 28), ["2029-spring"]),
    "Easter 2029, the nominal day": (date(2029, 4, 1), []),
    "autumn": (date(2027, 9, 15), ["2027-autumn"]),
}


@pytest.mark.parametrize(("today", "expected"), OPEN.values(), ids=OPEN)
def test_a_round_is_open_from_the_day_it_opens_to_the_day_it_is_due(today: date, expected: list[str]) -> None:
    assert [one.id for one in rounds.rounds_open(BOTH, today)] == expected


def test_a_round_due_in_january_opens_in_december() -> None:
    assert [one.id for one in rounds.rounds_open(YEARLY, date(2026, 12, 22))] == ["2027-draft"]


ALWAYS = [(date(2020, 1, 1), date(2050, 12, 31))]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (date(2027, 1, 1), date(2027, 3, 4)),
        (date(2027, 3, 4), date(2027, 9, 3)),
        (date(2027, 12, 31), date(2028, 3, 6)),
    ],
)
def test_the_next_opening_is_the_first_after_today_in_any_model(after: date, expected: date) -> None:
    assert rounds.next_opening([BOTH], ALWAYS, after) == expected


def test_without_models_nothing_opens() -> None:
    assert rounds.next_opening([], ALWAYS, date(2027, 1, 1)) is None
    assert rounds.next_opening([YEARLY, BOTH], ALWAYS, date(2027, 1, 1)) == date(2027, 3, 4)


def test_a_round_that_opens_when_no_agreement_is_in_force_is_not_the_next() -> None:
    ends = [(date(2026, 1, 1), date(2027, 6, 30))]
    assert rounds.next_opening([BOTH], ends, date(2027, 1, 1)) == date(2027, 3, 4)
    assert rounds.next_opening([BOTH], ends, date(2027, 3, 10)) is None
