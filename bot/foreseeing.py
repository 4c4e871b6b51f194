"""What will be sent in the days ahead: who gets what, when and why, if nobody answers and every message arrives.

Promises: the same pure functions decide as on the day itself; rounds that have not opened yet are taken from the calendar. Nothing
is stored or sent. The days are tried in order, and only those on which something can become due.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import planner, reminding
from bot.clock import danish_day
from bot.gathering import House
from cards.wording import Texts
from dialogs import nudges
from dialogs.calendar import with_own_dates
from dialogs.nudges import Facts, Item, Message, What
from dialogs.rounds import rounds_between
from dialogs.script import DaysOff, Reminders, Wording
from store.reminders import Ledger, OpenDialogue
from store.work import Work

LONGEST = timedelta(days=500)  # how far ahead it is looked for what comes next
NAMED = 3  # dialogues of one message that are named on its line
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One message that will be sent, and what was known when it was foreseen."""

    at: datetime
    message: Message
    ledger: Ledger
    is_asked_for: bool = False


def foresee(house: House, work: Work, now: datetime, last: date) -> Iterator[Foreseen]:
    """Every message from now on to a last day, in order."""
    today = danish_day(now)
    ledger = _with_opened(house, work, work.reminders.ledger(today, planned_is_told=False), today)
    opening = _openings(house, work, today, last)
    told_on: dict[int, date] = {}
    told: frozenset[str] = frozenset()
    asked = _asked_for(work, ledger, now)
    day = today
    while day <= last:
        if day in opening:
            ledger = _with_opened(house, work, ledger, day)
        facts = reminding.facts_on(house, ledger, day, told_on=told_on, told=told)
        wanting = asked.get(day, frozenset())
        for message in _messages(facts, wanting):
            at, until = nudges.hours(day, ZoneInfo(ledger.people[message.person].timezone))
            if now < until:
                yield Foreseen(max(at, now), message, ledger, message.person in wanting)
                told_on[message.person] = day
                told |= {one.key for one in message.items if one.key}
        ahead = (*_interesting(house, ledger, day), *opening, *asked)
        day = min((one for one in ahead if one > day), default=last + _DAY)


def _asked_for(work: Work, ledger: Ledger, now: datetime) -> Mapping[date, frozenset[int]]:
    """Who has asked to hear what waits on which day, in their own zone."""
    found: dict[date, frozenset[int]] = {}
    for person, at in work.reminders.asked_for(reminding.ASKED_FOR, now):
        day = at.astimezone(ZoneInfo(ledger.people[person].timezone)).date()
        found[day] = found.get(day, frozenset()) | {person}
    return found


def _messages(facts: Facts, wanting: frozenset[int]) -> tuple[Message, ...]:
    """The day's messages; to those who asked for one, everything that waits."""
    made = {one.person: one for one in nudges.messages(facts)}
    for person in wanting:
        if whole := nudges.message_for(facts, person, asked_for=True):
            made[person] = whole
    return tuple(made[person] for person in sorted(made))


def next_day(house: House, work: Work, now: datetime) -> date | None:
    """The next day after today on which anything is sent to anybody, or a round opens."""
    today = danish_day(now)
    opens = min((one for one in _openings(house, work, today, today + LONGEST) if one > today), default=None)
    until = opens or today + LONGEST
    sent = (danish_day(one.at) for one in foresee(house, work, now, until))
    return next((one for one in sent if one > today), opens)


# --- the days on which something can become due -------------------------------------------------------------------------------------


def _openings(house: House, work: Work, today: date, last: date) -> frozenset[date]:
    """The days after today on which dialogues may open: a round opens, or an agreement begins while one is open."""
    named = work.models_named() | {house.default_model}
    models = [model for name in named if (model := house.model(name))]
    off = house.library.days_off
    ahead = (one for model in with_own_dates(models) for one in rounds_between(model, today, last + LONGEST, off))
    days = {one.opens_on for one in ahead} | {first for first, _ in work.periods()}
    return frozenset(day for day in days if today < day <= last)


def _with_opened(house: House, work: Work, ledger: Ledger, day: date) -> Ledger:
    """The ledger with the dialogues that open by a day and are not there yet, under numbers of their own."""
    there = {(one.agreement_id, one.owner_id, one.round) for one in ledger.dialogues}
    number = min((one.id for one in ledger.dialogues), default=0)
    made = []
    for opening in planner.openings(house, work, day):
        for waiting in opening.waiting:
            if (waiting.agreement.id, waiting.owner_id, opening.round.id) not in there:
                number = min(number, 0) - 1
                ends_on = work.period_of(waiting.agreement.id)[1]
                made.append(
                    OpenDialogue(
                        number,
                        waiting.agreement.id,
                        waiting.agreement.unit_id,
                        waiting.owner_id,
                        waiting.agreement.model,
                        opening.round.id,
                        opening.round.opens_on,
                        opening.round.due_on,
                        ends_on,
                        None,
                        "",
                    )
                )
    return replace(ledger, dialogues=(*ledger.dialogues, *made)) if made else ledger


def _interesting(house: House, ledger: Ledger, after: date) -> Iterator[date]:
    """The days after one on which something can become due, among the dialogues, posts and absences that are known."""
    off = house.library.days_off
    for day in _turning(house, ledger, off, after):
        if day > after:
            yield nudges.sending_day(day, off)
    week = after - timedelta(days=after.weekday()) + _WEEK
    if any(one.sent_at is None and week <= one.due_on + nudges.WEEKS_AFTER for one in ledger.dialogues):
        yield nudges.sending_day(week, off)


