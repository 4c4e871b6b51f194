"""The seams: what comes in from a channel, what goes back, what a channel can do, and how it says that it could not.

Promises: frozen values only. Channels know these and cards; the service knows these and never a channel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from cards.card import Card, Press
from cards.reports.report import File

Raw = str | tuple[str, ...]  # what an input held when a button was pressed: text, or the values picked


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened the conversation, or asked to start."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody typed a message to the bot."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button on a card with inputs.

    `inputs` is by field id; people written in words stand under `<field>__others`.
    """

    press: Press
    inputs: Mapping[str, Raw] = field(default_factory=dict)


Intent = Opened | Said | Pressed


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from a platform. `event` is the platform's own id of it: the same id twice is the same event."""

    event: str
    platform: str
    person: str  # the platform's reference of who did it; the local chat uses e-mail addresses
    intent: Intent


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person sees next. The card replaces the pressed one, or stands below what was said.

    `is_again`: the event was taken before, so an answer to it may be there already.
    """

    card: Card
    where: Literal["replace", "below"] = "below"
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Direct:
    """A person's own conversation with the bot, by the platform's reference of the person."""

    reference: str


@dataclass(frozen=True, slots=True)
class Room:
    """A channel, by the platform's reference or name of it."""

    reference: str


Destination = Direct | Room


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it; `message_ref` finds it again."""

    message_ref: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Refused for sure, to be tried again after `until`; not an attempt. `stands` finds what of it was posted before that.

    `is_for_all` is false where the platform refuses this conversation alone; else it is let be until then.
    """

    until: datetime
    stands: str | None = None
    is_for_all: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """Refused for good: trying again cannot help. `reason` is a short code for people who mend it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody knows whether it arrived: look it up before sending again.

    `is_findable` is false where the platform cannot be asked, so that sending again may double it; `stands` finds what of it was posted.
    """

    reason: str
    is_findable: bool = True
    stands: str | None = None


@dataclass(frozen=True, slots=True)
class Unasked:
    """Whether a message arrived could not be found out: it never can where `is_findable` is false, else not within `wait`."""

    reason: str
    wait: timedelta | None = None  # where the platform says how long it wants to be let be
    is_findable: bool = True


Outcome = Sent | Busy | Dead | Ambiguous
Keep = Callable[[str], Awaitable[None]]
"""Is told what of a delivery stands before anything more is done with it; on disk when it returns."""


class Channel(Protocol):
    """A platform as the courier sees it."""

    name: str

    async def post(self, destination: Destination, card: Card, key: str, now: datetime) -> Outcome:
        """Post a new message; `key` is the delivery's, kept with the message so that it can be found."""

    async def correct(self, destination: Destination, message_ref: str, card: Card, now: datetime) -> Outcome:
        """Change a posted message in place."""

    async def find(self, destination: Destination, key: str) -> str | Unasked | None:
        """The reference of the message posted under `key`, if it arrived; or that the platform could not be asked."""

    async def hand_over(
        self,
        destination: Destination,
        file: File,
        card: Card,
        key: str,
        now: datetime,
        *,
        stands: str | None = None,
        keep: Keep,
    ) -> Outcome:
        """Hand a file over with a card that says what it is, to a person alone: a channel is refused.

        `stands` is what of it stands already, as `keep`, a post or an earlier try told: that is made whole and never doubled.
        """


class Clock(Protocol):
    """Now, as an aware datetime; the demo's clock can be set."""

    def __call__(self) -> datetime:
        """The instant it is."""
