"""A report as a workbook: one sheet that says what it is, one a table with figures that can be calculated with, one of charts.

Promises: numbers are numbers, days are days, and people's words are words, also when they look like a formula; every sheet prints
on the width of a page, with its headings on each; the same bytes for the same report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from math import ceil
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from cards.chrome import words
from cards.figures import number
from cards.reports.bars import INK, fills
from cards.reports.clean import clean, one_line
from cards.reports.report import Cell, Chart, Column, Facts, Heading, Report, Shape, Table
from cards.reports.sealing import LOCALES, sealed

_ACCENT: Final = "0B5A69"
_FACE: Final = "Calibri"
_TITLE: Final = Font(_FACE, 16, bold=True, color=_ACCENT)
_HEADING: Final = Font(_FACE, 13, bold=True, color=_ACCENT)
_STRONG: Final = Font(_FACE, 11, bold=True)
_QUIET: Final = Font(_FACE, 11, color="4A555B")
_LINK: Final = Font(_FACE, 11, color=_ACCENT, underline="single")
_HEAD: Final = PatternFill("solid", fgColor="E4EEF0")
_RULE: Final = Border(bottom=Side("thin", color="C9D2D5"))
_UNDER: Final = Border(bottom=Side("medium", color=_ACCENT))
_SHORT_NAMES: Final = {  # of the sheets of tables, by the tables' ids
    "goals": "sheet_of_goals",
    "statuses": "sheet_of_statuses",
    "shared_units": "sheet_of_shared_units",
}
_UNDER_SECTION: Final = 2  # the level of a heading right under its section's
_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_FORMAT = 31, 32_000, 200  # a sheet's name, a cell's text, a number's look
_DAYS: Final = {"da": ("[$-406]", "d. mmm yyyy"), "en": ("[$-809]", "d mmm yyyy")}
_MONTH: Final = "mmmm yyyy"
_BEFORE_DAY: Final = re.compile(r"(\D*)\d{1,2}\b")
_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\u202a-\u202e\u2066-\u2069]")
_LIKE_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\n", " =", "'")
_PATTERNS: Final[dict[str, Any]] = {"rising": "wdUpDiag", "falling": "wdDnDiag", "dots": "pct20"}
_WIDEST, _NARROWEST, _OVERVIEW = 36, 9, (34, 76)  # characters
_PAPER_EDGE: Final = 0.4  # inches

Worded = Mapping[int, str]
"""The part of a number format for numbers above nought (1), below it (-1) and nought, in words that say which it is."""
NO_WORDS: Final[Worded] = MappingProxyType({})


def workbook(report: Report) -> bytes:
    """Return the report as an Excel file."""
    book = Workbook()
    said = words("writing", report.language)
    names = _Names()
    overview = book.worksheets[0]
    overview.title = names.fresh(said["sheet_overview"])
    tables = [(names.fresh(short), title, table) for short, title, table in _tables(report)]
    charts = [one for section in report.sections for one in section.blocks if isinstance(one, Chart) and one.bars]
    drawn = names.fresh(said["sheet_chart"]) if charts else ""
    for name, title, table in tables:
        _table(book.create_sheet(name), title, table, report)
    if charts:
        _charts(book.create_sheet(drawn), charts)
    _overview(
        overview,
        report,
        [(name, title) for name, title, _ in tables] + ([(drawn, said["sheet_chart"])] if drawn else []),
    )
    for sheet in book.worksheets:
        _fit(sheet)
        _printed(sheet, report, said["sheet_page"])
    return _finished(book, charts, report)


@dataclass(slots=True)
class _Names:
    """Names of sheets: legal, and each once, whatever the case of its letters."""

    taken: frozenset[str] = frozenset({"history"})  # Excel keeps it for itself

    def fresh(self, wanted: str) -> str:
        """The name, made legal and unlike the others."""
        plain = " ".join(_FORBIDDEN.sub(" ", one_line(wanted)).split()).strip("' ") or "–"
        name, count = _shortened(plain, _LONGEST_NAME), 1
        while name.casefold() in self.taken:
            count += 1
            name = f"{_shortened(plain, _LONGEST_NAME - len(str(count)) - 1)} {count}"
        self.taken |= {name.casefold()}
        return name


def _shortened(text: str, limit: int) -> str:
    """The text in no more than so many of Excel's letters, of which an emoji is two; of whole words where there are any."""
    short = text
    while len(short.encode("utf-16-le")) > 2 * limit:
        short = short[:-1]
    if short != text and text[len(short)] != " " and " " in short:
        short = short.rpartition(" ")[0]
    return short.strip("' ,;:–-") or "–"


