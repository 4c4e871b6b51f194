"""The årshjul in the local chat: the year of a person's units, drawn, and told in words below the drawing.

Promises: a page of its own that needs no script; what the drawing shows stands as text under the same numbers, with the day it is
among them. Knows nothing of requests, and not where a year's days come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from bot.channels.web_page import PAGES, long_day
from cards.chrome import chrome
from cards.wheel import Mark, marks, wheel
from dialogs.calendar import Entry
from dialogs.script import Wording
from store.rooms import Someone

FIRST, LAST = 2020, 2049
"""The years there is an årshjul for: those one can travel to."""


@dataclass(frozen=True, slots=True)
class Year:
    """One unit's year: its code and name, what its agreements are called, and all that happens."""

    code: str
    name: str
    model: Wording
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Almanac:
    """What the page shows: the years of a person's units, which of them, and what day it is."""

    title: str
    who: Someone
    day: date
    year: int
    years: Sequence[Year]
    chosen: Year | None

    @property
    def language(self) -> str:
        """The language of the page: the person's."""
        return "en" if self.who.language == "en" else "da"

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What stands on the wheel, by number."""
        return marks(self.chosen.entries, self.year, self.language) if self.chosen else ()

    def link(self, path: str = "/year", **changed: str) -> str:
        """The address of this page, or of its drawing, with something changed."""
        now = {"as": self.who.email, "year": str(self.year), "unit": self.chosen.code if self.chosen else ""}
        return f"{path}?" + urlencode({key: value for key, value in {**now, **changed}.items() if value})

    def beside(self) -> Iterator[tuple[str, int]]:
        """The year before and the year after, where there are such: what leads there, and which it is."""
        for key, year in (("year_before", self.year - 1), ("year_after", self.year + 1)):
            if FIRST <= year <= LAST:
                yield key, year


def page(almanac: Almanac) -> str:
    """Return the whole page."""
    return PAGES.get_template("year.html").render(
        view=almanac,
        words=chrome(almanac.language),
        language=almanac.language,
        today=long_day(almanac.day, almanac.language),
        back="/?" + urlencode({"as": almanac.who.email}),
    )


def drawing(almanac: Almanac, *, wide: bool) -> str:
    """Return the year as an SVG; without a unit, an empty year of the person's own."""
    entries, name = (almanac.chosen.entries, almanac.chosen.name) if almanac.chosen else ((), almanac.who.name)
    return wheel(entries, almanac.year, Wording(name, name), almanac.language, wide=wide)
