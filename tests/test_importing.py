"""The workbook out and in: the template, every fault at once, what changes and what does not, and files nobody should send."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import Table, select, update

from bot.main import main
from dialogs.script import LANGUAGES, Evaluation, Model, Wording
from store import tables as t
from store.database import Database, open_database
from store.workbook.cells import tidy
from store.workbook.exporting import export_workbook, write_template, write_workbook
from store.workbook.importing import FieldChange, Report, SheetChanges, import_workbook
from store.workbook.municipality import (
    Absence,
    Agreement,
    Goal,
    Initiative,
    Measured,
    Municipality,
    Person,
    Post,
    Row,
    Unit,
    read_municipality,
)
from store.workbook.reading import MOST_BYTES, Reading, read_workbook
from store.workbook.sheets import SHEETS, Sheet
from tests.rooms import ROOT
from tests.town import library

MODELS: Final = library().models
NOW: Final = datetime(2027, 3, 10, 8, tzinfo=UTC)
Cells = dict[str, object]
Town = dict[str, list[Cells]]

TOWN: Final[Town] = {
    "Enheder": [
        {"Kode": "BY", "Navn": "Byen", "Overordnet": None, "Type": "forvaltning", "Model": "dialogaftale"},
        {"Kode": "DAG", "Navn": "Dagtilbud", "Overordnet": "BY", "Type": "afdeling", "Slack-kanal": "#dagtilbud"},
        {"Kode": "SOL", "Navn": "Børnehuset Solen", "Overordnet": "DAG", "Type": "enhed"},
        {"Kode": "HAV", "Navn": "Havgården", "Overordnet": "DAG", "Type": "selvejende"},
    ],
    "Personer": [
        {"E-mail": "mette@by.example", "Navn": "Mette Sø", "Sprog": None},
        {"E-mail": "jens@by.example", "Navn": "Jens Ærø", "Sprog": "en"},
    ],
    "Poster": [
        {"E-mail": "mette@by.example", "Enhed": "SOL", "Rolle": "leder", "Fra": date(2024, 1, 1), "Til": None},
        {"E-mail": "jens@by.example", "Enhed": "DAG", "Rolle": "leder", "Fra": date(2024, 1, 1), "Til": None},
    ],
    "Aftaler": [
        {"Kode": "SOL-26", "Enhed": "SOL", "Fra": date(2026, 1, 1), "Til": date(2027, 6, 30)},
        {"Kode": "HAV-26", "Enhed": "HAV", "Fra": date(2026, 1, 1), "Til": date(2027, 6, 30)},
    ],
    "Mål": [
        {
            "Kode": "M1",
            "Aftaler": "SOL-26; HAV-26",
            "Målsætning": "Et godt arbejdsmiljø",
            "Mål": "Fraværet falder",
            "Kilde": "direktion",
            "Måltal": 4.9,
            "Frist": date(2028, 12, 31),
        },
        {
            "Kode": "M2",
            "Aftaler": "SOL-26",
            "Målsætning": None,
            "Mål": "Fælles årsplan",
            "Kilde": "lokal",
            "Måltal": 1,
            "Frist": date(2027, 6, 30),
        },
    ],
    "Indsatser": [
        {"Kode": "I1", "Mål": "M1", "Aftale": "SOL-26", "Indsats": "Omsorgssamtaler", "Ansvarlig": "mette@by.example"},
        {"Kode": "I2", "Mål": "M1", "Aftale": "HAV-26", "Indsats": "Omsorgssamtaler", "Ansvarlig": None},
    ],
    "Fravær": [
        {
            "E-mail": "mette@by.example",
            "Fra": date(2027, 2, 8),
            "Til": date(2027, 2, 12),
            "Stedfortræder": "jens@by.example",
        }
    ],
    "Målinger": [
        {"Mål": "M1", "Enhed": "SOL", "Dato": date(2026, 6, 30), "Tal": 5.8, "Kilde": "Løn"},
        {"Mål": "M1", "Enhed": "HAV", "Dato": date(2026, 6, 30), "Tal": 6.1, "Kilde": None},
    ],
}


def headers(rows: Iterable[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(header for row in rows for header in row))


def written(folder: Path, town: Mapping[str, Sequence[Mapping[str, object]]], name: str = "kommune.xlsx") -> Path:
    """A workbook with these sheets, the columns in the order the rows name them."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, rows in town.items():
        page = book.create_sheet(sheet)
        columns = headers(rows)
        page.append(columns)
        for row in rows:
            page.append([row.get(header) for header in columns])
    path = folder / name
    book.save(path)
    return path


def town_with(sheet: str, number: int, **changed: object) -> Town:
    """The town with cells changed in the row of that number, counted as in Excel; `E_mail` is the column E-mail."""
    town = deepcopy(TOWN)
    rows = town[sheet]
    while len(rows) < number - 1:
        rows.append({})
    rows[number - 2] |= {header.replace("_", "-"): value for header, value in changed.items()}
    return town


