"""Addressing: whom a message to one person is for at the moment it is sent, and when they are there to read it.

Promises: asked anew just before it is sent, so that what was planned in the evening reaches who leads in the morning, and nobody on
leave; who stands in is told instead where a message is for whoever answers, and nobody is told of what they did themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import access
from dialogs.rounds import FIRST_HOUR, within_working_hours
from dialogs.script import DaysOff
from store.records import Delivery, Dialogue, Holder
from store.work import Work

TO_ONE = ("invitation", "nudge", "response", "signature", "to_sign", "delegated", "word", "moved")
"""The kinds of message that are for one person alone, and that nobody else misses."""
COME_AGAIN = frozenset({"invitation", "nudge"})
"""Those of them of which the next one says the same."""
TO_CONSULTANT = ("trouble", "unreached")
"""The kinds that tell a consultant of what did not arrive; each tells of all there is then."""
REPORTS = ("report", "report_lost")
"""What somebody asked for a moment ago, and that it could not be had: it comes at once, and to nobody else."""
KINDS = ("summary", *TO_ONE, *TO_CONSULTANT, *REPORTS)
"""All kinds of delivery."""
WAITS = frozenset({*TO_ONE, *TO_CONSULTANT} - COME_AGAIN)
"""The kinds that wait until the person is back; what comes again is skipped while they are away."""
_FOR_WHO_ANSWERS = frozenset({"word", "moved"})


def addressee(work: Work, delivery: Delivery, day: date) -> int | None:
    """Who a message is for today; None when there is nobody any more."""
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None or delivery.person_id is None:
        return delivery.person_id
    if delivery.kind == "response":
        return _other_side(work, dialogue, delivery, day)
    if delivery.kind in _FOR_WHO_ANSWERS:
        own = [one for one in work.holders_for(dialogue, day) if one.depth == 0 and one.role == "leader"]
        return _there(work, [one for one in own if one.person_id == delivery.person_id], day) or delivery.person_id
    return delivery.person_id


def _other_side(work: Work, dialogue: Dialogue, delivery: Delivery, day: date) -> int | None:
    """Whom a reply is for: whoever answers for the unit; what they answer, the nearest leader."""
    said = next((one for one in work.responses(dialogue.id) if one.id == delivery.content), None)
    if said is None:
        return delivery.person_id
    holders = work.holders_for(dialogue, day)
    if said.kind != "answer":
        return _answering(work, dialogue, holders, said.person_id, day)
    nearest = access.nearest_leader(holders)
    return _there(work, [nearest] if nearest else [], day, besides=said.person_id)


def _answering(work: Work, dialogue: Dialogue, holders: Sequence[Holder], author: int, day: date) -> int | None:
    """The leader who is there, or who stands in; while the post is vacant whoever sent the summary and still answers, else a deputy."""
    leaders = [one for one in holders if one.depth == 0 and one.role == "leader"]
    if leaders:
        return _there(work, leaders, day, besides=author)
    deputies = [one.person_id for one in holders if one.depth == 0 and one.role == "deputy" and one.person_id != author]
    return next((one for one in deputies if one == dialogue.sent_by_id), next(iter(deputies), None))


def _there(work: Work, leaders: Sequence[Holder], day: date, besides: int | None = None) -> int | None:
    """The first of some leaders who is there, else the first who stands in and is there, else the first of them all."""
    others = [one for one in leaders if one.person_id != besides]
    acting = [one.stand_in_id for one in others if one.stand_in_id is not None and one.stand_in_id != besides]
    away = work.away(acting, day)
    present = [one.person_id for one in others if not one.away] + [one for one in acting if one not in away]
    return next(iter([*present, *(one.person_id for one in others)]), None)


def back_at(work: Work, person_id: int, now: datetime, off: DaysOff) -> datetime | None:
    """When somebody who is away is there again: eight in the morning of their first working day; None when they are there."""
    zone = ZoneInfo(work.person_by_id(person_id).timezone)
    today = day = now.astimezone(zone).date()
    while absence := work.reminders.absence(person_id, day):
        day = absence.last + timedelta(days=1)
    if day == today:
        return None
    at = within_working_hours(datetime.combine(day, FIRST_HOUR, zone), zone, off)
    return at if work.reminders.absence(person_id, at.date()) is None else back_at(work, person_id, at, off)
