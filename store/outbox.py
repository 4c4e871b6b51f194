"""The outbox: what is planned to be sent, claimed for a while by whoever sends it, and settled.

Promises: the same key is planned once; a claim is a lease with a fence, so a holder who was slow cannot settle what another has taken
over; where a message stands is kept whatever happens. Lives inside one open transaction and commits nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from store import tables as t
from store.records import Delivery
from store.upserts import upsert

_PLAN = {dialect: upsert(dialect, t.delivery, ("key",), ()) for dialect in ("sqlite", "postgresql")}


@dataclass(frozen=True, slots=True)
class Settled:
    """How a delivery ended, or when it is to be tried again; `is_attempt` is false for a refusal that proves nothing."""

    state: Literal["planned", "sent", "skipped", "dead"]
    reason: str | None = None
    platform: str | None = None
    message_ref: str | None = None
    due_at: datetime | None = None
    is_attempt: bool = True


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

    def claim(self, now: datetime, lease: timedelta) -> Delivery | None:
        """Take the next due delivery for the length of a lease; a crashed holder's is taken again once the lease is over."""
        due = or_(
            and_(t.delivery.c.state == "planned", t.delivery.c.due_at <= now),
            and_(t.delivery.c.state == "claimed", t.delivery.c.lease_until <= now),
        )
        row = self._connection.execute(
            select(t.delivery)
            .where(due)
            .order_by(t.delivery.c.due_at, t.delivery.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        self._connection.execute(
            update(t.delivery)
            .where(t.delivery.c.id == row.id)
            .values(state="claimed", lease_until=now + lease, fence=row.fence + 1, attempts=row.attempts + 1)
        )
        return Delivery(
            row.id, row.key, row.kind, row.person_id, row.unit_id, row.dialogue_id, row.due_at,
            row.attempts + 1, row.fence + 1, row.content, row.platform, row.message_ref,
        )  # fmt: skip

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
        settled = self._connection.execute(
            update(t.delivery)
            .where(t.delivery.c.id == claimed.id, t.delivery.c.fence == claimed.fence)
            .values(**values)
        )
        return settled.rowcount == 1

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
        row = self._connection.execute(select(t.delivery).where(t.delivery.c.key == key)).first()
        if row is None:
            return None
        return Delivery(
            row.id, row.key, row.kind, row.person_id, row.unit_id, row.dialogue_id, row.due_at,
            row.attempts, row.fence, row.content, row.platform, row.message_ref,
        )  # fmt: skip

    def stands(self, key: str) -> bool:
        """Whether what was planned under a key has arrived."""
        row = self._connection.execute(select(t.delivery.c.message_ref).where(t.delivery.c.key == key)).first()
        return row is not None and row.message_ref is not None

    def sent_without_summary(self) -> tuple[int, ...]:
        """Dialogues that were sent while nobody led above, and whose summary is not planned yet."""
        planned = select(t.delivery.c.id).where(
            t.delivery.c.dialogue_id == t.dialogue.c.id, t.delivery.c.kind == "summary"
        )
        rows = self._connection.execute(
            select(t.dialogue.c.id).where(t.dialogue.c.sent_revision.is_not(None), ~planned.exists())
        )
        return tuple(row.id for row in rows)
