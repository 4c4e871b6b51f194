"""Asking for signatures: whoever has not signed is asked before the model's day of signing, and when an agreement was amended.

Promises: asked once for a version, and once more two days before the day; never who has signed or may not sign; looked through once
a day, since nothing about it changes from minute to minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from dialogs.script import AnsweredBy
from store.agreements import PARTIES, Agreement
from store.work import Work

MILESTONE = "signed"
"""The milestone of a model that is the day by which agreements are signed."""
ASKED_BEFORE = timedelta(days=14)
ASKED_AGAIN = timedelta(days=2)
AROUND = timedelta(days=60)  # from an agreement's first day to the day of signing, either way
SEVERAL = 0
"""The content of a message that asks about all there is to sign, not about one agreement."""
_LOOKED = "signing:looked-through"


def plan_to_sign(house: House, work: Work, now: datetime) -> int:
    """Plan to ask everybody whose signature an agreement lacks, one message a person; how many are asked."""
    today = danish_day(now)
    if work.setting(_LOOKED) == today.isoformat():
        return 0
    work.keep_setting(_LOOKED, today.isoformat())
    asked: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for agreement in work.agreements.unsigned(today, AROUND):
        for token in _tokens(house, work, agreement, today):
            for person_id in _lacking(agreeing.see(work, agreement, today)):
                key = f"to_sign:{token}:{person_id}"
                if work.outbox.delivery(key) is None:
                    asked[person_id].append((key, agreement.id))
    return sum(_ask(house, work, person_id, waiting, now) for person_id, waiting in asked.items())


def _tokens(house: House, work: Work, agreement: Agreement, today: date) -> Iterator[str]:
    """What makes each asking one: the version, and the second time just before the day."""
    due = signed_by(house, work, agreement)
    is_time = due is not None and due - ASKED_BEFORE <= today
    if is_time and due is not None and due - ASKED_AGAIN <= today <= due:
        yield f"{agreement.id}:{agreement.version}:again"
    elif agreement.version > 1 or is_time:
        yield f"{agreement.id}:{agreement.version}"


def signed_by(house: House, work: Work, agreement: Agreement) -> date | None:
    """The day by which an agreement is to be signed, with the unit's own dates; None where the model has none.

    It is the one closest to the agreement's first day, before it or after it.
    """
    model = house.model(agreement.model or house.default_model)
    if model is None or model.answered_by is AnsweredBy.OWNER:
        return None
    codes = work.codes_of([agreement.unit_id])[agreement.unit_id]
    began, off = agreement.from_day, house.library.days_off
    named = (one for one in of_unit(model, codes).milestones if one.id == MILESTONE)
    days = [one.on.in_(year) for one in named for year in (began.year - 1, began.year, began.year + 1)]
    day = min(days, key=lambda one: abs(one - began), default=None)
    return working_day_on_or_before(day, days_off_around(off, day.year)) if day else None


def _ask(house: House, work: Work, person_id: int, waiting: Sequence[tuple[str, int]], now: datetime) -> int:
    """Ask one person in their own chat, not at night: about one agreement, or about all of several in one message."""
    (key, agreement_id), *others = waiting
    zone = ZoneInfo(work.person_by_id(person_id).timezone)
    due_at = within_working_hours(now, zone, house.library.days_off)
    work.reminders.hold([one for one, _ in others], key, person_id, now)
    content = SEVERAL if others else agreement_id
    return int(work.outbox.plan(key, "to_sign", due_at=due_at, person_id=person_id, content=content))


def _lacking(seen: Seen) -> tuple[int, ...]:
    """Who is to sign and has not, one a party."""
    have = {one.party for one in seen.signatures}
    told = (seen.sides[party].told for party in PARTIES if party not in have)
    return tuple(dict.fromkeys(one for one in told if one is not None))


def told(turn: Turn, agreement_id: int) -> Card | None:
    """What somebody is asked to sign, with why; None when they have nothing to sign there any more."""
    if agreement_id == SEVERAL:
        return _several(turn)
    agreement = turn.work.agreements.agreement(agreement_id)
    if agreement is None or agreement.to_day < turn.today:
        return None
    seen = agreeing.see(turn.work, agreement, turn.today)
    if turn.person.id not in _lacking(seen):
        return None
    due = None if agreement.version > 1 else signed_by(turn.house, turn.work, agreement)
    return cards.asked(agreeing.view(turn, seen), due, turn.today)


def _several(turn: Turn) -> Card | None:
    """All that somebody is asked to sign, a way into each."""
    unsigned = turn.work.agreements.unsigned(turn.today, AROUND)
    theirs = [one for one in unsigned if turn.person.id in _lacking(agreeing.see(turn.work, one, turn.today))]
    return agreeing.listed(turn, theirs, turn.say("agreement.asked_several", count=len(theirs))) if theirs else None
