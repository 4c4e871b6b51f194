"""The director's picture in the local chat: the units below somebody on one page, drawn, and told in words below each drawing.

Promises: a page of its own that needs no script; every figure that is drawn also stands as text. Each drawing is there for a phone and
for a desk, and the page's style shows one of them. Knows nothing of requests, and not where the figures come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from markupsafe import Markup

from bot.channels.web_page import PAGES, long_day
from bot.picture import Picture
from cards.chrome import chrome, number
from cards.chrome import words as said_of
from cards.overview import Split
from cards.picture import HALF, NARROW, answered, drawn_sources, drawn_tree, in_words, total
from cards.traffic import Traffic, drawn_traffic, table, told
from store.rooms import Someone

NAMED = 12  # the units right below that there are ways to above the drawings; in the table there are ways to all
INITIATIVES = ("initiatives", "initiatives.one", "initiatives.count", "initiatives.none")
GOALS = ("goals", "goals.one", "goals.count", "goals.none")


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows: whose it is, what day it is, and the picture; None for somebody who has no units below."""

    title: str
    who: Someone
    day: date
    picture: Picture | None

    @property
    def language(self) -> str:
        """The language of the page: the person's."""
        return "en" if self.who.language == "en" else "da"

    def link(self, **changed: str) -> str:
        """The address of this page with something changed; an empty value is left out."""
        shown = self.picture
        unit = str(shown.unit) if shown else ""
        now = {"as": self.who.email, "unit": unit, "round": shown.round if shown else ""}
        return "/picture?" + urlencode({key: value for key, value in {**now, **changed}.items() if value})


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing for a phone and one for a desk, under its heading."""

    heading: str
    narrow: Markup
    wide: Markup


@dataclass(frozen=True, slots=True)
class Line:
    """A unit in the table: the unit's id, "" where there is nothing to go down to, its depth, name and figures."""

    unit: str
    depth: int
    name: str
    answered: str
    late: str
    concerns: str


def page(overview: Overview) -> str:
    """Return the whole page."""
    shown, language = overview.picture, overview.language
    return PAGES.get_template("picture.html").render(
        view=overview,
        picture=shown,
        words=chrome(language),
        language=language,
        today=long_day(overview.day, language),
        back="/?" + urlencode({"as": overview.who.email}),
        tree=_tree(shown, language) if shown else None,
        lines=list(_lines(shown, language)) if shown else (),
        columns=_columns(language),
        traffic=_traffic(shown.traffic, language) if shown and shown.traffic else None,
        told=told(shown.traffic, language) if shown and shown.traffic else (),
        days=table(shown.traffic, language) if shown and shown.traffic else (),
        day_columns=_named(("traffic.day", "traffic.that_day", "traffic.in_all"), language),
        sources=(_sources(shown.initiatives, INITIATIVES, language), _sources(shown.goals, GOALS, language))
        if shown
        else (),
        nothing=said_of("picture", language)["traffic.nothing"],
        most=NAMED,
    )


def _columns(language: str) -> tuple[str, ...]:
    return _named(("tree.unit", "tree.answered", "tree.late", "tree.concerns"), language)


def _named(keys: tuple[str, ...], language: str) -> tuple[str, ...]:
    said = said_of("picture", language)
    return tuple(said[key] for key in keys)


def _both(heading: str, narrow: str, wide: str) -> Drawing:
    return Drawing(heading, Markup(narrow), Markup(wide))  # noqa: S704  drawn and escaped by cards


def _tree(shown: Picture, language: str) -> Drawing:
    heading = said_of("picture", language)["tree"]
    return _both(heading, drawn_tree(shown.tree, language), drawn_tree(shown.tree, language, wide=True))


def _lines(shown: Picture, language: str) -> Iterator[Line]:
    for one in shown.tree:
        leads = one.id and one.id != shown.unit and not one.folded
        none = said_of("picture", language)["none"]
        yield Line(
            str(one.id) if leads else "",
            one.depth,
            one.name,
            answered(one, language),
            number(one.late, language) if one.late else none,
            number(one.concerns, language) if one.concerns else none,
        )


def _traffic(one: Traffic, language: str) -> Drawing:
    heading = said_of("picture", language)["traffic"].format(round=one.round)
    return _both(heading, drawn_traffic(one, language, NARROW), drawn_traffic(one, language, HALF))


@dataclass(frozen=True, slots=True)
class Sources:
    """Initiatives or goals by source: drawn, or what is said where there is nothing to draw; and each source in words."""

    heading: str
    drawing: Drawing | None
    none: str
    lines: tuple[tuple[str, str], ...]


def _sources(splits: Sequence[Split], keys: tuple[str, ...], language: str) -> Sources:
    heading, one_of, many_of, none = _named(keys, language)
    counts = (one_of, many_of)
    drawing = None
    if splits:
        narrow, wide = (drawn_sources(splits, heading, counts, language, width) for width in (NARROW, HALF))
        drawing = _both(heading, narrow, wide)
    lines = tuple((one.label, _in_words(one, counts, language)) for one in splits)
    return Sources(heading, drawing, none, lines)


def _in_words(one: Split, counts: tuple[str, str], language: str) -> str:
    count = counts[total(one) != 1].format(count=number(total(one), language))
    return f"{count}: " + " · ".join(in_words(figure, language) for figure in one.figures if figure.number)
