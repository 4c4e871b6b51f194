"""A workbook file -> typed rows, and everything that is wrong with its cells.

Promises: any file gives a `Reading`, never an exception; every fault at once, each with its cell; what the template wrote as an
example is skipped, and said. Knows nothing of the database, and nothing of how rows hang together.
"""

from __future__ import annotations

import math
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter, range_boundaries

from dialogs.script import Wording
from store.workbook import phrases
from store.workbook.cells import EMPTY, Cell, Refused, Value, is_blank, nearest, plain, read_cell, tidy
from store.workbook.findings import Finding, fault, note, warning
from store.workbook.municipality import Row
from store.workbook.sheets import GUIDANCE, SHEETS, Column, Models, Sheet, Words, is_example

Progress = Callable[[int, int], None]  # how many steps are done, of how many

MOST_BYTES = 200_000_000  # unpacked; a workbook of 5,000 rows takes about two
MOST_EMPTY_ROWS = 2_000  # in a row, before the rest of a sheet is taken to be formatting that somebody dragged too far
HEADER_WITHIN = 10  # rows from the top where the header row is looked for
TOLD_EVERY = 100  # rows between two reports of progress
_ENCRYPTED = 1  # the flag of a part that was zipped with a password


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a sheet: its number, the values that could be read, by field, and the typed row when all could."""

    number: int
    values: Mapping[str, Value]
    row: Row | None


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet as read. `columns` has the letter of every field whose column is there."""

    sheet: Sheet
    columns: Mapping[str, str]
    entries: tuple[Entry, ...]

    def cell(self, number: int, field: str) -> str:
        """The cell of that field in that row; the row's first cell where the column is missing."""
        return f"{self.columns.get(field, 'A')}{number}"

    @property
    def absent(self) -> tuple[str, ...]:
        """The fields whose column is not there: what is stored in them is left alone."""
        return tuple(column.field for column in self.sheet.columns if column.field not in self.columns)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole workbook as read: the pages by sheet name, and what was found."""

    pages: Mapping[str, Page]
    findings: tuple[Finding, ...]

    @property
    def size(self) -> int:
        """How many rows were read."""
        return sum(len(page.entries) for page in self.pages.values())


_RawRow = Mapping[
    int, Cell
]  # by column, counted from 0; only those with something in them, for a row may be 16,384 wide


@dataclass(frozen=True, slots=True)
class _RawSheet:
    """A sheet before anybody asked what its cells mean; `rows` are numbered from 1, and only those with something in them."""

    name: str
    rows: Mapping[int, _RawRow]
    hidden: frozenset[int]
    merged: tuple[str, ...]
    stopped_after: int | None = None  # the last row before the emptiness that ended the reading


def read_workbook(path: Path, models: Models, progress: Progress | None = None) -> Reading:
    """Everything in the workbook at `path`; `models` say which words Model and Kilde take."""
    opened = _open(path)
    if isinstance(opened, Wording):
        return Reading({}, (fault("", "", opened),))
    raw = _raw_sheets(opened, progress or _silent)
    if isinstance(raw, Wording):
        return Reading({}, (fault("", "", raw),))
    chosen, findings = _choose(raw)
    pages: dict[str, Page] = {}
    for sheet, of_sheet in chosen:
        page, found = _page(sheet, of_sheet, models)
        pages |= {sheet.name: page} if page else {}
        findings += found
    return Reading(pages, tuple(findings))


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


# --- the file ---------------------------------------------------------------------------------------------------------------------


def _open(path: Path) -> bytes | Wording:
    """The file's bytes, if they may be a workbook."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return phrases.too_large()
        content = path.read_bytes()
    except OSError:
        return phrases.no_file()
    if not content:
        return phrases.empty_file()
    if content.startswith(b"\xd0\xcf\x11\xe0"):  # OLE: an encrypted .xlsx, or an old .xls
        return phrases.locked_file()
    return _looked_through(content)


def _looked_through(content: bytes) -> bytes | Wording:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
    # NotImplementedError is what zipfile raises for an archive in parts or of a later version than it knows.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return phrases.damaged_file() if content.startswith(b"PK") else phrases.not_a_workbook()
    if "xl/workbook.xml" not in {info.filename.lower().lstrip("/") for info in infos}:
        return phrases.not_a_workbook()
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        return phrases.locked_file()
    return phrases.too_large() if sum(info.file_size for info in infos) > MOST_BYTES else content