def _tables(report: Report) -> Iterator[tuple[str, str, Table]]:
    """Every table, with what its sheet is to be called, and its title in full.

    A name that is too long is a shorter one of ours; two of the same name are told apart by the heading they stand under.
    """
    found = list(_titled(report))
    times = Counter(title for title, _, _ in found)
    said = words("writing", report.language)
    for title, above, table in found:
        short = said.get(_SHORT_NAMES.get(table.id.partition("-")[0], ""), title)
        told_apart = f"{short}, {above}"
        if times[title] > 1 and _has_room(told_apart):
            yield told_apart, f"{title}, {above}", table
        else:
            yield title if _has_room(title) else short, title, table


def _titled(report: Report) -> Iterator[tuple[str, str, Table]]:
    """Every table with its title and the heading it stands under; without a title it has the heading's."""
    for section in report.sections:
        above = nearest = section.title
        for block in section.blocks:
            if isinstance(block, Heading):
                nearest = block.text
                above = block.text if block.level <= _UNDER_SECTION else above
            elif isinstance(block, Table):
                yield block.title or nearest, above, block


def _has_room(name: str) -> bool:
    return _shortened(one_line(name), _LONGEST_NAME) == name


# --- cells ------------------------------------------------------------------------------------------------------------------


def _text(cell: Any, text: str, font: Font | None = None) -> None:  # noqa: ANN401  openpyxl has two sorts of cell
    """Put words in a cell, never a formula: not now, and not when somebody edits them."""
    written = _ESCAPED.sub("_x005F_", _shortened_text(clean(text)))
    if written:
        cell.value = written
        cell.data_type = "s"
        cell.quotePrefix = written.startswith(_LIKE_FORMULAS)
    cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=1)
    if font:
        cell.font = font


def _shortened_text(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"


def _value(cell: Any, one: Cell, language: str, worded: Worded = NO_WORDS) -> None:  # noqa: ANN401
    """Put in what stands behind the text, looking as the text does; the text itself where there is nothing behind it."""
    match one.value:
        case datetime() | date():
            cell.value = one.value
            cell.number_format = _day_look(one, language)
        case Decimal() | int() if not one.symbol and (look := _look(one, Decimal(one.value), language, worded)):
            cell.value = one.value
            cell.number_format = look
        case _:
            _text(cell, f"{one.symbol} {one.text}" if one.symbol else one.text)
            return
    cell.alignment = Alignment(vertical="top", horizontal="left" if isinstance(one.value, date) else "right")


def _day_look(one: Cell, language: str) -> str:
    """The format that shows the day as its text does: 14. sep. 2026, senest 14. sep. 2026, november 2026."""
    place, day = _DAYS.get(language, _DAYS["da"])
    before = _BEFORE_DAY.match(one.text)
    if before is None:
        return place + _MONTH
    return place + _literal(before[1]) + day if len(one.text) <= _LONGEST_FORMAT else place + day


def _look(one: Cell, value: Decimal, language: str, worded: Worded) -> str:
    """The number format that shows the value as its text does: 4,9 % and kr. 1.250.000; "" when the text says something else."""
    section = _section(one, value, language)
    if not section:
        return ""
    if worded := worded or _worded((one,), language):
        said = {1: _digits(value), -1: f"-{_digits(value)}", **worded, _sign(value): section}
        return ";".join(said[sign] for sign in (1, -1, 0) if sign in said)
    before, _, _ = one.text.partition(number(value, language))
    return f"{section};{_literal(before)}-{section.removeprefix(_literal(before))}" if before else section


def _section(one: Cell, value: Decimal, language: str) -> str:
    """The part of a format for numbers of the value's sign; "" when the text does not show it."""
    if not value.is_finite() or len(one.text) > _LONGEST_FORMAT:
        return ""
    for shown in (number(value, language), number(abs(value), language)):
        before, found, after = one.text.partition(shown)
        if found:
            return _literal(before) + _digits(value) + _literal(after)
    is_word = not value and not any(letter.isdigit() for letter in one.text)
    return _literal(one.text) if is_word else ""  # nought in a word


def _worded(cells: Iterable[Cell], language: str) -> Worded:
    """The sections by sign where words say which way a number goes: kr. 500.000 mindre, Ingen afvigelse; {} where marks do."""
    found: dict[int, str] = {}
    is_worded = False
    for one in cells:
        if one.symbol or not isinstance(one.value, Decimal | int):
            continue
        value = Decimal(one.value)
        if section := _section(one, value, language):
            is_worded |= number(value, language) not in one.text
            found.setdefault(_sign(value), section)
    return found if is_worded else {}


def _sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)


