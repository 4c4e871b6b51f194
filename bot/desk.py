"""The consultant's desk: the workbook out and in, and the models checked and shown.

Promises: nothing is stored when anything is wrong; every fault is told at once, on a line of its own; a file that is there is not
overwritten unasked. With --json the result is one JSON object on standard output.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.clock import system_clock
from bot.opening import CannotOpenError, Words, day_from, library_from, opened, settings_from, told
from cards.overlay import check_overlay
from dialogs.drawing import mermaid, show
from dialogs.library import Faults, load
from dialogs.script import Script
from store.workbook.exporting import NEXT_PERIOD, export_workbook, write_template, write_workbook
from store.workbook.importing import Report
from store.workbook.importing import import_workbook as import_from
from store.workbook.renewing import Renewal
from store.workbook.renewing import renew as renewed
from store.workbook.sheets import Models

# --- the workbook -------------------------------------------------------------------------------------------------------------


def template(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write an empty workbook with guidance."""
    try:
        library = library_from(settings_from(environment, said, asked.lang), said, asked.lang)
        with _written(asked, said) as path:
            write_template(path, library.models, asked.lang)
    except CannotOpenError as fault:
        return told(fault)
    return 0


def export(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write the municipality's workbook out again."""
    try:
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        with (
            opened(settings, library, said) as house,
            _written(asked, said) as path,
            house.database.transaction() as connection,
        ):
            export_workbook(connection, path, library.models, asked.lang)
    except CannotOpenError as fault:
        return told(fault)
    return 0


def renew(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Write the workbook with the next period of the agreements that end, to be edited and imported."""
    try:
        starts, ends = _period(asked, said)
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        with opened(settings, library, said) as house, house.database.transaction() as connection:
            following = renewed(connection, starts, ends)
        with _written(asked, said) as path:
            _write_next(following, path, library.models, starts, asked, said)
    except CannotOpenError as fault:
        return told(fault)
    counts = {"goals": following.goals, "initiatives": following.initiatives}
    sys.stdout.write(said["renew.made"].format(agreements=following.agreements, **counts) + "\n")
    return 0


def _period(asked: Namespace, said: Words) -> tuple[date, date]:
    starts, ends = day_from(asked.starts, said), day_from(asked.ends, said)
    if ends <= starts:
        raise CannotOpenError(said["renew.turned"].format(starts=starts, ends=ends))
    return starts, ends


def _write_next(following: Renewal, path: Path, models: Models, starts: date, asked: Namespace, said: Words) -> None:
    if not following.agreements:
        raise CannotOpenError(said["renew.none"].format(day=starts - timedelta(days=1)))
    write_workbook(following.municipality, path, models, NEXT_PERIOD, asked.lang)


@contextmanager
def _written(asked: Namespace, said: Words) -> Iterator[Path]:
    """A path that may be written, and word of it when it was."""
    path: Path = asked.workbook
    if path.exists() and not asked.force:
        raise CannotOpenError(said["exists"].format(path=path))
    try:
        yield path
    except OSError as fault:
        raise CannotOpenError(said["cannot_write"].format(path=path, reason=fault.strerror)) from None
    sys.stderr.write(said["written"].format(path=path) + "\n")


def import_workbook(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Read the workbook in, or say everything that is wrong with it."""
    path: Path = asked.workbook
    if not path.exists():
        return told(CannotOpenError(said["no_file"].format(path=path)))
    try:
        settings = settings_from(environment, said, asked.lang)
        library = library_from(settings, said, asked.lang)
        with (
            opened(settings, library, said) as house,
            _bar(quiet=asked.json) as progress,
            house.database.transaction() as connection,
        ):
            now = settings.now or system_clock()
            report = import_from(connection, path, library.models, now, dry_run=asked.dry_run, progress=progress)
    except CannotOpenError as fault:
        return told(fault)
    return _tell(report, asked, said)


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where somebody is watching."""
    console = Console(stderr=True, quiet=quiet)
    with Progress(BarColumn(), TextColumn("{task.percentage:>3.0f} %"), console=console, transient=True) as bar:
        task = bar.add_task("", total=1000)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell(report: Report, asked: Namespace, said: Words) -> int:
    """Everything that was found, and what changed or would change."""
    failed = 1 if report.faults else 0
    if asked.json:
        sys.stdout.write(json.dumps(_as_json(report, asked.lang), ensure_ascii=False, indent=1) + "\n")
        return failed
    for finding in report.findings:
        sys.stdout.write(f"{said[f'level.{finding.level}']} {finding.in_(asked.lang)}\n")
    if report.faults:
        sys.stderr.write(said["faults"].format(count=len(report.faults)) + "\n")
        return failed
    if report.warnings:
        sys.stderr.write(said["warnings"].format(count=len(report.warnings)) + "\n")
    sys.stdout.write("".join(f"{line}\n" for line in _changes(report, said)))
    sys.stderr.write(said["imported" if report.stored else "dry_run"] + "\n")
    return failed


def _changes(report: Report, said: Words) -> Iterator[str]:
    if not report.changes:
        yield said["unchanged"]
    for sheet in report.sheets:
        numbers = {"new": len(sheet.new), "changed": len(sheet.changed), "unchanged": sheet.unchanged}
        yield said["sheet"].format(sheet=sheet.sheet, **numbers, missing=len(sheet.missing))
        for row in sheet.changed:
            fields = ", ".join(f"{one.header}: {one.before} → {one.after}" for one in row.fields)
            yield said["row.changed"].format(row=row.row, key=row.key, fields=fields)
        for row in sheet.missing:
            yield said["row.missing"].format(key=row.key, name=row.name)


def _as_json(report: Report, language: str) -> Mapping[str, object]:
    return {
        "stored": report.stored,
        "findings": [
            {"level": str(one.level), "sheet": one.sheet, "cell": one.cell, "text": one.what.in_(language)}
            for one in report.findings
        ],
        "sheets": [asdict(sheet) for sheet in report.sheets],
    }


# --- the models ---------------------------------------------------------------------------------------------------------------


def check_models(asked: Namespace, said: Words, _: Mapping[str, str]) -> int:
    """Check a folder of the municipality's own models; every fault with file and line."""
    folder: Path = asked.folder
    if not folder.is_dir():
        sys.stderr.write(said["no_file"].format(path=folder) + "\n")
        return 1
    found = load(folder)
    faults = tuple(found) if isinstance(found, Faults) else ()
    worded = check_overlay(folder)
    if asked.json:
        told = [{"file": one.file, "line": one.line, "key": one.key, "text": one.in_(asked.lang)} for one in faults]
        told += [{"file": one.file, "line": one.line, "key": "texts", "text": one.in_(asked.lang)} for one in worded]
        sys.stdout.write(json.dumps({"faults": told}, ensure_ascii=False, indent=1) + "\n")
    elif worded or isinstance(found, Faults):
        sys.stdout.write(
            "".join(
                f"{line}\n"
                for line in [*(one.in_(asked.lang) for one in faults), *(one.in_(asked.lang) for one in worded)]
            )
        )
        sys.stderr.write(said["models.faults"].format(count=len(faults) + len(worded)) + "\n")
    else:
        scripts = sum(len(model.scripts) for model in found.models.values())
        sys.stdout.write(said["models.fine"].format(models=len(found.models), scripts=scripts) + "\n")
    return 1 if faults or worded else 0


def show_models(asked: Namespace, said: Words, environment: Mapping[str, str]) -> int:
    """Show a script as text or as a Mermaid drawing."""
    try:
        library = library_from(settings_from(environment, said, asked.lang), said, asked.lang)
    except CannotOpenError as fault:
        return told(fault)
    scripts = {
        (model.id, script.id): script
        for model in library.models.values()
        for script in model.scripts.values()
        if asked.model in {None, model.id}
    }
    found: Script | None = next((script for (_, name), script in scripts.items() if name == asked.script), None)
    if found is None:
        known = ", ".join(f"{model}/{name}" for model, name in scripts)
        sys.stderr.write(said["models.no_script"].format(script=asked.script, known=known) + "\n")
        return 1
    sys.stdout.write(mermaid(found, asked.lang) if asked.mermaid else show(found, asked.lang))
    return 0
