"""What reminding needs to know, read for everybody at once: open dialogues, posts, absences, what falls due, who was told when.

Promises: a constant number of statements, whatever the municipality's size; for one person only the part that concerns them. What
is read holds for every day from the one it was read for on, so that days ahead can be foreseen. What was told once and for all is
noted with the message that told it, and counts only as long as that message was not skipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, true, update

from store import tables as t
from store.records import Holder, Role, with_owner
from store.upserts import upsert

REHEARSED = "rehearsal"
"""Why an example's messages of earlier days were not sent: whoever they were for counts as told."""
REACHED = "reached"
"""Why what was refused for good is let be: the person has come of themselves, and was shown what waits for them."""
GATHERED = "gathered"
"""The state of what was told within another message: nothing more is sent of it."""
TOLD = "told"
TOO_LATE = "too-late"
"""Why what could not be sent in the hours it was meant for was not sent."""

_KINDS = ("invitation", "nudge")
_BACK = timedelta(days=500)  # further back than any dialogue that is still open
_ASKED_FOR = timedelta(days=30)  # how long what somebody asked for and was not sent is still made up for
_DONE_LATE = timedelta(days=30)  # how long an action that has fallen due is still asked about
_RESPONSES = ("reply", "question", "at_meeting", "approval")
_HOLD = {
    dialect: upsert(dialect, t.delivery, ("key",), ("state", "reason", "due_at", "person_id"))
    for dialect in ("sqlite", "postgresql")
}


@dataclass(frozen=True, slots=True)
class Reminded:
    """Somebody who may be told something, and how they want it."""

    id: int
    name: str
    timezone: str
    cadence: str | None
    digest: bool | None


@dataclass(frozen=True, slots=True)
class Seat(Holder):
    """A holder with the days: since when the post is held, and the absence they are away in."""

    since: date | None = None
    until: date | None = None
    away_since: date | None = None
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post and its days; `until` is the last day, None until further notice."""

    id: int
    person_id: int
    unit_id: int
    role: Role
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's days away."""

    person_id: int
    first: date
    last: date
    stand_in_id: int | None


@dataclass(frozen=True, slots=True)
class OpenDialogue:
    """A dialogue of an agreement that is not over."""

    id: int
    agreement_id: int
    unit_id: int
    owner_id: int | None
    model: str
    round: str
    opens_on: date
    due_on: date
    ends_on: date  # the agreement's last day
    sent_at: datetime | None
    script_digest: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as reminding speaks of it."""

    id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action with a day and somebody who does it, not done yet."""

    id: int
    dialogue_id: int
    person_id: int
    what: str
    due_on: date
    agreed_at: datetime | None
    unit_id: int


@dataclass(frozen=True, slots=True)
class OpenDelegation:
    """An indsats that somebody was asked to answer about, and has not."""

    id: int
    dialogue_id: int
    subject: str
    person_id: int
    asked_by_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of the day that somebody asked for."""

    id: int
    person_id: int
    dialogue_id: int | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was read, asked by day."""

    people: Mapping[int, Reminded]
    units: Mapping[int, UnitRow]
    above: Mapping[int, Sequence[tuple[int, int]]]  # of a unit: the units from itself up, each with its distance
    posts: Mapping[int, Sequence[Post]]  # by unit, in the order they were made
    absences: Mapping[int, Sequence[Absence]]  # by person
    names: Mapping[int, str]
    dialogues: tuple[OpenDialogue, ...]
    replied: frozenset[int]
    answered: frozenset[tuple[int, int]]  # dialogue and person
    idle: frozenset[int]  # owners' dialogues with no initiative left in them
    actions: tuple[OpenAction, ...]
    delegations: tuple[OpenDelegation, ...]
    told: frozenset[str]
    told_at: Mapping[int, datetime]
    invited: frozenset[tuple[str, date, int]]  # round, deadline and person: invited before invitations were gathered

    def away(self, person_id: int, day: date) -> Absence | None:
        """The absence somebody is in on a day."""
        return next((one for one in self.absences.get(person_id, ()) if one.first <= day <= one.last), None)

    def holders(self, unit_id: int, day: date) -> tuple[Seat, ...]:
        """Everyone with a post at the unit or above it on a day, closest first."""
        return tuple(
            self._seat(post, depth, day)
            for above, depth in self.above.get(unit_id, ())
            for post in self.posts.get(above, ())
            if post.since <= day and (post.until is None or post.until >= day)
        )

    def holders_for(self, dialogue: OpenDialogue, day: date) -> tuple[Holder, ...]:
        """Everyone with a part in a dialogue on a day; where an owner answers, the owner is the closest of them."""
        holders = self.holders(dialogue.unit_id, day)
        if dialogue.owner_id is None:
            return holders
        whole = Post(0, dialogue.owner_id, dialogue.unit_id, "leader", dialogue.opens_on, None)
        return with_owner(replace(self._seat(whole, 0, day), since=None), holders)

    def _seat(self, post: Post, depth: int, day: date) -> Seat:
        away = self.away(post.person_id, day)
        return Seat(
            post.person_id,
            self.names.get(post.person_id, ""),
            post.role,
            post.unit_id,
            self.units[post.unit_id].name,
            depth,
            away is not None,
            away.stand_in_id if away else None,
            self.names.get(away.stand_in_id or 0, "") if away else "",
            post.since,
            post.until,
            away.first if away else None,
            away.last if away else None,
        )