@dataclass
class Desk:
    """Where workbooks are read in: a database, and a folder to write them in."""

    database: Database
    folder: Path

    def reads(
        self,
        town: Mapping[str, Sequence[Mapping[str, object]]] | Path,
        *,
        dry_run: bool = False,
        models: Mapping[str, Model] = MODELS,
    ) -> Report:
        path = town if isinstance(town, Path) else written(self.folder, town)
        with self.database.transaction() as connection:
            return import_workbook(connection, path, models, NOW, dry_run=dry_run)

    def exports(self) -> Path:
        path = self.folder / "ud.xlsx"
        with self.database.transaction() as connection:
            export_workbook(connection, path, MODELS)
        return path

    @property
    def stored(self) -> Municipality:
        with self.database.transaction() as connection:
            return read_municipality(connection)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.database.transaction() as connection:
            ordered = select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(ordered).mappings()]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        return {table.name: self.rows(table) for table in t.metadata.sorted_tables}


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A desk at which the town has been read in."""
    assert desk.reads(TOWN).stored
    return desk


only_sqlite = pytest.mark.parametrize("kind", ["sqlite"])


def said(report: Report | Reading, language: str = "da") -> list[str]:
    return [finding.in_(language) for finding in report.findings]


def faults(report: Report) -> list[str]:
    return [finding.in_("da") for finding in report.faults]


def changes_of(report: Report, sheet: str) -> SheetChanges:
    return next(one for one in report.sheets if one.sheet == sheet)


# --- the template -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "kommune.xlsx"
    write_template(path, MODELS)
    return path


def test_the_template_opens_on_its_guidance_and_has_every_sheet(template: Path) -> None:
    book = load_workbook(template)
    assert book.sheetnames == ["Vejledning", *(sheet.name for sheet in SHEETS)]
    guidance = "\n".join(str(cell.value) for row in book["Vejledning"].iter_rows() for cell in row if cell.value)
    assert "--dry-run" in guidance
    assert all(column.guide.da in guidance for sheet in SHEETS for column in sheet.columns)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_of_the_template_has_its_headers_one_example_row_and_a_hint_on_every_column(
    template: Path, sheet: Sheet
) -> None:
    rows = list(load_workbook(template)[sheet.name].iter_rows(values_only=True))
    assert [str(header).removesuffix(" *") for header in rows[0]] == [column.header for column in sheet.columns]
    assert len(rows) == 2
    page = load_workbook(template)[sheet.name]
    assert all(page.cell(1, index).comment for index in range(1, len(sheet.columns) + 1))
    hinted = {str(area) for rule in page.data_validations.dataValidation for area in rule.sqref.ranges}
    assert len(hinted) == len(sheet.columns)


@pytest.mark.parametrize(
    ("sheet", "column", "words"),
    [
        ("Enheder", "D", '"forvaltning,afdeling,enhed,stab,selvejende"'),
        ("Enheder", "E", '"dialogaftale,handlingsplan,institutionsaftale"'),
        ("Enheder", "F", '"attainment,logic,percent,smtte"'),
        ("Aftaler", "D", '"attainment,logic,percent,smtte"'),
        ("Personer", "C", '"da,en"'),
        ("Personer", "D", '"normal,færre,ingen"'),
        ("Personer", "E", '"ja,nej"'),
        ("Mål", "N", '"egen,fælles"'),
        ("Indsatser", "G", "'Indsatser'!$A$2:$A$10000"),
        ("Målinger", "B", "'Enheder'!$A$2:$A$10000"),
        ("Poster", "C", '"leder,stedfortræder,konsulent,direktion"'),
        ("Mål", "E", '"politik,direktion,lokal,forvaltning"'),
        ("Poster", "A", "'Personer'!$A$2:$A$10000"),
        ("Poster", "B", "'Enheder'!$A$2:$A$10000"),
        ("Indsatser", "C", "'Aftaler'!$A$2:$A$10000"),
    ],
)
def test_a_column_with_known_words_has_a_drop_down_list(template: Path, sheet: str, column: str, words: str) -> None:
    rules = load_workbook(template)[sheet].data_validations.dataValidation
    found = {str(rule.sqref).partition("2:")[0]: (rule.type, rule.formula1) for rule in rules}
    assert found[column] == ("list", words)


def test_the_template_may_be_imported_as_it_is_and_its_examples_are_skipped_and_said_to_be(
    desk: Desk, template: Path
) -> None:
    report = desk.reads(template)
    assert said(report) == [
        f"{sheet.name}!A2: Rækken er eksemplet fra skabelonen og er sprunget over." for sheet in SHEETS
    ]
    assert report.stored
    assert desk.stored == Municipality()


@only_sqlite
def test_the_template_filled_in_below_its_examples_stores_what_was_filled_in(desk: Desk, template: Path) -> None:
    book = load_workbook(template)
    for sheet in SHEETS:
        for row in TOWN[sheet.name]:
            book[sheet.name].append([row.get(column.header) for column in sheet.columns])
    book.save(desk.folder / "udfyldt.xlsx")
    assert desk.reads(desk.folder / "udfyldt.xlsx").faults == ()
    filled_in = desk.stored
    assert desk.reads(TOWN).changes == 0
    assert desk.stored == filled_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headers_are_danish_whatever_the_guidance_speaks(tmp_path: Path, language: str) -> None:
    write_template(tmp_path / "one.xlsx", MODELS, language)
    assert load_workbook(tmp_path / "one.xlsx")["Personer"]["A1"].value == "E-mail *"


# --- every fault at once ------------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_cell_and_its_mend_and_nothing_is_stored(desk: Desk) -> None:
    town = deepcopy(TOWN)
    town["Enheder"][2] |= {"Overordnet": "DAGG", "Type": "børnehave"}
    town["Personer"][0]["Navn"] = None
    town["Poster"][0]["Fra"] = "snart"
    town["Aftaler"][0]["Til"] = date(2025, 1, 1)
    town["Mål"][1]["Måltal"] = "mange"
    town["Indsatser"][1]["Mål"] = "M9"
    report = desk.reads(town)
    told = [
        "Enheder!C4: »DAGG« findes ikke i arket Enheder. Ret den, eller tilføj rækken dér. Mente du »DAG«?",
        "Enheder!D4: »børnehave« kan ikke bruges som Type. Skriv forvaltning, afdeling, enhed, stab eller selvejende.",
        "Personer!B2: »Navn« mangler. Udfyld cellen.",
        "Poster!D2: »snart« er ikke en dato. Skriv fx 31-12-2027.",
        "Aftaler!D2: Til (01-01-2025) ligger før Fra (01-01-2026). Ret den ene dato.",
        "Mål!F3: »mange« er ikke et tal. Skriv kun tallet, fx 4,9 eller 1.250.000; enheden hører til under Måleenhed.",
        "Indsatser!B3: »M9« findes ikke i arket Mål. Ret den, eller tilføj rækken dér.",
    ]
    assert sorted(faults(report)) == sorted(told)
    assert [line.partition("!")[0] for line in faults(report)] == [line.partition("!")[0] for line in told]
    assert not report.stored
    assert desk.stored == Municipality()


FAULTS: Final[list[tuple[Town, str]]] = [
    (town_with("Enheder", 4, Kode=None), "Enheder!A4: »Kode« mangler"),
    (town_with("Enheder", 5, Kode="SOL"), "Enheder!A5: »SOL« står allerede i række 4"),
    (town_with("Enheder", 4, Kode="S;L"), "Enheder!A4: Koden »S;L« har semikolon i sig"),
    (town_with("Enheder", 4, Kode="S" * 41), "Enheder!A4: Teksten er på 41 tegn; der er plads til 40"),
    (town_with("Enheder", 4, Navn=datetime(2027, 1, 2)), "Enheder!B4: Excel har lavet teksten om til »02-01-2027«"),  # noqa: DTZ001
    (town_with("Enheder", 4, Overordnet="SOL"), "Enheder!C4: Enhederne ligger over hinanden i ring: SOL → SOL"),
    (town_with("Enheder", 3, Overordnet="SOL"), "Enheder!C3: Enhederne ligger over hinanden i ring: DAG → SOL → DAG"),
    (
        town_with("Enheder", 2, Model="aftale"),
        "Enheder!E2: »aftale« kan ikke bruges som Model. Skriv dialogaftale, handlingsplan eller institutionsaftale.",
    ),
    (
        town_with("Enheder", 4, Evaluering="procnt"),
        "Enheder!G4: »procnt« kan ikke bruges som Evaluering. Skriv attainment, logic, percent eller smtte. Mente du »percent«?",
    ),
    (town_with("Aftaler", 2, Evaluering="stjerner"), "Aftaler!E2: »stjerner« kan ikke bruges som Evaluering."),
    (
        town_with("Personer", 2, Påmindelser="aldrig"),
        "Personer!D2: »aldrig« kan ikke bruges som Påmindelser. Skriv normal,",
    ),
    (town_with("Mål", 2, Måling="begge"), "Mål!H2: »begge« kan ikke bruges som Måling. Skriv egen eller fælles."),
    (town_with("Indsatser", 2, Fortsætter="I9"), "Indsatser!F2: »I9« findes ikke i arket Indsatser."),
    (
        town_with("Indsatser", 2, Fortsætter="I1"),
        "Indsatser!F2: »I1« hører til aftalen »SOL-26«, som ikke er en tidligere",
    ),
    (
        town_with("Indsatser", 2, Fortsætter="I2"),
        "Indsatser!F2: »I2« hører til aftalen »HAV-26«, som ikke er en tidligere",
    ),
    (
        town_with("Målinger", 2, Enhed=None),
        "Målinger!B2: Hver enhed har sit eget tal for målet »M1«. Skriv enhedens kode, eller skriv fælles",
    ),
    (
        town_with("Målinger", 4, Mål="M2", Enhed="HAV", Dato=date(2026, 6, 30), Tal=1),
        "Målinger!B4: Enheden »HAV« har ingen aftale med målet »M2«. Ret enheden, eller tilføj enhedens aftale til målet.",
    ),
    (town_with("Målinger", 2, Enhed="SOLL"), "Målinger!B2: »SOLL« findes ikke i arket Enheder."),
    (town_with("Målinger", 2, Mål="M9"), "Målinger!A2: »M9« findes ikke i arket Mål."),
    (town_with("Målinger", 2, Tal="lavt"), "Målinger!D2: »lavt« er ikke et tal."),
    (
        town_with("Målinger", 2, Dato=date(2027, 3, 11)),
        "Målinger!C2: Dato (11-03-2027) er ikke kommet endnu. Skriv den dag, der blev målt.",
    ),
    (
        town_with("Målinger", 4, Mål="M1", Enhed="SOL", Dato=date(2026, 6, 30), Tal=5.9),
        "Målinger!A4: »M1, SOL, 30-06-2026« står allerede i række 2.",
    ),
    (town_with("Enheder", 2, Model=None), "Aftaler!A2: Aftalen »SOL-26« har ingen model"),
    (town_with("Enheder", 3, Slack_kanal="dag tilbud"), "Enheder!F3: Kanalen »dag tilbud« har mellemrum"),
    (town_with("Personer", 2, E_mail="mette"), "Personer!A2: »mette« er ikke en e-mail"),
    (town_with("Personer", 3, E_mail="METTE@by.example"), "Personer!A3: »mette@by.example« står allerede i række 2"),
    (town_with("Personer", 2, Sprog="tysk"), "Personer!C2: »tysk« kan ikke bruges som Sprog. Skriv da eller en."),
    (town_with("Poster", 2, E_mail="meta@by.example"), "Poster!A2: »meta@by.example« findes ikke i arket Personer"),
    (town_with("Poster", 2, Enhed="Børnehuset Solen"), "Mente du »SOL«?"),
    (town_with("Poster", 2, Rolle="chef"), "Poster!C2: »chef« kan ikke bruges som Rolle"),
    (town_with("Poster", 2, Til=date(2023, 1, 1)), "Poster!E2: Til (01-01-2023) ligger før Fra (01-01-2024)"),
    (
        town_with("Poster", 4, E_mail="mette@by.example", Enhed="SOL", Rolle="leder", Fra=date(2025, 1, 1)),
        "Poster!D4: Personen har allerede samme rolle i enheden fra 01-01-2024 (række 2)",
    ),
    (
        town_with("Aftaler", 4, Kode="SOL-27", Enhed="SOL", Fra=date(2027, 6, 30), Til=date(2028, 6, 30)),
        "Aftaler!C4: Perioden overlapper aftalen »SOL-26« (01-01-2026 – 30-06-2027)",
    ),
    (town_with("Mål", 2, Aftaler="SOL-26; HAV-26; HAV-27"), "Mål!B2: »HAV-27« findes ikke i arket Aftaler"),
    (
        town_with("Mål", 2, Kilde="gud"),
        "Mål!E2: »gud« kan ikke bruges som Kilde. Skriv politik, direktion, lokal eller forvaltning",
    ),
    (
        town_with("Mål", 2, Baselinedato=date(2029, 1, 1)),
        "Mål!G2: Frist (31-12-2028) ligger før Baselinedato (01-01-2029)",
    ),
    (town_with("Indsatser", 3, Mål="M2"), "Indsatser!C3: Aftalen »HAV-26« står ikke blandt aftalerne for målet »M2«"),
    (town_with("Fravær", 2, Stedfortræder="mette@by.example"), "Fravær!D2: Personen kan ikke være sin egen"),
    (town_with("Fravær", 2, Til=date(2027, 1, 1)), "Fravær!C2: Til (01-01-2027) ligger før Fra (08-02-2027)"),
]


@only_sqlite
@pytest.mark.parametrize(("town", "expected"), FAULTS, ids=[expected[:40] for _, expected in FAULTS])
def test_a_fault_names_its_cell_says_what_is_wrong_and_stops_the_import(desk: Desk, town: Town, expected: str) -> None:
    report = desk.reads(town)
    told = [line for line in faults(report) if expected in line]
    assert len(told) == 1, faults(report)
    follows = [line for line in faults(report) if line not in told]
    assert all("findes ikke i arket" in line for line in follows), "nothing is told that mending this would not mend"
    assert not report.stored
    assert desk.stored == Municipality()


@only_sqlite
@pytest.mark.parametrize("town", [town for town, _ in FAULTS])
def test_every_fault_is_told_in_english_too(desk: Desk, town: Town) -> None:
    report = desk.reads(town)
    assert all(one.what.en and one.what.en != one.what.da for one in report.findings)


def test_a_fault_leaves_what_is_stored_as_it_was(filled: Desk) -> None:
    before = filled.everything()
    assert not filled.reads(town_with("Enheder", 4, Navn="Nyt navn", Type="hus")).stored
    assert filled.everything() == before


@only_sqlite
@pytest.mark.parametrize(
    ("town", "expected"),
    [
        (town_with("Mål", 2, Måltal=None), "Mål!F2: Målet har intet måltal"),
        (town_with("Mål", 2, Frist=None), "Mål!G2: Målet har ingen frist"),
        (town_with("Mål", 3, Aftaler=None), "Mål!B3: Målet er ikke med i nogen aftale"),
        (town_with("Enheder", 6, Kode="ØVR", Navn="Øvrige", Type="stab"), "Enheder!C6: Overordnet er tom, men »BY«"),
        (
            town_with("Poster", 4, E_mail="jens@by.example", Enhed="SOL", Rolle="leder", Fra=date(2026, 1, 1)),
            "Poster!B4: »SOL« har to ledere fra 01-01-2026: også mette@by.example",
        ),
    ],
)
def test_what_may_be_meant_is_a_warning_and_is_stored(desk: Desk, town: Town, expected: str) -> None:
    report = desk.reads(town)
    assert [line for line in said(report) if line.startswith(expected)] == said(report)
    assert len(report.warnings) == 1
    assert report.stored


@only_sqlite
def test_a_column_filled_down_by_mistake_is_told_once_a_row(desk: Desk) -> None:
    agreements = [
        {"Kode": f"A{number}", "Enhed": "SOL", "Fra": "01-01-2026", "Til": "31-12-2026"} for number in range(400)
    ]
    people = [{"E-mail": f"p{number}@by.example", "Navn": "P"} for number in range(400)]
    posts = [{"E-mail": one["E-mail"], "Enhed": "SOL", "Rolle": "leder", "Fra": "01-01-2026"} for one in people]
    report = desk.reads({"Enheder": TOWN["Enheder"], "Personer": people, "Poster": posts, "Aftaler": agreements})
    assert len(report.faults) == 399
    assert len(report.warnings) == 399


@only_sqlite
def test_a_fault_in_a_unit_is_not_told_as_a_missing_model_of_the_agreements_below(desk: Desk) -> None:
    town = town_with("Enheder", 3, Slack_kanal="med mellemrum")
    assert [line.partition(":")[0] for line in faults(desk.reads(town))] == ["Enheder!F3"]


@only_sqlite
def test_overordnet_filled_down_by_mistake_is_one_fault(desk: Desk) -> None:
    chain: list[Cells] = [
        {"Kode": f"E{n}", "Navn": "E", "Type": "enhed", "Overordnet": f"E{n - 1}" if n else None} for n in range(1000)
    ]
    assert faults(desk.reads({"Enheder": chain})) == [
        "Enheder!D22: »E20« har mere end 19 niveauer over sig. Ret Overordnet, her eller hos enhederne over."
    ]
    chain[0]["Overordnet"] = "E999"
    assert [line.partition(" → ")[0] for line in faults(desk.reads({"Enheder": chain}))] == [
        "Enheder!D2: Enhederne ligger over hinanden i ring: E0"
    ]


# --- what changes, and what does not --------------------------------------------------------------------------------------------


def test_the_first_import_stores_every_row_and_says_how_many(desk: Desk) -> None:
    report = desk.reads(TOWN)
    assert report.findings == ()
    assert {one.sheet: len(one.new) for one in report.sheets} == {sheet: len(rows) for sheet, rows in TOWN.items()}
    assert report.rows == sum(map(len, TOWN.values()))
    stored = desk.stored
    assert stored.units[1] == Unit("DAG", "Dagtilbud", "afdeling", "BY", slack_channel="dagtilbud")
    assert stored.people == (Person("mette@by.example", "Mette Sø"), Person("jens@by.example", "Jens Ærø", "en"))
    assert stored.posts[0] == Post("mette@by.example", "SOL", "leader", date(2024, 1, 1))
    assert stored.agreements[0] == Agreement("SOL-26", "SOL", date(2026, 1, 1), date(2027, 6, 30))
    assert stored.goals[0].agreements == ("HAV-26", "SOL-26")
    assert stored.goals[0].target == Decimal("4.9")
    assert stored.initiatives[0] == Initiative("I1", "M1", "SOL-26", "Omsorgssamtaler", "mette@by.example")
    assert stored.absences == (
        Absence("mette@by.example", date(2027, 2, 8), date(2027, 2, 12), stand_in="jens@by.example"),
    )


def test_a_dry_run_tells_the_same_and_stores_nothing(filled: Desk) -> None:
    before = filled.everything()
    town = town_with("Enheder", 4, Navn="Nyt navn")
    rehearsed = filled.reads(town, dry_run=True)
    assert filled.everything() == before
    assert not rehearsed.stored
    assert replace(filled.reads(town), stored=False) == rehearsed


def test_importing_twice_changes_nothing_at_all(filled: Desk) -> None:
    before = filled.everything()
    report = filled.reads(TOWN)
    assert report.changes == 0
    assert {one.sheet: one.unchanged for one in report.sheets} == {sheet: len(rows) for sheet, rows in TOWN.items()}
    assert filled.everything() == before


CHANGES: Final = [
    ("Enheder", 4, {"Navn": "Solhuset"}, t.unit, FieldChange("Navn", "Børnehuset Solen", "Solhuset")),
    ("Enheder", 3, {"Slack_kanal": None}, t.unit, FieldChange("Slack-kanal", "dagtilbud", "–")),
    ("Personer", 2, {"Sprog": "en"}, t.person, FieldChange("Sprog", "da", "en")),
    ("Poster", 2, {"Til": date(2027, 1, 31)}, t.post, FieldChange("Til", "–", "31-01-2027")),
    ("Poster", 2, {"Fra": date(2024, 2, 1)}, t.post, FieldChange("Fra", "01-01-2024", "01-02-2024")),
    ("Enheder", 4, {"Evaluering": "SMTTE"}, t.unit, FieldChange("Evaluering", "–", "smtte")),
    ("Personer", 2, {"Påmindelser": "færre"}, t.person, FieldChange("Påmindelser", "–", "færre")),
    ("Personer", 2, {"Ugentligt overblik": "ja"}, t.person, FieldChange("Ugentligt overblik", "–", "ja")),
    ("Aftaler", 2, {"Evaluering": "percent"}, t.agreement, FieldChange("Evaluering", "–", "percent")),
    ("Mål", 3, {"Måling": "fælles"}, t.goal, FieldChange("Måling", "–", "fælles")),
    ("Målinger", 2, {"Tal": "5,75"}, t.reading, FieldChange("Tal", "5,8", "5,75")),
    ("Målinger", 3, {"Kilde": "Løn"}, t.reading, FieldChange("Kilde", "–", "Løn")),
    ("Aftaler", 3, {"Til": date(2027, 12, 31)}, t.agreement, FieldChange("Til", "30-06-2027", "31-12-2027")),
    ("Mål", 2, {"Måltal": "5,25"}, t.goal, FieldChange("Måltal", "4,9", "5,25")),
    ("Indsatser", 2, {"Ansvarlig": None}, t.initiative, FieldChange("Ansvarlig", "mette@by.example", "–")),
    ("Fravær", 2, {"Til": date(2027, 2, 19)}, t.absence, FieldChange("Til", "12-02-2027", "19-02-2027")),
]


@pytest.mark.parametrize(
    ("sheet", "number", "cells", "table", "change"), CHANGES, ids=[f"{one[0]} {one[4].header}" for one in CHANGES]
)
def test_a_changed_row_changes_just_that(
    filled: Desk, sheet: str, number: int, cells: dict[str, object], table: Table, change: FieldChange
) -> None:
    before = filled.everything()
    report = filled.reads(town_with(sheet, number, **cells))
    assert report.changes == 1
    row = changes_of(report, sheet).changed[0]
    assert (row.row, row.fields) == (number, (change,))
    after = filled.everything()
    assert {name for name in after if after[name] != before[name]} == {table.name}
    differing = [
        (old["id"], new["id"], [column for column in old if old[column] != new[column]])
        for old, new in zip(before[table.name], after[table.name], strict=True)
        if old != new
    ]
    assert len(differing) == 1
    assert differing[0][0] == differing[0][1]
    assert len(differing[0][2]) == 1


def test_a_goal_taken_out_of_an_agreement_and_put_into_another_moves_and_nothing_else(filled: Desk) -> None:
    town = town_with("Mål", 3, Aftaler="HAV-26")
    before = filled.everything()
    assert changes_of(filled.reads(town), "Mål").changed[0].fields == (FieldChange("Aftaler", "SOL-26", "HAV-26"),)
    after = filled.everything()
    assert {name for name in after if after[name] != before[name]} == {"agreement_goal"}
    assert filled.stored.goals[1].agreements == ("HAV-26",)


def test_a_goal_is_not_taken_out_of_an_agreement_where_an_initiative_is_left(filled: Desk) -> None:
    town = town_with("Mål", 2, Aftaler="SOL-26")
    town["Indsatser"] = town["Indsatser"][:1]
    told = faults(filled.reads(town))
    assert len(told) == 1
    assert told[0].startswith(
        "Mål!B2: Indsatsen »I2« er gemt under målet i aftalen »HAV-26«, som ikke længere står her."
    )


def test_an_import_never_touches_what_people_did_in_chat(filled: Desk) -> None:
    with filled.database.transaction() as connection:
        connection.execute(update(t.initiative).values(last_status="delayed"))
        connection.execute(update(t.person).values(timezone="Atlantic/Faroe"))
    town = town_with("Indsatser", 2, Indsats="Nye ord")
    town["Personer"][0]["Navn"] = "Mette Å"
    assert filled.reads(town).changes == 2
    assert {row["last_status"] for row in filled.rows(t.initiative)} == {"delayed"}
    assert {row["timezone"] for row in filled.rows(t.person)} == {"Atlantic/Faroe"}


@pytest.mark.parametrize("sheet", list(TOWN))
def test_a_row_that_disappeared_is_reported_and_stays(filled: Desk, sheet: str) -> None:
    before = filled.everything()
    town = deepcopy(TOWN)
    gone = town[sheet].pop()
    if not town[sheet]:
        town[sheet] = [dict.fromkeys(gone)]
    report = filled.reads(town)
    assert report.stored, faults(report)
    missing = changes_of(report, sheet).missing
    assert len(missing) == 1
    assert str(next(iter(gone.values()))) in missing[0].key
    assert report.changes == 0
    assert filled.everything() == before


@pytest.mark.parametrize("sheet", list(TOWN))
def test_a_sheet_that_is_not_there_changes_nothing_and_reports_nothing_missing(filled: Desk, sheet: str) -> None:
    before = filled.everything()
    report = filled.reads({name: rows for name, rows in TOWN.items() if name != sheet})
    assert report.findings == ()
    assert sheet not in {one.sheet for one in report.sheets}
    assert filled.everything() == before


def test_a_workbook_may_point_to_what_is_already_stored(filled: Desk) -> None:
    report = filled.reads({"Indsatser": [{"Kode": "I3", "Mål": "M2", "Aftale": "SOL-26", "Indsats": "Årsplan"}]})
    assert report.findings == ()
    assert filled.stored.initiatives[-1].code == "I3"


def test_an_optional_column_that_is_not_there_leaves_what_is_stored_in_it(filled: Desk) -> None:
    town = deepcopy(TOWN)
    for row in town["Mål"]:
        del row["Måltal"], row["Målsætning"], row["Aftaler"]
    report = filled.reads(town)
    assert report.changes == 0
    assert filled.stored.goals[0].target == Decimal("4.9")


def with_an_earlier_agreement(town: Town) -> None:
    """What Solen does for the first goal, it did in the agreement before too."""
    town["Aftaler"].append({"Kode": "SOL-24", "Enhed": "SOL", "Fra": date(2024, 1, 1), "Til": date(2025, 12, 31)})
    town["Mål"][0] |= {"Aftaler": "SOL-24; SOL-26; HAV-26"}
    town["Indsatser"].append({"Kode": "I0", "Mål": "M1", "Aftale": "SOL-24", "Indsats": "Omsorgssamtaler"})
    town["Indsatser"][0] |= {"Fortsætter": "I0"}


def told_all(town: Town) -> Town:
    """The town with something in every column that came later."""
    town = deepcopy(town)
    town["Enheder"][1] |= {"Evaluering": "SMTTE"}
    town["Personer"][0] |= {"Påmindelser": "Færre", "Ugentligt overblik": "ja"}
    town["Personer"][1] |= {"Påmindelser": "ingen", "Ugentligt overblik": "nej"}
    with_an_earlier_agreement(town)
    town["Aftaler"][0] |= {"Evaluering": "percent"}
    town["Mål"][1] |= {"Måling": "fælles"}
    town["Målinger"].append({"Mål": "M2", "Enhed": None, "Dato": date(2027, 3, 10), "Tal": 1})
    return town


def test_what_is_written_of_evaluations_reminders_and_readings_is_stored_and_comes_out_as_it_went_in(
    desk: Desk,
) -> None:
    town = told_all(TOWN)
    assert faults(desk.reads(town)) == []
    stored = desk.stored
    assert stored.units[1].evaluation == "smtte"
    assert [agreement.evaluation for agreement in stored.agreements] == ["percent", None, None]
    assert [goal.readings for goal in stored.goals] == [None, "common"]
    assert [(person.cadence, person.digest) for person in stored.people] == [("light", "yes"), ("off", "no")]
    assert [row["digest"] for row in desk.rows(t.person)] == [True, False]
    assert [one.continues for one in stored.initiatives] == ["I0", None, None]
    assert stored.measured == (
        Measured("M1", date(2026, 6, 30), Decimal("5.8"), "SOL", "Løn"),
        Measured("M1", date(2026, 6, 30), Decimal("6.1"), "HAV"),
        Measured("M2", date(2027, 3, 10), Decimal(1)),
    )
    assert {(row["dialogue_id"], row["person_id"], row["at"]) for row in desk.rows(t.reading)} == {(None, None, NOW)}
    before = desk.everything()
    for again in (desk.reads(town), desk.reads(desk.exports())):
        assert (faults(again), again.changes) == ([], 0)
    assert desk.everything() == before


def test_a_workbook_from_before_these_columns_loses_nothing_and_amends_nothing(desk: Desk) -> None:
    town = told_all(TOWN)
    assert desk.reads(town).stored
    signed_by_mette(desk)
    before = desk.everything()
    later = {"Evaluering", "Påmindelser", "Ugentligt overblik", "Måling", "Fortsætter"}
    old = {
        sheet: [{header: value for header, value in row.items() if header not in later} for row in rows]
        for sheet, rows in town.items()
        if sheet != "Målinger"
    }
    report = desk.reads(old)
    assert (report.stored, report.changes) == (True, 0)
    assert "Målinger" not in {one.sheet for one in report.sheets}
    assert desk.everything() == before


def test_the_first_import_with_these_columns_amends_nothing_that_was_signed(desk: Desk) -> None:
    assert desk.reads({sheet: rows for sheet, rows in TOWN.items() if sheet != "Målinger"}).stored
    signed_by_mette(desk)
    assert desk.reads(desk.exports()).changes == 0
    town = told_all(TOWN)
    assert desk.reads(town).stored
    assert desk.rows(t.amendment) == []


def test_what_people_chose_in_the_chat_stands_until_a_filled_cell_says_otherwise(filled: Desk) -> None:
    with filled.database.transaction() as connection:
        connection.execute(update(t.person).values(cadence="off", digest=True))
    town = deepcopy(TOWN)
    for row in town["Personer"]:
        row |= {"Påmindelser": None, "Ugentligt overblik": None}
    assert filled.reads(town).changes == 0
    assert {(person.cadence, person.digest) for person in filled.stored.people} == {("off", "yes")}
    town["Personer"][0] |= {"Påmindelser": "normal", "Ugentligt overblik": "nej"}
    (changed,) = changes_of(filled.reads(town), "Personer").changed
    assert changed.fields == (FieldChange("Påmindelser", "ingen", "–"), FieldChange("Ugentligt overblik", "ja", "nej"))
    assert [(row["cadence"], row["digest"]) for row in filled.rows(t.person)] == [(None, False), ("off", True)]
    assert filled.reads(town).changes == 0


def test_an_evaluation_model_that_was_taken_away_stops_no_import_and_is_told(filled: Desk) -> None:
    stars = Evaluation("stars", Wording("Stjerner", "Stars"), ())
    with_stars = {
        name: replace(model, evaluations={**model.evaluations, "stars": stars}) for name, model in MODELS.items()
    }
    town = deepcopy(TOWN)
    town["Enheder"][2]["Evaluering"], town["Aftaler"][0]["Evaluering"] = "Stjerner", "stars"
    assert filled.reads(town, models=with_stars).stored
    before = filled.everything()
    for workbook in (town, filled.exports()):
        report = filled.reads(workbook)
        assert [line.partition("; ")[0].partition(": ")[2] for line in said(report)] == [
            "»SOL« har Evaluering »stars«, som ikke findes længere",
            "»SOL-26« har Evaluering »stars«, som ikke findes længere",
        ]
        assert (report.stored, report.changes) == (True, 0)
    assert filled.everything() == before
    without = {sheet: rows for sheet, rows in TOWN.items() if sheet != "Aftaler"}
    assert [line.partition(" »")[0] for line in said(filled.reads(without))] == ["Enheder!A4:", "Aftaler:"]
    town["Enheder"][2]["Evaluering"], town["Aftaler"][0]["Evaluering"] = None, "percent"
    assert (filled.reads(town).findings, filled.stored.agreements[0].evaluation) == ((), "percent")
    town["Enheder"][2]["Evaluering"] = "stars"
    assert len(faults(filled.reads(town))) == 1, "what was not stored is not known"


def test_a_reading_stays_where_the_goal_was_changed_after_it_and_a_new_one_follows_the_goal(filled: Desk) -> None:
    town = town_with("Mål", 2, Måling="fælles")
    assert filled.reads(town).findings == ()
    town["Målinger"].append({"Mål": "M1", "Enhed": "SOL", "Dato": date(2027, 3, 1), "Tal": 5.1})
    (line,) = faults(filled.reads(town))
    assert line.startswith(
        "Målinger!B4: Målet »M1« har ét fælles tal, men her står »SOL«. Tøm cellen, eller skriv egen"
    )
    town["Målinger"][-1]["Enhed"] = None
    assert filled.reads(town).stored
    assert [(one.unit, one.value) for one in filled.stored.measured][2:] == [(None, Decimal("5.1"))]


@only_sqlite
def test_initiatives_cannot_carry_each_other_on(desk: Desk) -> None:
    town = deepcopy(TOWN)
    with_an_earlier_agreement(town)
    town["Indsatser"][-1] |= {"Fortsætter": "I1"}
    (line,) = faults(desk.reads(town))
    assert line.startswith("Indsatser!F4: »I1« hører til aftalen »SOL-26«, som ikke er en tidligere aftale")
    town["Indsatser"][0] |= {"Fortsætter": None}
    assert len(faults(desk.reads(town))) == 1, "what is earlier carries nothing later on"


def test_common_readings_need_no_column_for_units_and_stand_once_a_day(desk: Desk) -> None:
    town = town_with("Mål", 2, Måling="fælles")
    town["Målinger"] = [{"Mål": "M1", "Dato": date(2026, 6, 30), "Tal": tal} for tal in (5.8, 6.1)]
    (line,) = faults(desk.reads(town))
    assert line.startswith("Målinger!A3: »M1, –, 30-06-2026« står allerede i række 2.")
    del town["Målinger"][1]
    assert desk.reads(town).stored
    assert desk.reads(town).changes == 0
    assert desk.stored.measured == (Measured("M1", date(2026, 6, 30), Decimal("5.8")),)


def test_a_reading_given_in_a_dialogue_is_neither_written_out_nor_touched(filled: Desk) -> None:
    answered(filled)
    (given,) = [row for row in filled.rows(t.reading) if row["dialogue_id"]]
    assert len(filled.stored.measured) == 2
    assert filled.reads(town_with("Målinger", 2, Tal=5.5)).changes == 1
    assert given in filled.rows(t.reading)


def answered(desk: Desk) -> None:
    """Solen has given its number in a dialogue too, on the very day payroll has one for."""
    with desk.database.transaction() as connection:
        connection.execute(t.script.insert(), {"digest": "d", "body": "{}"})
        agreement = connection.execute(select(t.agreement.c.id).where(t.agreement.c.code == "SOL-26")).scalar_one()
        dialogue = {"agreement_id": agreement, "model": "dialogaftale", "round": "2027-spring", "script_digest": "d"}
        days = {"opens_on": date(2027, 3, 1), "due_on": date(2027, 4, 1)}
        inserted = connection.execute(t.dialogue.insert().returning(t.dialogue.c.id), dialogue | days).scalar_one()
        imported = connection.execute(select(t.reading).where(t.reading.c.value == Decimal("5.8"))).mappings().one()
        own = {"dialogue_id": inserted, "value": Decimal(7), "person_id": 1}
        connection.execute(t.reading.insert(), {**imported, **own, "id": 1000})


def test_where_owners_answer_an_initiative_without_one_is_a_fault(desk: Desk) -> None:
    town = town_with("Aftaler", 3, Model="handlingsplan")
    report = desk.reads(town)
    told = [line for line in said(report) if "ansvarlig" in line]
    assert told == [
        "Indsatser!E3: Indsatsen har ingen ansvarlig, og her er det de ansvarlige, der svarer. Skriv den, der skal svare, under Ansvarlig."
    ]
    town["Indsatser"][1]["Ansvarlig"] = "jens@by.example"
    assert not [line for line in said(desk.reads(town)) if "ansvarlig" in line]


def test_the_moved_unit_takes_everything_below_it_along(filled: Desk) -> None:
    town = deepcopy(TOWN)
    town["Enheder"] += [
        {"Kode": "SKO", "Navn": "Skoler", "Overordnet": "BY", "Type": "afdeling"},
        {"Kode": "STU", "Navn": "Stuen", "Overordnet": "SOL", "Type": "enhed"},
    ]
    assert filled.reads(town).stored
    assert closure(filled) == naive_closure(filled)
    for moved, under in ((2, "SKO"), (1, "SKO"), (2, "BY"), (4, "SOL")):  # the last: under what was below its neighbour
        town["Enheder"][moved]["Overordnet"] = under
        report = filled.reads(town)
        assert report.changes == 1, faults(report)
        assert closure(filled) == naive_closure(filled)
    town["Enheder"][0]["Overordnet"], town["Enheder"][1]["Overordnet"] = (
        "DAG",
        None,
    )  # the top and a branch change places
    town["Enheder"][4]["Overordnet"], town["Enheder"][1]["Model"] = "BY", "dialogaftale"
    assert filled.reads(town).stored
    assert closure(filled) == naive_closure(filled)


def closure(desk: Desk) -> set[tuple[int, int, int]]:
    rows = desk.rows(t.unit_closure)
    found = {(row["ancestor_id"], row["descendant_id"], row["depth"]) for row in rows}
    assert len(found) == len(rows)
    return found


def naive_closure(desk: Desk) -> set[tuple[int, int, int]]:
    parents = {row["id"]: row["parent_id"] for row in desk.rows(t.unit)}
    found = set()
    for descendant in parents:
        ancestor, depth = descendant, 0
        while ancestor is not None:
            found.add((ancestor, descendant, depth))
            ancestor, depth = parents[ancestor], depth + 1
    return found


# --- what is changed after it was signed ------------------------------------------------------------------------------------------


def signed_by_mette(desk: Desk) -> None:
    """Somebody has signed Solen's agreement, and nobody Havgården's."""
    with desk.database.transaction() as connection:
        person = connection.execute(select(t.person.c.id).where(t.person.c.email == "mette@by.example")).scalar_one()
        agreement = connection.execute(select(t.agreement.c.id).where(t.agreement.c.code == "SOL-26")).scalar_one()
        row = {"agreement_id": agreement, "version": 1, "party": "unit", "person_id": person, "at": NOW}
        connection.execute(t.signature.insert(), row)


AMENDED: Final[dict[str, tuple[Callable[[Town], object], list[str]]]] = {
    "a later deadline": (
        lambda town: town["Mål"][1].update(Frist=date(2027, 12, 31)),
        ["Frist for »Fælles årsplan« ændret fra 30-06-2027 til 31-12-2027."],
    ),
    "another target": (
        lambda town: town["Mål"][1].update(Måltal=2.5),
        ["Måltal for »Fælles årsplan« ændret fra 1 til 2,5."],
    ),
    "other words": (
        lambda town: town["Mål"][1].update(Mål="Én årsplan"),
        ["Målet »Fælles årsplan« er nu »Én årsplan«."],
    ),
    "a new goal": (
        lambda town: town["Mål"].append({"Kode": "M3", "Aftaler": "SOL-26", "Mål": "Flere ude", "Kilde": "lokal"}),
        ["Nyt mål: »Flere ude«."],
    ),
    "a goal taken out": (
        lambda town: town["Mål"][1].update(Aftaler=None),
        ["Målet »Fælles årsplan« er taget ud."],
    ),
    "a new initiative": (
        lambda town: town["Indsatser"].append({"Kode": "I3", "Mål": "M2", "Aftale": "SOL-26", "Indsats": "Et møde"}),
        ["Ny indsats: »Et møde«."],
    ),
    "another owner": (
        lambda town: town["Indsatser"][0].update(Ansvarlig="jens@by.example"),
        ["Ansvarlig for »Omsorgssamtaler« ændret fra Mette Sø til Jens Ærø."],
    ),
    "an initiative under another goal": (
        lambda town: town["Indsatser"][0].update(Mål="M2"),
        ["Mål for »Omsorgssamtaler« ændret fra Fraværet falder til Fælles årsplan."],
    ),
    "a longer period": (
        lambda town: town["Aftaler"][0].update(Til=date(2027, 12, 31)),
        ["Sidste dag ændret fra 30-06-2027 til 31-12-2027."],
    ),
    "another counterpart": (
        lambda town: town["Aftaler"][0].update(Modpart="jens@by.example"),
        ["Modpart ændret fra – til Jens Ærø."],
    ),
    "an initiative that went elsewhere": (
        lambda town: town["Indsatser"][0].update(Aftale="HAV-26"),
        ["Indsatsen »Omsorgssamtaler« er flyttet til en anden aftale."],
    ),
    "two things at once": (
        lambda town: (town["Mål"][1].update(Måltal=2), town["Indsatser"][0].update(Frist=date(2027, 5, 1))),
        [
            "Måltal for »Fælles årsplan« ændret fra 1 til 2.",
            "Frist for »Omsorgssamtaler« ændret fra – til 01-05-2027.",
        ],
    ),
}


@pytest.mark.parametrize("what", list(AMENDED))
def test_a_change_in_a_signed_agreement_is_an_amendment_once(filled: Desk, what: str) -> None:
    signed_by_mette(filled)
    town = deepcopy(TOWN)
    change, expected = AMENDED[what]
    change(town)
    told = f"Aftaler: Aftalen »SOL-26« har været underskrevet. Den bliver version 2, og begge parter skal underskrive igen. {' '.join(expected)}"
    before = filled.everything()
    assert told in said(filled.reads(town, dry_run=True))
    assert filled.everything() == before
    assert told in said(filled.reads(town))
    kept = [(row["version"], row["what"], row["person_id"], row["at"]) for row in filled.rows(t.amendment)]
    assert kept == [(2, one, None, NOW) for one in expected]
    versions = {row["code"]: row["version"] for row in filled.rows(t.agreement)}
    assert versions == {"SOL-26": 2, "HAV-26": 1}, "an agreement that nobody has signed is simply corrected"
    assert len(filled.rows(t.signature)) == 1, "who signed the first version is kept"
    after = filled.everything()
    assert not any("underskrevet" in line for line in said(filled.reads(town)))
    assert filled.everything() == after, "importing again changes nothing"


NEXT: Final = {"Fra": date(2027, 7, 1), "Til": date(2028, 12, 31)}
UNTOUCHED: Final[dict[str, Callable[[Town], object]]] = {
    "when it is measured next": lambda town: town["Mål"][1].update({"Næste måling": date(2027, 9, 1)}),
    "how it is judged": lambda town: (
        town["Aftaler"][0].update(Evaluering="percent"),
        town["Enheder"][2].update(Evaluering="smtte"),
    ),
    "one number for all": lambda town: town["Mål"][1].update(Måling="fælles"),
    "what was measured": lambda town: town["Målinger"][0].update(Tal=5.5),
    "what an initiative carries on": with_an_earlier_agreement,
    "a person's name": lambda town: town["Personer"][0].update(Navn="Mette Å"),
    "an agreement beside it": lambda town: town["Aftaler"][1].update(Til=date(2027, 12, 31)),
    "an initiative beside it": lambda town: town["Indsatser"][1].update(Indsats="Andre samtaler"),
    "the next period": lambda town: town["Aftaler"].append(
        {"Kode": "SOL-27", "Enhed": "SOL", "Fra": date(2027, 7, 1), "Til": date(2028, 12, 31)}
    ),
    "its goals in the next period too": lambda town: town.update(
        {
            "Aftaler": [*town["Aftaler"], {**town["Aftaler"][0], "Kode": "SOL-27", **NEXT}],
            "Mål": [town["Mål"][0], {**town["Mål"][1], "Aftaler": "SOL-26; SOL-27"}],
        }
    ),
}


@pytest.mark.parametrize("what", list(UNTOUCHED))
def test_what_does_not_stand_in_the_agreement_amends_nothing(filled: Desk, what: str) -> None:
    signed_by_mette(filled)
    town = deepcopy(TOWN)
    UNTOUCHED[what](town)
    assert filled.reads(town).stored
    assert filled.rows(t.amendment) == []
    assert {row["version"] for row in filled.rows(t.agreement)} == {1}


def test_a_shared_goal_amends_every_signed_agreement_that_has_it(filled: Desk) -> None:
    signed_by_mette(filled)
    with filled.database.transaction() as connection:
        connection.execute(update(t.agreement).where(t.agreement.c.code == "HAV-26").values(version=3))
    town = town_with("Mål", 2, Måltal=4)
    assert len(filled.reads(town).warnings) == 2
    assert {row["code"]: row["version"] for row in filled.rows(t.agreement)} == {"SOL-26": 2, "HAV-26": 4}


def test_a_report_names_the_first_changes_and_counts_the_rest_and_all_are_kept(filled: Desk) -> None:
    signed_by_mette(filled)
    town = deepcopy(TOWN)
    town["Mål"] += [
        {"Kode": f"N{number}", "Aftaler": "SOL-26", "Mål": f"Nyt {number}", "Kilde": "lokal"} for number in range(8)
    ]
    report = filled.reads(town)
    told = next(line for line in said(report) if "underskrevet" in line)
    assert told.endswith("Nyt mål: »Nyt 4«. Og 3 ændringer mere.")
    assert any(line.endswith("New goal: »Nyt 4«. And 3 more changes.") for line in said(report, "en"))
    assert len(filled.rows(t.amendment)) == 8


def test_a_workbook_with_a_fault_amends_nothing(filled: Desk) -> None:
    signed_by_mette(filled)
    town = town_with("Mål", 3, Måltal=2)
    town["Mål"][0]["Kilde"] = "ukendt"
    report = filled.reads(town)
    assert report.faults
    assert not any("underskrevet" in line for line in said(report))
    assert filled.rows(t.amendment) == []


# --- sheets and columns -----------------------------------------------------------------------------------------------------------


@only_sqlite
def test_columns_may_stand_in_any_order_and_sheets_too(filled: Desk) -> None:
    turned = {
        sheet: [{header: row.get(header) for header in reversed(headers(rows))} for row in rows]
        for sheet, rows in reversed(TOWN.items())
    }
    report = filled.reads(turned)
    assert report.findings == ()
    assert report.changes == 0


@only_sqlite
def test_a_header_may_be_spelled_loosely_and_stand_below_a_title(filled: Desk) -> None:
    path = written(filled.folder, TOWN)
    book = load_workbook(path)
    page = book["Personer"]
    page["A1"], page["B1"] = "e-MAIL *", " navn "
    page.insert_rows(1, 3)
    page["A1"] = "Personer i Byen, februar"
    book["Mål"].title = "MAAL"
    book.save(path)
    report = filled.reads(path)
    assert report.findings == ()
    assert report.changes == 0


@only_sqlite
def test_unknown_columns_and_sheets_are_reported_and_the_rest_is_read(desk: Desk) -> None:
    town = deepcopy(TOWN)
    town["Personer"][0]["Telefon\nlokal"] = "12 34"
    town["Noter"] = [{"Husk": "at ringe"}]
    del town["Fravær"]
    town["Fravaer 2027"] = [{"E-mail": "mette@by.example"}]
    report = desk.reads(town)
    assert said(report) == [
        "Noter: Arket kendes ikke og er ikke læst.",
        "Fravaer 2027: Arket kendes ikke og er ikke læst. Mente du »Fravær«?",
        "Personer!D1: Kolonnen »Telefon lokal« kendes ikke og er ikke læst.",
    ]
    assert report.stored


@only_sqlite
@pytest.mark.parametrize(
    ("sheet", "header"),
    [(sheet.name, column.header) for sheet in SHEETS for column in sheet.columns if column.required],
)
def test_a_required_column_that_is_missing_is_a_fault_once(desk: Desk, sheet: str, header: str) -> None:
    town = deepcopy(TOWN)
    for row in town[sheet]:
        del row[header]
    told = [line for line in faults(desk.reads(town)) if line.startswith(f"{sheet}!A1:")]
    assert told == [f"{sheet}!A1: Kolonnen »{header}« mangler. Skriv overskriften i række 1, og udfyld kolonnen."]


@only_sqlite
def test_a_column_twice_and_a_sheet_twice_are_faults(desk: Desk) -> None:
    path = written(desk.folder, TOWN)
    book = load_workbook(path)
    book["Personer"]["D1"] = "NAVN"
    book.create_sheet("enheder ").append(["Kode", "Navn", "Type"])
    book.save(path)
    assert faults(desk.reads(path)) == [
        "enheder: Arket er det samme som »Enheder«. Saml rækkerne i ét ark.",
        "Personer!D1: Kolonnen »Navn« står også i B1. Behold kun den ene.",
    ]


@only_sqlite
def test_rows_without_headers_are_a_fault(desk: Desk) -> None:
    path = written(desk.folder, TOWN)
    book = load_workbook(path)
    book["Personer"].delete_rows(1)
    book.save(path)
    assert "Personer!A1: Jeg kan ikke finde rækken med overskrifter. Skriv E-mail og Navn øverst i arket." in faults(
        desk.reads(path)
    )


# --- cells ------------------------------------------------------------------------------------------------------------------------


def read_one(folder: Path, sheet: str, header: str, value: object, number_format: str = "") -> tuple[object, list[str]]:
    """The value that the first row of a sheet got in one column, and what was found in that cell."""
    town = town_with(sheet, 2, **{header.replace("-", "_"): value})
    path = written(folder, town)
    index = headers(town[sheet]).index(header) + 1
    if number_format:
        book = load_workbook(path)
        book[sheet].cell(2, index).number_format = number_format
        book.save(path)
    reading = read_workbook(path, MODELS)
    field = next(
        column.field for one in SHEETS for column in one.columns if one.name == sheet and column.header == header
    )
    return reading.pages[sheet].entries[0].values.get(field), [one.what.da for one in reading.findings]


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [
        (date(2027, 12, 31), date(2027, 12, 31)),
        (datetime(2027, 12, 31, 23, 59), date(2027, 12, 31)),  # noqa: DTZ001
        ("31-12-2027", date(2027, 12, 31)),
        ("31.12.2027", date(2027, 12, 31)),
        ("31/12/2027", date(2027, 12, 31)),
        ("1-2-2027", date(2027, 2, 1)),
        ("2027-12-31", date(2027, 12, 31)),
        ("2027-12-31 00:00:00", date(2027, 12, 31)),
        (" 31-12-2027\u00a0", date(2027, 12, 31)),
        (46752, date(2027, 12, 31)),
        ("29-02-2028", date(2028, 2, 29)),
        ("29-02-2027", "Datoen »29-02-2027« findes ikke. Skriv dag-måned-år"),
        ("12/31/2027", "Datoen »12/31/2027« findes ikke. Skriv dag-måned-år"),
        ("31-12-27", "»31-12-27« er ikke en dato"),
        ("31-12-0027", "Årstallet i »31-12-0027« kan ikke passe"),
        ("sommer 2027", "»sommer 2027« er ikke en dato"),
        (2027, "»2027« er ikke en dato"),
        (True, "er ikke en dato"),
        (time(12, 0), "er ikke en dato"),
        (date(1900, 1, 1), "Årstallet i »01-01-1900« kan ikke passe"),
    ],
)
def test_a_date_is_read_as_it_is_written(tmp_path: Path, written_as: object, expected: date | str) -> None:
    value, found = read_one(tmp_path, "Mål", "Frist", written_as)
    if isinstance(expected, date):
        assert (value, found) == (expected, [])
    else:
        assert value is None
        assert expected in found[0]


@pytest.mark.parametrize(
    ("written_as", "number_format", "expected"),
    [
        (4.9, "", "4.9"),
        (0.1 + 0.2, "", "0.3"),
        (1250000, "", "1250000"),
        ("4,9", "", "4.9"),
        ("4.9", "", "4.9"),
        ("0.125", "", "0.125"),
        ("1.200", "", "1200"),
        ("1.250.000", "", "1250000"),
        ("1 250 000,5", "", "1250000.5"),
        ("1,250.5", "", "1250.5"),
        ("4,9 %", "", "4.9"),
        (0.049, "0.0%", "4.9"),
        ("kr. 1.250.000", "", "1250000"),
        ("1.250 kr.", "", "1250"),
        ("−5", "", "-5"),
        ("0,1234567890123456789", "", "0.1234567890123456789"),
        ("4,9 dage", "", "er ikke et tal"),
        ("ca. 5", "", "er ikke et tal"),
        ("5-10", "", "er ikke et tal"),
        ("٤", "", "er ikke et tal"),
        ("1.2.3", "", "er ikke et tal"),
        (True, "", "er ikke et tal"),
        (date(2027, 4, 9), "", "»09-04-2027« er ikke et tal"),
        ("9" * 41, "", "har for mange cifre"),
        (1e300, "", "har for mange cifre"),
    ],
)
def test_a_number_is_read_as_danes_write_it(
    tmp_path: Path, written_as: object, number_format: str, expected: str
) -> None:
    value, found = read_one(tmp_path, "Mål", "Måltal", written_as, number_format)
    if value is None:
        assert expected in found[0]
    else:
        assert (value, found) == (Decimal(expected), [])


@pytest.mark.parametrize(
    ("sheet", "header", "written_as", "number_format", "expected"),
    [
        ("Enheder", "Kode", 12, "0000", "0012"),
        ("Enheder", "Kode", "0012", "", "0012"),
        ("Enheder", "Kode", 12, "", "12"),
        ("Enheder", "Kode", "A\u030a-1", "", "Å-1"),
        ("Enheder", "Navn", "  Børnehuset \n Solen\u200b ", "", "Børnehuset Solen"),
        ("Enheder", "Navn", "<b>@alle</b> & *co*", "", "<b>@alle</b> & *co*"),
        ("Enheder", "Type", "ENHED", "", "enhed"),
        ("Enheder", "Model", "Dialogaftale", "", "dialogaftale"),
        ("Enheder", "Slack-kanal", "#sol", "", "sol"),
        ("Enheder", "Slack-kanal", "#", "", None),
        ("Personer", "E-mail", " Mette.Sø@By.Example ", "", "mette.sø@by.example"),
        ("Personer", "E-mail", "mailto:METTE@by.example", "", "mette@by.example"),
        ("Personer", "Sprog", None, "", "da"),
        ("Personer", "Sprog", "Engelsk", "", "en"),
        ("Poster", "Rolle", "Stedfortræder", "", "deputy"),
        ("Mål", "Aftaler", "SOL-26 ;HAV-26;; SOL-26", "", ("HAV-26", "SOL-26")),
        ("Mål", "Aftaler", None, "", ()),
    ],
)
def test_text_codes_words_and_addresses_are_tidied(
    tmp_path: Path, sheet: str, header: str, written_as: object, number_format: str, expected: object
) -> None:
    town = town_with(sheet, 2, **{header.replace("-", "_"): written_as})
    if header not in headers(TOWN[sheet]):
        town[sheet][0][header] = written_as
    assert read_one(tmp_path, sheet, header, written_as, number_format) == (expected, [])


def test_an_address_in_another_case_is_the_same_person(filled: Desk) -> None:
    town = town_with("Poster", 2, E_mail="METTE@BY.example")
    town["Personer"][0]["E-mail"] = "Mette@By.Example"
    report = filled.reads(town)
    assert report.findings == ()
    assert report.changes == 0


def test_an_empty_model_is_inherited_from_above_and_an_agreements_from_its_unit(desk: Desk) -> None:
    report = desk.reads(TOWN)
    assert report.findings == ()
    assert [unit.model for unit in desk.stored.units] == ["dialogaftale", None, None, None]
    assert [agreement.model for agreement in desk.stored.agreements] == [None, None]


@only_sqlite
def test_two_agreements_of_one_unit_overlap_when_one_inherits_the_model_the_other_names(desk: Desk) -> None:
    town = town_with("Aftaler", 4, Kode="SOL-27", Enhed="SOL", Model="dialogaftale", Fra="01-01-2027", Til="31-12-2027")
    assert [line.partition(":")[0] for line in faults(desk.reads(town))] == ["Aftaler!C4"]


@only_sqlite
def test_empty_and_invisible_rows_and_cells_beside_the_table_are_no_rows(filled: Desk) -> None:
    town = deepcopy(TOWN)
    town["Personer"] += [{}, {"E-mail": "\u200b", "Navn": "   "}, {}]
    path = written(filled.folder, town)
    book = load_workbook(path)
    book["Personer"]["XFD9"] = "glemt"
    book.save(path)
    report = filled.reads(path)
    assert report.findings == ()
    assert report.changes == 0


# --- formulas, merged cells, hidden rows, size --------------------------------------------------------------------------------------


def patched(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The file with some bytes of one of its parts replaced, as other programs may have written them."""
    changed = path.with_name("patched.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == part:
                assert content.count(old) == 1
                content = content.replace(old, new)
            target.writestr(info.filename, content)
    return changed


UNITS_XML: Final = "xl/worksheets/sheet1.xml"
EMPTY_RESULT: Final = b"><f>1</f><v></v>"  # as openpyxl writes a formula, since lxml is there to write it
GOALS_XML: Final = "xl/worksheets/sheet5.xml"


@only_sqlite
def test_a_formula_without_a_kept_result_is_a_fault(desk: Desk) -> None:
    assert faults(desk.reads(town_with("Enheder", 4, Navn='="Sol"&"en"'))) == [
        "Enheder!B4: Formlen er ikke regnet ud. Åbn filen i Excel, og gem den, eller indsæt formlens resultat som værdi."
    ]


@only_sqlite
@pytest.mark.parametrize(
    ("kept", "name"),
    [(b' t="str"><f>1</f><v>Solen</v>', "Solen"), (b"><f>1</f><v>12</v>", "12")],
)
def test_a_formula_is_read_as_the_result_that_excel_kept(desk: Desk, kept: bytes, name: str) -> None:
    path = written(desk.folder, town_with("Enheder", 4, Navn="=1"))
    assert desk.reads(patched(path, UNITS_XML, EMPTY_RESULT, kept)).stored
    assert desk.stored.units[2].name == name


@only_sqlite
def test_formulas_filled_down_that_gave_an_empty_text_are_empty_cells(filled: Desk) -> None:
    town = town_with("Enheder", 6, Kode="=1")
    path = patched(written(filled.folder, town), UNITS_XML, EMPTY_RESULT, b' t="str"><f>IF(B6="","",B6)</f><v></v>')
    report = filled.reads(path)
    assert report.findings == ()
    assert report.changes == 0


@only_sqlite
@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_a_cell_that_shows_an_error_is_a_fault(desk: Desk, error: str) -> None:
    assert faults(desk.reads(town_with("Mål", 2, Måltal=error))) == [
        f"Mål!F2: Cellen viser fejlen {error}. Ret formlen, eller skriv værdien selv."
    ]


@only_sqlite
@pytest.mark.parametrize("digits", [b"1E999", b"-1E999", b"9" * 4000, b"1E-300"])
def test_a_number_no_excel_wrote_is_a_fault_and_no_crash(desk: Desk, digits: bytes) -> None:
    path = written(desk.folder, town_with("Mål", 2, Måltal=777))
    report = desk.reads(patched(path, GOALS_XML, b"<v>777</v>", b"<v>" + digits + b"</v>"))
    assert [line.partition(":")[0] for line in faults(report)] == ["Mål!F2"]


@only_sqlite
@pytest.mark.parametrize("digits", [b"1E999", b"9" * 4000, b"1E300"])
def test_a_day_no_calendar_has_is_a_fault_and_no_crash(desk: Desk, digits: bytes) -> None:
    path = written(desk.folder, town_with("Mål", 2, Frist=777))
    report = desk.reads(patched(path, GOALS_XML, b"<v>777</v>", b"<v>" + digits + b"</v>"))
    assert [line.partition(":")[0] for line in faults(report)] == ["Mål!G2"]


@only_sqlite
def test_merged_cells_are_a_fault_unless_they_are_a_title(desk: Desk) -> None:
    path = written(desk.folder, TOWN)
    book = load_workbook(path)
    book["Personer"].insert_rows(1)
    book["Personer"]["A1"] = "Personer"
    book["Personer"].merge_cells("A1:C1")
    book["Enheder"].merge_cells("B4:B5")
    book.save(path)
    assert "Enheder!B4:B5: Cellerne er flettet. Ophæv fletningen, og skriv værdien i hver celle." in faults(
        desk.reads(path)
    )
    assert not [line for line in faults(desk.reads(path)) if line.startswith("Personer")]


@only_sqlite
def test_a_fault_in_a_hidden_row_says_that_the_row_is_hidden(desk: Desk) -> None:
    path = written(desk.folder, town_with("Enheder", 4, Type="hus"))
    book = load_workbook(path)
    book["Enheder"].row_dimensions[4].hidden = True
    book.save(path)
    assert faults(desk.reads(path))[0].endswith("Rækken er skjult; vis den for at se den.")


@only_sqlite
def test_formatting_dragged_to_row_a_million_is_not_read_and_said_not_to_be(filled: Desk) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (number, number) for number in range(6, 200_000))
    path = patched(written(filled.folder, TOWN), UNITS_XML, b"</sheetData>", rows + b"</sheetData>")
    report = filled.reads(path)
    assert [line.partition(",")[0] for line in said(report)] == [
        "Enheder: Efter række 5 kommer mere end 2.000 tomme rækker. Det"
    ]
    assert report.changes == 0


