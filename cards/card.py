"""The neutral card: what a person sees in chat, before any channel has rendered it.

Promises: plain text only. No part carries markup, and every renderer escapes all of it, so what people write comes out as
written, never as a mention, a link or formatting. Buttons carry ids and a revision, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Press:
    """What a button says when it is pressed: an act, ids, the revision its card was made from, and perhaps a chosen id."""

    act: str
    dialogue: int = 0
    subject: str = ""
    step: str = ""
    revision: int = 0
    value: str = ""

    @property
    def token(self) -> str:
        """The press as one string of at most 150 characters from a safe alphabet; `Press.parse` reads it back."""
        return ".".join((self.act, str(self.dialogue), self.subject, self.step, str(self.revision), self.value))

    @property
    def number(self) -> int | None:
        """The value as the number of something that is kept; None when it is none, or longer than any is."""
        return int(self.value) if self.value.isdecimal() and len(self.value) <= LONGEST_NUMBER else None

    @classmethod
    def parse(cls, token: str) -> Press | None:
        """The press behind a token, or None when the token was never one of ours."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        act, dialogue, subject, step, revision, value = match.groups()
        return cls(act, int(dialogue), subject, step, int(revision), value)


LONGEST_NUMBER = 9  # digits: what every database can look up
_TOKEN = re.compile(r"([a-z_]{1,20})\.(\d{1,9})\.([a-z0-9-]{0,32})\.([a-z0-9_]{0,32})\.(\d{1,9})\.([a-z0-9_-]{0,40})")


class Style(StrEnum):
    """How a run of text weighs on the page."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    QUOTE = "quote"  # somebody's own words; renderers add nothing, the wording carries the »«


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Title:
    """The card's headline, or with level 2 a heading inside it."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far along: shown as words and a bar of `total` marks."""

    done: int
    total: int
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; the words carry the figure. `label` is what it is called without it, where a platform draws the chart."""

    words: str
    number: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart: bars of which the longest possible is `of` long. Drawn with ten marks; with a title also as a platform draws it."""

    bars: tuple[Bar, ...]
    of: int
    title: str = ""

    def marks(self, bar: Bar) -> int:
        """How many of ten marks a bar fills: one as soon as there is anything, ten only when it is everything."""
        if not bar.number or not self.of:
            return 0
        return max(bar.number * 10 // self.of, 1)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Every bar as marks and words."""
        for bar in self.bars:
            filled = self.marks(bar)
            yield "▰" * filled + "▱" * (10 - filled), bar.words


@dataclass(frozen=True, slots=True)
class Para:
    """One paragraph of runs."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list, numbered or not; each item is one or more paragraphs."""

    items: tuple[tuple[Para, ...], ...]
    numbered: bool = True


@dataclass(frozen=True, slots=True)
class Button:
    """One press. `value_symbol` is shown before the label; `chosen` marks the answer already given."""

    label: str
    press: Press
    weight: Literal["primary", "choice", "quiet"] = "quiet"
    symbol: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons in one row; a step's choices or what can be done with the card."""

    buttons: tuple[Button, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with one button at its end, as in the review."""

    runs: tuple[Run, ...]
    button: Button


@dataclass(frozen=True, slots=True)
class Option:
    """One entry that can be picked in an input: a colleague, say."""

    value: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A field to fill in. `error` says what is wrong with `value` and how to mend it; `limit` is in characters.

    Kinds: `text` is multi-line; `line` is one line; `date` is an ISO date; `people` picks from `options` (values in
    `chosen`), with `value` for others written in words.
    """

    field: str
    kind: Literal["text", "line", "date", "people", "choice"]
    label: str
    value: str = ""
    chosen: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    hint: str = ""
    others_label: str = ""
    optional_label: str = ""
    error: str = ""
    limit: int = 3000


@dataclass(frozen=True, slots=True)
class Fold:
    """Parts that stay closed until asked for; where a platform cannot fold, they go into the thread."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something said about what just happened. `tone` is read aloud before it where colour cannot be seen."""

    text: str
    tone: Literal["info", "warning", "done"] = "info"


@dataclass(frozen=True, slots=True)
class Framed:
    """Parts shown as they will stand elsewhere: the preview of a post."""

    parts: tuple[Part, ...]
    label: str


Part = Title | Progress | Bars | Para | Points | Buttons | Row | Input | Fold | Note | Framed


@dataclass(frozen=True, slots=True)
class Card:
    """What one message shows. `kind` names what it is for (`step`, `review`, ...); `fallback` is its notification line.

    `thread` is what follows below it: details that must not crowd the first page.
    """

    kind: str
    parts: tuple[Part, ...]
    fallback: str
    language: str = "da"
    thread: tuple[Card, ...] = ()

    def walk(self) -> Iterator[Part]:
        """Every part, those inside folds and frames too, in reading order."""
        yield from _walk(self.parts)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Every button on the card, in reading order."""
        return tuple(button for part in self.walk() for button in _buttons(part))

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input on the card, in reading order."""
        return tuple(part for part in self.walk() if isinstance(part, Input))


def _walk(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, Fold | Framed):
            yield from _walk(part.parts)


def _buttons(part: Part) -> tuple[Button, ...]:
    match part:
        case Buttons(buttons):
            return buttons
        case Row(_, button):
            return (button,)
        case _:
            return ()
