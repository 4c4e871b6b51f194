"""Who is told what on a day: invitations, reminders, what waits for a reply, what falls due, and what has changed hands.

Promises: pure. Everything that waits for a person is one message a day, on a working day that is no school holiday; nobody who is
away is told anything. A step that was missed is made up for by one message, whatever the number of steps; what is done is not
mentioned. Which deliveries there are, and how anything is worded, is not known here: people and dialogues are ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dialogs.rounds import (
    FIRST_HOUR,
    LAST_HOUR,
    NO_DAYS_OFF,
    days_off_around,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
)
from dialogs.script import DaysOff, Reminders

USUAL = Reminders()
ACTION_BEFORE = 7  # days before an action falls due
DELEGATED_BEFORE = 2  # days before the dialogue's deadline
MOST_AHEAD = timedelta(days=7)  # how much earlier than meant the last reminder before a deadline may come
REPLY_AFTER = (7, 14)  # days after a summary was sent and nobody has replied
WEEKS_AFTER = timedelta(days=7)  # how long after its deadline a round is still in the weekly overview
REPEATED_FOR = timedelta(days=30)  # how long what is past its day is still mentioned when something else is told
REPLY_REPEATED_FOR = timedelta(days=60)
_DAY = timedelta(days=1)


class Cadence(StrEnum):
    """How often somebody wants to be reminded."""

    NORMAL = "normal"
    LIGHT = "light"  # once before a deadline, and once after
    OFF = "off"  # invited, and told what changes hands; never reminded


class What(StrEnum):
    """What somebody is told, in the order in which one message says it."""

    HANDED = "handed"  # a dialogue is yours now
    INVITATION = "invitation"
    BEFORE = "before"
    AFTER = "after"
    DELEGATED = "delegated"
    ACTION = "action"
    REPLY = "reply"
    MISSING = "missing"
    VACANT = "vacant"
    HANDED_OVER = "handed_over"
    OVERVIEW = "overview"


TO_ANSWER = frozenset({What.HANDED, What.INVITATION, What.BEFORE, What.AFTER})
"""What is about a dialogue that the person answers."""
TOLD_ONCE = frozenset({What.HANDED, What.INVITATION, What.VACANT, What.HANDED_OVER})
"""What is told once whatever the day, and never again."""
_ALONE = frozenset({What.MISSING, What.OVERVIEW})
"""What is told on its day, and not again because something else is."""
_ALWAYS = frozenset({What.HANDED, What.INVITATION, What.VACANT, What.HANDED_OVER, What.OVERVIEW})
"""What is told to somebody who wants no reminders: each has a setting of its own, or must be known."""


# --- the facts ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told something. `told_on` is the last day they were told anything, as far as is known."""

    id: int
    cadence: Cadence = Cadence.NORMAL
    is_away: bool = False
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who answers a dialogue, and since when; None: since it opened. `until` is the last day, for a stand-in."""

    person: int
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue that is open: who answers it, who is above, and whether it is sent and replied to."""

    id: int
    opens_on: date
    due_on: date
    reminders: Reminders = USUAL
    asked: tuple[Asked, ...] = ()
    nearest: tuple[int, ...] = ()
    formerly: tuple[int, ...] = ()  # who was to answer before, and knows of it
    readers: tuple[int, ...] = ()  # who has the weekly overview
    sent_on: date | None = None
    is_replied: bool = False
    is_vacant: bool = False
    vacant_since: date | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """An action that was agreed and is not done yet."""

    id: int
    person: int
    due_on: date
    agreed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Delegated:
    """One indsats of a dialogue that somebody else was asked to answer, and has not yet."""

    id: int
    person: int
    talk: int
    asked_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true on a day. `told` are the keys of what was told once and for all."""

    day: date
    people: Mapping[int, Recipient]
    talks: tuple[Talk, ...] = ()
    tasks: tuple[Task, ...] = ()
    delegated: tuple[Delegated, ...] = ()
    told: frozenset[str] = frozenset()
    off: DaysOff = NO_DAYS_OFF


# --- what comes out -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which something is told, and how far it is from the deadline: 14 before it, -3 after."""

    day: date
    what: What
    days: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a message says. `about` is the dialogue's id, the action's or the delegation's; `key` is of what is told once."""

    what: What
    about: int
    step: Step
    is_fresh: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Everything one person is told on a day."""

    person: int
    items: tuple[Item, ...]

    def about(self, *what: What) -> tuple[int, ...]:
        """What the items of some kinds are about."""
        return tuple(one.about for one in self.items if one.what in what)


# --- the days -------------------------------------------------------------------------------------------------------------------------


def is_sending_day(day: date, off: DaysOff) -> bool:
    """Whether anything is sent on a day: a working day, and no school holiday where the municipality has written those."""
    return is_working_day(day, days_off_around(off, day.year))


def sending_day(day: date, off: DaysOff) -> date:
    """The day itself, or the first after it on which something is sent."""
    return working_day_on_or_after(day, days_off_around(off, day.year))


def hours(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day's message may be sent: from eight in the person's morning, and until four in their afternoon."""
    return datetime.combine(day, FIRST_HOUR, zone), datetime.combine(day, LAST_HOUR, zone)