@only_sqlite
def test_a_sheet_that_claims_a_million_rows_is_read_by_what_it_holds(filled: Desk) -> None:
    path = written(filled.folder, TOWN)
    with zipfile.ZipFile(path) as book:
        sheet = book.read(UNITS_XML)
    claimed = sheet[sheet.index(b'<dimension ref="') :].split(b"/>")[0]
    report = filled.reads(patched(path, UNITS_XML, claimed, b'<dimension ref="A1:XFD1048576"'))
    assert report.findings == ()
    assert report.changes == 0


# --- files that are no workbook -------------------------------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return content.getvalue()


def workbook_bytes() -> bytes:
    content = BytesIO()
    Workbook().save(content)
    return content.getvalue()


def with_password() -> bytes:
    """As a zip program marks parts that need a password."""
    content = bytearray(workbook_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


NOT_A_WORKBOOK, DAMAGED, LOCKED = (
    "Filen er ikke en Excel-projektmappe. Åbn den i Excel, gem den som .xlsx",
    "Filen er beskadiget og kan ikke læses",
    "Filen er låst med adgangskode eller gemt i det gamle .xls-format",
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lambda: b"", "Filen er tom"),
        (lambda: b"Kode;Navn\r\nSOL;Solen\r\n", NOT_A_WORKBOOK),
        (lambda: b"%PDF-1.7 ...", NOT_A_WORKBOOK),
        (lambda: b"\xff\xfe" + "<html>".encode("utf-16-le"), NOT_A_WORKBOOK),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), LOCKED),
        (with_password, LOCKED),
        (lambda: b"PK\x03\x04" + bytes(range(256)) * 9, DAMAGED),
        (lambda: workbook_bytes()[:-400], DAMAGED),
        (lambda: zipped(content=b"<ods/>", mimetype=b"application/vnd.oasis"), NOT_A_WORKBOOK),
        (lambda: zipped(**{"xl__workbook.xml": b"<not-xml"}), DAMAGED),
        (lambda: zipped(**{"xl__workbook.xml": b"<workbook/>"}), DAMAGED),
        (lambda: zipped(**{"xl__workbook.xml": bytes(MOST_BYTES + 1)}), "Filen fylder for meget, når den pakkes ud"),
        (workbook_bytes, "Der er ingen ark, jeg kender. Navngiv arkene Enheder, Personer"),
    ],
    ids=range(13),
)
def test_a_file_that_cannot_be_read_gives_one_sentence_that_says_what_to_do(
    tmp_path: Path, content: Callable[[], bytes], expected: str
) -> None:
    path = tmp_path / "kommune.xlsx"
    path.write_bytes(content())
    findings = [line for line in said(read_workbook(path, MODELS)) if "Arket kendes ikke" not in line]
    assert len(findings) == 1
    assert findings[0].startswith(expected)


