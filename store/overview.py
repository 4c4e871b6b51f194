"""What `/status` asks: whose units somebody reaches, how those units' dialogues stand, and what was told in them.

Promises: a constant number of statements, and a cost that follows the units asked about, by the closure table. A dialogue keeps what
it told as a few words (`dialogue.told_initiatives`), and how that differs from the one before (`dialogue.told_change`), written when
it is sent, so that nothing but what was sent can be counted. Lives inside one open transaction; reads only, but
for what a dialogue is said to have told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from store import tables as t
from store.standing import IN_FORCE, LATEST, OF_ROUND, STANDING, Group, Standing, change_in_words, in_words

REACHING = ("leader", "deputy", "consultant", "direktion")
"""The roles that see a unit and what is below it."""
MOST_FOUND = 200
"""How many answers a search gives, the newest."""
MANY = 4
"""One of so many units is many: with fewer, a search looks unit by unit."""


@dataclass(frozen=True, slots=True)
class Node:
    """A unit in the tree."""

    id: int
    name: str
    parent_id: int | None = None


class Listed(NamedTuple):
    """An initiative with where it is and how it was last told to stand."""

    id: int
    title: str
    due_on: date | None
    status: str | None
    source: str
    goal: str
    unit_id: int
    unit: str
    dialogue_id: int | None


class ListedGoal(NamedTuple):
    """A goal as a unit has it, and how far it was last told to be reached."""

    id: int
    title: str
    due_on: date | None
    attainment: str | None
    source: str
    unit_id: int
    unit: str


class Said(NamedTuple):
    """One answer as it was sent."""

    dialogue_id: int
    unit_id: int
    unit: str
    due_on: date
    script_digest: str
    subject: str
    step: str
    values: Mapping[str, object]
    person: str
    at: datetime


class Talk(NamedTuple):
    """A unit's dialogue: which round, by when, and when it was sent."""

    id: int
    model: str
    round: str
    due_on: date
    sent_at: datetime | None


_day = bindparam("day", type_=Date)
_closure = t.unit_closure.c
_ON_POST = and_(t.post.c.from_day <= _day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= _day))
_AWAY = and_(t.absence.c.person_id == t.post.c.person_id, t.absence.c.from_day <= _day, t.absence.c.to_day >= _day)
_SENT = and_(
    t.answer.c.revision <= t.dialogue.c.sent_revision,
    or_(t.answer.c.replaced_revision.is_(None), t.answer.c.replaced_revision > t.dialogue.c.sent_revision),
)

_who = bindparam("person_id", type_=Integer)
# Two ways to a post, each by its own index: one condition for both would look through every post there is.
_TOPS = (
    select(t.unit.c.id, t.unit.c.name, t.unit.c.parent_id)
    .where(
        t.unit.c.id.in_(
            union_all(
                select(t.post.c.unit_id).where(_ON_POST, t.post.c.person_id == _who, t.post.c.role.in_(REACHING)),
                select(t.post.c.unit_id)
                .join(t.absence, _AWAY)
                .where(_ON_POST, t.absence.c.stand_in_id == _who, t.post.c.role == "leader"),
            )
        )
    )
    .order_by(t.unit.c.name, t.unit.c.id)
)

_before = t.dialogue.alias("before")
_beside, _about = t.agreement.alias("beside"), t.dialogue.alias("about")
_AGREEMENTS_BESIDE = (  # those of the unit that a dialogue is about: its next dialogue may be of the next of them
    select(_beside.c.id)
    .join(t.agreement, t.agreement.c.unit_id == _beside.c.unit_id)
    .join(_about, _about.c.agreement_id == t.agreement.c.id)
    .where(_about.c.id == bindparam("dialogue_id"))
)
_COMPARED = (  # a dialogue and those compared with it, as far as they are sent, each with what the one before it told
    select(
        t.dialogue.c.id,
        t.dialogue.c.told_initiatives,
        _before.c.told_initiatives.label("before"),
        _before.c.due_on,
    )
    .outerjoin(
        _before, and_(_before.c.id == t.dialogue.c.previous_id, _before.c.agreement_id == t.dialogue.c.agreement_id)
    )
    .where(
        t.dialogue.c.agreement_id.in_(_AGREEMENTS_BESIDE),
        or_(t.dialogue.c.id == bindparam("dialogue_id"), t.dialogue.c.previous_id == bindparam("dialogue_id")),
        t.dialogue.c.sent_revision.is_not(None),
    )
)

