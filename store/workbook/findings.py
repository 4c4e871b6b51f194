"""What is said about a workbook: where, how grave, and what to do about it, in Danish and English.

Promises: a finding is a value; it names the cell as a person would look it up, `Ark!celle`, and carries its sentence in both
languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dialogs.script import Wording


class Level(StrEnum):
    """How grave a finding is: a fault stops the import, a warning asks for a look, a note only tells."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a workbook. `sheet` is empty for the file as a whole, `cell` for the sheet as a whole."""

    level: Level
    sheet: str
    cell: str
    what: Wording

    @property
    def place(self) -> str:
        """The place as people write it: `Mål!K7`, `Mål`, or nothing for the file."""
        return "!".join(part for part in (self.sheet, self.cell) if part)

    def in_(self, language: str) -> str:
        """The whole line in that language."""
        return f"{self.place}: {self.what.in_(language)}" if self.place else self.what.in_(language)


def fault(sheet: str, cell: str, what: Wording) -> Finding:
    """Something that must be mended before anything is stored."""
    return Finding(Level.FAULT, sheet, cell, what)


def warning(sheet: str, cell: str, what: Wording) -> Finding:
    """Something worth a look."""
    return Finding(Level.WARNING, sheet, cell, what)


def note(sheet: str, cell: str, what: Wording) -> Finding:
    """Something to know."""
    return Finding(Level.NOTE, sheet, cell, what)
