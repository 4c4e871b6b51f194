"""A year drawn as a wheel (årshjul): twelve months, with rounds as arcs and milestones as marks, and a list that says what they are.

Promises: pure, and whole by itself: one SVG without script, links or fonts, light or dark as its reader has it. Each mark has a number
that the list beside it repeats with dates and words, so that nothing is told by colour or place alone, and it can be read at
390 pixels. Marks never cover each other: they give way inwards. Made to be shown as a picture (<img>), whose styles stay its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, pi, sin
from typing import Literal

from babel.dates import format_date

from cards.chrome import words
from cards.drawing import LOCALES, lines, safe
from dialogs.calendar import Entry, What
from dialogs.script import Wording

Shape = Literal["round", "milestone", "agreement"]

WIDTH, WIDE = 390, 920
_CENTRE = 195.0
_RIM, _RING = 181.0, 151.0  # the months' ring: its outer and inner edge
_LANE, _BETWEEN, _INMOST = 134.0, 22.0, 24.0  # where marks stand: the first lane, from lane to lane, never further in
_MIDDLE = 118.0  # how wide the words in the middle may be
_SPOKES = 60.0  # where the lines between the months begin
_MOST_AROUND = 3  # lanes within the first, with the year still in the middle
_HALF, _TURN = 180, 360  # degrees
_BADGE, _SIDE = 9.5, 17.5  # a disc's radius, and a square's side
_APART = 3.0  # pixels between two marks in a lane, at least
_TEXT, _SMALL = 13.5, 11.5
_LINE, _ROW = 17.0, 9.0
_DAY = {"da": "d. MMMM", "en": "d MMMM"}

_STYLE = """
.bg{fill:#fdfcf9}.ink{fill:#22262b}.soft{fill:#5b626b}.rule{stroke:#d8d4ca;fill:none}.rim{fill:#f1eee6}
.arc{stroke:#1f5f7a;fill:none}.thin{stroke:#5b626b;fill:none}
.r{fill:#1f5f7a}.rn{fill:#fff}.m,.a{fill:#fdfcf9;stroke:#22262b}.mn,.an{fill:#22262b}
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){
.bg{fill:#181b1f}.ink{fill:#eceae4}.soft{fill:#b0b5bc}.rule{stroke:#3a4047}.rim{fill:#23272d}
.arc{stroke:#7cc4de}.thin{stroke:#b0b5bc}
.r{fill:#7cc4de}.rn{fill:#10262f}.m,.a{fill:#181b1f;stroke:#eceae4}.mn,.an{fill:#eceae4}}
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands under one number: the days it takes in the year, and its words."""

    number: int
    shape: Shape
    first: date
    last: date
    when: str
    label: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark in its lane; angles in degrees from New Year."""

    mark: Mark
    lane: int
    begins: float
    ends: float
    badge: float


def wheel(entries: Iterable[Entry], year: int, of: Wording, language: str, *, wide: bool = False) -> str:
    """The year as an SVG: the wheel with its list under it; beside it when `wide`."""
    said = words("calendar", language)
    found = marks(entries, year, language)
    placed = _placed(found, year)
    rows, height = _list(found, 400.0 if wide else _CENTRE * 2 + 14, WIDE - 424 if wide else WIDTH - 64, wide=wide)
    width = WIDE if wide else WIDTH
    title = said["wheel.title"].format(year=year)
    about = "; ".join(f"{one.number}: {one.when}, {one.label}" for one in found)
    size = f'viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" lang="{language}">',
        f"<title>{safe(title)} – {safe(of.in_(language))}</title>",
        f"<desc>{safe(said['wheel.about'].format(of=of.in_(language), lines=about))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="bg" width="{width}" height="{height:.0f}" rx="14"/>',
        f'<g transform="translate(0 {(height - _CENTRE * 2) / 2 if wide else 0:.1f})">',
        *_months(year, language),
        *(_middle(year, of.in_(language)) if all(one.lane <= _MOST_AROUND for one in placed) else ()),
        *(part for one in placed for part in _arc(one)),
        *(_badge(one.mark, *_at(one.badge, _radius(one.lane))) for one in placed),
        "</g>",
        *rows,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


# --- what is marked ---------------------------------------------------------------------------------------------------------------


def marks(entries: Iterable[Entry], year: int, language: str) -> tuple[Mark, ...]:
    """What stands on the wheel, numbered by day: a round is one mark from its opening to its deadline."""
    said = words("calendar", language)
    found: list[tuple[date, date, Shape, str]] = []
    rounds: dict[str, list[Entry]] = {}
    for one in entries:
        if one.what in {What.OPENS, What.DUE}:
            rounds.setdefault(one.id, []).append(one)
            continue
        shape: Shape = "milestone" if one.what in {What.MILESTONE, What.HOLIDAY} else "agreement"
        label = said[f"summary.{one.what}"].format(label=one.label.in_(language))
        found.append((one.day, one.last, shape, label))
    for both in rounds.values():
        # A round that opened last year, or is due next year, is open from New Year or to New Year's Eve.
        first = next((one.day for one in both if one.what is What.OPENS), date(year, 1, 1))
        last = next((one.day for one in both if one.what is What.DUE), date(year, 12, 31))
        found.append((first, last, "round", said["wheel.open"].format(label=both[0].label.in_(language))))
    found.sort()
    return tuple(
        Mark(
            number,
            shape,
            max(first, date(year, 1, 1)),
            min(last, date(year, 12, 31)),
            _when(first, last, language),
            text,
        )
        for number, (first, last, shape, text) in enumerate(found, 1)
    )


def _when(first: date, last: date, language: str) -> str:
    begins, ends = (format_date(day, _DAY[language], locale=LOCALES[language]) for day in (first, last))
    return begins if first == last else f"{begins} – {ends}"


# --- where it stands --------------------------------------------------------------------------------------------------------------


def _angle(day: date, year: int) -> float:
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return (day - date(year, 1, 1)).days / days * _TURN


def _placed(found: Sequence[Mark], year: int) -> list[_Placed]:
    """Every mark in the outermost lane that has room for it; rounds first, so that they stand outermost."""
    placed: list[_Placed] = []
    lanes: list[list[tuple[float, float]]] = []
    for one in sorted(found, key=lambda one: (one.shape != "round", one.first)):
        begins, ends = _angle(one.first, year), _angle(one.last, year)
        badge = ends if one.shape == "round" else (begins + ends) / 2
        lane = 0
        while not _has_room(lanes, lane, begins, ends, badge):
            lane += 1
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(_taken(lane, begins, ends, badge))
        placed.append(_Placed(one, lane, begins, ends, badge))
    return placed


def _taken(lane: int, begins: float, ends: float, badge: float) -> tuple[float, float]:
    """The degrees a mark takes in a lane, its badge and the air around it with it."""
    half = (_BADGE + _APART / 2) / _radius(lane) * _HALF / pi
    return min(begins, badge - half), max(ends, badge + half)


def _has_room(
    lanes: Sequence[Sequence[tuple[float, float]]], lane: int, begins: float, ends: float, badge: float
) -> bool:
    if lane == len(lanes):
        return True
    first, last = _taken(lane, begins, ends, badge)
    turns = (-_TURN, 0, _TURN)  # what stands at New Year reaches over it
    return all(last + turn < other or first + turn > until for other, until in lanes[lane] for turn in turns)


def _radius(lane: int) -> float:
    """How far from the middle a lane lies."""
    return max(_LANE - lane * _BETWEEN, _INMOST)


def _at(angle: float, radius: float) -> tuple[float, float]:
    turned = (angle - _HALF / 2) * pi / _HALF
    return _CENTRE + radius * cos(turned), _CENTRE + radius * sin(turned)


# --- how it is drawn --------------------------------------------------------------------------------------------------------------


def _months(year: int, language: str) -> Iterator[str]:
    middle, thick = (_RIM + _RING) / 2, _RIM - _RING
    yield f'<path class="rim" fill-rule="evenodd" d="{_circle(_RIM)}{_circle(_RING)}"/>'
    for month in range(1, 13):
        begins = _angle(date(year, month, 1), year)
        ends = _angle(date(year + month // 12, month % 12 + 1, 1), year)
        (x1, y1), (x2, y2) = _at(begins, _RIM - thick), _at(begins, _RIM)
        yield f'<path class="rule" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'
        (x0, y0), (x1, y1) = _at(begins, _SPOKES), _at(begins, _RING)
        yield f'<path class="rule" stroke-dasharray="1 4" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>'
        angle = (begins + ends) / 2
        x, y = _at(angle, middle)
        turned = angle + _HALF if _HALF / 2 < angle < _HALF * 1.5 else angle
        name = format_date(date(year, month, 1), "LLLL", locale=LOCALES[language])
        yield (
            f'<text class="ink" x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="middle" dominant-baseline="central"'
            f' transform="rotate({turned:.1f} {x:.1f} {y:.1f})">{safe(name)}</text>'
        )


def _circle(radius: float) -> str:
    left, right = _CENTRE - radius, _CENTRE + radius
    return f"M{left:.1f} {_CENTRE}A{radius} {radius} 0 1 1 {right:.1f} {_CENTRE}A{radius} {radius} 0 1 1 {left:.1f} {_CENTRE}Z"


def _middle(year: int, of: str) -> Iterator[str]:
    told = lines(of, _MIDDLE, _SMALL, most=3)
    top = _CENTRE + 4 - 7 * (len(told) - 1)
    yield f'<text class="ink" x="{_CENTRE}" y="{top:.1f}" font-size="32" font-weight="600" text-anchor="middle">{year}</text>'
    for number, line in enumerate(told, 1):
        y = top + 4 + 15 * number
        yield f'<text class="soft" x="{_CENTRE}" y="{y:.1f}" font-size="{_SMALL}" text-anchor="middle">{safe(line)}</text>'


def _arc(one: _Placed) -> Iterator[str]:
    if one.ends <= one.begins:
        return
    radius = _radius(one.lane)
    (x1, y1), (x2, y2) = _at(one.begins, radius), _at(one.ends, radius)
    shape = 'class="arc" stroke-width="9"' if one.mark.shape == "round" else 'class="thin" stroke-width="3"'
    large = int(one.ends - one.begins > _HALF)
    yield f'<path {shape} stroke-linecap="round" d="M{x1:.1f} {y1:.1f}A{radius:.1f} {radius:.1f} 0 {large} 1 {x2:.1f} {y2:.1f}"/>'


def _badge(mark: Mark, x: float, y: float) -> str:
    """The mark's number: a filled disc is a round, an open one a milestone, a square an agreement's own day."""
    name = mark.shape[0]
    if mark.shape == "agreement":
        corner = f'x="{x - _SIDE / 2:.1f}" y="{y - _SIDE / 2:.1f}" width="{_SIDE}" height="{_SIDE}"'
        shape = f'<rect class="a" stroke-width="1.4" {corner} rx="4"/>'
    else:
        shape = f'<circle class="{name}" stroke-width="1.4" cx="{x:.1f}" cy="{y:.1f}" r="{_BADGE}"/>'
    number = (
        f'<text class="{name}n" x="{x:.1f}" y="{y:.1f}" font-size="11" font-weight="600" text-anchor="middle"'
        f' dominant-baseline="central">{mark.number}</text>'
    )
    return shape + number


def _list(found: Sequence[Mark], start: float, width: float, *, wide: bool) -> tuple[list[str], float]:
    """The list of marks, and how high the whole picture becomes."""
    told = [(one, lines(one.label, width, _TEXT)) for one in found]
    tall = sum(_LINE * (1 + len(texts)) + _ROW for _, texts in told)
    left, y = (start + 12, max(24.0, _CENTRE - tall / 2 + 6)) if wide else (22.0, start)
    drawn = []
    for one, texts in told:
        drawn.append(_badge(one, left, y + 8))
        drawn.append(f'<text class="soft" x="{left + 22}" y="{y + 6:.1f}" font-size="{_SMALL}">{safe(one.when)}</text>')
        for number, line in enumerate(texts, 1):
            below = y + 6 + _LINE * number
            drawn.append(f'<text class="ink" x="{left + 22}" y="{below:.1f}" font-size="{_TEXT}">{safe(line)}</text>')
        y += _LINE * (1 + len(texts)) + _ROW
    return drawn, max(y + 8, _CENTRE * 2) if wide else y + 6
