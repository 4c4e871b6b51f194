"""What follows when a dialogue is sent: where its summary goes, and the delivery planned for it.

Promises: the destination is worked out anew each time from the posts of the day; a dialogue has one summary delivery, posted
once and corrected in place afterwards, and it shows the answers as they were when they were sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot import access
from bot.gathering import Gathered
from cards.telling import Where
from dialogs.engine import GOAL, INITIATIVE
from dialogs.script import Role
from dialogs.summary import Entry, GoalEntry, summarise
from store.actions import Agreed
from store.goals import ReadingRow
from store.records import Dialogue, Holder
from store.work import Work


def destination(work: Work, gathered: Gathered, day: date, platform: str) -> Where:
    """Where the summary goes: where it stands already, else the nearest leader's channel, else their own chat, else nowhere yet."""
    key = summary_key(gathered.dialogue.id)
    stands, is_there = work.outbox.delivery(key), work.outbox.stands(key)
    nearest = gathered.nearest
    if stands is not None:  # a correction goes there, whoever leads above today
        room = work.room_above(stands.unit_id, platform) if stands.unit_id is not None else None
        person = stands.person_id
    else:
        room, person = _room(work, nearest, platform), nearest.person_id if nearest else None
    if room is not None:
        who = work.audience(room[1], day, platform)
        return Where(room[1], who.count, who.is_open, who.is_shared, owner=room[0], is_there=is_there)
    return Where(direct=True, owner=person, is_there=is_there) if person is not None else Where()


def _room(work: Work, nearest: Holder | None, platform: str = "") -> tuple[int, str] | None:
    return work.room_above(nearest.unit_id, platform) if nearest else None


def summary_key(dialogue_id: int) -> str:
    """What makes a dialogue's summary one delivery."""
    return f"summary:{dialogue_id}"


def send(work: Work, gathered: Gathered, person_id: int, now: datetime) -> None:
    """Mark the present answers as sent, and plan the post or its correction."""
    dialogue = gathered.dialogue
    statuses = _statuses(gathered)
    work.mark_sent(dialogue, statuses, person_id, now)
    work.overview.keep_initiatives(dialogue.id, statuses, _concerns(gathered, statuses))
    _keep_goals(work, gathered, person_id, now)
    _keep_actions(work, gathered)
    work.note("corrected" if dialogue.is_sent else "sent", f"dialogue {dialogue.id}", now, person_id=person_id)
    plan_summary(work, dialogue, gathered.nearest, dialogue.revision, now)


def _keep_goals(work: Work, gathered: Gathered, person_id: int, now: datetime) -> None:
    """Keep what the evidence of each goal showed, and how far it is reached, where the script asks about goals."""
    scene, dialogue = gathered.scene, gathered.dialogue
    if not any(section.each == GOAL for section in scene.script.sections):
        return
    goals = summarise(scene.script, scene.subjects, scene.answers, scene.before).goals
    readings = [
        ReadingRow(_number(one), one.reading, one.reading_on, one.reading_source, one.no_data, one.next_reading)
        for one in goals
        if one.reading is not None or one.no_data
    ]
    work.goals.keep_readings(dialogue.id, dialogue.unit_id, readings, person_id, now)
    attained = {_number(one): one.counts_as.value for one in goals if one.counts_as is not None}
    work.goals.keep_attainments(dialogue.agreement_id, dialogue.id, attained)
    work.overview.keep_goals(dialogue.id, attained)


def _keep_actions(work: Work, gathered: Gathered) -> None:
    """Keep what is said to happen now: one for each who does it, and for the leader where nobody is named."""
    scene = gathered.scene
    summary = summarise(scene.script, scene.subjects, scene.answers, scene.before)
    said: list[Entry | GoalEntry] = [*summary.entries, *summary.goals]
    work.actions.keep(
        gathered.dialogue.id, [agreed for one in said if one.next for agreed in _agreed(work, gathered, one)]
    )


def _agreed(work: Work, gathered: Gathered, entry: Entry | GoalEntry) -> list[Agreed]:
    kind, _, number = entry.subject.id.rpartition("-")
    initiative = int(number) if kind == INITIATIVE else None
    picked = entry.responsible["people"] if entry.responsible else []
    others = entry.responsible["others"] if entry.responsible else ""
    leader = access.leader_of(gathered.holders)
    if not picked and not others and leader:
        picked = [leader.person_id]
    names = work.names(picked)
    agreed = [Agreed(entry.next, names[one], one, entry.by_when, initiative) for one in picked if one in names]
    return [*agreed, *([Agreed(entry.next, others, None, entry.by_when, initiative)] if others else [])]


def _number(entry: GoalEntry) -> int:
    return int(entry.subject.id.rpartition("-")[2])


def plan_summary(work: Work, dialogue: Dialogue, nearest: Holder | None, revision: int, now: datetime) -> bool:
    """Plan the summary, or its correction when it is planned already; nothing while nobody leads above."""
    key = summary_key(dialogue.id)
    if work.outbox.delivery(key) is not None:
        work.outbox.plan_correction(key, revision, now)
        return True
    if nearest is None:
        return False
    room = _room(work, nearest)
    return work.outbox.plan(
        key,
        "summary",
        due_at=now,
        person_id=None if room else nearest.person_id,
        unit_id=room[0] if room else None,
        dialogue_id=dialogue.id,
        content=revision,
    )


def room_of_summary(work: Work, dialogue_id: int, platform: str) -> str:
    """The channel a dialogue's summary stands in; "" when it went to the nearest leader's own chat."""
    planned = work.outbox.delivery(summary_key(dialogue_id))
    room = work.room_above(planned.unit_id, platform) if planned and planned.unit_id is not None else None
    return room[1] if room else ""


def answering_person(dialogue: Dialogue, holders: tuple[Holder, ...]) -> int | None:
    """Who is told what the nearest leader said: the unit's leader of the day, else whoever sent the summary."""
    leader = access.leader_of(holders)
    return leader.person_id if leader else dialogue.sent_by_id


def _statuses(gathered: Gathered) -> dict[int, str]:
    """Each initiative's status, by its id."""
    scene = gathered.scene
    found: dict[int, str] = {}
    for stop in scene.stops:
        for one in stop.step.fields if stop.subject.kind == INITIATIVE else ():
            value = scene.answers.get(stop.place, {}).get(one.id)
            if one.role is Role.STATUS and isinstance(value, str):
                found[int(stop.subject.id.rpartition("-")[2])] = value
    return found


def _concerns(gathered: Gathered, statuses: Mapping[int, str]) -> int:
    """How many of the initiatives have a status that is worth talking about."""
    fields = (one for section in gathered.scene.script.sections for step in section.steps for one in step.fields)
    worth = {choice.id for one in fields if one.role is Role.STATUS for choice in one.choices if choice.concern}
    return sum(status in worth for status in statuses.values())
