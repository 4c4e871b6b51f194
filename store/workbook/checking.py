"""How the rows of a workbook hang together, with each other and with what is stored already.

Promises: references, repeats and periods are checked for every row, also those with a fault of their own, so that one reading
finds all there is to mend; a fault is told only where the workbook can mend it. Knows no SQL.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from dialogs.script import Model, Wording
from store.workbook import phrases, sheets
from store.workbook.cells import nearest, offer
from store.workbook.comparing import Difference, Placed, overlap
from store.workbook.findings import Finding, Level, fault, warning
from store.workbook.municipality import Agreement, Goal, Measured, Unit
from store.workbook.phrases import shown
from store.workbook.reading import Entry, Page, Reading
from store.workbook.sheets import Column, Models, Sheet, Words

MOST_LEVELS = 20  # of units, from the topmost down; an organisation has five or six
MOST_COMPARED = 100_000  # codes to guess among, for one column: a whole column of unknown codes is told without guesses


@dataclass(frozen=True)
class Checked:
    """A reading, the differences it makes, the models it must fit, and the day it is."""

    reading: Reading
    differences: Mapping[str, Difference]
    models: Models
    today: date

    def after(self, sheet: Sheet) -> tuple[Placed, ...]:
        """Every row of that sheet there will be."""
        return self.differences[sheet.name].after

    def cell(self, sheet: Sheet, placed: Placed, field: str) -> str:
        """The cell of a field in a row that stands in the workbook."""
        return self.reading.pages[sheet.name].cell(placed.number, field)

    @cached_property
    def units(self) -> Mapping[str, Placed]:
        """Every unit there will be, by code."""
        return {placed.row.code: placed for placed in self.after(sheets.UNITS)}

    @cached_property
    def agreements(self) -> Mapping[str, Placed]:
        """Every agreement there will be, by code."""
        return {placed.row.code: placed for placed in self.after(sheets.AGREEMENTS)}

    def line_above(self, code: str) -> tuple[Unit, ...]:
        """The unit and those above it, nearest first; ends where a code is unknown or comes again, or one level too late."""
        line: dict[str, Unit] = {}
        placed = self.units.get(code)
        while placed and placed.row.code not in line and len(line) <= MOST_LEVELS:
            line[placed.row.code] = placed.row
            placed = self.units.get(placed.row.parent or "")
        return tuple(line.values())

    def model_of(self, agreement: Agreement) -> str | None:
        """The agreement's model: its own, else its unit's, else that of the nearest unit above with one."""
        inherited = (unit.model for unit in self.line_above(agreement.unit) if unit.model)
        return agreement.model or next(inherited, None)


def check(reading: Reading, differences: Mapping[str, Difference], models: Models, today: date) -> tuple[Finding, ...]:
    """Everything to say about how the rows hang together, each finding once."""
    checked = Checked(reading, differences, models, today)
    checks = (
        _repeats,
        _references,
        _periods,
        _rings,
        _levels,
        _tops,
        _agreements_without_model,
        _overlapping_agreements,
        _overlapping_posts,
        _two_leaders,
        _stand_ins,
        _goals,
        _sources,
        _initiatives,
        _initiatives_left_behind,
        _unowned,
        _continued,
        _unknown_words,
        _words_no_longer_known,
        _measured,
    )
    return tuple(dict.fromkeys(finding for one in checks for finding in one(checked)))


# --- every row, also one with a fault of its own -------------------------------------------------------------------------------------


def _repeats(checked: Checked) -> Iterator[Finding]:
    for page in checked.reading.pages.values():
        seen: dict[tuple[object, ...], int] = {}
        for entry in page.entries:
            key = _known_key(page, entry)
            first = seen.setdefault(key, entry.number) if key else entry.number
            if first != entry.number:
                words = phrases.duplicate(", ".join(shown(part) for part in key), first)
                yield fault(page.sheet.name, page.cell(entry.number, page.sheet.known_by.field), words)


_KEYS: Mapping[str, tuple[str, ...]] = {
    sheets.POSTS.name: ("email", "unit", "role", "from_day"),
    sheets.ABSENCES.name: ("email", "from_day"),
    sheets.READINGS.name: ("goal", "unit", "measured_on"),
}


def _known_key(page: Page, entry: Entry) -> tuple[object, ...]:
    """The row's key, if all of it could be read; a column that may be left out is empty where it is."""
    fields = _KEYS.get(page.sheet.name, (page.sheet.known_by.field,))
    needed = {field for field in fields if field in page.columns or page.sheet.column(field).required}
    return tuple(entry.values.get(field) for field in fields) if needed <= set(entry.values) else ()


