"""The director's picture: the units as a tree with what they answered, and initiatives and goals by source as stacked bars.

Promises: pure; SVG that stands within a page, coloured by the page's own style, with every figure also as words. Nothing is told by
colour or place alone. However many units there are, a tree has a limited number of lines: the rest is folded into one that counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cards.chrome import number, words
from cards.drawing import fitted, safe, width_of
from cards.overview import Figure, Split

NARROW, HALF, WIDE = 358, 560, 1160
TEXT, SMALL = 13.0, 12.0
_AIR = 10.0  # between what stands on a line
_BETWEEN = 34.0  # from column to column
_ROW, _HEAD = 23.0, 8.0  # a line of the tree, and what is put above one that has others below it
_IN = 16.0  # how far in what is below stands
_BAR = 9.0
_TOP = 26.0  # the first line of the tree, above its columns
_TONES = {"●": "done", "◐": "going", "◑": "going", "○": "waiting", "▲": "slow", "■": "stopped", "?": "unknown"}
_STACK, _LINE, _LEAST = 18.0, 17.0, 3.0
_FOR_SYMBOL = 18.0  # as wide as a part must be to hold its symbol
_ENOUGH = 64  # lines in a tree
_FEWEST = 2  # lines below one unit, however many units there are
_WIDEST_BAR = 96.0
_UNEVEN = 1.3  # how much higher than its share a column may be, that a family need not be parted


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree, `depth` levels below the one it is a tree of; or `folded` units that there is no room for one by one."""

    id: int
    name: str
    depth: int
    sent: int
    of: int
    late: int = 0
    concerns: int = 0
    folded: int = 0

    @property
    def look(self) -> tuple[int, int]:
        """How much it is worth a look: the most first."""
        return -self.concerns, -self.late


# --- which units there is room for ------------------------------------------------------------------------------------------------


