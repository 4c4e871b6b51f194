"""Reports as they are composed: what each of the five kinds holds, and the sentences of the two source documents that ask for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from cards.replying import Response
from cards.reports.composing import compose
from cards.reports.data import as_json
from cards.reports.facts import Agreed, Agreement, Amended, Findings, Held, Signed
from cards.reports.report import (
    Block,
    Cell,
    Chart,
    Facts,
    Heading,
    Kind,
    Listing,
    Paragraph,
    Report,
    Table,
)
from cards.reports.year import POLITICAL
from cards.wording import texts
from dialogs.results import wording
from dialogs.script import Wording
from tests.autumns import LIS, NAMES, SOURCES, TODAY, Year, economy, goal, initiative, judged
from tests.town import at_nine, library

KINDS = tuple(Kind)
PARTS = ("reached", "partly", "not_reached", "unknown")
DELAYED: Mapping[str, Mapping[str, object]] = {
    "status": {"status": "delayed"},
    "challenge": {"cause": "To skoler har ikke svaret.", "involve": {"people": [LIS], "others": ""}},
    "way_forward": {"next": "Vi ringer til dem.", "responsible": {"people": [LIS], "others": ""}},
}
ON_PLAN: Mapping[str, Mapping[str, object]] = {"status": {"status": "on_plan"}}


def a_year() -> Year:
    """Three units' autumn, and the yearly follow-up of one of them: political goals, others, shared ones, budgets."""
    safe, absence = (
        goal(1, "Flere børn er trygge", units=3),
        goal(2, "Sygefraværet er højst 4,9 %", "direktion", units=3),
    )
    reading, out = goal(3, "Flere læser sikkert", policy="Skolepolitikken"), goal(4, "Alle er ude hver dag", "lokal")
    year = Year(of=5)
    meet, own = initiative(1, "Overleveringsmøder"), initiative(2, "Udeliv", "lokal")
    short = judged(
        "not_reached", "6.1", basis="Vi har talt efter.", consequence="revise_goal", what="Ny måling", who=LIS
    )
    year.told(
        "Solsikken",
        {meet: DELAYED, own: ON_PLAN, safe: short, absence: judged("unknown"), out: judged("reached", "4.7")},
    )
    year.told(
        "Månen", {meet: ON_PLAN, safe: judged("partly", "5.5", cause="no_effect"), absence: judged("partly", "5.8")}
    )
    both = {safe: judged("reached", "4.9"), absence: judged("reached", "4.8")}
    year.told("Byskolen", both | {reading: judged("partly", "5.0", consequence="new_goal")})
    ahead: Mapping[str, Mapping[str, object]] = {"themes": {"themes": "Læselyst"}, "board": {"board": "discussed"}}
    over = {**economy("1250000", "1300000.50", "budget_over", "50000.50"), **ahead}
    year.told("Byskolen", {}, over, model="institutionsaftale", round_id="year", due=date(2027, 11, 5))
    return year


def report(kind: Kind, language: str = "da", **other: object) -> Report:
    return compose(a_year().findings(kind, language, **other))


def of_one(kind: Kind, unit: str) -> Findings:
    """The findings of one unit alone."""
    found = a_year().findings(kind)
    held = tuple(one for one in found.held if one.unit.name == unit)
    return replace(found, held=held, unit=held[0].unit)


def blocks(report: Report) -> Iterator[Block]:
    for section in report.sections:
        yield from section.blocks


def table(report: Report, table_id: str) -> Table:
    (found,) = (one for one in blocks(report) if isinstance(one, Table) and one.id == table_id)
    return found


def column(found: Table, column_id: str) -> list[Cell]:
    number = [one.id for one in found.columns].index(column_id)
    return [row[number] for row in found.rows]


def said(found: Report | tuple[Block, ...]) -> str:
    """Everything people read in it, a line for each sentence, cell or point."""
    lines = _said(blocks(found) if isinstance(found, Report) else iter(found))
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _said(found: Iterator[Block]) -> Iterator[str]:
    for block in found:
        match block:
            case Heading(text) | Paragraph(text):
                yield text
            case Facts(facts):
                yield from (f"{one.label}: {one.cell.text}" for one in facts)
            case Listing(points):
                yield from points
            case Table(_, title, columns, rows, about, note):
                yield from (
                    title,
                    about,
                    note,
                    *(one.title for one in columns),
                    *(cell.text for row in rows for cell in row),
                )
            case Chart(_, title, _, about):
                yield from (title, about)


def section(found: Report, section_id: str) -> str:
    one = found.section(section_id)
    assert one
    return said(one.blocks)


