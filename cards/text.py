"""The card as plain text: for the terminal, a notification, a log.

Promises: everything people wrote is there as written, line breaks too, except that no character can steer the terminal, and
that text written from right to left, or pretending to be, stays where it stands. Buttons are numbered as `numbered` lists them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cards.bidi import contained
from cards.card import (
    Bars,
    Button,
    Buttons,
    Card,
    Fold,
    Framed,
    Input,
    Note,
    Para,
    Part,
    Points,
    Progress,
    Row,
    Run,
    Title,
)
from cards.chrome import chrome, number

LONG_BAR = 12  # a longer way is drawn with ten marks
DRAWN = 10
NARROWEST = 20

_MARKS = {"info": "i", "warning": "!", "done": "✓"}
# What a terminal would obey is shown as its picture: ␛ instead of an escape.
_PICTURES: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    0x2028: "\n",
    0x2029: "\n",
}


def render(card: Card, width: int = 78) -> str:
    """Return the card as lines of at most `width` characters, where words allow it; its thread follows below."""
    page = _Page(max(width, NARROWEST), card.language, chrome(card.language))
    return "\n".join(_card(card, page)).strip("\n") + "\n"


def numbered(card: Card) -> tuple[Button, ...]:
    """Return the buttons that can be pressed, in the order of their numbers: number 1 is the first."""
    buttons = [button for part in _open(card.parts) for button in _of(part)]
    return (*buttons, *(button for below in card.thread for button in numbered(below)))


def plain(text: str) -> str:
    """Return what somebody wrote so that it can neither steer a terminal nor reorder what stands around it."""
    return contained(text.replace("\r\n", "\n").translate(_PICTURES))


@dataclass(slots=True)
class _Page:
    """What the lines of one card share: width, words, and how many buttons have had their number."""

    width: int
    language: str
    words: Mapping[str, str]
    live: bool = True  # False inside a frame, where buttons are shown without a number to press
    pressed: int = 0

    def narrower(self, by: int, *, live: bool = True) -> _Page:
        """Return a page for lines that stand further in; whoever made it takes over its count of buttons."""
        return _Page(max(self.width - by, NARROWEST), self.language, self.words, self.live and live, self.pressed)


def _open(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Every part outside frames: what is shown as it will stand elsewhere is not pressed here."""
    for part in parts:
        yield part
        if isinstance(part, Fold):
            yield from _open(part.parts)


def _of(part: Part) -> tuple[Button, ...]:
    match part:
        case Buttons(buttons):
            return buttons
        case Row(_, button):
            return (button,)
        case _:
            return ()