def _raw_sheets(content: bytes, progress: Progress) -> tuple[_RawSheet, ...] | Wording:
    """Every sheet's cells; where formulas stand, the values that Excel last calculated for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of pictures and extensions, which we do not read
        try:
            sheets = tuple(_load(content, progress, calculated=False))
            if any(cell.pending for sheet in sheets for row in sheet.rows.values() for cell in row.values()):
                sheets = tuple(map(_with_results, sheets, _load(content, _silent, calculated=True)))
        except Exception:  # noqa: BLE001  whatever openpyxl makes of a broken file, to the consultant it is a broken file
            return phrases.damaged_file()
    return sheets


def _load(content: bytes, progress: Progress, *, calculated: bool) -> Iterator[_RawSheet]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=calculated)
    try:
        layouts = [_layout(sheet) for sheet in book.worksheets]
        total, done = sum(layout.rows for layout in layouts), 0
        for sheet, layout in zip(book.worksheets, layouts, strict=True):
            yield _raw_sheet(sheet, layout, lambda read, before=done: progress(before + read, total))  # type: ignore[misc]
            done += layout.rows
        progress(total, total)
    finally:
        book.close()


@dataclass(frozen=True, slots=True)
class _Layout:
    rows: int
    hidden: frozenset[int]
    merged: tuple[str, ...]


_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"')


def _layout(sheet: Any) -> _Layout:  # noqa: ANN401  openpyxl's read-only sheet, whose stubs know less than it does
    """What openpyxl's fast reading leaves out: hidden rows, merged cells, and how many rows to expect."""
    with sheet._get_source() as source:  # noqa: SLF001  the sheet's own XML; there is no public way to it
        xml: bytes = source.read()
    rows, hidden = 0, set()
    for found in _ROW.finditer(xml):
        rows += 1
        number = _ROW_NUMBER.search(found[1]) if _HIDDEN.search(found[1]) else None
        hidden |= {int(number[1])} if number else set()
    return _Layout(
        rows=rows,
        hidden=frozenset(hidden),
        merged=tuple(found[1].decode() for found in _MERGED.finditer(xml)),
    )


def _raw_sheet(sheet: Any, layout: _Layout, tell: Callable[[int], None]) -> _RawSheet:  # noqa: ANN401  as above
    sheet.reset_dimensions()  # what the file says of its size may be a million rows, or one cell
    rows: dict[int, _RawRow] = {}
    name, last = tidy(sheet.title), 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = {
            index: read
            for index, cell in enumerate(cells)
            if cell is not EMPTY_CELL and (read := _cell(cell)) is not EMPTY
        }
        if row:
            rows[number] = row
            last = number
        elif number - last > MOST_EMPTY_ROWS:
            return _RawSheet(name, rows, layout.hidden, layout.merged, stopped_after=last)
        if number % TOLD_EVERY == 0:
            tell(min(number, layout.rows))
    return _RawSheet(name, rows, layout.hidden, layout.merged)


_NO_TEXT = Cell("")  # the kept result of a formula that gave an empty text: there, and nothing to see


def _cell(cell: Any) -> Cell:  # noqa: ANN401  a read-only cell, or openpyxl's empty one
    value = cell.value
    if value is None or (isinstance(value, str) and is_blank(value)):
        return _NO_TEXT if cell.data_type == "str" else EMPTY
    if isinstance(value, float) and not math.isfinite(value):
        return Cell("", error="#NUM!")
    match cell.data_type:
        case "f":
            return Cell("", pending=True)
        case "e":
            return Cell("", error=str(value))
        case "n" | "d":
            return Cell(value, cell.number_format or "General")
        case _:
            return Cell(value)


def _with_results(sheet: _RawSheet, calculated: _RawSheet) -> _RawSheet:
    """The sheet with the kept result in place of every formula that has one."""
    rows = {
        number: {
            index: calculated.rows.get(number, {}).get(index, cell) if cell.pending else cell
            for index, cell in row.items()
        }
        for number, row in sheet.rows.items()
    }
    return replace(sheet, rows=rows)


# --- sheets and headers ------------------------------------------------------------------------------------------------------------


def _choose(raw: Sequence[_RawSheet]) -> tuple[list[tuple[Sheet, _RawSheet]], list[Finding]]:
    """Our sheets among those in the file, in our order, and what to say about the others."""
    known = {plain(sheet.name): sheet for sheet in SHEETS}
    chosen: dict[str, _RawSheet] = {}
    findings: list[Finding] = []
    for one in raw:
        ours = known.get(plain(one.name))
        if ours and ours.name not in chosen:
            chosen[ours.name] = one
        elif ours:
            findings.append(fault(one.name, "", phrases.sheet_twice(chosen[ours.name].name)))
        elif one.rows and plain(one.name) != plain(GUIDANCE):
            free = [sheet.name for sheet in SHEETS if plain(sheet.name) not in {plain(other.name) for other in raw}]
            findings.append(warning(one.name, "", phrases.unknown_sheet(nearest(one.name, free))))
    if not chosen:
        findings.append(fault("", "", phrases.no_known_sheet([sheet.name for sheet in SHEETS])))
    return [(sheet, chosen[sheet.name]) for sheet in SHEETS if sheet.name in chosen], findings


