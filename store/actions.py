"""Actions: what a dialogue says happens now, who does it and by when; written when it is sent, done when whoever does it says so.

Promises: sending a dialogue again replaces its actions, and what was done already stays done. Lives inside one open transaction and
commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from store import tables as t

OPEN, DONE = "open", "done"


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
        """Keep what a dialogue says happens now, instead of what it said before."""
        c = t.action.c
        theirs = c.dialogue_id == dialogue_id
        rows = self._connection.execute(select(c.initiative_id, c.what, c.person_id).where(theirs, c.state == DONE))
        done = {tuple(row) for row in rows}
        self._connection.execute(delete(t.action).where(theirs))
        kept = [
            {
                "dialogue_id": dialogue_id,
                "initiative_id": one.initiative_id,
                "what": one.what,
                "who": one.who,
                "person_id": one.person_id,
                "due_on": one.due_on,
                "state": DONE if (one.initiative_id, one.what, one.person_id) in done else OPEN,
            }
            for one in agreed
        ]
        if kept:
            self._connection.execute(insert(t.action), kept)

    def action(self, action_id: int) -> Action | None:
        """The action with an id."""
        c = t.action.c
        found = select(c.id, c.dialogue_id, c.what, c.who, c.person_id, c.due_on, c.state).where(c.id == action_id)
        row = self._connection.execute(found).first()
        return Action(*row) if row else None

    def of_dialogue(self, dialogue_id: int) -> tuple[Action, ...]:
        """What a dialogue says happens, in the order it was said."""
        c = t.action.c
        found = select(c.id, c.dialogue_id, c.what, c.who, c.person_id, c.due_on, c.state)
        rows = self._connection.execute(found.where(c.dialogue_id == dialogue_id).order_by(c.id))
        return tuple(Action(*row) for row in rows)

    def finish(self, action_id: int) -> None:
        """Note that an action is done."""
        self._connection.execute(update(t.action).where(t.action.c.id == action_id).values(state=DONE))
