"""The year of a model: rounds, milestones and agreements on working days, a unit's own dates, the command, and the feed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import select

from bot.almanac import Sheet, feed, lines
from bot.gathering import House
from bot.main import main
from dialogs import rounds
from dialogs.calendar import Entry, Period, What, calendar, next_agreement, of_unit, periods_between
from dialogs.dating import unknown_codes
from dialogs.library import Faults, Library, load
from dialogs.rounds import NO_DAYS_OFF, days_off_around
from dialogs.script import (
    DaysOff,
    Milestone,
    Model,
    OwnDates,
    RoundRule,
    SchoolHoliday,
    Script,
    Terms,
    Wording,
    YearDay,
)
from store import tables as t
from store.database import Database
from tests.databases import Kind
from tests.town import Town, fjordby

YEARS = range(2024, 2041)
NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)


def worded(text: str) -> Wording:
    return Wording(text, text)


def ours() -> Library:
    found = load()
    assert isinstance(found, Library), str(found)
    return found


DIALOGAFTALE, INSTITUTIONSAFTALE = (ours().models[name] for name in ("dialogaftale", "institutionsaftale"))
OURS = (DIALOGAFTALE, INSTITUTIONSAFTALE)
WINTER = SchoolHoliday(Wording("Vinterferie", "Winter holiday"), date(2027, 2, 15), date(2027, 2, 19))
EASTER_WEEK = SchoolHoliday(worded("Påskeferie"), date(2027, 3, 22), date(2027, 4, 2))
CLOSED = DaysOff((YearDay(5, 1), YearDay(6, 5), YearDay(12, 24), YearDay(12, 31)), (WINTER, EASTER_WEEK))


def told(model: Model, year: int, **asked: object) -> list[tuple[str, str, str]]:
    return [(str(one.day), str(one.what), one.id) for one in calendar(model, year, **asked)]  # type: ignore[arg-type]


def on(entries: tuple[Entry, ...], name: str, what: What = What.DUE) -> date:
    (found,) = [one for one in entries if one.id == name and one.what is what]
    return found.day


# --- our own models ---------------------------------------------------------------------------------------------------------


def test_the_year_of_dialogaftaler() -> None:
    assert told(DIALOGAFTALE, 2028) == [
        ("2028-03-06", "opens", "2028-spring"),
        ("2028-03-31", "due", "2028-spring"),
        ("2028-04-03", "milestone", "2028-tovholder_spring"),
        ("2028-09-04", "opens", "2028-autumn"),
        ("2028-09-04", "renewal", "2027-agreement"),
        ("2028-09-29", "due", "2028-autumn"),
        ("2028-10-02", "milestone", "2028-tovholder_autumn"),
        ("2028-11-01", "milestone", "2028-committees"),
        ("2028-12-01", "milestone", "2028-council"),
        ("2028-12-31", "ends", "2027-agreement"),
    ]


def test_the_year_of_institutionsaftaler() -> None:
    assert told(INSTITUTIONSAFTALE, 2026) == [
        ("2026-01-01", "begins", "2026-agreement"),
        ("2026-01-19", "milestone", "2026-draft"),
        ("2026-01-30", "milestone", "2026-signed"),
        ("2026-05-18", "opens", "2026-midyear"),
        ("2026-06-10", "due", "2026-midyear"),
        ("2026-09-16", "milestone", "2026-themes"),
        ("2026-10-15", "opens", "2026-year"),
        ("2026-10-15", "renewal", "2026-agreement"),
        ("2026-11-05", "due", "2026-year"),
        ("2026-11-09", "milestone", "2026-meetings"),
        ("2026-12-31", "ends", "2026-agreement"),
    ]


def test_the_committees_and_the_council_see_the_political_goals_alone() -> None:
    sources = {one.id: one.source for one in DIALOGAFTALE.milestones}
    assert (sources["committees"], sources["council"]) == ("politik", "politik")


def test_easter_sunday_2029_gives_the_wednesday_before() -> None:
    assert on(calendar(DIALOGAFTALE, 2029), "2029-spring") == date(2029, 3, 28)


@pytest.mark.parametrize("off", [NO_DAYS_OFF, CLOSED], ids=["holidays alone", "days off of one's own"])
@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("model", OURS, ids=lambda model: model.id)
def test_every_day_of_a_year_is_a_working_day_and_none_is_late(model: Model, year: int, off: DaysOff) -> None:
    free = days_off_around(off, year)
    nominal = {f"{year}-{rule.id}": date(year, rule.month, rule.day) for rule in model.rounds}
    entries = calendar(model, year, off=off)
    for one in entries:
        if one.what in {What.OPENS, What.DUE, What.MILESTONE, What.RENEWAL}:
            assert rounds.is_working_day(one.day, free), one
            assert rounds.is_working_day(one.last, free), one
            assert one.day <= one.last
    for name, day in nominal.items():
        assert on(entries, name, What.OPENS) < on(entries, name) <= day
    assert [one.day for one in entries] == sorted(one.day for one in entries)


DAYS = st.builds(YearDay, st.integers(1, 12), st.integers(1, 28))


@given(
    due=DAYS,
    opens=st.none() | DAYS,
    days=st.integers(1, 180),
    year=st.sampled_from(YEARS),
    off=st.lists(DAYS, max_size=12),
    begins=st.dates(date(2024, 1, 1), date(2040, 12, 31)),
    length=st.integers(0, 59),
)
def test_any_round_opens_before_it_is_due_on_working_days(
    due: YearDay, opens: YearDay | None, days: int, year: int, off: list[YearDay], begins: date, length: int
) -> None:
    holiday = SchoolHoliday(worded("Ferie"), begins, date.fromordinal(begins.toordinal() + length))
    closed = DaysOff(tuple(off), (holiday,))
    rule = RoundRule("any", "any", due.month, due.day, days, opens)
    one = rounds.round_in(rule, year, closed)
    free = days_off_around(closed, year)
    assert one.opens_on < one.due_on <= due.in_(year)
    assert rounds.is_working_day(one.opens_on, free)
    assert rounds.is_working_day(one.due_on, free)


def test_a_round_that_opens_in_december_is_due_in_january() -> None:
    model = Model("m", worded("M"), rounds=(RoundRule("draft", "draft", 1, 19, opens=YearDay(12, 15)),))
    assert told(model, 2026) == [("2026-01-19", "due", "2026-draft"), ("2026-12-15", "opens", "2027-draft")]


def test_school_holidays_and_days_off_move_deadlines_only_where_they_are_set() -> None:
    assert on(calendar(DIALOGAFTALE, 2027), "2027-spring") == date(2027, 4, 1)
    assert on(calendar(DIALOGAFTALE, 2027, off=CLOSED), "2027-spring") == date(2027, 3, 19)


def test_a_school_holiday_is_shown_with_its_last_day() -> None:
    (found,) = [one for one in calendar(DIALOGAFTALE, 2027, off=DaysOff((), (WINTER,))) if one.what is What.HOLIDAY]
    assert (found.day, found.to, found.label) == (date(2027, 2, 15), date(2027, 2, 19), WINTER.label)


# --- a unit's own dates -----------------------------------------------------------------------------------------------------

OWN = replace(
    INSTITUTIONSAFTALE,
    calendar={
        "bs": OwnDates(
            {"midyear": (YearDay(5, 3), YearDay(5, 28)), "year": (None, YearDay(10, 29))},
            {"draft": (YearDay(1, 12), None), "themes": None},
        ),
        "solsikken": OwnDates({"midyear": (None, YearDay(6, 1)), "year": None}, {}),
    },
)


def test_a_forvaltnings_own_dates_hold_for_the_units_below_it() -> None:
    entries = calendar(OWN, 2027, codes=["maanen", "dagtilbud", "bs", "fjordby"])
    assert on(entries, "2027-midyear", What.OPENS) == date(2027, 5, 3)
    assert on(entries, "2027-midyear") == date(2027, 5, 28)
    assert on(entries, "2027-year") == date(2027, 10, 29)
    assert on(entries, "2027-draft", What.MILESTONE) == date(2027, 1, 12)
    assert "2027-themes" not in {one.id for one in entries}


def test_the_closest_unit_wins_round_by_round() -> None:
    entries = calendar(OWN, 2027, codes=["solsikken", "dagtilbud", "bs", "fjordby"])
    assert on(entries, "2027-midyear", What.OPENS) == date(2027, 5, 18), "as the model says, not as bs does"
    assert on(entries, "2027-midyear") == date(2027, 6, 1)
    assert "2027-year" not in {one.id for one in entries}, "solsikken does not have it"
    assert on(entries, "2027-draft", What.MILESTONE) == date(2027, 1, 12), "bs has said it"


def test_a_unit_without_own_dates_has_the_models() -> None:
    assert of_unit(OWN, ["ph", "fjordby"]) is OWN


def test_a_code_that_no_unit_bears_is_found() -> None:
    assert unknown_codes({"i": OWN}, {"bs", "fjordby"}) == (("institutionsaftale", "solsikken"),)


# --- agreements -------------------------------------------------------------------------------------------------------------


def test_dialogaftaler_run_two_and_a_half_and_one_and_a_half_years_in_turn() -> None:
    found = periods_between(DIALOGAFTALE.terms, date(2019, 7, 1), date(2030, 1, 1))
    assert [(str(one.first), str(one.last)) for one in found] == [
        ("2019-07-01", "2020-12-31"),
        ("2021-01-01", "2023-06-30"),  # the one that Ringkøbing-Skjern's own page names
        ("2023-07-01", "2024-12-31"),
        ("2025-01-01", "2027-06-30"),
        ("2027-07-01", "2028-12-31"),
        ("2029-01-01", "2031-06-30"),
    ]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.id)
@given(first=st.dates(date(1990, 1, 1), date(2060, 1, 1)), days=st.integers(0, 4000))
def test_agreements_follow_each_other_without_a_gap(model: Model, first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    found = periods_between(model.terms, first, last)
    assert found[0].first <= first
    assert found[-1].last >= last
    for earlier, later in pairwise(found):
        assert later.first.toordinal() == earlier.last.toordinal() + 1


def test_where_agreements_have_no_fixed_length_none_is_shown_or_renewed() -> None:
    loose = replace(DIALOGAFTALE, terms=None)
    assert periods_between(None, date(2027, 1, 1), date(2027, 12, 31)) == ()
    assert next_agreement(loose, Period(date(2026, 1, 1), date(2027, 6, 30))) is None


NEXT: dict[str, tuple[Model, Period, Period, date]] = {
    "the autumn dialogue of 2020 spoke of it": (
        DIALOGAFTALE,
        Period(date(2019, 7, 1), date(2020, 12, 31)),
        Period(date(2021, 1, 1), date(2023, 6, 30)),
        date(2020, 9, 3),
    ),
    "the last autumn before an agreement that ends in summer": (
        DIALOGAFTALE,
        Period(date(2025, 1, 1), date(2027, 6, 30)),
        Period(date(2027, 7, 1), date(2028, 12, 31)),
        date(2026, 9, 3),
    ),
    "a cadence of one's own: what has run 30 months is followed by 18": (
        DIALOGAFTALE,
        Period(date(2026, 1, 1), date(2028, 6, 30)),
        Period(date(2028, 7, 1), date(2029, 12, 31)),
        date(2027, 9, 3),
    ),
    "any other length: until the model's own period ends": (
        DIALOGAFTALE,
        Period(date(2026, 1, 1), date(2027, 6, 30)),
        Period(date(2027, 7, 1), date(2029, 12, 31)),
        date(2026, 9, 3),
    ),
    "an agreement cut short: until the model's own period ends": (
        DIALOGAFTALE,
        Period(date(2025, 1, 1), date(2026, 12, 31)),
        Period(date(2027, 1, 1), date(2027, 6, 30)),
        date(2026, 9, 3),
    ),
    "every year, from the yearly follow-up on": (
        INSTITUTIONSAFTALE,
        Period(date(2027, 1, 1), date(2027, 12, 31)),
        Period(date(2028, 1, 1), date(2028, 12, 31)),
        date(2027, 10, 15),
    ),
    "too short to have had a round: three months before it ends": (
        INSTITUTIONSAFTALE,
        Period(date(2027, 1, 1), date(2027, 9, 30)),
        Period(date(2027, 10, 1), date(2027, 12, 31)),
        date(2027, 7, 1),
    ),
}


@pytest.mark.parametrize(("model", "ending", "following", "due_from"), NEXT.values(), ids=NEXT)
def test_the_next_agreement_and_when_it_is_talked_about(
    model: Model, ending: Period, following: Period, due_from: date
) -> None:
    found = next_agreement(model, ending)
    assert found is not None
    assert (found.period, found.due_from) == (following, due_from)
    assert found.is_due(due_from)
    assert not found.is_due(date.fromordinal(due_from.toordinal() - 1))


# --- as it is written -------------------------------------------------------------------------------------------------------

Loads = Callable[[Mapping[str, str]], Library | Faults]

YEARLY = "extends: institutionsaftale\n"
OF_BS = (
    "calendar: {bs: {rounds: {midyear: {opens: 05-03, deadline: 05-28}, year: off}, milestones: {draft: {on: 01-12}}}}"
)


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    def written(files: Mapping[str, str]) -> Library | Faults:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        return load(tmp_path)

    return written


def test_a_municipality_writes_its_units_own_dates_and_its_days_off(loads: Loads) -> None:
    library = loads(
        {
            "institutionsaftale/model.yaml": f"{YEARLY}{OF_BS}\n",
            "calendar.yaml": (
                "days_off: [12-24, 06-05]\nschool_holidays:\n"
                "  - {label: {da: Vinterferie, en: Winter holiday}, from: 2027-02-15, to: 2027-02-19}\n"
            ),
        }
    )
    assert isinstance(library, Library), str(library)
    own = library.models["institutionsaftale"].calendar["bs"]
    assert own == OwnDates(
        {"midyear": (YearDay(5, 3), YearDay(5, 28)), "year": None}, {"draft": (YearDay(1, 12), None)}
    )
    assert library.days_off == DaysOff((YearDay(12, 24), YearDay(6, 5)), (WINTER,))


def test_a_model_with_rounds_of_its_own_loses_the_dates_of_those_that_are_gone(loads: Loads) -> None:
    library = loads(
        {
            "institutionsaftale/model.yaml": f"{YEARLY}{OF_BS}\n",
            "vores/model.yaml": "extends: institutionsaftale\nrounds:\n  - {id: midyear, script: midyear, deadline: 06-10}\n",
        }
    )
    assert isinstance(library, Library), str(library)
    model = library.models["vores"]
    assert model.terms == Terms(date(2000, 1, 1), (12,), None)
    assert list(model.calendar["bs"].rounds) == ["midyear"]
    assert on(calendar(model, 2027), "2027-agreement", What.RENEWAL) == date(2027, 5, 13)


WRONG = [
    ("calendar: {bs: {rounds: {midyeer: {opens: 05-03}}}}", "runden »midyeer« findes ikke. Mente du »midyear«?"),
    ("calendar: {bs: {rounds: {midyear: {opens: 06-10}}}}", "runden åbner ikke fra 1 til 180 dage før fristen. Ret opens eller deadline."),
    ("calendar: {bs: {rounds: {midyear: {opens: 06-11}}}}", "runden åbner ikke fra 1 til 180 dage før fristen. Ret opens eller deadline."),
    ("calendar: {bs: {rounds: {midyear: {deadline: 05-10}}}}", "runden åbner ikke fra 1 til 180 dage før fristen. Ret opens eller deadline."),
    ("calendar: {bs: {rounds: {midyear: {deadline: 31-05}}}}", "»31-05« er ikke en dag, der findes hvert år. Skriv måned og dag: 04-01 er den 1. april."),
    ("calendar: {bs: {rounds: {midyear: nej}}}", "ved »midyear« skal der stå off eller nøgler med dage, {deadline: 06-10}. Ret linjen."),
    ("calendar: {bs: {milestones: {drafts: off}}}", "milepælen »drafts« findes ikke. Mente du »draft«?"),
    ("calendar: {bs: {milestones: {draft: {to: 01-12}}}}", "»on« mangler. Tilføj »on: …«."),
    ("calendar: {bs: {round: {midyear: off}}}", "nøglen »round« findes ikke. Mente du »rounds«?"),
    ("calendar: {bs: {}}", "»bs« er tom. Skriv mindst én, eller slet linjen."),
    ("milestones: [{id: a, label: {da: A, en: A}, on: 02-29}]", "»02-29« er ikke en dag, der findes hvert år. Skriv måned og dag: 04-01 er den 1. april."),
    ("milestones: [{id: a, label: {da: A, en: A}, on: 03-02, to: 03-01}]", "»03-01« ligger før den dag, det begynder. Byt om på dagene, eller ret den ene."),
    ("milestones: [{id: a, label: {da: A, en: A}, on: 03-02, source: poltik}]", "kilden »poltik« findes ikke. Mente du »politik«?"),
    ("milestones: [{id: A, label: {da: A, en: A}, on: 03-02}]", "»A« kan ikke bruges som id. Brug små bogstaver a–z, tal og _; højst 31 tegn, bogstav først."),
    ("milestones: [draft]", "ved »milestones« skal der stå nøgler med værdier, »nøgle: værdi«. Ret linjen."),
    ("reminders: {before: [14, 0]}", "»14, 0« er ikke forskellige hele tal fra 1 til 90. Skriv dage før fristen, fx [14, 7, 2], eller off."),
    ("reminders: {after: snart}", "»after« skal være et helt tal fra 1 til 90, eller off. Skriv dage efter fristen."),
    ("reminders: {before: off, digest: 91}", "»digest« skal være et helt tal fra 1 til 90, eller off. Skriv dage efter fristen."),
    ("periods: {kind: month}", "»periods« med »month« findes ikke. Her kan stå: election, year."),
    ("periods: {kind: year, parts: [1]}", "»parts« kan kun bruges med kind: election. Slet »parts«, eller ret kind."),
    ("periods: {kind: year, renewal: spring}", "runden »spring« findes ikke. Her kan stå: midyear, year."),
    ("periods: {kind: election, first: 2027-07-01, parts: [1.5, 2]}", "»1.5, 2« er ikke længder i hele og halve år, der giver 4 år i alt. Skriv fx [1.5, 2.5]."),
    ("periods: {kind: election, first: 2027-07-01, parts: [0, 4]}", "»0, 4« er ikke længder i hele og halve år, der giver 4 år i alt. Skriv fx [1.5, 2.5]."),
    ("periods: {kind: election, first: 2027-07-15, parts: [4]}", "»2027-07-15« er ikke den 1. i en måned. Skriv den dag, en aftale begynder: 2027-07-01."),
    ("periods: {kind: election, first: 2027-02-30, parts: [4]}", "»2027-02-30« er ikke en dato. Skriv år, måned og dag: 2027-02-15."),
    ("rounds: [{id: midyear, script: midyear, deadline: 06-10, opens: 05-17, opens_days: 3}, {id: year, script: year, deadline: 11-05}]", "»opens« og »opens_days« kan ikke bruges sammen. Slet den ene."),
    ("rounds: [{id: midyear, script: midyear, deadline: 06-10, opens: 07-01}, {id: year, script: year, deadline: 11-05}]", "runden åbner ikke fra 1 til 180 dage før fristen. Ret opens eller deadline."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "fault"), WRONG)
def test_a_fault_in_the_year_is_named_with_its_line_and_how_to_mend_it(loads: Loads, line: str, fault: str) -> None:
    found = loads({"institutionsaftale/model.yaml": f"{YEARLY}{line}\n"})
    assert f"institutionsaftale/model.yaml:2: {fault}" in str(found).splitlines(), str(found)


WRONG_DAYS = [
    ("days_off: [24-12]", "»24-12« er ikke en dag, der findes hvert år. Skriv måned og dag: 04-01 er den 1. april."),
    ("days_of: [12-24]", "nøglen »days_of« findes ikke. Mente du »days_off«?"),
    ("school_holidays: [{label: {da: F, en: H}, from: 2027-02-15}]", "»to« mangler. Tilføj »to: …«."),
    ("school_holidays: [{label: {da: F, en: H}, from: 2027-02-15, to: 2027-02-10}]", "»2027-02-10« ligger før den dag, det begynder. Byt om på dagene, eller ret den ene."),
    ("school_holidays: [{label: {da: F, en: H}, from: 2027-02-15, to: 2028-02-19}]", "ferien er på mere end 60 dage. Ret from eller to."),
    ("school_holidays: [{label: {da: F, en: H}, from: 15-02-2027, to: 2027-02-19}]", "»15-02-2027« er ikke en dato. Skriv år, måned og dag: 2027-02-15."),
]  # fmt: skip


@pytest.mark.parametrize(("line", "fault"), WRONG_DAYS)
def test_a_fault_in_the_days_off_is_named_too(loads: Loads, line: str, fault: str) -> None:
    assert str(loads({"calendar.yaml": f"{line}\n"})).splitlines() == [f"calendar.yaml:1: {fault}"]


# --- the rounds really open on them -----------------------------------------------------------------------------------------


def town_with_own_dates(database: Database) -> Town:
    """Fjordby, where Månen's spring dialogue is due earlier than everybody else's."""
    town = fjordby(database)
    own = OwnDates({"spring": (YearDay(2, 8), YearDay(2, 26))}, {})
    model = replace(DIALOGAFTALE, calendar={"maanen": own})
    library = Library({"dialogaftale": model}, ours().choices, DaysOff((), (WINTER,)))
    town.house = House(library, "Fjordby Kommune")
    return town


def opened(town: Town) -> list[tuple[str, date, date]]:
    rows = town.do(lambda connection: connection.execute(t.dialogue.select().order_by(t.dialogue.c.due_on)).all())
    return [(row.round, row.opens_on, row.due_on) for row in rows]


def written_to(town: Town) -> list[str]:
    """The first names of those who are told anything, in the order it was planned."""
    rows = town.do(
        lambda connection: (
            connection.execute(
                select(t.person.c.name)
                .join(t.delivery, t.delivery.c.person_id == t.person.c.id)
                .where(t.delivery.c.kind == "nudge", t.delivery.c.state == "planned")
                .order_by(t.delivery.c.id)
            )
            .scalars()
            .all()
        )
    )
    town.do(lambda connection: connection.execute(t.delivery.update().values(state="sent", posted_at=town.now)))
    return [name.split()[0] for name in rows]


LATE = {"Jens", "Sofie", "Karen"}
"""Who is told of Månen's deadline that has passed: its nearest leader, and those who follow all of it."""


