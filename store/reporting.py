"""What a report is made from: the tree below a unit, its agreements and its dialogues of a year, and what was agreed to do in them.

Promises: a constant number of statements, however many units there are. Says which dialogues were sent, and nothing of what is in
them. Lives inside one open transaction; reads only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select

from store import tables as t
from store.actions import DONE, REPLACED
from store.agreements import AGREEMENT, Agreement

FORVALTNING = "forvaltning"


class Node(NamedTuple):
    """A unit in the tree; `model` is the one it names itself, None where it follows the unit above."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    model: str | None


class About(NamedTuple):
    """A unit, and what decides which reports there can be about it."""

    node: Node
    has_agreements: bool  # its own, of whatever year
    has_below: bool
    has_forvaltning_below: bool


class Row(NamedTuple):
    """A dialogue that has opened in the year it is due."""

    id: int
    unit_id: int
    due_on: date
    is_sent: bool


class GoalOf(NamedTuple):
    """A goal that a unit has; what a unit is asked about in a year it has in that year."""

    unit_id: int
    goal_id: int
    title: str
    source: str
    policy: str
    measure: str


class ActionRow(NamedTuple):
    """An action agreed in a dialogue, as it stands; `initiative` is its title, "" when it is about none."""

    what: str
    who: str
    due_on: date | None
    is_done: bool
    initiative: str


_closure = t.unit_closure.c
_NODE: Select[Any] = select(  # every field of a Node, in its order
    t.unit.c.id, t.unit.c.code, t.unit.c.name, t.unit.c.kind, t.unit.c.parent_id, t.unit.c.model
)
_below = t.unit.alias("below")
_forvaltning_below = (
    select(_below.c.id)
    .join(t.unit_closure, _closure.descendant_id == _below.c.id)
    .where(_closure.ancestor_id == t.unit.c.id, _closure.depth > 0, _below.c.kind == FORVALTNING)
    .correlate(t.unit)
)
_ABOUT = _NODE.add_columns(
    select(t.agreement.c.id).where(t.agreement.c.unit_id == t.unit.c.id).correlate(t.unit).exists(),
    select(_below.c.id).where(_below.c.parent_id == t.unit.c.id).correlate(t.unit).exists(),
    _forvaltning_below.exists(),
)


