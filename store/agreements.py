"""Agreements between a unit and the level above it: what stands in them, who has signed which version, and what was changed.

Promises: a signature is for one version and is never taken away; an amendment makes the next version, which both sign anew. Each
party signs a version once. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    Date,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from dialogs.script import Wording
from store import tables as t
from store.upserts import upsert

Party = Literal["unit", "counterpart"]
PARTIES: tuple[Party, Party] = ("unit", "counterpart")

_SIGN = {
    dialect: upsert(dialect, t.signature, ("agreement_id", "version", "party"), ())
    for dialect in ("sqlite", "postgresql")
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """A unit's agreement over a period. `counterpart_id` None is the nearest leader of the day; `model` None the house's own."""

    id: int
    code: str
    unit_id: int
    unit_name: str
    model: str | None
    from_day: date
    to_day: date
    version: int
    counterpart_id: int | None


@dataclass(frozen=True, slots=True)
class OwnedInitiative:
    """An initiative under its goal, with the name of whoever has it; "" is the unit's leader."""

    id: int
    goal_id: int
    title: str
    owner: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """Who signed a version, for which party, and when."""

    id: int
    agreement_id: int
    version: int
    party: Party
    person_id: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AmendmentRow:
    """One change, the version it made, and who made it; "" is a workbook that was read in."""

    version: int
    what: Wording
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """Where an agreement that somebody has signed stands: changing it makes the next version."""

    id: int
    version: int


def inherited(column: Column[str]) -> ScalarSelect[str | None]:
    """What the closest unit at or above an agreement's says in a column of `unit`, such as its model."""
    above = t.unit.alias(f"above_{column.name}")
    return (
        select(above.c[column.name])
        .join(t.unit_closure, t.unit_closure.c.ancestor_id == above.c.id)
        .where(t.unit_closure.c.descendant_id == t.agreement.c.unit_id, above.c[column.name].is_not(None))
        .order_by(t.unit_closure.c.depth)
        .limit(1)
        .correlate(t.agreement)
        .scalar_subquery()
    )


AGREEMENT: Select[Any] = select(  # every field of an Agreement, in its order
    t.agreement.c.id,
    t.agreement.c.code,
    t.agreement.c.unit_id,
    t.unit.c.name,
    func.coalesce(t.agreement.c.model, inherited(t.unit.c.model)),
    t.agreement.c.from_day,
    t.agreement.c.to_day,
    t.agreement.c.version,
    t.agreement.c.counterpart_id,
).select_from(t.agreement.join(t.unit, t.unit.c.id == t.agreement.c.unit_id))
_BY_ID = AGREEMENT.where(t.agreement.c.id == bindparam("agreement_id"))
_LOCKED = _BY_ID.with_for_update(of=t.agreement)

_day = bindparam("day", type_=Date)
_ON_POST = and_(t.post.c.from_day <= _day, or_(t.post.c.to_day.is_(None), t.post.c.to_day >= _day))
_AWAY = and_(t.absence.c.person_id == t.post.c.person_id, t.absence.c.from_day <= _day, t.absence.c.to_day >= _day)
_POSTS = t.post.outerjoin(t.absence, _AWAY)

