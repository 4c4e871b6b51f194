"""What a dialogue asks about, read for it: initiatives, goals with their figures, the next agreement, the board.

Promises: only what the script asks about is read, so a round that asks about initiatives alone costs what it always did. The
next agreement is there when one is due, the board when the unit has one; no script decides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from cards.wording import Texts
from dialogs.calendar import Period, next_agreement
from dialogs.engine import BOARD, GOAL, INITIATIVE, RENEWAL, Figures, Reading, Subject
from dialogs.script import DaysOff, Model, Script
from store.goals import GoalRow, ReadingRow
from store.records import Dialogue, InitiativeRow
from store.work import Work

SELF_OWNED = "selvejende"
"""The kind of unit that has a board."""


def subjects(
    work: Work, dialogue: Dialogue, script: Script, model: Model | None, off: DaysOff, said: Texts
) -> tuple[Subject, ...]:
    """Everything the script asks about, kind by kind; initiatives and goals grouped by source in the model's order."""
    kinds = {section.each for section in script.sections}
    found = _initiatives(_asked_about(work, dialogue), model)
    if GOAL in kinds:
        readings = work.goals.readings(dialogue.agreement_id, dialogue.unit_id, dialogue.id)
        found += _goals(work.goals.of_agreement(dialogue.agreement_id), readings, model)
    if RENEWAL in kinds and model is not None:
        found += _renewal(work, dialogue, model, off, said)
    if BOARD in kinds and work.kind_of(dialogue.unit_id) == SELF_OWNED:
        found += (Subject(BOARD, BOARD, said.say("subject.board", unit=dialogue.unit_name)),)
    return found


def _asked_about(work: Work, dialogue: Dialogue) -> tuple[InitiativeRow, ...]:
    """The initiatives a dialogue asks about: all of the agreement's, or those of the owner who answers."""
    rows = work.initiatives(dialogue.agreement_id)
    if dialogue.owner_id is None:
        return rows
    return tuple(row for row in rows if row.owner_id == dialogue.owner_id)


@lru_cache(maxsize=16)
def _source_order(sources: tuple[str, ...]) -> Mapping[str, int]:
    return {source: number for number, source in enumerate(sources)}


def _place(model: Model | None) -> Mapping[str, int]:
    return _source_order(tuple(source.id for source in model.sources)) if model else {}


def _initiatives(rows: Iterable[InitiativeRow], model: Model | None) -> tuple[Subject, ...]:
    order = _place(model)
    return tuple(
        Subject(f"initiative-{row.id}", INITIATIVE, row.title, row.source, row.policy, row.goal, row.due_on)
        for row in sorted(rows, key=lambda row: order.get(row.source, len(order)))
    )


def _goals(
    rows: Iterable[GoalRow], readings: Mapping[int, tuple[ReadingRow, ...]], model: Model | None
) -> tuple[Subject, ...]:
    order = _place(model)
    return tuple(
        Subject(
            f"goal-{row.id}",
            GOAL,
            row.title,
            row.source,
            row.policy,
            row.objective,
            row.due_on,
            _figures(row, readings.get(row.id, ())),
        )
        for row in sorted(rows, key=lambda row: order.get(row.source, len(order)))
    )


def _figures(row: GoalRow, readings: Iterable[ReadingRow]) -> Figures:
    """A goal's figures; a reading without a value says only that there was nothing new."""
    measured = (Reading(one.value, one.measured_on, one.source) for one in readings if one.value and one.measured_on)
    return Figures(
        row.measure, row.baseline, row.baseline_on, row.target, row.due_on, row.evidence, row.next_reading_on, tuple(measured)
    )  # fmt: skip


def _renewal(work: Work, dialogue: Dialogue, model: Model, off: DaysOff, said: Texts) -> tuple[Subject, ...]:
    """The agreement that follows this one, once it is time to talk about it."""
    first, last = work.period_of(dialogue.agreement_id)
    following = next_agreement(model, Period(first, last), off)
    if following is None or not following.is_due(dialogue.due_on):
        return ()
    word = model.words["agreement"].in_(said.language)
    title = said.say("subject.renewal", agreement=word, since=following.period.first, until=following.period.last)
    return (Subject(RENEWAL, RENEWAL, title, due_on=last),)