def _references(checked: Checked) -> Iterator[Finding]:
    known = {sheet.name: _known(checked, sheet) for sheet in sheets.SHEETS if _has_its_keys(checked, sheet)}
    for page in checked.reading.pages.values():
        for column in page.sheet.columns:
            if column.refers in known:
                yield from _unknown(page, column, known[column.refers])


def _has_its_keys(checked: Checked, sheet: Sheet) -> bool:
    """Whether the sheet's key column could be read, or the sheet is not there; else all that points to it would look wrong."""
    page = checked.reading.pages.get(sheet.name)
    if page is None:
        return all(one.sheet != sheet.name or one.level is not Level.FAULT for one in checked.reading.findings)
    return sheet.known_by.field in page.columns


def _known(checked: Checked, sheet: Sheet) -> Mapping[str, str]:
    """What rows of a sheet are known by -> their names, for guessing what was meant."""
    field = sheet.known_by.field
    rows = {str(getattr(one.row, field)): str(getattr(one.row, "name", "")) for one in checked.after(sheet)}
    page = checked.reading.pages.get(sheet.name)
    read = {str(entry.values[field]): "" for entry in page.entries if entry.values.get(field)} if page else {}
    return read | rows


def _unknown(page: Page, column: Column, known: Mapping[str, str]) -> Iterator[Finding]:
    meant: dict[str, str] = {}
    for entry in page.entries:
        value = entry.values.get(column.field)
        for code in value if isinstance(value, tuple) else (value,):
            if isinstance(code, str) and code not in known:
                if code not in meant:
                    meant[code] = _meant(code, known) if len(meant) * len(known) < MOST_COMPARED else ""
                words = phrases.unknown_reference(code, column.refers, meant[code])
                yield fault(page.sheet.name, page.cell(entry.number, column.field), words)


def _meant(code: str, known: Mapping[str, str]) -> str:
    """The code that was probably meant: one spelled alike, or the one of a row with that name."""
    names = {name: one for one, name in known.items() if name}
    return nearest(code, list(known)) or names.get(nearest(code, list(names)), "")


def _periods(checked: Checked) -> Iterator[Finding]:
    for page in checked.reading.pages.values():
        if page.sheet.period is None:
            continue
        for entry in page.entries:
            first, last = (entry.values.get(field) for field in page.sheet.period)
            if isinstance(first, date) and isinstance(last, date) and last < first:
                words = phrases.ends_before_it_starts(first, last)
                yield fault(page.sheet.name, page.cell(entry.number, page.sheet.period[1]), words)


# --- units and agreements ----------------------------------------------------------------------------------------------------------


def _rings(checked: Checked) -> Iterator[Finding]:
    seen: set[str] = set()
    for start in checked.units:
        line: list[str] = []
        code = start
        while code in checked.units and code not in seen:
            seen.add(code)
            line.append(code)
            code = checked.units[code].row.parent or ""
        if code in line:
            ring = line[line.index(code) :]
            first = min(range(len(ring)), key=lambda place: checked.units[ring[place]].number or sys.maxsize)
            where = checked.cell(sheets.UNITS, checked.units[ring[first]], "parent")
            yield fault("Enheder", where, phrases.units_in_a_ring(ring[first:] + ring[:first]))