# --- what the sources ask for -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "kind", "section_id", "words"),
    [
        ("en rapport, der sammenfatter målopfyldelsen", Kind.UNIT, "goals", "Flere læser sikkert"),
        ("og budgetoverholdelsen ift. institutionsaftalen", Kind.UNIT, "economy", "kr. 50.000,50 mere"),
        ("for alle de aftalestyrede enheder, der hører under forvaltningen", Kind.JOINT, "shared", "Solsikken (6,1 %)"),
        ("målopfyldelsen og budgetoverholdelsen … i én samlet rapport", Kind.JOINT, "economy", "kr. 1.250.000"),
        ("Ift. rapportering til udvalg forestås denne af direktøren", Kind.COMMITTEE, "recommendation", "Direktør Karen Aagaard indstiller"),
        ("Opfølgning i udvalgene i november (mål)", Kind.COMMITTEE, "case", "Flere børn er trygge"),
        ("Opfølgning i udvalgene i november (indsatser)", Kind.COMMITTEE, "appendices", "Overleveringsmøder"),
        ("og byrådet i december (mål)", Kind.COUNCIL, "goals", "Flere børn er trygge"),
        ("og byråd i december (indsatser)", Kind.COUNCIL, "consequences", "Overleveringsmøder"),
        ("Har vi nået vores mål?", Kind.JOINT, "goals", "1 nået · ◑ 1 delvist nået · ○ 1 ikke nået"),
        ("Hvis ikke – skyldes det dårlige indsatser", Kind.JOINT, "not_reached", "Indsatsen blev gennemført, men virkede ikke"),
        ("eller manglende implementering eller lign?", Kind.JOINT, "not_reached", "Ydre forhold"),
        ("Hvad skal der ske nu?", Kind.JOINT, "not_reached", "Det sker nu: »Ny måling«"),
        ("Hvem gør det?", Kind.JOINT, "not_reached", "Hvem: Lis Overgaard"),
        ("Hvori består udfordringen – årsager", Kind.JOINT, "initiatives", "»To skoler har ikke svaret.«"),
        ("baseret på skriftlig, empirisk dokumentation", Kind.COMMITTEE, "effect", "4,9 % til 6,1 %"),
        ("Hvad er konsekvensen", Kind.COUNCIL, "consequences", "Revidér målet"),
        ("om der skal formuleres et nyt mål", Kind.COMMITTEE, "recommendation", "»Flere læser sikkert«, som ledere foreslår"),
        ("Brugere, brugerråd, lokaludvalg og bestyrelser", Kind.UNIT, "ahead", "Ja, det er drøftet"),
    ],
)  # fmt: skip
def test_the_report_holds_what_the_source_asks_for(sentence: str, kind: Kind, section_id: str, words: str) -> None:
    found = compose(of_one(kind, "Byskolen")) if kind is Kind.UNIT else report(kind)
    assert words in section(found, section_id), sentence


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_report_is_called_on_paper_what_it_is_called_in_the_chat(kind: Kind, language: str) -> None:
    assert report(kind, language).title == f"{texts(language).say(f'report_kind.{kind.value}')} 2027"


def test_the_agenda_has_its_usual_order() -> None:
    assert [one.title for one in report(Kind.COMMITTEE).sections] == [
        "Sagsfremstilling",
        "Lovgrundlag",
        "Økonomi",
        "Effektvurdering",
        "Indstilling",
        "Bilag",
    ]


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        (Kind.RECORD, "basis plan dialogues actions"),
        (Kind.UNIT, "summary goals not_reached initiatives economy ahead basis"),
        (Kind.JOINT, "summary shared goals not_reached initiatives economy ahead basis"),
        (Kind.COMMITTEE, "case legal economy effect recommendation appendices"),
        (Kind.COUNCIL, "summary policies goals not_reached consequences appendices"),
    ],
)
def test_every_section_a_template_may_place_is_there_but_where_nobody_told_of_goals_or_budgets(
    kind: Kind, ids: str
) -> None:
    empty = Year().findings(kind, unit=None, owner="", owner_title="")
    untold = {"shared", "goals", "not_reached", "economy"} if kind in (Kind.UNIT, Kind.JOINT) else set()
    for found, left_out in ((report(kind), set()), (compose(empty), untold)):
        assert [one.id for one in found.sections] == [one for one in ids.split() if one not in left_out]
        assert all(one.blocks for one in found.sections)


@pytest.mark.parametrize("kind", [Kind.UNIT, Kind.JOINT])
def test_goals_that_are_not_judged_yet_are_no_good_news(kind: Kind) -> None:
    year = Year()
    year.told("A", {initiative(1, "Udeliv"): ON_PLAN})
    told = said(compose(year.findings(kind)))
    assert told.count("Målene er ikke vurderet i de dialoger, der er sendt.") == 1
    assert "Ingen mål" not in told
    on_course: Mapping[str, Mapping[str, object]] = {"course": {"course": "on_course"}}
    year.told("A", {goal(1, "Ro"): on_course}, model="institutionsaftale", round_id="midyear", due=date(2027, 6, 10))
    followed = compose(year.findings(kind))
    assert section(followed, "not_reached") == "Målene er ikke vurderet i de dialoger, der er sendt."


@pytest.mark.parametrize("kind", [Kind.JOINT, Kind.RECORD])
def test_a_goal_judged_by_a_number_says_of_how_many(kind: Kind) -> None:
    asked = library().script("dialogaftale", "autumn", "percent")
    assert asked
    year = Year()
    held = year.told("A", {goal(1, "Ro"): {"percent": {"percent": "62.5"}}})
    found = year.findings(kind)
    scored = replace(held, scene=replace(found.held[0].scene, script=asked))
    results = [
        cell.text
        for block in blocks(compose(replace(found, held=(scored,))))
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
    ]
    assert "Delvist nået (vurderet til 62,5 %)" in [one.replace("\N{NO-BREAK SPACE}", " ") for one in results]


def test_a_report_without_budgets_says_nothing_of_them() -> None:
    year = Year()
    year.told("A", {goal(1, "Ro"): judged("reached", "4.0")})
    found = compose(year.findings(Kind.JOINT))
    assert found.subtitle == "Børn og Skole: målopfyldelse i enhederne"
    assert "udget" not in said(found)
    assert report(Kind.JOINT).subtitle == "Børn og Skole: målopfyldelse og budgetoverholdelse i enhederne"