def test_a_unit_with_own_dates_opens_its_round_on_them(database: Database) -> None:
    town = town_with_own_dates(database)
    town.now = town.now.replace(month=2, day=8)
    town.plan()
    assert written_to(town) == ["Ali"]
    assert opened(town) == [("2027-spring", date(2027, 2, 8), date(2027, 2, 26))]
    town.now = town.now.replace(month=3, day=4)
    town.plan()
    assert set(written_to(town)) - LATE == {"Mette", "Ali"}, "Mette is invited, and Ali reminded of what is late"
    assert opened(town)[1:] == [("2027-spring", date(2027, 3, 4), date(2027, 4, 1))]
    assert town.plan() == 0


def test_who_leads_two_units_with_different_deadlines_is_invited_to_each(database: Database) -> None:
    town = town_with_own_dates(database)
    town.unit("stjernen", under="dagtilbud")
    town.agreement("stjernen")
    town.post("ali", "stjernen")
    town.now = town.now.replace(month=2, day=8)
    town.plan()
    assert written_to(town) == ["Ali"]
    town.now = town.now.replace(month=3, day=4)
    town.plan()
    assert sorted(set(written_to(town)) - LATE) == ["Ali", "Mette"], "one message each, Ali's about both of his"
    sees = town.user("ali").says("start").sees
    assert "Stjernen" in sees
    assert "Vuggestuen Månen" in sees