def steps_of(opens_on: date, due_on: date, reminders: Reminders, off: DaysOff) -> tuple[Step, ...]:
    """The days on which whoever answers a dialogue is told of it: those before the deadline roll back, those after it forward.

    The last one before the deadline comes after a long school holiday, rather than long ahead of the deadline, where there is a day.
    """
    steps = [Step(sending_day(opens_on, off), What.INVITATION, (due_on - opens_on).days)]
    for days in sorted(reminders.before, reverse=True):
        meant = due_on - timedelta(days=days)
        day, later = _back(meant, off), sending_day(meant, off)
        if days == min(reminders.before) and meant - day > MOST_AHEAD and later <= due_on:
            day = later
        if day > steps[-1].day:  # two that roll to the same day are one
            steps.append(Step(day, What.BEFORE, days))
    if reminders.after is not None:
        steps.append(Step(sending_day(due_on + timedelta(days=reminders.after), off), What.AFTER, -reminders.after))
    return tuple(steps)


def missing_step(opens_on: date, due_on: date, reminders: Reminders, off: DaysOff) -> Step | None:
    """The day on which the nearest leader is told who is missing: never the one on which those are reminded, but two days later."""
    if reminders.digest is None:
        return None
    day = sending_day(due_on + timedelta(days=reminders.digest), off)
    after = next((one.day for one in steps_of(opens_on, due_on, reminders, off) if one.what is What.AFTER), None)
    if after is not None and day <= after:
        day = sending_day(sending_day(after + _DAY, off) + _DAY, off)
    return Step(day, What.MISSING, -reminders.digest)


def lighter(steps: Iterable[Step], cadence: Cadence, reminders: Reminders) -> tuple[Step, ...]:
    """The steps that somebody wants: of those before the deadline, `light` keeps the last but one."""
    match cadence:
        case Cadence.OFF:
            return ()
        case Cadence.LIGHT:
            kept = sorted(reminders.before)[:2][-1:]
            return tuple(one for one in steps if one.what is not What.BEFORE or one.days in kept)
    return tuple(steps)


def reply_steps(sent_on: date, off: DaysOff) -> tuple[Step, ...]:
    """The days on which the nearest leader is told that a summary waits for a reply."""
    return tuple(Step(sending_day(sent_on + timedelta(days=days), off), What.REPLY, -days) for days in REPLY_AFTER)


def action_steps(due_on: date, off: DaysOff) -> tuple[Step, ...]:
    """The days on which whoever does something is told that it falls due: a week before, and on the day or before it."""
    days = {_back(due_on - timedelta(days=before), off): before for before in (ACTION_BEFORE, 0)}
    return tuple(Step(day, What.ACTION, before) for day, before in sorted(days.items()))


def delegated_steps(asked_on: date, due_on: date, off: DaysOff) -> tuple[Step, ...]:
    """The day on which somebody who was asked to answer about one indsats is reminded, unless they were asked after it.

    That they are asked is told them at once, by whoever asks.
    """
    day = _back(due_on - timedelta(days=DELEGATED_BEFORE), off)
    return (Step(day, What.DELEGATED, DELEGATED_BEFORE),) if day > asked_on else ()