def _turning(house: House, ledger: Ledger, off: DaysOff, after: date) -> Iterator[date]:
    yield after + _DAY if not nudges.is_sending_day(after, off) else after
    for one in {(talk.opens_on, talk.due_on, talk.model, talk.sent_at) for talk in ledger.dialogues}:
        yield from _of_dialogue(house, off, *one)
    for action in ledger.actions:
        yield from (step.day for step in nudges.action_steps(action.due_on, off))
    due_on = {one.id: one.due_on for one in ledger.dialogues}
    for asked in ledger.delegations:
        if asked.dialogue_id in due_on:
            steps = nudges.delegated_steps(danish_day(asked.at), due_on[asked.dialogue_id], off)
            yield from (step.day for step in steps)
    for posts in ledger.posts.values():
        for post in posts:
            yield from (post.since, *((post.until + _DAY,) if post.until else ()))
    for absences in ledger.absences.values():
        for absence in absences:
            yield from (absence.first, absence.last + _DAY)


def _of_dialogue(
    house: House, off: DaysOff, opens_on: date, due_on: date, model_id: str, sent_at: datetime | None
) -> Iterator[date]:
    if sent_at is not None:
        yield from (step.day for step in nudges.reply_steps(danish_day(sent_at), off))
        return
    model = house.model(model_id)
    reminders = model.reminders if model else Reminders()
    yield from (step.day for step in nudges.steps_of(opens_on, due_on, reminders, off))
    if missing := nudges.missing_step(opens_on, due_on, reminders, off):
        yield missing.day


# --- a line a message -------------------------------------------------------------------------------------------------------------------


def about(foreseen: Foreseen, units: frozenset[int] | None) -> Foreseen | None:
    """A message as far as it is about some units; None when it is about none of them. None for units: as it is."""
    if units is None:
        return foreseen
    items = tuple(one for one in foreseen.message.items if _unit_of(foreseen.ledger, one) in units)
    return replace(foreseen, message=replace(foreseen.message, items=items)) if items else None


def _dialogue_of(ledger: Ledger, item: Item) -> OpenDialogue | None:
    of_actions = {one.id: one.dialogue_id for one in ledger.actions}
    of_delegations = {one.id: one.dialogue_id for one in ledger.delegations}
    sought = {What.ACTION: of_actions, What.DELEGATED: of_delegations}.get(item.what)
    wanted = item.about if sought is None else sought.get(item.about)
    return next((one for one in ledger.dialogues if one.id == wanted), None)


def _unit_of(ledger: Ledger, item: Item) -> int | None:
    if item.what is What.ACTION:  # the agreement it was agreed under may be over
        return next((one.unit_id for one in ledger.actions if one.id == item.about), None)
    dialogue = _dialogue_of(ledger, item)
    return dialogue.unit_id if dialogue else None


def line(house: House, texts: Texts, foreseen: Foreseen) -> str:
    """One line: the day and the hour, who, what, about which dialogues, and why."""
    person = foreseen.ledger.people[foreseen.message.person]
    local = foreseen.at.astimezone(ZoneInfo(person.timezone))
    parts = [f"{local:%Y-%m-%d %H:%M}", person.name]
    return "  ".join([*parts, "; ".join(_told(house, texts, foreseen))])


def _told(house: House, texts: Texts, foreseen: Foreseen) -> Iterator[str]:
    """What a message tells, those of a kind together: what is new with why, and what is still waiting."""
    by_kind: dict[tuple[What, int, bool], list[Item]] = {}
    for one in foreseen.message.items:
        is_again = one.what in nudges.TO_ANSWER and not one.is_fresh
        what, days = (What.BEFORE, 0) if is_again else (one.what, _days(foreseen, one))
        by_kind.setdefault((what, days, one.is_fresh), []).append(one)
    for (what, days, is_fresh), items in by_kind.items():
        still = "planned.asked_for" if foreseen.is_asked_for else "planned.still"
        why = texts.say(f"why.{what}", days=days) if is_fresh else texts.say(still)
        yield f"{texts.say(f'planned.{what}')}  {_about_what(house, texts, foreseen.ledger, items)}  ({why})"


def _days(foreseen: Foreseen, item: Item) -> int:
    """How many days a line says: as they are meant before a deadline, and as they have gone by since a summary or a deadline."""
    dialogue = _dialogue_of(foreseen.ledger, item)
    if item.what is What.REPLY and dialogue and dialogue.sent_at:
        return (danish_day(foreseen.at) - danish_day(dialogue.sent_at)).days
    if item.what is What.MISSING and dialogue:
        return (danish_day(foreseen.at) - dialogue.due_on).days
    return abs(item.step.days)


def _about_what(house: House, texts: Texts, ledger: Ledger, items: list[Item]) -> str:
    """The dialogues by name, with the first deadline; by number where there are many."""
    found = [dialogue for one in items if (dialogue := _dialogue_of(ledger, one))]
    names = sorted({_called(house, texts, ledger, one) for one in found})
    if not found:
        return texts.listed(sorted({ledger.units[unit].name for one in items if (unit := _unit_of(ledger, one))}))
    named = texts.listed(names) if len(names) <= NAMED else texts.say("planned.many", count=len(found))
    return named + texts.say("planned.due", due=min(one.due_on for one in found))


def _called(house: House, texts: Texts, ledger: Ledger, dialogue: OpenDialogue) -> str:
    model = house.model(dialogue.model) if dialogue.owner_id is not None else None
    title: Wording | None = model.title if model else None
    return title.in_(texts.language) if title else ledger.units[dialogue.unit_id].name