def _levels(checked: Checked) -> Iterator[Finding]:
    for code, placed in checked.units.items():
        line = checked.line_above(code)
        if placed.number and len(line) > MOST_LEVELS and line[-1].parent not in checked.units:
            words = phrases.too_many_levels(code, MOST_LEVELS - 1)
            yield fault("Enheder", checked.cell(sheets.UNITS, placed, "parent"), words)


def _tops(checked: Checked) -> Iterator[Finding]:
    tops = sorted(
        (placed for placed in checked.units.values() if placed.row.parent is None), key=lambda placed: placed.number
    )
    for placed in tops[1:]:
        if placed.number:
            words = phrases.several_tops(tops[0].row.code)
            yield warning("Enheder", checked.cell(sheets.UNITS, placed, "parent"), words)


def _agreements_without_model(checked: Checked) -> Iterator[Finding]:
    told: set[str] = set()
    for placed in checked.agreements.values():
        line = checked.line_above(placed.row.unit)
        if not (placed.number and line) or line[-1].parent is not None:
            continue  # the line breaks off at a fault of its own; what stands above it nobody knows yet
        if checked.model_of(placed.row) is None and line[-1].code not in told:
            told.add(line[-1].code)  # once for everything below the same top
            where = checked.cell(sheets.AGREEMENTS, placed, "model")
            yield fault("Aftaler", where, phrases.no_model(placed.row.code))


def _overlapping_agreements(checked: Checked) -> Iterator[Finding]:
    alike = _grouped(checked.agreements.values(), lambda row: (row.unit, checked.model_of(row)))
    for one, other in _overlapping(alike):
        words = phrases.overlapping_agreements(
            other.row.code, other.row.from_day, other.row.to_day, in_sheet=bool(other.number)
        )
        yield fault("Aftaler", checked.cell(sheets.AGREEMENTS, one, "from_day"), words)


# --- people --------------------------------------------------------------------------------------------------------------------------


def _overlapping_posts(checked: Checked) -> Iterator[Finding]:
    alike = _grouped(checked.after(sheets.POSTS), lambda row: (row.email, row.unit, row.role))
    for one, other in _overlapping(alike):  # the same first day is a repeat, told already
        words = phrases.overlapping_posts(other.row.from_day, other.number)
        yield fault("Poster", checked.cell(sheets.POSTS, one, "from_day"), words)


def _two_leaders(checked: Checked) -> Iterator[Finding]:
    leaders = [placed for placed in checked.after(sheets.POSTS) if placed.row.role == "leader"]
    for one, other in _overlapping(_grouped(leaders, lambda row: row.unit), lambda row: row.email):
        since = max(one.row.from_day, other.row.from_day)
        words = phrases.two_leaders(one.row.unit, other.row.email, since)
        yield warning("Poster", checked.cell(sheets.POSTS, one, "unit"), words)


def _stand_ins(checked: Checked) -> Iterator[Finding]:
    page = checked.reading.pages.get(sheets.ABSENCES.name)
    for entry in page.entries if page else ():
        stand_in = entry.values.get("stand_in")
        if page and stand_in and stand_in == entry.values.get("email"):
            yield fault("Fravær", page.cell(entry.number, "stand_in"), phrases.own_stand_in())


# --- goals and initiatives -----------------------------------------------------------------------------------------------------------


def _goals(checked: Checked) -> Iterator[Finding]:
    for placed in checked.after(sheets.GOALS):
        goal = placed.row
        if not placed.number:
            continue
        if goal.target is None:
            yield warning("Mål", checked.cell(sheets.GOALS, placed, "target"), phrases.no_target())
        if goal.due_on is None:
            yield warning("Mål", checked.cell(sheets.GOALS, placed, "due_on"), phrases.no_deadline())
        if not goal.agreements:
            yield warning("Mål", checked.cell(sheets.GOALS, placed, "agreements"), phrases.goal_without_agreement())
        if goal.due_on and goal.baseline_on and goal.due_on < goal.baseline_on:
            words = phrases.due_before_baseline(goal.due_on, goal.baseline_on)
            yield fault("Mål", checked.cell(sheets.GOALS, placed, "due_on"), words)