def folded(tree: Sequence[Branch], language: str, most: int = _ENOUGH) -> tuple[Branch, ...]:
    """The tree in at most `most` lines below its top. Those most worth a look are kept, in their order; the rest is one line each place."""
    top, *rest = tree
    families: list[list[Branch]] = []
    for one in rest:
        if one.depth == 1:
            families.append([])
        families[-1].append(one)
    if len(rest) <= most:
        return tuple(tree)
    heads = _kept([family[0] for family in families], most // (1 + _FEWEST), language)
    below = {family[0].id: family[1:] for family in families}
    room = (most - len(heads)) // max(sum(1 for one in heads if below.get(one.id)), 1)
    return (top, *(line for one in heads for line in (one, *_kept(below.get(one.id, []), room, language))))


def _kept(branches: Sequence[Branch], most: int, language: str) -> list[Branch]:
    if len(branches) <= most:
        return list(branches)
    first = {one.id for one in sorted(branches, key=lambda one: one.look)[: most - 1]}
    others = [one for one in branches if one.id not in first]
    name = words("picture", language)["more"].format(count=number(len(others), language))
    together = replace(
        others[0],
        id=0,
        name=name,
        sent=sum(one.sent for one in others),
        of=sum(one.of for one in others),
        late=sum(one.late for one in others),
        concerns=sum(one.concerns for one in others),
        folded=len(others),
    )
    return [*(one for one in branches if one.id in first), together]


# --- the tree -----------------------------------------------------------------------------------------------------------------------


def answered(one: Branch, language: str) -> str:
    """How many have answered in a unit and below it; of one alone, whether it has."""
    said = words("picture", language)
    if not one.of:
        return said["answered.none"]
    if one.of == 1:
        return said["answered.sent" if one.sent else "answered.late" if one.late else "answered.open"]
    return said["answered"].format(sent=number(one.sent, language), of=number(one.of, language))


def late_of(one: Branch, language: str) -> str:
    """How many are past the deadline; "" for none, and for one unit alone, which says so itself."""
    return f"× {number(one.late, language)}" if one.late and one.of > 1 else ""


def concerns_of(one: Branch, language: str) -> str:
    """How many initiatives go badly; "" for none."""
    return f"▲ {number(one.concerns, language)}" if one.concerns else ""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where what stands on a line ends, and how wide the bars are."""

    width: float
    answered: float
    late: float
    concerns: float

    @property
    def bar(self) -> float:
        """How wide a bar is: what is left, within reason."""
        return max(min(self.width * 0.13, _WIDEST_BAR), 24.0)

    @property
    def figures(self) -> float:
        """Where the figures begin."""
        parts = (self.answered, self.late, self.concerns)
        return self.width - sum(one + _AIR for one in parts if one) + _AIR


def _columns(tree: Sequence[Branch], width: float, language: str) -> _Columns:
    def widest(texts: Iterable[str]) -> float:
        return max((width_of(text, SMALL) for text in texts), default=0.0)

    return _Columns(
        width,
        widest(answered(one, language) for one in tree),
        widest(late_of(one, language) for one in tree),
        widest(concerns_of(one, language) for one in tree),
    )


def drawn_tree(tree: Sequence[Branch], language: str, *, wide: bool = False) -> str:
    """The units below one another, each with how many have answered; in three columns when `wide`."""
    top, *below = tree
    said = words("picture", language)
    width = WIDE if wide else NARROW
    count = 3 if wide and len(below) > 9 else 2 if wide and len(below) > 3 else 1  # noqa: PLR2004
    across = (width - (count - 1) * _BETWEEN) / count
    columns = _columns(tree, min(across, NARROW * 1.5), language)
    parts = list(_line(top, 0.0, 16.0, columns, language))
    parts.append(f'<path class="branch" d="M0 {_TOP}H{width}"/>')
    height = _TOP
    head = ""
    for at, column in enumerate(_flowed(below, count)):
        goes_on = said["tree.goes_on"].format(unit=head) if column and column[0].depth > 1 else ""
        drawn, end = _column(column, at * (across + _BETWEEN), columns, language, goes_on)
        parts += drawn
        height = max(height, end)
        head = next((one.name for one in reversed(column) if one.depth == 1), head)
    for line in _legend(tree, width, said):
        height += _LINE
        parts.append(written(line, 0.0, height, SMALL, "soft"))
    about = said["tree.about"].format(unit=top.name, sent=number(top.sent, language), of=number(top.of, language))
    return svg(parts, width, height + 8, about)


def _tall(one: Branch, before: Branch | None) -> float:
    """How high a line is, with the air above one that begins a family."""
    begins = one.depth == 1 and before is not None and before.depth > 1
    return _ROW + (_HEAD if begins else 0.0)


def _flowed(below: Sequence[Branch], count: int) -> list[list[Branch]]:
    """The lines in columns: families kept together where the columns are then nearly even, else as even as they can be."""
    families: list[list[Branch]] = []
    for one in below:
        if one.depth == 1:
            families.append([])
        families[-1].append(one)
    share = _height(below) / count
    sizes = [_height(family) for family in families]
    fitting = (together for limit in _limits(sizes) if len(together := _packed(families, sizes, limit)) <= count)
    best = next(fitting, [list(below)])
    uneven = max((_height(column) for column in best), default=0.0) > share * _UNEVEN + _ROW
    return _split(below, count, share) if uneven else best


def _height(lines: Sequence[Branch]) -> float:
    return sum(_tall(one, before) for one, before in zip(lines, (None, *lines), strict=False))


def _limits(sizes: Sequence[float]) -> list[float]:
    """Every height that a column of whole families can have."""
    return sorted({sum(sizes[at:end]) for at in range(len(sizes)) for end in range(at + 1, len(sizes) + 1)})


def _packed(families: Sequence[Sequence[Branch]], sizes: Sequence[float], limit: float) -> list[list[Branch]]:
    """The families in as few columns of some height as they take."""
    columns: list[list[Branch]] = []
    filled = limit + 1
    for family, size in zip(families, sizes, strict=True):
        if filled + size > limit:
            columns.append([])
            filled = 0.0
        columns[-1] += family
        filled += size
    return columns


def _split(below: Sequence[Branch], count: int, share: float) -> list[list[Branch]]:
    """The lines in even columns; nobody is parted from the first of those below them."""
    columns: list[list[Branch]] = [[]]
    filled = 0.0
    for at, one in enumerate(below):
        high = _tall(one, below[at - 1] if columns[-1] else None)
        begins_family = one.depth == 1 and at + 1 < len(below) and below[at + 1].depth > 1
        needed = high + (_ROW if begins_family else 0.0)
        if columns[-1] and filled + needed / 2 > share and len(columns) < count and not _is_first_below(below, at):
            columns.append([])
            filled = 0.0
        columns[-1].append(one)
        filled += high
    return columns


def _is_first_below(below: Sequence[Branch], at: int) -> bool:
    return at > 0 and below[at].depth > 1 and below[at - 1].depth == 1


def _column(
    column: Sequence[Branch], left: float, columns: _Columns, language: str, goes_on: str
) -> tuple[list[str], float]:
    """One column's lines, and where it ends; `goes_on` says whose it begins with, where those are in the column before."""
    parts: list[str] = []
    y, before, stem = _TOP, None, 0.0
    if goes_on:
        y += _ROW
        stem = y + 3
        parts.append(written(fitted(goes_on, columns.width, TEXT), left, y, TEXT, "soft"))
    for one in column:
        y += _tall(one, before)
        middle = y - 4.5
        if one.depth > 1:
            parts.append(f'<path class="branch" d="M{left + 5:.1f} {stem:.1f}V{middle:.1f}H{left + _IN - 4:.1f}"/>')
        stem = y + 3 if one.depth == 1 else middle
        parts += _line(one, left, y, columns, language)
        before = one
    return parts, y + 6


def _line(one: Branch, left: float, y: float, columns: _Columns, language: str) -> Iterator[str]:
    """A unit's name, its bar and its figures."""
    start = left + (_IN if one.depth > 1 else 0.0)
    kind = "name" if one.depth < 2 and not one.folded else "ink"  # noqa: PLR2004
    # One unit alone has answered or has not: a box says that more quietly than a bar.
    wide = _BAR if one.of < 2 else columns.bar  # noqa: PLR2004
    bar = left + columns.figures - _AIR - wide
    yield written(fitted(one.name, bar - _AIR - start, TEXT), start, y, TEXT, kind)
    if one.of:
        yield f'<rect class="track" x="{bar:.1f}" y="{y - _BAR:.1f}" width="{wide:.1f}" height="{_BAR}" rx="2"/>'
        filled = wide * one.sent / one.of
        if filled:
            yield f'<rect class="fill" x="{bar:.1f}" y="{y - _BAR:.1f}" width="{filled:.1f}" height="{_BAR}" rx="2"/>'
    x = left + columns.figures
    yield written(answered(one, language), x + columns.answered, y, SMALL, "ink" if one.of else "soft", "end")
    x += columns.answered + _AIR
    if columns.late:
        yield written(late_of(one, language), x + columns.late, y, SMALL, "name", "end")
        x += columns.late + _AIR
    if columns.concerns:
        yield written(concerns_of(one, language), x + columns.concerns, y, SMALL, "name", "end")


def _legend(tree: Sequence[Branch], width: float, said: Mapping[str, str]) -> Iterator[str]:
    told = [said["legend.bar"]] if any(one.of > 1 for one in tree) else []
    told += [said["legend.late"]] if any(one.late and one.of > 1 for one in tree) else []
    told += [said["legend.concerns"]] if any(one.concerns for one in tree) else []
    return wrapped(told, width) if told else iter(())


# --- by source ----------------------------------------------------------------------------------------------------------------------


def in_words(figure: Figure, language: str) -> str:
    """▲ 1.234 forsinket."""
    label = figure.label[:1].lower() + figure.label[1:]
    return f"{figure.symbol} {number(figure.number, language)} {label}".strip()


def total(split: Split) -> int:
    """How many there are of a source."""
    return sum(one.number for one in split.figures)


def drawn_sources(splits: Sequence[Split], title: str, counts: tuple[str, str], language: str, width: int) -> str:
    """Each source as a bar of its parts, as long as it has many, with the parts in words below; `counts` is one and several of them."""
    said = words("picture", language)
    most = max(total(one) for one in splits)
    parts: list[str] = []
    y = 0.0
    for split in splits:
        many = total(split)
        count = counts[many != 1].format(count=number(many, language))
        y += _LINE
        room = width - width_of(count, SMALL) - _AIR
        parts.append(written(fitted(split.label, room, TEXT), 0.0, y, TEXT, "name"))
        parts.append(written(count, float(width), y, SMALL, "soft", "end"))
        y += 7
        parts += _stack(split, y, (width - _LEAST * 2 * len(split.figures) - 1) / most)
        y += _STACK + 3
        for line in wrapped([in_words(one, language) for one in split.figures if one.number], width):
            y += _LINE - 1
            parts.append(written(line, 0.0, y, SMALL, "ink"))
        y += 12
    return svg(parts, width, y, said["sources.about"].format(title=title))


def _stack(split: Split, y: float, each: float) -> Iterator[str]:
    x = 0.0
    for one in split.figures:
        if not one.number:
            continue
        wide = max(one.number * each, _LEAST)
        tone = _TONES.get(one.symbol, "other")
        yield f'<rect class="part {tone}" x="{x + 0.5:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{_STACK}" rx="2"/>'
        if wide >= _FOR_SYMBOL and one.symbol:
            middle = x + 0.5 + wide / 2
            yield (
                f'<text class="sign {tone}" x="{middle:.1f}" y="{y + 13:.1f}" font-size="{SMALL}"'
                f' text-anchor="middle">{safe(one.symbol)}</text>'
            )
        x += wide + 2


def wrapped(texts: Iterable[str], width: float) -> Iterator[str]:
    """Small texts in a row, in as many lines as they need."""
    line = ""
    for one in texts:
        joined = f"{line} · {one}" if line else one
        if line and width_of(joined, SMALL) > width:
            yield fitted(line, width, SMALL)
            joined = one
        line = joined
    yield fitted(line, width, SMALL)


# --- what all of them need ----------------------------------------------------------------------------------------------------------


def svg(parts: Iterable[str], width: float, height: float, about: str) -> str:
    """A drawing of its parts, called what it is about."""
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    begins = f'<svg xmlns="http://www.w3.org/2000/svg" {size} preserveAspectRatio="xMinYMin" role="img" aria-label="{safe(about)}">'
    return "\n".join((begins, *parts, "</svg>")) + "\n"


def written(text: str, x: float, y: float, size: float, kind: str, anchor: str = "start") -> str:
    """A line of text that stands on `y`; nothing where there is none."""
    if not text:
        return ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{safe(text)}</text>'