def test_a_leader_is_told_when_the_next_round_opens_on_the_units_own_dates(database: Database) -> None:
    town = town_with_own_dates(database)
    town.now = town.now.replace(month=1, day=11)
    assert "mandag den 8. februar" in town.user("ali").opens().sees
    assert "torsdag den 4. marts" in town.user("mette").opens().sees


def test_nobody_is_invited_on_a_day_off_of_the_municipality(database: Database) -> None:
    town = fjordby(database)
    town.house = House(Library(ours().models, ours().choices, DaysOff((YearDay(3, 4),))), "Fjordby Kommune")
    town.now = town.now.replace(month=3, day=4)
    assert town.plan() == 0
    town.now = town.now.replace(day=5)
    assert town.plan() == 2
    assert [day for _, day, _ in opened(town)] == [date(2027, 3, 5)] * 2


# --- the feed ---------------------------------------------------------------------------------------------------------------

LONG = "Dialogmøder; om året, og »æøå« \\ alt, hvad der hører til, så linjen bliver længere end de femoghalvfjerds oktetter"
SHEET = Sheet(
    "m",
    worded("Børnehuset Solsikken"),
    2027,
    (
        Entry(date(2027, 3, 4), What.OPENS, "2027-spring", worded("Forårsdialog")),
        Entry(date(2027, 11, 1), What.MILESTONE, "2027-meetings", worded(LONG), date(2027, 11, 30)),
    ),
)