@pytest.mark.parametrize(
    ("expected", "deviation", "words"),
    [
        ("700000", "50000", "Drift forventer at bruge kr. 50.000 mindre."),
        ("800000", "50000", "Drift forventer at bruge kr. 50.000 mere."),
        ("800000", "60000", "Drift oplyser en afvigelse på kr. 60.000."),
    ],
)
def test_a_deviation_says_which_way_it_goes_where_the_figures_do(expected: str, deviation: str, words: str) -> None:
    year = Year()
    year.told(
        "Drift", {}, economy("750000", expected, "budget_over", deviation), model="institutionsaftale", round_id="year"
    )
    told = section(compose(year.findings(Kind.JOINT)), "economy")
    assert f"{words} Årsag: »Varmen blev dyrere.«" in told


def test_a_sum_of_budgets_says_what_it_is_beside_the_budget() -> None:
    assert "Det er kr. 50.000,50 mere end budgetrammen." in section(report(Kind.JOINT), "summary")
    year = Year()
    year.told("Drift", {}, economy("750000", "750000"), model="institutionsaftale", round_id="year")
    assert "Det svarer til budgetrammen." in section(compose(year.findings(Kind.UNIT)), "summary")


def test_judgements_and_delays_are_counted_in_whole_sentences_without_noughts() -> None:
    told = section(report(Kind.JOINT), "summary")
    assert "3 er nået, 3 er delvist nået, 1 er ikke nået og 1 kan ikke vurderes endnu." in told
    assert "Opfølgningen omfatter 3 indsatser. Én er forsinket eller stoppet." in told
    assert "1 er nået, 2 er delvist nået og 1 er ikke nået." in section(report(Kind.COUNCIL), "summary")
    late = Year()
    late.told("A", {initiative(1, "Udeliv"): DELAYED, initiative(2, "Læsning"): DELAYED})
    assert "2 er forsinkede eller stoppede." in section(compose(late.findings(Kind.JOINT)), "summary")


@pytest.mark.parametrize(("kind", "is_many"), [(Kind.UNIT, False), (Kind.JOINT, True), (Kind.COUNCIL, True)])
def test_the_note_of_the_goals_speaks_of_several_units_only_where_there_may_be(kind: Kind, is_many: bool) -> None:  # noqa: FBT001
    note = table(compose(of_one(kind, "Byskolen")), "goals").note
    assert ("Har flere enheder målet" in note) is is_many
    assert ("lederens egen" in note) is not is_many


# --- every goal once, and the counts add up ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.JOINT, Kind.COMMITTEE, Kind.COUNCIL])
def test_every_goal_stands_in_the_table_exactly_once(kind: Kind) -> None:
    found = a_year().findings(kind)
    asked = {one.id for held in found.held for one in held.scene.subjects if one.kind == "goal"}
    political = {"goal-1", "goal-3"}
    ids = [str(one.value) for one in column(table(compose(found), "goals"), "goal")]
    assert sorted(ids) == sorted(asked & political if kind in POLITICAL else asked)


def waiting() -> Year:
    """Three units' own goals, worded alike: one is reached, two are not, and what they began at and are to reach differs."""
    year = Year()
    for number, (unit, attained, value) in enumerate(
        (("A", "partly", "5.5"), ("B", "not_reached", "6.0"), ("C", "reached", "4.0")), 1
    ):
        own = goal(number, "Ventetiden er kort")
        assert own.figures
        own = replace(
            own, figures=replace(own.figures, baseline=Decimal(6 + number), due_on=date(2027 + number, 12, 31))
        )
        year.told(unit, {own: judged(attained, value, consequence="revise_goal")})
    return year


@pytest.mark.parametrize("kind", [Kind.JOINT, *POLITICAL])
def test_goals_worded_alike_are_one_goal_in_every_count_and_table(kind: Kind) -> None:
    found = compose(waiting().findings(kind))
    told = said(found)
    assert "Opfølgningen omfatter 1 mål" in told
    assert "1 af 1 mål er af mindst én leder" in told
    assert "2 af 3 enheder har vurderet målet som ikke nået eller kun delvist nået" in told
    (row,) = table(found, "goals").rows
    assert [one.text.replace("\N{NO-BREAK SPACE}", " ") for one in row[3:8]] == [
        "7 % til 9 %",
        "4,9 %",
        "4 % til 6 %",
        "senest 14. sep. 2027",
        "senest 31. dec. 2030",
    ]
    if kind is Kind.COMMITTEE:
        assert "Der er målt på 1 af 1 mål" in told
        assert [one[3].text for one in table(found, "effect").rows] == ["–"]


def test_a_goal_that_some_have_not_told_of_says_of_how_many_and_those_nobody_told_of_are_a_number() -> None:
    safe, other = goal(1, "Flere børn er trygge"), goal(77, "Alle kan svømme")
    having = {wording(safe): frozenset({1, 2, 3, 4}), wording(other): frozenset({4})}
    for kind in (Kind.JOINT, *POLITICAL):
        found = report(kind, having=having)
        assert column(table(found, "goals"), "units")[0] == Cell("3 af 4 enheder", 3)
        missing = "Ét mål er ikke med" if kind is Kind.JOINT else "Ét politisk mål er ikke med"
        assert f"{missing}, fordi dialogen om det ikke er sendt." in said(found)
        assert "svømme" not in as_json(found)
    own = compose(replace(of_one(Kind.UNIT, "Byskolen"), having=having))
    assert column(table(own, "goals"), "units")[0].text == "Fælles for 4 enheder"


def test_a_units_table_has_its_own_goals_alone() -> None:
    found = compose(of_one(Kind.UNIT, "Byskolen"))
    assert [one.text for one in column(table(found, "goals"), "goal")] == [
        "Flere børn er trygge",
        "Flere læser sikkert",
        "Sygefraværet er højst 4,9 %",
    ]
    assert [one.symbol for one in column(table(found, "goals"), "result")] == ["●", "◑", "●"]