class Reports:
    """What reports are about, as one transaction sees it. A unit of None is the whole municipality."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- units --------------------------------------------------------------------------------------------------------------

    def about(self, unit_id: int) -> About | None:
        """A unit; None when there is none with that id."""
        row = self._connection.execute(_ABOUT.where(t.unit.c.id == unit_id)).first()
        return About(Node(*row[:6]), *map(bool, row[6:])) if row else None

    def roots(self) -> tuple[Node, ...]:
        """The units that have none above them: most often one, the municipality."""
        rows = self._connection.execute(_NODE.where(t.unit.c.parent_id.is_(None)).order_by(t.unit.c.id))
        return tuple(Node._make(row) for row in rows)

    def above(self, unit_id: int) -> tuple[Node, ...]:
        """The units above one, the topmost first."""
        asked = (
            _NODE.join(t.unit_closure, _closure.ancestor_id == t.unit.c.id)
            .where(_closure.descendant_id == unit_id, _closure.depth > 0)
            .order_by(_closure.depth.desc())
        )
        return tuple(Node._make(row) for row in self._connection.execute(asked))

    def tree(self, unit_id: int | None) -> tuple[Node, ...]:
        """A unit and those below it, in no order."""
        rows = self._connection.execute(_NODE.where(_within(unit_id, t.unit.c.id)))
        return tuple(Node._make(row) for row in rows)

    # --- a year -------------------------------------------------------------------------------------------------------------

    def dialogues(
        self, unit_id: int | None, year: int, today: date, *, is_alone: bool = False, round_id: str = ""
    ) -> tuple[Row, ...]:
        """The dialogues of a unit and those below it that are due in a year and have opened, by deadline; `is_alone`: its own."""
        asked = (
            select(t.dialogue.c.id, t.agreement.c.unit_id, t.dialogue.c.due_on, t.dialogue.c.sent_revision.is_not(None))
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .where(
                t.dialogue.c.due_on.between(date(year, 1, 1), date(year, 12, 31)),
                t.dialogue.c.opens_on <= today,
                t.agreement.c.unit_id == unit_id if is_alone else _within(unit_id, t.agreement.c.unit_id),
            )
            .order_by(t.dialogue.c.due_on, t.dialogue.c.id)
        )
        if round_id:
            asked = asked.where(t.dialogue.c.round == round_id)
        return tuple(Row._make(row) for row in self._connection.execute(asked))

    def goals(
        self, unit_id: int | None, year: int, today: date, *, is_alone: bool = False, round_id: str = ""
    ) -> tuple[GoalOf, ...]:
        """The goals of the units whose own dialogues of a year have opened, sent or not; `is_alone`: the unit's, whoever has them."""
        of_unit = t.agreement_goal.alias("of_unit")
        its = (
            select(of_unit.c.goal_id)
            .join(t.agreement, t.agreement.c.id == of_unit.c.agreement_id)
            .where(t.agreement.c.unit_id == unit_id)
        )
        g = t.goal.c
        policy, measure = func.coalesce(g.policy, ""), func.coalesce(g.measure, "")
        asked = (
            select(t.agreement.c.unit_id, g.id, g.title, g.source, policy, measure)
            .select_from(t.dialogue)
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .join(t.agreement_goal, t.agreement_goal.c.agreement_id == t.agreement.c.id)
            .join(t.goal, g.id == t.agreement_goal.c.goal_id)
            .where(
                t.dialogue.c.due_on.between(date(year, 1, 1), date(year, 12, 31)),
                t.dialogue.c.opens_on <= today,
                t.dialogue.c.owner_id.is_(None),
                g.id.in_(its) if is_alone else _within(unit_id, t.agreement.c.unit_id),
            )
            .distinct()
        )
        if round_id:
            asked = asked.where(t.dialogue.c.round == round_id)
        return tuple(GoalOf._make(row) for row in self._connection.execute(asked))

    def years(self, unit_id: int | None, rounds: Collection[str] | None = None) -> tuple[int, ...]:
        """The years in which dialogues of a unit and those below it were due and were sent, the latest first; of some rounds alone."""
        asked = (
            select(t.dialogue.c.due_on)
            .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
            .where(t.dialogue.c.sent_revision.is_not(None), _within(unit_id, t.agreement.c.unit_id))
            .distinct()
        )
        if rounds is not None:
            asked = asked.where(t.dialogue.c.round.in_(rounds))
        days = self._connection.execute(asked).scalars()
        return tuple(sorted({day.year for day in days}, reverse=True))

    def counted(self, unit_id: int | None, year: int, today: date) -> tuple[int, int]:
        """How many dialogues of a unit and those below it were sent of those due in a year, and how many have opened."""
        rows = self.dialogues(unit_id, year, today)
        return sum(row.is_sent for row in rows), len(rows)

    def agreements(self, unit_id: int, year: int) -> tuple[Agreement, ...]:
        """The unit's agreements that share a day with a year, the earliest first."""
        asked = AGREEMENT.where(
            t.agreement.c.unit_id == unit_id,
            t.agreement.c.from_day <= date(year, 12, 31),
            t.agreement.c.to_day >= date(year, 1, 1),
        ).order_by(t.agreement.c.from_day, t.agreement.c.id)
        return tuple(Agreement(*row) for row in self._connection.execute(asked))

    def actions(self, dialogue_ids: Collection[int]) -> Mapping[int, tuple[ActionRow, ...]]:
        """What some dialogues say happens now, in the order it was said, by dialogue."""
        asked = (
            select(
                t.action.c.dialogue_id,
                t.action.c.what,
                t.action.c.who,
                t.action.c.due_on,
                t.action.c.state == DONE,
                func.coalesce(t.initiative.c.title, ""),
            )
            .select_from(t.action.outerjoin(t.initiative, t.initiative.c.id == t.action.c.initiative_id))
            .where(t.action.c.dialogue_id.in_(sorted(dialogue_ids)), t.action.c.state != REPLACED)
            .order_by(t.action.c.id)
        )
        found: defaultdict[int, list[ActionRow]] = defaultdict(list)
        for row in self._connection.execute(asked):
            found[row[0]].append(ActionRow._make(row[1:]))
        return {dialogue: tuple(rows) for dialogue, rows in found.items()}


def _within(unit_id: int | None, unit: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a unit is another one or below it; every unit is in the municipality."""
    if unit_id is None:
        return unit.is_not(None)
    return unit.in_(select(_closure.descendant_id).where(_closure.ancestor_id == unit_id))
