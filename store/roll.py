"""What the workbook has put in place, asked for as a whole: for looking an installation over, never on a turn's path.

Promises: reads only; every question is one statement, whatever the municipality's size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, false, func, or_, select

from store import tables as t
from store.agreements import inherited

_ROOMS = {"slack": t.unit.c.slack_channel, "teams": t.unit.c.teams_channel}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much has been imported."""

    units: int
    people: int
    agreements: int


class Register:
    """The whole of what was imported, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self) -> Counts:
        """Count what has been imported."""
        tables = (t.unit, t.person, t.agreement)
        one = select(*(select(func.count()).select_from(table).scalar_subquery() for table in tables))
        return Counts(*self._connection.execute(one).one())

    def people(self, day: date) -> dict[str, str]:
        """Return the name of everybody who holds a post on a day, by e-mail address, in the order of names."""
        rows = self._connection.execute(
            select(t.person.c.email, t.person.c.name)
            .join(t.post, t.post.c.person_id == t.person.c.id)
            .where(t.post.c.from_day <= day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= day))
            .distinct()
            .order_by(t.person.c.name, t.person.c.email)
        )
        return {row.email: row.name for row in rows}

    def rooms(self, platform: str) -> dict[str, tuple[str, ...]]:
        """Return the names of the units that own each of a platform's channels, by the channel's name without the #."""
        name = _ROOMS[platform]
        owners = defaultdict[str, list[str]](list)
        for unit, room in self._connection.execute(
            select(t.unit.c.name, name).where(name.is_not(None)).order_by(t.unit.c.id)
        ):
            if plain := str(room).strip().removeprefix("#"):
                owners[plain].append(unit)
        return {room: tuple(units) for room, units in owners.items()}

    def owners(self, platforms: Iterable[str]) -> frozenset[int]:
        """Return the ids of the units that own a channel on at least one of some platforms."""
        named = or_(false(), *(_ROOMS[one].is_not(None) for one in platforms))
        return frozenset(self._connection.execute(select(t.unit.c.id).where(named)).scalars())

    def answering_units(self, day: date, others: Collection[str], default_model: str) -> tuple[tuple[int, str], ...]:
        """Return every unit with an agreement in force on a day: its id and its name.

        `others` are the models by which not the unit answers, but the owners of the initiatives.
        """
        model = func.coalesce(t.agreement.c.model, inherited(t.unit.c.model), default_model)
        rows = self._connection.execute(
            select(t.unit.c.id, t.unit.c.name)
            .join(t.agreement, t.agreement.c.unit_id == t.unit.c.id)
            .where(t.agreement.c.from_day <= day, t.agreement.c.to_day >= day, model.not_in(sorted(others)))
            .distinct()
            .order_by(t.unit.c.id)
        )
        return tuple((row.id, row.name) for row in rows)
