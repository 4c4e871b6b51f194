"""What a workbook says against what the database holds, row by row.

Promises: rows are paired by their natural keys; a corrected first day of a post or an absence is a change of that row, not a new
row beside the old; a column that is not in the workbook changes nothing, nor does an empty cell where people may choose for
themselves; spaces alone are no difference. Knows no SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from store.workbook.cells import Value, tidy
from store.workbook.municipality import Absence, Key, Municipality, Post, Row
from store.workbook.reading import Page, Reading
from store.workbook.sheets import SHEETS, WRITTEN_OUT, Models, Sheet


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and where it stands in its sheet; number 0 is a row that only the database has."""

    row: Any  # the sheet says which kind of row
    number: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One sheet against its table. `missing` are rows only the database has; they stay, and are `reported` if the sheet was there."""

    sheet: Sheet
    new: tuple[Placed, ...] = ()
    changed: tuple[tuple[Any, Placed], ...] = ()  # as stored -> as it will be
    same: tuple[Placed, ...] = ()
    missing: tuple[Any, ...] = ()
    reported: bool = True

    @property
    def before(self) -> tuple[Any, ...]:
        """Every row as it is stored."""
        return (*(placed.row for placed in self.same), *(old for old, _ in self.changed), *self.missing)

    @property
    def after(self) -> tuple[Placed, ...]:
        """Every row there will be."""
        return (*self.same, *(new for _, new in self.changed), *self.new, *(Placed(row) for row in self.missing))


def compare(reading: Reading, stored: Municipality, models: Models) -> Mapping[str, Difference]:
    """The difference each sheet makes, by its name."""
    return {
        sheet.name: _difference(sheet, reading.pages.get(sheet.name), sheet.rows(stored), models) for sheet in SHEETS
    }


def changed_fields(before: Row, after: Row) -> tuple[str, ...]:
    """The fields in which two rows differ."""
    return tuple(f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name))


def _difference(sheet: Sheet, page: Page | None, stored: Iterable[Row], models: Models) -> Difference:
    before: dict[Key, Row] = {row.key: _tidied(row) for row in stored}
    if page is None:
        return Difference(sheet, missing=tuple(before.values()), reported=False)
    read = _first_of_each(page)
    old_keys = {key: key for key in read if key in before} | _corrected_starts(before, read)
    outlived = {column.field: frozenset(column.known(models).values()) for column in sheet.outliving}
    new: list[Placed] = []
    changed: list[tuple[Any, Placed]] = []
    same: list[Placed] = []
    for key, placed in read.items():
        old = before.get(old_keys.get(key, ()))
        if old is None:
            new.append(replace(placed, row=_settled(placed.row, {})))
            continue
        kept = replace(placed, row=_settled(placed.row, _left_alone(page, placed.row, old, outlived)))
        if kept.row == old:
            same.append(kept)
        else:
            changed.append((old, kept))
    paired = set(old_keys.values())
    missing = tuple(row for key, row in before.items() if key not in paired)
    return Difference(sheet, tuple(new), tuple(changed), tuple(same), missing)


def _left_alone(page: Page, row: Row, old: Row, outlived: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """What the workbook says nothing of: columns that are not there, choices left empty, and words that are no longer known."""
    untold = [column.field for column in page.sheet.columns if column.keeps and getattr(row, column.field) is None]
    gone = [field for field, known in outlived.items() if _unknown(row, field, known) and _unknown(old, field, known)]
    return {field: getattr(old, field) for field in (*page.absent, *untold, *gone)}


def _unknown(row: Row, field: str, known: frozenset[str]) -> bool:
    word = getattr(row, field)
    return word is not None and word not in known


def _settled(row: Row, kept: dict[str, Any]) -> Row:
    """The row as it will be stored: what is kept in it, and nothing where the workbook writes out what is understood."""
    written_out = {f.name: None for f in fields(row) if getattr(row, f.name) == WRITTEN_OUT}
    changes = written_out | kept
    return replace(row, **changes) if changes else row


def _first_of_each(page: Page) -> dict[Key, Placed]:
    read: dict[Key, Placed] = {}
    for entry in page.entries:
        if entry.row is not None:
            read.setdefault(entry.row.key, Placed(entry.row, entry.number))
    return read


def _tidied(row: Row) -> Row:
    """The stored row as a workbook would give it back: text without the spaces and characters nobody sees."""
    texts: dict[str, Any] = {}
    for f in fields(row):
        value: Value = getattr(row, f.name)
        if isinstance(value, str) and (tidied := tidy(value) or None) != value:
            texts[f.name] = tidied
    return replace(row, **texts) if texts else row


def _corrected_starts(before: Mapping[Key, Row], read: Mapping[Key, Placed]) -> dict[Key, Key]:
    """New key -> old key of posts and absences of which only the first day was corrected.

    They are the same when one such row disappeared, one came, and their days overlap; otherwise history would be rewritten.
    """
    gone: defaultdict[Key, list[Row]] = defaultdict(list)
    came: defaultdict[Key, list[Row]] = defaultdict(list)
    for key, row in before.items():
        if isinstance(row, Post | Absence) and key not in read:
            gone[key[:-1]].append(row)
    for key, placed in read.items():
        if isinstance(placed.row, Post | Absence) and key not in before:
            came[key[:-1]].append(placed.row)
    pairs = ((came[who][0], gone[who][0]) for who in came if len(came[who]) == len(gone.get(who, ())) == 1)
    return {new.key: old.key for new, old in pairs if overlap(new, old)}


def told_in_chat(
    difference: Difference, said: Mapping[str, frozenset[date]]
) -> tuple[Difference, tuple[tuple[Placed, date], ...]]:
    """Absences without the rows that would undo what people said in the chat; and those rows, each with the day it was said.

    `said` is by e-mail the days on which somebody told that they were away or back. A row is left alone when it holds such a day,
    or would change one that does: it was written before, or by somebody who did not know.
    """

    def on(*rows: Absence) -> date | None:
        days = said.get(rows[0].email, frozenset())
        return max((day for day in days for row in rows if row.from_day <= day <= row.to_day), default=None)

    let_be = [(placed, day) for placed in difference.new if (day := on(placed.row))]
    undoing = [(old, placed, day) for old, placed in difference.changed if (day := on(old, placed.row))]
    kept = {placed.number for placed, _ in let_be} | {placed.number for _, placed, _ in undoing}
    spared = replace(
        difference,
        new=tuple(one for one in difference.new if one.number not in kept),
        changed=tuple((old, placed) for old, placed in difference.changed if placed.number not in kept),
        same=(*difference.same, *(replace(placed, row=old) for old, placed, _ in undoing)),
    )
    return spared, (*let_be, *((placed, day) for _, placed, day in undoing))


def overlap(one: Any, other: Any) -> bool:  # noqa: ANN401  any two rows with a first and a last day
    """Whether two periods share a day; both ends belong to a period, and None is until further notice."""
    return bool(one.from_day <= (other.to_day or date.max) and other.from_day <= (one.to_day or date.max))
