"""The workbook where it meets what is stored: corrected days, rows that left it, keys that cannot be read, odd text out and in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import Table, create_engine, update

from dialogs.script import Choice, Evaluation, Model, Wording
from store import tables
from store.database import Database
from store.workbook import sheets
from store.workbook.cells import Cell, Refused, read_cell
from store.workbook.exporting import export_workbook, write_template, write_workbook
from store.workbook.importing import Report, import_workbook
from store.workbook.municipality import (
    Absence,
    Agreement,
    Goal,
    Initiative,
    Measured,
    Municipality,
    Person,
    Post,
    Unit,
    read_municipality,
)

NOW = datetime(2027, 3, 10, 8, tzinfo=UTC)
Rows = list[list[Any]]
Book = dict[str, Rows]


def model(name: str, *sources: str) -> Model:
    percent = Evaluation("percent", Wording("Procent", "Per cent"), ())
    offered = tuple(Choice(s, Wording(s, s)) for s in sources)
    return Model(name, Wording(name.title(), name.title()), sources=offered, evaluations={"percent": percent})


MODELS = {
    "dialogaftale": model("dialogaftale", "politik", "direktion", "lokal"),
    "institutionsaftale": model("institutionsaftale", "politik", "forvaltning"),
}


def small_town() -> Book:
    """A sheet's headers first; Danish words throughout."""
    return {
        "Enheder": [
            ["Kode", "Navn", "Overordnet", "Type", "Model", "Slack-kanal", "Teams-kanal"],
            ["BS", "Børn og Skole", None, "forvaltning", "dialogaftale", "#boern-og-skole", None],
            ["DAG", "Dagtilbud", "BS", "afdeling", None, None, None],
            ["SOL", "Børnehuset Solsikken", "DAG", "enhed", None, None, None],
            ["BYS", "Byskolen", "BS", "enhed", None, None, None],
        ],
        "Personer": [
            ["E-mail", "Navn", "Sprog"],
            ["Mette@Fjordby.example", "Mette Søndergaard", None],
            ["jens@fjordby.example", "Jens Østergaard", "da"],
            ["ali@fjordby.example", "Ali Demir", "en"],
        ],
        "Poster": [
            ["E-mail", "Enhed", "Rolle", "Fra", "Til"],
            ["mette@fjordby.example", "SOL", "leder", date(2024, 1, 1), None],
            ["jens@fjordby.example", "DAG", "leder", "01-01-2024", None],
            ["ali@fjordby.example", "BYS", "leder", "2024-01-01", "31-12-2028"],
        ],
        "Aftaler": [
            ["Kode", "Enhed", "Model", "Fra", "Til"],
            ["SOL-26", "SOL", None, "01-01-2026", "30-06-2027"],
            ["BYS-26", "BYS", None, "01-01-2026", "30-06-2027"],
        ],
        "Mål": [
            ["Kode", "Aftaler", "Målsætning", "Mål", "Kilde", "Baseline", "Baselinedato", "Måltal", "Frist"],
            [
                "M1",
                "SOL-26; BYS-26",
                "Trivsel",
                "Sygefraværet falder",
                "direktion",
                "6,5",
                "01-12-2025",
                "4,9 %",
                "31-12-2027",
            ],
            ["M2", "SOL-26", "Overgange", "Tryg skolestart", "politik", None, None, 90, "15-05-2027"],
        ],
        "Indsatser": [
            ["Kode", "Mål", "Aftale", "Indsats", "Ansvarlig", "Frist"],
            ["I1", "M1", "SOL-26", "Samtale efter tredje fravær", "mette@fjordby.example", "31-12-2026"],
            ["I2", "M1", "BYS-26", "Trivselsmåling", None, None],
            ["I3", "M2", "SOL-26", "Overleveringsmøder", None, "15-05-2027"],
        ],
        "Fravær": [
            ["E-mail", "Fra", "Til", "Stedfortræder"],
            ["mette@fjordby.example", "08-03-2027", "12-03-2027", "jens@fjordby.example"],
        ],
    }


