"""A chart as a picture for paper: stacked bars, a number in every part, a legend of symbols with their words.

Promises: PNG, twice as fine as a screen's, the same bytes for the same chart; nothing is said by colour alone. The letters are those
of a packaged typeface (Pillow's own has no æ, ø or å), so no machine needs one; a character it does not have is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import ceil
from typing import Final

import ttf_opensans
from PIL import Image, ImageDraw, ImageFont

from cards.chrome import number
from cards.reports.bars import INK, Fill, Segment, fills, segments
from cards.reports.report import Chart, Part

WIDTH: Final = 680  # in points of the drawing; on A4 between its margins, text of 15 is read as 10 points
_FINE = 2  # how much finer the picture is than the drawing
_BRUSH = 4  # it is drawn finer still, and made smaller, so that edges are smooth
_TEXT, _LINE, _HEIGHT, _APART = 15, 20, 30, 12
_LABELS = 0.34  # the most of the width that labels take
_GAP = 14

_Box = tuple[float, float, float, float]


def png(chart: Chart, language: str) -> bytes:
    """Return the chart drawn; its title and what it says in words stand beside it, not in it."""
    image = Image.new("RGB", (WIDTH * _BRUSH, _height(chart) * _BRUSH), "white")
    _draw(_Pen(ImageDraw.Draw(image), image), chart, language)
    size = (WIDTH * _FINE, _height(chart) * _FINE)
    content = BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(content, "PNG", optimize=True, dpi=(216, 216))
    return content.getvalue()


@cache
def _font(*, is_bold: bool = False) -> ImageFont.FreeTypeFont:
    face = ttf_opensans.OPENSANS_SEMIBOLD if is_bold else ttf_opensans.OPENSANS_REGULAR
    return ImageFont.truetype(str(face.path), _TEXT * _BRUSH)


@cache
def _missing() -> bytes:
    return bytes(_font().getmask("\uffff"))


@cache
def _is_drawable(character: str) -> bool:
    return character == " " or (character.isprintable() and bytes(_font().getmask(character)) != _missing())


def _drawable(text: str) -> str:
    return " ".join("".join(one if _is_drawable(one) else "" for one in " ".join(text.split())).split())


def _wide(text: str) -> float:
    return _font().getlength(text) / _BRUSH


# --- where everything stands ------------------------------------------------------------------------------------------------


def _label_width(chart: Chart) -> int:
    widest = max((_wide(_drawable(bar.label)) for bar in chart.bars), default=0)
    return ceil(min(widest, WIDTH * _LABELS)) if widest else 0


def _wrapped(text: str, width: float) -> list[str]:
    """The text in lines no wider than that; a word too long for a line is broken."""
    lines = [""]
    for word in _drawable(text).split(" "):
        rest = word
        if lines[-1] and _wide(f"{lines[-1]} {rest}") <= width:
            lines[-1] += f" {rest}"
            continue
        if lines[-1]:
            lines.append("")
        while _wide(rest) > width:
            fits = next(count for count in range(len(rest) - 1, 0, -1) if count == 1 or _wide(rest[:count]) <= width)
            lines[-1], rest = rest[:fits], rest[fits:]
            lines.append("")
        lines[-1] = rest
    return lines


def _rows(chart: Chart) -> list[tuple[list[str], int]]:
    """Each bar's label in lines, and how high its row is."""
    width = _label_width(chart)
    labels = [_wrapped(bar.label, width) if width else [""] for bar in chart.bars]
    return [(lines, max(_HEIGHT, len(lines) * _LINE)) for lines in labels]


def _legend(chart: Chart) -> Iterator[tuple[Part, float, int]]:
    """The parts, and where each stands in the legend: across, and on which line."""
    across, line = 0.0, 0
    for part in chart.bars[0].parts if chart.bars else ():
        width = 60 + _wide(_drawable(part.label))
        if across and across + width > WIDTH:
            across, line = 0.0, line + 1
        yield part, across, line
        across += width + 18


def _height(chart: Chart) -> int:
    lines = max((line for _, _, line in _legend(chart)), default=0) + 1
    return sum(height + _APART for _, height in _rows(chart)) + lines * (_LINE + 8) + 6


