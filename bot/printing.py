"""`dialogbot report`: one report written to a file, and the Word templates they are made from.

Promises: a file that is there is not overwritten unasked; which one was written is said. What has been read is shown as it goes, on
a terminal alone. Only what was sent is in it; whoever has the command line may have every report.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import reportable
from bot.almanac import FIRST_YEAR, LAST_YEAR, is_there
from bot.opening import CannotOpenError, Opened, Words, library_from, opened, settings_from, told
from bot.prospect import right_now
from bot.reporting import Request, findings, written
from bot.settings import Settings
from cards.reports.refused import Refused
from cards.reports.report import File, Format, Kind
from store.reporting import Node
from store.work import Work

SUGGESTED = 8


def show(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write the report that was asked for, or the template it is made from."""
    try:
        if asked.template is not None:
            _write(asked.template, _template(Kind(asked.kind), asked.lang), said, is_forced=asked.force)
            return 0
        _check(asked, said)
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        _check_database(settings, said)
        with opened(settings, library, said) as house:
            _write_report(asked, house, said)
    except CannotOpenError as fault:
        return told(fault)
    return 0


def _check(asked: Namespace, said: Words) -> None:
    """Refuse at once what would be refused when the report is there."""
    if not FIRST_YEAR <= asked.year <= LAST_YEAR:
        raise CannotOpenError(said["calendar.bad_year"].format(year=asked.year, first=FIRST_YEAR, last=LAST_YEAR))
    if asked.out is not None:
        _keep(asked.out, said, is_forced=asked.force)


def _check_database(settings: Settings, said: Words) -> None:
    if not is_there(settings):
        raise CannotOpenError(said["report.no_database"])


def _template(kind: Kind, language: str) -> bytes:
    from cards.reports.word import template  # noqa: PLC0415 - python-docx is slow to load, and only this needs it

    return template(kind, language)


def _write_report(asked: Namespace, house: Opened, said: Words) -> None:
    with house.database.transaction() as connection:
        work = Work(connection)
        now = right_now(house.settings, work)
        node = _only(work.reports.tree(None), asked.unit, said) if asked.unit else None
        round_id = _round(work, node, asked, said) if asked.round else ""
        possible = reportable.kinds_of(work, node.id if node else None)
    request = Request(Kind(asked.kind), node.id if node else None, asked.year, _format(asked), asked.lang, round_id)
    made = asyncio.run(_made(house, request, now, said))
    if isinstance(made, str):
        raise CannotOpenError(_why_not(made, node, possible, asked.year, said))
    if not isinstance(made, File):
        raise CannotOpenError(made.in_(asked.lang))
    _write(asked.out or Path(made.name), made.content, said, is_forced=asked.force)


def _format(asked: Namespace) -> Format:
    """The format asked for, or the one the file's ending is of; else Word."""
    ending = asked.out.suffix.removeprefix(".").lower() if asked.out else ""
    known = {one.value for one in Format}
    return Format(asked.format or (ending if ending in known else Format.WORD))


async def _made(house: Opened, request: Request, now: datetime, said: Words) -> File | Refused | str:
    """The report, with what has been read of it shown on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(said["report.reading"], total=None)

        async def heard(done: int, of: int) -> None:
            doing = said["report.reading" if done < of else "report.writing"]
            bar.update(task, completed=done, total=of, description=doing)

        found = await findings(house.house, house.database, request, None, now, heard)
        if isinstance(found, str):
            return found
        return await asyncio.to_thread(written, found, request.format, house.house.own_folder)


def _why_not(reason: str, node: Node | None, possible: Sequence[Kind], year: int, said: Words) -> str:
    unit = node.name if node else said["report.whole"]
    if reason == reportable.NO_SUCH and not possible:
        return said["report.none"].format(unit=unit)
    why = said[f"report_why.{reason}"].format(unit=unit, kinds=", ".join(possible), year=year)
    return why if node or reason != reportable.NO_SUCH else f"{why} {said['report.choose_unit']}"


# --- what is named ----------------------------------------------------------------------------------------------------------------


def _only(nodes: Sequence[Node], name: str, said: Words) -> Node:
    """The unit with a name or code, or part of a name; CannotOpenError with those it may be where that is not one."""
    words = name.strip().casefold()
    exact = [one for one in nodes if one.code.casefold() == words]
    exact = exact or [one for one in nodes if one.name.casefold() == words]
    parts = exact or [one for one in nodes if words in one.name.casefold()]
    found = sorted(parts, key=lambda one: (one.name, one.code))
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotOpenError(
            said["report.several_units"].format(count=len(found), unit=name, units=_listed(found[:SUGGESTED]))
        )
    like = get_close_matches(words, {one.name.casefold() for one in nodes}, SUGGESTED)
    near = [one for close in like for one in nodes if one.name.casefold() == close][:SUGGESTED]
    suggested = " " + said["report.like"].format(units=_listed(near)) if near else ""
    raise CannotOpenError(said["calendar.no_unit"].format(unit=name) + suggested)


def _listed(nodes: Iterable[Node]) -> str:
    return ", ".join(f"{one.name} ({one.code})" for one in nodes)


def _round(work: Work, node: Node | None, asked: Namespace, said: Words) -> str:
    """The round by its id, with or without its year; CannotOpenError with those there are."""
    tops = [node.id] if node else [one.id for one in work.reports.roots()]
    known = sorted({name for _, name, due in work.overview.rounds(tops) if due.year == asked.year})
    wanted = asked.round.strip().casefold()
    found = [one for one in known if wanted in {one, one.partition("-")[2]}]
    if len(found) != 1:
        there = ", ".join(known) or "–"
        raise CannotOpenError(said["report.no_round"].format(round=asked.round, year=asked.year, known=there))
    return found[0]


# --- files ------------------------------------------------------------------------------------------------------------------------


def _keep(path: Path, said: Words, *, is_forced: bool) -> None:
    if path.exists() and not is_forced:
        raise CannotOpenError(said["exists"].format(path=path))


def _write(path: Path, content: bytes, said: Words, *, is_forced: bool) -> None:
    _keep(path, said, is_forced=is_forced)
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise CannotOpenError(said["cannot_write"].format(path=path, reason=fault.strerror)) from None
    sys.stderr.write(said["written"].format(path=path) + "\n")