def _page(sheet: Sheet, raw: _RawSheet, models: Models) -> tuple[Page | None, list[Finding]]:
    if not raw.rows:  # an empty sheet is as good as a missing one
        return None, []
    header = _header_row(sheet, raw)
    if header is None:
        needed = [column.header for column in sheet.columns if column.required]
        return None, [fault(sheet.name, "A1", phrases.no_headers(needed))]
    places, findings = _columns(sheet, raw.rows[header], header)
    findings += _about_the_layout(sheet, raw, header, max(raw.rows[header]) + 1)
    letters = {field: get_column_letter(index + 1) for field, index in places.items()}
    words = {column.field: column.words(models) for column in sheet.columns if column.words}
    entries: list[Entry] = []
    for number in sorted(number for number in raw.rows if number > header):
        entry, found = _entry(_Line(sheet, number, raw.rows[number], places, number in raw.hidden), words)
        entries += [entry] if entry else []
        findings += found
    return Page(sheet, letters, tuple(entries)), findings


def _header_row(sheet: Sheet, raw: _RawSheet) -> int | None:
    """The first row near the top that names two of our columns, so that a title above the headers does no harm."""
    headers = {plain(column.header) for column in sheet.columns}
    return next(
        (
            number
            for number, row in sorted(raw.rows.items())
            if number <= HEADER_WITHIN and len(headers & {plain(str(cell.value)) for cell in row.values()}) > 1
        ),
        None,
    )


def _columns(sheet: Sheet, row: _RawRow, number: int) -> tuple[dict[str, int], list[Finding]]:
    """Where each field stands, and what is wrong with the headers."""
    known = {plain(column.header): column for column in sheet.columns}
    written = {plain(str(cell.value)) for cell in row.values()}
    places: dict[str, int] = {}
    findings: list[Finding] = []
    for index, cell in row.items():
        place, header = f"{get_column_letter(index + 1)}{number}", str(cell.value)
        column = known.get(plain(header))
        if column is None:
            free = [column.header for name, column in known.items() if name not in written]
            findings.append(warning(sheet.name, place, phrases.unknown_column(header, nearest(header, free))))
        elif column.field in places:
            first = f"{get_column_letter(places[column.field] + 1)}{number}"
            findings.append(fault(sheet.name, place, phrases.column_twice(column.header, first)))
        else:
            places[column.field] = index
    missing = [column for column in sheet.columns if column.required and column.field not in places]
    findings += [fault(sheet.name, f"A{number}", phrases.missing_column(column.header)) for column in missing]
    return places, findings


def _about_the_layout(sheet: Sheet, raw: _RawSheet, header: int, width: int) -> Iterator[Finding]:
    for area in raw.merged:
        first_column, _, _, last_row = range_boundaries(area)
        if (last_row or 0) >= header and (first_column or 0) <= width:
            yield fault(sheet.name, area, phrases.merged_cells())
    if raw.stopped_after is not None:
        yield warning(sheet.name, "", phrases.rest_not_read(raw.stopped_after, MOST_EMPTY_ROWS))


# --- rows ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    sheet: Sheet
    number: int
    cells: _RawRow
    places: Mapping[str, int]
    hidden: bool

    def cell(self, column: Column) -> Cell:
        return self.cells.get(self.places[column.field], EMPTY)

    def place(self, column: Column) -> str:
        return f"{get_column_letter(self.places[column.field] + 1)}{self.number}"

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column in self.sheet.columns if column.field in self.places)


def _entry(line: _Line, words: Mapping[str, Words]) -> tuple[Entry | None, list[Finding]]:
    """The row as read, and what is wrong with its cells; no row when nothing stands under our headers, or an example."""
    if all(line.cell(column) in {EMPTY, _NO_TEXT} for column in line.columns):
        return None, []
    known_by = line.sheet.known_by
    if known_by.field in line.places and is_example(str(line.cell(known_by).value)):
        return None, [note(line.sheet.name, line.place(known_by), phrases.example_skipped())]
    values: dict[str, Value] = {}
    findings: list[Finding] = []
    for column in line.columns:
        match read_cell(line.cell(column), column, words.get(column.field, {})):
            case Refused(what):
                told = phrases.in_hidden_row(what) if line.hidden else what
                findings.append(fault(line.sheet.name, line.place(column), told))
            case value:
                values[column.field] = value
    needed = {column.field for column in line.columns} | {c.field for c in line.sheet.columns if c.required}
    row = line.sheet.make(**values) if not findings and needed <= set(values) else None
    return Entry(line.number, values, row), findings