def _sources(checked: Checked) -> Iterator[Finding]:
    for placed in checked.after(sheets.GOALS):
        told: set[str] = set()
        for code in placed.row.agreements if placed.number else ():
            model = _model(checked, code)
            if model and model.id not in told and model.source(placed.row.source) is None:
                told.add(model.id)
                words = phrases.source_not_in_model(placed.row.source, model.id, code, [s.id for s in model.sources])
                yield fault("Mål", checked.cell(sheets.GOALS, placed, "source"), words)


def _model(checked: Checked, agreement: str) -> Model | None:
    placed = checked.agreements.get(agreement)
    return checked.models.get(checked.model_of(placed.row) or "") if placed else None


def _initiatives(checked: Checked) -> Iterator[Finding]:
    goals = {placed.row.code: placed.row for placed in checked.after(sheets.GOALS)}
    for placed in checked.after(sheets.INITIATIVES):
        initiative, goal = placed.row, goals.get(placed.row.goal)
        known = initiative.agreement in checked.agreements
        if placed.number and goal and known and initiative.agreement not in goal.agreements:
            words = phrases.agreement_not_in_goal(initiative.agreement, goal.code, goal.agreements)
            yield fault("Indsatser", checked.cell(sheets.INITIATIVES, placed, "agreement"), words)


def _initiatives_left_behind(checked: Checked) -> Iterator[Finding]:
    """Initiatives the workbook does not hold, whose goal it takes out of their agreement."""
    goals = {placed.row.code: placed for placed in checked.after(sheets.GOALS) if placed.number}
    for initiative in checked.differences[sheets.INITIATIVES.name].missing:
        placed = goals.get(initiative.goal)
        if placed and initiative.agreement not in placed.row.agreements:
            words = phrases.goal_left_behind(initiative.code, initiative.agreement)
            yield fault("Mål", checked.cell(sheets.GOALS, placed, "agreements"), words)


def _unowned(checked: Checked) -> Iterator[Finding]:
    """Initiatives that nobody is named to answer for, where owners answer."""
    for placed in checked.after(sheets.INITIATIVES):
        model = _model(checked, placed.row.agreement) if placed.number and placed.row.owner is None else None
        if model and model.answered_by == "owner":
            yield fault("Indsatser", checked.cell(sheets.INITIATIVES, placed, "owner"), phrases.no_owner())


def _continued(checked: Checked) -> Iterator[Finding]:
    """Initiatives that carry on what does not belong to an earlier agreement of the same unit; so none goes in a circle."""
    known = {placed.row.code: placed.row for placed in checked.after(sheets.INITIATIVES)}
    for placed in checked.after(sheets.INITIATIVES):
        before = known.get(placed.row.continues or "")
        now, then = (checked.agreements.get(one.agreement) if one else None for one in (placed.row, before))
        if placed.number and now and then and not _follows(now.row, then.row):
            where = checked.cell(sheets.INITIATIVES, placed, "continues")
            yield fault("Indsatser", where, phrases.not_carried_on(placed.row.continues, then.row.code))


def _follows(one: Agreement, other: Agreement) -> bool:
    return one.unit == other.unit and one.from_day > other.from_day


# --- words that were known once ----------------------------------------------------------------------------------------------------


def _unknown_words(checked: Checked) -> Iterator[Finding]:
    """Words that are not known, where nothing that was known once stands behind them."""
    for page in checked.reading.pages.values():
        for column, words in _outliving(checked, page.sheet):
            stored = {row.key: getattr(row, column.field) for row in checked.differences[page.sheet.name].before}
            for entry in page.entries:
                word, was = entry.values.get(column.field), stored.get((entry.values.get(page.sheet.known_by.field),))
                is_new = not was or was in words.values()
                if isinstance(word, str) and word not in words.values() and is_new:
                    offered = offer(words)
                    told = phrases.unknown_word(word, column.header, offered, nearest(word, offered))
                    yield fault(page.sheet.name, page.cell(entry.number, column.field), told)


