"""Reminding: what is due today to whom, planned as one delivery a person; and whether it is still right when it is sent.

Promises: may be run any number of times; a person has one message a day, under the key `nudge:<person>:<day>`, due within working
hours in their own zone and too late after them. Nothing but ids is planned: what is said is composed from what is true when it is
sent, and when nothing is left of it, it is skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import access
from bot.clock import danish_day
from bot.gathering import House
from dialogs import nudges
from dialogs.nudges import Asked, Cadence, Delegated, Facts, Message, Recipient, Talk, Task
from dialogs.script import Reminders
from store.records import Delivery, Holder
from store.reminders import REHEARSED, Ledger, OpenDialogue, Post, Reminded, Seat
from store.work import Work

KIND = "nudge"
ASKED_FOR = 1
"""The content of a delivery that the person asked for: everything that waits, new or not."""
REMINDED = "reminded"
"""The setting that says when it was last looked over what is due."""
QUARTER = 15  # minutes: a change of leader or an absence is seen within that
_DAY = timedelta(days=1)
_OVERSEEING = frozenset({"consultant", "direktion"})


def plan(house: House, work: Work, now: datetime, *, has_opened: bool) -> int:
    """Plan what is due now; how many messages. Looked over once a quarter of an hour, and when a round has opened."""
    slot = now.replace(minute=now.minute // QUARTER * QUARTER).strftime("%Y-%m-%dT%H:%M%z")
    if not has_opened and work.setting(REMINDED) == slot:
        return 0
    work.keep_setting(REMINDED, slot)
    ledger = work.reminders.ledger(danish_day(now))
    zones = {one.timezone for one in ledger.people.values()}
    return sum(_plan_in(house, work, ledger, ZoneInfo(zone), now) for zone in sorted(zones))


def _plan_in(house: House, work: Work, ledger: Ledger, zone: ZoneInfo, now: datetime) -> int:
    """Plan today's messages to those who live in a zone, unless the day is over there."""
    day = now.astimezone(zone).date()
    first, last = nudges.hours(day, zone)
    if now >= last or not nudges.is_sending_day(day, house.library.days_off):
        return 0
    planned = _make_up(work, ledger, zone, day, now)
    for message in nudges.messages(facts_on(house, ledger, day)):
        if ledger.people[message.person].timezone == zone.key:
            planned += work.outbox.plan(
                key_of(message.person, day),
                KIND,
                due_at=max(first, now),
                expires_at=last,
                person_id=message.person,
                dialogue_id=_first_dialogue(ledger, message),
            )
    return planned


def _make_up(work: Work, ledger: Ledger, zone: ZoneInfo, day: date, now: datetime) -> int:
    """Plan today what somebody asked to hear on a day on which it could not be sent; nobody is left to wait for it."""
    first, last = nudges.hours(day, zone)
    planned = 0
    for asked in work.reminders.asked_too_late(ASKED_FOR, now):
        if ledger.people[asked.person_id].timezone == zone.key:
            key = key_of(asked.person_id, day)
            at, person, dialogue = max(first, now), asked.person_id, asked.dialogue_id
            planned += work.outbox.plan(
                key, KIND, due_at=at, expires_at=last, person_id=person, dialogue_id=dialogue, content=ASKED_FOR
            )
            work.reminders.ask_again(asked, key, ASKED_FOR)
    return planned


def take_as_told(house: House, work: Work, now: datetime) -> None:
    """Let the day's messages not be sent, and whoever they are for count as told: an example's history is not written to anybody."""
    day = danish_day(now)
    for message in nudges.messages(facts_on(house, work.reminders.ledger(day), day)):
        keys = [one.key for one in message.items if one.key]
        work.reminders.hold(keys, key_of(message.person, day), message.person, now)
    work.outbox.skip_planned(KIND, REHEARSED)


def key_of(person_id: int, day: date) -> str:
    """What makes a person's message of a day one delivery."""
    return f"nudge:{person_id}:{day.isoformat()}"


def _first_dialogue(ledger: Ledger, message: Message) -> int | None:
    """The dialogue that a message is first of all about: what its reason is given of when it is skipped."""
    of_actions = {one.id: one.dialogue_id for one in ledger.actions}
    of_delegations = {one.id: one.dialogue_id for one in ledger.delegations}
    first = message.items[0]
    match first.what:
        case nudges.What.ACTION:
            return of_actions.get(first.about)
        case nudges.What.DELEGATED:
            return of_delegations.get(first.about)
    return first.about


# --- is it still right? -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """What one person is told, and what was read to know it."""

    message: Message
    ledger: Ledger
    facts: Facts


