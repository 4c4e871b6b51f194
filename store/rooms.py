"""The local channel's own memory: what was posted where, and who may read it.

Promises: a post under a delivery's key is kept once; a room's history comes back oldest first; who is in a channel is worked out
from the posts held on the day, never stored. Knows nothing of cards, and of HTML only that it is text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select, update

from store import tables as t

HISTORY = 200  # messages of a room that are shown

_BELOW = ("afdeling", "stab")  # whoever holds a post in one of these just below sits in the channel of the unit above
_FROM_ABOVE = ("direktion", "consultant")


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it stands. `author` "" is the bot; `live` tells whether its buttons still work."""

    id: int
    room: str
    author: str
    html: str
    text: str
    card: str
    live: bool
    at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message not posted yet. `key` makes it one: the same key in the same room is the same message."""

    room: str
    author: str
    html: str
    text: str
    card: str
    key: str | None = None
    live: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A role at a unit, and the forvaltning it belongs to ("" above them all)."""

    role: str
    unit: str
    group: str


@dataclass(frozen=True, slots=True)
class Someone:
    """A person to choose, with the posts held on the day."""

    id: int
    email: str
    name: str
    language: str
    held: tuple[Held, ...]


def direct(person_id: int) -> str:
    """Return the room that only this person and the bot are in."""
    return f"dm-{person_id}"


def named(channel: str) -> str:
    """Return the room of a channel by its name, with or without the #."""
    return f"channel-{channel.removeprefix('#')}"


# --- messages -----------------------------------------------------------------------------------------------------------------

_MESSAGE = tuple(t.message.c[name] for name in Message.__slots__)


def post(connection: Connection, draft: Draft, now: datetime) -> int:
    """Post a message and return its id; a draft whose key is already in the room changes nothing."""
    if draft.key is not None and (found := find(connection, draft.room, draft.key)) is not None:
        return found
    statement = insert(t.message).values(
        room=draft.room,
        author=draft.author,
        html=draft.html,
        text=draft.text,
        card=draft.card,
        live=int(draft.live),
        delivery_key=draft.key,
        at=now,
    )
    return int(connection.execute(statement.returning(t.message.c.id)).scalar_one())


def find(connection: Connection, room: str, key: str) -> int | None:
    """Return the id of the message posted under a key."""
    where = (t.message.c.delivery_key == key, t.message.c.room == room)
    return connection.execute(select(t.message.c.id).where(*where).limit(1)).scalar_one_or_none()


def edit(connection: Connection, message_id: int, draft: Draft, now: datetime) -> bool:
    """Change a message in place, where it stands; False when it is not in that room."""
    changed = connection.execute(
        update(t.message)
        .where(t.message.c.id == message_id, t.message.c.room == draft.room)
        .values(html=draft.html, text=draft.text, card=draft.card, live=int(draft.live), edited_at=now)
    )
    return changed.rowcount == 1


def put(connection: Connection, draft: Draft, now: datetime, stands: int | None = None) -> int:
    """Let the message that stands, or the one under the draft's key, show a draft; post it where there is neither."""
    there = stands if stands is not None or draft.key is None else find(connection, draft.room, draft.key)
    if there is not None and edit(connection, there, draft, now):
        return there
    return post(connection, draft, now)


def retire(connection: Connection, room: str, but: int, card: str | None = None) -> None:
    """Let every card of a room but one be history; with `card`, only those of that kind."""
    where = [t.message.c.room == room, t.message.c.live == 1, t.message.c.id != but]
    if card is not None:
        where.append(t.message.c.card == card)
    connection.execute(update(t.message).where(*where).values(live=0))


def one(connection: Connection, message_id: int) -> Message | None:
    """Return the message with an id."""
    row = connection.execute(select(*_MESSAGE).where(t.message.c.id == message_id)).first()
    return _message(row) if row else None


def history(connection: Connection, rooms: Collection[str], limit: int = HISTORY) -> tuple[Message, ...]:
    """Return the latest messages of some rooms, oldest first."""
    latest = select(*_MESSAGE).where(t.message.c.room.in_(rooms)).order_by(t.message.c.id.desc()).limit(limit)
    return tuple(_message(row) for row in reversed(connection.execute(latest).all()))


