"""What a report is made from: a unit's agreements, and its dialogues as they were last sent. Nothing unsent can be put in here.

Promises: frozen. The scenes are those `bot.gathering.gather_sent` makes: the answers that were sent, the script they were given to,
what was asked about then. How goals of many units come together is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from cards.reports.report import Kind
from cards.scene import Scene
from cards.wording import Texts
from dialogs.engine import Subject
from dialogs.script import Wording

Wanted = tuple[str, ...]
"""What is the same of goals that are one to a reader, as `dialogs.results.wording` has it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, with the names of those above it, the topmost first, the municipality itself not among them."""

    id: int
    code: str
    name: str
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A party's signature of the version that stands."""

    party: str  # "unit" or "counterpart"
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Amended:
    """One change of an agreement during its period."""

    version: int
    what: str
    name: str  # "" when a workbook was read in
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement as it stands: its parties, its goals with their figures, its initiatives."""

    code: str
    title: Wording  # what the municipality calls it: dialogaftale, institutionsaftale
    first: date
    last: date
    version: int
    counterpart: str  # "" while nobody leads above
    signatures: tuple[Signed, ...] = ()
    amendments: tuple[Amended, ...] = ()
    goals: tuple[Subject, ...] = ()
    initiatives: tuple[Subject, ...] = ()
    sources: Mapping[str, Wording] = field(default_factory=dict)  # in the model's order
    is_signed: bool = True  # whether two parties sign it: nobody signs a plan whose owners answer


@dataclass(frozen=True, slots=True)
class Agreed:
    """An action agreed in a dialogue: carried on until it is done."""

    what: str
    who: str
    due_on: date | None
    is_done: bool
    initiative: str  # its title; "" when it is about none


@dataclass(frozen=True, slots=True)
class Held:
    """One dialogue, as it was last sent."""

    unit: Unit
    round_id: str  # "2027-autumn"
    is_owners: bool  # an owner's, of direktionens handlingsplan
    scene: Scene
    sent_by: str
    actions: tuple[Agreed, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything one report is about. Dialogues are in the order of the tree, and of their deadlines within a unit."""

    kind: Kind
    texts: Texts
    municipality: str
    unit: Unit | None  # None: the whole municipality
    year: int
    today: date
    asked_by: str  # who made it, by name
    owner: str  # who leads the unit, and so owns the report; "" while nobody does
    owner_title: str  # "kommunaldirektør", "direktør", "leder", in the report's language, lower case
    of: int  # how many dialogues of the year's rounds have opened
    held: tuple[Held, ...]
    agreements: tuple[tuple[Unit, Agreement], ...] = ()  # a record's alone
    sources: Mapping[str, Wording] = field(default_factory=dict)  # of all the models, in their order
    political: frozenset[str] = frozenset()  # the ids of the sources that are political
    having: Mapping[Wanted, frozenset[int]] = field(
        default_factory=dict
    )  # the units asked of a goal, sent or not, by its words
    round_id: str = ""  # the only round it is about; "" is all the year's
    milestone: date | None = None  # when a pack is to be there: the committees' November, the council's December