@pytest.mark.parametrize("kind", [Kind.JOINT, Kind.COMMITTEE, Kind.COUNCIL])
def test_the_bars_and_the_tables_count_the_same_judgements(kind: Kind) -> None:
    found = report(kind)
    (chart,) = (one for one in blocks(found) if isinstance(one, Chart))
    by_part = {part: sum(one.number for bar in chart.bars for one in bar.parts if one.id == part) for part in PARTS}
    assert all([one.id for one in bar.parts] == list(PARTS) for bar in chart.bars)
    whole = {"reached": 3, "partly": 3, "not_reached": 1, "unknown": 1}
    political = {"reached": 1, "partly": 2, "not_reached": 1, "unknown": 0}
    assert by_part == (political if kind in POLITICAL else whole)


def test_a_chart_says_all_that_it_shows() -> None:
    (chart,) = (one for one in blocks(report(Kind.COUNCIL)) if isinstance(one, Chart))
    for bar in chart.bars:
        assert bar.label in chart.about
        verbs = {"unknown": ""}
        there = [f"{one.number} {verbs.get(one.id, 'er ')}{one.label.lower()}" for one in bar.parts if one.number]
        assert all(one in chart.about for one in there)


def test_the_shared_goals_are_rolled_up_and_their_units_stand_by_result() -> None:
    found = report(Kind.JOINT)
    shared = table(found, "shared")
    assert [one.value for one in column(shared, "units")] == [3, 3]
    for row in shared.rows:
        numbers = {one.id: cell.value for one, cell in zip(shared.columns, row, strict=True)}
        assert sum(int(str(numbers[one])) for one in (*PARTS, "not_judged")) == numbers["units"]
    units = table(found, "shared_units")
    assert sum(int(str(one.value)) for one in column(units, "number")) == 6
    assert "Månen (5,5\N{NO-BREAK SPACE}%)" in [one.text for one in column(units, "units")]


def test_the_policies_of_the_council_add_up_to_all_political_judgements() -> None:
    policies = table(report(Kind.COUNCIL), "policies")
    assert [one.text for one in column(policies, "policy")] == ["Børnepolitikken", "Skolepolitikken"]
    assert [one.value for one in column(policies, "judgements")] == [3, 1]


def test_initiatives_are_counted_by_status_and_source() -> None:
    counts = table(report(Kind.JOINT), "initiatives")
    assert [one.text for one in column(counts, "source")] == ["Politikker", "Lokale indsatser"]
    assert [one.value for one in column(counts, "delayed")] == [1, 0]
    assert [one.value for one in column(counts, "total")] == [2, 1]


def test_the_totals_are_of_the_units_that_told_of_their_budgets() -> None:
    year = a_year()
    year.told("Månen", {}, economy("750000", "749999.50"), model="institutionsaftale", round_id="year")
    found = compose(year.findings(Kind.JOINT))
    (totals,) = (one for one in blocks(found) if isinstance(one, Facts) and one.id == "economy_total")
    values = [one.cell.value for one in totals.facts]
    assert values == [2, Decimal(2000000), Decimal(2050000), Decimal(50000)]
    assert "kr. 50.000 mere" in totals.facts[-1].cell.text.replace("\N{NO-BREAK SPACE}", " ")


# --- the bot counts, and never judges -----------------------------------------------------------------------------------------------


def test_a_goal_of_many_units_has_no_result_of_its_own() -> None:
    goals = table(report(Kind.JOINT), "goals")
    first = column(goals, "result")[0]
    assert first.value is None
    assert first.text.replace("\N{NO-BREAK SPACE}", " ") == "● 1 nået · ◑ 1 delvist nået · ○ 1 ikke nået"


def test_what_the_leaders_wrote_stands_in_quotation_marks() -> None:
    told = section(report(Kind.JOINT), "not_reached")
    assert "Vurderingen bygger på: »Vi har talt efter.«" in told
    assert "Ingen nye data, fordi: »Der måles først til jul.«" in told


def test_a_reached_goal_without_new_data_says_why() -> None:
    year = Year()
    year.told("Solsikken", {goal(1, "Ro"): judged("reached", because="Skemaet er forsinket.")})
    for kind in (Kind.UNIT, Kind.JOINT, *POLITICAL):
        part = "appendices" if kind in POLITICAL else "not_reached"
        assert "»Skemaet er forsinket.«" in section(compose(year.findings(kind)), part)


def test_a_goal_off_its_course_half_way_is_told_in_the_leaders_words() -> None:
    off = {
        "course": {"course": "off_course"},
        "goal_challenge": {"goal_cause": "Vi mangler folk.", "goal_next": "Vi ansætter."},
    }
    year = Year()
    year.told("Park", {goal(1, "Ro"): off}, model="institutionsaftale", round_id="midyear")
    found = compose(year.findings(Kind.JOINT))
    assert "Udfordring: »Vi mangler folk.«" in section(found, "not_reached")
    (result,) = column(table(found, "goals"), "result")
    assert result == Cell("Ikke vurderet (undervejs: ikke på vej mod målet)", "not_judged", "–")
    assert not any(isinstance(one, Chart) for one in blocks(found))


def test_a_report_of_one_round_says_so_and_nothing_of_the_year() -> None:
    found = a_year().findings(Kind.JOINT)
    autumn = tuple(one for one in found.held if one.round_id == "2027-autumn")
    told = compose(replace(found, held=autumn, of=4, round_id="2027-autumn"))
    assert told.title == "Samlet årsrapport 2027, efterårsdialog"
    assert told.name.endswith("-2027-efteraarsdialog")
    assert "Efterårsdialog 2027: 3 af 4 dialoger er sendt." in said(told)
    assert "årets" not in section(told, "summary") + section(told, "goals")
    whole = compose(replace(of_one(Kind.UNIT, "Solsikken"), of=1, round_id="2027-autumn"))
    assert "Efterårsdialog 2027: dialogen er sendt." in section(whole, "basis")