def _digits(value: Decimal) -> str:
    decimals = max(-int(value.as_tuple().exponent), 0)
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _literal(text: str) -> str:
    return '"' + clean(text).replace('"', "").replace("\n", " ") + '"' if text else ""


# --- sheets -----------------------------------------------------------------------------------------------------------------


def _overview(sheet: Worksheet, report: Report, others: list[tuple[str, str]]) -> None:
    said = words("writing", report.language)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = _OVERVIEW
    _text(sheet["A1"], report.title, _TITLE)
    _text(sheet["A2"], report.subtitle)
    _text(sheet["A3"], report.municipality)
    _text(sheet["A4"], report.made, _QUIET)
    for row, (text, points) in enumerate(
        zip((report.title, report.subtitle, report.municipality, report.made), (21, 15, 15, 15), strict=True), 1
    ):
        sheet.row_dimensions[row].height = points / 15 * _height([(text, sum(_OVERVIEW) * 15 / points)])
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
    row = 5
    if report.is_draft:
        _text(sheet.cell(row, 1), said["draft"], _STRONG)
        row += 1
    row = _facts(sheet, report.facts, row + 1, report.language)
    for section in report.sections:
        above = section.title
        for one in section.blocks:
            if isinstance(one, Heading):
                above = one.text or above
            elif isinstance(one, Facts) and one.facts:
                _text(sheet.cell(row + 1, 1), above, _HEADING)
                row = _facts(sheet, one, row + 2, report.language)
    if others:
        _text(sheet.cell(row + 1, 1), said["sheet_contents"], _HEADING)
        row += 2
    for name, title in others:
        _text(sheet.cell(row, 1), name, _LINK)
        quoted = name.replace("'", "''")
        sheet.cell(row, 1).hyperlink = Hyperlink(f"A{row}", location=f"'{quoted}'!A1")
        _text(sheet.cell(row, 2), title if title != name else "")
        row += 1
    if report.version:
        _text(sheet.cell(row + 1, 1), said["version"].replace("{version}", report.version), _QUIET)
        sheet.merge_cells(start_row=row + 1, start_column=1, end_row=row + 1, end_column=2)


def _facts(sheet: Worksheet, facts: Facts, row: int, language: str) -> int:
    for row_of, fact in enumerate(facts.facts, start=row):
        _text(sheet.cell(row_of, 1), fact.label, _STRONG)
        value = sheet.cell(row_of, 2)
        _value(value, fact.cell, language)
        value.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
    return row + len(facts.facts)


