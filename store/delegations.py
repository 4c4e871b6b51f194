"""Delegated initiatives: one indsats of a dialogue that somebody else was asked to answer about.

Promises: one person at a time is asked about an indsats; asking another takes it from the first. A delegation is open until
everything about the indsats is answered, by whomever. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, bindparam, select, update

from store import tables as t
from store.upserts import upsert

_CHANGED = ("person_id", "asked_by_id", "at", "answered_at")
_ASK = {
    dialect: upsert(dialect, t.delegation, ("dialogue_id", "subject"), _CHANGED) for dialect in ("sqlite", "postgresql")
}


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who was asked by whom, about which subject of which dialogue."""

    id: int
    dialogue_id: int
    subject: str
    person_id: int
    name: str
    asked_by_id: int
    is_open: bool


_DELEGATIONS: Select[Any] = select(  # every field of a Delegation, in its order
    t.delegation.c.id,
    t.delegation.c.dialogue_id,
    t.delegation.c.subject,
    t.delegation.c.person_id,
    t.person.c.name,
    t.delegation.c.asked_by_id,
    t.delegation.c.answered_at.is_(None),
).join(t.person, t.person.c.id == t.delegation.c.person_id)
_IN_DIALOGUE = _DELEGATIONS.where(t.delegation.c.dialogue_id == bindparam("dialogue_id")).order_by(t.delegation.c.id)

_later = t.dialogue.alias("later")
_day = bindparam("day", type_=Date)
_WAITING = (
    _DELEGATIONS.join(t.dialogue, t.dialogue.c.id == t.delegation.c.dialogue_id)
    .join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
    .where(
        ~select(_later.c.id)
        .where(
            _later.c.agreement_id == t.dialogue.c.agreement_id,
            _later.c.owner_id.is_not_distinct_from(t.dialogue.c.owner_id),
            _later.c.opens_on <= _day,
            _later.c.due_on > t.dialogue.c.due_on,
        )
        .exists(),
        t.delegation.c.person_id == bindparam("person_id"),
        t.delegation.c.answered_at.is_(None),
        t.dialogue.c.sent_revision.is_(None),
        t.agreement.c.to_day >= _day,
    )
    .order_by(t.dialogue.c.due_on, t.delegation.c.id)
)


class Delegations:
    """The delegated initiatives as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, dialogue_id: int, subject: str, person_id: int, asked_by_id: int, now: datetime) -> int:
        """Ask somebody about a subject, instead of whoever was asked before; the delegation's id."""
        row = {"dialogue_id": dialogue_id, "subject": subject, "person_id": person_id}
        values = {**row, "asked_by_id": asked_by_id, "at": now, "answered_at": None}
        self._connection.execute(_ASK[self._connection.dialect.name], values)
        asked = select(t.delegation.c.id).where(
            t.delegation.c.dialogue_id == dialogue_id, t.delegation.c.subject == subject
        )
        return int(self._connection.execute(asked).scalar_one())

    def withdraw(self, dialogue_id: int, subject: str, now: datetime) -> None:
        """Whoever asked answers themselves; the row stays, so that its id never means anything else."""
        theirs = {"person_id": t.delegation.c.asked_by_id, "answered_at": now}
        self._connection.execute(update(t.delegation).where(_of(dialogue_id, subject)).values(theirs))

    def in_dialogue(self, dialogue_id: int) -> tuple[Delegation, ...]:
        """Everybody who was asked in a dialogue, answered or not, the first asked first."""
        rows = self._connection.execute(_IN_DIALOGUE, {"dialogue_id": dialogue_id})
        return tuple(Delegation(*row) for row in rows)

    def of_person(self, person_id: int, day: date) -> tuple[Delegation, ...]:
        """What waits for somebody: in dialogues of agreements in force that are not sent yet, and have no later one."""
        rows = self._connection.execute(_WAITING, {"person_id": person_id, "day": day})
        return tuple(Delegation(*row) for row in rows)

    def by_id(self, delegation_id: int) -> Delegation | None:
        """The delegation with an id."""
        row = self._connection.execute(_DELEGATIONS.where(t.delegation.c.id == delegation_id)).first()
        return Delegation(*row) if row else None

    def note_answered(self, dialogue_id: int, subject: str, now: datetime) -> None:
        """Everything about a subject is answered."""
        open_one = and_(_of(dialogue_id, subject), t.delegation.c.answered_at.is_(None))
        self._connection.execute(update(t.delegation).where(open_one).values(answered_at=now))


def _of(dialogue_id: int, subject: str) -> ColumnElement[bool]:
    return and_(t.delegation.c.dialogue_id == dialogue_id, t.delegation.c.subject == subject)
