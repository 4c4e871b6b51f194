"""How dialogues stand, in groups of those that stand alike: what `/status` counts of thirty thousand without reading thirty thousand rows.

Promises: the database puts together the dialogues of the same unit below, round, deadline and number of concerns; what they told comes
with the group, a line a dialogue, and is counted by how often a line is there, as few differ. Only what was sent is counted: a
dialogue that is not sent stands as the one before it told, in a round alone as nothing. Knows the tables and nothing of who may see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from store import tables as t

Told = Mapping[tuple[str, str], int]
"""By source and status (or attainment): how many."""


def in_words(told: Told) -> str | None:
    """What a dialogue told, as it is kept, a word a source: "lokal:delayed*1 politik:delayed*1,on_plan*2"."""
    by_source: dict[str, list[str]] = {}
    for (source, state), number in sorted(told.items()):
        by_source.setdefault(source, []).append(f"{state}*{number}")
    return " ".join(f"{source}:{','.join(states)}" for source, states in by_source.items()) or None


def counted(kept: Iterable[str | None]) -> Told:
    """What many dialogues told, together: each text may be one dialogue's, or many's, a line each."""
    found: Counter[tuple[str, str]] = Counter()
    for word, times in _words(kept).items():
        source, _, states = word.partition(":")
        for one in states.split(","):
            state, _, number = one.rpartition("*")
            found[source, state] += int(number) * times
    return found


def change_in_words(told: str | None, before: str | None) -> str | None:
    """How many more there are of each status than before, as it is kept: "completed*2 delayed*-2"; None where one of them told nothing."""
    if not told or not before:
        return None
    change: Counter[str] = Counter()
    for (_, state), number in counted([told]).items():
        change[state] += number
    for (_, state), number in counted([before]).items():
        change[state] -= number
    return " ".join(f"{state}*{number}" for state, number in sorted(change.items()) if number)


def _changed(kept: Iterable[str | None]) -> Mapping[str, int]:
    """By status: how many more than the same dialogues told before."""
    found: Counter[str] = Counter()
    for word, times in _words(kept).items():
        state, _, number = word.rpartition("*")
        found[state] += int(number) * times
    return {state: number for state, number in found.items() if number}


def _words(kept: Iterable[str | None]) -> Mapping[str, int]:
    """The words of many lines, and how often they are there. Lines are counted first, which is fast."""
    found: Counter[str] = Counter()
    for line, times in Counter("\n".join(filter(None, kept)).split("\n")).items():
        for word in line.split():
            found[word] += times
    return found


class Group(NamedTuple):
    """Dialogues below one head that stand alike. What was told stands a line a dialogue."""

    head: int  # the unit below the one asked about that they belong to
    model: str
    round: str
    due_on: date
    is_owners: bool
    is_sent: bool
    concerns: int  # initiatives of each that are worth talking about
    since: date | None  # when those that can be compared told it before
    many: int
    told: str | None
    told_goals: str | None
    change: str | None
    which: str | None  # "unit dialogue", of those that may be worth a look

    def is_late(self, day: date) -> bool:
        """Whether they are not sent, and should have been."""
        return not self.is_sent and self.due_on < day


class Answered(NamedTuple):
    """How many have answered in a round, of how many."""

    model: str
    round: str
    due_on: date
    is_owners: bool
    sent: int
    of: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What some units have answered and told, together."""

    rounds: tuple[Answered, ...] = ()
    initiatives: Told = field(default_factory=dict)
    goals: Told = field(default_factory=dict)
    change: Mapping[str, int] = field(default_factory=dict)  # by status: how many more than the same units told before
    since: date | None = None  # when most of them told it before
    late: int = 0
    worries: int = 0


def figures(groups: Sequence[Group], day: date) -> Figures:
    """Add up what was answered and told."""
    since: Counter[date] = Counter()
    for one in groups:
        if one.since:
            since[one.since] += one.many
    return Figures(
        rounds=tuple(_answered(groups)),
        initiatives=counted([one.told for one in groups]),
        goals=counted([one.told_goals for one in groups]),
        change=_changed([one.change for one in groups]),
        since=min(since, key=lambda one: (-since[one], -one.toordinal())) if since else None,
        late=sum(one.many for one in groups if one.is_late(day)),
        worries=sum(one.concerns * one.many for one in groups),
    )


def _answered(groups: Sequence[Group]) -> Iterable[Answered]:
    """The rounds, those most have part in first."""
    found: dict[tuple[str, str, date, bool], list[int]] = {}
    for one in groups:
        of = found.setdefault((one.model, one.round, one.due_on, one.is_owners), [0, 0])
        of[0] += one.many if one.is_sent else 0
        of[1] += one.many
    answered = [Answered(*key, *of) for key, of in found.items()]
    return sorted(answered, key=lambda one: (-one.of, one.due_on, one.round, one.model, one.is_owners))


class Brief(NamedTuple):
    """Of the units below a head: how many have answered, of how many, how many are late, and how much is worth talking about."""

    sent: int
    of: int
    late: int
    concerns: int


def by_head(groups: Sequence[Group], day: date) -> Mapping[int, Brief]:
    """The heads in brief."""
    found: dict[int, list[int]] = {}
    for one in groups:
        of = found.setdefault(one.head, [0, 0, 0, 0])
        of[0] += one.many if one.is_sent else 0
        of[1] += one.many
        of[2] += one.many if one.is_late(day) else 0
        of[3] += one.concerns * one.many
    return {head: Brief(*of) for head, of in found.items()}