def test_a_feed_reads_back_as_it_was_written() -> None:
    first, second = Calendar.from_ical(feed([SHEET], NOW, "da")).walk("VEVENT")
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (date(2027, 3, 4), date(2027, 3, 5))
    assert (second.decoded("dtstart"), second.decoded("dtend")) == (date(2027, 11, 1), date(2027, 12, 1))
    assert str(first["summary"]) == "Forårsdialog åbner · Børnehuset Solsikken"
    assert str(second["summary"]) == f"{LONG} · Børnehuset Solsikken"
    assert str(first["uid"]) == "m.2027-spring.opens@dialogbot"


def test_a_feed_is_written_as_rfc_5545_wants_it() -> None:
    written = feed([SHEET], NOW, "da")
    assert written.endswith(b"END:VCALENDAR\r\n")
    physical = written.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in physical)
    assert max(map(len, physical)) <= 75
    for line in physical:
        line.decode()  # no letter is split
    unfolded = written.replace(b"\r\n ", b"").decode().split("\r\n")
    assert "VERSION:2.0" in unfolded
    assert "DTSTART;VALUE=DATE:20270304" in unfolded
    assert "DTEND;VALUE=DATE:20270305" in unfolded
    assert any(line.startswith("PRODID:") for line in unfolded)
    assert any(r"Dialogmøder\; om året\, og »æøå« \\ alt\," in line for line in unfolded)