def _wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Wrap only the lines that are too long, so that spaces and line breaks stay as written."""
    rest = " " * len(first) if rest is None else rest
    lines: list[str] = []
    for line in text.split("\n"):
        start = rest if lines else first
        if len(start) + len(line) <= width:
            lines.append(start + line)
            continue
        lines += textwrap.wrap(
            line,
            width,
            initial_indent=start,
            subsequent_indent=rest,
            replace_whitespace=False,
            expand_tabs=False,
            break_on_hyphens=False,
            break_long_words=False,
        ) or [start]
    return lines


def _card(card: Card, page: _Page) -> Iterator[str]:
    yield from _parts(card.parts, page)
    for below in card.thread:
        yield ""
        inner = page.narrower(4)
        yield from (f"    {line}" if place else f"  ↳ {line}" for place, line in enumerate(_card(below, inner)))
        page.pressed = inner.pressed


def _parts(parts: tuple[Part, ...], page: _Page) -> Iterator[str]:
    before: Part | None = None
    for part in parts:
        if before is not None and not (isinstance(before, Row) and isinstance(part, Row)):
            yield ""
        yield from _part(part, page)
        before = part


def _part(part: Part, page: _Page) -> Iterator[str]:
    match part:
        case Title(text, level):
            yield from _wrapped(plain(text), page.width, "" if level == 1 else "— ")
        case Progress() | Bars():
            yield from _drawn(part, page)
        case Para(runs):
            yield from _wrapped(_said(runs), page.width)
        case Points():
            yield from _points(part, page)
        case Buttons():
            yield from _buttons(part, page)
        case Row(runs, button):
            yield from _wrapped(f"{_said(runs)}  {_button(button, page)}", page.width, rest="  ")
        case Input():
            yield from _input(part, page)
        case Note(text, tone):
            yield from _wrapped(f"{page.words[f'card_tone_{tone}']} {plain(text)}", page.width, f"{_MARKS[tone]} ")
        case Fold(title, parts):
            yield from _wrapped(plain(title), page.width, "▾ ")
            yield from _inside(parts, page)
        case Framed():
            yield from _framed(part, page)


def _said(runs: tuple[Run, ...]) -> str:
    return "".join(plain(run.text) for run in runs)


def _drawn(part: Progress | Bars, page: _Page) -> Iterator[str]:
    if isinstance(part, Progress):
        yield _progress(part)
        return
    for marks, words in part.lines():
        yield from _wrapped(plain(words), page.width, f"{marks} ", " " * 11)


def _progress(progress: Progress) -> str:
    marks = progress.total if progress.total <= LONG_BAR else DRAWN
    filled = progress.done * marks // progress.total if progress.total else 0
    if progress.done > 0 and marks:
        filled = max(filled, 1)  # a beginning is seen
    bar = f" {'▰' * filled}{'▱' * (marks - filled)}" if marks else ""
    label = f"  {plain(progress.label)}" if progress.label else ""
    return f"{plain(progress.words)}{bar}{label}"


def _points(points: Points, page: _Page) -> Iterator[str]:
    for place, item in enumerate(points.items, 1):
        mark = f"{place}. " if points.numbered else "• "
        for line, para in enumerate(item):
            yield from _wrapped(_said(para.runs), page.width, " " * len(mark) if line else mark, " " * len(mark))


def _button(button: Button, page: _Page) -> str:
    if not page.live:
        return f"[{_named(button, page)}]"
    page.pressed += 1
    return f"[{page.pressed}] {_named(button, page)}"


def _named(button: Button, page: _Page) -> str:
    chosen = f" (✓ {page.words['card_chosen']})" if button.chosen else ""
    return f"{plain(button.symbol)} {plain(button.label)}".strip() + chosen


def _buttons(buttons: Buttons, page: _Page) -> Iterator[str]:
    if buttons.label:
        yield from _wrapped(plain(buttons.label), page.width)
    line = ""
    for named in [_button(button, page) for button in buttons.buttons]:
        if line and len(line) + 3 + len(named) > page.width:
            yield line
            line = ""
        line = f"{line}   {named}" if line else named
    if line:
        yield line


def _input(asked: Input, page: _Page) -> Iterator[str]:
    optional = f" ({plain(asked.optional_label)})" if asked.optional_label else ""
    yield from _wrapped(f"{plain(asked.label)}{optional}", page.width)
    if asked.hint:
        yield from _wrapped(plain(asked.hint), page.width, "  ")
    if asked.error:
        yield from _wrapped(f"{page.words['card_error']} {plain(asked.error)}", page.width, "  ! ")
    yield from _options(asked, page)
    if asked.others_label:
        yield from _wrapped(plain(asked.others_label), page.width, "  ")
    if asked.value and asked.kind != "choice":  # a choice's value is an id; its label is marked
        yield from _wrapped(plain(asked.value), page.width, "  > ")
    yield from _wrapped(f"‹ {_typed(asked, page)} ›", page.width, "  ")


def _options(asked: Input, page: _Page) -> Iterator[str]:
    chosen = frozenset(asked.chosen if asked.kind == "people" else (*asked.chosen, asked.value))
    for option in asked.options:
        detail = f" – {plain(option.detail)}" if option.detail else ""
        mark = "✓" if option.value in chosen else "·"
        yield from _wrapped(f"{plain(option.label)}{detail}", page.width, f"  {mark} ")


def _typed(asked: Input, page: _Page) -> str:
    key = {"people": "card_pick_line", "date": "card_date_line", "choice": "card_choice_line"}.get(asked.kind)
    return page.words[key or "card_text_line"].replace("{limit}", number(asked.limit, page.language))


def _inside(parts: tuple[Part, ...], page: _Page) -> Iterator[str]:
    inner = page.narrower(2)
    yield from (f"  {line}" if line else "" for line in _parts(parts, inner))
    page.pressed = inner.pressed


def _framed(framed: Framed, page: _Page) -> Iterator[str]:
    yield from _wrapped(plain(framed.label), page.width)
    yield "┌" + "─" * (page.width - 1)
    yield from (f"│ {line}" if line else "│" for line in _parts(framed.parts, page.narrower(2, live=False)))
    yield "└" + "─" * (page.width - 1)