def worth_a_look(groups: Sequence[Group], day: date, most: int, skip: int = 0) -> tuple[tuple[int, ...], bool]:
    """The dialogues worth a look first: most initiatives that go badly, then what is overdue, the oldest first; and whether there are more."""
    alike: dict[tuple[int, bool, date], list[str]] = {}
    for one in groups:
        if one.which and (one.concerns or one.is_late(day)):
            alike.setdefault((-one.concerns, one.is_sent, one.due_on), []).append(one.which)
    first: list[int] = []
    for key in sorted(alike):
        lines = "\n".join(alike[key]).split("\n")
        first += [dialogue for _, dialogue in sorted((int(unit), int(one)) for unit, one in map(str.split, lines))]
        if len(first) > skip + most:
            return tuple(first[skip : skip + most]), True
    return tuple(first[skip : skip + most]), False


# --- the statements -------------------------------------------------------------------------------------------------------------------

_day = bindparam("day", type_=Date)
_closure = t.unit_closure.c
_before, _later = t.dialogue.alias("before"), t.dialogue.alias("later")
_is_sent = t.dialogue.c.sent_revision.is_not(None)
_LINE = "\n"
_KEYS = 8  # the fields of a Group that are the same in all of it; they come first

IN_FORCE = and_(t.agreement.c.from_day <= _day, t.agreement.c.to_day >= _day)
WITH_ONE_BEFORE = (
    and_(  # before a dialogue is sent, the one before it tells; of another agreement it told of other initiatives
        _before.c.id == t.dialogue.c.previous_id,
        _before.c.agreement_id == t.dialogue.c.agreement_id,
        t.dialogue.c.sent_revision.is_(None),
    )
)


def _lines(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.aggregate_strings(column, _LINE)


def _grouped(told: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Every field of a Group, in its order; the keys are named by their places, as both databases allow."""
    concerns = func.coalesce(told["concerns"], 0)
    is_worth = or_(concerns > 0, and_(~_is_sent, t.dialogue.c.due_on < _day))
    which = cast(t.agreement.c.unit_id, Text) + " " + cast(t.dialogue.c.id, Text)
    return select(
        _closure.ancestor_id,
        t.dialogue.c.model,
        t.dialogue.c.round,
        t.dialogue.c.due_on,
        t.dialogue.c.owner_id.is_not(None),
        _is_sent,
        concerns,
        t.dialogue.c.changed_since,
        func.count(),
        _lines(told["told_initiatives"]),
        _lines(told["told_goals"]),
        _lines(t.dialogue.c.told_change),
        _lines(case((is_worth, which))),
    ).group_by(*(literal_column(str(at)) for at in range(1, _KEYS + 1)))


_FROM = t.unit_closure.join(t.agreement, t.agreement.c.unit_id == _closure.descendant_id).join(
    t.dialogue, t.dialogue.c.agreement_id == t.agreement.c.id
)
_BELOW = and_(
    _closure.ancestor_id.in_(bindparam("heads", expanding=True)),
    or_(_closure.ancestor_id != bindparam("own"), _closure.descendant_id == bindparam("own")),
    t.dialogue.c.opens_on <= _day,
)
_NAMES = ("told_initiatives", "told_goals", "concerns")

LATEST: Select[Any] = (
    _grouped({name: case((_is_sent, t.dialogue.c[name]), else_=_before.c[name]) for name in _NAMES})
    .select_from(_FROM.outerjoin(_before, WITH_ONE_BEFORE))
    .where(
        _BELOW,
        IN_FORCE,
        ~select(_later.c.id)
        .where(
            _later.c.agreement_id == t.dialogue.c.agreement_id,
            _later.c.due_on > t.dialogue.c.due_on,
            _later.c.opens_on <= _day,
            _later.c.owner_id.is_not_distinct_from(t.dialogue.c.owner_id),
        )
        .exists(),
    )
)
"""Groups of the latest dialogues: of heads, where of `own` only its own count, on a day."""

OF_ROUND: Select[Any] = (
    _grouped({name: case((_is_sent, t.dialogue.c[name])) for name in _NAMES})
    .select_from(_FROM)
    .where(_BELOW, t.dialogue.c.round == bindparam("round"))
)
"""Groups of the dialogues of a round, as that round alone tells of it."""


class Standing(NamedTuple):
    """How one dialogue stands. What was told is what it told; before it is sent, what the one before told."""

    dialogue_id: int
    unit_id: int
    unit: str
    due_on: date
    is_sent: bool
    told_in: int | None  # the dialogue that told it
    told: str | None

    def is_late(self, day: date) -> bool:
        """Whether it is not sent, and should have been."""
        return not self.is_sent and self.due_on < day


STANDING: Select[Any] = (
    select(  # every field of a Standing, in its order
        t.dialogue.c.id,
        t.agreement.c.unit_id,
        t.unit.c.name,
        t.dialogue.c.due_on,
        _is_sent,
        case((_is_sent, t.dialogue.c.id), else_=_before.c.id),
        case((_is_sent, t.dialogue.c.told_initiatives), else_=_before.c.told_initiatives),
    )
    .select_from(
        t.dialogue.join(t.agreement, t.agreement.c.id == t.dialogue.c.agreement_id)
        .join(t.unit, t.unit.c.id == t.agreement.c.unit_id)
        .outerjoin(_before, WITH_ONE_BEFORE)
    )
    .where(t.dialogue.c.id.in_(bindparam("dialogues", expanding=True)))
)
"""Single dialogues, by their ids."""