def saved(book: Mapping[str, Rows], folder: Path) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in book.items():
        page = workbook.create_sheet(name)
        for row in rows:
            page.append(row)
    path = folder / "kommune.xlsx"
    workbook.save(path)
    return path


def imported(database: Database, path: Path) -> Report:
    with database.transaction() as connection:
        return import_workbook(connection, path, MODELS, NOW)


def stored(database: Database) -> Municipality:
    with database.transaction() as connection:
        return read_municipality(connection)


def checked(path: Path) -> Report:
    """What is said about a workbook before an empty database, and nothing stored."""
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    with engine.begin() as connection:
        report = import_workbook(connection, path, MODELS, NOW)
        if report.faults:
            assert read_municipality(connection) == Municipality()
    engine.dispose()
    return report


def said(report: Report) -> list[str]:
    return [fault.in_("da") for fault in report.faults]


def is_seen(text: str) -> bool:
    """Whether reading a cell with that text finds anything in it."""
    return not isinstance(read_cell(Cell(text), sheets.GOALS.column("title"), {}), Refused)


def test_a_sheet_whose_keys_cannot_be_read_makes_no_other_sheet_wrong(tmp_path: Path) -> None:
    book = small_town()
    del book["Personer"][0]
    book["Enheder"] = [row[1:] for row in book["Enheder"]]
    assert said(checked(saved(book, tmp_path))) == [
        "Enheder!A1: Kolonnen »Kode« mangler. Skriv overskriften i række 1, og udfyld kolonnen.",
        "Personer!A1: Jeg kan ikke finde rækken med overskrifter. Skriv E-mail og Navn øverst i arket.",
    ]


def test_every_fault_of_one_row_is_told_at_once(tmp_path: Path) -> None:
    book = small_town()
    book["Poster"].append(["nobody@fjordby.example", "NOWHERE", "chef", "i går", "32-01-2027"])
    places = {line.partition(":")[0] for line in said(checked(saved(book, tmp_path)))}
    assert places == {"Poster!A5", "Poster!B5", "Poster!C5", "Poster!D5", "Poster!E5"}


def test_a_year_is_cited_as_it_was_written(tmp_path: Path) -> None:
    book = small_town()
    book["Mål"][2][8] = "01-01-0202"
    (line,) = said(checked(saved(book, tmp_path)))
    assert line.startswith("Mål!I3: Årstallet i »01-01-0202« kan ikke passe.")


def test_a_corrected_first_day_is_a_change_and_not_a_second_post(database: Database, tmp_path: Path) -> None:
    imported(database, saved(small_town(), tmp_path))
    book = small_town()
    book["Poster"][1][3] = "01-02-2024"
    book["Fravær"][1][1] = "09-03-2027"
    report = imported(database, saved(book, tmp_path))
    assert report.faults == ()
    assert [f.header for sheet in report.sheets for change in sheet.changed for f in change.fields] == ["Fra", "Fra"]
    assert [post.from_day for post in stored(database).posts] == [date(2024, 2, 1), date(2024, 1, 1), date(2024, 1, 1)]
    assert len(stored(database).absences) == 1


def test_a_later_post_never_rewrites_an_earlier_one(database: Database, tmp_path: Path) -> None:
    book = small_town()
    book["Poster"][1][4] = "31-12-2025"
    imported(database, saved(book, tmp_path))
    book["Poster"][1] = ["mette@fjordby.example", "SOL", "leder", "01-07-2026", None]
    report = imported(database, saved(book, tmp_path))
    assert report.stored
    assert len(stored(database).posts) == 4


