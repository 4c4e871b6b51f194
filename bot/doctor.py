"""`dialogbot doctor`: the whole installation looked over, and for everything that is wrong, what to do about it.

Promises: changes nothing but the tables' version, as every command does; goes on past a fault, so that everything is said at once; never
prints a secret. Names and e-mail addresses from the workbook are shown: whoever may run this may read the database. A platform's
library is loaded only where the platform is set up.
"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from bot import access
from bot.channels.slack_settings import SlackSettings, read_slack_settings
from bot.channels.teams_settings import TeamsSettings, read_teams_settings
from bot.clock import danish_day, system_clock
from bot.findings import Check, Finding, Level, Roll, fault, fine, warning
from bot.gathering import House
from bot.opening import CannotOpenError, Words, library_from, opened
from bot.settings import BadSetting, Settings, read_settings
from cards.chrome import words
from cards.text import plain
from dialogs.dating import unknown_codes
from dialogs.script import AnsweredBy, Model, Wording
from store import addresses, branches, places
from store.database import Database
from store.roll import Register
from store.work import Work

MARKS = {Level.FINE: "✓", Level.WARNING: "!", Level.FAULT: "✗"}
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
AT_ONCE = 200  # units looked at in one transaction
NAMED = 5  # units named in one line; the rest are counted


def examine(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Look everything over; 0 when nothing must be mended."""
    findings = list(_everything(environment, said, asked.lang))
    amounts = {level: sum(one.level is level for one in findings) for level in Level}
    faults, warnings = amounts[Level.FAULT], amounts[Level.WARNING]
    if asked.json:
        listed = [_as_json(one, asked.lang) for one in findings]
        told = {"faults": faults, "warnings": warnings, "findings": listed}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write("".join(f"{line_of(one, asked.lang)}\n" for one in findings))
        ended = said["doctor.ill" if faults else "doctor.well"]
        sys.stderr.write(ended.format(faults=faults, warnings=warnings) + "\n")
    return 1 if faults else 0


# --- a finding in words -----------------------------------------------------------------------------------------------------------


def line_of(finding: Finding, language: str) -> str:
    """Return a finding as one line: its mark, what it is, and what to do."""
    what, mend = in_words(finding, language)
    return f"{MARKS[finding.level]} {what}" + (f" → {mend}" if mend else "")


def in_words(finding: Finding, language: str) -> tuple[str, str]:
    """Return what a finding is, and what to do about it; "" when there is nothing to do."""
    said = words("doctor", language)
    values = {name: _shown(value, language) for name, value in finding.values.items()}
    texts = (said[finding.key], said.get(f"mend.{finding.key}", ""))
    what, mend = (" ".join(plain(text.format(**values)).split()) for text in texts)
    return what, mend


def _shown(value: object, language: str) -> str:
    match value:
        case Wording():
            return value.in_(language)
        case tuple():
            named, rest = ", ".join(map(str, value[:NAMED])), len(value) - NAMED
            return f"{named} + {rest}" if rest > 0 else named
        case _:
            return str(value)


def _as_json(finding: Finding, language: str) -> Mapping[str, str]:
    what, mend = in_words(finding, language)
    return {"level": finding.level, "key": finding.key, "what": what, "mend": mend}


# --- what is looked at ------------------------------------------------------------------------------------------------------------


def _everything(environment: Mapping[str, str], said: Words, language: str) -> Iterator[Finding]:
    settings = read_settings(environment)
    known = settings if isinstance(settings, Settings) else Settings()
    found, checks = _channels(environment, known.host, local=known.local_chat)
    rolls: Mapping[str, Roll] = {}
    if isinstance(settings, Settings):
        stored, rolls = _stored(settings, [one.platform for one in checks], said, language)
        if not any(one.level is Level.FAULT for one in found):
            yield fine("settings.fine")
        found += stored
    else:
        yield from map(_bad, settings)
    yield from found
    for check in checks:
        yield from asyncio.run(check.findings(rolls.get(check.platform, Roll({}, {}))))


