"""What a dialogue is, as data: scripts of sections, steps and fields, and what a municipality's model says around them.

Promises: everything here is frozen, hashable and free of behaviour beyond looking itself up. Knows nothing of files, people,
answers or time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen. `symbol` always stands beside the word; `concern` marks it as worth talking about."""

    id: str
    label: Wording
    symbol: str = ""
    concern: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `carry` lets last round's answer be shown and kept in one press; `limit` is in characters."""

    id: str
    kind: Kind
    ask: Wording
    hint: Wording | None = None
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    carry: bool = False
    role: Role | None = None
    limit: int = 3000

    def choice(self, choice_id: str) -> Choice | None:
        """The choice with that id, if this field offers it."""
        return next((choice for choice in self.choices if choice.id == choice_id), None)


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when every named field of the same subject was answered with one of the listed choices."""

    all_of: tuple[tuple[str, frozenset[str]], ...] = ()


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
    """Steps asked once (`each` is None) or once for every subject of a kind, such as every initiative."""

    id: str
    steps: tuple[Step, ...]
    each: str | None = None
    title: Wording | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole dialogue, as frozen with it when it opens. `language` belongs to the person, never to the script."""

    id: str
    title: Wording
    sections: tuple[Section, ...]

    def section(self, section_id: str) -> Section | None:
        """The section with that id."""
        return next((section for section in self.sections if section.id == section_id), None)


@dataclass(frozen=True, slots=True)
class RoundRule:
    """One date in the year with one script: opens `opens_days` days before its nominal deadline."""

    id: str
    script: str
    month: int
    day: int
    opens_days: int = 28


@dataclass(frozen=True, slots=True)
class Model:
    """A municipality's way of doing it: its words, its sources, its rounds and their scripts."""

    id: str
    title: Wording
    words: Mapping[str, Wording] = field(default_factory=dict, hash=False)
    sources: tuple[Choice, ...] = ()
    rounds: tuple[RoundRule, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=dict, hash=False)

    def source(self, source_id: str) -> Choice | None:
        """The source of goals with that id: politics, the direktion's handlingsplan, local, or the model's own."""
        return next((source for source in self.sources if source.id == source_id), None)