def week_step(day: date, opens_on: date, due_on: date, off: DaysOff) -> Step | None:
    """The first sending day of the week, while a round is open and has not just opened."""
    first = sending_day(day - timedelta(days=day.weekday()), off)
    return Step(first, What.OVERVIEW) if opens_on < first <= due_on + WEEKS_AFTER and first <= day else None


def _back(day: date, off: DaysOff) -> date:
    return working_day_on_or_before(day, days_off_around(off, day.year))


# --- who is told what -------------------------------------------------------------------------------------------------------------------


def messages(facts: Facts) -> tuple[Message, ...]:
    """The day's messages, one a person, to those for whom something is new since they were last told."""
    if not is_sending_day(facts.day, facts.off):
        return ()
    made = (_message(facts, person, items) for person, items in sorted(_gathered(facts).items()))
    return tuple(one for one in made if any(item.is_fresh for item in one.items))


def message_for(facts: Facts, person: int, *, asked_for: bool = False) -> Message | None:
    """What one person is told; with `asked_for` everything that waits for them, new or not. None when it is nothing."""
    items = _gathered(facts).get(person, [])
    if asked_for:
        items = [one for one in items if one.is_fresh or one.what not in _ALONE or not _is_past(one, facts.day)]
        items += _waiting(facts, person, frozenset((one.what, one.about) for one in items))
        return Message(person, _in_order(items)) if items else None
    message = _message(facts, person, items)
    return message if any(item.is_fresh for item in message.items) else None


def _waiting(facts: Facts, person: int, said: Collection[tuple[What, int]]) -> Iterator[Item]:
    """What somebody is to answer and nothing says: no step of it has come, or they have been told all there is to be told."""
    if person not in facts.people or facts.people[person].is_away:
        return
    for talk in facts.talks:
        is_theirs = talk.sent_on is None and any(one.person == person for one in talk.asked)
        if is_theirs and not any((what, talk.id) in said for what in TO_ANSWER):
            yield Item(
                What.BEFORE, talk.id, Step(facts.day, What.BEFORE, (talk.due_on - facts.day).days), is_fresh=False
            )
    for one in facts.delegated:
        if one.person == person and (What.DELEGATED, one.id) not in said:
            days = (one.due_on - facts.day).days
            yield Item(What.DELEGATED, one.id, Step(facts.day, What.DELEGATED, days), is_fresh=False)


def _message(facts: Facts, person: int, items: Iterable[Item]) -> Message:
    wants_none = facts.people[person].cadence is Cadence.OFF
    kept = (one for one in items if one.is_fresh or not (one.what in _ALONE or wants_none or _is_past(one, facts.day)))
    return Message(person, _in_order(kept))


def _is_past(item: Item, day: date) -> bool:
    """Whether something is too long past its day to be mentioned because something else is told."""
    return day > item.step.day + (REPLY_REPEATED_FOR if item.what is What.REPLY else REPEATED_FOR)


_ORDER = {what: number for number, what in enumerate(What)}


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda one: (_ORDER[one.what], one.step.day, one.about)))


def _gathered(facts: Facts) -> dict[int, list[Item]]:
    """Everything that waits for each person who is there."""
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for person, item in _everything(facts):
        if person in facts.people and not facts.people[person].is_away:
            found[person].append(item)
    return found


def _everything(facts: Facts) -> Iterator[tuple[int, Item]]:
    for talk in facts.talks:
        if talk.sent_on is None:
            yield from _unsent(talk, facts)
        elif not talk.is_replied:
            for person in talk.nearest:
                yield from _latest(person, talk.id, reply_steps(talk.sent_on, facts.off), facts)
    for task in facts.tasks:
        steps = action_steps(task.due_on, facts.off)
        yield from _latest(task.person, task.id, _since(steps, task.agreed_on), facts)
    for one in facts.delegated:
        yield from _latest(one.person, one.id, delegated_steps(one.asked_on, one.due_on, facts.off), facts)