def still_due(house: House, work: Work, delivery: Delivery, now: datetime) -> Due | str:
    """What a planned message must say now; or why it must not be sent. What it tells once is noted with it."""
    if delivery.person_id is None:
        return "nobody"
    person = work.person_by_id(delivery.person_id)
    day = now.astimezone(ZoneInfo(person.timezone)).date()
    ledger = work.reminders.ledger(day, person.id, besides=delivery.key)
    facts = facts_on(house, ledger, day, only=person.id)
    message = nudges.message_for(facts, person.id, asked_for=delivery.content == ASKED_FOR)
    if message is None:
        return _why_not(work, ledger, facts, delivery, day)
    work.reminders.hold([one.key for one in message.items if one.key], delivery.key, person.id, now)
    return Due(message, ledger, facts)


def _why_not(work: Work, ledger: Ledger, facts: Facts, delivery: Delivery, day: date) -> str:
    person = delivery.person_id or 0
    if facts.people[person].is_away:
        return "away"
    dialogue = work.dialogue(delivery.dialogue_id) if delivery.dialogue_id else None
    if dialogue is None:
        return "not-due"
    may_answer = access.may_answer(person, work.holders_for(dialogue, day))
    if dialogue.is_sent:
        return "submitted" if may_answer or dialogue.id not in ledger.replied else "replied"
    if work.period_of(dialogue.agreement_id)[1] < day:
        return "unit-closed"
    return "not-due" if may_answer else "no-longer-leader"


# --- the facts of a day -------------------------------------------------------------------------------------------------------------


def facts_on(
    house: House,
    ledger: Ledger,
    day: date,
    *,
    only: int | None = None,
    told_on: Mapping[int, date] | None = None,
    told: frozenset[str] = frozenset(),
) -> Facts:
    """What is true on a day; `told_on` and `told` are what is taken to have been told, where days ahead are foreseen."""
    day_told = {**_told_on(ledger), **(told_on or {})}
    people = (one for one in ledger.people.values() if only in (None, one.id))
    now_open = tuple(current(ledger, day))
    told_once = ledger.told | told | _invited_before(ledger, now_open)
    talks = tuple(_talk(house, ledger, one, day, told_once) for one in now_open)
    waiting = {one.id: one for one in talks if one.sent_on is None}
    return Facts(
        day,
        {one.id: _recipient(ledger, one, day, day_told.get(one.id)) for one in people},
        talks,
        tuple(
            Task(one.id, one.person_id, one.due_on, danish_day(one.agreed_at) if one.agreed_at else None)
            for one in ledger.actions
        ),
        tuple(
            Delegated(one.id, one.person_id, one.dialogue_id, danish_day(one.at), waiting[one.dialogue_id].due_on)
            for one in ledger.delegations
            if one.dialogue_id in waiting
        ),
        told_once,
        house.library.days_off,
    )


def _told_on(ledger: Ledger) -> dict[int, date]:
    """The day on which each was last told anything, where they are."""
    return {
        person: at.astimezone(ZoneInfo(ledger.people[person].timezone)).date()
        for person, at in ledger.told_at.items()
        if person in ledger.people
    }


def _recipient(ledger: Ledger, person: Reminded, day: date, told_on: date | None) -> Recipient:
    is_known = person.cadence in set(Cadence)
    cadence = Cadence(person.cadence) if is_known and person.cadence else Cadence.NORMAL
    return Recipient(person.id, cadence, ledger.away(person.id, day) is not None, told_on)


def current(ledger: Ledger, day: date) -> Iterator[OpenDialogue]:
    """The dialogues that are open on a day: the latest of each agreement and owner; one with nothing to be asked about is none."""
    latest: dict[tuple[int, int | None], OpenDialogue] = {}
    for one in ledger.dialogues:
        if one.opens_on <= day <= one.ends_on:
            key = (one.agreement_id, one.owner_id)
            latest[key] = max(latest.get(key, one), one, key=lambda dialogue: (dialogue.opens_on, dialogue.due_on))
    return (one for one in latest.values() if one.id not in ledger.idle or one.sent_at)


def _invited_before(ledger: Ledger, dialogues: Iterable[OpenDialogue]) -> frozenset[str]:
    """Who was invited to a dialogue by a message of its own, as invitations once were."""
    by_round: dict[tuple[str, date], list[int]] = {}
    for one in dialogues:
        by_round.setdefault((one.round, one.due_on), []).append(one.id)
    return frozenset(
        f"invited:{dialogue}:{person}"
        for round_id, due_on, person in ledger.invited
        for dialogue in by_round.get((round_id, due_on), ())
    )


def _talk(house: House, ledger: Ledger, dialogue: OpenDialogue, day: date, told: frozenset[str]) -> Talk:
    holders = ledger.holders_for(dialogue, day)
    asked = tuple(_asked(ledger, dialogue, holders, day))
    model = house.model(dialogue.model)
    above = access.nearest_leader(holders)
    return Talk(
        dialogue.id,
        dialogue.opens_on,
        dialogue.due_on,
        model.reminders if model else Reminders(),
        asked,
        tuple(_present(ledger, holders, above, day)) if above else (),
        tuple(_formerly(ledger, dialogue, asked, day, told)),
        tuple(dict.fromkeys(_readers(ledger, dialogue, day))),
        danish_day(dialogue.sent_at) if dialogue.sent_at else None,
        dialogue.id in ledger.replied,
        is_vacant=not any(one.depth == 0 and one.role in access.ANSWERING for one in holders),
        vacant_since=_vacant_since(ledger, dialogue, day),
    )


