"""The municipality as a workbook: the empty template with its guidance, and everything stored written back.

Promises: what is written can be imported and then changes nothing; text is written as text, so that nothing a person wrote can
become a formula; every sheet has its frozen headers, drop-down lists and a hint on each column. Knows nothing of how a workbook
is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection

from dialogs.script import Wording
from store.workbook.cells import EXCELS_DIGITS, Value, offer
from store.workbook.municipality import Municipality, read_municipality
from store.workbook.phrases import shown
from store.workbook.sheets import GUIDANCE, SHEETS, Column, Holds, Models, Sheet, Words, sheet_named

LAST_ROW = 10_000  # how far down the lists and formats reach
_DATE = "DD-MM-YYYY"
_TEXT = "@"
_INK, _PAPER = "FF1F3A4D", "FFE8EEF2"
_FORMULA_STARTS = ("=", "+", "-", "@")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # what XML cannot hold
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST = 32_767  # characters in one of Excel's cells
_LONGEST_LIST = 255  # characters of a list inside a rule; Excel calls a file with more damaged


@dataclass(frozen=True, slots=True)
class Heading:
    """What the guidance opens with."""

    title: Wording
    paragraphs: tuple[Wording, ...]


TEMPLATE = Heading(
    Wording(
        "Kommunens enheder, aftaler, mål og indsatser", "The municipality’s units, agreements, goals and initiatives"
    ),
    (
        Wording(
            "Udfyld arkene fra venstre mod højre, én ting pr. række. Eksemplerne må blive stående; de bliver sprunget over.",
            "Fill in the sheets from left to right, one thing a row. The examples may stay; they are skipped.",
        ),
    ),
)
EXPORT = Heading(
    Wording(
        "Kommunens enheder, aftaler, mål og indsatser", "The municipality’s units, agreements, goals and initiatives"
    ),
    (
        Wording(
            "Her er alt, som det er gemt. Ret i arkene, og læs filen ind igen; kun det, du har rettet, bliver ændret.",
            "Here is everything as it is stored. Edit the sheets and import the file again; only what you edited is changed.",
        ),
    ),
)
NEXT_PERIOD = Heading(
    Wording("Næste periodes aftaler", "The next period’s agreements"),
    (
        Wording(
            "Her er alt, som det er gemt, og nederst i arkene Aftaler og Indsatser de nye aftaler og de indsatser, der ikke er "
            "afsluttet. Målene har beholdt deres koder og står med begge aftaler. Ret til, og læs filen ind; først da bliver noget "
            "gemt. Et mål, der ikke skal med, tager du ud ved at fjerne den nye aftales kode i Aftaler.",
            "Here is everything as it is stored, and at the bottom of the sheets Aftaler and Indsatser the new agreements and the "
            "initiatives that are not finished. The goals have kept their codes and stand with both agreements. Edit, and import "
            "the file; only then is anything stored. Take a goal out by removing the new agreement’s code in Aftaler.",
        ),
    ),
)
_RULES = (
    Wording(
        "Læs først filen ind som en prøve: dialogbot import kommune.xlsx --dry-run. Så ser du, hvad der mangler, og hvad der ville "
        "blive ændret, uden at noget bliver gemt.",
        "First import the file as a rehearsal: dialogbot import kommune.xlsx --dry-run. You see what is missing and what would "
        "change, and nothing is stored.",
    ),
    Wording(
        "En række er den samme, så længe dens kode eller e-mail er den samme. Slet ikke rækker, når noget slutter: skriv en dato i "
        "Til. En række, der forsvinder fra arket, bliver meldt, men ikke slettet.",
        "A row is the same as long as its code or address is. Do not delete rows when something ends: write a date in Til. A row "
        "that disappears from the sheet is reported, never deleted.",
    ),
    Wording(
        "Datoer: 31-12-2027, 31.12.2027, 31/12/2027 eller 2027-12-31. Tal: 4,9 eller 1.250.000. Punktum foran præcis tre cifre "
        "skiller tusinder, så 1.200 er tolv hundrede.",
        "Dates: 31-12-2027, 31.12.2027, 31/12/2027 or 2027-12-31. Numbers: 4,9 or 1.250.000. A point before exactly three digits "
        "separates thousands, so 1.200 is twelve hundred.",
    ),
    Wording(
        "Kolonnerne må stå i den rækkefølge, du vil. En kolonne med * skal udfyldes. Er der et ark eller en kolonne, du ikke "
        "bruger, kan du slette den; så bliver det, der er gemt, stående.",
        "Columns may stand in any order. A column with * must be filled in. A sheet or a column you do not use may be removed; "
        "what is stored then stays.",
    ),
    Wording(
        "Skriv ikke navne på borgere, CPR-numre eller oplysninger om helbred nogen steder.",
        "Do not write names of citizens, CPR numbers or anything about health anywhere.",
    ),
)
_GUIDE_HEADERS = (Wording("Ark", "Sheet"), Wording("Kolonne", "Column"), Wording("Det skriver du", "What you write"))


def write_template(path: Path, models: Models, language: str = "da") -> None:
    """Write an empty workbook: guidance in `language`, drop-down lists, and one example row a sheet."""
    book = _book(TEMPLATE, models, language)
    for sheet in SHEETS:
        _fill(book[sheet.name], 2, (_example(column) for column in sheet.columns), example=True)
    book.save(path)


def export_workbook(connection: Connection, path: Path, models: Models, language: str = "da") -> int:
    """Write everything stored; the number of rows. Importing the file changes nothing."""
    municipality = read_municipality(connection)
    write_workbook(municipality, path, models, EXPORT, language)
    return municipality.size


def write_workbook(
    municipality: Municipality, path: Path, models: Models, heading: Heading = EXPORT, language: str = "da"
) -> None:
    """Write a municipality, with `heading` at the top of its guidance."""
    book = _book(heading, models, language)
    for sheet in SHEETS:
        written = {column.field: column.written(models) for column in sheet.columns}
        for number, row in enumerate(sheet.rows(municipality), start=2):
            values = (_worded(getattr(row, column.field), written[column.field]) for column in sheet.columns)
            _fill(book[sheet.name], number, values)
    book.save(path)


def _worded(value: Value, words: Words) -> Value:
    return words.get(value, value) if isinstance(value, str) else value


def _example(column: Column) -> str:
    return column.example


# --- cells -------------------------------------------------------------------------------------------------------------------------


def _fill(page: Worksheet, number: int, values: Iterable[Value], *, example: bool = False) -> None:
    for index, value in enumerate(values, start=1):
        if value is not None and value not in {"", ()}:
            cell = page.cell(number, index)
            _write(cell, value)
            if example:
                cell.font = Font(italic=True, color="FF7A7A7A")


def _write(cell: Cell | MergedCell, value: Value) -> None:
    """Put a value into a cell so that Excel shows it as it is and reading gives it back."""
    match value:
        case date():
            cell.value = value
            cell.number_format = _DATE
        case Decimal() if (
            len(value.normalize().as_tuple().digits) <= EXCELS_DIGITS and value.adjusted() < EXCELS_DIGITS
        ):
            cell.value = value
        case _:
            _write_text(cell, shown(value))


def _write_text(cell: Cell | MergedCell, text: str) -> None:
    """Write text, whatever it starts with: it must neither become a formula nor lose its first character."""
    clean = _LOOKS_ESCAPED.sub("_x005F_", _FORBIDDEN.sub(_space_or_nothing, text))[:_LONGEST]
    cell.value = clean
    cell.data_type = "s"
    cell.number_format = _TEXT
    cell.quotePrefix = clean.startswith(_FORMULA_STARTS)


def _space_or_nothing(forbidden: re.Match[str]) -> str:
    """What takes the place of a character XML cannot hold: a space for those that part words, as reading would have it."""
    return " " if forbidden[0].isspace() else ""


# --- the book ----------------------------------------------------------------------------------------------------------------------


def _book(heading: Heading, models: Models, language: str) -> Workbook:
    book = Workbook()
    # The same content gives the same file: no clock in it.
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001  Excel knows no zones
    book.properties.creator = "dialogbot"
    book.properties.title = heading.title.in_(language)
    book.remove(book.worksheets[0])
    _write_guidance(book.create_sheet(GUIDANCE), heading, language)
    for sheet in SHEETS:
        _prepare(book.create_sheet(sheet.name), sheet, models, language)
    return book


def _write_guidance(page: Worksheet, heading: Heading, language: str) -> None:
    page.sheet_view.showGridLines = False
    for letter, width in zip("ABC", (16, 20, 96), strict=True):
        page.column_dimensions[letter].width = width
    page["A1"].value = heading.title.in_(language)
    page["A1"].font = Font(bold=True, size=16, color=_INK)
    number = 3
    for paragraph in (*heading.paragraphs, *_RULES):
        text = paragraph.in_(language)
        page.merge_cells(start_row=number, start_column=1, end_row=number, end_column=3)
        page.cell(number, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[number].height = 16 * (1 + len(text) // 125)
        number += 1
    _write_columns(page, number + 1, language)


def _write_columns(page: Worksheet, number: int, language: str) -> None:
    """The table of every sheet's columns."""
    for index, header in enumerate(_GUIDE_HEADERS, start=1):
        _style_header(page.cell(number, index, header.in_(language)))
    for sheet in SHEETS:
        number += 1
        page.cell(number, 1, sheet.name).font = Font(bold=True)
        page.cell(number, 3, _sentence(sheet.row.in_(language), language)).font = Font(italic=True)
        for column in sheet.columns:
            number += 1
            page.cell(number, 2, _starred(column))
            page.cell(number, 3, column.guide.in_(language)).alignment = Alignment(wrap_text=True, vertical="top")


