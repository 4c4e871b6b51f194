"""A report written out as whatever it was asked for as: the file as it is handed over.

Promises: what Word, Excel and pictures take to load is loaded here, when a report is written, and not before. A municipality's own
Word template is used where there is one, `reports/<kind>.<language>.docx` in its folder; one that cannot be used is a refusal.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from cards.reports.refused import Reason, Refused
from cards.reports.report import File, Format, Report

_LONGEST: Final = 100  # characters of a file's name, with its ending: folders and mails have room for no more
MEDIA_TYPES: Final = {
    Format.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PAGE: "text/html; charset=utf-8",
    Format.DATA: "application/json",
}


def write_out(report: Report, as_: Format, own_folder: Path | None) -> File | Refused:
    """Return the report as a file; Refused when the municipality's own template cannot be used."""
    content = _content(report, as_, own_folder)
    if isinstance(content, Refused):
        return content
    return File(
        f"{_named(report.name, _LONGEST - len(as_) - 1)}.{as_}",
        MEDIA_TYPES[as_],
        content,
        report.title,
        report.language,
    )


def _named(name: str, limit: int) -> str:
    """The name, no longer than that: of a long one the middle is left out, and what it ends with, the year, is kept."""
    if len(name) <= limit:
        return name
    _, mark, year = name.rpartition("-")
    return f"{name[: limit - len(mark + year)].rstrip('-')}{mark}{year}"[:limit]


def _content(report: Report, as_: Format, own_folder: Path | None) -> bytes | Refused:
    match as_:
        case Format.WORD:
            return _word(report, own_folder)
        case Format.EXCEL:
            from cards.reports.excel import workbook

            return workbook(report)
        case Format.PAGE:
            from cards.reports.page import page

            return page(report).encode()
        case Format.DATA:
            written: str = import_module("cards.reports.data").as_json(report)
            return written.encode()


def _word(report: Report, own_folder: Path | None) -> bytes | Refused:
    from cards.reports.word import document

    own = own_folder / "reports" / f"{report.kind}.{report.language}.docx" if own_folder else None
    if own is None or not own.exists():
        return document(report)
    try:
        template = own.read_bytes()
    except OSError:
        return Refused(own.name, Reason.NOT_WORD)
    return document(report, template, own.name)