def test_an_agreement_that_left_the_sheet_still_counts(database: Database, tmp_path: Path) -> None:
    imported(database, saved(small_town(), tmp_path))
    headers = small_town()["Aftaler"][0]
    book = {"Aftaler": [headers, ["SOL-NY", "SOL", None, "01-01-2027", "31-12-2027"]]}
    (line,) = said(imported(database, saved(book, tmp_path)))
    assert "Den er gemt tidligere; skriv den ind igen med en anden Til." in line


def test_an_export_fills_an_empty_database_with_the_same(database: Database, tmp_path: Path) -> None:
    town = odd_town("=HYPERLINK(1)", Decimal("0.12345678901234567890"))
    path = tmp_path / "odd.xlsx"
    write_workbook(town, path, MODELS)
    report = imported(database, path)
    assert said(report) == []
    assert stored(database) == town


def odd_town(text: str, number: Decimal | None) -> Municipality:
    day = date(2026, 1, 1)
    return Municipality(
        (
            Unit("1-2", text, "stab", None, "dialogaftale", None, text, "percent"),
            Unit("007", "Æ", "selvejende", "1-2"),
        ),
        (Person("o'hara@fjordby.example", text, "en", "light", "no"),),
        (Post("o'hara@fjordby.example", "007", "direktion", day),),
        (
            Agreement("=1+1", "007", day, day, "institutionsaftale", evaluation="percent"),
            Agreement("0", "007", date(2025, 1, 1), date(2025, 12, 31), "institutionsaftale"),
        ),
        (
            Goal("@m", text, "forvaltning", ("0", "=1+1"), text, text, text[:100], number, day, number, day, text, day),
            Goal("+m", "ren", "politik", ("=1+1",), readings="common"),
        ),
        (
            Initiative("-1", "@m", "=1+1", text, "o'hara@fjordby.example", day, "-0"),
            Initiative("-0", "@m", "0", text),
        ),
        (Absence("o'hara@fjordby.example", day, day),),
        (Measured("@m", day, number or Decimal(0), "007", text), Measured("+m", day, Decimal("-0.5"))),
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.sampled_from(
    ["=1+1", "@SUM(A1)", "+45 12", "-", "_x0041_", "#REF!", "a  b", "l1\r\nl2", "\x00x", "31-12-2027", "1.200", "TRUE", "👩‍👩‍👧", "e\u0301"]
)  # fmt: skip

numbers = st.none() | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts.filter(is_seen), number=numbers)
def test_whatever_stands_in_the_database_an_export_imports_without_change(
    text: str, number: Decimal | None, tmp_path: Path
) -> None:
    engine = create_engine("sqlite://")
    tables.metadata.create_all(engine)
    path = tmp_path / "odd.xlsx"
    with engine.begin() as connection:
        write_workbook(odd_town("tekst", number), path, MODELS)
        assert import_workbook(connection, path, MODELS, NOW).stored
        for table, columns in TEXTS.items():
            connection.execute(update(table).values(dict.fromkeys(columns, text)))
        export_workbook(connection, path, MODELS)
        report = import_workbook(connection, path, MODELS, NOW)
        assert said(report) == []
        assert [sheet.changed for sheet in report.sheets if sheet.changed] == []
        assert report.changes == 0
    engine.dispose()


TEXTS: dict[Table, tuple[str, ...]] = {
    tables.unit: ("name", "teams_channel"),
    tables.person: ("name",),
    tables.objective: ("title",),
    tables.goal: ("title", "policy", "measure", "evidence"),
    tables.initiative: ("title",),
    tables.reading: ("source",),
}


def test_the_templates_examples_are_rows_that_would_be_right(tmp_path: Path) -> None:
    template = tmp_path / "skabelon.xlsx"
    write_template(template, MODELS)
    book = load_workbook(template)
    for page in book.worksheets[1:]:
        for cell in page[2]:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace("EKSEMPEL", "PRØVE").replace("eksempel@", "proeve@")
        if page.title == "Enheder":
            page["E2"] = "dialogaftale"
    book.save(template)
    report = checked(template)
    assert said(report) == []
    assert report.rows == len(sheets.SHEETS)