def _sentence(row: str, language: str) -> str:
    return Wording(f"En række er {row}.", f"A row is {row}.").in_(language)


def _starred(column: Column) -> str:
    return f"{column.header} *" if column.required else column.header


def _prepare(page: Worksheet, sheet: Sheet, models: Models, language: str) -> None:
    """Headers with their hints, widths, formats and lists."""
    for index, column in enumerate(sheet.columns, start=1):
        letter = get_column_letter(index)
        cell = page.cell(1, index, _starred(column))
        _style_header(cell)
        cell.comment = Comment(column.guide.in_(language), "dialogbot", width=320, height=110)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = _format(column)
        rule = _rule(column, models, language)
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        page.add_data_validation(rule)
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}1"


def _style_header(cell: Cell | MergedCell) -> None:
    cell.font = Font(bold=True, color=_INK)
    cell.fill = PatternFill("solid", fgColor=_PAPER)
    cell.alignment = Alignment(vertical="center")


def _format(column: Column) -> str:
    match column.holds:
        case Holds.DATE:
            return _DATE
        case Holds.NUMBER:
            return "General"
        case _:
            return _TEXT  # or Excel makes dates of codes such as 1-2


def _rule(column: Column, models: Models, language: str) -> DataValidation:
    """The hint beside the cell, and the list to choose from where there is one."""
    hint = column.guide.in_(language)[:255]
    choices = _choices(offer(column.words(models))) if column.words else ""
    if choices and len(choices) <= _LONGEST_LIST:
        rule = DataValidation(type="list", formula1=choices, allow_blank=not column.required)
        rule.errorStyle = "stop"
        rule.showErrorMessage = True
        rule.error = Wording("Vælg et af ordene i listen.", "Choose one of the words in the list.").in_(language)
    elif column.refers and column.holds is not Holds.CODES:
        rule = DataValidation(type="list", formula1=_keys_of(sheet_named(column.refers)), allow_blank=True)
        rule.showErrorMessage = False  # a code may come later, or be stored already
    else:
        rule = DataValidation(allow_blank=True)
    rule.promptTitle, rule.prompt, rule.showInputMessage = column.header, hint, True
    return rule


def _choices(words: Sequence[str]) -> str:
    """Words as a list inside the rule; nothing where there are none."""
    return f'"{",".join(words)}"' if words else ""


def _keys_of(sheet: Sheet) -> str:
    """The column another sheet’s rows are known by, as a list."""
    return f"'{sheet.name}'!$A$2:$A${LAST_ROW}"