# --- what is political, and what is open to everybody -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", POLITICAL)
@pytest.mark.parametrize("language", ["da", "en"])
def test_nothing_but_political_goals_and_initiatives_is_shown_to_politicians(kind: Kind, language: str) -> None:
    told = as_json(report(kind, language))
    for title in ("Flere børn er trygge", "Flere læser sikkert", "Overleveringsmøder"):
        assert title in told
    for title in ("Sygefraværet", "Alle er ude", "Udeliv", "Lokale indsatser", "Direktionens handlingsplan"):
        assert title not in told


@pytest.mark.parametrize("kind", POLITICAL)
def test_nobody_who_is_to_do_something_is_named_to_politicians(kind: Kind) -> None:
    told = as_json(report(kind))
    for name in (*NAMES.values(), "Leder i", "Sofie Bæk"):
        assert name not in told
    assert "Karen Aagaard" in told
    assert "Lis Overgaard" in as_json(report(Kind.JOINT))


@pytest.mark.parametrize("kind", POLITICAL)
def test_what_happens_now_and_what_was_written_of_initiatives_is_not_told_to_politicians(kind: Kind) -> None:
    year = a_year()
    ill = {**DELAYED, "challenge": {"cause": "To har været langtidssyge.", "involve": {"people": [LIS], "others": ""}}}
    year.told("B", {initiative(9, "Læsevejledere"): ill}, due=date(2027, 10, 2))
    year.told("B", {goal(9, "Fred"): judged("partly", "5.0", what="Lis Overgaard spørger skolerne.", who=LIS)})
    told = as_json(compose(year.findings(kind)))
    assert "Læsevejledere" in told
    for words in ("langtidssyge", "To skoler har ikke svaret", "Vi ringer til dem", "Lis Overgaard", "Ny måling"):
        assert words not in told
    assert "»Lis Overgaard spørger skolerne.«" in said(compose(year.findings(Kind.JOINT)))


@pytest.mark.parametrize("kind", POLITICAL)
def test_the_leaders_own_words_stand_in_the_appendices_under_a_blank_that_asks_for_them_to_be_read(kind: Kind) -> None:
    found = report(kind)
    *rest, appendices = found.sections
    words = ("»Vi har talt efter.«", "»Varmen blev dyrere.«")
    assert all(one not in said(part.blocks) for part in rest for one in words)
    told = said(appendices.blocks)
    begins = told.index("[Ledernes ord er skrevet til deres nærmeste leder.")
    assert all(told.index(one) > begins for one in words)
    assert "«" not in told[:begins]


@pytest.mark.parametrize("kind", [Kind.JOINT, *POLITICAL])
def test_those_who_have_not_answered_are_a_number_and_never_a_name(kind: Kind) -> None:
    found = a_year().findings(kind)
    sent = tuple(one for one in found.held if one.unit.name != "Månen")
    told = compose(replace(found, held=sent, of=5))
    assert "3 af 5" in [one.cell.text for one in told.facts.facts]
    assert kind is Kind.COMMITTEE or said(told).count("3 af årets 5 dialoger er sendt.") == 1
    assert "Månen" not in as_json(told)


def test_who_has_followed_a_shared_goal_but_not_judged_it_yet_is_not_named_for_it() -> None:
    shared = goal(1, "Ro", units=2)
    year = Year(of=4)
    on_course: Mapping[str, Mapping[str, object]] = {"course": {"course": "on_course"}}
    year.told("Park", {shared: on_course}, model="institutionsaftale", round_id="midyear", due=date(2027, 6, 10))
    year.told("Vej", {shared: judged("reached", "4")})
    units = table(compose(year.findings(Kind.JOINT)), "shared_units")
    assert [one.text for one in column(units, "units")] == ["Vej (4\N{NO-BREAK SPACE}%)", "–"]


@pytest.mark.parametrize("kind", POLITICAL)
def test_the_policies_the_goals_come_from_are_named(kind: Kind) -> None:
    assert "altså målene fra Børnepolitikken og Skolepolitikken." in said(report(kind))


def test_a_draft_for_a_year_not_judged_claims_nothing_and_recommends_nothing() -> None:
    on_course: Mapping[str, Mapping[str, object]] = {"course": {"course": "on_course"}}
    year = Year()
    year.told("Park", {goal(1, "Ro"): on_course}, model="institutionsaftale", round_id="midyear")
    for found in (year.findings(Kind.COMMITTEE), Year().findings(Kind.COMMITTEE)):
        told = compose(found)
        assert section(told, "case").startswith("Målene er ikke vurderet i 2027 endnu")
        assert section(told, "recommendation") == "[Der er ikke noget at indstille, før målene er vurderet.]"
        assert "fulgt op på målene" not in said(told)


@pytest.mark.parametrize(
    ("sent", "of", "words"),
    [
        (1, 1, "Årets ene dialog er sendt."),
        (2, 2, "Begge årets dialoger er sendt."),
        (3, 3, "Alle årets dialoger er sendt."),
        (2, 3, "2 af årets 3 dialoger er sendt."),
    ],
)
def test_how_many_dialogues_were_sent_is_said_once_and_plainly(sent: int, of: int, words: str) -> None:
    year = Year(of=of)
    for number in range(sent):
        year.told(f"Enhed {number}", {goal(1, "Ro"): judged("reached", "4")})
    told = said(compose(year.findings(Kind.JOINT)))
    assert told.count(words) == 1


