"""The traffic of answers over a round: when the dialogues of some units were sent, as moments and numbers, never as names.

Promises: one statement, whose rows follow the moments at which something was sent, not the units. Only what was sent counts as an
answer, at the moment it was first sent; corrections change nothing. Lives inside one open transaction; reads only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from store import tables as t


class Which(NamedTuple):
    """A round: of which model, which of its years, and whether its owners are asked rather than its units."""

    model: str
    round: str
    is_owners: bool


class Sending(NamedTuple):
    """How many dialogues with one opening and one deadline were sent at one moment; `at` is None for those that are not sent."""

    opens_on: date
    due_on: date
    at: datetime | None
    number: int


class Traffic:
    """When dialogues were sent, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sendings(self, tops: Collection[int], which: Which, day: date, *, latest: bool) -> tuple[Sending, ...]:
        """The dialogues of a round in some units and below them, as they stand on a day.

        With `latest`, only of agreements in force for which no later round has opened: those that count when no round is asked for.
        """
        c, closure, agreement = t.dialogue.c, t.unit_closure.c, t.agreement.c
        at = case((c.sent_revision.is_not(None), c.sent_at))
        below = select(closure.descendant_id).where(closure.ancestor_id.in_(sorted(tops)))
        asked = (
            select(c.opens_on, c.due_on, at, func.count())
            .join(t.agreement, agreement.id == c.agreement_id)
            .where(
                agreement.unit_id.in_(below),
                c.model == which.model,
                c.round == which.round,
                c.opens_on <= day,
                c.owner_id.is_not(None) if which.is_owners else c.owner_id.is_(None),
            )
            .group_by(c.opens_on, c.due_on, at)
        )
        if latest:
            asked = asked.where(agreement.from_day <= day, agreement.to_day >= day, ~_followed(day))
        return tuple(Sending(*row) for row in self._connection.execute(asked))


def _followed(day: date) -> ColumnElement[bool]:
    """Whether a later round of the same agreement, and of the same owner, has opened."""
    later = t.dialogue.alias("later")
    return exists().where(
        later.c.agreement_id == t.dialogue.c.agreement_id,
        later.c.due_on > t.dialogue.c.due_on,
        later.c.opens_on <= day,
        later.c.owner_id.is_not_distinct_from(t.dialogue.c.owner_id),
    )
