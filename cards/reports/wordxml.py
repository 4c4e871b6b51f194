"""Blocks of a report as WordprocessingML: styled, tagged, and with what a reader who cannot see them is told.

Promises: everything said is escaped here, and only here, as text of runs; no text can become markup or a field. Knows style ids,
not documents: pictures and lists are asked of the sheet it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, LiteralString

from markupsafe import Markup, escape

from cards.reports.clean import clean, flat, one_line
from cards.reports.report import (
    Block,
    Cell,
    Chart,
    Column,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Section,
    Shape,
    Table,
)

TWIP: Final = 1 / 567  # of a centimetre: 567 twips are one
_EMU: Final = 635  # of a twip
MANY_COLUMNS: Final = 6  # more than these stand on a page turned on its side
FEW_ROWS: Final = 3  # no more than these stand upright however many the columns are
_LETTER, _MARGINS = 100, 200  # twips: a letter of a cell's text, and what stands beside it
_TIGHT = 86  # twips: a letter where there is no room to spare
_LONGEST_WORD = 20  # a longer word is broken, rather than the columns beside it
_LONGEST_USUAL = 24  # letters on a line of a cell that are as good as any more
_FACT_AT, _FACT_AT_MOST = 2835, 4500  # twips: where a fact's words begin, and where they do when its label is long
_LABEL = 125  # twips: a letter of a fact's label
_DAY_AND_MONTH = re.compile(r"(?<=\d)(\.?) (?=[^\W\d])")
_NOTHING: Final = Markup("")
_KEPT: Final = Markup("<w:keepNext/>")  # on the page of what comes next
_SIGNS: Final = Markup('<w:rFonts w:ascii="Segoe UI Symbol" w:hAnsi="Segoe UI Symbol" w:cs="Segoe UI Symbol"/>')
# Two tables in a row become one in Word: something stands between them, however small.
_APART: Final = Markup(
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/></w:pPr></w:p>'
)
_ROLES: Final = {"lead": "ReportLead", "note": "ReportNote", "quote": "Quote", "blank": "ReportBlank"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the document: its relation's id, and its size in pixels."""

    relation: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where blocks are written to: the room across in twips, the document's style ids by ours, its pictures and lists."""

    wide: int
    wide_across: int  # when the page is turned on its side; 0 where it cannot be
    styles: Mapping[str, str]
    picture: Callable[[Chart], Picture]
    listing: Callable[[bool], int]  # the id of a list of its own, numbered or not
    ids: count[int]

    def style(self, ours: str) -> str:
        """What the document calls a style of ours."""
        return self.styles.get(ours, ours)


def fill(shape: LiteralString, *values: str | int) -> Markup:
    """Return the shape with its places filled, each value escaped that is not markup already."""
    return Markup(shape.format(*map(escape, values)))  # noqa: S704  escaped on this very line


def join(pieces: Iterable[Markup]) -> Markup:
    """Return the pieces one after the other."""
    return _NOTHING.join(pieces)


def runs(text: str, properties: Markup = _NOTHING) -> Markup:
    """Return people's text as a run; its line breaks are line breaks."""
    style = fill("<w:rPr>{}</w:rPr>", properties) if properties else _NOTHING
    lines = (fill('<w:t xml:space="preserve">{}</w:t>', line) for line in clean(text).replace("\t", " ").split("\n"))
    return fill("<w:r>{}{}</w:r>", style, Markup("<w:br/>").join(lines))


def paragraph(style: str, inside: Markup, properties: Markup = _NOTHING) -> Markup:
    """Return a paragraph of a style, by its id in the document."""
    return fill('<w:p><w:pPr><w:pStyle w:val="{}"/>{}</w:pPr>{}</w:p>', style, properties, inside)


def section(part: Section, sheet: Sheet, *, with_title: bool) -> Markup:
    """Return a section's blocks; its own heading above them where the template has none for it."""
    title = paragraph(sheet.style("Heading1"), runs(flat(part.title))) if with_title else _NOTHING
    blocks = list(without_echoes(part))
    return title + join(
        block(one, sheet, is_led=_is_led(blocks[:place], one, blocks[place + 1 :])) for place, one in enumerate(blocks)
    )


def _is_led(before: Sequence[Block], one: Block, after: Sequence[Block]) -> bool:
    """Whether it is a note between a heading and what the heading is of, and so stays with it."""
    is_note = isinstance(one, Paragraph) and one.style == "note"
    return bool(is_note and before and isinstance(before[-1], Heading) and after and not isinstance(after[0], Heading))


def without_echoes(part: Section) -> Iterator[Block]:
    """The section's blocks; what stands under a heading of the same words is not captioned with them once more."""
    echoing = part.echoing
    for place, one in enumerate(part.blocks):
        is_echo = isinstance(one, Table) and place in echoing
        yield replace(one, title="", about=one.about or one.title) if is_echo and isinstance(one, Table) else one