def changes(connection: Connection, rooms: Collection[str], since: int) -> tuple[Message, ...]:
    """Return what is new in some rooms since a message's id, and what may have changed of what is older."""
    older = select(t.message.c.id).where(t.message.c.room.in_(rooms), t.message.c.id <= since)
    shown = older.order_by(t.message.c.id.desc()).limit(HISTORY)
    touched = and_(t.message.c.id.in_(shown), or_(t.message.c.edited_at.is_not(None), t.message.c.live == 0))
    fresh = and_(t.message.c.room.in_(rooms), t.message.c.id > since)
    rows = connection.execute(select(*_MESSAGE).where(or_(fresh, touched)).order_by(t.message.c.id))
    return tuple(map(_message, rows))


def latest(connection: Connection, rooms: Collection[str]) -> dict[str, int]:
    """Return the newest message's id of every room that has one: what is new is newer than what was seen."""
    newest = select(t.message.c.room, func.max(t.message.c.id)).where(t.message.c.room.in_(rooms))
    return {room: int(found) for room, found in connection.execute(newest.group_by(t.message.c.room))}


def stamp(connection: Connection, rooms: Collection[str]) -> tuple[object, ...]:
    """Return something small that differs when another process has written to one of the rooms."""
    marks = (func.max(t.message.c.id), func.sum(t.message.c.live), func.max(t.message.c.edited_at))
    return tuple(connection.execute(select(*marks).where(t.message.c.room.in_(rooms))).one())


def _message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        room=row.room,
        author=row.author,
        html=row.html,
        text=row.text,
        card=row.card,
        live=bool(row.live),
        at=row.at,
        edited_at=row.edited_at,
    )


# --- a turn ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event adds to a person's own conversation: perhaps what was said, and the card that answers it.

    The card takes the place of the message `instead_of`; without one it is posted below, and older cards become history.
    """

    room: str
    card: Draft
    said: Draft | None = None
    instead_of: int | None = None


def settle(connection: Connection, turn: Turn, now: datetime) -> tuple[Message, ...]:
    """Keep a turn and return the messages it made or changed, the answering card last; the same turn again adds nothing."""
    said = [post(connection, turn.said, now)] if turn.said is not None else []
    if turn.instead_of is not None and edit(connection, turn.instead_of, turn.card, now):
        answer = turn.instead_of
        retire(connection, turn.room, but=answer, card=turn.card.card)  # two of a kind would contradict each other
    else:
        answer = post(connection, turn.card, now)
        retire(connection, turn.room, but=answer)
    rows = connection.execute(select(*_MESSAGE).where(t.message.c.id.in_([*said, answer])).order_by(t.message.c.id))
    return tuple(map(_message, rows))


# --- people ----------------------------------------------------------------------------------------------------------------------


def people(connection: Connection, day: date) -> tuple[Someone, ...]:
    """Return everyone by name, with the posts held on the day."""
    return _with_posts(connection, select(t.person).order_by(t.person.c.name, t.person.c.id), day)


def someone(connection: Connection, email: str, day: date) -> Someone | None:
    """Return the person with an e-mail address, with the posts held on the day."""
    found = _with_posts(connection, select(t.person).where(t.person.c.email == email.lower()), day)
    return found[0] if found else None


def _with_posts(connection: Connection, chosen: Select[Any], day: date) -> tuple[Someone, ...]:
    persons = connection.execute(chosen).all()
    held = _held(connection, day, [row.id for row in persons] if len(persons) == 1 else None)
    return tuple(Someone(row.id, row.email, row.name, row.language, tuple(held[row.id])) for row in persons)


def _held(connection: Connection, day: date, only: Collection[int] | None) -> defaultdict[int, list[Held]]:
    group, above = t.unit.alias("group"), t.unit_closure.alias("above")
    closest = (
        select(group.c.name)
        .join(above, above.c.ancestor_id == group.c.id)
        .where(
            above.c.descendant_id == t.unit.c.id,
            group.c.kind == "forvaltning",
        )
        .order_by(
            group.c.parent_id.is_(None), above.c.depth.desc()
        )  # the one just below the municipality, if it is a unit
        .limit(1)
        .scalar_subquery()
    )
    statement = select(t.post.c.person_id, t.post.c.role, t.unit.c.name, closest).join_from(t.post, t.unit)
    if only is not None:
        statement = statement.where(t.post.c.person_id.in_(only))
    held = defaultdict[int, list[Held]](list)
    for person_id, role, unit, named_group in connection.execute(statement.where(_in_force(day)).order_by(t.post.c.id)):
        held[person_id].append(Held(role, unit, named_group or ""))
    return held


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(t.post.c.from_day <= day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= day))


# --- channels --------------------------------------------------------------------------------------------------------------------


def channels(connection: Connection) -> tuple[str, ...]:
    """Return every channel's name in alphabetical order, without the #."""
    return tuple(sorted(_owners(connection)))


