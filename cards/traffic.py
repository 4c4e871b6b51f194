"""The traffic of answers over a round: how many there were day by day, from its opening to its deadline and after, drawn and in words.

Promises: pure; SVG that stands within a page, coloured by the page's own style. Line and columns are drawn to the same measure, from
nought. What came long after the deadline is not drawn but told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from cards.chrome import number, words
from cards.drawing import LOCALES, width_of
from cards.picture import SMALL, svg, wrapped, written

AFTER = timedelta(days=28)
"""How long after the deadline answers are drawn."""
_TALL, _TOP, _FOOT = 236.0, 54.0, 26.0
_FIRST_ROW, _SECOND_ROW = 14.0, 32.0
_RIGHT = 4.0
_COLUMN = 12.0  # as wide as a day's column becomes
_WEEK = 7
_DAY = {"da": "d. MMMM", "en": "d MMMM"}
_SHORT = {"da": "d. MMM", "en": "d MMM"}
_FULL = {"da": "d. MMMM y", "en": "d MMMM y"}


@dataclass(frozen=True, slots=True)
class Traffic:
    """A round's answers: how many dialogues there are by deadline, and how many of them were sent on each day."""

    round: str
    opens: date
    dues: Mapping[date, int]
    today: date
    days: tuple[tuple[date, int], ...]  # in their order; only those with answers
    late: int  # how many of the answers came after their own deadline

    @property
    def of(self) -> int:
        """How many there are."""
        return sum(self.dues.values())

    @property
    def sent(self) -> int:
        """How many have answered."""
        return sum(count for _, count in self.days)

    @property
    def due(self) -> date:
        """The deadline most of them have."""
        return max(self.dues, key=lambda day: (self.dues[day], day))

    @property
    def first(self) -> date:
        """The first day that is drawn."""
        return min([self.opens, *(day for day, _ in self.days[:1])])

    @property
    def last(self) -> date:
        """The last day that is drawn: the deadline, or as long after it as anything has happened, within reason."""
        end = max(self.dues)
        limit = end + AFTER
        told = self.days[-1][0] if self.days else end
        return max(end, min(told, limit), self.today if self.today <= limit else end)

    @property
    def beyond(self) -> int:
        """How many answers came after the last day that is drawn."""
        return sum(count for day, count in self.days if day > self.last)


# --- in words -----------------------------------------------------------------------------------------------------------------------


def told(one: Traffic, language: str) -> list[str]:
    """The round in sentences, with every figure that is drawn."""
    said = words("picture", language)
    found = [said["traffic.opened"].format(day=_said(one.opens, _FULL, language))]
    if len(one.dues) > 1:
        dues = (
            said["traffic.due_of"].format(day=_said(day, _FULL, language), count=number(count, language))
            for day, count in sorted(one.dues.items())
        )
        found.append(said["traffic.dues"].format(days=", ".join(dues)))
    else:
        key = "traffic.due_was" if one.due < one.today else "traffic.due_is"
        found.append(said[key].format(day=_said(one.due, _FULL, language)))
    if not one.sent:
        return [*found, said["traffic.none"]]
    found.append(said["traffic.sent"].format(sent=number(one.sent, language), of=number(one.of, language)))
    if one.late:
        found.append(said["traffic.late"].format(late=number(one.late, language)))
    if one.beyond:
        found.append(said["traffic.beyond"].format(count=number(one.beyond, language)))
    return found


def table(one: Traffic, language: str) -> tuple[tuple[str, str, str], ...]:
    """The days with answers: the day, how many came, and how many there were then in all."""
    rows, in_all = [], 0
    for day, count in one.days:
        in_all += count
        rows.append((_said(day, _FULL, language), number(count, language), number(in_all, language)))
    return tuple(rows)


def _said(day: date, patterns: Mapping[str, str], language: str) -> str:
    return format_date(day, patterns[language], locale=LOCALES[language])


# --- drawn --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    """Where days and numbers are in the drawing."""

    one: Traffic
    width: float
    left: float

    @property
    def pitch(self) -> float:
        """How wide a day is."""
        return (self.width - _RIGHT - self.left) / ((self.one.last - self.one.first).days + 1)

    @property
    def floor(self) -> float:
        """Where nought is."""
        return _TALL - _FOOT

    def x(self, day: date) -> float:
        """The middle of a day."""
        return self.left + ((day - self.one.first).days + 0.5) * self.pitch

    def y(self, count: int) -> float:
        """How high a number is."""
        return self.floor - (self.floor - _TOP) * count / max(self.one.of, 1)

    def within(self, x: float, text: str) -> float:
        """Where the middle of a text must be to stand within the drawing, as near to `x` as it can."""
        half = width_of(text, SMALL) / 2
        return min(max(x, half), self.width - half)


