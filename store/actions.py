"""Actions: what a dialogue says happens now, who does it and by when; written when it is sent, done when whoever does it says so.

Promises: sending a dialogue again replaces its actions, and what was done already stays done; a number means the same action for
ever. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from store import tables as t

OPEN, DONE = "open", "done"
REPLACED = "replaced"
"""The state of what a dialogue says no more. Its row stays, so that no other action is ever given the number in an old button."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One thing that somebody does; `person_id` is None when it is nobody of the municipality's people."""

    what: str
    who: str
    person_id: int | None
    due_on: date | None
    initiative_id: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it stands."""

    id: int
    dialogue_id: int
    what: str
    who: str
    person_id: int | None
    due_on: date | None
    state: str


class Actions:
    """The actions as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, dialogue_id: int, agreed: Sequence[Agreed]) -> None:
        """Keep what a dialogue says happens now, instead of what it said before: what is unchanged stays the row it was."""
        c = t.action.c
        found = select(c.id, c.initiative_id, c.what, c.who, c.person_id, c.due_on, c.state).order_by(c.id)
        rows = self._connection.execute(found.where(c.dialogue_id == dialogue_id)).all()
        done = {(row.initiative_id, row.what, row.person_id) for row in rows if row.state == DONE}
        kept: dict[int, str] = {}
        for one in agreed:
            state = DONE if (one.initiative_id, one.what, one.person_id) in done else OPEN
            same = (one.initiative_id, one.what, one.who, one.person_id, one.due_on)
            stands = next((row.id for row in rows if tuple(row)[1:6] == same and row.id not in kept), None)
            if stands is None:
                self._connection.execute(insert(t.action), _values(dialogue_id, one, state))
            else:
                kept[stands] = state
        for row in rows:
            state = kept.get(row.id, REPLACED)
            if row.state != state:
                self._connection.execute(update(t.action).where(c.id == row.id).values(state=state))

    def action(self, action_id: int) -> Action | None:
        """The action with an id, which may have been replaced since."""
        c = t.action.c
        found = select(c.id, c.dialogue_id, c.what, c.who, c.person_id, c.due_on, c.state).where(c.id == action_id)
        row = self._connection.execute(found).first()
        return Action(*row) if row else None

    def of_dialogue(self, dialogue_id: int) -> tuple[Action, ...]:
        """What a dialogue says happens, in the order it was said."""
        c = t.action.c
        found = select(c.id, c.dialogue_id, c.what, c.who, c.person_id, c.due_on, c.state)
        theirs = found.where(c.dialogue_id == dialogue_id, c.state != REPLACED)
        rows = self._connection.execute(theirs.order_by(c.id))
        return tuple(Action(*row) for row in rows)

    def finish(self, action_id: int) -> None:
        """Note that an action is done, unless it has been replaced."""
        is_open = and_(t.action.c.id == action_id, t.action.c.state == OPEN)
        self._connection.execute(update(t.action).where(is_open).values(state=DONE))


def _values(dialogue_id: int, agreed: Agreed, state: str) -> dict[str, Any]:
    return {
        "dialogue_id": dialogue_id,
        "initiative_id": agreed.initiative_id,
        "what": agreed.what,
        "who": agreed.who,
        "person_id": agreed.person_id,
        "due_on": agreed.due_on,
        "state": state,
    }