def channels_of(connection: Connection, person_id: int, day: date) -> tuple[str, ...]:
    """Return the names of the channels somebody is in on a day, in alphabetical order."""
    owners = _owners(connection)
    mine = {
        owner
        for owner, members in _members(connection, owners.values(), day, person_id).items()
        if person_id in members
    }
    return tuple(sorted(name for name, units in owners.items() if not mine.isdisjoint(units)))


def members(connection: Connection, channel: str, day: date) -> frozenset[int]:
    """Return the ids of those who are in a channel on a day; nobody is in a channel that does not exist."""
    units = _owners(connection).get(channel.removeprefix("#"), ())
    return frozenset[int]().union(*_members(connection, [units], day).values())


def readers(connection: Connection, channel: str, day: date) -> int:
    """Return how many people can read what is posted in a channel on a day."""
    return len(members(connection, channel, day))


def _owners(connection: Connection) -> Mapping[str, tuple[int, ...]]:
    """Return the units that own a channel, by the channel's name."""
    name = func.coalesce(t.unit.c.slack_channel, t.unit.c.teams_channel)
    owners: dict[str, tuple[int, ...]] = {}
    for unit_id, channel in connection.execute(
        select(t.unit.c.id, name).where(name.is_not(None)).order_by(t.unit.c.id)
    ):
        if plain := str(channel).strip().removeprefix("#"):
            owners[plain] = (*owners.get(plain, ()), unit_id)
    return owners


def _members(
    connection: Connection, owners: Iterable[Collection[int]], day: date, person_id: int | None = None
) -> Mapping[int, frozenset[int]]:
    """Return who is in the channel of each unit: those at it, at an afdeling or stab just below, and two roles from above."""
    wanted = {unit for units in owners for unit in units}
    above = and_(t.unit_closure.c.ancestor_id == t.post.c.unit_id, t.unit_closure.c.depth > 0)
    inside = select(t.post.c.person_id, t.unit.c.id.label("at"), t.unit.c.parent_id, t.unit.c.kind)
    from_above = select(t.post.c.person_id, t.unit_closure.c.descendant_id).join(t.unit_closure, above)
    if person_id is not None:
        inside, from_above = (one.where(t.post.c.person_id == person_id) for one in (inside, from_above))
    found = defaultdict[int, set[int]](set)
    for row in connection.execute(inside.join_from(t.post, t.unit).where(_in_force(day))):
        found[row.at].add(row.person_id)
        if row.kind in _BELOW and row.parent_id is not None:
            found[row.parent_id].add(row.person_id)
    down = from_above.where(_in_force(day), t.post.c.role.in_(_FROM_ABOVE), t.unit_closure.c.descendant_id.in_(wanted))
    for member, unit in connection.execute(down):
        found[unit].add(member)
    return {unit: frozenset(found[unit]) for unit in wanted}


# --- what somebody sees ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What one person sees on a day: their own room and their channels' names, the newest message of each, and one room."""

    who: Someone
    channels: tuple[str, ...]
    newest: Mapping[str, int]
    room: str
    messages: tuple[Message, ...]
    readers: int


def sight(connection: Connection, email: str, room: str, day: date) -> Sight | None:
    """Return what a person sees; without a room, or in one they may not see, their own. None: nobody has that address."""
    who = someone(connection, email, day)
    if who is None:
        return None
    names = channels_of(connection, who.id, day)
    own, *others = (direct(who.id), *map(named, names))
    shown = room if room in others else own
    count = readers(connection, shown.removeprefix("channel-"), day) if shown in others else 1
    return Sight(who, names, latest(connection, [own, *others]), shown, history(connection, [shown]), count)


def visible(connection: Connection, person_id: int, day: date) -> tuple[str, ...]:
    """Return every room a person may see on a day."""
    return (direct(person_id), *map(named, channels_of(connection, person_id, day)))


def seen(connection: Connection, email: str, message_id: int, day: date) -> tuple[Someone | None, Message | None]:
    """Return a person, and the message with an id if that person may see it."""
    who = someone(connection, email, day)
    message = one(connection, message_id)
    if who is None or message is None or message.room not in visible(connection, who.id, day):
        return who, None
    return who, message


def owner(connection: Connection, email: str) -> int | None:
    """Return the id of the person with an e-mail address."""
    return connection.execute(select(t.person.c.id).where(t.person.c.email == email.lower())).scalar_one_or_none()


def is_channel(connection: Connection, name: str) -> bool:
    """Whether some unit has a channel of that name."""
    return name.removeprefix("#") in _owners(connection)
