"""The outbox as whoever runs it looks at it: what failed, was given up or skipped, for whom and why; and planned anew by hand.

Promises: nothing of what people wrote; what has been sent, or is just being sent, is never planned anew; what may stand already is
still known to, so that it is looked up first. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from store import tables as t
from store.reminders import GATHERED

Shown = Literal["failed", "dead", "skipped", "planned", "sent"]
SHOWN: Final[tuple[Shown, ...]] = ("failed", "dead", "skipped", "planned", "sent")
TO_BE_SEEN: Final[tuple[Shown, ...]] = ("failed", "dead", "skipped")
_WAITING: Final = t.delivery.c.state.in_(("planned", "claimed"))
_STATE: Final[dict[Shown, ColumnElement[bool]]] = {
    "failed": and_(_WAITING, t.delivery.c.reason.is_not(None)),
    "dead": t.delivery.c.state == "dead",
    "skipped": t.delivery.c.state == "skipped",
    "planned": and_(_WAITING, t.delivery.c.reason.is_(None)),
    "sent": t.delivery.c.state == "sent",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries are asked for; None means all of a kind of condition."""

    states: tuple[Shown, ...] = TO_BE_SEEN
    since: datetime | None = None
    people: Collection[int] | None = None
    units: Collection[int] | None = None
    ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery: for a person, or for the channel of a unit."""

    id: int
    due_at: datetime
    kind: str
    state: Shown
    attempts: int
    reason: str | None
    person: str | None
    timezone: str | None
    unit: str | None
    unit_id: int | None = field(repr=False)

    @property
    def may_be_retried(self) -> bool:
        """Whether it waits for somebody to say that it shall be tried again, or for its next try."""
        return self.state in TO_BE_SEEN


class Deliveries:
    """The deliveries as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def listed(self, wanted: Wanted) -> tuple[Line, ...]:
        """The deliveries that are asked for, the oldest first."""
        of_dialogue = t.dialogue.join(t.agreement)
        rows = self._connection.execute(
            select(
                *(t.delivery.c.id, t.delivery.c.due_at, t.delivery.c.kind, t.delivery.c.state, t.delivery.c.attempts),
                *(t.delivery.c.reason, t.person.c.name, t.person.c.timezone, t.unit.c.name, t.delivery.c.unit_id),
            )
            .select_from(
                t.delivery.outerjoin(t.person, t.person.c.id == t.delivery.c.person_id)
                .outerjoin(t.unit, t.unit.c.id == t.delivery.c.unit_id)
                .outerjoin(of_dialogue, t.dialogue.c.id == t.delivery.c.dialogue_id)
            )
            .where(t.delivery.c.state != GATHERED, *_conditions(wanted))  # that is no delivery of its own
            .order_by(t.delivery.c.due_at, t.delivery.c.id)
        )
        return tuple(_line(tuple(row)) for row in rows)

    def plan_anew(self, delivery_id: int, due_at: datetime) -> bool:
        """Let one be sent after all, late limit or not; False when it was sent or taken meanwhile."""
        may_be = and_(t.delivery.c.id == delivery_id, t.delivery.c.state.in_(("planned", "dead", "skipped")))
        anew = {"state": "planned", "due_at": due_at, "expires_at": None, "attempts": 0, "reason": None}
        planned = self._connection.execute(
            update(t.delivery).where(may_be).values(**anew, fence=t.delivery.c.fence + 1)
        )
        return planned.rowcount == 1

    def people_called(self, words: str) -> frozenset[int]:
        """The people with an e-mail address, or with some words in their name."""
        sought = words.casefold()
        rows = self._connection.execute(select(t.person.c.id, t.person.c.email, t.person.c.name))
        return frozenset(row.id for row in rows if sought == row.email.casefold() or sought in row.name.casefold())

    def units_called(self, words: str) -> frozenset[int]:
        """The units with a code or a name."""
        sought = words.casefold()
        rows = self._connection.execute(select(t.unit.c.id, t.unit.c.code, t.unit.c.name))
        return frozenset(row.id for row in rows if sought in {row.code.casefold(), row.name.casefold()})


def _line(row: tuple[Any, ...]) -> Line:
    delivery_id, due_at, kind, state, attempts, reason, *whom = row
    return Line(delivery_id, due_at, kind, _shown(state, reason), attempts, reason, *whom)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [or_(*(_STATE[state] for state in wanted.states))]
    if wanted.since is not None:
        conditions.append(t.delivery.c.due_at >= wanted.since)
    if wanted.people is not None:
        conditions.append(t.delivery.c.person_id.in_(wanted.people))
    if wanted.units is not None:
        conditions.append(or_(t.delivery.c.unit_id.in_(wanted.units), t.agreement.c.unit_id.in_(wanted.units)))
    if wanted.ids is not None:
        conditions.append(t.delivery.c.id.in_(wanted.ids))
    return conditions


def _shown(state: str, reason: str | None) -> Shown:
    if state in {"planned", "claimed"}:
        return "failed" if reason else "planned"
    return "dead" if state == "dead" else "skipped" if state == "skipped" else "sent"