_LISTED: Select[Any] = (
    select(
        t.initiative.c.id,
        t.initiative.c.title,
        t.initiative.c.due_on,
        t.initiative.c.last_status,
        t.goal.c.source,
        t.goal.c.title,
        t.unit.c.id,
        t.unit.c.name,
        t.initiative.c.last_dialogue_id,
    )
    .select_from(
        t.initiative.join(t.goal, t.goal.c.id == t.initiative.c.goal_id)
        .join(t.agreement, t.agreement.c.id == t.initiative.c.agreement_id)
        .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
    )
    .order_by(t.unit.c.name, t.unit.c.id, t.initiative.c.id)
)
_LISTED_GOALS: Select[Any] = (
    select(
        t.goal.c.id,
        t.goal.c.title,
        t.goal.c.due_on,
        t.agreement_goal.c.last_attainment,
        t.goal.c.source,
        t.unit.c.id,
        t.unit.c.name,
    )
    .select_from(
        t.agreement_goal.join(t.goal, t.goal.c.id == t.agreement_goal.c.goal_id)
        .join(t.agreement, t.agreement.c.id == t.agreement_goal.c.agreement_id)
        .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
    )
    .order_by(t.unit.c.name, t.unit.c.id, t.goal.c.id)
)
_SAID: Select[Any] = select(
    t.dialogue.c.id,
    t.agreement.c.unit_id,
    t.unit.c.name,
    t.dialogue.c.due_on,
    t.dialogue.c.script_digest,
    t.answer.c.subject,
    t.answer.c.step,
    t.answer.c["values"],
    t.person.c.name,
    t.answer.c.at,
).select_from(
    t.answer.join(t.dialogue, t.dialogue.c.id == t.answer.c.dialogue_id)
    .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
    .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
    .join(t.person, t.person.c.id == t.answer.c.person_id)
)