# --- drawing ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in points of the drawing."""

    draw: ImageDraw.ImageDraw
    image: Image.Image

    def box(self, box: _Box, fill: Fill) -> None:
        """A rectangle with its pattern and an edge."""
        left, top, right, bottom = (round(value * _BRUSH) for value in box)
        tile = Image.new("RGB", (right - left, bottom - top), fill.ground)
        _patterned(ImageDraw.Draw(tile), tile.size, fill)
        self.image.paste(tile, (left, top))
        self.draw.rectangle((left, top, right - 1, bottom - 1), outline=INK, width=_BRUSH)

    def text(self, at: tuple[float, float], text: str, *, anchor: str = "lm", is_bold: bool = False) -> None:
        """Words, in ink."""
        place = (at[0] * _BRUSH, at[1] * _BRUSH)
        self.draw.text(place, text, font=_font(is_bold=is_bold), fill=INK, anchor=anchor)

    def number(self, segment: Segment, box: _Box, said: str) -> None:
        """A number in the middle of its part, on a plate of its own where there is a pattern."""
        across, down = (box[0] + box[2]) / 2 * _BRUSH, (box[1] + box[3]) / 2 * _BRUSH
        font = _font(is_bold=True)
        if segment.fill.pattern != "solid":
            half = font.getlength(said) / 2 + 3 * _BRUSH
            self.draw.rectangle(
                (across - half, down - 10 * _BRUSH, across + half, down + 10 * _BRUSH), segment.fill.ground
            )
        self.draw.text((across, down), said, font=font, fill=segment.fill.mark, anchor="mm")

    def symbol(self, symbol: str, across: float, down: float) -> None:
        """A symbol as a shape of 14 across, whether the typeface has it or not; one we do not know is left out."""
        left, top, size = across * _BRUSH, (down - 7) * _BRUSH, 14 * _BRUSH
        box = (left, top, left + size, top + size)
        edge = {"outline": INK, "width": 2 * _BRUSH}
        match symbol:
            case "●":
                self.draw.ellipse(box, fill=INK)
            case "○":
                self.draw.ellipse(box, fill="white", **edge)  # type: ignore[arg-type]
            case "◑" | "◐":
                self.draw.ellipse(box, fill="white", **edge)  # type: ignore[arg-type]
                self.draw.pieslice(box, *((270, 90) if symbol == "◑" else (90, 270)), fill=INK)
            case "■":
                self.draw.rectangle(box, fill=INK)
            case "▲":
                self.draw.polygon((left, box[3], left + size, box[3], left + size / 2, top), fill=INK)
            case _:
                self.text((across + 7, down), _drawable(symbol), anchor="mm", is_bold=True)


def _patterned(draw: ImageDraw.ImageDraw, size: tuple[int, int], fill: Fill) -> None:
    width, height = size
    step, line = 8 * _BRUSH, round(1.5 * _BRUSH)
    match fill.pattern:
        case "rising":
            for start in range(-height, width, step):
                draw.line((start, height, start + height, 0), fill.mark, line)
        case "falling":
            for start in range(-height, width, step):
                draw.line((start, 0, start + height, height), fill.mark, line)
        case "dots":
            for row, down in enumerate(range(step // 2, height, step)):
                for across in range(step // 2 + row % 2 * step // 2, width, step):
                    draw.ellipse((across - line, down - line, across + line, down + line), fill.mark)
        case _:
            pass


def _draw(pen: _Pen, chart: Chart, language: str) -> None:
    down = float(_APART / 2)
    labels = _label_width(chart)
    left = labels + _GAP if labels else 1
    for (lines, height), drawn in zip(_rows(chart), segments(chart), strict=True):
        middle = down + height / 2
        for place, line in enumerate(lines):
            pen.text((labels, middle + (place - (len(lines) - 1) / 2) * _LINE), line, anchor="rm")
        pen.draw.line((left * _BRUSH, down * _BRUSH, left * _BRUSH, (down + height) * _BRUSH), INK, _BRUSH)
        for segment in drawn:
            room = WIDTH - left - 1
            box = (
                left + segment.start * room,
                middle - 15,
                left + (segment.start + segment.width) * room - 2,
                middle + 15,
            )
            pen.box(box, segment.fill)
            pen.number(segment, box, number(segment.part.number, language))
        down += height + _APART
    _draw_legend(pen, chart, down)


def _draw_legend(pen: _Pen, chart: Chart, top: float) -> None:
    for (part, across, line), fill in zip(_legend(chart), fills(chart), strict=True):
        middle = top + 17 + line * (_LINE + 8)
        pen.box((across + 1, middle - 8, across + 25, middle + 8), fill)
        pen.symbol(part.symbol, across + 33, middle)
        pen.text((across + 53, middle), _drawable(part.label))
