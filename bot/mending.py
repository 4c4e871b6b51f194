"""Mending: whoever looks after the agreements is told that a summary could not be delivered, and can have it tried again.

Promises: one message a day for each channel or person, however many summaries wait, and another only after it was tried again in
vain; it says what is wrong and what to do; only the consultants for the unit can try again; what has arrived meanwhile is not
posted twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.addressing import COME_AGAIN, TO_ONE
from bot.clock import danish_day
from bot.report_orders import KIND as REPORT
from bot.report_orders import LOST, UNREACHED
from bot.turn import Turn
from cards import asking
from cards.card import LONGEST_NUMBER, Button, Card, Press
from dialogs.rounds import within_working_hours
from dialogs.script import DaysOff
from store.outbox import Target
from store.records import Delivery
from store.reminders import REACHED
from store.work import Work

KNOWN = frozenset(
    {"not-in-channel", "channel-not-found", "channel-ambiguous", "is-archived", "no-channel", "not-installed"}
    | {"possibly-delivered", "not-allowed"}
)
"""The reasons for a channel that have a sentence of their own."""
NO_ACCOUNT = frozenset({"no-account", "user-disabled", "guest", "not-installed", "no-channel", "blocked"})
"""The reasons for a person that mean: there is no way to them."""


SAID_OF_PERSON = frozenset({"no-account", "not-installed", "blocked", "user-disabled", "guest"})
"""The reasons for a person that have a sentence of their own."""
GATHERED_FOR = timedelta(minutes=15)  # so that a round's invitations that fail make one message
LOOKED_BACK = timedelta(days=30)
MOST_NAMED = 25


def plan_trouble(work: Work, dead: Delivery, now: datetime, off: DaysOff, reason: str = "") -> None:
    """Plan to tell the closest consultant of what could not be delivered; of a report whoever asked for it, if they can be told."""
    if dead.kind == REPORT:
        if reason not in UNREACHED:
            work.outbox.plan(f"{LOST}:{dead.id}", LOST, due_at=now, person_id=dead.person_id, content=dead.id)
        return
    target = _target_of(dead)
    if target is None:
        return
    if dead.kind in TO_ONE:
        _plan_unreached(work, target, now, off)
    elif dead.kind == "summary":
        _plan_for_summary(work, target, now, off)


def _plan_unreached(work: Work, target: Target, now: datetime, off: DaysOff) -> None:
    """One message a day names everybody who cannot be reached."""
    today = danish_day(now)
    consultant = next((one for one in _consultants(work, target, today) if one != target.person_id), None)
    if consultant is not None:
        due_at = within_working_hours(now + GATHERED_FOR, ZoneInfo(work.person_by_id(consultant).timezone), off)
        key = f"unreached:{consultant}:{today.isoformat()}"
        work.outbox.plan(key, "unreached", due_at=due_at, person_id=consultant)


def told_unreached(turn: Turn) -> Card | None:
    """Whom the consultant's people cannot be reached, and what to do about each; None when all can again."""
    found = turn.work.outbox.unreached(TO_ONE, turn.now - LOOKED_BACK)
    mine = {
        person: reason
        for person, reason in found.items()
        if turn.person.id in _consultants(turn.work, Target(person_id=person), turn.today)[:1]
    }
    if not mine:
        return None
    names = turn.work.names(mine)
    points = tuple(
        turn.say(
            f"unreached.{reason}" if reason in SAID_OF_PERSON else "unreached.other", person=names[one], reason=reason
        )
        for one, reason in sorted(mine.items(), key=lambda item: names[item[0]])
    )
    more = (turn.say("unreached.more", count=len(points) - MOST_NAMED),) if len(points) > MOST_NAMED else ()
    title = turn.say("unreached.title", count=len(points))
    lines = (turn.say("unreached.body"),)
    return asking.plain("trouble", title, lines, turn.person.language, points=(*points[:MOST_NAMED], *more))


def _plan_for_summary(work: Work, target: Target, now: datetime, off: DaysOff) -> None:
    today = danish_day(now)
    consultants = [one for one in _consultants(work, target, today) if one != target.person_id]
    if consultants:
        key = f"trouble:{_token(target)}:{today.isoformat()}:{work.times_noted('retried', _token(target))}"
        due_at = within_working_hours(now, ZoneInfo(work.person_by_id(consultants[0]).timezone), off)
        # content tells of whom it is when it is no channel: the delivery itself is for the consultant
        work.outbox.plan(
            key,
            "trouble",
            due_at=due_at,
            person_id=consultants[0],
            unit_id=target.unit_id,
            content=target.person_id,
        )