def test_nothing_is_said_of_readings_where_there_are_no_goals() -> None:
    one = compose(Year().findings(Kind.COMMITTEE)).section("effect")
    assert one
    assert [block.style for block in one.blocks if isinstance(block, Paragraph)] == ["blank"]


def test_what_goes_to_politicians_is_a_draft_and_says_whose() -> None:
    assert [report(kind).is_draft for kind in KINDS] == [kind in POLITICAL for kind in KINDS]
    found = report(Kind.COMMITTEE)
    assert ("Direktør", "Karen Aagaard") in [(one.label, one.cell.text) for one in found.facts.facts]
    assert "Udkast" not in section(found, "case"), "what would have to be deleted stands in the box at the top alone"
    nobody = report(Kind.COMMITTEE, owner="", owner_title="")
    assert section(nobody, "recommendation").startswith("Direktøren indstiller,")


def test_what_the_committees_decide_is_a_blank_of_the_councils() -> None:
    found = report(Kind.COUNCIL).section("appendices")
    assert found
    assert found.blocks[-1] == Paragraph("[Her indsættes, hvad udvalgene har besluttet i november.]", "blank")


@pytest.mark.parametrize("section_id", ["legal", "economy", "effect", "appendices"])
def test_what_only_the_administration_can_write_is_left_blank(section_id: str) -> None:
    one = report(Kind.COMMITTEE).section(section_id)
    assert one
    blanks = [block.text for block in one.blocks if isinstance(block, Paragraph) and block.style == "blank"]
    assert len(blanks) == (2 if section_id == "appendices" else 1)
    assert all(re.fullmatch(r"\[.+\.\]", one) for one in blanks)
    assert section_id != "legal" or len(one.blocks) == 1


def test_the_economy_of_a_case_is_what_units_with_political_goals_told_or_nothing() -> None:
    assert "Tallene gælder hele enheden" in section(report(Kind.COMMITTEE), "economy")
    year = Year()
    year.told("Drift", {goal(1, "Ro", "lokal"): judged("reached", "4")})
    year.told("Drift", {}, economy("100", "100"), model="institutionsaftale", round_id="year")
    one = compose(year.findings(Kind.COMMITTEE)).section("economy")
    assert one
    assert [type(block) for block in one.blocks] == [Paragraph]


def test_the_recommendation_is_to_take_note_and_to_discuss_what_the_leaders_would_change() -> None:
    one = report(Kind.COMMITTEE).section("recommendation")
    assert one
    goals = "»Flere børn er trygge« og »Flere læser sikkert«"
    discuss = f"at udvalget drøfter målene {goals}, som ledere foreslår at revidere eller afløse af nye mål."
    assert one.blocks[-1] == Listing(
        (
            "at udvalget tager opfølgningen til efterretning,",
            discuss,
        ),
        is_numbered=True,
    )


def test_where_nothing_is_to_change_the_follow_up_is_only_taken_note_of() -> None:
    year = Year()
    year.told(
        "A", {goal(1, "Ro"): judged("reached", "4.8"), goal(2, "Fred"): judged("partly", "5", consequence="adjust")}
    )
    one = compose(year.findings(Kind.COMMITTEE)).section("recommendation")
    assert one
    assert one.blocks[-1] == Listing(("at udvalget tager opfølgningen til efterretning.",), is_numbered=True)


# --- the record ---------------------------------------------------------------------------------------------------------------------


def record() -> Findings:
    """Solsikken's autumn, replied to before and after it was corrected, with an action."""
    found = of_one(Kind.RECORD, "Solsikken")
    (held,) = found.held
    corrected = at_nine(date(2027, 10, 5))
    replies = (
        Response("approval", "Karen Aagaard", "", at_nine(date(2027, 10, 2)), is_before=True),
        Response("question", "Karen Aagaard", "Hvem ringer?", at_nine(date(2027, 10, 6))),
        Response("answer", "Leder i Solsikken", "Det gør Lis.", at_nine(date(2027, 10, 7))),
    )
    scene = replace(held.scene, responses=replies, corrected_at=corrected)
    actions = (Agreed("Vi ringer til dem.", "Lis Overgaard", date(2027, 11, 1), False, "Overleveringsmøder"),)
    return replace(found, held=(replace(held, scene=scene, actions=actions),))


def texts_of(held: Held) -> Iterator[str]:
    asked = {
        (step.id, one.id): one.kind for part in held.scene.script.sections for step in part.steps for one in step.fields
    }
    for place, values in held.scene.answers.items():
        yield from (str(value) for name, value in values.items() if asked[place.step, name] == "text")


def test_the_record_holds_every_word_that_was_sent() -> None:
    found = a_year().findings(Kind.RECORD)
    told = said(compose(found))
    words = [text for held in found.held for text in texts_of(held)]
    assert len(words) > 10
    assert [text for text in words if text not in told] == []


def test_the_record_tells_who_replied_and_when_and_what_was_before_the_correction() -> None:
    replies = table(compose(record()), "replies-2027-autumn")
    assert [[cell.text for cell in row] for row in replies.rows] == [
        ["2. oktober 2027 kl. 09.00", "Karen Aagaard", "Godkendt, før rettelsen", "–"],
        ["6. oktober 2027 kl. 09.00", "Karen Aagaard", "Spørgsmål", "»Hvem ringer?«"],
        ["7. oktober 2027 kl. 09.00", "Leder i Solsikken", "Svar fra lederen", "»Det gør Lis.«"],
    ]
    assert replies.rows[0][0].value == "2027-10-02T09:00:00+02:00"


