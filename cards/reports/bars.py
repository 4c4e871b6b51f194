"""How a chart's bars are divided and told apart: one geometry for the picture in Word and the drawing on a page.

Promises: pure. Every part that counts anything is wide enough for its number; a longer bar counts more. Parts are told apart by
pattern, edge and number, so nothing is lost on paper without colour: two solid neighbours differ by 3:1 or more in lightness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cards.reports.report import Bar, Chart, Part

LEAST: Final = 0.07  # of the whole width: two digits on a phone


@dataclass(frozen=True, slots=True)
class Fill:
    """How a part looks: colours as #rrggbb, and a pattern: solid, rising or falling lines, dots."""

    ground: str
    mark: str  # the pattern's and the number's colour
    pattern: str = "solid"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar as it is drawn: where it begins and how wide it is, as shares of the whole width."""

    part: Part
    start: float
    width: float
    fill: Fill


INK: Final = "#1b2326"
_DEEP = Fill("#07303a", "#ffffff")
_PALE = Fill("#d5e7ea", "#07303a", "rising")
_WARM = Fill("#b5492f", "#ffffff", "falling")
_OPEN = Fill("#ffffff", "#3f4a50", "dots")
_FILLS: Final = (_DEEP, _PALE, _WARM, _OPEN)
_BY_ID: Final = {
    "reached": _DEEP,
    "partly": _PALE,
    "not_reached": _WARM,
    "unknown": _OPEN,
}


def fills(chart: Chart) -> tuple[Fill, ...]:
    """How each part of the chart's bars looks, in their order; parts nobody has given a look take one by their place."""
    parts = chart.bars[0].parts if chart.bars else ()
    return tuple(_BY_ID.get(part.id, _FILLS[place % len(_FILLS)]) for place, part in enumerate(parts))


def segments(chart: Chart) -> tuple[tuple[Segment, ...], ...]:
    """The bars in their order, each as what is drawn of it: parts that count nothing are left out."""
    longest = max((_total(bar) for bar in chart.bars), default=0)
    looks = fills(chart)
    return tuple(tuple(_divided(bar, longest, looks)) for bar in chart.bars)


def _total(bar: Bar) -> int:
    return sum(part.number for part in bar.parts)


def _divided(bar: Bar, longest: int, looks: tuple[Fill, ...]) -> Iterator[Segment]:
    drawn = [(part, look) for part, look in zip(bar.parts, looks, strict=True) if part.number > 0]
    widths = _fitted([max(part.number / longest, LEAST) for part, _ in drawn])
    start = 0.0
    for (part, look), width in zip(drawn, widths, strict=True):
        yield Segment(part, start, width, look)
        start += width


def _fitted(widths: list[float]) -> list[float]:
    """What small parts were given beyond their due is taken from the others, each by what it can spare."""
    excess, spare = sum(widths) - 1, sum(width - LEAST for width in widths)
    if excess <= 0 or not spare:
        return widths
    return [width - (width - LEAST) / spare * excess for width in widths]