_INITIATIVES = (
    select(
        t.initiative.c.id,
        t.initiative.c.goal_id,
        t.initiative.c.title,
        func.coalesce(t.person.c.name, ""),
        t.initiative.c.due_on,
    )
    .select_from(t.initiative.outerjoin(t.person, t.person.c.id == t.initiative.c.owner_id))
    .where(t.initiative.c.agreement_id == bindparam("agreement_id"))
    .order_by(t.initiative.c.id)
)
_SIGNATURE: Select[Any] = select(
    t.signature.c.id,
    t.signature.c.agreement_id,
    t.signature.c.version,
    t.signature.c.party,
    t.signature.c.person_id,
    t.person.c.name,
    t.signature.c.at,
).select_from(t.signature.join(t.person, t.person.c.id == t.signature.c.person_id))
_SIGNATURES = _SIGNATURE.where(t.signature.c.agreement_id == bindparam("agreement_id")).order_by(t.signature.c.id)
_AMENDMENTS = (
    select(
        t.amendment.c.version,
        t.amendment.c.what,
        func.coalesce(t.amendment.c.what_en, t.amendment.c.what),
        func.coalesce(t.person.c.name, ""),
        t.amendment.c.at,
    )
    .select_from(t.amendment.outerjoin(t.person, t.person.c.id == t.amendment.c.person_id))
    .where(t.amendment.c.agreement_id == bindparam("agreement_id"))
    .order_by(t.amendment.c.id)
)