def _below(tops: Collection[int], unit: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a unit is one of some, or below one of them."""
    return unit.in_(select(_closure.descendant_id).where(_closure.ancestor_id.in_(sorted(tops))))


def _each_below(tops: Collection[int], unit: ColumnElement[int]) -> ColumnElement[bool]:
    """The same, asked of one unit at a time: no database begins with the units then."""
    of = (_closure.ancestor_id.in_(sorted(tops)), _closure.descendant_id == unit)
    return select(_closure.descendant_id).where(*of).exists()


class Overview:
    """The tree and what was told in it, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- whose units --------------------------------------------------------------------------------------------------------

    def tops(self, person_id: int, day: date) -> tuple[Node, ...]:
        """The units that somebody reaches from above on a day, by name: those of their posts that are not below another of them."""
        rows = self._connection.execute(_TOPS, {"person_id": person_id, "day": day})
        found = {row.id: Node(*row) for row in rows}
        if len(found) < 2:  # noqa: PLR2004 - one is below no other
            return tuple(found.values())
        below = self._connection.execute(
            select(_closure.descendant_id).where(
                _closure.ancestor_id.in_(found), _closure.descendant_id.in_(found), _closure.depth > 0
            )
        ).scalars()
        lower = frozenset(below)
        return tuple(node for node in found.values() if node.id not in lower)

    def node(self, unit_id: int) -> Node | None:
        """The unit with an id."""
        row = self._connection.execute(
            select(t.unit.c.id, t.unit.c.name, t.unit.c.parent_id).where(t.unit.c.id == unit_id)
        ).first()
        return Node(*row) if row else None

    def nodes(self, unit_ids: Collection[int]) -> Mapping[int, Node]:
        """Units by id."""
        asked = select(t.unit.c.id, t.unit.c.name, t.unit.c.parent_id).where(t.unit.c.id.in_(sorted(unit_ids)))
        return {row.id: Node(*row) for row in self._connection.execute(asked)}

    def children(self, parents: Collection[int]) -> tuple[Node, ...]:
        """The units right below some, by name."""
        asked = select(t.unit.c.id, t.unit.c.name, t.unit.c.parent_id).where(t.unit.c.parent_id.in_(sorted(parents)))
        return tuple(Node(*row) for row in self._connection.execute(asked.order_by(t.unit.c.name, t.unit.c.id)))

    def within(self, tops: Collection[int]) -> tuple[tuple[Node, str], ...]:
        """Every unit somebody reaches, with its code: what a name is looked for among."""
        asked = select(t.unit.c.id, t.unit.c.name, t.unit.c.parent_id, t.unit.c.code).where(_below(tops, t.unit.c.id))
        return tuple(
            (Node(*row[:3]), row[3]) for row in self._connection.execute(asked.order_by(t.unit.c.name, t.unit.c.id))
        )

    # --- how they stand -------------------------------------------------------------------------------------------------------

    def standing(self, heads: Collection[int], own: int, day: date, round_id: str = "") -> Sequence[Group]:
        """How the dialogues of some units, and of everything below them, stand in the latest round of each, or in one round.

        Of the unit `own`, where it is among the heads, only its own dialogues are counted.
        """
        parameters = {"heads": sorted(heads), "own": own, "day": day}
        if round_id:
            rows = self._connection.execute(OF_ROUND, {**parameters, "round": round_id})
        else:
            rows = self._connection.execute(LATEST, parameters)
        return list(map(Group._make, rows.all()))

    def stand(self, dialogue_ids: Sequence[int], *, alone: bool = False) -> tuple[Standing, ...]:
        """How single dialogues stand, in the order they are asked for; `alone`: in their round alone."""
        rows = self._connection.execute(STANDING, {"dialogues": sorted(dialogue_ids)})
        found = {row.id: Standing._make(row) for row in rows}
        if alone:
            found = {one: row if row.is_sent else row._replace(told_in=None, told=None) for one, row in found.items()}
        return tuple(found[one] for one in dialogue_ids)

    def rounds(self, tops: Collection[int]) -> tuple[tuple[str, str, date], ...]:
        """The rounds there have been dialogues in: model, round, and its last deadline; the newest first."""
        due = func.max(t.dialogue.c.due_on)
        asked = (
            select(t.dialogue.c.model, t.dialogue.c.round, due)
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .where(_below(tops, t.agreement.c.unit_id))
            .group_by(t.dialogue.c.model, t.dialogue.c.round)
            .order_by(due.desc(), t.dialogue.c.round)
        )
        return tuple((row[0], row[1], row[2]) for row in self._connection.execute(asked))

    def talks(self, unit_id: int, most: int) -> tuple[Talk, ...]:
        """A unit's latest dialogues, the newest first; not those of single owners."""
        asked = (
            select(t.dialogue.c.id, t.dialogue.c.model, t.dialogue.c.round, t.dialogue.c.due_on, t.dialogue.c.sent_at)
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .where(t.agreement.c.unit_id == unit_id, t.dialogue.c.owner_id.is_(None))
            .order_by(t.dialogue.c.due_on.desc())
            .limit(most)
        )
        return tuple(Talk._make(row) for row in self._connection.execute(asked))

    # --- what it is about -----------------------------------------------------------------------------------------------------

    def initiatives(
        self, tops: Collection[int], day: date, most: int, skip: int = 0, *, status: str = "", only: int = 0
    ) -> tuple[Listed, ...]:
        """The initiatives of agreements in force below some units, or of the unit `only`, perhaps those with a status alone."""
        asked = _LISTED.where(IN_FORCE).limit(most).offset(skip)
        asked = asked.where(t.agreement.c.unit_id == only if only else _below(tops, t.agreement.c.unit_id))
        if status:
            asked = asked.where(t.initiative.c.last_status == status)
        return tuple(Listed._make(row) for row in self._connection.execute(asked, {"day": day}))

    def goals(
        self, tops: Collection[int], day: date, most: int, skip: int = 0, *, attainment: str = "", only: int = 0
    ) -> tuple[ListedGoal, ...]:
        """The goals of agreements in force below some units, or of the unit `only`; each once a unit."""
        asked = _LISTED_GOALS.where(IN_FORCE).limit(most).offset(skip)
        asked = asked.where(t.agreement.c.unit_id == only if only else _below(tops, t.agreement.c.unit_id))
        if attainment:
            asked = asked.where(t.agreement_goal.c.last_attainment == attainment)
        return tuple(ListedGoal._make(row) for row in self._connection.execute(asked, {"day": day}))

    def initiative(self, initiative_id: int) -> Listed | None:
        """One initiative."""
        row = self._connection.execute(_LISTED.where(t.initiative.c.id == initiative_id)).first()
        return Listed._make(row) if row else None

    def history(self, initiative_id: int) -> tuple[Said, ...]:
        """Everything that was sent about an initiative and those it carries on, the newest first."""
        line = select(t.initiative.c.id, t.initiative.c.continues_id).where(t.initiative.c.id == initiative_id)
        line_of = line.cte("line", recursive=True)
        earlier = select(t.initiative.c.id, t.initiative.c.continues_id).join(
            line_of, t.initiative.c.id == line_of.c.continues_id
        )
        carried = line_of.union(earlier)
        subjects = select(literal("initiative-") + cast(carried.c.id, Text))
        asked = _SAID.where(t.answer.c.subject.in_(subjects), _SENT).order_by(
            t.dialogue.c.due_on.desc(), t.dialogue.c.id.desc(), t.answer.c.id
        )
        return tuple(Said._make(row) for row in self._connection.execute(asked))

    def said_in(self, dialogue_ids: Collection[int]) -> tuple[Said, ...]:
        """Everything that was sent in some dialogues."""
        asked = _SAID.where(t.dialogue.c.id.in_(sorted(dialogue_ids)), _SENT).order_by(t.answer.c.id)
        return tuple(Said._make(row) for row in self._connection.execute(asked))

    def titles(self, initiative_ids: Collection[int]) -> Mapping[int, str]:
        """What initiatives are called."""
        asked = select(t.initiative.c.id, t.initiative.c.title).where(t.initiative.c.id.in_(sorted(initiative_ids)))
        return {row.id: row.title for row in self._connection.execute(asked)}

    def mentions(self, tops: Collection[int], words: str) -> tuple[tuple[Said, ...], bool]:
        """The newest answers, of those that were sent, in which something stands as text, whatever the case; and whether there are more."""
        within = _each_below if self._are_many(tops) else _below
        asked = (
            _SAID.where(within(tops, t.agreement.c.unit_id), _SENT, self._holds(words))
            .order_by(t.answer.c.id.desc())
            .limit(MOST_FOUND + 1)
        )
        found = [Said._make(row) for row in self._connection.execute(asked)]
        return tuple(found[:MOST_FOUND]), len(found) > MOST_FOUND

    def _are_many(self, tops: Collection[int]) -> bool:
        """Whether so many of all units are below some that reading every answer from the newest on is quicker than unit by unit."""
        below = select(func.count()).where(_closure.ancestor_id.in_(sorted(tops))).scalar_subquery()
        of = select(func.count()).select_from(t.unit).scalar_subquery()
        return bool(self._connection.execute(select(below * MANY > of)).scalar_one())

    def _holds(self, words: str) -> ColumnElement[bool]:
        """Whether a text among the values holds the words. SQLite knows no Æ, so there the likely ways to write them are tried."""
        kept = cast(t.answer.c["values"], Text)
        if self._connection.dialect.name == "postgresql":
            return kept.ilike(_pattern(words), escape="\\")
        tried = (words, words.lower(), words.upper(), words.capitalize())
        ways = {_as_sqlite_compares(way): way for way in tried}.values()
        return or_(*(kept.like(_pattern(way), escape="\\") for way in ways))

    # --- when it is sent --------------------------------------------------------------------------------------------------------

    def keep_initiatives(self, dialogue_id: int, statuses: Mapping[int, str], concerns: int) -> None:
        """Note what a dialogue told of its initiatives, by id, and how many of them are worth talking about; and what changed by it."""
        asked = (
            select(t.initiative.c.id, t.goal.c.source)
            .join(t.goal, t.goal.c.id == t.initiative.c.goal_id)
            .where(t.initiative.c.id.in_(sorted(statuses)))
        )
        told = Counter((row.source, statuses[row.id]) for row in self._connection.execute(asked)) if statuses else {}
        goals = select(_before.c.told_goals).where(_before.c.id == t.dialogue.c.previous_id).scalar_subquery()
        self._connection.execute(
            update(t.dialogue)
            .where(t.dialogue.c.id == dialogue_id)
            # Goals that are not asked about stand as they did.
            .values(
                told_initiatives=in_words(told),
                concerns=concerns,
                told_goals=func.coalesce(t.dialogue.c.told_goals, goals),
            )
        )
        self._keep_changes(dialogue_id)

    def _keep_changes(self, dialogue_id: int) -> None:
        """Note what changed with a dialogue, and with those that were sent after it and are compared with it."""
        for row in self._connection.execute(_COMPARED, {"dialogue_id": dialogue_id}).all():
            change = change_in_words(row.told_initiatives, row.before)
            since = row.due_on if change is not None else None
            self._connection.execute(
                update(t.dialogue).where(t.dialogue.c.id == row.id).values(told_change=change, changed_since=since)
            )

    def keep_goals(self, dialogue_id: int, attained: Mapping[int, str]) -> None:
        """Note what a dialogue told of its goals, by id."""
        asked = select(t.goal.c.id, t.goal.c.source).where(t.goal.c.id.in_(sorted(attained)))
        told = Counter((row.source, attained[row.id]) for row in self._connection.execute(asked)) if attained else {}
        self._connection.execute(
            update(t.dialogue).where(t.dialogue.c.id == dialogue_id).values(told_goals=in_words(told))
        )


def _as_sqlite_compares(words: str) -> str:
    """What is the same to SQLite's LIKE, which knows A to Z in both cases and no letter beyond."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in words)


def _pattern(words: str) -> str:
    """The words anywhere after the first value's beginning, as JSON writes them and LIKE reads them: names of fields are no text."""
    written = json.dumps(words, ensure_ascii=False)[1:-1]
    for special in ("\\", "%", "_"):
        written = written.replace(special, f"\\{special}")
    return f'%": "%{written}%'
