"""What a dialogue is, as data: scripts of sections, steps and fields, and what a municipality's model says around them.

Promises: everything here is frozen, hashable and free of behaviour beyond looking itself up. Knows nothing of files, people,
answers or time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

LANGUAGES = ("da", "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence in every language we speak."""

    da: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in `language`; Danish for a language we do not speak."""
        return self.en if language == "en" else self.da


class Kind(StrEnum):
    """What a field asks for."""

    CHOICE = "choice"
    TEXT = "text"
    PEOPLE = "people"
    DATE = "date"
    NUMBER = "number"
    AMOUNT = "amount"  # kroner


class Attainment(StrEnum):
    """What every evaluation model's answer comes down to, so that goals evaluated in different ways can be counted together."""

    REACHED = "reached"
    PARTLY = "partly"
    NOT_REACHED = "not_reached"
    UNKNOWN = "unknown"  # cannot be judged yet


class Role(StrEnum):
    """What the summary uses an answer for; a field without a role is listed among the other answers."""

    STATUS = "status"
    CHALLENGE = "challenge"
    REMEDY = "remedy"
    INVOLVE = "involve"
    NEXT = "next"
    RESPONSIBLE = "responsible"
    BY_WHEN = "by_when"
    DEADLINE = "deadline"
    REMARK = "remark"
    READING = "reading"
    READING_ON = "reading_on"
    READING_SOURCE = "reading_source"
    NO_DATA = "no_data"
    NEXT_READING = "next_reading"
    ATTAINMENT = "attainment"
    CAUSE = "cause"
    BASIS = "basis"
    CONSEQUENCE = "consequence"
    BUDGET = "budget"
    EXPECTED = "expected"
    DEVIATION = "deviation"
    DEVIATION_CAUSE = "deviation_cause"
    DEVIATION_REMEDY = "deviation_remedy"
    THEME = "theme"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen. `symbol` always stands beside the word; `concern` marks it as worth talking about."""

    id: str
    label: Wording
    symbol: str = ""
    concern: bool = False
    counts_as: Attainment | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on a scale: a number from here on, and below the mark above, counts as this."""

    least: Decimal
    counts_as: Attainment


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `carry` lets last round's answer be shown and kept in one press; `limit` is in characters.

    A number may have bounds, and a scale, highest mark first. `past` asks for a day that is not ahead: when something was measured.
    """

    id: str
    kind: Kind
    ask: Wording
    hint: Wording | None = None
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    carry: bool = False
    role: Role | None = None
    limit: int = 3000
    least: Decimal | None = None
    most: Decimal | None = None
    scale: tuple[Mark, ...] = ()
    past: bool = False

    def choice(self, choice_id: str) -> Choice | None:
        """The choice with that id, if this field offers it."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)

    def on_scale(self, number: Decimal) -> Attainment | None:
        """What a number counts as; below every mark it counts as the lowest does. None without a scale."""
        lowest = self.scale[-1].counts_as if self.scale else None
        return next((mark.counts_as for mark in self.scale if number >= mark.least), lowest)


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when every named field of the same subject was answered with one of the listed choices.

    A number with a scale is named by what it counts as. The name `skipped` holds when one of the listed steps was skipped.
    """

    all_of: tuple[tuple[str, frozenset[str]], ...] = ()


SKIPPED = "skipped"
"""The name in a condition that is no field: the steps that were answered with nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """Fields that belong together on one card. `skip` words the press that leaves them all empty."""

    id: str
    fields: tuple[Field, ...]
    title: Wording | None = None
    when: Condition = Condition()
    skip: Wording | None = None

    def field(self, field_id: str) -> Field | None:
        """The field with that id, if this step asks it."""
        return next((field for field in self.fields if field.id == field_id), None)


