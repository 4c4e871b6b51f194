"""Fjordby Kommune (eksempel): the workbook in the repository, and the town as it stands when its earlier rounds have been played."""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot import rehearsal
from bot.channels.web import WebChannel
from bot.channels.web_year import Year
from bot.clock import RehearsalClock
from bot.courier import Courier
from bot.gathering import House
from bot.running import Product
from bot.serving import LocalChat
from dialogs.calendar import What
from store import tables as t
from store.database import open_database
from store.workbook.importing import Report, import_workbook
from store.workbook.municipality import Agreement, Municipality, Unit, read_municipality
from tests.databases import fresh_database
from tests.rooms import ROOT
from tests.town import Town, at_nine, library

SPRING = date(2027, 3, 10)
METTE = "mette@fjordby.example"
PLAN = "PLAN-2026"
SHEETS = ("Enheder", "Personer", "Poster", "Aftaler", "Mål", "Indsatser", "Fravær", "Målinger")


def compose() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compose", ROOT / "examples" / "fjordby" / "compose.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # as a dataclass wants it
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def town() -> Municipality:
    """What is composed."""
    composed: Municipality = compose().fjordby()
    return composed


def imported(town: Town) -> Report:
    return town.do(lambda connection: import_workbook(connection, rehearsal.WORKBOOK, library().models, town.now))


def played(town: Town) -> Town:
    """The workbook imported and its history played, with the summaries posted in the local chat; then it is 10 March 2027."""
    assert imported(town).stored
    channel = WebChannel(town.database)
    courier = Courier(town.house, town.database, {channel.name: channel})
    asyncio.run(rehearsal.play(town.house, rehearsal.read_story(), town.database, courier))
    town.now = at_nine(SPRING)
    return town