def block(one: Block, sheet: Sheet, *, is_led: bool = False) -> Markup:
    """Return one block; one that leads to the next stays on its page."""
    match one:
        case Heading():
            level = min(max(one.level, 2), 4)
            if not one.text.strip():
                return _NOTHING  # a heading of nothing would stand in the outline
            return paragraph(sheet.style(f"Heading{level}"), runs(flat(one.text)))
        case Paragraph():
            return _paragraph(one, sheet, _KEPT if is_led else _NOTHING)
        case Facts():
            return facts(one, sheet)
        case Listing():
            return _listing(one, sheet)
        case Table():
            return _table(one, sheet)
        case Chart():
            return _chart(one, sheet)


def facts(one: Facts, sheet: Sheet) -> Markup:
    """Return labels with what they say: a line each, read in that order also where nobody sees the columns."""
    bold, tab = Markup("<w:b/>"), Markup("<w:r><w:tab/></w:r>")
    longest = max((len(fact.label) for fact in one.facts), default=0) * _LABEL + _MARGINS
    shape = (
        '<w:tabs><w:tab w:val="clear" w:pos="2835"/><w:tab w:val="left" w:pos="{0}"/></w:tabs>'
        '<w:ind w:left="{0}" w:hanging="{0}"/>'
    )
    stand = fill(shape, longest) if _FACT_AT < longest <= _FACT_AT_MOST else _NOTHING
    return join(
        paragraph(sheet.style("ReportFact"), runs(flat(fact.label), bold) + tab + _cell(fact.cell), stand)
        for fact in one.facts
    )


def _paragraph(one: Paragraph, sheet: Sheet, properties: Markup = _NOTHING) -> Markup:
    is_bare = one.style == "blank" and not one.text.startswith("[")
    inside = runs("[") + runs(one.text) + runs("]") if is_bare else runs(one.text)
    return paragraph(sheet.style(_ROLES.get(one.style, "Normal")), inside, properties)


def _listing(one: Listing, sheet: Sheet) -> Markup:
    style = sheet.style("ListNumber" if one.is_numbered else "ListBullet")
    shape = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    numbered = fill(shape, sheet.listing(one.is_numbered)) if one.points else _NOTHING
    return join(paragraph(style, runs(point), numbered) for point in one.points)


def _cell(cell: Cell) -> Markup:
    symbol = runs(cell.symbol, _SIGNS) + runs("\N{NO-BREAK SPACE}") if cell.symbol else _NOTHING
    return symbol + runs(cell.text)


# --- tables -----------------------------------------------------------------------------------------------------------------


def _table(table: Table, sheet: Sheet) -> Markup:
    if not table.columns:
        return _NOTHING
    shown = table.as_read
    is_across = sheet.wide_across > 0 and is_too_wide(shown, sheet.wide)
    widths = column_widths(shown, sheet.wide_across if is_across else sheet.wide)
    caption = paragraph(sheet.style("Caption"), runs(flat(table.title))) if table.title else _NOTHING
    shape = (
        '<w:tbl{}><w:tblPr><w:tblStyle w:val="{}"/><w:tblW w:w="{}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        '<w:tblCaption w:val="{}"/><w:tblDescription w:val="{}"/></w:tblPr><w:tblGrid>{}</w:tblGrid>{}</w:tbl>'
    )
    about = (sheet.style("ReportTable"), sum(widths), one_line(table.title), one_line(table.about or table.title))
    grid = join(fill('<w:gridCol w:w="{}"/>', width) for width in widths)
    across = Markup(' report:across="1"') if is_across else _NOTHING
    drawn = fill(shape, across, *about, grid, _header(shown, widths, sheet) + _rows(table, widths, sheet))
    return caption + drawn + (_paragraph(Paragraph(table.note, "note"), sheet) if table.note else _APART)


def _header(table: Table, widths: Sequence[int], sheet: Sheet) -> Markup:
    cells = join(
        _boxed(paragraph(_cell_style(column, sheet), runs(flat(column.title), Markup("<w:b/>")), _KEPT), width)
        for column, width in zip(table.columns, widths, strict=True)
    )
    return fill("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{}</w:tr>", cells)


def _rows(table: Table, widths: Sequence[int], sheet: Sheet) -> Markup:
    columns = table.as_read.columns
    looks = [(_cell_style(column, sheet), column.shape is Shape.DAY) for column in columns]
    last = table.groups[-1][1][-1] if table.note and table.rows else None  # the note is not left alone on a page
    return join(
        (_group(head, widths, sheet) if table.by else _NOTHING)
        + join(_row(row, looks, widths, _KEPT if row is last else _NOTHING) for row in rows)
        for head, rows in table.groups
    )


