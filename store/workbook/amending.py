"""What a workbook changes in agreements that somebody has signed, in words: each such change is an amendment.

Promises: everything that stands in an agreement counts, its period, its goals and its initiatives, and nothing else does: when a goal
is measured next, whether it is one number for all, how it is judged and what an initiative carries on are planning. What disappeared from the workbook is no change. Knows no SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from dialogs.script import Wording
from store.workbook import phrases, sheets
from store.workbook.comparing import Difference, changed_fields
from store.workbook.municipality import Goal, Initiative

Differences = Mapping[str, Difference]
Change = tuple[str, Wording]  # the agreement's code, and what changed in it

_PLANNING = frozenset({"code", "agreements", "next_reading_on", "readings", "evaluation", "continues"})


def amendments(differences: Differences, signed: Collection[str]) -> Mapping[str, tuple[Wording, ...]]:
    """What changes in each of the signed agreements, by its code."""
    found: defaultdict[str, list[Wording]] = defaultdict(list)
    for code, change in (*_agreements(differences), *_goals(differences), *_initiatives(differences)):
        if code in signed:
            found[code].append(change)
    return {code: tuple(dict.fromkeys(changes)) for code, changes in found.items()}


def _agreements(differences: Differences) -> Iterator[Change]:
    names = _names(differences)
    for before, placed in differences[sheets.AGREEMENTS.name].changed:
        for field in changed_fields(before, placed.row):
            if field in _PLANNING:
                continue
            old, new = getattr(before, field), getattr(placed.row, field)
            yield before.code, phrases.changed(phrases.named(field), None, names.get(old, old), names.get(new, new))


def _goals(differences: Differences) -> Iterator[Change]:
    difference = differences[sheets.GOALS.name]
    for placed in difference.new:
        yield from _each(placed.row.agreements, phrases.goal_came(placed.row.title))
    for before, placed in difference.changed:
        goal: Goal = placed.row
        yield from _each(sorted(set(before.agreements) - set(goal.agreements)), phrases.goal_left(before.title))
        yield from _each(sorted(set(goal.agreements) - set(before.agreements)), phrases.goal_came(goal.title))
        kept = [code for code in goal.agreements if code in before.agreements]
        for change in _fields(before, goal, phrases.goal_renamed, {}):
            yield from _each(kept, change)


def _initiatives(differences: Differences) -> Iterator[Change]:
    difference = differences[sheets.INITIATIVES.name]
    goals = {placed.row.code: placed.row.title for placed in differences[sheets.GOALS.name].after}
    known = {**goals, **_names(differences)}
    for placed in difference.new:
        yield placed.row.agreement, phrases.initiative_came(placed.row.title)
    for before, placed in difference.changed:
        initiative: Initiative = placed.row
        if before.agreement != initiative.agreement:
            yield before.agreement, phrases.initiative_left(before.title)
            yield initiative.agreement, phrases.initiative_came(initiative.title)
            continue
        for change in _fields(before, initiative, phrases.initiative_renamed, known):
            yield initiative.agreement, change


def _names(differences: Differences) -> Mapping[str, str]:
    """What people are called, by e-mail address."""
    return {placed.row.email: placed.row.name for placed in differences[sheets.PEOPLE.name].after}


def _each(codes: Iterable[str], change: Wording) -> Iterator[Change]:
    for code in codes:
        yield code, change


def _fields(
    before: Any,  # noqa: ANN401  two goals, or two initiatives
    after: Any,  # noqa: ANN401
    renamed: Callable[[str, str], Wording],
    known: Mapping[str, str],
) -> Iterator[Wording]:
    """Each changed field in words; codes and addresses by what they are called."""
    for field in changed_fields(before, after):
        old, new = getattr(before, field), getattr(after, field)
        if field == "title":
            yield renamed(old, new)
        elif field not in _PLANNING:
            yield phrases.changed(phrases.named(field), after.title, known.get(old, old), known.get(new, new))
