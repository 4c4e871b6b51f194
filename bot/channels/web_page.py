"""The local chat's page: what stands on it for one person, on one day, in one room, and how it becomes HTML.

Promises: shows a person's own conversation and the channels they are in, nothing else; every word comes from cards/texts.
Knows nothing of requests.
"""

from __future__ import annotations

import calendar
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cards.bidi import contained
from cards.chrome import chrome
from cards.web import ACTION
from store.rooms import Message, Someone, direct

FOLDER = Path(__file__).parent.parent / "web"
DENMARK = ZoneInfo("Europe/Copenhagen")

PAGES = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_LAST_WEEKDAY = 4


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in the list: its name, its room, and its newest message, 0 for none."""

    name: str
    room: str
    newest: int


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows. `readers` is how many can read the room, `trouble` a key when something went wrong.

    `has_picture` is whether the person has units below them, whose picture the page leads to.
    """

    title: str
    who: Someone | None
    people: Sequence[Someone]
    first: Sequence[str]
    day: date
    month: date
    next_event: date | None
    room: str = ""
    channels: Sequence[Channel] = ()
    messages: Sequence[Message] = ()
    readers: int = 0
    newest: int = 0
    newest_direct: int = 0
    trouble: str = ""
    has_picture: bool = False

    @property
    def language(self) -> str:
        """The language of the page: the chosen person's."""
        return "en" if self.who is not None and self.who.language == "en" else "da"

    @property
    def channel(self) -> Channel | None:
        """The channel that is open; None for the person's own conversation."""
        return next((one for one in self.channels if one.room == self.room), None)

    @property
    def own(self) -> str:
        """The room of the person's own conversation."""
        return direct(self.who.id) if self.who is not None else ""

    def link(self, **changed: str) -> str:
        """The address of this page with something changed; an empty value is left out."""
        now = {"as": self.who.email if self.who else "", "room": self.room if self.channel else ""}
        return "/?" + urlencode({key: value for key, value in {**now, **changed}.items() if value})


def page(view: View) -> str:
    """Return the whole page."""
    words = chrome(view.language)
    return PAGES.get_template("page.html").render(
        view=view,
        words=words,
        language=view.language,
        fresh_event=uuid4().hex,
        groups=_groups(view, words),
        weeks=_weeks(view.month),
        day_names=_day_names(view.language),
        long_day=lambda day: long_day(day, view.language),
        month_name=format_date(view.month, "LLLL y", locale=view.language),
        months=_beside(view.month),
        posts_of=lambda someone: posts_of(someone, words),
        show=lambda message: Markup(show(message, view.who, view.language)),  # noqa: S704  rendered and escaped
    )


def refused(title: str, text: str, back: str, language: str) -> str:
    """Return the page that says, in plain words, why not."""
    return PAGES.get_template("refused.html").render(
        title=title, text=text, back=back, words=chrome(language), language=language
    )


def show(message: Message, who: Someone | None, language: str) -> str:
    """Return one message as this person sees it; its form carries who presses, and an event nobody has used."""
    asked = urlencode({"as": who.email if who else "", "message": message.id, "event": uuid4().hex})
    # A quotation mark in somebody's text is escaped, so these very characters are always the form's own.
    action = Markup('action="{}?{}"').format(ACTION, asked)
    html = message.html.replace(f'action="{ACTION}"', action)
    return PAGES.get_template("message.html").render(
        message=message,
        html=Markup(html),  # noqa: S704  rendered and escaped by cards/web.py before it was kept
        past=not message.live and "<form" in html,  # what has no buttons cannot be past
        mine=message.author != "",  # a conversation has two sides
        when=format_datetime(message.at.astimezone(DENMARK), _moment(language), locale=language),
        iso=message.at.astimezone(DENMARK).isoformat(timespec="minutes"),
        in_channel=message.room.startswith("channel-"),
        version=version(message),
        words=chrome(language),
    )


def said(text: str) -> str:
    """Return what somebody typed, as HTML."""
    return str(Markup('<p class="said"><bdi>{}</bdi></p>').format(contained(text)))


def version(message: Message) -> str:
    """Return something that differs when the message has changed in any way that can be seen."""
    return f"{zlib.crc32(f'{message.live}{message.edited_at}{message.html}'.encode()):08x}"


def posts_of(someone: Someone, words: Mapping[str, str]) -> str:
    """Return a person's posts on one line: leder, Børnehuset Solsikken · leder, Vuggestuen Månen."""
    lines = (f"{words.get(f'role_{held.role}', held.role)}, {held.unit}" for held in someone.held)
    return " · ".join(lines) or words["no_post"]


def long_day(day: date, language: str) -> str:
    """Return a day in full: torsdag den 1. april 2027."""
    return format_date(day, "full", locale=language)


def _moment(language: str) -> str:
    return "d MMM, HH:mm" if language == "en" else "d. MMM 'kl.' HH.mm"


def _groups(view: View, words: Mapping[str, str]) -> list[tuple[str, list[Someone]]]:
    """The people in their forvaltninger, each in the first one they have a post in; those without at the end."""

    def group(someone: Someone) -> str:
        return next((held.group for held in someone.held if held.group), "")

    grouped = groupby(sorted(view.people, key=lambda one: (not group(one), group(one))), key=group)
    return [(name or words["other_group"], list(people)) for name, people in grouped]


def main_people(people: Iterable[Someone], first: Sequence[str]) -> list[Someone]:
    """Return those whom one should begin with, in the order they were named."""
    by_email = {one.email: one for one in people}
    return [by_email[email] for email in first if email in by_email]


def _weeks(month: date) -> list[list[tuple[date, bool, bool]]]:
    """The weeks of a month's page: each day, whether it is in the month, and whether it is a weekend."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return [[(day, day.month == month.month, day.weekday() > _LAST_WEEKDAY) for day in week] for week in weeks]


def _day_names(language: str) -> list[tuple[str, str]]:
    short, long = get_day_names("short", locale=language), get_day_names("wide", locale=language)
    return [(short[day][:2], long[day]) for day in range(7)]


def _beside(month: date) -> tuple[str, str]:
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    after = date(month.year + (month.month == 12), month.month % 12 + 1, 1)  # noqa: PLR2004  December
    return before.strftime("%Y-%m"), after.strftime("%Y-%m")


PAGES.globals["main_people"] = main_people
