"""What a card about one dialogue needs to know, gathered by whoever has it: data in, nothing looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from cards.card import Option, Press
from cards.replying import Response
from cards.wording import Texts, first_name
from dialogs import engine
from dialogs.engine import GOAL, INITIATIVE, Answers, Place, Stop, Subject
from dialogs.script import Script, Wording


@dataclass(frozen=True)
class Scene:
    """One dialogue in front of one person, on one day, in that person's language."""

    texts: Texts
    dialogue: int
    revision: int
    unit: str
    round: Wording
    due: date
    today: date
    script: Script
    subjects: tuple[Subject, ...]
    answers: Answers
    before: Answers
    before_on: date | None
    sources: Mapping[str, Wording]
    person: str
    leader: str  # "" while the post is vacant
    nearest: str  # "" when nobody leads above
    sent_at: datetime | None = None
    corrected_at: datetime | None = None
    is_sent: bool = False
    is_changed: bool = False
    asked_of: Mapping[str, str] = field(
        default_factory=dict
    )  # subject -> who else was asked about it and has not answered
    is_delegated: bool = False  # it is in front of somebody who was asked about a part, and holds that part alone
    is_owners: bool = False  # an owner answers for their own initiatives, not a unit for all of its
    colleagues: tuple[Option, ...] = ()  # who may be picked; gathered only for a card that asks
    responses: tuple[Response, ...] = ()  # what was said about it since it was sent
    names: Mapping[int, str] = field(default_factory=dict)  # of everybody mentioned in the answers

    @property
    def language(self) -> str:
        """The language everything is said in."""
        return self.texts.language

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The route, as it is now."""
        return tuple(engine.route(self.script, self.subjects, self.answers))

    @cached_property
    def next_stop(self) -> Stop | None:
        """The first stop without an answer; what somebody else was asked about comes last."""
        return self.first_waiting(self.stops)

    def first_waiting(self, stops: Sequence[Stop]) -> Stop | None:
        """The first of some stops without an answer, of which what somebody else was asked about comes last."""
        waiting = [stop for stop in stops if stop.place not in self.answers]
        own = (stop for stop in waiting if stop.subject.id not in self.asked_of)
        return next(own, waiting[0] if waiting else None)

    @cached_property
    def left(self) -> tuple[int, int]:
        """How many parts lack an answer, and how many there are."""
        return engine.parts_left(self.script, self.subjects, self.answers)

    @cached_property
    def count(self) -> int:
        """How many initiatives are asked about."""
        return self._asked(INITIATIVE)

    @cached_property
    def goals(self) -> int:
        """How many goals are asked about."""
        return self._asked(GOAL)

    def _asked(self, kind: str) -> int:
        return len({stop.subject.id for stop in self.stops if stop.section.each == kind})

    def waits_for(self, subject: str) -> bool:
        """Whether anything about a subject is still to be answered."""
        return any(stop.subject.id == subject and stop.place not in self.answers for stop in self.stops)

    def stop_at(self, place: Place) -> Stop | None:
        """The stop at a place, if the route passes it."""
        return next((stop for stop in self.stops if stop.place == place), None)

    def say(self, key: str, /, **params: object) -> str:
        """A sentence about this dialogue: what is always known need not be given."""
        return self.texts.say(key, **(self._known | params))

    @cached_property
    def _known(self) -> dict[str, object]:
        return {
            "round": self.round.in_(self.language),
            "unit": self.unit,
            "due": self.due,
            "late": self.today > self.due,
            "name": self.person,
            "nearest": self.nearest or self.texts.say("word.nearest"),
        }

    def asks(self, wording: Wording | None) -> str:
        """A script's own wording, with the names it may mention."""
        if wording is None:
            return ""
        nearest = first_name(self.nearest) if self.nearest else self.texts.say("word.nearest")
        return wording.in_(self.language).replace("{nearest_leader}", nearest).replace("{unit}", self.unit)

    def press(self, act: str, place: Place | None = None, value: str = "") -> Press:
        """A press about this dialogue as it is now."""
        subject, step = (place.subject, place.step) if place else ("", "")
        return Press(act, self.dialogue, subject, step, self.revision, value)