@dataclass(frozen=True, slots=True)
class Section:
    """Steps asked once (`each` is None) or once for every subject of a kind, such as every initiative.

    `only` narrows it to the subjects of some sources. `evaluate` is the number of steps before the place where an evaluation
    model's steps belong; None when there is no such place, or they have been put in.
    """

    id: str
    steps: tuple[Step, ...]
    each: str | None = None
    title: Wording | None = None
    only: frozenset[str] = frozenset()
    evaluate: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole dialogue, as frozen with it when it opens. `language` belongs to the person, never to the script.

    `evaluation` is the model whose steps were put in; empty where there is no place for any.
    """

    id: str
    title: Wording
    sections: tuple[Section, ...]
    evaluation: str = ""

    def section(self, section_id: str) -> Section | None:
        """The section with that id."""
        return next((section for section in self.sections if section.id == section_id), None)

    @property
    def judges(self) -> bool:
        """Whether goals are judged in it."""
        return any(
            section.evaluate is not None
            or any(one.role is Role.ATTAINMENT for step in section.steps for one in step.fields)
            for section in self.sections
        )

    def evaluated_by(self, evaluation: Evaluation) -> Script:
        """The script with an evaluation model's steps in their place; as it is, where there is no such place."""
        if all(section.evaluate is None for section in self.sections):
            return self
        sections = tuple(_evaluated(section, evaluation) for section in self.sections)
        return replace(self, sections=sections, evaluation=evaluation.id)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A way to judge a goal: steps of which one field has the role `attainment`."""

    id: str
    title: Wording
    steps: tuple[Step, ...]


def _evaluated(section: Section, evaluation: Evaluation) -> Section:
    if section.evaluate is None:
        return section
    before, after = section.steps[: section.evaluate], section.steps[section.evaluate :]
    return replace(section, steps=(*before, *evaluation.steps, *after), evaluate=None)


@dataclass(frozen=True, slots=True, order=True)
class YearDay:
    """A day of every year: 1 April. Never 29 February."""

    month: int
    day: int

    def in_(self, year: int) -> date:
        """The day in a year."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class RoundRule:
    """One date in the year with one script: opens `opens_days` days before its nominal deadline, or on the day `opens`."""

    id: str
    script: str
    month: int
    day: int
    opens_days: int = 28
    opens: YearDay | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something of the year that nobody is asked about in the chat: a day, or the days from `on` to `to`.

    With a `source` it concerns the goals of that source alone, as the committees' November does the political ones.
    """

    id: str
    label: Wording
    on: YearDay
    to: YearDay | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How long agreements run: one after the other from `first` on, their lengths in `months`, again and again.

    Dialogaftaler run 18 and 30 months in turn, institutionsaftaler 12. The next agreement is prepared from the opening of the
    `renewal` round: the last one with that id that is due before the agreement ends; without an id, the last round of any.
    """

    first: date
    months: tuple[int, ...]
    renewal: str | None = None


@dataclass(frozen=True, slots=True)
class OwnDates:
    """What a unit, and those below it, has otherwise: rounds and milestones by id; None is one it does not have."""

    rounds: Mapping[str, tuple[YearDay | None, YearDay | None] | None] = field(default_factory=dict, hash=False)
    """By id, when the round opens and when it is due; None is as the model says."""
    milestones: Mapping[str, tuple[YearDay, YearDay | None] | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """The days of a school holiday, both ends included, on which the municipality wants no deadline."""

    label: Wording
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The municipality's own days off, besides weekends and public holidays."""

    yearly: tuple[YearDay, ...] = ()
    school: tuple[SchoolHoliday, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminders:
    """How often a model reminds: so many days before a deadline, so many after it, and after how many the nearest leader is told.

    None is never.
    """

    before: tuple[int, ...] = (14, 7, 2)
    after: int | None = 3
    digest: int | None = 5


class AnsweredBy(StrEnum):
    """Whom a model's rounds ask."""

    LEADER = "leader"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Model:
    """A municipality's way of doing it: its words, its sources, its rounds and their scripts."""

    id: str
    title: Wording
    words: Mapping[str, Wording] = field(default_factory=dict, hash=False)
    sources: tuple[Choice, ...] = ()
    rounds: tuple[RoundRule, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=dict, hash=False)
    milestones: tuple[Milestone, ...] = ()
    terms: Terms | None = None
    calendar: Mapping[str, OwnDates] = field(default_factory=dict, hash=False)
    """Own dates by the code of a unit; they hold for those below it too."""
    answered_by: AnsweredBy = AnsweredBy.LEADER
    """Who answers: the unit's leader for all of the agreement, or each initiative's owner for their own."""
    evaluation: str = ""
    """The evaluation model its scripts use where nothing else is said."""
    reminders: Reminders = Reminders()
    """When it reminds whoever has not answered."""
    open_scripts: Mapping[str, Script] = field(default_factory=dict, hash=False)
    """The scripts before the steps of an evaluation model were put in."""
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict, hash=False)
    """The evaluation models that can be chosen instead."""

    def source(self, source_id: str) -> Choice | None:
        """The source of goals with that id: politics, the direktion's handlingsplan, local, or the model's own."""
        return next((source for source in self.sources if source.id == source_id), None)

    def script(self, script_id: str, evaluation_id: str = "") -> Script | None:
        """The script with that id, whole, with the steps of that evaluation model; None when there is no such script.

        Without an evaluation model, or with one that has been taken away since it was chosen, it has the model's own.
        """
        chosen = self.evaluations.get(evaluation_id)
        script = self.open_scripts.get(script_id) if chosen else None
        return script.evaluated_by(chosen) if script and chosen else self.scripts.get(script_id)