def _words_no_longer_known(checked: Checked) -> Iterator[Finding]:
    """What is stored and can be used no more, whether the workbook holds it or not."""
    for sheet in sheets.SHEETS:
        page = checked.reading.pages.get(sheet.name)
        for column, words in _outliving(checked, sheet):
            stored = {row.key: getattr(row, column.field) for row in checked.differences[sheet.name].before}
            for placed in checked.after(sheet):
                word = getattr(placed.row, column.field)
                if word and word not in words.values() and stored.get(placed.row.key) == word:
                    where = page.cell(placed.number, column.field) if page and placed.number else ""
                    yield warning(sheet.name, where, phrases.no_longer_known(word, column.header, placed.row.code))


def _outliving(checked: Checked, sheet: Sheet) -> Iterator[tuple[Column, Words]]:
    """The columns of a sheet whose words may go, with those that are known."""
    for column in sheet.outliving:
        yield column, column.known(checked.models)


# --- readings ------------------------------------------------------------------------------------------------------------------------


def _measured(checked: Checked) -> Iterator[Finding]:
    """What is wrong with readings that are new; one that is stored already is history, and may outlive what the goal was then."""
    goals = {placed.row.code: placed.row for placed in checked.after(sheets.GOALS)}
    units = {goal.code: _units_with(checked, goal) for goal in goals.values()}
    for placed in checked.differences[sheets.READINGS.name].new:
        measured, goal = placed.row, goals.get(placed.row.goal)
        if measured.measured_on > checked.today:
            words = phrases.measured_ahead(measured.measured_on)
            yield fault("Målinger", checked.cell(sheets.READINGS, placed, "measured_on"), words)
        wrong = _wrong_unit(measured, goal, units[goal.code], checked.units) if goal else None
        if wrong:
            yield fault("Målinger", checked.cell(sheets.READINGS, placed, "unit"), wrong)


def _units_with(checked: Checked, goal: Goal) -> frozenset[str]:
    """The units that have an agreement with the goal."""
    return frozenset(checked.agreements[code].row.unit for code in goal.agreements if code in checked.agreements)


def _wrong_unit(measured: Measured, goal: Goal, having: Collection[str], known: Container[str]) -> Wording | None:
    match measured.unit, goal.readings:
        case None, "common":
            return None
        case None, _:
            return phrases.whose_reading(goal.code)
        case unit, "common":
            return phrases.common_reading(goal.code, unit)
        case unit, _ if unit in known and unit not in having:
            return phrases.unit_without_goal(unit, goal.code)
    return None


# --- pairs ---------------------------------------------------------------------------------------------------------------------------


def _grouped(rows: Iterable[Placed], of: Any) -> Iterator[list[Placed]]:  # noqa: ANN401  a row of any kind -> what it shares
    groups: defaultdict[object, list[Placed]] = defaultdict(list)
    for placed in rows:
        groups[of(placed.row)].append(placed)
    return iter(groups.values())


def _overlapping(
    groups: Iterable[list[Placed]], differing: Callable[[Any], object] = lambda row: row.key
) -> Iterator[tuple[Placed, Placed]]:
    """Each row of the workbook that shares a day with one of its group before it, and the first such.

    One finding a row: a column filled down by mistake makes a group of thousands, and millions of pairs.
    """
    for group in groups:
        rows = sorted(group, key=lambda placed: placed.number)
        for number, one in enumerate(rows):
            alike = (two for two in islice(rows, number) if differing(one.row) != differing(two.row))
            other = next((two for two in alike if overlap(one.row, two.row)), None) if one.number else None
            if other:
                yield one, other
