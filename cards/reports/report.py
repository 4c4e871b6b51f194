"""A report as data: sections of blocks, every figure both as people read it and as it is. What all four ways to write it out start from.

Promises: frozen, in one language, and free of markup. A cell that holds a number, an amount or a day carries it beside its text, so
that a spreadsheet can calculate with it and JSON has it exact. A section has an id that a municipality's own Word template places it by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

_LEAST_WORD, _STEM = 3, 5  # letters: of a word that says something, and of what it shares with its other forms


class Kind(StrEnum):
    """Which report it is."""

    RECORD = "record"  # the basis and record of one unit's dialogues
    UNIT = "unit"  # a unit's year: goals and budget
    JOINT = "joint"  # a forvaltning's year: all its units, shared goals rolled up
    COMMITTEE = "committee"  # November: a draft for a committee, political goals alone
    COUNCIL = "council"  # December: the council's pack, political goals alone


class Format(StrEnum):
    """What a report is written out as."""

    WORD = "docx"
    EXCEL = "xlsx"
    PAGE = "html"
    DATA = "json"


class Shape(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"  # kroner
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what people read, and the value behind it where there is one. `symbol` always stands beside a word."""

    text: str
    value: Decimal | date | int | str | None = None  # a str is an id, such as an attainment's
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, by an id that stays the same in every language. `wide` is its share of the table's width."""

    id: str
    title: str
    shape: Shape = Shape.TEXT
    wide: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences. A quote is what somebody wrote, as they wrote it; a blank is for people to fill in before it is sent on."""

    text: str
    style: str = "body"  # body, lead, note, quote, blank


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says."""

    label: str
    cell: Cell
    is_of_today: bool = False  # who leads now, and the like: no part of what a record's version is of


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what they say, one under the other."""

    facts: tuple[Fact, ...]
    id: str = "facts"


@dataclass(frozen=True, slots=True)
class Listing:
    """Points, one under the other; numbered where their order counts."""

    points: tuple[str, ...]
    is_numbered: bool = False


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, every row as long as the columns. `about` is what a reader who cannot see it is told it holds.

    Where it is read by people, what `by` names stands once above the rows that share it, and not as a column of its own.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    about: str = ""
    note: str = ""  # under it
    by: str = ""  # the id of a column; rows that share its text stand together

    @property
    def groups(self) -> tuple[tuple[Cell, tuple[Row, ...]], ...]:
        """What heads each group, in the order it is first met, and its rows without that column; without `by` one headed by nothing."""
        place = self._by
        if place is None:
            return ((Cell(""), self.rows),) if self.rows else ()
        found: dict[str, tuple[Cell, list[Row]]] = {}
        for row in self.rows:
            found.setdefault(row[place].text, (row[place], []))[1].append(row[:place] + row[place + 1 :])
        return tuple((head, tuple(rows)) for head, rows in found.values())

    @property
    def as_read(self) -> Table:
        """The table without the column that heads its groups."""
        place = self._by
        if place is None:
            return self
        rows = tuple(row for _, rows in self.groups for row in rows)
        return replace(self, columns=self.columns[:place] + self.columns[place + 1 :], rows=rows, by="")

    @property
    def _by(self) -> int | None:
        return next((place for place, one in enumerate(self.columns) if one.id == self.by), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: what it counts, and how many."""

    id: str  # reached, partly, not_reached, unknown
    label: str
    symbol: str
    number: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, in parts; bars of one chart have the same parts in the same order."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side. `about` says all that it shows, figures and all, for a reader who cannot see it."""

    id: str
    title: str
    bars: tuple[Bar, ...]
    about: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section: level 2 right below the section's own, 3 below that, 4 below that again."""

    text: str
    level: int = 2


Block = Heading | Paragraph | Facts | Listing | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading. A template places it by its id: "goals", "not_reached", "economy"."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def echoing(self) -> frozenset[int]:
        """The places of those tables that need no caption: the heading above says what they hold.

        The first table under a heading whose words hold its own; right under the section's heading, one word in common will do.
        """
        found: list[int] = []
        above = self.title
        for place, block in enumerate(self.blocks):
            if isinstance(block, Heading):
                above = block.text
            elif isinstance(block, Table):
                said = [_is_said(stem, above) for stem in _stems(block.title)]
                if above and (all(said) or (not place and any(said))):
                    found.append(place)
                above = ""
        return frozenset(found)


def _stems(text: str) -> frozenset[str]:
    """What the words of a heading begin with, small words left out."""
    return frozenset(word[:_STEM] for word in text.casefold().split() if len(word) >= _LEAST_WORD)


def _is_said(stem: str, heading: str) -> bool:
    """Whether a heading has the word in one of its forms: Målene says Mål."""
    return any(one.startswith(stem) or stem.startswith(one) for one in _stems(heading))


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `name` is what its file is called, without an ending: lower case letters, digits and hyphens."""

    kind: Kind
    language: str
    name: str
    title: str
    subtitle: str
    municipality: str
    made: str  # when it was made, and from what, in words
    made_on: date
    facts: Facts
    sections: tuple[Section, ...]
    is_draft: bool = False  # somebody is to complete it before it is sent on: the committee's
    version: str = ""  # of a record that is kept: SHA-256 over what it says, but for what is of today alone

    def section(self, section_id: str) -> Section | None:
        """The section with that id."""
        return next((one for one in self.sections if one.id == section_id), None)


@dataclass(frozen=True, slots=True)
class File:
    """A report written out, as it is handed over."""

    name: str  # with its ending
    media_type: str
    content: bytes
    title: str
    language: str