@pytest.mark.parametrize("year", YEARS)
def test_every_event_has_a_uid_of_its_own_that_stays(year: int) -> None:
    sheets = [Sheet(one.id, one.title, year, calendar(one, year, off=CLOSED)) for one in OURS]
    uids = [str(event["uid"]) for event in Calendar.from_ical(feed(sheets, NOW, "da")).walk("VEVENT")]
    assert len(set(uids)) == len(uids) > 15
    later = Calendar.from_ical(feed(sheets, NOW.replace(month=6), "en")).walk("VEVENT")
    assert [str(event["uid"]) for event in later] == uids


# --- the command ------------------------------------------------------------------------------------------------------------

DATED = re.compile(r"\d{4}-\d{2}-\d{2}  \S")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a database, to stand in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIALOGBOT_DATABASE_URL", raising=False)
    monkeypatch.delenv("DIALOGBOT_MODELS", raising=False)
    return tmp_path


def test_without_a_database_our_own_models_are_printed_and_none_is_made(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calendar", "--year", "2029"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "2029-03-28  frist      Forårsdialog · Dialogaftale" in printed
    assert "2029-11-01  milepæl    Udvalgene følger op på de politiske mål (til 2029-11-30) · Dialogaftale" in printed
    assert all(DATED.match(line) for line in printed)
    assert printed == sorted(printed, key=lambda line: line[:10])
    assert list(nowhere.iterdir()) == []


def test_it_speaks_english(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "calendar", "--year", "2027", "--model", "dialogaftale"]) == 0
    assert capsys.readouterr().out.startswith("2027-03-04  opens      Spring dialogue\n"), nowhere


