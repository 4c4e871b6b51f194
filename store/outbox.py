"""The outbox: what is planned to be sent, claimed for a while by whoever sends it, and settled.

Promises: the same key is planned once; a claim is a lease on the database's clock with a fence, so that neither a wrong clock nor a
slow holder settles or sends what another has taken over; where a message stands is kept whatever happens. What is due, too late or
throttled is measured by the `now` it is given. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, Update, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from store import tables as t
from store.database_clock import after_by, now_by
from store.records import Delivery
from store.upserts import upsert

PLANNING = 0x706C616E  # "plan" in hexadecimal: the advisory lock's number in this database
_DIALECTS = ("sqlite", "postgresql")
_PLAN = {dialect: upsert(dialect, t.delivery, ("key",), ()) for dialect in _DIALECTS}
_THROTTLE = {dialect: upsert(dialect, t.throttle, ("bucket",), ("until",)) for dialect in _DIALECTS}
_DELIVERY: tuple[Any, ...] = (  # every field of a Delivery, in its order
    *(t.delivery.c.id, t.delivery.c.key, t.delivery.c.kind, t.delivery.c.person_id, t.delivery.c.unit_id),
    *(t.delivery.c.dialogue_id, t.delivery.c.due_at, t.delivery.c.attempts, t.delivery.c.fence, t.delivery.c.content),
    *(t.delivery.c.platform, t.delivery.c.message_ref, t.delivery.c.posted_at, t.delivery.c.expires_at),
)


def _claim(dialect: str) -> ReturningUpdate[Any]:
    """Take one: first what a holder left behind, of which there is little, then what has been due the longest.

    Rows that others are just taking are passed over, and those of one kind. The order is the index's own, so that a long queue is
    not sorted for each.
    """
    wanted = t.delivery.c.kind != bindparam("but")
    is_left = and_(t.delivery.c.state == "claimed", t.delivery.c.lease_until <= now_by(dialect))
    is_due = and_(t.delivery.c.state == "planned", t.delivery.c.due_at <= bindparam("now", type_=t.Instant))
    left, due = _first(and_(is_left, wanted)), _first(and_(is_due, wanted))
    return (
        update(t.delivery)
        .where(t.delivery.c.id == func.coalesce(left.scalar_subquery(), due.scalar_subquery()))
        .values(
            state="claimed",
            lease_until=after_by(dialect, "lease"),
            fence=t.delivery.c.fence + 1,
            attempts=t.delivery.c.attempts + 1,
        )
        .returning(*_DELIVERY)
    )


def _first(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    found = select(t.delivery.c.id).where(condition).order_by(t.delivery.c.due_at).limit(1)
    return found.with_for_update(skip_locked=True).correlate(None)


def _hold(dialect: str) -> Update:
    held = and_(t.delivery.c.id == bindparam("held"), t.delivery.c.fence == bindparam("by"))
    return update(t.delivery).where(held).values(lease_until=after_by(dialect, "lease"))


def _begin(dialect: str) -> Update:
    return _hold(dialect).values(posted_at=bindparam("now"))


_CLAIM = {dialect: _claim(dialect) for dialect in _DIALECTS}
_HOLD = {dialect: _hold(dialect) for dialect in _DIALECTS}
_BEGIN = {dialect: _begin(dialect) for dialect in _DIALECTS}


@dataclass(frozen=True, slots=True)
class Settled:
    """How a delivery ended, or when it is to be tried again.

    `is_attempt` is false for a refusal that proves nothing; `may_stand` is false when this try left nothing behind, for sure.
    """

    state: Literal["planned", "sent", "skipped", "dead"]
    reason: str | None = None
    platform: str | None = None
    message_ref: str | None = None
    due_at: datetime | None = None
    is_attempt: bool = True
    may_stand: bool = True


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A delivery that was refused for good, and why."""

    id: int
    dialogue_id: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a delivery is for: the channel of a unit, or one person."""

    unit_id: int | None = None
    person_id: int | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """What singles out the deliveries for it."""
        if self.unit_id is not None:
            return t.delivery.c.unit_id == self.unit_id
        return and_(t.delivery.c.unit_id.is_(None), t.delivery.c.person_id == self.person_id)


class Outbox:
    """The deliveries as one transaction sees them. `has_planned` tells whether there is something new to deliver."""

    def __init__(self, connection: Connection) -> None:
        self.has_planned = False
        self._connection = connection

    def plan(
        self,
        key: str,
        kind: str,
        *,
        due_at: datetime,
        person_id: int | None = None,
        unit_id: int | None = None,
        dialogue_id: int | None = None,
        content: int | None = None,
        expires_at: datetime | None = None,
    ) -> bool:
        """Plan a delivery; the same key is planned once. False when it was planned before. Past `expires_at` it is not sent."""
        values = {
            "key": key,
            "kind": kind,
            "person_id": person_id,
            "unit_id": unit_id,
            "dialogue_id": dialogue_id,
            "due_at": due_at,
            "expires_at": expires_at,
            "state": "planned",
            "content": content,
        }
        self.has_planned = True
        return self._connection.execute(_PLAN[self._connection.dialect.name], values).rowcount == 1

    def may_be_filled(self) -> bool:
        """Whether nobody else looks over what is due just now; nobody else will until the transaction ends."""
        if self._connection.dialect.name == "sqlite":
            return True  # every transaction is alone there
        return bool(self._connection.execute(select(func.pg_try_advisory_xact_lock(PLANNING))).scalar_one())

    def plan_correction(self, key: str, content: int, due_at: datetime) -> None:
        """Let a planned or sent delivery show a newer revision."""
        self.has_planned = True
        self._connection.execute(
            update(t.delivery)
            .where(t.delivery.c.key == key)
            .values(
                content=content, state="planned", due_at=due_at, attempts=0, fence=t.delivery.c.fence + 1, reason=None
            )
        )

    def claim(self, now: datetime, lease: timedelta, *, but: str = "") -> Delivery | None:
        """Take the next due delivery for the length of a lease; a crashed holder's is taken again once the lease is over.

        What is of the kind `but` is left to others.
        """
        claim = _CLAIM[self._connection.dialect.name]
        row = self._connection.execute(claim, {"now": now, "lease": lease.total_seconds(), "but": but}).first()
        return None if row is None else Delivery(*row)

    def begin(self, claimed: Delivery, now: datetime, lease: timedelta) -> bool:
        """Note, before it is sent, that it may stand from now on, and hold it for a whole lease; False when it is no longer ours."""
        asked = {"held": claimed.id, "by": claimed.fence, "now": now, "lease": lease.total_seconds()}
        return self._connection.execute(_BEGIN[self._connection.dialect.name], asked).rowcount == 1

    def hold(self, claimed: Delivery, lease: timedelta) -> bool:
        """Hold it for a whole lease more, while it is made; False when it is no longer ours."""
        asked = {"held": claimed.id, "by": claimed.fence, "lease": lease.total_seconds()}
        return self._connection.execute(_HOLD[self._connection.dialect.name], asked).rowcount == 1

    def stand(self, claimed: Delivery, platform: str, message_ref: str, now: datetime) -> None:
        """Keep where something of a delivery stands that is still on its way."""
        where = {"message_ref": message_ref, "platform": platform, "posted_at": now}
        self._connection.execute(update(t.delivery).where(t.delivery.c.id == claimed.id).values(**where))

    def settle(self, claimed: Delivery, how: Settled, now: datetime) -> bool:
        """Note how a claimed delivery ended; False when somebody else has claimed or replanned it since."""
        values: dict[str, Any] = {"state": how.state, "lease_until": None, "reason": how.reason}
        if how.message_ref is not None:
            # where it stands is kept even if it was replanned meanwhile, or it would be posted twice
            where = {"message_ref": how.message_ref, "platform": how.platform, "posted_at": now}
            self._connection.execute(update(t.delivery).where(t.delivery.c.id == claimed.id).values(**where))
        if how.due_at is not None:
            values["due_at"] = how.due_at
        if not how.is_attempt:
            values["attempts"] = t.delivery.c.attempts - 1
        if not how.may_stand and how.message_ref is None:
            values["posted_at"] = claimed.posted_at
        settled = self._connection.execute(
            update(t.delivery)
            .where(t.delivery.c.id == claimed.id, t.delivery.c.fence == claimed.fence)
            .values(**values)
        )
        return settled.rowcount == 1

    def hand_to(self, claimed: Delivery, person_id: int) -> None:
        """Let a claimed delivery be for another person than it was planned for."""
        ours = and_(t.delivery.c.id == claimed.id, t.delivery.c.fence == claimed.fence)
        self._connection.execute(update(t.delivery).where(ours).values(person_id=person_id))

    def throttle(self, bucket: str, until: datetime, now: datetime) -> None:
        """Let nothing of a bucket be sent by anybody until then; what is over is forgotten."""
        self._connection.execute(delete(t.throttle).where(t.throttle.c.until <= now))
        self._connection.execute(_THROTTLE[self._connection.dialect.name], {"bucket": bucket, "until": until})

    def throttled(self, now: datetime) -> Mapping[str, datetime]:
        """The buckets of which nothing may be sent now, and until when."""
        rows = self._connection.execute(select(t.throttle).where(t.throttle.c.until > now))
        return {row.bucket: row.until for row in rows}

    def dead(self, kind: str, target: Target) -> tuple[Undelivered, ...]:
        """What of a kind could not be delivered to a unit's channel or to a person, oldest first."""
        rows = self._connection.execute(
            select(t.delivery.c.id, t.delivery.c.dialogue_id, t.delivery.c.reason)
            .where(t.delivery.c.kind == kind, target.condition, t.delivery.c.state == "dead")
            .order_by(t.delivery.c.id)
        )
        return tuple(Undelivered(*row) for row in rows)

    def revive(self, kind: str, targets: Iterable[Target], due_at: datetime) -> int:
        """Plan anew what could not be delivered to some channels or people; how many that is."""
        wanted = [target.condition for target in targets]
        if not wanted:
            return 0
        revived = self._connection.execute(
            update(t.delivery)
            .where(t.delivery.c.kind == kind, or_(*wanted), t.delivery.c.state == "dead")
            .values(state="planned", due_at=due_at, attempts=0, fence=t.delivery.c.fence + 1, reason=None)
        )
        self.has_planned = self.has_planned or revived.rowcount > 0
        return revived.rowcount

    def unreached(self, kinds: Sequence[str], since: datetime) -> Mapping[int, str]:
        """The people for whom a message of some kinds was refused for good since then, each with the latest reason."""
        rows = self._connection.execute(
            select(t.delivery.c.person_id, t.delivery.c.reason)
            .where(
                t.delivery.c.kind.in_(kinds),
                t.delivery.c.state == "dead",
                t.delivery.c.person_id.is_not(None),
                t.delivery.c.due_at >= since,
            )
            .order_by(t.delivery.c.id)
        )
        return {row.person_id: row.reason or "" for row in rows}

    def let_be(self, kind: str, target: Target, reason: str) -> None:
        """Let what was refused for good be as it is, because it is no longer needed."""
        refused = and_(t.delivery.c.kind == kind, target.condition, t.delivery.c.state == "dead")
        self._connection.execute(update(t.delivery).where(refused).values(state="skipped", reason=reason))

    def skip_planned(self, kind: str, reason: str) -> None:
        """Let what is planned of a kind not be sent."""
        planned = and_(t.delivery.c.kind == kind, t.delivery.c.state == "planned")
        self._connection.execute(update(t.delivery).where(planned).values(state="skipped", reason=reason))

    def delivery(self, key: str) -> Delivery | None:
        """The delivery planned under a key."""
        row = self._connection.execute(select(*_DELIVERY).where(t.delivery.c.key == key)).first()
        return None if row is None else Delivery(*row)

    def under_way(self, person_id: int, kind: str) -> tuple[str, ...]:
        """The keys of what is planned or on its way to a person, of a kind."""
        c = t.delivery.c
        waiting = select(c.key).where(c.person_id == person_id, c.kind == kind, c.state.in_(("planned", "claimed")))
        return tuple(self._connection.execute(waiting.order_by(c.id)).scalars())

    def given_up(self, delivery_id: int) -> tuple[str, str] | None:
        """The key of what was refused for good, and why; None when it was not, or is tried again."""
        asked = select(t.delivery.c.key, t.delivery.c.reason)
        row = self._connection.execute(
            asked.where(t.delivery.c.id == delivery_id, t.delivery.c.state == "dead")
        ).first()
        return None if row is None else (row.key, row.reason or "")

    def stands(self, key: str) -> bool:
        """Whether what was planned under a key has arrived."""
        row = self._connection.execute(select(t.delivery.c.message_ref).where(t.delivery.c.key == key)).first()
        return row is not None and row.message_ref is not None

    def is_overtaken(self, delivery: Delivery) -> bool:
        """Whether a message of a later day to the same person has arrived; their keys differ in the day alone."""
        c = t.delivery.c
        later = select(c.id).where(c.person_id == delivery.person_id, c.kind == delivery.kind, c.key > delivery.key)
        return self._connection.execute(later.where(c.message_ref.is_not(None)).limit(1)).first() is not None

    def sent_without_summary(self) -> tuple[int, ...]:
        """Dialogues that were sent while nobody led above, and whose summary is not planned yet."""
        planned = select(t.delivery.c.id).where(
            t.delivery.c.dialogue_id == t.dialogue.c.id, t.delivery.c.kind == "summary"
        )
        rows = self._connection.execute(
            select(t.dialogue.c.id).where(t.dialogue.c.sent_revision.is_not(None), ~planned.exists())
        )
        return tuple(row.id for row in rows)