def test_the_record_holds_the_actions() -> None:
    actions = table(compose(record()), "actions")
    assert [one.text for one in actions.rows[0]] == [
        "Vi ringer til dem.",
        "Lis Overgaard",
        "1. nov. 2027",
        "Ikke gjort endnu",
        "Overleveringsmøder",
        "Efterårsdialog 2027",
    ]


def test_the_record_labels_and_quotes_all_that_was_written_under_its_initiative_or_goal() -> None:
    one = compose(record()).section("dialogues")
    assert one
    headings = [(block.text, after) for block, after in pairwise(one.blocks) if isinstance(block, Heading)]
    under = {text: after for text, after in headings if isinstance(after, Facts)}
    assert [(fact.label, fact.cell.text) for fact in under["Overleveringsmøder"].facts] == [
        ("Udfordring", "»To skoler har ikke svaret.«"),
        ("Skal involveres", "Lis Overgaard"),
        ("Det sker nu", "»Vi ringer til dem.«"),
        ("Hvem", "Lis Overgaard"),
    ]
    goal_facts = {fact.label: fact.cell.text for fact in under["Flere børn er trygge"].facts}
    assert goal_facts["Det sker nu"] == "»Ny måling«"
    assert "»Vi har talt efter.«" in goal_facts.values()
    assert goal_facts["Tallets kilde"] == "»Løn«"


def test_what_the_table_has_said_already_is_not_said_once_more() -> None:
    year = Year()
    on_course: Mapping[str, Mapping[str, object]] = {"course": {"course": "on_course"}}
    year.told("Park", {goal(1, "Ro"): on_course}, model="institutionsaftale", round_id="midyear", due=date(2027, 6, 10))
    told = compose(year.findings(Kind.RECORD))
    assert section(told, "dialogues").split("\n").count("Ro") == 1
    assert [one.title for one in table(told, "goals-2027-midyear").columns][1] == "Ny måling"


def test_a_record_has_room_for_a_case_number_and_tells_the_version_of_each_dialogue() -> None:
    told = compose(record())
    assert ("Sagsnummer", "[udfyldes]") in [(one.label, one.cell.text) for one in told.facts.facts]
    assert "Udgave: 1" in section(told, "dialogues").split("\n")
    assert "Sagsnummer" not in [one.label for one in report(Kind.UNIT).facts.facts]


def test_what_happens_next_stands_with_the_goal_it_was_said_of_and_is_called_agreed_by_nobody() -> None:
    found = record()
    (held,) = found.held
    acting = replace(held, actions=(Agreed("Ny måling", "Lis Overgaard", date(2028, 3, 1), False, ""),))
    told = compose(replace(found, held=(acting,)))
    assert [one.text for one in column(table(told, "actions"), "subject")] == ["Flere børn er trygge"]
    assert [one.title for one in told.sections][-1] == "Det videre forløb"
    assert "når den nærmeste leder har godkendt" in section(told, "actions")


def test_the_same_content_has_the_same_version_whoever_makes_it_and_whenever() -> None:
    first = compose(record())
    again = compose(replace(record(), today=TODAY + timedelta(days=30), asked_by="Ole Bentsen"))
    assert re.fullmatch(r"[0-9a-f]{64}", first.version)
    assert first.made != again.made
    assert first.version == again.version


def test_who_leads_and_what_is_above_today_is_no_part_of_the_version() -> None:
    found = record()
    assert found.unit
    agreement = Agreement(
        "solsikken-2026", Wording("aftale", "agreement"), date(2026, 1, 1), TODAY, 1, "Jens Østergaard"
    )
    one = replace(found, owner="Mette Søndergaard", agreements=((found.unit, agreement),))
    moved = replace(found.unit, above=("Børn og Skole", "Dagtilbud"))
    later = replace(
        one, owner="Pia Holm", unit=moved, agreements=((moved, replace(agreement, counterpart="Vera Vang")),)
    )
    assert said(compose(one)) != said(compose(later))
    assert compose(one).version == compose(later).version
    assert (
        compose(one).version != compose(replace(one, agreements=((found.unit, replace(agreement, version=2)),))).version
    )


def test_anything_else_that_is_said_gives_another_version() -> None:
    found = record()
    (held,) = found.held
    fewer = replace(held, scene=replace(held.scene, responses=held.scene.responses[:-1]))
    versions = {compose(one).version for one in (found, replace(found, held=(fewer,)), replace(found, held=()))}
    assert len(versions) == 3


# --- as data --------------------------------------------------------------------------------------------------------------------------


def test_numbers_are_exact_and_days_are_iso() -> None:
    told = json.loads(as_json(report(Kind.JOINT)), parse_float=Decimal)
    assert told["made_on"] == "2027-12-01"
    tables = {one["id"]: one for part in told["sections"] for one in part["blocks"] if one["is"] == "table"}
    assert tables["economy"]["rows"][0]["expected"] == {
        "text": "kr.\N{NO-BREAK SPACE}1.300.000,50",
        "value": Decimal("1300000.5"),
    }
    own = next(one for one in tables["goals"]["rows"] if one["goal"]["value"] == "goal-4")
    assert own["now"] == {"text": "4,7\N{NO-BREAK SPACE}%", "value": Decimal("4.7")}
    assert own["read_on"] == {"text": "14. sep. 2027", "value": "2027-09-14"}
    assert own["result"] == {"text": "Nået", "value": "reached", "symbol": "●"}


