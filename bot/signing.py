"""Asking for signatures: whoever has not signed is asked before the model's day of signing, and when an agreement was amended.

Promises: asked once for a version, and once more two days before the day; never who has signed or may not sign; looked through once
a day, since nothing about it changes from minute to minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import agreeing
from bot.agreeing import Seen
from bot.clock import danish_day
from bot.gathering import House
from bot.turn import Turn
from cards import agreement as cards
from cards.card import Card
from dialogs.calendar import of_unit
from dialogs.rounds import days_off_around, within_working_hours, working_day_on_or_before
from store.agreements import PARTIES, Agreement
from store.work import Work

MILESTONE = "signed"
"""The milestone of a model that is the day by which agreements are signed."""
ASKED_BEFORE = timedelta(days=14)
ASKED_AGAIN = timedelta(days=2)
AROUND = timedelta(days=60)  # from an agreement's first day to the day of signing, either way
_LOOKED = "signing:looked-through"


def plan_to_sign(house: House, work: Work, now: datetime) -> int:
    """Plan to ask everybody whose signature an agreement lacks; how many are asked."""
    today = danish_day(now)
    if work.setting(_LOOKED) == today.isoformat():
        return 0
    work.keep_setting(_LOOKED, today.isoformat())
    unsigned = work.agreements.unsigned(today, AROUND)
    return sum(_ask(house, work, one, token, now) for one in unsigned for token in _tokens(house, work, one, today))


def _tokens(house: House, work: Work, agreement: Agreement, today: date) -> Iterator[str]:
    """What makes each asking one: the version, and the second time before the day."""
    due = signed_by(house, work, agreement)
    is_near = due is not None and due - ASKED_BEFORE <= today <= due
    if agreement.version > 1 or is_near:
        yield f"{agreement.id}:{agreement.version}"
    if is_near and due is not None and today >= due - ASKED_AGAIN:
        yield f"{agreement.id}:{agreement.version}:again"


def signed_by(house: House, work: Work, agreement: Agreement) -> date | None:
    """The day by which an agreement is to be signed, with the unit's own dates; None where the model has none."""
    model = house.model(agreement.model or house.default_model)
    if model is None:
        return None
    codes = work.codes_of([agreement.unit_id])[agreement.unit_id]
    days = (one.on.in_(agreement.from_day.year) for one in of_unit(model, codes).milestones if one.id == MILESTONE)
    off = house.library.days_off
    return next((working_day_on_or_before(day, days_off_around(off, day.year)) for day in days), None)


def _ask(house: House, work: Work, agreement: Agreement, token: str, now: datetime) -> int:
    """Ask those whose signature is lacking, in their own chat, not at night."""
    seen = agreeing.see(work, agreement, danish_day(now))
    planned = 0
    for person_id in _lacking(seen):
        zone = ZoneInfo(work.person_by_id(person_id).timezone)
        due_at = within_working_hours(now, zone, house.library.days_off)
        key = f"to_sign:{token}:{person_id}"
        planned += work.outbox.plan(key, "to_sign", due_at=due_at, person_id=person_id, content=agreement.id)
    return planned


def _lacking(seen: Seen) -> tuple[int, ...]:
    """Who is to sign and has not, one a party."""
    have = {one.party for one in seen.signatures}
    told = (seen.sides[party].told for party in PARTIES if party not in have)
    return tuple(dict.fromkeys(one for one in told if one is not None))


def told(turn: Turn, agreement_id: int) -> Card | None:
    """What somebody is asked to sign, with why; None when they have nothing to sign there any more."""
    agreement = turn.work.agreements.agreement(agreement_id)
    if agreement is None or agreement.to_day < turn.today:
        return None
    seen = agreeing.see(turn.work, agreement, turn.today)
    if turn.person.id not in _lacking(seen):
        return None
    due = None if agreement.version > 1 else signed_by(turn.house, turn.work, agreement)
    return cards.asked(agreeing.view(turn, seen), due)