def drawn_traffic(one: Traffic, language: str, width: int) -> str:
    """The answers of a round: columns for those of each day, a line for all of them, the deadline and today marked."""
    said = words("picture", language)
    top = number(one.of, language)
    field = _Field(one, float(width), width_of(top, SMALL) + 6)
    parts = [*_scale(field, top, language), *_marks(field)]
    shown = [(day, count) for day, count in one.days if day <= one.last]
    parts += _columns(field, shown)
    parts += _line(field, shown)
    parts += _labels(field, shown, language, said)
    height = _TALL
    for line in wrapped([said["traffic.legend"]], width):
        height += SMALL + 4
        parts.append(written(line, 0.0, height, SMALL, "soft"))
    about = said["traffic.about"].format(sent=number(one.sent, language), of=top)
    return svg(parts, width, height + 6, about)


def _scale(field: _Field, top: str, language: str) -> Iterator[str]:
    """Nought and all, and the weeks."""
    for count, text in ((0, "0"), (field.one.of, top)):
        y = field.y(count)
        yield f'<path class="rule" d="M{field.left:.1f} {y:.1f}H{field.width:.1f}"/>'
        yield written(text, field.left - 6, y + 4, SMALL, "soft", "end")
    taken = 0.0
    for day in _weeks(field.one):
        text = _said(day, _SHORT, language)
        middle, half = field.x(day), width_of(text, SMALL) / 2
        if middle - half < taken or middle + half > field.width:
            continue
        taken = middle + half + 8
        yield f'<path class="rule" d="M{middle:.1f} {field.floor:.1f}v5"/>'
        yield written(text, middle, field.floor + 19, SMALL, "soft", "middle")


def _weeks(one: Traffic) -> Iterator[date]:
    day = one.first
    while day <= one.last:
        yield day
        day += timedelta(days=_WEEK)


def _marks(field: _Field) -> Iterator[str]:
    """Lines for the deadline and today; their words stand above, each on a line of its own."""
    one = field.one
    for key, day, row in (("due", one.due, _FIRST_ROW), ("today", one.today, _SECOND_ROW)):
        if one.first <= day <= one.last:
            x = field.x(day)
            yield f'<path class="{key}" d="M{x:.1f} {row + 5:.1f}V{field.floor:.1f}"/>'


def _labels(field: _Field, shown: Sequence[tuple[date, int]], language: str, said: Mapping[str, str]) -> Iterator[str]:
    one = field.one
    for key, day, row in (
        ("traffic.due", one.due, _FIRST_ROW),
        ("traffic.today", one.today, _SECOND_ROW),
    ):
        if one.first <= day <= one.last:
            text = said[key].format(day=_said(day, _DAY, language))
            yield written(text, field.within(field.x(day), text), row, SMALL, "name", "middle")
    if shown:
        count = sum(number_of for _, number_of in shown)
        text = said["answered"].format(sent=number(count, language), of=number(one.of, language))
        x, y = field.x(shown[-1][0]), max(field.y(count) - 7, _SECOND_ROW + 18)
        room = x - 4 - width_of(text, SMALL) >= field.left
        yield written(text, x - 4 if room else x + 4, y, SMALL, "name", "end" if room else "start")


def _columns(field: _Field, shown: Sequence[tuple[date, int]]) -> Iterator[str]:
    wide = max(min(field.pitch * 0.64, _COLUMN), 1.5)
    for day, count in shown:
        y = field.y(count)
        yield (
            f'<rect class="column" x="{field.x(day) - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}"'
            f' height="{field.floor - y:.1f}"/>'
        )


def _line(field: _Field, shown: Sequence[tuple[date, int]]) -> Iterator[str]:
    """All the answers there were by each day, until today."""
    one = field.one
    if not shown:
        return
    path, in_all = f"M{field.x(one.first):.1f} {field.floor:.1f}", 0
    for day, count in shown:
        in_all += count
        path += f"H{field.x(day):.1f}V{field.y(in_all):.1f}"
    end = field.x(min(max(one.today, shown[-1][0]), one.last))
    yield f'<path class="sum" d="{path}H{end:.1f}"/>'
