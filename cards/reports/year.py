"""A year in front of whoever composes a report of it: what was sent, counted once, and the words to say it with.

Promises: what a report is not about is not here: with a committee's or a council's alone the political goals and initiatives, and
no names of those who are to do something. What has not been sent is not in the findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from cards.asking import in_names
from cards.figures import number
from cards.goals import SYMBOLS
from cards.reports.facts import Findings, Unit
from cards.reports.prose import prose
from cards.reports.report import Kind
from cards.scene import Scene
from cards.wording import DENMARK
from dialogs.engine import GOAL, Figures, Subject
from dialogs.results import Budget, Outcome, Rolled, Standing, Told, budgets, outcomes, roll_up, standings, wording
from dialogs.script import Attainment
from dialogs.summary import summarise

POLITICAL = (Kind.COMMITTEE, Kind.COUNCIL)


@dataclass(frozen=True)
class Year:
    """The findings of one report, summed up once."""

    findings: Findings

    @property
    def language(self) -> str:
        """The language everything is said in."""
        return self.findings.texts.language

    @property
    def is_political(self) -> bool:
        """Whether it is for politicians: political goals alone, and no names of those who are to do something."""
        return self.findings.kind in POLITICAL

    def say(self, key: str, /, **params: object) -> str:
        """One of the reports' own sentences."""
        found = self.findings
        known = {"year": found.year, "place": self.place, "municipality": found.municipality, "round": self.round}
        return prose(self.language).say(key, **(known | params))

    def quoted(self, text: str) -> str:
        """What somebody wrote, as theirs."""
        return self.findings.texts.quoted(text)

    def count(self, many: int) -> str:
        """A number of things, with the thousands mark of the language."""
        return number(Decimal(many), self.language)

    @property
    def place(self) -> str:
        """What the report is of: a unit, or the whole municipality."""
        return self.findings.unit.name if self.findings.unit else self.findings.municipality or self._whole

    @property
    def _whole(self) -> str:
        """The whole municipality where it has no name."""
        return prose(self.language).say("place.whole")

    @cached_property
    def round(self) -> str:
        """The only round it is about, as the models call it; "" when it is about all the year's."""
        if not self.findings.round_id:
            return ""
        titles = dict.fromkeys(one.scene.script.title.in_(self.language) for one in self.findings.held)
        return self.findings.texts.listed(titles)

    # --- what was sent ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """Every dialogue that was sent, summed up."""
        return tuple(
            Told(
                one.scene.dialogue,
                one.unit.id,
                one.scene.script,
                summarise(one.scene.script, one.scene.subjects, one.scene.answers, one.scene.before),
            )
            for one in self.findings.held
        )

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Each unit's goals that the report is about."""
        found = outcomes(self.told, min(date(self.findings.year, 12, 31), self.findings.today))
        return tuple(one for one in found if self._is_meant(one.subject))

    @cached_property
    def goals(self) -> tuple[Rolled, ...]:
        """Every goal once, in the order they stand in the tables."""
        return roll_up(self.outcomes, tuple(self.findings.sources))

    def asked(self, goal: Rolled) -> int:
        """How many units were asked of a goal, whether they have sent it or not."""
        told = {one.unit for one in goal.outcomes}
        if known := self.findings.having.get(wording(goal.subject)):
            return len(known | told)
        figures = goal.subject.figures or Figures()
        return figures.units if self.findings.kind is Kind.UNIT else len(goal.outcomes)

    @property
    def missing(self) -> int:
        """How many goals there are that no dialogue that was sent has told of."""
        told = {wording(one) for held in self.findings.held for one in held.scene.subjects if one.kind == GOAL}
        sources = self.findings.political
        return sum(one not in told and (not self.is_political or one[1] in sources) for one in self.findings.having)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The initiatives that the report is about."""
        found = standings(self.told, tuple(self.findings.sources))
        return tuple(one for one in found if self._is_meant(one.subject))

    @cached_property
    def budgets(self) -> tuple[Budget, ...]:
        """What each unit told of its budget; before politicians only of those that have a political goal."""
        found = budgets(self.told)
        meant = {one.unit for one in self.outcomes}
        return tuple(one for one in found if not self.is_political or one.unit in meant)

    def _is_meant(self, subject: Subject) -> bool:
        return not self.is_political or subject.source in self.findings.political

    # --- names and labels --------------------------------------------------------------------------------------------------------------

    @cached_property
    def _units(self) -> Mapping[int, Unit]:
        return {one.unit.id: one.unit for one in self.findings.held}

    @cached_property
    def _scenes(self) -> Mapping[int, Scene]:
        return {one.scene.dialogue: one.scene for one in self.findings.held}

    def unit(self, unit_id: int) -> str:
        """A unit by name."""
        return self._units[unit_id].name

    def scene(self, dialogue: int) -> Scene:
        """The dialogue in which something was said."""
        return self._scenes[dialogue]

    def names(self, dialogue: int, people: object) -> str:
        """Who is to do something, by name; nobody where the report is open to everybody."""
        return "" if self.is_political or not people else in_names(self.scene(dialogue), people)

    @cached_property
    def _sources(self) -> Mapping[str, str]:
        """The sources as they are called: where the units' own models agree, as they do; else as the first of all models does."""
        said: dict[str, set[str]] = {}
        for one in self.findings.held:
            for source_id, label in one.scene.sources.items():
                said.setdefault(source_id, set()).add(label.in_(self.language))
        agreed = {source_id: labels.pop() for source_id, labels in said.items() if len(labels) == 1}
        return {source_id: label.in_(self.language) for source_id, label in self.findings.sources.items()} | agreed

    def source(self, source_id: str) -> str:
        """A source as it is called."""
        return self._sources.get(source_id) or source_id or self.say("goals.no_source")

    def origin(self, subject: Subject) -> str:
        """Where a goal or an initiative comes from: the policy, or else its source."""
        return subject.heading or self.source(subject.source)

    def attainment(self, one: Attainment | None) -> str:
        """How far a goal is reached, in a word."""
        return self.say("goals.not_judged") if one is None else self.findings.texts.say(f"attainment.{one.value}")

    def symbol(self, one: Attainment | None) -> str:
        """The mark that stands beside that word."""
        return "–" if one is None else SYMBOLS[one]

    def day(self, at: datetime | None) -> date | None:
        """The day a moment is on in Denmark."""
        return at.astimezone(DENMARK).date() if at else None
