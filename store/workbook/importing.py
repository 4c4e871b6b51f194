"""A workbook into the database: read, compared, checked, and stored whole or not at all.

Promises: any file gives a `Report`, never an exception; nothing is stored while there is one fault; importing the same workbook
again changes nothing; what disappeared from the workbook is reported and stays; progress is told on the way. The caller owns the
transaction. What people do in chat is never touched, but for how they are reminded, where a cell says so; what is changed in an agreement that somebody has signed is kept as an
amendment, which makes the next version, for both to sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update

from store import tables
from store.agreements import Agreements
from store.workbook import phrases, sheets
from store.workbook.amending import amendments
from store.workbook.checking import check
from store.workbook.comparing import Difference, changed_fields, compare, told_in_chat
from store.workbook.findings import Finding, Level, note, warning
from store.workbook.municipality import Goal, Row, read_municipality
from store.workbook.phrases import shown
from store.workbook.reading import Progress, read_workbook
from store.workbook.sheets import SHEETS, Models, Sheet, Words

TIMEZONE = "Europe/Copenhagen"  # of everyone who is new; changed by the person alone
READING = 0.7  # of the progress shown; reading the file takes that much of the time


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One cell's worth of change, as a Danish reader writes values; – is empty."""

    header: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that is new, changed or missing. `fields` only where it changed; `row` 0 where the workbook has none."""

    key: str
    name: str
    row: int
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetChanges:
    """What one sheet changes. `missing` is stored, but no longer in the sheet; nothing happens to it."""

    sheet: str
    new: tuple[RowChange, ...]
    changed: tuple[RowChange, ...]
    unchanged: int
    missing: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import found and did. `sheets` is what would change; `stored` says whether it did."""

    findings: tuple[Finding, ...]
    sheets: tuple[SheetChanges, ...]
    rows: int
    stored: bool

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What must be mended before anything is stored."""
        return tuple(one for one in self.findings if one.level is Level.FAULT)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth a look."""
        return tuple(one for one in self.findings if one.level is Level.WARNING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is only told."""
        return tuple(one for one in self.findings if one.level is Level.NOTE)

    @property
    def changes(self) -> int:
        """How many rows are new or changed."""
        return sum(len(sheet.new) + len(sheet.changed) for sheet in self.sheets)


def import_workbook(
    connection: Connection,
    path: Path,
    models: Models,
    now: datetime,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Store the workbook at `path` inside the caller's transaction, or say why not; `dry_run` only says what would change.

    `progress` is told (done, total) in thousandths of the whole.
    """
    tell = progress or _silent
    reading = read_workbook(path, models, lambda done, total: tell(int(1000 * READING * done / max(total, 1)), 1000))
    agreements = Agreements(connection)
    if not dry_run:
        agreements.hold()
    differences = dict(compare(reading, read_municipality(connection), models))
    absences = sheets.ABSENCES.name
    differences[absences], let_be = told_in_chat(differences[absences], _said_in_chat(connection))
    notes = (
        note(absences, reading.pages[absences].cell(one.number, "from_day"), phrases.told_in_chat(one.row.email, day))
        for one, day in let_be
    )
    findings = _sorted((*reading.findings, *notes, *check(reading, differences, models, _day_of(now))))
    told = tuple(_changes(difference, models) for difference in differences.values() if difference.reported)
    faulty = any(finding.level is Level.FAULT for finding in findings)
    if not faulty:
        signed = agreements.signed()
        amended = amendments(differences, signed)
        findings += tuple(
            warning(sheets.AGREEMENTS.name, "", phrases.amended(code, signed[code].version + 1, changes))
            for code, changes in amended.items()
        )
    if not faulty and not dry_run:
        _store(connection, differences, now, tell)
        for code, changes in amended.items():
            agreements.amend(signed[code].id, changes, None, now)
    tell(1000, 1000)
    return Report(findings, told, reading.size, stored=not faulty and not dry_run)


def _said_in_chat(connection: Connection) -> Mapping[str, frozenset[date]]:
    """By e-mail the days on which people said in the chat that they were away or back."""
    audit, person = tables.audit, tables.person
    said = select(person.c.email, audit.c.at).join_from(audit, person, audit.c.person_id == person.c.id)
    found: dict[str, set[date]] = {}
    for email, at in connection.execute(said.where(audit.c.act.in_(("away", "back")))):
        found.setdefault(email, set()).add(_day_of(at))
    return {email: frozenset(days) for email, days in found.items()}


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""


def _day_of(now: datetime) -> date:
    return now.astimezone(ZoneInfo(TIMEZONE)).date()


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order a consultant mends them: by sheet as they stand in the workbook, then by row."""
    order = {sheet.name: index for index, sheet in enumerate(SHEETS)}
    return tuple(sorted(findings, key=lambda one: (order.get(one.sheet, -1), _row_number(one.cell))))


def _row_number(cell: str) -> int:
    return int("".join(char for char in cell.partition(":")[0] if char.isdigit()) or 0)


# --- what would change -------------------------------------------------------------------------------------------------------------


def _changes(difference: Difference, models: Models) -> SheetChanges:
    sheet = difference.sheet
    words = {column.field: column.written(models) for column in sheet.columns}
    return SheetChanges(
        sheet.name,
        new=tuple(_named(placed.row, placed.number) for placed in difference.new),
        changed=tuple(
            _named(placed.row, placed.number, _field_changes(sheet, before, placed.row, words))
            for before, placed in difference.changed
        ),
        unchanged=len(difference.same),
        missing=tuple(_named(row, 0) for row in difference.missing),
    )


def _named(row: Row, number: int, changes: tuple[FieldChange, ...] = ()) -> RowChange:
    name = getattr(row, "name", None) or getattr(row, "title", None) or ""
    return RowChange(", ".join(shown(part) for part in row.key), name, number, changes)


def _field_changes(sheet: Sheet, before: Row, after: Row, words: Mapping[str, Words]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(
            sheet.column(name).header, *(_as_written(getattr(row, name), words.get(name)) for row in (before, after))
        )
        for name in changed_fields(before, after)
    )


def _as_written(value: Any, words: Words | None) -> str:  # noqa: ANN401  any field of a row
    return shown(words.get(value, value) if words and isinstance(value, str) else value)


# --- storing -----------------------------------------------------------------------------------------------------------------------


def _store(connection: Connection, differences: Mapping[str, Difference], now: datetime, tell: Progress) -> None:
    """Write every difference, what others point to first."""
    steps = (
        partial(_store_units, connection, differences[sheets.UNITS.name]),
        partial(_store_people, connection, differences[sheets.PEOPLE.name]),
        partial(_store_posts, connection, differences[sheets.POSTS.name]),
        partial(_store_absences, connection, differences[sheets.ABSENCES.name]),
        partial(_store_agreements, connection, differences[sheets.AGREEMENTS.name]),
        partial(_store_goals, connection, differences[sheets.GOALS.name]),
        partial(_store_initiatives, connection, differences[sheets.INITIATIVES.name]),
        partial(_store_measured, connection, differences[sheets.READINGS.name], now),
    )
    for number, step in enumerate(steps):
        tell(int(1000 * (READING + (1 - READING) * number / len(steps))), 1000)
        step()


def _store_units(connection: Connection, difference: Difference) -> None:
    unit = tables.unit

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  a unit; each sheet's rows are its own kind
        return {
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "model": row.model,
            "evaluation": row.evaluation,
            "slack_channel": row.slack_channel,
            "teams_channel": row.teams_channel,
        }

    _insert(connection, unit, [own(placed.row) for placed in difference.new])
    ids = _ids(connection, unit, "code")
    _update(connection, unit, [own(placed.row) | {"row_id": ids[old.code]} for old, placed in difference.changed])
    moved = [placed.row for placed in difference.new if placed.row.parent]
    moved += [placed.row for old, placed in difference.changed if old.parent != placed.row.parent]
    _update(connection, unit, [{"row_id": ids[row.code], "parent_id": ids.get(row.parent or "")} for row in moved])
    if difference.new or moved:
        rebuild_closure(connection)


def rebuild_closure(connection: Connection) -> None:
    """Write the whole closure of the organisation anew from every unit's parent; the tree must have no ring."""
    unit, closure = tables.unit, tables.unit_closure
    parents = {row.id: row.parent_id for row in connection.execute(select(unit.c.id, unit.c.parent_id))}
    rows: list[dict[str, int]] = []
    for descendant in parents:
        ancestor, depth = descendant, 0
        while ancestor is not None:
            rows.append({"ancestor_id": ancestor, "descendant_id": descendant, "depth": depth})
            ancestor, depth = parents[ancestor], depth + 1
    connection.execute(delete(closure))
    _insert(connection, closure, rows)


def _store_people(connection: Connection, difference: Difference) -> None:
    person = tables.person

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  a person
        digest = {"yes": True, "no": False}.get(row.digest)
        return {"name": row.name, "language": row.language, "cadence": row.cadence, "digest": digest}

    new = [own(placed.row) | {"email": placed.row.email, "timezone": TIMEZONE} for placed in difference.new]
    _insert(connection, person, new)
    ids = _ids(connection, person, "email") if difference.changed else {}
    _update(connection, person, [own(placed.row) | {"row_id": ids[old.email]} for old, placed in difference.changed])


def _store_posts(connection: Connection, difference: Difference) -> None:
    if not (difference.new or difference.changed):
        return
    post = tables.post
    people, units = _ids(connection, tables.person, "email"), _ids(connection, tables.unit, "code")
    new = [
        {"person_id": people[row.email], "unit_id": units[row.unit], "role": row.role}
        | {"from_day": row.from_day, "to_day": row.to_day}
        for row in (placed.row for placed in difference.new)
    ]
    _insert(connection, post, new)
    stored = _keyed(connection, post, "person_id", "unit_id", "role", "from_day") if difference.changed else {}
    changed = [
        {"row_id": stored[people[old.email], units[old.unit], old.role, old.from_day]}
        | {"from_day": placed.row.from_day, "to_day": placed.row.to_day}
        for old, placed in difference.changed
    ]
    _update(connection, post, changed)


def _store_absences(connection: Connection, difference: Difference) -> None:
    if not (difference.new or difference.changed):
        return
    absence, people = tables.absence, _ids(connection, tables.person, "email")

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  an absence
        return {"from_day": row.from_day, "to_day": row.to_day, "stand_in_id": people.get(row.stand_in or "")}

    _insert(connection, absence, [own(one.row) | {"person_id": people[one.row.email]} for one in difference.new])
    stored = _keyed(connection, absence, "person_id", "from_day") if difference.changed else {}
    changed = [
        own(placed.row) | {"row_id": stored[people[old.email], old.from_day]} for old, placed in difference.changed
    ]
    _update(connection, absence, changed)


def _store_agreements(connection: Connection, difference: Difference) -> None:
    if not (difference.new or difference.changed):
        return
    agreement, units = tables.agreement, _ids(connection, tables.unit, "code")
    people = _ids(connection, tables.person, "email")

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  an agreement
        period = {"from_day": row.from_day, "to_day": row.to_day}
        counterpart = people.get(row.counterpart or "")
        return {
            "code": row.code,
            "unit_id": units[row.unit],
            "model": row.model,
            "evaluation": row.evaluation,
            "counterpart_id": counterpart,
            **period,
        }

    _upsert(connection, agreement, difference, own)


def _store_goals(connection: Connection, difference: Difference) -> None:
    if not (difference.new or difference.changed):
        return
    rows: list[Goal] = [placed.row for placed in (*difference.new, *(new for _, new in difference.changed))]
    objectives = _objectives(connection, {row.objective for row in rows if row.objective})

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  a goal
        same = ("code", "title", "source", "policy", "measure", "baseline", "baseline_on", "target", "due_on")
        named = {name: getattr(row, name) for name in (*same, "evidence", "next_reading_on", "readings")}
        return named | {"objective_id": objectives.get(row.objective or "")}

    _upsert(connection, tables.goal, difference, own)
    _share_goals(connection, difference)


def _objectives(connection: Connection, titles: set[str]) -> dict[str, int]:
    """The ids of objectives by title; those that are new are stored."""
    known = _ids(connection, tables.objective, "title")
    _insert(connection, tables.objective, [{"title": title} for title in sorted(titles - set(known))])
    return _ids(connection, tables.objective, "title")


def _share_goals(connection: Connection, difference: Difference) -> None:
    """Put goals into the agreements they came into, and take them out of those they left."""
    link, goals = tables.agreement_goal, _ids(connection, tables.goal, "code")
    agreements = _ids(connection, tables.agreement, "code")
    before = {(old.code, code) for old, _ in difference.changed for code in old.agreements}
    changed = [placed.row for _, placed in difference.changed]
    after = {(row.code, code) for row in (*changed, *(one.row for one in difference.new)) for code in row.agreements}
    came = [{"goal_id": goals[goal], "agreement_id": agreements[code]} for goal, code in sorted(after - before)]
    _insert(connection, link, came)
    if left := [(goals[goal], agreements[code]) for goal, code in sorted(before - after)]:
        one = (link.c.goal_id == bindparam("goal")) & (link.c.agreement_id == bindparam("agreement"))
        connection.execute(delete(link).where(one), [{"goal": goal, "agreement": code} for goal, code in left])


def _store_initiatives(connection: Connection, difference: Difference) -> None:
    if not (difference.new or difference.changed):
        return
    goals, agreements = _ids(connection, tables.goal, "code"), _ids(connection, tables.agreement, "code")
    people = _ids(connection, tables.person, "email")

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  an initiative
        place = {"goal_id": goals[row.goal], "agreement_id": agreements[row.agreement]}
        owner = people.get(row.owner or "")
        return {"code": row.code, "title": row.title, "owner_id": owner, "due_on": row.due_on, **place}

    _upsert(connection, tables.initiative, difference, own)
    going_on = [placed.row for placed in difference.new if placed.row.continues]
    going_on += [placed.row for old, placed in difference.changed if old.continues != placed.row.continues]
    ids = _ids(connection, tables.initiative, "code") if going_on else {}
    earlier = [{"row_id": ids[row.code], "continues_id": ids.get(row.continues or "")} for row in going_on]
    _update(connection, tables.initiative, earlier)


def _store_measured(connection: Connection, difference: Difference, now: datetime) -> None:
    if not (difference.new or difference.changed):
        return
    reading, units = tables.reading, _ids(connection, tables.unit, "code")
    goals = _ids(connection, tables.goal, "code")

    def place(row: Any) -> dict[str, Any]:  # noqa: ANN401  a reading
        return {"goal_id": goals[row.goal], "unit_id": units.get(row.unit or ""), "measured_on": row.measured_on}

    def own(row: Any) -> dict[str, Any]:  # noqa: ANN401  a reading
        return {"value": row.value, "source": row.source, "at": now}

    _insert(connection, reading, [place(one.row) | own(one.row) for one in difference.new])
    imported = reading.c.dialogue_id.is_(None)  # what was given in a dialogue is never touched
    stored = _keyed(connection, reading, *_READING_KEY, where=imported) if difference.changed else {}
    changed = [
        own(placed.row) | {"row_id": stored[tuple(place(old)[column] for column in _READING_KEY)]}
        for old, placed in difference.changed
    ]
    _update(connection, reading, changed)


_READING_KEY = ("goal_id", "unit_id", "measured_on")


# --- statements --------------------------------------------------------------------------------------------------------------------


def _upsert(connection: Connection, table: Table, difference: Difference, own: Any) -> None:  # noqa: ANN401  row -> columns
    """Insert the new rows and change the changed ones, in a table whose rows are known by code."""
    _insert(connection, table, [own(placed.row) for placed in difference.new])
    ids = _ids(connection, table, "code") if difference.changed else {}
    _update(connection, table, [own(placed.row) | {"row_id": ids[old.code]} for old, placed in difference.changed])


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _update(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Change rows by id; every row names the same columns beside `row_id`."""
    if rows:
        connection.execute(update(table).where(table.c.id == bindparam("row_id")), rows)


def _ids(connection: Connection, table: Table, column: str) -> dict[str, int]:
    """The ids of a table's rows by what they are known by."""
    return {str(known_by): int(row_id) for known_by, row_id in connection.execute(select(table.c[column], table.c.id))}


def _keyed(
    connection: Connection, table: Table, *columns: str, where: ColumnElement[bool] | None = None
) -> dict[tuple[Any, ...], int]:
    """The ids of a table's rows by several columns."""
    asked = select(table.c.id, *(table.c[column] for column in columns))
    rows = connection.execute(asked if where is None else asked.where(where))
    return {tuple(row[1:]): int(row[0]) for row in rows}