def _since(steps: Iterable[Step], day: date | None) -> tuple[Step, ...]:
    """The steps after a day."""
    return tuple(one for one in steps if day is None or one.day > day)


def _unsent(talk: Talk, facts: Facts) -> Iterator[tuple[int, Item]]:
    """What an open dialogue that is not sent means to whoever answers it, answered it before, or is above."""
    for asked in talk.asked:
        yield from _to_answer(talk, asked, facts)
    for person in talk.formerly:
        yield from _once(person, What.HANDED_OVER, f"handover:{talk.id}:{person}", talk, facts)
    if talk.is_vacant:
        for person in talk.nearest:
            yield from _once(person, What.VACANT, _vacancy(talk, person), talk, facts)
    is_late = facts.day > talk.due_on
    missing = missing_step(talk.opens_on, talk.due_on, talk.reminders, facts.off) if is_late else None
    for person in talk.nearest if missing else ():
        yield from _latest(person, talk.id, (missing,) if missing else (), facts)
    week = week_step(facts.day, talk.opens_on, talk.due_on, facts.off)
    for person in talk.readers if week else ():
        yield from _latest(person, talk.id, (week,) if week else (), facts)


def _vacancy(talk: Talk, person: int) -> str:
    """What makes it one thing to tell somebody once: a post that is filled and becomes vacant again is another."""
    since = talk.vacant_since
    return ":".join(["vacancy", str(talk.id), str(person), *([since.isoformat()] if since else [])])


def _to_answer(talk: Talk, asked: Asked, facts: Facts) -> Iterator[tuple[int, Item]]:
    """One line about a dialogue: that it is theirs now, that it has opened, or the latest reminder."""
    recipient = facts.people.get(asked.person)
    if recipient is None:
        return
    steps = lighter(steps_of(talk.opens_on, talk.due_on, talk.reminders, facts.off), recipient.cadence, talk.reminders)
    since = asked.since if asked.since and asked.since > talk.opens_on else None
    first = list(_first_told(talk, asked, since, facts))
    theirs = [one for one in steps if since is None or one.day >= since]
    yield from first or _latest(asked.person, talk.id, theirs, facts, _standing_in(talk, asked, since, facts))


def _standing_in(talk: Talk, asked: Asked, since: date | None, facts: Facts) -> str:
    """The key of that somebody stands in for some days, as long as they have not been told for whom."""
    key = f"standing:{talk.id}:{asked.person}:{since}"
    return key if since and asked.until and asked.until < talk.due_on and key not in facts.told else ""


def _first_told(talk: Talk, asked: Asked, since: date | None, facts: Facts) -> Iterator[tuple[int, Item]]:
    """That a dialogue has opened, or has become theirs; not to a stand-in who has it for a while before it is due."""
    if since is None:
        yield from _once(asked.person, What.INVITATION, f"invited:{talk.id}:{asked.person}", talk, facts)
    elif asked.until is None or asked.until >= talk.due_on:
        yield from _once(asked.person, What.HANDED, f"handed:{talk.id}:{asked.person}", talk, facts)


def _once(person: int, what: What, key: str, talk: Talk, facts: Facts) -> Iterator[tuple[int, Item]]:
    if key not in facts.told:
        yield person, Item(what, talk.id, Step(facts.day, what, (talk.due_on - facts.day).days), True, key)


def _latest(person: int, about: int, steps: Iterable[Step], facts: Facts, key: str = "") -> Iterator[tuple[int, Item]]:
    """The latest step that has come, new when it came after the person was last told anything."""
    reached = [one for one in steps if one.day <= facts.day]
    recipient = facts.people.get(person)
    if not reached or recipient is None:
        return
    step = reached[-1]
    if recipient.cadence is Cadence.LIGHT and step.what in (What.REPLY, What.ACTION):
        step = reached[0]
    is_wanted = recipient.cadence is not Cadence.OFF or step.what in _ALWAYS
    is_new = recipient.told_on is None or recipient.told_on < step.day
    yield person, Item(step.what, about, step, is_new and is_wanted, key)