@pytest.fixture(scope="module")
def fjordby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Fjordby with its history; tests only look."""
    with fresh_database("sqlite", tmp_path_factory.mktemp("fjordby")) as url, open_database(url) as database:
        yield played(Town(database, House(library(), rehearsal.TITLE)))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Town]:
    with fresh_database("sqlite", tmp_path) as url, open_database(url) as database:
        yield Town(database, House(library(), rehearsal.TITLE))


# --- the workbook -----------------------------------------------------------------------------------------------------------


def cells(path: Path) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_workbook_in_the_repository_is_what_compose_writes(tmp_path: Path) -> None:
    compose().main(tmp_path / "kommune.xlsx")
    assert cells(rehearsal.WORKBOOK) == cells(tmp_path / "kommune.xlsx")


def test_importing_the_workbook_stores_exactly_what_is_composed(empty: Town, town: Municipality) -> None:
    report = imported(empty)
    assert report.faults == ()
    assert empty.do(read_municipality) == town
    assert imported(empty).changes == 0


def test_the_workbook_is_labelled_as_an_example() -> None:
    book = load_workbook(rehearsal.WORKBOOK)
    guidance = [str(row[0]) for row in book["Vejledning"].iter_rows(values_only=True) if row[0]]
    assert guidance[0] == book.properties.title == "Fjordby Kommune (eksempel)"
    assert "Alt i denne arbejdsbog er opdigtet" in guidance[1]


def test_everybody_has_an_address_that_can_reach_nobody(town: Municipality) -> None:
    assert {person.email.partition("@")[2] for person in town.people} == {"fjordby.example"}
    assert len({person.email for person in town.people}) == len(town.people)


def test_all_sheets_hold_something() -> None:
    assert {name: len(rows) > 1 for name, rows in cells(rehearsal.WORKBOOK).items() if name in SHEETS} == dict.fromkeys(
        SHEETS, True
    )


# --- the organisation ---------------------------------------------------------------------------------------------------------


def above(unit: Unit, town: Municipality) -> list[str]:
    units = {one.code: one for one in town.units}
    line = []
    while unit.parent:
        line.append(unit.parent)
        unit = units[unit.parent]
    return line


def led(town: Municipality) -> dict[str, str]:
    return {post.unit: post.email for post in town.posts if post.role == "leader"}


@pytest.mark.parametrize(
    ("kind", "least"), [("forvaltning", 3), ("afdeling", 8), ("enhed", 20), ("selvejende", 1), ("stab", 1)]
)
def test_there_are_units_of_every_kind(town: Municipality, kind: str, least: int) -> None:
    assert sum(unit.kind == kind and unit.parent is not None for unit in town.units) >= least


def test_there_are_at_least_forty_units_under_one_top(town: Municipality) -> None:
    assert len(town.units) >= 40
    assert [unit.code for unit in town.units if unit.parent is None] == ["fjordby"]


def test_some_afdeling_has_no_leader_and_leaders_below_it(town: Municipality) -> None:
    vacant = {unit.code for unit in town.units if unit.kind == "afdeling"} - set(led(town))
    assert vacant
    assert any(code in led(town) for code in (unit.code for unit in town.units if unit.parent in vacant))


def test_below_the_vacant_afdeling_the_summary_goes_to_the_leader_of_the_forvaltning(fjordby: Town) -> None:
    c = t.message.c
    room = c.room == "channel-boern-og-skole-ledelse"
    texts = fjordby.do(lambda connection: list(connection.scalars(select(c.text).where(room))))
    assert any("PPR" in text for text in texts)


def test_somebody_leads_two_units_that_do_not_stand_above_each_other(town: Municipality) -> None:
    units = {unit.code: unit for unit in town.units}
    twice = [email for email, count in Counter(led(town).values()).items() if count > 1]
    pairs = [[code for code, email in led(town).items() if email == one] for one in twice]
    assert any(
        a not in above(units[b], town) and b not in above(units[a], town) for two in pairs for a, b in pairwise(two)
    )


def test_a_self_owning_institution_has_an_agreement(town: Municipality) -> None:
    own = {unit.code for unit in town.units if unit.kind == "selvejende"}
    assert own & {agreement.unit for agreement in town.agreements}


def test_there_is_a_deputy_a_consultant_and_a_direktion(town: Municipality) -> None:
    assert {post.role for post in town.posts} == {"leader", "deputy", "consultant", "direktion"}
    assert next(post.unit for post in town.posts if post.role == "deputy") == "solsikken"


def test_somebody_is_away_on_the_first_day_and_another_leader_stands_in(town: Municipality) -> None:
    absence = next(one for one in town.absences if one.from_day <= rehearsal.FIRST_DAY <= one.to_day)
    assert absence.email in led(town).values()
    assert absence.stand_in in led(town).values()
    assert absence.stand_in != absence.email


def test_one_leader_is_spoken_to_in_english(town: Municipality) -> None:
    assert "en" in {person.language for person in town.people if person.email in led(town).values()}


def test_the_models_stand_on_the_top_and_on_one_forvaltning_and_are_inherited(town: Municipality) -> None:
    named = {unit.code: unit.model for unit in town.units if unit.model}
    assert named == {"fjordby": "dialogaftale", "teknik-og-kultur": "institutionsaftale"}
    assert [one.code for one in town.agreements if one.model] == [PLAN]


def yearly(town: Municipality) -> dict[str, list[Agreement]]:
    """The agreements of the units below the forvaltning with institutionsaftaler, by unit."""
    units = {unit.code: unit for unit in town.units}
    found: dict[str, list[Agreement]] = {}
    for one in town.agreements:
        if "teknik-og-kultur" in above(units[one.unit], town):
            found.setdefault(one.unit, []).append(one)
    return found


def test_institutionsaftaler_are_for_one_calendar_year_each_and_follow_each_other(town: Municipality) -> None:
    assert len(yearly(town)) >= 6
    for unit, agreements in yearly(town).items():
        assert [one.code for one in agreements] == [f"{unit}-2026", f"{unit}-2027"]
        assert [(one.from_day, one.to_day) for one in agreements] == [
            (date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2027)
        ]


def test_an_institutionsaftale_has_goals_from_all_four_levels(town: Municipality) -> None:
    for agreement in (one for both in yearly(town).values() for one in both):
        sources = {goal.source for goal in town.goals if agreement.code in goal.agreements}
        assert sources == {"politik", "direktion", "forvaltning", "lokal"}, agreement.code


def test_what_goes_on_in_the_next_year_goes_on_from_the_same_unit_the_year_before(town: Municipality) -> None:
    by_code = {one.code: one for one in town.initiatives}
    going_on = [(by_code[one.continues], one) for one in town.initiatives if one.continues]
    assert {after.agreement for _, after in going_on} == {both[1].code for both in yearly(town).values()}
    assert all(before.agreement == after.agreement.replace("2027", "2026") for before, after in going_on)
    assert any(before.title != after.title for before, after in going_on), "some are worded anew"
    begun = [one for one in town.initiatives if one.agreement.endswith("-2027") and not one.continues]
    assert begun, "and some are new"


def test_absence_is_measured_unit_by_unit_and_three_goals_have_one_number_for_all(town: Municipality) -> None:
    absence = [one for one in town.measured if one.goal == "et-godt-arbejdsmiljø"]
    units = {agreement.unit for agreement in town.agreements}
    assert {(one.unit, one.measured_on) for one in absence} == {
        (unit, date(year, 12, 31)) for unit in units for year in (2025, 2026)
    }
    assert len({one.value for one in absence}) > 20, "not the same everywhere"
    assert all(Decimal(3) < one.value < Decimal(10) for one in absence)
    common = {goal.code for goal in town.goals if goal.readings == "common"}
    assert len(common) == 3
    assert {one.goal for one in town.measured if one.unit is None} == common


def test_two_branches_judge_their_goals_in_another_way(town: Municipality) -> None:
    assert {unit.code: unit.evaluation for unit in town.units if unit.evaluation} == {
        "familie": "smtte",
        "beskaeftigelse": "percent",
    }


def test_direktionens_handlingsplan_holds_shared_goals_with_a_tovholder_for_each_indsats(town: Municipality) -> None:
    plan = next(one for one in town.agreements if one.code == PLAN)
    assert (plan.unit, plan.model, plan.from_day, plan.to_day) == (
        "fjordby",
        "handlingsplan",
        date(2026, 1, 1),
        date(2028, 6, 30),
    )
    goals = [goal for goal in town.goals if PLAN in goal.agreements]
    assert {goal.source for goal in goals} == {"direktion"}
    assert all(len(goal.agreements) > 4 for goal in goals), "they are the units' own goals too"
    owned = Counter(one.owner for one in town.initiatives if one.agreement == PLAN)
    assert owned["inge.rask@fjordby.example"] == owned["nanna.falk@fjordby.example"] == 2
    assert {"per.aaberg@fjordby.example", "lisbeth.kjaer@fjordby.example"} <= set(owned)
    assert all(one.due_on for one in town.initiatives if one.agreement == PLAN)


def test_the_direktion_is_the_kommunaldirektoer_and_the_directors(town: Municipality) -> None:
    held = {(post.email, post.unit) for post in town.posts if post.role == "direktion"}
    leads = led(town)
    units = ("fjordby", "boern-og-skole", "sundhed-og-omsorg", "teknik-og-kultur")
    assert held == {(leads[unit], "fjordby") for unit in units}


def test_some_goals_live_through_both_years_and_some_for_one(town: Municipality) -> None:
    for unit, (first, second) in yearly(town).items():
        both = {goal.code for goal in town.goals if {first.code, second.code} <= set(goal.agreements)}
        assert len(both) >= 4, unit
    ends = [goal for goal in town.goals if goal.due_on == date(2026, 12, 31)]
    assert [goal.agreements for goal in ends] == [("biblioteket-2026",)]


# --- goals --------------------------------------------------------------------------------------------------------------------


def test_goals_come_from_every_source_and_all_have_their_maalsaetning(town: Municipality) -> None:
    assert {goal.source for goal in town.goals} == {"politik", "direktion", "forvaltning", "lokal"}
    assert all(goal.objective for goal in town.goals)
    assert all(goal.policy for goal in town.goals if goal.source == "politik")


def test_every_agreement_has_goals_from_at_least_two_sources(town: Municipality) -> None:
    for agreement in (one for one in town.agreements if one.code != PLAN):
        sources = {goal.source for goal in town.goals if agreement.code in goal.agreements}
        assert len(sources) >= 2, agreement.code


@pytest.mark.parametrize("shared_by", ["fjordby", "boern-og-skole", "dagtilbud"])
def test_some_goal_is_shared_by_exactly_the_agreements_below(town: Municipality, shared_by: str) -> None:
    """All units, one forvaltning, one afdeling: the three levels."""
    units = {unit.code: unit for unit in town.units}

    def below(agreement: Agreement) -> bool:
        return shared_by in above(units[agreement.unit], town)

    expected = tuple(sorted(agreement.code for agreement in town.agreements if below(agreement)))
    assert len(expected) > 1
    assert expected in {tuple(code for code in goal.agreements if code != PLAN) for goal in town.goals}


def test_every_initiative_stands_in_an_agreement_that_its_goal_is_in(town: Municipality) -> None:
    goals = {goal.code: goal.agreements for goal in town.goals}
    assert all(one.agreement in goals[one.goal] for one in town.initiatives)


def test_most_goals_can_be_measured_and_some_cannot(town: Municipality) -> None:
    measured = sum(goal.target is not None for goal in town.goals)
    assert len(town.goals) / 2 < measured < len(town.goals)


def test_solsikken_has_its_seven_initiatives(town: Municipality) -> None:
    titles = [one.title for one in town.initiatives if one.agreement == "solsikken-2026"]
    assert len(titles) == len(set(titles)) == 7
    assert {"Overleveringsmøder med alle modtagende skoler", "Fælles vikarkorps"} <= set(titles)


# --- history ------------------------------------------------------------------------------------------------------------------


def rounds(town: Town, model: str = "dialogaftale") -> Counter[tuple[str, bool]]:
    c = t.dialogue.c
    asked = select(c.round, c.sent_revision).where(c.model == model)
    rows = town.do(lambda connection: connection.execute(asked).all())
    return Counter((row.round, row.sent_revision is not None) for row in rows)


def test_two_earlier_rounds_were_answered_by_nearly_everyone(fjordby: Town) -> None:
    found = rounds(fjordby)
    earlier = sorted(name for name, sent in found if sent and "2026" in name)
    assert len(earlier) == 2
    asked = {name: found[name, True] + found[name, False] for name in earlier}
    assert min(asked.values()) > 30
    assert all(asked[name] - 3 <= found[name, True] < asked[name] for name in earlier)


def test_the_institutionsaftaler_had_a_midyear_and_a_year_round_and_begin_again_in_may(
    fjordby: Town, town: Municipality
) -> None:
    units = len(yearly(town))
    found = rounds(fjordby, "institutionsaftale")
    assert found == {("2026-midyear", True): units - 1, ("2026-midyear", False): 1, ("2026-year", True): units}


def test_the_tovholdere_answered_in_october_and_the_direktion_has_their_summaries(
    fjordby: Town, town: Municipality
) -> None:
    owners = {one.owner for one in town.initiatives if one.agreement == PLAN}
    assert rounds(fjordby, "handlingsplan") == {("2026-october", True): len(owners)}
    c = t.message.c
    posts = fjordby.do(
        lambda connection: list(connection.scalars(select(c.text).where(c.room == "channel-direktionen")))
    )
    assert len([text for text in posts if "Tovholderdialog" in text]) == len(owners)


def test_economy_and_themes_are_told_for_every_unit_with_an_institutionsaftale(
    fjordby: Town, town: Municipality
) -> None:
    """What is told reaches the answers, and the amounts fit with each other."""
    names = {unit.name for unit in town.units if unit.code in yearly(town)}
    story = rehearsal.read_story()
    assert set(story.economy) == set(story.themes) == names
    c = t.answer.c
    stored = fjordby.do(
        lambda connection: list(connection.scalars(select(c["values"]).where(c.step.in_(["economy", "deviation"]))))
    )
    kept = [one for one in stored if "budget" in one]
    assert len(kept) == 2 * len(names) - 1
    over = [one for one in kept if Decimal(str(one["expected"])) > Decimal(str(one["budget"]))]
    assert {one["budget_holds"] for one in over} == {"budget_over"}
    deviations = [one for one in stored if "deviation" in one]
    assert all(one["deviation_cause"] and one["deviation_remedy"] for one in deviations)
    assert len(deviations) == sum(one["budget_holds"] != "budget_holds" for one in kept)


def test_the_present_round_has_begun_and_the_trial_people_have_it_before_them(fjordby: Town) -> None:
    found = rounds(fjordby)
    present = next(name for name, _ in found if "2027" in name)
    assert found[present, True] == 9
    waiting = fjordby.dialogue("solsikken"), fjordby.dialogue("byskolen")
    c = t.dialogue.c
    sent = fjordby.do(lambda connection: list(connection.scalars(select(c.sent_revision).where(c.id.in_(waiting)))))
    assert sent == [None, None]


def test_every_summary_of_the_earlier_rounds_was_posted(fjordby: Town) -> None:
    c = t.delivery.c
    rows = fjordby.do(lambda connection: connection.execute(select(c.kind, c.state)).all())
    assert {row.state for row in rows if row.kind == "summary"} == {"sent"}
    assert {row.state for row in rows if row.kind == "invitation"} <= {"skipped"}


def test_history_shows_on_mettes_card(fjordby: Town, tmp_path: Path) -> None:
    """On a copy: pressing Start is something she does."""
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(str(fjordby.database.engine.url.database)) as one, sqlite3.connect(copy) as other:
        one.backup(other)
    one.close()
    other.close()
    with open_database(f"sqlite:///{copy}") as database:
        mette = Town(database, fjordby.house, fjordby.now).user(METTE).opens().presses("Start")
    assert "Overleveringsmøder med alle modtagende skoler" in mette.sees
    assert "Sidst, oktober 2026: ▲ Forsinket – »Tre af fem skoler er med." in mette.sees
    assert "Uændret siden sidst" in mette.labels


def answers_of(town: Town) -> list[tuple[Any, ...]]:
    c = t.answer.c
    columns = [column for column in c if column.name != "id"]
    rows = town.do(lambda connection: connection.execute(select(*columns).order_by(c.id)).all())
    return [tuple(row) for row in rows]


def posts_of(town: Town) -> list[tuple[Any, ...]]:
    c = t.message.c
    rows = town.do(lambda connection: connection.execute(select(c.room, c.card).order_by(c.id)).all())
    return [tuple(row) for row in rows]


def test_the_same_history_is_played_every_time(fjordby: Town, empty: Town) -> None:
    again = played(empty)
    assert answers_of(again) == answers_of(fjordby)
    assert posts_of(again) == posts_of(fjordby)


def test_the_story_speaks_of_initiatives_that_are_there(town: Municipality) -> None:
    titles = {one.title for one in town.initiatives}
    story = rehearsal.read_story()
    assert {title for title, _ in story.spoken} <= titles
    assert story.waiting <= {person.email for person in town.people}


def test_a_common_number_is_the_same_for_everybody_and_no_unit_has_changed_it(fjordby: Town) -> None:
    goal = fjordby.id_of(t.goal, code="digital-velfærd")
    c = t.reading.c
    rows = fjordby.do(
        lambda connection: connection.execute(select(t.reading).where(c.goal_id == goal, c.value.is_not(None))).all()
    )
    assert {(row.unit_id, row.measured_on, row.value) for row in rows} == {
        (None, date(2026, 6, 30), Decimal(31)),
        (None, date(2026, 12, 31), Decimal("34.5")),
    }


def test_goals_judged_by_signs_and_by_per_cent_have_been_judged(fjordby: Town) -> None:
    c = t.answer.c
    steps = fjordby.do(lambda connection: Counter(connection.scalars(select(c.step).where(c.subject.like("goal-%")))))
    assert steps["signs"] > 3
    assert steps["percent"] > 3


# --- the årshjul in the browser ---------------------------------------------------------------------------------------------------


def year_of(town: Town, who: str, year: int) -> list[Year]:
    clock = RehearsalClock(town.now)
    return asyncio.run(
        LocalChat(Product(town.house, town.database, clock, {}), clock).years(f"{who}@fjordby.example", year)
    )


def days(year: Year) -> dict[str, date]:
    return {entry.id: entry.day for entry in year.entries if entry.what is What.DUE}


def test_the_aarshjul_is_that_of_the_units_own_model(fjordby: Town) -> None:
    (solsikken,) = year_of(fjordby, "mette", 2027)
    (biblioteket,) = year_of(fjordby, "katrine.beck", 2027)
    assert (solsikken.name, solsikken.model.da) == ("Børnehuset Solsikken", "Dialogaftale")
    assert (biblioteket.name, biblioteket.model.da) == ("Fjordby Bibliotek", "Institutionsaftale")
    assert days(solsikken) == {"2027-spring": date(2027, 4, 1), "2027-autumn": date(2027, 10, 1)}
    assert days(biblioteket) == {"2027-midyear": date(2027, 6, 10), "2027-year": date(2027, 11, 5)}


def test_an_aarshjul_tells_when_the_units_own_agreements_begin_and_end(fjordby: Town) -> None:
    told = {(entry.what, entry.day) for entry in year_of(fjordby, "katrine.beck", 2027)[0].entries}
    assert {(What.BEGINS, date(2027, 1, 1)), (What.ENDS, date(2027, 12, 31))} <= told
    assert What.ENDS not in {entry.what for entry in year_of(fjordby, "mette", 2027)[0].entries}


def test_a_director_has_the_year_of_what_they_lead_and_that_of_direktionens_handlingsplan(fjordby: Town) -> None:
    assert [(one.name, one.model.da) for one in year_of(fjordby, "niels.bundgaard", 2027)] == [
        ("Teknik, Miljø og Kultur", "Institutionsaftale"),
        ("Fjordby Kommune", "Direktionens handlingsplan"),
    ]
