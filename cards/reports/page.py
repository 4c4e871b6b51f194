"""A report as one page of HTML: a single file, without scripts, that asks nothing of the network.

Promises: everything said comes out as text, never as markup, each text in a <bdi>; headings in order, tables with captions and scopes,
charts with their figures in words. Reads on a phone, on a desk, in the dark and on paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cards.chrome import number, words
from cards.reports.bars import INK, fills, segments
from cards.reports.clean import clean
from cards.reports.report import Block, Heading, Report, Section, Table
from cards.reports.wordxml import column_widths

_WIDE: Final = 14_000  # twips: a page on its side between its margins
_SUBJECTS: Final = ("initiative", "goal")  # the ids of columns that say what a row is about
_FIRST: Final = 2  # where they stand when they do: further on they are what the row's own subject belongs to
_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {"clean": clean, "share": "{:.2%}".format}
_PAGES.globals |= {"fills": fills, "segments": segments, "ink": INK}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block on the page: its kind, an id of its own, its heading's level, and whether the heading above says its title already."""

    block: Block
    anchor: str
    level: int
    is_echo: bool

    @property
    def kind(self) -> str:
        return type(self.block).__name__


@dataclass(frozen=True, slots=True)
class _Part:
    """A section on the page."""

    title: str
    anchor: str
    pieces: tuple[_Piece, ...]


def page(report: Report) -> str:
    """Return the whole page."""
    numbers = count(1)
    parts = [
        _Part(one.title, f"part-{place}", tuple(_pieces(one, numbers)))
        for place, one in enumerate(report.sections, start=1)
    ]
    return _PAGES.get_template("report.html").render(
        report=report,
        parts=parts,
        words=words("writing", report.language),
        figure=lambda value: number(value, report.language),
    )


def _shares(table: Table) -> list[float]:
    """The columns' widths as shares of the table's, as they are on paper."""
    widths = column_widths(table.as_read, _WIDE)
    return [width / sum(widths) for width in widths]


def _headed(table: Table) -> int:
    """The place of the column that heads a row, or on a phone its card: the initiative or the goal it is about, or else the first."""
    ids = [column.id for column in table.as_read.columns[:_FIRST]]
    return next((ids.index(one) for one in _SUBJECTS if one in ids), 0)


def _pieces(section: Section, numbers: count[int]) -> Iterator[_Piece]:
    """The blocks; no heading is more than one level below the one above it."""
    level, echoing = 2, section.echoing
    for place, block in enumerate(section.blocks):
        if isinstance(block, Heading) and not block.text.strip():
            continue  # nothing to go to
        if isinstance(block, Heading):
            level = min(max(block.level, 2) + 1, level + 1, 5)
        yield _Piece(block, f"block-{next(numbers)}", level, place in echoing)


_PAGES.globals |= {"widths": _shares, "headed": _headed}