class Agreements:
    """The agreements as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def agreement(self, agreement_id: int, *, lock: bool = False) -> Agreement | None:
        """The agreement with an id; `lock` keeps others from signing or changing it until this transaction ends."""
        row = self._connection.execute(_LOCKED if lock else _BY_ID, {"agreement_id": agreement_id}).first()
        return Agreement(*row) if row else None

    def in_reach(self, person_id: int, day: date) -> tuple[Agreement, ...]:
        """The agreements that have not ended and that somebody's posts reach on a day, the closest units' first.

        A post reaches the unit and those below it. A stand-in reaches what the leader who is away does; a named counterpart the
        agreement.
        """
        depth = t.unit_closure.c.depth
        stands_in = and_(t.absence.c.stand_in_id == person_id, t.post.c.role == "leader")
        is_named = t.agreement.c.counterpart_id == person_id
        own = t.post.c.person_id == person_id
        mine = (
            select(t.agreement.c.id, func.min(depth).label("depth"))
            .select_from(
                t.agreement.join(t.unit_closure, t.unit_closure.c.descendant_id == t.agreement.c.unit_id).outerjoin(
                    _POSTS,
                    and_(t.post.c.unit_id == t.unit_closure.c.ancestor_id, _ON_POST, or_(own, stands_in)),
                )
            )
            .where(t.agreement.c.to_day >= _day, or_(t.post.c.id.is_not(None), is_named))
            .group_by(t.agreement.c.id)
            .subquery()
        )
        rows = self._connection.execute(
            AGREEMENT.join(mine, mine.c.id == t.agreement.c.id).order_by(
                mine.c.depth, t.unit.c.name, t.agreement.c.from_day, t.agreement.c.id
            ),
            {"day": day},
        )
        return tuple(Agreement(*row) for row in rows)

    def stand_in_of(self, person_id: int, day: date) -> int | None:
        """Who stands in for somebody who is away on a day; None when they are not away, or nobody does."""
        absence = t.absence.c
        away = and_(absence.person_id == person_id, absence.from_day <= day, absence.to_day >= day)
        found: int | None = self._connection.execute(select(absence.stand_in_id).where(away)).scalars().first()
        return found

    def initiatives(self, agreement_id: int) -> tuple[OwnedInitiative, ...]:
        """The agreement's initiatives, in the order they were made."""
        rows = self._connection.execute(_INITIATIVES, {"agreement_id": agreement_id})
        return tuple(OwnedInitiative(*row) for row in rows)

    def signatures(self, agreement_id: int) -> tuple[SignatureRow, ...]:
        """Every signature there has been, of every version, oldest first."""
        return tuple(
            SignatureRow(*row) for row in self._connection.execute(_SIGNATURES, {"agreement_id": agreement_id})
        )

    def signature(self, signature_id: int) -> SignatureRow | None:
        """The signature with an id."""
        row = self._connection.execute(_SIGNATURE.where(t.signature.c.id == signature_id)).first()
        return SignatureRow(*row) if row else None

    def times_signed(self, agreements: Collection[Agreement]) -> Mapping[int, int]:
        """How many parties have signed each agreement as it is now."""
        now = {(one.id, one.version) for one in agreements}
        rows = self._connection.execute(
            select(t.signature.c.agreement_id, t.signature.c.version, func.count())
            .where(t.signature.c.agreement_id.in_(sorted(one.id for one in agreements)))
            .group_by(t.signature.c.agreement_id, t.signature.c.version)
        )
        return {row[0]: int(row[2]) for row in rows if (row[0], row[1]) in now}

    def unsigned(self, day: date, around: timedelta) -> tuple[Agreement, ...]:
        """The agreements in force, or beginning soon, that lack a signature: those begun lately, and those amended whenever."""
        signed = (
            select(func.count())
            .select_from(t.signature)
            .where(t.signature.c.agreement_id == t.agreement.c.id, t.signature.c.version == t.agreement.c.version)
            .correlate(t.agreement)
            .scalar_subquery()
        )
        rows = self._connection.execute(
            AGREEMENT.where(
                t.agreement.c.from_day <= day + around,
                t.agreement.c.to_day >= day,
                or_(t.agreement.c.from_day >= day - around, t.agreement.c.version > 1),
                signed < len(PARTIES),
            ).order_by(t.agreement.c.id)
        )
        return tuple(Agreement(*row) for row in rows)

    def amendments(self, agreement_id: int) -> tuple[AmendmentRow, ...]:
        """What was changed since it was first signed, oldest first."""
        rows = self._connection.execute(_AMENDMENTS, {"agreement_id": agreement_id})
        return tuple(AmendmentRow(row[0], Wording(row[1], row[2]), row[3], row[4]) for row in rows)

    def sign(self, agreement: Agreement, party: Party, person_id: int, now: datetime) -> int | None:
        """Keep that somebody signed the present version for a party; None when the party had signed it already."""
        row = {"agreement_id": agreement.id, "version": agreement.version, "party": party}
        kept = self._connection.execute(
            _SIGN[self._connection.dialect.name], {**row, "person_id": person_id, "at": now}
        )
        if kept.rowcount != 1:
            return None
        made = select(t.signature.c.id).where(*(t.signature.c[name] == value for name, value in row.items()))
        return int(self._connection.execute(made).scalar_one())

    def hold(self) -> None:
        """Keep everybody from signing anything until this transaction ends: what they would sign may be about to change."""
        self._connection.execute(select(t.agreement.c.id).order_by(t.agreement.c.id).with_for_update())

    def signed(self) -> Mapping[str, Signed]:
        """The agreements that anybody has ever signed, by code: what changes in them is an amendment."""
        ever = select(t.signature.c.id).where(t.signature.c.agreement_id == t.agreement.c.id).exists()
        rows = self._connection.execute(
            select(t.agreement.c.code, t.agreement.c.id, t.agreement.c.version).where(
                or_(ever, t.agreement.c.version > 1)
            )
        )
        return {row.code: Signed(row.id, row.version) for row in rows}

    def amend(self, agreement_id: int, changes: Sequence[Wording], person_id: int | None, now: datetime) -> int:
        """Make the next version, which nobody has signed yet, with what was changed and by whom; its number."""
        self._connection.execute(
            update(t.agreement).where(t.agreement.c.id == agreement_id).values(version=t.agreement.c.version + 1)
        )
        version = int(
            self._connection.execute(select(t.agreement.c.version).where(t.agreement.c.id == agreement_id)).scalar_one()
        )
        self._connection.execute(insert(t.amendment), list(_amended(agreement_id, version, changes, person_id, now)))
        return version


def _amended(
    agreement_id: int, version: int, changes: Iterable[Wording], person_id: int | None, now: datetime
) -> Iterable[dict[str, object]]:
    for change in changes:
        yield {
            "agreement_id": agreement_id,
            "version": version,
            "what": change.da,
            "what_en": change.en,
            "person_id": person_id,
            "at": now,
        }
