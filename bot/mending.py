"""Mending: whoever looks after the channels is told that a summary could not be posted, and can have it tried again.

Promises: one message a day for each channel, however many summaries wait, and another only after it was tried again in vain; it
says what is wrong and what to do; only the consultants for the unit can try again; what has arrived meanwhile is not posted twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.clock import danish_day
from bot.turn import Turn
from cards import asking
from cards.card import Button, Card, Press
from dialogs.rounds import within_working_hours
from store.records import Delivery
from store.work import Work

KNOWN = frozenset({"not-in-channel", "channel-not-found", "is-archived", "no-channel", "not-installed"})
"""The reasons that have a sentence of their own."""


def plan_trouble(work: Work, dead: Delivery, now: datetime) -> None:
    """Plan to tell the closest consultant of a summary that could not be posted in its channel."""
    if dead.kind != "summary" or dead.unit_id is None:
        return
    today = danish_day(now)
    consultants = _consultants(work, dead.unit_id, today)
    if consultants:
        key = f"trouble:{dead.unit_id}:{today.isoformat()}:{work.times_noted('retried', _unit(dead.unit_id))}"
        due_at = within_working_hours(now, ZoneInfo(work.person_by_id(consultants[0]).timezone))
        work.outbox.plan(key, "trouble", due_at=due_at, person_id=consultants[0], unit_id=dead.unit_id)


def _consultants(work: Work, unit_id: int, day: date) -> tuple[int, ...]:
    """Those at the unit or above it, the closest first; where there is none, the municipality's."""
    above = tuple(one.person_id for one in work.holders(unit_id, day) if one.role == "consultant")
    return above or work.consultant_ids(day)


def _unit(unit_id: int) -> str:
    return f"unit {unit_id}"


def told(turn: Turn, unit_id: int) -> Card | None:
    """What the consultant is told; None when nothing waits any more."""
    waiting = turn.work.outbox.dead("summary", unit_id)
    room = turn.work.room_above(unit_id)
    if not waiting or room is None:
        return None
    reason = waiting[-1].reason or ""
    lines = (
        turn.say("trouble.waiting", count=len(waiting), room=room[1]),
        turn.say(f"trouble.{reason}" if reason in KNOWN else "trouble.other", room=room[1], reason=reason),
        turn.say("trouble.kept"),
    )
    again = Button(turn.say("button.try_again"), Press("retry", value=str(unit_id)), "primary")
    return asking.plain("trouble", turn.say("trouble.title"), lines, turn.person.language, (again,))


def try_again(turn: Turn, press: Press) -> Card:
    """Plan anew what could not be posted in a unit's channel."""
    unit_id = int(press.value) if press.value.isdecimal() else 0
    if turn.person.id not in _consultants(turn.work, unit_id, turn.today):
        return turn.refusal("not-theirs-to-mend", _unit(unit_id), turn.say("refusal.not_yours_to_mend"))
    room = turn.work.room_above(unit_id)
    turn.work.note("retried", _unit(unit_id), turn.now, person_id=turn.person.id)
    count = turn.work.outbox.revive("summary", (unit_id,), turn.now)
    line = turn.say("trouble.again" if count else "trouble.nothing", count=count, room=room[1] if room else "")
    return asking.plain("trouble", "", (line,), turn.person.language)


def room_opened(work: Work, platform: str, names: Collection[str], now: datetime) -> int:
    """The bot was let into a channel: what waits for it is planned anew; how many posts that is."""
    return work.outbox.revive("summary", work.units_with_room(platform, names), now)