def test_without_a_year_it_is_this_one(
    nowhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIALOGBOT_NOW", "2031-05-05T09:00")
    assert main(["calendar"]) == 0
    assert {line[:4] for line in capsys.readouterr().out.splitlines()} == {"2031"}, nowhere


REFUSED = [
    (["--year", "1999"], "Året 1999 kan ikke bruges. Vælg et fra 2000 til 2099."),
    (["--model", "fjordaftale"], "Modellen »fjordaftale« findes ikke. Der er: dialogaftale, handlingsplan, institutionsaftale."),
    (["--unit", "solsikken"], "»solsikken« kan ikke slås op, for der er ingen database endnu. Læs arbejdsbogen ind først."),
    (["--svg", "hjul.svg"], "Et årshjul viser én model. Vælg med --model (dialogaftale, handlingsplan, institutionsaftale) eller --unit."),
    (["--ics", "ingen/steder.ics"], "ingen/steder.ics kan ikke skrives: No such file or directory."),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "why"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_a_sentence(
    nowhere: Path, capsys: pytest.CaptureFixture[str], asked: list[str], why: str
) -> None:
    assert main(["calendar", *asked]) == 1
    told_so = capsys.readouterr()
    assert (told_so.out, told_so.err) == ("", f"{why}\n"), nowhere


def test_files_are_written_once_and_again_only_when_asked(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["calendar", "--year", "2027", "--model", "dialogaftale", "--ics", "a.ics", "--svg", "a.svg"]
    assert main(asked) == 0
    assert (nowhere / "a.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Årshjul 2027" in (nowhere / "a.svg").read_text(encoding="utf-8")
    assert capsys.readouterr().err == "Skrevet: a.ics\nSkrevet: a.svg\n"
    assert main(asked) == 1
    assert capsys.readouterr().err == "a.ics findes allerede. Vælg et andet navn, eller brug --force.\n"
    assert main([*asked, "--force"]) == 0


@pytest.fixture
def in_town(nowhere: Path, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fjordby in the database of the settings, with own dates for Børn og Skole; the folder of its models."""
    fjordby(database)
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("DIALOGBOT_MODELS", str(nowhere / "models"))
    own = nowhere / "models" / "dialogaftale"
    own.mkdir(parents=True)
    dates = "calendar: {bs: {rounds: {spring: {deadline: 03-15}}}, nix: {rounds: {autumn: off}}}"
    (own / "model.yaml").write_text(f"extends: dialogaftale\n{dates}\n", encoding="utf-8")
    return own


@pytest.mark.parametrize("unit", ["solsikken", "børnehuset solsikken"])
def test_a_unit_is_shown_with_its_own_dates_and_agreements(
    in_town: Path, capsys: pytest.CaptureFixture[str], unit: str
) -> None:
    assert main(["calendar", "--year", "2027", "--unit", unit]) == 0
    shown = capsys.readouterr()
    assert "2027-03-15  frist      Forårsdialog" in shown.out.splitlines()
    assert "2027-06-30  slutter    Dialogaftale" in shown.out.splitlines()
    assert "begynder" not in shown.out, "there is no next agreement yet"
    assert "egne datoer for »nix«" in shown.err, in_town


def test_with_a_database_and_no_unit_the_models_are_shown(in_town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "--year", "2027"]) == 0
    assert "2027-04-01  frist      Forårsdialog · Dialogaftale" in capsys.readouterr().out.splitlines(), in_town


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_unit_that_is_not_there_or_not_alone_is_refused(
    in_town: Path, kind: Kind, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calendar", "--unit", "nix"]) == 1
    assert "Der er ingen enhed med koden eller navnet »nix«." in capsys.readouterr().err, (in_town, kind)
    Town(database).unit("solsikken2", under="bs", name="Børnehuset Solsikken")
    assert main(["calendar", "--unit", "Børnehuset Solsikken"]) == 1
    assert "Brug en af koderne: solsikken, solsikken2." in capsys.readouterr().err


def test_a_milestone_of_one_day_is_told_without_its_end() -> None:
    model = Model(
        "m",
        worded("M"),
        rounds=(RoundRule("may", "may", 5, 14),),
        scripts={"may": Script("may", worded("Maj"), ())},
        milestones=(Milestone("signed", worded("Underskrevet"), YearDay(1, 31)),),
    )
    assert list(lines([Sheet("m", model.title, 2027, calendar(model, 2027))], "da")) == [
        "2027-01-29  milepæl    Underskrevet",
        "2027-04-16  åbner      Maj",
        "2027-05-14  frist      Maj",
    ]
