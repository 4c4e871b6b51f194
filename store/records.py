"""What the store answers with: frozen records, one for each thing a use case asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

Role = Literal["leader", "deputy", "consultant", "direktion"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name, an e-mail address and a language; `platform` is where they last spoke to the bot."""

    id: int
    email: str
    name: str
    language: str
    timezone: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A place in the organisation."""

    id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post at a unit or `depth` levels above it on a day, and who stands in while they are away."""

    person_id: int
    name: str
    role: Role
    unit_id: int
    unit_name: str
    depth: int
    away: bool = False
    stand_in_id: int | None = None
    stand_in_name: str = ""


def with_owner(owner: Holder, holders: Sequence[Holder]) -> tuple[Holder, ...]:
    """The holders as an owner's dialogue sees them: the owner closest, the unit's leader and its executive board above."""
    others = (holder for holder in holders if holder.person_id != owner.person_id)
    closest = sorted(others, key=lambda one: (one.depth, one.role == "direktion"))
    return (owner, *map(_above_owner, closest))


def _above_owner(holder: Holder) -> Holder:
    role: Role = "leader" if holder.role == "direktion" else holder.role
    return replace(holder, depth=holder.depth + 1, role=role)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One agreement in one round. `revision` counts changes of answers; `sent_revision` is what the nearest leader has seen."""

    id: int
    agreement_id: int
    unit_id: int
    unit_name: str
    model: str
    round: str
    opens_on: date
    due_on: date
    script_digest: str
    revision: int
    sent_revision: int | None
    sent_at: datetime | None
    corrected_at: datetime | None
    sent_by_id: int | None
    previous_id: int | None
    previous_due_on: date | None
    previous_sent_revision: int | None
    owner_id: int | None = None  # who answers about their own initiatives; None: the unit, about all of them
    has_delegations: bool = False  # whether somebody else was asked about a part of it

    @property
    def is_sent(self) -> bool:
        """Whether the nearest leader has been given it."""
        return self.sent_revision is not None

    @property
    def is_changed(self) -> bool:
        """Whether answers were changed after it was last sent."""
        return self.sent_revision is not None and self.sent_revision != self.revision


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """An initiative under its goal, as the agreement has it today."""

    id: int
    title: str
    due_on: date | None
    goal: str
    source: str
    policy: str
    objective: str
    goal_id: int = 0
    owner_id: int | None = None
    continues_id: int | None = None  # the initiative of an earlier agreement that it carries on


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One step's answer: values by field id, empty when the step was skipped."""

    subject: str
    step: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """One thing somebody said about a summary that was sent."""

    id: int
    kind: str
    person_id: int
    name: str
    text: str
    at: datetime


AT_NEXT = "next"


@dataclass(frozen=True, slots=True)
class Focus:
    """The card in front of a person: where what they type belongs.

    The subject AT_NEXT is wherever the dialogue stands; "" is a card that awaits no text, such as the review.
    """

    dialogue_id: int
    subject: str
    step: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be picked, with what they lead or do."""

    id: int
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class AgreementInForce:
    """An agreement on a day, with the model and the evaluation model it follows: its own, its unit's, or from the closest unit above.

    `evaluation` "" is the model's own.
    """

    id: int
    unit_id: int
    model: str
    evaluation: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that must arrive once. `content` is the revision it must show; `message_ref` where it already stands."""

    id: int
    key: str
    kind: str
    person_id: int | None
    unit_id: int | None
    dialogue_id: int | None
    due_at: datetime
    attempts: int
    fence: int
    content: int | None
    platform: str | None
    message_ref: str | None
    posted_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def may_stand(self) -> bool:
        """Whether somebody began to send it and nobody knows how that ended."""
        return self.posted_at is not None and self.message_ref is None