class Reminders:
    """What reminding asks of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ledger(
        self, day: date, person_id: int | None = None, *, besides: str = "", planned_is_told: bool = True
    ) -> Ledger:
        """What holds on a day and after it: for everybody, or as far as it concerns one person.

        `besides` is the key of a message that is just being written: what it tells does not count as told. A message that is only
        planned counts, unless `planned_is_told` is false.
        """
        dialogues = self._dialogues(day, person_id)
        only = None if person_id is None else {one.unit_id for one in dialogues}
        talks = None if person_id is None else {one.id for one in dialogues}
        above = self._above(only)
        seen = None if only is None else {unit for line in above.values() for unit, _ in line}
        posts = self._posts(day, seen)
        owners = {one.owner_id for one in dialogues if one.owner_id is not None}
        holders = {one.person_id for held in posts.values() for one in held} | owners
        absences = self._absences(day, None if person_id is None else {person_id, *holders})
        acting = {one.stand_in_id for away in absences.values() for one in away if one.stand_in_id is not None}
        people = self._people(None if person_id is None else {person_id, *holders, *acting})
        return Ledger(
            people=people,
            units=self._units(seen),
            above=above,
            posts=posts,
            absences=absences,
            names={one.id: one.name for one in people.values()},
            dialogues=dialogues,
            replied=self._replied(day, talks),
            answered=self._answered(day, talks),
            idle=self._idle(day, talks),
            actions=self._actions(day, person_id),
            delegations=self._delegations(person_id),
            told=self._told(day, besides, person_id),
            told_at=self._told_at(day, besides, person_id, planned_is_told=planned_is_told),
            invited=self._invited(day, person_id),
        )

    def _rows(self, statement: Select[Any], record: type[Any]) -> tuple[Any, ...]:
        return tuple(record(*row) for row in self._connection.execute(statement))

    def _people(self, only: Collection[int] | None) -> Mapping[int, Reminded]:
        c = t.person.c
        statement = _within(select(c.id, c.name, c.timezone, c.cadence, c.digest), c.id, only)
        return {one.id: one for one in self._rows(statement, Reminded)}

    def _units(self, only: Collection[int] | None) -> Mapping[int, UnitRow]:
        c = t.unit.c
        return {one.id: one for one in self._rows(_within(select(c.id, c.code, c.name, c.kind), c.id, only), UnitRow)}

    def _dialogues(self, day: date, person_id: int | None) -> tuple[OpenDialogue, ...]:
        statement = (
            select(
                t.dialogue.c.id,
                t.dialogue.c.agreement_id,
                t.agreement.c.unit_id,
                t.dialogue.c.owner_id,
                t.dialogue.c.model,
                t.dialogue.c.round,
                t.dialogue.c.opens_on,
                t.dialogue.c.due_on,
                t.agreement.c.to_day,
                t.dialogue.c.sent_at,
                t.dialogue.c.script_digest,
            )
            .select_from(t.dialogue.join(t.agreement))
            .where(t.agreement.c.to_day >= day, t.dialogue.c.due_on >= day - _BACK)
            .order_by(t.dialogue.c.id)
        )
        if person_id is not None:
            statement = statement.where(_concerns(person_id, day))
        return self._rows(statement, OpenDialogue)

    def _above(self, only: Collection[int] | None) -> Mapping[int, Sequence[tuple[int, int]]]:
        c = t.unit_closure.c
        statement = select(c.descendant_id, c.ancestor_id, c.depth).order_by(c.descendant_id, c.depth)
        found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for row in self._connection.execute(_within(statement, c.descendant_id, only)):
            found[row.descendant_id].append((row.ancestor_id, row.depth))
        return found

    def _posts(self, day: date, only: Collection[int] | None) -> Mapping[int, Sequence[Post]]:
        c = t.post.c
        statement = (
            select(c.id, c.person_id, c.unit_id, c.role, c.from_day, c.to_day)
            .where(or_(c.to_day.is_(None), c.to_day >= day - _BACK))
            .order_by(c.id)
        )
        return _by("unit_id", self._rows(_within(statement, c.unit_id, only), Post))

    def _absences(self, day: date, only: Collection[int] | None) -> Mapping[int, Sequence[Absence]]:
        """The absences of some people, and of those who stand in for them."""
        c = t.absence.c
        statement = select(c.person_id, c.from_day, c.to_day, c.stand_in_id).where(c.to_day >= day).order_by(c.from_day)
        found = _by("person_id", self._rows(_within(statement, c.person_id, only), Absence))
        if only is None:
            return found
        acting = {one.stand_in_id for away in found.values() for one in away if one.stand_in_id is not None}
        return {**found, **(self._absences_of(statement, acting - set(only)))}

    def _absences_of(self, statement: Select[Any], people: Collection[int]) -> Mapping[int, Sequence[Absence]]:
        return _by("person_id", self._rows(_within(statement, t.absence.c.person_id, people), Absence))

    def _replied(self, day: date, only: Collection[int] | None) -> frozenset[int]:
        replied = (
            select(t.comment.c.dialogue_id)
            .join(t.dialogue)
            .where(t.comment.c.kind.in_(_RESPONSES), t.dialogue.c.due_on >= day - _BACK)
            .distinct()
        )
        return frozenset(self._connection.execute(_within(replied, t.comment.c.dialogue_id, only)).scalars())

    def _answered(self, day: date, only: Collection[int] | None) -> frozenset[tuple[int, int]]:
        """Who has answered in the dialogues that are not sent yet."""
        answered = select(t.answer.c.dialogue_id, t.answer.c.person_id).join(t.dialogue).where(_unsent(day)).distinct()
        rows = self._connection.execute(_within(answered, t.answer.c.dialogue_id, only))
        return frozenset((row.dialogue_id, row.person_id) for row in rows)

    def _idle(self, day: date, only: Collection[int] | None) -> frozenset[int]:
        theirs = and_(
            t.initiative.c.agreement_id == t.dialogue.c.agreement_id, t.initiative.c.owner_id == t.dialogue.c.owner_id
        )
        has_none = ~select(t.initiative.c.id).where(theirs).exists()
        owned = select(t.dialogue.c.id).where(_unsent(day), t.dialogue.c.owner_id.is_not(None), has_none)
        return frozenset(self._connection.execute(_within(owned, t.dialogue.c.id, only)).scalars())

    def _actions(self, day: date, person_id: int | None) -> tuple[OpenAction, ...]:
        c = t.action.c
        statement = (
            select(c.id, c.dialogue_id, c.person_id, c.what, c.due_on, t.dialogue.c.sent_at, t.agreement.c.unit_id)
            .join(t.dialogue, t.dialogue.c.id == c.dialogue_id)
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .where(c.state == "open", c.person_id.is_not(None), c.due_on >= day - _DONE_LATE)
            .order_by(c.id)
        )
        return self._rows(_of(statement, c.person_id, person_id), OpenAction)

    def _delegations(self, person_id: int | None) -> tuple[OpenDelegation, ...]:
        c = t.delegation.c
        statement = (
            select(c.id, c.dialogue_id, c.subject, c.person_id, c.asked_by_id, c.at)
            .join(t.dialogue, t.dialogue.c.id == c.dialogue_id)
            .where(c.answered_at.is_(None), t.dialogue.c.sent_revision.is_(None))
            .order_by(c.id)
        )
        return self._rows(_of(statement, c.person_id, person_id), OpenDelegation)

    # --- which units -----------------------------------------------------------------------------------------------------------

    def below(self, tops: Iterable[int]) -> frozenset[int]:
        """Some units and all below them."""
        c = t.unit_closure.c
        rows = self._connection.execute(select(c.descendant_id).where(c.ancestor_id.in_(sorted(set(tops)))))
        return frozenset(rows.scalars())

    def units_called(self, name: str) -> tuple[UnitRow, ...]:
        """The units with that code or name, whatever the case of its letters; else those whose name it is part of."""
        said = name.strip().casefold()
        columns = (t.unit.c.id, t.unit.c.code, t.unit.c.name, t.unit.c.kind)
        units = self._rows(select(*columns).order_by(t.unit.c.id), UnitRow)
        ways = (
            [one for one in units if one.code.casefold() == said],
            [one for one in units if one.name.casefold() == said],
            [one for one in units if said in one.name.casefold()],
        )
        return tuple(next((found for found in ways if found), []))

    # --- who was told what ------------------------------------------------------------------------------------------------------

    def hold(self, keys: Iterable[str], message: str, person_id: int, now: datetime) -> None:
        """Note what a message tells once and for all, by the keys of it."""
        rows = [
            {"key": key, "kind": TOLD, "person_id": person_id, "due_at": now, "state": GATHERED, "reason": message}
            for key in keys
        ]
        if rows:
            self._connection.execute(_HOLD[self._connection.dialect.name], rows)

    def asked_too_late(self, content: int, now: datetime) -> tuple[Asked, ...]:
        """The messages of a day that people asked for, by their content, and that could not be sent on that day."""
        c = t.delivery.c
        missed = or_(c.state == "planned", and_(c.state == "skipped", c.reason == TOO_LATE))
        statement = (
            select(c.id, c.person_id, c.dialogue_id)
            .where(c.kind == "nudge", c.content == content, missed, c.due_at >= now - _ASKED_FOR, c.expires_at <= now)
            .order_by(c.id)
        )
        return self._rows(statement, Asked)

    def asked_for(self, content: int, now: datetime) -> tuple[tuple[int, datetime], ...]:
        """Who has asked for a message of a day that is still to come, and when that is due."""
        c = t.delivery.c
        still = and_(c.kind == "nudge", c.content == content, c.state == "planned", c.expires_at > now)
        rows = self._connection.execute(select(c.person_id, c.due_at).where(still).order_by(c.due_at, c.id))
        return tuple((row.person_id, row.due_at) for row in rows)

    def ask_again(self, asked: Asked, key: str, content: int) -> None:
        """Let the message planned under a key, if it is not sent yet, be the one that was asked for, and not the missed one."""
        c = t.delivery.c
        self._connection.execute(update(t.delivery).where(c.id == asked.id).values(content=None))
        self._connection.execute(update(t.delivery).where(c.key == key, c.state == "planned").values(content=content))

    def _told(self, day: date, besides: str, person_id: int | None) -> frozenset[str]:
        message = t.delivery.alias("message")
        statement = (
            select(t.delivery.c.key)
            .join(message, message.c.key == t.delivery.c.reason)
            .where(
                t.delivery.c.state == GATHERED,
                t.delivery.c.due_at >= _midnight(day - _BACK),
                t.delivery.c.reason != besides,
                _counts(message.c.state, message.c.reason),
            )
        )
        return frozenset(self._connection.execute(_of(statement, t.delivery.c.person_id, person_id)).scalars())

    def _told_at(
        self, day: date, besides: str, person_id: int | None, *, planned_is_told: bool
    ) -> Mapping[int, datetime]:
        c = t.delivery.c
        at = func.coalesce(c.posted_at, c.due_at)
        statement = (
            select(c.person_id, func.max(at))
            .where(
                c.kind.in_(_KINDS),
                c.person_id.is_not(None),
                c.key != besides,
                true() if planned_is_told else c.state != "planned",
                c.due_at >= _midnight(day - _BACK),
                _counts(c.state, c.reason),
            )
            .group_by(c.person_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(_of(statement, c.person_id, person_id))}

    def _invited(self, day: date, person_id: int | None) -> frozenset[tuple[str, date, int]]:
        """Who was invited by a message of its own, which had the round and the deadline in its key."""
        c = t.delivery.c
        statement = select(c.key).where(
            c.kind == "invitation", c.due_at >= _midnight(day - _BACK), _counts(c.state, c.reason)
        )
        rows = self._connection.execute(_of(statement, c.person_id, person_id))
        return frozenset(parsed for row in rows if (parsed := _parsed(row.key)))

    def last_sent(self, people: Collection[int]) -> Mapping[int, datetime]:
        """When each of some people was last sent a message of the day."""
        c = t.delivery.c
        statement = select(c.person_id, func.max(c.posted_at)).where(c.kind == "nudge", c.state == "sent")
        rows = self._connection.execute(_within(statement, c.person_id, people).group_by(c.person_id))
        return {row[0]: row[1] for row in rows if row[1] is not None}

    # --- what people choose -----------------------------------------------------------------------------------------------------

    def choose(self, person_id: int, *, cadence: str | None = None, digest: bool | None = None) -> None:
        """Note how somebody wants to be reminded; what is None is left as it is, and "normal" is as everybody."""
        values: dict[str, Any] = {}
        if cadence is not None:
            values["cadence"] = None if cadence == "normal" else cadence
        if digest is not None:
            values["digest"] = digest
        self._connection.execute(update(t.person).where(t.person.c.id == person_id).values(**values))

    def chosen(self, person_id: int) -> tuple[str | None, bool | None]:
        """How often somebody wants to be reminded, and whether they want the weekly overview; None: as everybody, as their post."""
        c = t.person.c
        row = self._connection.execute(select(c.cadence, c.digest).where(c.id == person_id)).one()
        return row.cadence, row.digest

    def absence(self, person_id: int, day: date) -> Absence | None:
        """The absence somebody is in on a day, as far as is known."""
        c = t.absence.c
        away = select(c.person_id, c.from_day, c.to_day, c.stand_in_id).where(
            c.person_id == person_id, c.from_day <= day, c.to_day >= day
        )
        row = self._connection.execute(away.order_by(c.from_day).limit(1)).first()
        return Absence(*row) if row else None

    def be_away(self, person_id: int, first: date, last: date, stand_in_id: int | None) -> None:
        """Note that somebody is away from a day to another; what they said of that first day before is replaced."""
        self.be_back(person_id, first)
        values = {"person_id": person_id, "from_day": first, "to_day": last, "stand_in_id": stand_in_id}
        keep = upsert(self._connection.dialect.name, t.absence, ("person_id", "from_day"), ("to_day", "stand_in_id"))
        self._connection.execute(keep, values)

    def be_back(self, person_id: int, day: date) -> bool:
        """Let an absence end the day before; False when they were not away."""
        c = t.absence.c
        begun = self._connection.execute(
            update(t.absence)
            .where(c.person_id == person_id, c.from_day < day, c.to_day >= day)
            .values(to_day=day - timedelta(days=1))
        )
        begins = self._connection.execute(delete(t.absence).where(c.person_id == person_id, c.from_day == day))
        return begun.rowcount + begins.rowcount > 0


def _concerns(person_id: int, day: date) -> ColumnElement[bool]:
    """The dialogues of units at or below those where the person has had a post or stands in, and of the owner they are or act for."""
    stood_in_for = select(t.absence.c.person_id).where(t.absence.c.stand_in_id == person_id, t.absence.c.to_day >= day)
    posts = select(t.post.c.unit_id).where(or_(t.post.c.person_id == person_id, t.post.c.person_id.in_(stood_in_for)))
    below = select(t.unit_closure.c.descendant_id).where(t.unit_closure.c.ancestor_id.in_(posts))
    delegated = select(t.delegation.c.dialogue_id).where(t.delegation.c.person_id == person_id)
    return or_(
        t.agreement.c.unit_id.in_(below),
        t.dialogue.c.owner_id == person_id,
        t.dialogue.c.owner_id.in_(stood_in_for),
        t.dialogue.c.id.in_(delegated),
    )


def _unsent(day: date) -> ColumnElement[bool]:
    return and_(t.dialogue.c.sent_revision.is_(None), t.dialogue.c.due_on >= day - _BACK)


def _counts(state: ColumnElement[str], reason: ColumnElement[str | None]) -> ColumnElement[bool]:
    """Whether a message told somebody something, or tried to: one that was skipped did not, but for two reasons."""
    return or_(state != "skipped", reason.in_((REHEARSED, REACHED)))


def _within(statement: Select[Any], column: ColumnElement[int], only: Collection[int] | None) -> Select[Any]:
    return statement if only is None else statement.where(column.in_(sorted(only)))


def _of(statement: Select[Any], column: ColumnElement[int], person_id: int | None) -> Select[Any]:
    return statement if person_id is None else statement.where(column == person_id)


def _by(name: str, rows: Iterable[Any]) -> Mapping[int, Sequence[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _parsed(key: str) -> tuple[str, date, int] | None:
    """Round, deadline and person of an invitation's key: invitation:2027-spring:2027-04-01:7."""
    parts = key.split(":")
    try:
        _, round_id, due_on, person = parts
        return round_id, date.fromisoformat(due_on), int(person)
    except ValueError:
        return None
