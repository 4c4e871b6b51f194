"""What a dialogue asks about, read for it: initiatives, goals with their figures, the next agreement, the board.

Promises: only what the script asks about is read, so a round that asks about initiatives alone costs what it always did. The
next agreement is there when one is due, the board when the unit has one; no script decides it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import lru_cache

from cards.wording import Texts
from dialogs.calendar import Period, next_agreement
from dialogs.engine import BOARD, GOAL, INITIATIVE, RENEWAL, Across, Figures, Reading, Subject
from dialogs.script import DaysOff, Model, Script
from store.agreements import Agreement
from store.goals import GoalRow, ReadingRow
from store.records import Dialogue, InitiativeRow
from store.work import Work

LATELY = timedelta(days=120)  # before the round opens: since the round half a year ago, and not around it
SELF_OWNED = "selvejende"
"""The kind of unit that has a board."""


def answered(
    work: Work, dialogue: Dialogue, model: Model | None, ids: Collection[str], off: DaysOff, said: Texts
) -> tuple[Subject, ...]:
    """What was asked about when some answers were sent, by the subjects they are about: what has been added since is not in it.

    An initiative or a goal is there although it has another owner, or is in another agreement, by now.
    """
    initiatives = work.initiatives_by_ids(_numbers(ids, INITIATIVE))
    goals = work.goals.by_ids(_numbers(ids, GOAL))
    found = _initiatives(initiatives, model, {})
    if goals:
        readings = work.goals.readings(dialogue.agreement_id, dialogue.unit_id, dialogue.id)
        found += _goals(goals, readings, model, dialogue)
    if RENEWAL in ids and model is not None:
        found += _renewal(work, dialogue, model, off, said)
    if BOARD in ids:
        found += (Subject(BOARD, BOARD, said.say("subject.board", unit=dialogue.unit_name)),)
    return found


def standing(work: Work, agreement: Agreement, model: Model | None) -> tuple[tuple[Subject, ...], tuple[Subject, ...]]:
    """An agreement's goals, with all that their evidence has shown, and its initiatives, as they stand."""
    readings = work.goals.readings(agreement.id, agreement.unit_id, 0)
    goals = _goals(work.goals.of_agreement(agreement.id), readings, model, None)
    return goals, _initiatives(work.initiatives(agreement.id), model, {})


def _numbers(ids: Collection[str], kind: str) -> list[int]:
    """The numbers of the subjects of a kind: initiative-33 is 33."""
    return [int(one.rpartition("-")[2]) for one in ids if one.startswith(f"{kind}-")]


def subjects(
    work: Work, dialogue: Dialogue, script: Script, model: Model | None, off: DaysOff, said: Texts
) -> tuple[Subject, ...]:
    """Everything the script asks about, kind by kind; initiatives and goals grouped by source in the model's order."""
    kinds = {section.each for section in script.sections}
    across = work.goals.across(dialogue.agreement_id, dialogue.due_on) if dialogue.owner_id is not None else {}
    found = _initiatives(_asked_about(work, dialogue), model, across)
    if GOAL in kinds:
        readings = work.goals.readings(dialogue.agreement_id, dialogue.unit_id, dialogue.id)
        found += _goals(work.goals.of_agreement(dialogue.agreement_id), readings, model, dialogue)
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


def _initiatives(
    rows: Iterable[InitiativeRow], model: Model | None, across: Mapping[int, Mapping[str, int]]
) -> tuple[Subject, ...]:
    order = _place(model)
    return tuple(
        Subject(
            f"initiative-{row.id}",
            INITIATIVE,
            row.title,
            row.source,
            row.policy,
            row.goal,
            row.due_on,
            across=_across(across.get(row.goal_id, {})),
            continues=f"initiative-{row.continues_id}" if row.continues_id else "",
        )
        for row in sorted(rows, key=lambda row: order.get(row.source, len(order)))
    )


def _across(statuses: Mapping[str, int]) -> Across | None:
    """How the units' initiatives for a goal go; those without a status are counted among all alone."""
    told = tuple(sorted((status, number) for status, number in statuses.items() if status))
    return Across(told, sum(statuses.values())) if statuses else None


def _goals(
    rows: Iterable[GoalRow],
    readings: Mapping[int, tuple[ReadingRow, ...]],
    model: Model | None,
    dialogue: Dialogue | None,
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
            _figures(row, readings.get(row.id, ()), dialogue),
        )
        for row in sorted(rows, key=lambda row: order.get(row.source, len(order)))
    )


def _figures(row: GoalRow, readings: Iterable[ReadingRow], dialogue: Dialogue | None) -> Figures:
    """A goal's figures; a reading without a value says only that there was nothing new."""
    rows = [one for one in readings if one.value is not None and one.measured_on]
    measured = tuple(
        Reading(one.value, one.measured_on, one.source) for one in rows if one.value is not None and one.measured_on
    )
    return Figures(
        row.measure, row.baseline, row.baseline_on, row.target, row.due_on, row.evidence, row.next_reading_on, measured,
        fresh=measured[-1] if dialogue and rows and _is_fresh(rows[-1], dialogue) else None, units=row.units, is_common=row.is_common,
    )  # fmt: skip


def _is_fresh(latest: ReadingRow, dialogue: Dialogue) -> bool:
    """Whether the latest reading can be this dialogue's answer: measured lately, and not what the unit itself said last time."""
    since = dialogue.opens_on - LATELY
    return latest.told_by != dialogue.unit_id and latest.measured_on is not None and latest.measured_on > since


def _renewal(work: Work, dialogue: Dialogue, model: Model, off: DaysOff, said: Texts) -> tuple[Subject, ...]:
    """The agreement that follows this one, once it is time to talk about it."""
    first, last = work.period_of(dialogue.agreement_id)
    following = next_agreement(model, Period(first, last), off)
    if following is None or not following.is_due(dialogue.due_on):
        return ()
    word = model.words["agreement"].in_(said.language)
    title = said.say("subject.renewal", agreement=word, since=following.period.first, until=following.period.last)
    return (Subject(RENEWAL, RENEWAL, title, due_on=last),)
