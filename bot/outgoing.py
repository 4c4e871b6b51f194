"""`dialogbot outbox`: what could not be delivered, for whom and why, a line each; and planned anew by command.

Promises: every line begins with its date, written as 2027-04-01; nothing of what people wrote is shown; what was sent is never sent
again, and what goes to a person waits for working hours. The command sends nothing itself: a running `dialogbot run` does.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.clock import DENMARK, danish_day, system_clock
from bot.gathering import House
from bot.opening import CannotOpenError, Words, day_from, library_from, opened, settings_from, told
from dialogs.rounds import within_working_hours
from store.deliveries import TO_BE_SEEN, Deliveries, Line, Wanted
from store.work import Work


def show(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """List what is asked for, or plan it anew."""
    try:
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        with opened(settings, library, said) as house, house.database.transaction() as connection:
            work, deliveries = Work(connection), Deliveries(connection)
            if asked.retry or asked.retry_dead:
                return _retry(work, deliveries, house.house, asked, said, settings.now or system_clock())
            found = deliveries.listed(_wanted(deliveries, asked, said))
            shown = [(line, _whom(work, line, said)) for line in found]
    except CannotOpenError as fault:
        return told(fault)
    if asked.json:
        sys.stdout.write(json.dumps([_as_json(*one) for one in shown], ensure_ascii=False, indent=1) + "\n")
        return 0
    sys.stdout.write("".join(f"{line}\n" for line in _lines(shown, said)))
    sys.stderr.write(said["outbox.count"].format(count=len(shown)) + "\n")
    return 0


def _wanted(deliveries: Deliveries, asked: Namespace, said: Words) -> Wanted:
    """What the options ask for; CannotOpenError when somebody or something named there is not known."""
    since = datetime.combine(day_from(asked.since, said), time(), DENMARK) if asked.since else None
    people = deliveries.people_called(asked.person) if asked.person else None
    units = deliveries.units_called(asked.unit) if asked.unit else None
    if people is not None and not people:
        raise CannotOpenError(said["outbox.nobody"].format(person=asked.person))
    if units is not None and not units:
        raise CannotOpenError(said["calendar.no_unit"].format(unit=asked.unit))
    return Wanted((asked.state,) if asked.state else TO_BE_SEEN, since, people, units)


# --- listed -----------------------------------------------------------------------------------------------------------------------


def _lines(shown: Sequence[tuple[Line, str]], said: Words) -> Iterator[str]:
    """One line a delivery, in columns."""
    table = [
        (
            danish_day(line.due_at).isoformat(),
            str(line.id),
            said.get(f"delivery_kind.{line.kind}", line.kind),
            whom,
            said[f"delivery_state.{line.state}"],
            str(line.attempts),
            _why(line, said),
        )
        for line, whom in shown
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _why(line: Line, said: Words) -> str:
    """The reason in plain words; one that only the platform knows by its own code."""
    if not line.reason:
        return ""
    return said.get(f"delivery_why.{line.reason}") or said["delivery_why.other"].format(reason=line.reason)


def _whom(work: Work, line: Line, said: Words) -> str:
    """A person by name, or the channel of a unit."""
    if line.person is not None:
        return line.person
    room = work.room_above(line.unit_id) if line.unit_id is not None else None
    if room is not None:
        return f"#{room[1].removeprefix('#')} ({line.unit})"
    return line.unit or said["delivery_whom.nobody"]


def _as_json(line: Line, whom: str) -> Mapping[str, object]:
    told = {"date": danish_day(line.due_at).isoformat(), "id": line.id, "kind": line.kind, "for": whom}
    return told | {"state": line.state, "attempts": line.attempts, "reason": line.reason}


# --- tried again ------------------------------------------------------------------------------------------------------------------


def _retry(work: Work, deliveries: Deliveries, house: House, asked: Namespace, said: Words, now: datetime) -> int:
    """Plan anew, and say of each how that went; 1 when one of those named could not be."""
    if asked.retry_dead:
        wanted = _wanted(deliveries, asked, said)
        found = deliveries.listed(Wanted(("dead",), wanted.since, wanted.people, wanted.units))
        refused: list[str] = []
    else:
        named = deliveries.listed(Wanted((*TO_BE_SEEN, "planned", "sent"), ids=asked.retry))
        found = tuple(line for line in named if line.may_be_retried)
        refused = list(_refused(asked.retry, named, said))
    anew = [line.id for line in found if _plan(work, deliveries, house, line, now)]
    refused += [said["delivery_is.taken"].format(id=line.id) for line in found if line.id not in anew]
    sys.stdout.write("".join(f"{line}\n" for line in refused))
    sys.stdout.write(said["outbox.again"].format(count=len(anew)) + "\n")
    return 1 if refused else 0


def _plan(work: Work, deliveries: Deliveries, house: House, line: Line, now: datetime) -> bool:
    """Plan one anew: a post at once, a message to a person within working hours."""
    zone = ZoneInfo(line.timezone) if line.timezone else None
    due_at = within_working_hours(now, zone, house.library.days_off) if zone else now
    is_planned = deliveries.plan_anew(line.id, due_at)
    if is_planned:
        work.note("retried", f"delivery {line.id}", now, reason="by command")
    return is_planned


def _refused(ids: Iterable[int], named: Iterable[Line], said: Words) -> Iterator[str]:
    known = {line.id: line for line in named}
    for number in dict.fromkeys(ids):
        if number not in known:
            yield said["outbox.unknown"].format(id=number)
        elif not known[number].may_be_retried:
            yield said[f"delivery_is.{known[number].state}"].format(id=number)
