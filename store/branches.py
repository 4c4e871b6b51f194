"""Units with those above them, and their agreements: what is needed to tell which dates hold for a unit.

Promises: reads only; one statement a question, however many units are asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, and_, case, or_, select

from store import tables as t


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit, the codes from itself up to the top, and the model it follows; None where nobody above says."""

    unit_id: int
    code: str
    name: str
    codes: tuple[str, ...]
    model: str | None


def codes_of(connection: Connection, unit_ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """The codes from each unit up to the top, its own first."""
    wanted = frozenset(unit_ids)
    rows = connection.execute(
        select(t.unit_closure.c.descendant_id, t.unit.c.code)
        .join(t.unit, t.unit.c.id == t.unit_closure.c.ancestor_id)
        .order_by(t.unit_closure.c.descendant_id, t.unit_closure.c.depth)
    )
    found = defaultdict[int, list[str]](list)
    for unit_id, code in rows:
        if unit_id in wanted:
            found[unit_id].append(code)
    return {unit_id: tuple(codes) for unit_id, codes in found.items()}


def branches_named(connection: Connection, name: str) -> tuple[Branch, ...]:
    """The units with that code or name, whatever the case of its letters."""
    said = name.strip().lower()
    units = connection.execute(
        select(t.unit.c.id, t.unit.c.code, t.unit.c.name).order_by(t.unit.c.id)
    ).all()  # not LOWER() in the database: SQLite's knows no Å
    found = [one for one in units if said == one.code.lower()] or [one for one in units if said == one.name.lower()]
    return _branches(connection, found)


def branches_of(connection: Connection, email: str, day: date) -> tuple[Branch, ...]:
    """The units somebody has a post in on a day: those they lead first, each once."""
    on_post = and_(t.post.c.from_day <= day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= day))
    rows = connection.execute(
        select(t.unit.c.id, t.unit.c.code, t.unit.c.name)
        .select_from(t.post.join(t.person).join(t.unit, t.unit.c.id == t.post.c.unit_id))
        .where(t.person.c.email == email.lower(), on_post)
        .order_by(case((t.post.c.role == "leader", 0), else_=1), t.post.c.id)
    ).all()
    return _branches(connection, list(dict.fromkeys(rows)))


def _branches(connection: Connection, found: Sequence[Row[int, str, str]]) -> tuple[Branch, ...]:
    codes = codes_of(connection, [one.id for one in found])
    models: Mapping[str, str | None] = {
        row.code: row.model for row in connection.execute(select(t.unit.c.code, t.unit.c.model))
    }
    return tuple(
        Branch(
            one.id,
            one.code,
            one.name,
            codes[one.id],
            next((model for code in codes[one.id] if (model := models[code])), None),
        )
        for one in found
    )


AgreementDays = tuple[date, date, str | None]
"""An agreement's first and last day, and a model of its own."""


def agreements_of(connection: Connection, unit_id: int, first: date, last: date) -> tuple[AgreementDays, ...]:
    """The unit's agreements that share a day with those from `first` to `last`: first day, last day, and a model of their own."""
    rows = connection.execute(
        select(t.agreement.c.from_day, t.agreement.c.to_day, t.agreement.c.model)
        .where(t.agreement.c.unit_id == unit_id, t.agreement.c.from_day <= last, t.agreement.c.to_day >= first)
        .order_by(t.agreement.c.from_day)
    )
    return tuple((row.from_day, row.to_day, row.model) for row in rows)


def all_codes(connection: Connection) -> frozenset[str]:
    """The code of every unit."""
    return frozenset(connection.execute(select(t.unit.c.code)).scalars())


def models_named(connection: Connection) -> frozenset[str]:
    """Every model that a unit or an agreement names."""
    units = select(t.unit.c.model).where(t.unit.c.model.is_not(None))
    agreements = select(t.agreement.c.model).where(t.agreement.c.model.is_not(None))
    return frozenset(connection.execute(units.union(agreements)).scalars())
