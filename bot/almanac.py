"""`dialogbot calendar`: a year's rounds, milestones and agreements, printed by day, and written as a feed and a drawing.

Promises: every line begins with its date, written as 2027-04-01; a file that is there is not overwritten unasked; an event keeps
its UID however often the feed is written. Without a database the models are shown as they are, and none is made.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from bot.clock import danish_day, system_clock
from bot.gathering import House
from bot.opening import CannotOpenError, Opened, Words, library_from, opened, settings_from, told
from bot.settings import Settings
from cards.chrome import words
from cards.wheel import wheel
from dialogs.calendar import Entry, Period, calendar
from dialogs.dating import unknown_codes
from dialogs.library import Library
from dialogs.script import LANGUAGES, Model, Wording
from store import branches
from store.branches import AgreementDays, Branch

FIRST_YEAR, LAST_YEAR = 2000, 2099
_FILE = "sqlite:///"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One calendar: of a model, or of a unit. `key` is what its events are known by."""

    key: str
    of: Wording
    year: int
    entries: tuple[Entry, ...]


def show(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Print a year's calendar; write it as a feed and a drawing where that was asked for."""
    try:
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        now = settings.now or system_clock()
        year = _year(asked, danish_day(now), said)
        sheets = _sheets(asked, settings, library, year, said)
        _write(asked, sheets, now, said)
    except CannotOpenError as fault:
        return told(fault)
    sys.stdout.write("".join(f"{line}\n" for line in lines(sheets, asked.lang)))
    return 0


def _year(asked: Namespace, today: date, said: Words) -> int:
    year: int = today.year if asked.year is None else asked.year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CannotOpenError(said["calendar.bad_year"].format(year=year, first=FIRST_YEAR, last=LAST_YEAR))
    return year


# --- whose calendar ---------------------------------------------------------------------------------------------------------------


def _sheets(asked: Namespace, settings: Settings, library: Library, year: int, said: Words) -> list[Sheet]:
    if asked.model and asked.model not in library.models:
        known = ", ".join(library.models)
        raise CannotOpenError(said["calendar.no_model"].format(model=asked.model, known=known))
    if not is_there(settings):
        if asked.unit:
            raise CannotOpenError(said["calendar.no_database"].format(unit=asked.unit))
        return _of_models(_chosen(asked, library, frozenset()), library, year)
    with opened(settings, library, said) as house:
        _tell_unknown(house, said)
        return [_of_unit(asked, house, year, said)] if asked.unit else _of_all(asked, house, year)


def is_there(settings: Settings) -> bool:
    """Whether there is a database to ask: a file that is not there is not made for this."""
    url = settings.database_url
    return not url.startswith(_FILE) or Path(url.removeprefix(_FILE)).exists()


def _tell_unknown(house: Opened, said: Words) -> None:
    """Say which own dates are no unit's, where there are units."""
    with house.database.transaction() as connection:
        codes = branches.all_codes(connection)
    for model, code in unknown_codes(house.house.library.models, codes) if codes else ():
        sys.stderr.write(said["calendar.unknown_code"].format(model=model, code=code) + "\n")


def _of_all(asked: Namespace, house: Opened, year: int) -> list[Sheet]:
    with house.database.transaction() as connection:
        named = branches.models_named(connection)
    return _of_models(_chosen(asked, house.house.library, named), house.house.library, year)


def _chosen(asked: Namespace, library: Library, named: frozenset[str]) -> list[Model]:
    """The model asked for; else those the units name; else all."""
    wanted = {asked.model} if asked.model else named & library.models.keys() or library.models.keys()
    return [model for model in library.models.values() if model.id in wanted]


def _of_models(models: Iterable[Model], library: Library, year: int) -> list[Sheet]:
    return [Sheet(one.id, one.title, year, calendar(one, year, off=library.days_off)) for one in models]


def _of_unit(asked: Namespace, house: Opened, year: int, said: Words) -> Sheet:
    with house.database.transaction() as connection:
        branch = _only(branches.branches_named(connection, asked.unit), asked.unit, said)
        found = branches.agreements_of(connection, branch.unit_id, date(year, 1, 1), date(year, 12, 31))
    name = asked.model or model_of(house.house, branch, found)
    model = house.house.model(name)
    if model is None:
        known = ", ".join(house.house.library.models)
        raise CannotOpenError(said["calendar.no_model"].format(model=name, known=known))
    entries = year_of(house.house, branch, found, model, year)
    return Sheet(f"{model.id}.{branch.code}", Wording(branch.name, branch.name), year, entries)


def model_of(house: House, branch: Branch, found: Sequence[AgreementDays]) -> str:
    """The id of the model a unit's year is of: the latest agreement's; else the one the unit follows."""
    own = next((model for _, _, model in reversed(found) if model), None)
    return own or branch.model or house.default_model


def year_of(house: House, branch: Branch, found: Sequence[AgreementDays], model: Model, year: int) -> tuple[Entry, ...]:
    """All that happens in a unit's year, on its own dates."""
    periods = [Period(first, last) for first, last, _ in found] or None
    return calendar(model, year, codes=branch.codes, off=house.library.days_off, agreements=periods)


def _only(found: Sequence[Branch], name: str, said: Words) -> Branch:
    if len(found) == 1:
        return found[0]
    key = "calendar.several_units" if found else "calendar.no_unit"
    raise CannotOpenError(said[key].format(unit=name, codes=", ".join(one.code for one in found)))


# --- as lines ---------------------------------------------------------------------------------------------------------------------


def lines(sheets: Sequence[Sheet], language: str) -> Iterator[str]:
    """The calendars as one, a line an entry, by day; each says whose it is where there are several."""
    texts = words("calendar", language)
    width = max(len(text) for key, text in texts.items() if key.startswith("what."))
    together = sorted(
        ((entry.day, number, entry) for number, one in enumerate(sheets) for entry in one.entries), key=_by_day
    )
    for day, number, entry in together:
        label = entry.label.in_(language)
        if entry.to:
            label = texts["until"].format(label=label, day=entry.to.isoformat())
        if len(sheets) > 1:
            label = _of(sheets[number], label, language)
        yield f"{day.isoformat()}  {texts[f'what.{entry.what}']:<{width}}  {label}"


def _of(sheet: Sheet, label: str, language: str) -> str:
    """The words with whose calendar they are from, where they do not say it themselves."""
    of = sheet.of.in_(language)
    return label if of in label else words("calendar", language)["of"].format(label=label, of=of)


def _by_day(one: tuple[date, int, Entry]) -> tuple[date, int]:
    return one[:2]


# --- as files ---------------------------------------------------------------------------------------------------------------------


def _write(asked: Namespace, sheets: Sequence[Sheet], now: datetime, said: Words) -> None:
    files: dict[Path, bytes] = {}
    if asked.ics:
        files[asked.ics] = feed(sheets, now, asked.lang)
    if asked.svg:
        if len(sheets) != 1:
            raise CannotOpenError(said["calendar.one_drawing"].format(models=", ".join(one.key for one in sheets)))
        (one,) = sheets
        files[asked.svg] = wheel(one.entries, one.year, one.of, asked.lang).encode()
    for path in files:
        if path.exists() and not asked.force:
            raise CannotOpenError(said["exists"].format(path=path))
    for path, content in files.items():
        try:
            path.write_bytes(content)
        except OSError as fault:
            raise CannotOpenError(said["cannot_write"].format(path=path, reason=fault.strerror)) from None
        sys.stderr.write(said["written"].format(path=path) + "\n")


def feed(sheets: Sequence[Sheet], now: datetime, language: str) -> bytes:
    """The calendars as one feed of all-day events (RFC 5545) that nobody is busy because of."""
    texts = words("calendar", language)
    made = Calendar()
    made.add("prodid", "-//dialogbot//dialogbot calendar//" + LANGUAGES[language == "en"].upper())
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    of = ", ".join(one.of.in_(language) for one in sheets)
    made.add("x-wr-calname", texts["feed"].format(year=sheets[0].year, of=of) if sheets else "")
    for one in sheets:
        for entry in one.entries:
            made.add_component(_event(one, entry, now, language))
    return bytes(made.to_ical())


def _event(sheet: Sheet, entry: Entry, now: datetime, language: str) -> Event:
    texts = words("calendar", language)
    event = Event()
    event.add("uid", f"{sheet.key}.{entry.id}.{entry.what}@dialogbot")
    event.add("dtstamp", now)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.last + _DAY)  # the day after the last
    summary = texts[f"summary.{entry.what}"].format(label=entry.label.in_(language))
    event.add("summary", _of(sheet, summary, language))
    event.add("transp", "TRANSPARENT")
    return event