def _table(sheet: Worksheet, title: str, table: Table, report: Report) -> None:
    """A table from the third row down: its title above it, its note under it."""
    _text(sheet["A1"], title, _HEADING)
    sheet["A1"].alignment = Alignment(vertical="top")
    head = 3
    for place, column in enumerate(table.columns, start=1):
        cell = sheet.cell(head, place)
        _text(cell, column.title or column.id, _STRONG)
        is_number = column.shape in {Shape.NUMBER, Shape.AMOUNT}
        cell.alignment = Alignment(
            wrap_text=True, vertical="bottom", horizontal="right" if is_number else "left", indent=0 if is_number else 1
        )
        cell.fill, cell.border = _HEAD, _UNDER
        sheet.column_dimensions[get_column_letter(place)].width = _width(column, [row[place - 1] for row in table.rows])
    worded = [
        _worded((row[place] for row in table.rows), report.language) if column.shape is Shape.AMOUNT else NO_WORDS
        for place, column in enumerate(table.columns)
    ]
    for down, row in enumerate(table.rows, start=head + 1):
        for place, one in enumerate(row, start=1):
            cell = sheet.cell(down, place)
            _value(cell, one, report.language, worded[place - 1])
            cell.border = _RULE
            if table.columns[place - 1].shape in {Shape.NUMBER, Shape.AMOUNT}:
                cell.alignment = Alignment(horizontal="right", vertical="top", wrap_text=cell.data_type == "s")
            else:
                cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1, readingOrder=1)
    last = head + len(table.rows)
    sheet.auto_filter.ref = f"A{head}:{get_column_letter(max(len(table.columns), 1))}{last}"
    sheet.freeze_panes = f"B{head + 1}" if len(table.columns) > 1 else f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    if table.note:
        _text(sheet.cell(last + 2, 1), table.note, _QUIET)
        sheet.cell(last + 2, 1).alignment = Alignment(vertical="top")