def _stored(
    settings: Settings, platforms: Collection[str], said: Words, language: str
) -> tuple[list[Finding], Mapping[str, Roll]]:
    """What the models and the database hold, and what each platform should know of it; nothing, where they cannot be read."""
    found: list[Finding] = []
    try:
        library = library_from(settings, said, language)
    except CannotOpenError:
        found.append(fault("models.bad", folder=settings.models))
        library = library_from(replace(settings, models=None), said, language)
    try:
        with opened(settings, library, said) as house:
            day = danish_day(settings.now or system_clock())
            looked = (
                *workbook(house.database, house.house, day, platforms),
                *calendars(house.database, library.models),
            )
            with house.database.transaction() as connection:
                register = Register(connection)
                people = register.people(day)
                rolls = {
                    one: Roll(
                        people,
                        register.rooms(one),
                        addresses.homes(connection, one),
                        places.known(connection, one),
                    )
                    for one in platforms
                }
            where = house.database.engine.url.database
    except CannotOpenError as stopped:
        return [*found, fault("database.bad", text=stopped)], {}
    return [*found, fine("database.fine", kind=_KINDS[house.database.kind], database=where), *looked], rolls


def _bad(setting: BadSetting) -> Finding:
    return fault("settings.bad", name=setting.name, mend=setting.mend)


def _channels(environment: Mapping[str, str], host: str, *, local: bool) -> tuple[list[Finding], list[Check]]:
    """What the settings of the channels say, and the checks of those that are set up."""
    found: list[Finding] = []
    checks: list[Check] = []
    slack, teams = read_slack_settings(environment), read_teams_settings(environment, host)
    for settings, missing in ((slack, "slack.no_library"), (teams, "teams.no_library")):
        if isinstance(settings, tuple):
            found += map(_bad, settings)
        elif settings is not None:
            try:
                checks.append(_check(settings))
            except ModuleNotFoundError:
                found.append(fault(missing))
    is_any = slack is not None or teams is not None
    if not is_any and not local:
        found.append(warning("channel.none"))
    if is_any and local:
        found.append(fault("channel.both"))
    return found, checks


def _check(settings: SlackSettings | TeamsSettings) -> Check:
    """A platform's own check; its library is loaded only here."""
    if isinstance(settings, SlackSettings):
        from bot.channels.slack_doctor import SlackCheck  # noqa: PLC0415 - loaded only where Slack is set up

        return SlackCheck(settings)
    from bot.channels.teams_doctor import TeamsCheck  # noqa: PLC0415 - loaded only where Teams is set up

    return TeamsCheck(settings)


def workbook(database: Database, house: House, day: date, platforms: Collection[str]) -> Iterator[Finding]:
    """What has been imported, and whether each summary finds its way on the platforms that are set up."""
    by_owners = [one.id for one in house.library.models.values() if one.answered_by is AnsweredBy.OWNER]
    with database.transaction() as connection:
        register = Register(connection)
        counts, units = register.counts(), register.answering_units(day, by_owners, house.default_model)
        owners = register.owners(platforms) if platforms else None
    amounts = {"units": counts.units, "people": counts.people, "agreements": counts.agreements}
    if not all(amounts.values()):
        yield fault("workbook.missing", **amounts)
        return
    yield fine("workbook.fine", **amounts)
    if not units:
        yield warning("workbook.none_today")
        return
    found = defaultdict[str, list[str]](list)
    for begin in range(0, len(units), AT_ONCE):
        with database.transaction() as connection:  # a short one each: a server's turns wait for it
            for key, name in _in_the_way(Work(connection), units[begin : begin + AT_ONCE], day, owners):
                found[key].append(name)
    for key, names in found.items():
        yield (fault if key == "units.elsewhere" else warning)(key, units=tuple(names))
    if not found.keys() - {"units.unanswered"}:
        yield fine("units.fine")


def calendars(database: Database, models: Mapping[str, Model]) -> Iterator[Finding]:
    """Own dates in the models that are nobody's, where there are units to bear them."""
    with database.transaction() as connection:
        codes = branches.all_codes(connection)
    unknown = defaultdict[str, list[str]](list)
    for model, code in unknown_codes(models, codes) if codes else ():
        unknown[model].append(code)
    for model, nobodys in unknown.items():
        yield warning("calendar.nobody", model=model, codes=tuple(nobodys))


def _in_the_way(
    work: Work, units: Iterable[tuple[int, str]], day: date, owners: frozenset[int] | None
) -> Iterator[tuple[str, str]]:
    """What keeps a unit from being answered for, or its summary from its place, each with the unit's name.

    `owners` are the units with a channel on a platform that is set up; None where none is.
    """
    for unit, name in units:
        holders = work.holders(unit, day)
        if not access.invited(holders):
            yield "units.unanswered", name
        nearest = access.nearest_leader(holders)
        room = work.room_above(nearest.unit_id) if nearest else None
        if nearest is None:
            yield "units.unled", name
        elif room is None:
            yield "units.roomless", name
        elif owners is not None and room[0] not in owners:
            yield "units.elsewhere", name