@pytest.mark.parametrize("value", ["0.1", "123456789012345.12", "-3", "0"])
def test_a_number_is_written_digit_by_digit(value: str) -> None:
    found = report(Kind.COUNCIL)
    facts = Facts((*found.facts.facts, replace(found.facts.facts[0], cell=Cell("tal", Decimal(value)))))
    assert f'"value": {value}\n' in as_json(replace(found, facts=facts))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_findings_give_the_same_text(kind: Kind) -> None:
    assert as_json(report(kind)) == as_json(report(kind))


# --- both languages -------------------------------------------------------------------------------------------------------------------


def shape(found: Report) -> object:
    """What a report is made of, without a word of any language."""
    return [(one.id, [_shape(block) for block in one.blocks]) for one in found.sections]


def _shape(block: Block) -> object:
    match block:
        case Table(table_id, _, columns, rows):
            return table_id, [one.id for one in columns], [[cell.value for cell in row] for row in rows]
        case Heading(_, level):
            return "heading", level
        case Facts(facts):
            return block.id, [one.cell.value for one in facts]
        case Listing(points):
            return "list", len(points)
        case Chart(_, _, bars):
            return [[one.number for one in bar.parts] for bar in bars]
        case Paragraph(_, style):
            return style


FULL: list[Callable[[Kind, str], Findings]] = [
    lambda kind, language: a_year().findings(kind, language),
    lambda kind, language: Year().findings(kind, language, unit=None, owner="", milestone=None),
    lambda kind, language: Year(of=3).findings(kind, language),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("found", FULL)
def test_both_languages_say_the_same(kind: Kind, found: Callable[[Kind, str], Findings]) -> None:
    danish, english = (compose(found(kind, language)) for language in ("da", "en"))
    assert shape(danish) == shape(english)
    assert danish.title != english.title


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("found", FULL)
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_prose_is_whole_and_tidy(kind: Kind, found: Callable[[Kind, str], Findings], language: str) -> None:
    told = compose(found(kind, language))
    for line in (told.title, told.subtitle, told.made, *said(told).split("\n")):
        assert not re.search(r"\{\{|\}\}|\.\.|  | [.,:;]|None\b(?! is| are)|\(\)|»»|^\s", line), line
        assert line == line.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_headings_go_no_deeper_than_three_or_in_a_record_four_and_skip_no_level(kind: Kind) -> None:
    for one in report(kind).sections:
        levels = [1, *(block.level for block in one.blocks if isinstance(block, Heading))]
        assert max(levels) <= (4 if kind is Kind.RECORD else 3)
        assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_tables_of_a_report_have_the_same_id(kind: Kind) -> None:
    year = a_year()
    year.told("Solsikken", {goal(1, "Flere børn er trygge", units=3): judged("reached", "4")}, due=date(2027, 10, 2))
    ids = [one.id for one in blocks(compose(year.findings(kind))) if isinstance(one, Table | Chart)]
    assert len(ids) == len(set(ids))


def test_what_looks_like_a_template_in_somebodys_words_is_only_words() -> None:
    words = "{{ owner }} & <b>{% raw"
    year = Year()
    year.told("A", {goal(1, "Ro"): judged("partly", "5.0", what=words)})
    assert f"»{words}«" in said(compose(year.findings(Kind.JOINT)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_name_of_a_file_is_plain(kind: Kind) -> None:
    name = report(kind).name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert name.endswith("boern-og-skole-2027")


def test_the_units_own_words_for_a_source_are_used() -> None:
    found = a_year().findings(Kind.JOINT)
    other = {"politik": SOURCES["lokal"], **{one: SOURCES[one] for one in ("direktion", "lokal")}}
    assert "Politikker: Børnepolitikken" in said(compose(replace(found, sources=other)))


def test_a_plan_that_nobody_signs_has_no_counterpart_and_lacks_no_signature() -> None:
    found = record()
    assert found.unit
    plan = Agreement(
        code="PLAN-2027",
        title=Wording("handlingsplan", "action plan"),
        first=date(2027, 1, 1),
        last=date(2027, 12, 31),
        version=1,
        counterpart="",
    )
    told = [
        section(compose(replace(found, agreements=((found.unit, replace(plan, is_signed=is_signed)),))), "basis")
        for is_signed in (True, False)
    ]
    assert ["Aftalepart" in one for one in told] == [True, False]
    assert ["underskrevet" in one for one in told] == [True, False]


def test_changes_of_an_agreement_and_its_signatures_stand_in_the_record() -> None:
    found = record()
    assert found.unit
    agreement = Agreement(
        code="solsikken-2026",
        title=Wording("dialogaftale", "dialogue agreement"),
        first=date(2026, 1, 1),
        last=date(2027, 6, 30),
        version=2,
        counterpart="Karen Aagaard",
        signatures=(Signed("unit", "Leder i Solsikken", at_nine(date(2026, 1, 20))),),
        amendments=(Amended(2, "Nyt mål: »Ro«.", "", at_nine(date(2027, 2, 1))),),
        goals=(goal(1, "Flere børn er trygge"),),
        initiatives=(initiative(1, "Overleveringsmøder"),),
        sources=SOURCES,
    )
    told = compose(replace(found, agreements=((found.unit, agreement),)))
    assert [cell.text for cell in table(told, "signatures").rows[0]] == [
        "Enheden",
        "Leder i Solsikken",
        "20. januar 2026 kl. 09.00",
    ]
    assert [cell.text for cell in table(told, "amendments").rows[0]][1:3] == ["Nyt mål: »Ro«.", "–"]
    assert [cell.text for cell in table(told, "plan_goals").rows[0]][:3] == [
        "Politikker: Børnepolitikken",
        "Trivsel",
        "Flere børn er trygge",
    ]