def _row(row: Sequence[Cell], looks: Sequence[tuple[str, bool]], widths: Sequence[int], properties: Markup) -> Markup:
    cells = join(
        _boxed(paragraph(style, _cell(day_held(cell) if is_day else cell), properties), width)
        for cell, (style, is_day), width in zip(row, looks, widths, strict=True)
    )
    return fill("<w:tr><w:trPr><w:cantSplit/></w:trPr>{}</w:tr>", cells)


def _group(head: Cell, widths: Sequence[int], sheet: Sheet) -> Markup:
    """A row across the table that heads those below it, and stays with the first of them."""
    inside = paragraph(sheet.style("ReportCell"), runs(flat(head.text), Markup("<w:b/>")), _KEPT)
    shape = (
        '<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/><w:gridSpan w:val="{}"/>'
        "</w:tcPr>{}</w:tc></w:tr>"
    )
    return fill(shape, sum(widths), len(widths), inside)


def _boxed(inside: Markup, width: int) -> Markup:
    return fill('<w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/></w:tcPr>{}</w:tc>', width, inside)


def _cell_style(column: Column, sheet: Sheet) -> str:
    is_number = column.shape in {Shape.NUMBER, Shape.AMOUNT}
    return sheet.style("ReportCellNumber" if is_number else "ReportCell")


def column_widths(table: Table, wide: int) -> list[int]:
    """Return the columns' widths in twips: room for the longest word first, then for what cells usually say, then by their shares."""
    least = [_least(table, place) for place in range(len(table.columns))]
    if sum(least) >= wide:
        return [width * wide // sum(least) for width in least]
    wanted = [max(width - narrow, 0) for width, narrow in zip(_usuals(table), least, strict=True)]
    room = min(wide - sum(least), sum(wanted))
    widths = [narrow + room * more // max(sum(wanted), 1) for narrow, more in zip(least, wanted, strict=True)]
    left, shares = wide - sum(widths), [max(column.wide, 1) for column in table.columns]
    return [width + left * share // sum(shares) for width, share in zip(widths, shares, strict=True)]


def day_held(cell: Cell) -> Cell:
    """The cell, its day and month on one line: 31. dec. over 2027, and no more lines than that."""
    return replace(cell, text=_DAY_AND_MONTH.sub("\\1\N{NO-BREAK SPACE}", cell.text))


def is_too_wide(table: Table, wide: int) -> bool:
    """Whether words themselves would have to be broken there: then, and only then, a table of many columns lies on its side.

    One of a few rows does not: it would leave two pages half empty for the sake of a word.
    """
    if len(table.columns) <= MANY_COLUMNS or len(table.rows) <= FEW_ROWS:
        return False
    return sum(_least(table, place) for place in range(len(table.columns))) * _TIGHT > wide * _LETTER


def _usuals(table: Table) -> list[int]:
    """How wide each column would be for three of four cells to stand on one line, as long as that is no long line."""
    lengths = [
        sorted(len(one.text) + 2 * bool(one.symbol) for one in column) or [0]
        for column in zip(*table.rows, strict=True)
    ]
    if not lengths:
        return [0] * len(table.columns)
    return [min(one[len(one) * 3 // 4], _LONGEST_USUAL) * _LETTER + _MARGINS for one in lengths]


def _least(table: Table, place: int) -> int:
    column = table.columns[place]
    cells = [day_held(row[place]) if column.shape is Shape.DAY else row[place] for row in table.rows]
    said = [column.title, *(f"{one.symbol}\N{NO-BREAK SPACE}{one.text}" if one.symbol else one.text for one in cells)]
    longest = max((len(word) for text in said for word in text.split(" ")), default=1)
    return min(longest, _LONGEST_WORD) * _LETTER + _MARGINS


# --- pictures ---------------------------------------------------------------------------------------------------------------


def _chart(chart: Chart, sheet: Sheet) -> Markup:
    if not chart.bars:
        return _paragraph(Paragraph(chart.about, "note"), sheet)
    picture, number = sheet.picture(chart), next(sheet.ids)
    highest = 11_300  # twips: a picture leaves room for its caption on a page
    wide = min(sheet.wide, highest * picture.width // picture.height)
    size = (wide * _EMU, wide * picture.height // picture.width * _EMU)
    about = (one_line(chart.title), one_line(chart.about))
    shape = (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{0}" cy="{1}"/>'
        '<wp:docPr id="{2}" name="{3}" descr="{4}"/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/>'
        '</wp:cNvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic><pic:nvPicPr><pic:cNvPr id="{2}" name="{3}" descr="{4}"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="{5}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{0}" cy="{1}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    drawn = fill(shape, *size, number, *about, picture.relation)
    caption = paragraph(sheet.style("Caption"), runs(flat(chart.title))) if chart.title else _NOTHING
    return caption + paragraph(sheet.style("Normal"), drawn)