def _width(column: Column, cells: list[Cell]) -> float:
    """Room for what most cells say; the longest wrap. The filter's button takes some of a heading."""
    lengths = sorted(len(cell.text) + 2 * bool(cell.symbol) for cell in cells)
    usual = lengths[len(lengths) * 9 // 10] if lengths else 0
    longest_word = max((len(word) for word in column.title.split(" ")), default=0)
    return float(min(max(usual + 3, longest_word + 5, _NARROWEST), _WIDEST))


def _height(texts: list[tuple[str, float]]) -> float:
    """How high a row is, in points, so that each text has room in its width in characters: not every program finds it out itself."""
    lines = (
        sum(1 if len(line) < width - 1 else ceil(1.15 * len(line) / width) for line in text.split("\n"))
        for text, width in texts
    )
    return min(15.0 * max(lines, default=1) + 1, 409.0)


def _fit(sheet: Any) -> None:  # noqa: ANN401  openpyxl says too little of its types
    """Give every row that wraps the height it takes."""
    widths = {letter: column.width for letter, column in sheet.column_dimensions.items()}
    for row in sheet.iter_rows():
        wrapped = [
            (str(cell.value), float(widths.get(cell.column_letter, _NARROWEST)))
            for cell in row
            if cell.data_type == "s" and cell.alignment.wrap_text and cell.coordinate not in sheet.merged_cells
        ]
        if (height := _height(wrapped)) > 16 and sheet.row_dimensions[row[0].row].height is None:  # noqa: PLR2004  a line
            sheet.row_dimensions[row[0].row].height = height


def _charts(sheet: Worksheet, charts: list[Chart]) -> None:
    """Each chart's figures, with the chart drawn below them, and what it says in words."""
    sheet.column_dimensions["A"].width = 44
    row = 1
    for chart in charts:
        _text(sheet.cell(row, 1), chart.title, _HEADING)
        sheet.cell(row, 1).alignment = Alignment(vertical="top")
        parts = chart.bars[0].parts
        for place, part in enumerate(parts, start=2):
            _text(sheet.cell(row + 1, place), f"{part.symbol} {part.label}", _STRONG)
            sheet.cell(row + 1, place).alignment = Alignment(horizontal="right", vertical="bottom", wrap_text=True)
            sheet.cell(row + 1, place).fill = _HEAD
            sheet.column_dimensions[get_column_letter(place)].width = 16
        for down, bar in enumerate(chart.bars, start=row + 2):
            _text(sheet.cell(down, 1), bar.label)
            for place, part in enumerate(bar.parts, start=2):
                sheet.cell(down, place).value = part.number
                sheet.cell(down, place).alignment = Alignment(vertical="top")
        last = row + 1 + len(chart.bars)
        _text(sheet.cell(last + 1, 1), chart.about, _QUIET)
        sheet.merge_cells(start_row=last + 1, start_column=1, end_row=last + 1, end_column=1 + len(parts))
        across = 44 + 16 * len(parts)
        sheet.row_dimensions[last + 1].height = _height([(chart.about, across)])
        drawn = _bars(sheet, chart, row + 1, last)
        sheet.add_chart(drawn, f"A{last + 3}")
        row = last + 5 + round(drawn.height / 0.53)


def _bars(sheet: Worksheet, chart: Chart, first: int, last: int) -> BarChart:
    drawn = BarChart()
    drawn.type, drawn.grouping, drawn.overlap, drawn.gapWidth = "bar", "stacked", 100, 60
    drawn.add_data(
        Reference(sheet, min_col=2, max_col=1 + len(chart.bars[0].parts), min_row=first, max_row=last),
        titles_from_data=True,
    )
    drawn.set_categories(Reference(sheet, min_col=1, min_row=first + 1, max_row=last))
    drawn.width, drawn.height = 26, min(4.5 + 1.1 * len(chart.bars), 30)
    drawn.legend.position = "b"
    drawn.x_axis.scaling.orientation = "maxMin"  # the first bar stands first
    drawn.x_axis.delete, drawn.y_axis.delete = False, True
    drawn.y_axis.majorGridlines = None
    for series, look in zip(drawn.series, fills(chart), strict=True):
        ground, mark = look.ground[1:], look.mark[1:]
        properties = GraphicalProperties(solidFill=ground)
        if look.pattern in _PATTERNS:
            pattern = PatternFillProperties(prst=_PATTERNS[look.pattern])
            pattern.foreground, pattern.background = _color(mark), _color(ground)
            properties = GraphicalProperties(pattFill=pattern)
        properties.line.solidFill = INK[1:]
        series.graphicalProperties = properties
        series.dLbls = DataLabelList(numFmt="#,##0;;", showVal=True)  # what counts nothing says nothing
        series.dLbls.showSerName = series.dLbls.showCatName = series.dLbls.showLegendKey = series.dLbls.showPercent = (
            False
        )
        series.dLbls.spPr = GraphicalProperties(solidFill="FFFFFF")
    return drawn


def _color(rgb: str) -> Any:  # noqa: ANN401  openpyxl's own word for a colour
    return ColorChoice(srgbClr=rgb)  # type: ignore[arg-type]  # it takes the digits, and says otherwise


# --- the whole --------------------------------------------------------------------------------------------------------------


def _printed(sheet: Any, report: Report, page: str) -> None:  # noqa: ANN401  as above
    """A4, as wide as the page, and told apart when it lies on a table."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "portrait" if sheet.parent.index(sheet) == 0 else "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = _PAPER_EDGE
    sheet.oddFooter.left.text = _plain(report.municipality)
    sheet.oddFooter.right.text = page.replace("{page}", "&P").replace("{pages}", "&N")
    sheet.sheet_view.showGridLines = False


def _plain(text: str) -> str:
    """People's words in a footer, where & begins a code."""
    return one_line(text).replace("&", "&&")[:100]


def _finished(book: Workbook, charts: list[Chart], report: Report) -> bytes:
    about, day = book.properties, report.made_on
    about.title, about.subject = one_line(report.title)[:255], one_line(report.subtitle)[:255]
    about.creator = about.lastModifiedBy = one_line(report.municipality)[:255]
    about.language = LOCALES.get(report.language, LOCALES["da"])
    about.created = about.modified = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
    content = BytesIO()
    book.save(content)

    def described(name: str, part: bytes) -> bytes:
        """What a chart shows, for those who cannot see it, and labels' own format: openpyxl has no words for either."""
        if name.startswith("xl/charts/chart"):
            return part.replace(b'formatCode="#,##0;;"', b'formatCode="#,##0;;" sourceLinked="0"')
        if not name.startswith("xl/drawings/drawing"):
            return part
        for place, chart in enumerate(charts, start=1):
            about = f'name="Chart {place}" descr={quoteattr(one_line(chart.about))}'
            part = part.replace(f'name="Chart {place}"'.encode(), about.encode())
        return part

    return sealed(content.getvalue(), day, described)