def test_a_folder_or_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.xlsx"):
        assert said(read_workbook(path, MODELS))[0].startswith("Filen kan ikke åbnes")


def test_entities_that_unfold_into_a_gigabyte_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, town_with("Enheder", 4, Navn="LATTER"))
    names = "abcdefghij"
    entities = [f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in pairwise(names)]
    declared = f'<!DOCTYPE lol [<!ENTITY a "haha haha ">{"".join(entities)}]>'.encode()
    path = patched(path, UNITS_XML, b"<worksheet", declared + b"<worksheet")
    path = patched(path.rename(tmp_path / "one.xlsx"), UNITS_XML, b"<t>LATTER</t>", b"<t>&j;</t>")
    assert said(read_workbook(path, MODELS))[0].startswith(DAMAGED)


SLIPS: Final = st.lists(st.tuples(st.integers(0, 8000), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(slips=SLIPS, lost=st.one_of(st.just(0), st.integers(0, 8000)))
def test_a_workbook_with_bytes_gone_wrong_is_a_reading_and_never_a_crash(
    tmp_path: Path, template: Path, slips: list[tuple[int, int]], lost: int
) -> None:
    content = bytearray(template.read_bytes())
    for place, byte in slips:
        content[-1 - place] = byte
    path = tmp_path / "gone-wrong.xlsx"
    path.write_bytes(content[: len(content) - lost])
    assert isinstance(read_workbook(path, MODELS), Reading)


# --- out and in again -----------------------------------------------------------------------------------------------------------------


def test_what_is_exported_and_imported_again_changes_nothing(filled: Desk) -> None:
    before = filled.everything()
    report = filled.reads(filled.exports())
    assert report.findings == ()
    assert report.changes == 0
    assert all(one.missing == () for one in report.sheets)
    assert filled.everything() == before


ODD: Final = [
    "=1+1",
    '=HYPERLINK("http://x.example","klik")',
    "+4520",
    "-5 %",
    "@SUM(A1)",
    "'citeret",
    "0012",
    "1-2",
    "2027-01-01",
    "TRUE",
    "#REF!",
    "_x0041_ og _x000D_",
    "👨‍👩‍👧 🧑🏽‍🏫",
    "»æøå ÆØÅ« – ß € 𝔛",
    "مرحبا",
    "<b>&amp;</b> <@U123> [x](y)",
    '"citat", komma; semikolon',
    "x" * 1000,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_text_comes_out_as_it_went_in_and_never_as_a_formula(filled: Desk, text: str) -> None:
    with filled.database.transaction() as connection:
        connection.execute(update(t.initiative).where(t.initiative.c.code == "I1").values(title=text))
        connection.execute(update(t.goal).where(t.goal.c.code == "M1").values(title=text, evidence=text))
    before = filled.everything()
    path = filled.exports()
    kinds = {cell.data_type for page in load_workbook(path).worksheets for row in page.iter_rows() for cell in row}
    assert "f" not in kinds
    report = filled.reads(path)
    assert report.findings == ()
    assert report.changes == 0
    assert filled.everything() == before


@pytest.mark.parametrize(
    "number", ["0", "-0.5", "4.90", "0.1", "123456789012345", "1234567890.123456789", "0.000000000001", "9" * 38]
)
def test_a_number_comes_out_exactly_as_it_went_in(filled: Desk, number: str) -> None:
    with filled.database.transaction() as connection:
        connection.execute(update(t.goal).values(target=Decimal(number), baseline=Decimal(number)))
    report = filled.reads(filled.exports())
    assert report.findings == ()
    assert report.changes == 0
    assert filled.stored.goals[0].target == Decimal(number)


def test_codes_with_leading_zeros_and_dates_in_them_stay_text(desk: Desk) -> None:
    town = deepcopy(TOWN)
    renamed = {"SOL": "0012", "DAG": "1-2", "HAV": "1E5", "BY": "=BY"}
    for row in [*town["Enheder"], *town["Poster"], *town["Aftaler"], *town["Målinger"]]:
        row |= {
            header: renamed.get(str(row[header]), row[header])
            for header in ("Kode", "Overordnet", "Enhed")
            if header in row
        }
    book = load_workbook(written(desk.folder, town))
    for cell in [cell for page in book.worksheets for row in page.iter_rows() for cell in row]:
        cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(desk.folder / "koder.xlsx")
    assert desk.reads(desk.folder / "koder.xlsx").findings == ()
    assert {unit.code for unit in desk.stored.units} == set(renamed.values())
    report = desk.reads(desk.exports())
    assert (report.findings, report.changes) == ((), 0)


def test_two_exports_of_the_same_town_hold_the_same_cells(filled: Desk) -> None:
    one = [list(page.iter_rows(values_only=True)) for page in load_workbook(filled.exports()).worksheets]
    assert one == [list(page.iter_rows(values_only=True)) for page in load_workbook(filled.exports()).worksheets]


WORDS: Final = st.text(max_size=40)
DAYS: Final = st.dates(date(1950, 1, 1), date(2149, 12, 31))
NUMBERS: Final = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goals=st.lists(st.tuples(WORDS, WORDS, WORDS, NUMBERS, DAYS), min_size=1, max_size=6))
def test_anything_a_person_can_write_is_written_and_read_back(tmp_path: Path, goals: list[tuple[Any, ...]]) -> None:
    rows = tuple(
        Goal(
            f"M{number}",
            tidy(f"x{title}"),
            "lokal",
            measure=tidy(measure) or None,
            evidence=tidy(evidence) or None,
            target=target,
            next_reading_on=day,
        )
        for number, (title, measure, evidence, target, day) in enumerate(goals)
    )
    path = tmp_path / "any.xlsx"
    write_workbook(Municipality(goals=rows), path, MODELS)
    reading = read_workbook(path, MODELS)
    assert reading.findings == ()
    assert tuple(entry.row for entry in reading.pages["Mål"].entries) == rows


def test_every_field_of_every_row_has_its_column_so_that_nothing_is_lost_on_the_way_out() -> None:
    for sheet in SHEETS:
        made: type[Row] = sheet.make  # type: ignore[assignment]  # each sheet makes its own kind of row
        assert {one.name for one in fields(made)} == {column.field for column in sheet.columns}


def test_the_page_on_the_workbook_tells_every_column_and_which_must_be_filled_in() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for sheet in SHEETS:
        table = page.partition(f"**{sheet.name}** –")[2].partition("\n**")[0].partition("\n## ")[0]
        rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][2:]
        told = [name for row in rows for name in row.split(", ")]
        assert sorted(told) == sorted(f"{one.header} *" if one.required else one.header for one in sheet.columns)


# --- many rows ------------------------------------------------------------------------------------------------------------------------


def test_five_thousand_rows_are_stored_and_progress_is_told_on_the_way(desk: Desk) -> None:
    town = deepcopy(TOWN)
    town["Indsatser"] = [
        {"Kode": f"I{number}", "Mål": "M1", "Aftale": "SOL-26", "Indsats": f"Indsats {number}"}
        for number in range(5000)
    ]
    told: list[tuple[int, int]] = []
    with desk.database.transaction() as connection:
        path = written(desk.folder, town)
        report = import_workbook(connection, path, MODELS, NOW, progress=lambda *how_far: told.append(how_far))
    assert report.stored
    assert len(desk.stored.initiatives) == 5000
    assert told == sorted(told)
    assert told[-1] == (1000, 1000)
    assert len(told) > 40
    assert desk.reads(town).changes == 0


@only_sqlite
def test_a_thousand_references_to_nothing_are_all_told(desk: Desk) -> None:
    town = deepcopy(TOWN)
    town["Enheder"] += [
        {"Kode": f"skole-{n}", "Navn": f"Skole {n}", "Overordnet": "BY", "Type": "enhed"} for n in range(1000)
    ]
    town["Poster"] = [
        {"E-mail": "mette@by.example", "Enhed": f"hus-{n}", "Rolle": "leder", "Fra": "01-01-2026"} for n in range(1000)
    ]
    assert len(desk.reads(town).faults) == 1000


# --- the command ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, and a database in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALOGBOT_DATABASE_URL", database_url)
    return tmp_path


def stored_through(url: str) -> Municipality:
    with open_database(url) as database, database.transaction() as connection:
        return read_municipality(connection)


def test_import_says_what_it_changed_and_ends_with_0(
    shell: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    written(shell, TOWN)
    assert main(["import", "kommune.xlsx"]) == 0
    out, err = capsys.readouterr()
    assert "Enheder: 4 nye, 0 ændret, 0 uændret, 0 mangler i arbejdsbogen" in out
    assert err.strip().endswith("Læst ind.")
    assert len(stored_through(database_url).units) == 4
    written(shell, town_with("Enheder", 4, Navn="Solhuset"))
    assert main(["import", "kommune.xlsx"]) == 0
    assert "  række 4 (SOL): Navn: Børnehuset Solen → Solhuset" in capsys.readouterr().out.splitlines()
    assert main(["import", "kommune.xlsx"]) == 0
    assert "Ingen ændringer: databasen passer allerede med arbejdsbogen." in capsys.readouterr().out


@only_sqlite
def test_import_speaks_english_when_asked_to(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(shell, town_with("Enheder", 4, Type="hus"))
    assert main(["--lang", "en", "import", "kommune.xlsx"]) == 1
    out, err = capsys.readouterr()
    assert "Enheder!D4: »hus« cannot be used as Type. Write forvaltning, afdeling, enhed, stab or selvejende." in out
    assert "fejl" not in (out + err).lower()


def test_import_with_a_fault_tells_it_stores_nothing_and_ends_with_1(
    shell: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    written(shell, town_with("Enheder", 4, Type="hus"))
    assert main(["import", "kommune.xlsx"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Fejl: Enheder!D4: »hus« kan ikke bruges som Type.")
    assert "Intet er gemt" in err
    assert stored_through(database_url) == Municipality()


@only_sqlite
def test_a_dry_run_says_that_it_was_one(shell: Path, capsys: pytest.CaptureFixture[str], database_url: str) -> None:
    written(shell, TOWN)
    assert main(["import", "kommune.xlsx", "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert "Enheder: 4 nye" in out
    assert "Intet er gemt; det var en prøve." in err
    assert stored_through(database_url) == Municipality()


@only_sqlite
def test_a_row_that_disappeared_is_told_by_the_command(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(shell, TOWN)
    assert main(["import", "kommune.xlsx"]) == 0
    town = deepcopy(TOWN)
    town["Indsatser"].pop()
    written(shell, town)
    capsys.readouterr()
    assert main(["import", "kommune.xlsx"]) == 0
    assert "  mangler: I2 Omsorgssamtaler. Intet er slettet." in capsys.readouterr().out.splitlines()


@only_sqlite
@pytest.mark.parametrize(("language", "text"), [("da", "Målet har intet måltal"), ("en", "The goal has no target")])
def test_machines_get_one_json_object_and_a_quiet_standard_error(
    shell: Path, capsys: pytest.CaptureFixture[str], language: str, text: str
) -> None:
    written(shell, town_with("Mål", 2, Måltal=None))
    assert main(["--lang", language, "import", "kommune.xlsx", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told = json.loads(out)
    assert told.keys() == {"stored", "findings", "sheets"}
    assert told["stored"] is True
    finding = told["findings"][0]
    assert finding["text"].startswith(text)
    assert {**finding, "text": ""} == {"level": "warning", "sheet": "Mål", "cell": "F2", "text": ""}
    assert {one["sheet"]: len(one["new"]) for one in told["sheets"]} == {
        sheet: len(rows) for sheet, rows in TOWN.items()
    }
    assert main(["import", "kommune.xlsx", "--json", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["stored"] is False


@only_sqlite
def test_machines_get_faults_as_json_too_and_1(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shell / "kommune.xlsx").write_bytes(b"nothing")
    assert main(["import", "kommune.xlsx", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["level"] for one in told["findings"]] == ["fault"]
    assert (told["findings"][0]["sheet"], told["findings"][0]["cell"]) == ("", "")


@only_sqlite
def test_no_bar_is_drawn_where_nobody_is_watching(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(shell, TOWN)
    main(["import", "kommune.xlsx"])
    err = capsys.readouterr().err
    assert "%" not in err
    assert "\x1b" not in err


@only_sqlite
def test_a_workbook_that_is_not_there_is_said_so(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(shell / "intet.xlsx")]) == 1
    assert "intet.xlsx findes ikke." in capsys.readouterr().err


@only_sqlite
def test_nothing_in_a_workbook_can_steer_the_terminal(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(shell, TOWN)
    book = load_workbook(path)
    book["Personer"]["D1"] = "Kanal\n\x9b31m\u202erød"
    book.create_sheet("Ark\x9b2J").append(["x", "y"])
    book.save(path)
    assert main(["import", "kommune.xlsx", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert not {"\x9b", "\u202e", "\x1b"} & set(out)
    assert len([line for line in out.splitlines() if line.startswith("Advarsel:")]) == 2


def test_template_import_and_export_make_a_round(
    shell: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    assert main(["template", "skabelon.xlsx"]) == 0
    assert main(["template", "skabelon.xlsx"]) == 1
    assert main(["template", "skabelon.xlsx", "--force"]) == 0
    written(shell, TOWN)
    assert main(["import", "kommune.xlsx"]) == 0
    stored = stored_through(database_url)
    assert main(["export", "ud.xlsx"]) == 0
    capsys.readouterr()
    assert main(["import", "ud.xlsx"]) == 0
    assert "Ingen ændringer" in capsys.readouterr().out
    assert stored_through(database_url) == stored