def plan_for_return(work: Work, delivery: Delivery, back: datetime) -> None:
    """A consultant who is away is told when they are back: one message of it, however many days it was so."""
    kind, whom, _, *rest = delivery.key.split(":")
    work.outbox.plan(
        ":".join((kind, whom, danish_day(back).isoformat(), *rest)),
        kind,
        due_at=back,
        person_id=delivery.person_id,
        unit_id=delivery.unit_id,
        content=delivery.content,
    )


def target_of_trouble(delivery: Delivery) -> Target | None:
    """Whose summaries a message of trouble is about."""
    if delivery.unit_id is not None:
        return Target(unit_id=delivery.unit_id)
    return Target(person_id=delivery.content) if delivery.content is not None else None


def _target_of(dead: Delivery) -> Target | None:
    if dead.unit_id is not None:
        return Target(unit_id=dead.unit_id)
    return Target(person_id=dead.person_id) if dead.person_id is not None else None


def _token(target: Target) -> str:
    return f"unit-{target.unit_id}" if target.unit_id is not None else f"person-{target.person_id}"


def _parse(token: str) -> Target | None:
    kind, _, number = token.partition("-")
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return None
    return {"unit": Target(unit_id=int(number)), "person": Target(person_id=int(number))}.get(kind)


def _consultants(work: Work, target: Target, day: date) -> tuple[int, ...]:
    """Those at the unit or above it, the closest first; where there is none, the municipality's."""
    if target.unit_id is not None:
        units = [target.unit_id]
    else:
        units = [unit.id for _, unit in work.posts_of(target.person_id or 0, day)]
    above = [one.person_id for unit in units for one in work.holders(unit, day) if one.role == "consultant"]
    return tuple(dict.fromkeys(above)) or work.consultant_ids(day)


def told(turn: Turn, target: Target) -> Card | None:
    """What the consultant is told; None when nothing waits any more."""
    waiting = turn.work.outbox.dead("summary", target)
    where = _where(turn, target)
    if not waiting or not where:
        return None
    reason = waiting[-1].reason or ""
    if target.unit_id is not None:
        why = f"trouble.{reason}" if reason in KNOWN else "trouble.other"
        lines = [turn.say("trouble.waiting", count=len(waiting), room=where), turn.say(why, room=where, reason=reason)]
    else:
        why = "trouble.no_account" if reason in NO_ACCOUNT else "trouble.other_person"
        lines = [turn.say("trouble.waiting_person", count=len(waiting), person=where)]
        lines.append(turn.say(why, person=where, reason=reason))
    again = Button(turn.say("button.try_again"), Press("retry", value=_token(target)), "primary")
    lines.append(turn.say("trouble.kept"))
    return asking.plain("trouble", turn.say("trouble.title"), lines, turn.person.language, (again,))


def _where(turn: Turn, target: Target) -> str:
    if target.unit_id is not None:
        room = turn.work.room_above(target.unit_id)
        return room[1] if room else ""
    return turn.work.names([target.person_id or 0]).get(target.person_id or 0, "")


def try_again(turn: Turn, press: Press) -> Card:
    """Plan anew what could not be delivered."""
    target = _parse(press.value)
    if target is None or turn.person.id not in _consultants(turn.work, target, turn.today):
        return turn.refusal("not-theirs-to-mend", press.value, turn.say("refusal.not_yours_to_mend"))
    turn.work.note("retried", _token(target), turn.now, person_id=turn.person.id)
    count = turn.work.outbox.revive("summary", (target,), turn.now)
    line = turn.say("trouble.again" if count else "trouble.nothing", count=count)
    return asking.plain("trouble", "", (line,), turn.person.language)


def room_opened(work: Work, platform: str, names: Collection[str], now: datetime) -> int:
    """The bot was let into a channel: what waits for it is planned anew; how many posts that is."""
    units = work.units_with_room(platform, names)
    return work.outbox.revive("summary", [Target(unit_id=unit) for unit in units], now)


def person_reached(work: Work, person_id: int, now: datetime) -> int:
    """Somebody spoke to the bot on a platform for the first time: summaries that could not reach them are planned anew."""
    target = Target(person_id=person_id)
    for kind in COME_AGAIN:
        work.outbox.let_be(kind, target, REACHED)  # they are here, and see what waits for them
    waiting = ("summary", *(kind for kind in TO_ONE if kind not in COME_AGAIN))
    return sum(work.outbox.revive(kind, (target,), now) for kind in waiting)
