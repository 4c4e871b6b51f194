"""What every use case of one turn needs: who, when, through which channel, and the transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import danish_day
from bot.gathering import House
from cards import asking
from cards.card import Card
from store.records import Focus, Person
from store.work import Work

log = logging.getLogger("dialogbot.service")


@dataclass(frozen=True, slots=True)
class Turn:
    """One event's person, moment, platform and transaction."""

    house: House
    work: Work
    person: Person
    platform: str
    now: datetime
    focus: Focus | None = None  # the card that was in front of the person when the turn began
    event: str = ""  # the platform's id of it

    @property
    def today(self) -> date:
        """The day it is in Denmark."""
        return danish_day(self.now)

    def say(self, key: str, /, **params: object) -> str:
        """A sentence in the person's language."""
        return self.house.texts(self.person.language).say(key, **params)

    def look_at(self, focus: Focus) -> None:
        """Note the card now in front of the person, unless it is where it was."""
        if focus != self.focus:
            self.work.set_focus(self.person.id, focus)

    def refusal(self, reason: str, what: str, line: str) -> Card:
        """A friendly sentence that says why not; the reason is logged with ids alone."""
        refused(reason, what, self.person.id)
        return asking.plain("refusal", "", (line,), self.person.language)


def refused(reason: str, what: str, person_id: int | None) -> None:
    """Log why something was refused: codes and ids, never what people wrote."""
    log.warning("refused: %s (%s, person %s)", reason, what, person_id)