# --- who answers ------------------------------------------------------------------------------------------------------------------------


def _asked(ledger: Ledger, dialogue: OpenDialogue, holders: Iterable[Holder], day: date) -> Iterator[Asked]:
    """Who answers: the leaders who are there, and who stands in for those who are not; where there is nobody, the deputies."""
    own = [one for one in holders if one.depth == 0]
    leaders = [one for one in own if one.role == "leader"]
    found = [asked for one in leaders if (asked := _answering(ledger, one, day))]
    if found:
        yield from {one.person: one for one in found}.values()
        return
    away = next((gone for one in leaders if (gone := ledger.away(one.person_id, day))), None)
    since, until = (away.first, away.last) if away else (_vacant_since(ledger, dialogue, day), None)
    for one in own:
        if one.role == "deputy" and not one.away:
            yield Asked(one.person_id, since, until)


def _answering(ledger: Ledger, leader: Holder, day: date) -> Asked | None:
    away = ledger.away(leader.person_id, day)
    if away is None:
        return Asked(leader.person_id, _since(ledger, leader))
    if away.stand_in_id is None or ledger.away(away.stand_in_id, day):
        return None
    return Asked(away.stand_in_id, away.first, away.last)


def _since(ledger: Ledger, leader: Holder) -> date | None:
    """Since when somebody has led what another led before; posts that follow each other count as one. None for an owner."""
    since = leader.since if isinstance(leader, Seat) else None
    led = _leading(ledger, leader.unit_id)
    own = {one.until: one for one in led if one.person_id == leader.person_id}
    while since is not None and (earlier := own.get(since - _DAY)):
        since = earlier.since
    before = ((one.until, one.person_id) for one in led if one.until)
    is_taken_over = any(since and (last < since or (last == since and who != leader.person_id)) for last, who in before)
    return since if is_taken_over else None


def _leading(ledger: Ledger, unit_id: int) -> list[Post]:
    return [one for one in ledger.posts.get(unit_id, ()) if one.role == "leader"]


def _vacant_since(ledger: Ledger, dialogue: OpenDialogue, day: date) -> date | None:
    """The day after the last leader left; None where there was none that is known."""
    ended = [one.until for one in _leading(ledger, dialogue.unit_id) if one.until and one.until < day]
    return max(ended) + _DAY if ended else None


def _formerly(
    ledger: Ledger, dialogue: OpenDialogue, asked: Iterable[Asked], day: date, told: frozenset[str]
) -> Iterator[int]:
    """Who led the unit while the dialogue was open and does no more, and knows of it: they were invited, or have answered."""
    now = {one.person for one in asked}
    still = {one.person_id for one in ledger.holders(dialogue.unit_id, day) if one.depth == 0}
    for post in _leading(ledger, dialogue.unit_id) if now and dialogue.owner_id is None else ():
        has_left = post.until is not None and dialogue.opens_on <= post.until < day
        if not has_left or post.person_id in now | still:
            continue
        keys = {f"{how}:{dialogue.id}:{post.person_id}" for how in ("invited", "handed")}
        if keys & told or (dialogue.id, post.person_id) in ledger.answered:
            yield post.person_id


# --- who is above -----------------------------------------------------------------------------------------------------------------------


def _present(ledger: Ledger, holders: Sequence[Holder], above: Holder, day: date) -> Iterator[int]:
    """Who is told instead of a nearest leader who is away: who stands in, else the deputies there; nobody where there is none.

    Never who answers for the unit: of them nobody is above themselves.
    """
    level = [one for one in holders if one.depth == above.depth and one.unit_id == above.unit_id]
    stand_in = above.stand_in_id
    if not above.away:
        yield above.person_id
    elif stand_in is not None and not ledger.away(stand_in, day) and not access.may_answer(stand_in, holders):
        yield stand_in
    else:
        deputies = (one.person_id for one in level if one.role == "deputy" and not one.away)
        yield from (one for one in deputies if not access.may_answer(one, holders))


def _readers(ledger: Ledger, dialogue: OpenDialogue, day: date) -> Iterator[int]:
    """Who has the weekly overview: consultants, the direktion and directors unless they do not want it; other leaders who do."""
    for one in ledger.holders(dialogue.unit_id, day):
        if one.role == "deputy" or (one.role == "leader" and one.depth == 0):
            continue
        wants = ledger.people[one.person_id].digest
        if wants or (wants is None and has_overview(one.role, ledger.units[one.unit_id].kind)):
            yield one.person_id


def has_overview(role: str, kind: str) -> bool:
    """Whether a post comes with the weekly overview, where its holder has not said otherwise."""
    return role in _OVERSEEING or (role == "leader" and kind == "forvaltning")
